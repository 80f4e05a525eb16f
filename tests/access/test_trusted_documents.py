"""Trusted documents: a manifest is kept whole or not at all, changes are recorded, and a stolen token plants nothing."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest
from sqlmodel import col, select

from hub.access import documents as bounds
from hub.access.caller import Caller
from hub.access.documents import TrustedDocuments
from hub.access.judging import Examined
from hub.access.manifest import Manifest, Offered, read_documents, read_purposes
from hub.access.service import Access
from hub.audit.model import AuditRecord
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from hub.errors import (
    AssertionReplayedError,
    AuthorityMismatchError,
    ClientAuthenticationError,
    ClientUnknownError,
    DocumentLimitError,
    DocumentRetiredError,
    DocumentsRefusedError,
    DocumentUnknownError,
    HubError,
    InputInvalidError,
    ItemUnknownError,
    Reason,
    ScopeMissingError,
)
from keys.suites import suite
from tests.access.department import AUTHORITY, Department

ITEM, SECOND_ITEM, FOREIGN_ITEM = "ITEM1", "ITEM2", "ITEM3"
OTHER_AUTHORITY = "11990200MB00000023"
OWNERS = {ITEM: AUTHORITY, SECOND_ITEM: AUTHORITY, FOREIGN_ITEM: OTHER_AUTHORITY}
READ, ISSUE = "query Read { a }", "mutation Issue { b }"


def examine(identifier: str, text: str) -> Examined:
    """Stand in for the schema: BROKEN is what it refuses."""
    if "BROKEN" in text:
        reasons = (
            Reason(identifier, "DOCUMENT_INVALID", "first", 1, 2),
            Reason(identifier, "LIMIT_EXCEEDED", "second"),
        )
        return Examined((), reasons)
    return Examined(tuple(re.findall(r"(?:query|mutation) (\w+)", text)))


def owner_of(item: str) -> str:
    """Stand in for the catalogue."""
    if item not in OWNERS:
        raise ItemUnknownError
    return OWNERS[item]


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def manifest(*texts: str, **purposes: list[str]) -> Manifest:
    """Offer texts as a build does; without a purpose they open no case."""
    named = read_documents({f"sha256:{hash_of(text)}": text for text in texts})
    return Manifest(named, read_purposes(purposes or {"*": []}))


@pytest.fixture
def trusted(access: Access, database: Database, audit: Audit, clock: SetClock) -> TrustedDocuments:
    return TrustedDocuments(database, audit, clock, prove=access.prove, examine=examine, owner_of=owner_of)


@pytest.fixture
def caller(access: Access, department: Department) -> Caller:
    access.refresh()
    return access.caller(f"Bearer {access.token(department.form())['access_token']}")


def records(database: Database) -> list[dict[str, object]]:
    with database.snapshot() as session:
        rows = session.exec(select(AuditRecord).order_by(col(AuditRecord.sequence)))
        return [orjson.loads(row.body) for row in rows if row.kind == "document"]


def epoch(database: Database, audit: Audit) -> int:
    with database.snapshot() as session:
        return audit.epoch(session)


def refused(act: Callable[[], object]) -> list[tuple[str, str]]:
    """Return identifier and code of every reason."""
    with pytest.raises(DocumentsRefusedError) as caught:
        act()
    return [(reason.document, reason.code) for reason in caught.value.reasons]


def test_a_registered_document_is_found_by_its_hash_with_its_purposes(
    trusted: TrustedDocuments, access: Access, caller: Caller, department: Department
) -> None:
    done = trusted.submit(caller, department.assertion(), manifest(READ, ISSUE, Read=[ITEM], Issue=[]))
    assert [(each.operations, each.change) for each in done] == [(("Read",), "registered"), (("Issue",), "registered")]
    access.refresh()
    found = access.document(caller, hash_of(READ))
    assert (found.text, found.purposes) == (READ, frozenset({ITEM}))
    assert access.document(caller, hash_of(ISSUE)).purposes == frozenset()


def test_a_text_with_another_blank_is_another_document(
    trusted: TrustedDocuments, access: Access, caller: Caller
) -> None:
    trusted.add(caller.client_id, manifest(READ))
    access.refresh()
    for other in (f"{READ} ", f"{READ}\n", READ.replace(" ", "  "), f"\ufeff{READ}", READ.replace("a", "\u0061\u0301")):
        with pytest.raises(DocumentUnknownError):
            access.document(caller, hash_of(other))


def test_a_document_of_one_client_is_unknown_to_another_and_to_nobody(
    trusted: TrustedDocuments, access: Access, caller: Caller
) -> None:
    access.add_client("Tax desk", AUTHORITY, ["licence:read"], suite("ES256").generate().public.to_jwk(), "tax-desk")
    trusted.add(caller.client_id, manifest(READ))
    access.refresh()
    for other in (replace(caller, client_id="tax-desk"), None):
        with pytest.raises(DocumentUnknownError):
            access.document(other, hash_of(READ))


def test_registering_again_changes_nothing_and_is_not_recorded(
    trusted: TrustedDocuments, caller: Caller, department: Department, database: Database, audit: Audit
) -> None:
    offered = manifest(READ, Read=[ITEM, SECOND_ITEM])
    trusted.submit(caller, department.assertion(), offered)
    before, recorded = epoch(database, audit), records(database)
    (again,) = trusted.submit(caller, department.assertion(), offered)
    assert again.change == "unchanged"
    assert (epoch(database, audit), records(database)) == (before, recorded)


def test_every_change_is_recorded_and_moves_the_epoch(
    trusted: TrustedDocuments, caller: Caller, department: Department, database: Database, audit: Audit
) -> None:
    client, before = caller.client_id, epoch(database, audit)
    trusted.submit(caller, department.assertion(), manifest(READ, Read=[ITEM]))
    trusted.add(client, manifest(READ, Read=[SECOND_ITEM]))
    trusted.retire(client, [hash_of(READ)])
    trusted.retire(client, [f"sha256:{hash_of(READ)}"])  # retired already
    trusted.add(client, manifest(READ, Read=[]))
    told = records(database)
    assert [(each["operation"], each["by"], each["purposes"]) for each in told] == [
        ("registered", client, [ITEM]), ("redeclared", None, [SECOND_ITEM]), ("retired", None, [SECOND_ITEM]),
        ("restored", None, []),
    ]  # fmt: skip
    assert {(each["client"], each["document"]) for each in told} == {(client, hash_of(READ))}
    assert all(each["operations"] == ["Read"] for each in told)
    assert epoch(database, audit) == before + 4


BAD = {
    "one does not run": ({hash_of("BROKEN"): "BROKEN"}, ["DOCUMENT_INVALID", "LIMIT_EXCEEDED"]),
    "another text's hash": ({hash_of(READ): f"{READ} "}, ["DOCUMENT_HASH_MISMATCH"]),
    "a weak hash": ({hashlib.md5(READ.encode()).hexdigest(): READ}, ["DOCUMENT_ID_INVALID"]),  # noqa: S324 - as Relay's
    "capitals": ({hash_of(READ).upper(): READ}, ["DOCUMENT_ID_INVALID"]),
    "another prefix": ({f"sha512:{hash_of(READ)}": READ}, ["DOCUMENT_ID_INVALID"]),
    "an operation without purposes": ({hash_of("query Odd { a }"): "query Odd { a }"}, ["PURPOSE_NOT_DECLARED"]),
    "several": ({hash_of(READ): "BROKEN", "x": "BROKEN "}, [
        "DOCUMENT_HASH_MISMATCH", "DOCUMENT_INVALID", "LIMIT_EXCEEDED", "DOCUMENT_ID_INVALID", "DOCUMENT_INVALID",
        "LIMIT_EXCEEDED",
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("bad", "codes"), BAD.values(), ids=BAD)
def test_nothing_of_a_manifest_is_kept_unless_all_of_it_is_good(
    trusted: TrustedDocuments, caller: Caller, department: Department, bad: dict[str, str], codes: list[str]
) -> None:
    offered = read_documents({hash_of(ISSUE): ISSUE, **bad})
    purposes = read_purposes({"Read": [ITEM], "Issue": []})
    told = refused(lambda: trusted.submit(caller, department.assertion(), Manifest(offered, purposes)))
    assert [code for _, code in told] == codes
    assert {name for name, _ in told} == {f"sha256:{hash_of(text)}" for text in bad.values()}
    assert trusted.kept() == ()


@pytest.mark.parametrize(("item", "error"), [("NONE", ItemUnknownError), (FOREIGN_ITEM, AuthorityMismatchError)])
def test_a_purpose_is_a_known_item_of_the_clients_own_authority(
    trusted: TrustedDocuments, caller: Caller, item: str, error: type[HubError]
) -> None:
    with pytest.raises(error):
        trusted.add(caller.client_id, manifest(READ, Read=[ITEM, item]))
    assert trusted.kept() == ()


def test_a_document_of_several_operations_serves_the_items_of_all(trusted: TrustedDocuments, caller: Caller) -> None:
    (done,) = trusted.add(caller.client_id, manifest(f"{READ} {ISSUE}", Read=[ITEM], **{"*": [SECOND_ITEM]}))
    assert (done.operations, done.purposes) == (("Read", "Issue"), frozenset({ITEM, SECOND_ITEM}))


@pytest.mark.parametrize("value", [None, [], {}, "text", {"a": 1}, {"a": ["text"]}])
def test_a_manifest_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(InputInvalidError):
        read_documents(value)


@pytest.mark.parametrize("value", [None, [], "ITEM1", {"Read": "ITEM1"}, {"Read": [1]}, {"Read": None}])
def test_purposes_of_another_form_are_refused(value: object) -> None:
    with pytest.raises(InputInvalidError):
        read_purposes(value)


def test_a_client_keeps_so_many_documents_and_no_more(
    trusted: TrustedDocuments, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_DOCUMENTS", 2)
    trusted.add(caller.client_id, manifest(READ, ISSUE))
    with pytest.raises(DocumentLimitError):
        trusted.add(caller.client_id, manifest("query More { a }"))
    trusted.add(caller.client_id, manifest(READ, ISSUE))
    trusted.retire(caller.client_id, [hash_of(READ)])
    trusted.add(caller.client_id, manifest("query More { a }"))


def test_a_client_keeps_so_many_bytes_and_no_more(
    trusted: TrustedDocuments, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", len(READ) + len(ISSUE))
    trusted.add(caller.client_id, manifest(READ, ISSUE))
    with pytest.raises(DocumentLimitError):
        trusted.add(caller.client_id, manifest("{a}"))
    assert len(trusted.kept()) == 2


def test_a_retired_document_is_told_apart_for_a_month_and_comes_back_by_an_administrator_only(
    trusted: TrustedDocuments, access: Access, caller: Caller, department: Department, clock: SetClock
) -> None:
    client, own = caller.client_id, department.assertion
    trusted.add(client, manifest(READ))
    trusted.retire(client, [hash_of(READ)])
    access.refresh()
    with pytest.raises(DocumentRetiredError):
        access.document(caller, hash_of(READ))
    told = refused(lambda: trusted.submit(caller, own(), manifest(READ, ISSUE)))
    assert told == [(f"sha256:{hash_of(READ)}", "DOCUMENT_RETIRED")]
    assert len(trusted.kept()) == 1
    clock.advance(days=31)
    access.refresh()
    with pytest.raises(DocumentUnknownError):
        access.document(caller, hash_of(READ))
    trusted.add(client, manifest(READ))
    access.refresh()
    assert access.document(caller, hash_of(READ)).text == READ


def test_retiring_is_all_or_nothing(trusted: TrustedDocuments, caller: Caller) -> None:
    trusted.add(caller.client_id, manifest(READ))
    with pytest.raises(DocumentUnknownError):
        trusted.retire(caller.client_id, [hash_of(READ), hash_of(ISSUE)])
    assert [each.retired_at for each in trusted.kept()] == [None]
    with pytest.raises(ClientUnknownError):
        trusted.retire("nobody-here", [hash_of(READ)])


def test_another_process_finds_what_was_registered_and_not_what_was_retired(
    trusted: TrustedDocuments, process: Callable[[], Access], caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.access.shelf.READ_AT_ONCE", 2)
    there, texts = process(), [f"query Q{place} {{ a }}" for place in range(5)]
    trusted.add(caller.client_id, manifest(*texts))
    there.refresh()
    trusted.retire(caller.client_id, [hash_of(texts[0])])
    trusted.add(caller.client_id, manifest(READ, texts[1], Read=[], Q1=[ITEM]))
    there.refresh()
    assert [there.document(caller, hash_of(text)).text for text in (READ, *texts[1:])] == [READ, *texts[1:]]
    assert there.document(caller, hash_of(texts[1])).purposes == {ITEM}
    with pytest.raises(DocumentRetiredError):
        there.document(caller, hash_of(texts[0]))


def test_registering_needs_its_scope_even_with_a_proof(
    trusted: TrustedDocuments, caller: Caller, department: Department
) -> None:
    reading = replace(caller, scopes=caller.scopes - {"document:register"})
    with pytest.raises(ScopeMissingError):
        trusted.submit(reading, department.assertion(), manifest(READ))


def test_a_stolen_token_registers_nothing(
    trusted: TrustedDocuments, access: Access, caller: Caller, department: Department, clock: SetClock
) -> None:
    thief = Department(clock, "tax-desk")
    access.add_client("Tax desk", AUTHORITY, ["document:register"], thief.jwk, thief.client_id)
    used = department.assertion()
    access.prove(caller, used)
    stale = department.assertion(exp=department.now - 1)
    for proof, error in (
        (used, AssertionReplayedError), (stale, ClientAuthenticationError), ("", ClientAuthenticationError),
        (thief.assertion(), ClientAuthenticationError), (department.assertion(key=thief.key), ClientAuthenticationError),
    ):  # fmt: skip
        with pytest.raises(error):
            trusted.submit(caller, proof, manifest(READ))
    assert trusted.kept() == ()


def test_a_build_registers_for_other_clients_of_its_authority_only(
    trusted: TrustedDocuments, access: Access, caller: Caller, department: Department
) -> None:
    key = suite("ES256").generate().public.to_jwk()
    access.add_client("Counter", AUTHORITY, ["licence:read"], key, "counter")
    access.add_client("Elsewhere", OTHER_AUTHORITY, ["licence:read"], key, "elsewhere")
    trusted.submit(caller, department.assertion(), manifest(READ), "counter")
    for foreign in ("elsewhere", "nobody-here"):
        with pytest.raises(ClientUnknownError):
            trusted.submit(caller, department.assertion(), manifest(READ), foreign)
    access.refresh()
    assert access.document(replace(caller, client_id="counter"), hash_of(READ)).text == READ
    assert [each.client_id for each in trusted.kept()] == ["counter"]


def test_what_is_kept_is_shown_with_what_the_schema_of_today_says(
    access: Access, database: Database, audit: Audit, clock: SetClock, department: Department
) -> None:
    trusted = TrustedDocuments(database, audit, clock, prove=access.prove, examine=examine, owner_of=owner_of)
    trusted.add(department.client_id, manifest(READ, ISSUE, Read=[ITEM], Issue=[]))
    trusted.retire(department.client_id, [hash_of(ISSUE)])

    def stricter(identifier: str, _text: str) -> Examined:
        return examine(identifier, "BROKEN")

    later = TrustedDocuments(database, audit, clock, prove=access.prove, examine=stricter, owner_of=owner_of)
    shown = {each.hash: each for each in later.kept(department.client_id)}
    assert [reason.code for reason in shown[hash_of(READ)].reasons] == ["DOCUMENT_INVALID", "LIMIT_EXCEEDED"]
    assert shown[hash_of(READ)].purposes == (ITEM,)
    assert shown[hash_of(ISSUE)].reasons == ()
    assert shown[hash_of(ISSUE)].retired_at is not None
    with pytest.raises(ClientUnknownError):
        later.kept("nobody-here")


def test_a_text_without_a_claim_is_named_by_its_hash(trusted: TrustedDocuments, caller: Caller) -> None:
    offered = Manifest((Offered(READ), Offered(READ)), {"*": frozenset()})
    assert [each.hash for each in trusted.add(caller.client_id, offered)] == [hash_of(READ)]
