"""No plaintext at rest: names, numbers, codes, addresses and reasons are nowhere in the database, in no encoding."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import text

from hub.licences.draft import Draft
from tests.licences.drafts import draft_of
from tests.licences.world import World

TYPE_KEYS = ("BusinessLicence", "HouseholdRegister", "ResidentIdentityCard", "RealEstateTitle")


def secrets_of(draft: Draft) -> set[str]:
    """Return what must not be found: everything that tells who or what, but no words that every licence shares."""
    found = {draft.number, draft.reason}
    found |= {value for holder in draft.holders for value in (holder.code, holder.name)}
    return found | {value for value in texts(draft.data) if len(value) > 12 or "长安里" in value}


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def encodings(secret: str) -> Iterator[bytes]:
    """Yield the forms in which a text could lie in a file: plain, escaped, hex, base64 in each of its three phases.

    Base64 of a few characters is left out: eight of them stand in the seal's number, too, which begins with a division.
    """
    plain = secret.encode()
    yield from (plain, secret.lower().encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be"))
    yield json.dumps(secret).strip('"').encode()
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    for phase in range(3):
        whole = (len(plain) + phase) // 3 * 3 - phase
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            form = encode(b"\x00" * phase + plain[:whole])[4 if phase else 0 :]
            if len(form) > 8:
                yield form


def everything(world: World) -> bytes:
    """Return all bytes of the database: the files of SQLite with its write-ahead log, every value of PostgreSQL."""
    if world.database.is_sqlite:
        path = Path(world.database.engine.url.database or "")
        assert path.with_name(f"{path.name}-wal").stat().st_size > 0
        return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    with world.database.snapshot() as session:
        tables = session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        rows = [row for table in tables for row in session.execute(text(f'SELECT * FROM "{table}"'))]
    values = (value for row in rows for value in row)
    return b"\x00".join(bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in values)


def test_nothing_personal_lies_in_the_database_in_any_encoding(world: World) -> None:
    drafts = [draft_of(key) for key in TYPE_KEYS]
    for draft in drafts:
        issued = world.licences.issue(world.caller(), draft, f"issue-of-{draft.type_key}")
        newer = world.licences.renew(world.caller(), issued.identifier, draft, 1, f"renew-of-{draft.type_key}")
        reason = f"{draft.holders[0].name}申请暂扣其证照"
        world.licences.act(
            world.caller(), "suspend", newer.identifier, 1, reason, "条例", None, f"act-{draft.type_key}"
        )
    content = everything(world)
    assert world.stored(issued.identifier).identifier.encode() in content
    secrets = {secret for draft in drafts for secret in secrets_of(draft)}
    assert len(secrets) > 20
    assert [secret for secret in secrets if any(form in content for form in encodings(secret))] == []


def test_the_search_finds_what_is_there() -> None:
    secret = "虚构市晨光食品有限公司"
    for phase in range(3):
        hidden = base64.b64encode(b"\x05" * phase + secret.encode() + b"\x07\x07")
        assert any(form in hidden for form in encodings(secret))
    assert any(form in secret.encode().hex().encode() for form in encodings(secret))
