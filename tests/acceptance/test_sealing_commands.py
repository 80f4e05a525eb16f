"""`licence-hub seal sign`, `prepare`, `complete` and `verify` as people type them: with timestamps, openssl, and every wrong file."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hub.settings import read_settings
from tests.acceptance.test_seal_commands import NAME, become, failed, made, office, value
from tests.acceptance.test_staff_commands import AUTHORITY, Terminal
from tests.acceptance.test_staff_commands import terminal as of_old
from tests.keys.timestamp_authorities import TimestampAuthority
from tests.seals.answering import service, told

__all__ = ["of_old", "office"]

USE = ("--reason", "发文")


@pytest.fixture
def terminal(of_old: Terminal) -> Terminal:
    """Let it be a while ago: some minutes pass while people sign in, and timestamps are of now."""
    of_old.instant = datetime.now(UTC) - timedelta(minutes=10)
    return of_old


@contextmanager
def stamping(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve a timestamp authority, and let the hub use it."""
    real = TimestampAuthority(folder)
    with service(lambda handler, query: told(handler, real.reply(query))) as port:
        monkeypatch.setenv("HUB_TIMESTAMP_URL", f"http://127.0.0.1:{port}/")
        monkeypatch.setenv("HUB_TIMESTAMP_ROOTS", str(folder / "root"))
        yield


def uses() -> int:
    engine = create_engine(read_settings().database_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT body FROM audit_record WHERE kind = 'seal'")).scalars()
        count = sum(b'"operation":"USE"' in bytes(body) for body in found)
    engine.dispose()
    return count


def files() -> list[str]:
    return sorted(each.name for each in Path().iterdir())


def test_files_are_sealed_and_checked(office: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One office for all of it, because hiring its people takes longer than what is tested."""
    office.instant = datetime.now(UTC)
    es_id, _ = made(office)
    Path("reply.txt").write_text("同意设立\n")
    sign = ("seal", "sign", "reply.txt", "--seal", es_id, *USE)
    assert office.refused(*sign) == "ROLE_MISSING"
    become("applicant")
    seal_with_a_timestamp(office, sign, tmp_path, monkeypatch)
    hand_in_wrong_files(office, es_id, sign)
    sign_with_a_key_of_ones_own(office)
    become("approver")
    office.done("seal", "suspend", es_id, "--reason", "CERTIFICATE_HOLD")
    become("applicant")
    assert office.refused(*sign) == "SEAL_SUSPENDED"


def seal_with_a_timestamp(
    office: Terminal, sign: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stamping(folder / "authority", monkeypatch):
        assert "CMS" in office.done(*sign)
    checked = office.done("seal", "verify", "reply.txt", "reply.txt.p7s")
    assert "stamped_by: Clock" in checked.splitlines()
    assert f"stamped at {value(checked, 'stamped_at')} by Clock" in checked
    assert checked.splitlines()[-1] == "TOTAL_PASSED"
    # The authority is gone: nothing leaves, nothing is on record, no file is left.
    before = files()
    assert office.refused(*sign, "-o", "again.p7s") == "TIMESTAMP_UNAVAILABLE"
    assert (files(), uses()) == (before, 1)
    # Who does not believe the authority is told, and does not pass.
    monkeypatch.delenv("HUB_TIMESTAMP_URL")
    monkeypatch.delenv("HUB_TIMESTAMP_ROOTS")
    assert failed("seal", "verify", "reply.txt", "reply.txt.p7s").splitlines()[-1] == "INDETERMINATE: GENERIC"


def hand_in_wrong_files(office: Terminal, es_id: str, sign: tuple[str, ...]) -> None:
    for name, content in (("empty", ""), ("taken.p7s", "mine"), ("junk", "no signature"), ("other.txt", "不同意设立")):
        Path(name).write_text(content)
    before = files()
    refused = {
        (*sign, "-o", "taken.p7s"): "INPUT_INVALID",
        (*sign, "-o", "reply.txt"): "INPUT_INVALID",
        (*sign, "-o", "/proc/reply.p7s"): "FILE_UNWRITABLE",
        (*sign, "-o", "reply.txt/reply.p7s"): "FILE_UNWRITABLE",
        ("seal", "sign", "empty", "--seal", es_id, *USE): "FILE_EMPTY",
        ("seal", "verify", "reply.txt", "empty"): "INPUT_INVALID",
    }
    assert {each: office.refused(*each) for each in refused} == refused
    assert (files(), Path("taken.p7s").read_text(), uses()) == (before, "mine", 1)
    assert failed("seal", "verify", "other.txt", "reply.txt.p7s").splitlines()[-1].startswith("TOTAL_FAILED: ")
    assert "TOTAL_PASSED" not in failed("seal", "verify", "reply.txt", "junk")
    os.truncate("junk", 5 << 20)
    assert office.refused("seal", "verify", "reply.txt", "junk") == "INPUT_INVALID"


def sign_with_a_key_of_ones_own(office: Terminal) -> None:
    for command in ("ecparam -name prime256v1 -genkey -noout -out key.pem", "pkey -in key.pem -pubout -out public.pem"):
        subprocess.run(["openssl", *command.split()], check=True, capture_output=True)
    wish = ("--kind", "SPECIAL", "--text", f"{NAME}合同专用章", "--custody", "OWNER", "--reason", "签合同")
    application = value(office.done("seal", "apply", "--authority", AUTHORITY, *wish), "application")
    become("approver")
    office.done("seal", "approve", application)
    become("maker")
    es_id = value(office.done("seal", "make", application, "--key", "public.pem"), "esID")
    office.done("seal", "file", es_id)
    become("applicant")
    for name, content in (("contract", "合同"), ("another", "另一份合同")):
        Path(name).write_text(content)
    assert office.refused("seal", "sign", "contract", "--seal", es_id, *USE) == "SEAL_CUSTODY"
    office.done("seal", "prepare", "contract", "prepared", "--seal", es_id)
    subprocess.run(["openssl", "dgst", "-sha256", "-sign", "key.pem", "-out", "value", "prepared"], check=True)
    given = ("--seal", es_id, *USE, "--prepared", "prepared", "--value")
    before = files()
    assert office.refused("seal", "complete", "contract", *given, "prepared") == "SEAL_VALUE_INVALID"
    assert office.refused("seal", "complete", "another", *given, "value") == "PREPARED_INVALID"
    assert (uses(), files()) == (1, before)
    office.done("seal", "complete", "contract", *given, "value")
    assert office.done("seal", "verify", "contract", "contract.p7s").splitlines()[-1] == "TOTAL_PASSED"
    assert uses() == 2
