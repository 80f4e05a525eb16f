"""`licence-hub seal` as people type it: three of them make a seal, files are sealed, and a stolen key is dealt with."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from hub.cli import app
from hub.commands import session_file
from hub.composition import open_hub
from hub.settings import read_settings
from keys import jws
from tests.acceptance.test_staff_commands import AUTHORITY, OTHER, URL, Terminal, founded, terminal
from tests.licences.drafts import company_draft

__all__ = ["terminal"]

NAME = "虚构市市场监督管理局"
SEAL = ("--kind", "SPECIAL", "--text", f"{NAME}电子证照专用章", "--reason", "签发证照")
PEOPLE = {
    "applicant": ("SEAL_APPLICANT", "--authority", AUTHORITY),
    "approver": ("SEAL_APPROVER",),
    "maker": ("SEAL_MAKER",),
    "officer": ("LICENCE_OFFICER", "--authority", AUTHORITY),
}


@pytest.fixture
def office(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Found a hub with one authority and four people, each of whom has signed in once."""
    monkeypatch.chdir(tmp_path)
    terminal.done("migrate")
    founded(terminal)
    terminal.done(
        "authority",
        "add",
        AUTHORITY,
        "--name-zh",
        NAME,
        "--name-en",
        "Bureau",
        "--division",
        "990100",
        "--level",
        "CITY",
    )
    terminal.done("type", "publish")
    boss = session_file.place(URL).read_text()
    for login, role in PEOPLE.items():
        session_file.keep(URL, boss)
        added = terminal.done("staff", "add", login, "--name", f"虚构人{login}")
        temporary = re.search(r"temporary password: (\S+)", added)
        assert temporary is not None
        terminal.done("staff", "role", "add", login, *role)
        person = terminal.secrets  # the next one
        terminal.done("sign-in", login, typed=(temporary[1], "", OTHER, OTHER, terminal.code(person)))
        Path(login).write_text(session_file.place(URL).read_text())
    return terminal


def become(login: str) -> None:
    """Let somebody who signed in sit down at the machine."""
    session_file.keep(URL, Path(login).read_text())


def value(output: str, name: str) -> str:
    return next(line.removeprefix(f"{name}: ") for line in output.splitlines() if line.startswith(f"{name}: "))


def failed(*arguments: str) -> str:
    """Run a command that ends with 1, and return what it printed."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1, result.output
    return result.output


def made(office: Terminal, *options: str, text: tuple[str, ...] = SEAL) -> tuple[str, str]:
    """Make a seal by three people; return its esID and kid."""
    become("applicant")
    application = value(office.done("seal", "apply", "--authority", AUTHORITY, *text, *options), "application")
    assert office.refused("seal", "approve", application) == "ROLE_MISSING"
    become("approver")
    office.done("seal", "picture", application, picture := f"{application}.png")
    assert Path(picture).read_bytes().startswith(b"\x89PNG")
    assert Path(picture).stat().st_mode & 0o077 == 0
    assert office.refused("seal", "picture", application, "nowhere/seal.png") == "FILE_UNWRITABLE"
    office.done("seal", "approve", application, "--note", "同意")
    become("maker")
    done = office.done("seal", "make", application)
    es_id = value(done, "esID")
    office.done("seal", "file", es_id)
    history = office.done("seal", "history", application)
    assert [word for word in ("APPLY", "APPROVE", "MAKE", "FILE", "同意") if word not in history] == []
    return es_id, value(done, "kid")


def test_three_people_make_a_seal_and_nobody_else(office: Terminal) -> None:
    es_id, kid = made(office)
    listed = office.done("seal", "list", "--authority", AUTHORITY)
    assert [word for word in (es_id, "ACTIVE", kid, "SPECIAL") if word not in listed] == []
    assert "MADE" in office.done("seal", "applications", "--authority", AUTHORITY)
    office.done("seal", "export", es_id, "seal.esl")
    assert Path("seal.esl").read_bytes()[0] == 0x30
    become("applicant")
    assert office.refused("seal", "apply", "--authority", AUTHORITY, *SEAL) == "SEAL_EXISTS"
    assert office.refused("seal", "rotate", es_id) == "ROLE_MISSING"
    office.done("sign-out")
    assert office.refused("seal", "apply", "--authority", AUTHORITY, *SEAL) == "SESSION_INVALID"


def test_a_seal_is_drawn_to_be_looked_at(terminal: Terminal, tmp_path: Path) -> None:
    for name in ("seal.svg", "seal.png"):
        terminal.done("seal", "draw", str(tmp_path / name), "--kind", "STATUTORY", "--owner-name", NAME)
    assert (tmp_path / "seal.svg").read_bytes().startswith(b"<svg ")
    assert terminal.refused("seal", "draw", "seal.gif", "--kind", "STATUTORY", "--owner-name", NAME) == "INPUT_INVALID"
    refused = terminal.refused(
        "seal",
        "draw",
        str(tmp_path / "seal.png"),
        "--kind",
        "SPECIAL",
        "--owner-name",
        NAME,
        "--text",
        "别局合同专用章",
    )
    assert refused == "SEAL_NAME_MISMATCH"


def test_a_stolen_key_is_reported_confirmed_and_its_licences_are_sealed_anew(office: Terminal) -> None:
    es_id, kid = made(office)
    _issue()
    become("applicant")
    office.done("seal", "report-compromise", es_id, "--note", "令牌遗失")
    assert office.refused("seal", "confirm-compromise", es_id) == "ROLE_MISSING"
    become("approver")
    office.done("seal", "confirm-compromise", es_id)
    _, new = made(office, text=("--kind", "SPECIAL", "--text", f"{NAME}电子证照专用章(2)", "--reason", "重制"))
    assert office.refused("seal", "reseal", kid, "--basis", "虚构条例", "--reason", "密钥失窃") == "ROLE_MISSING"
    become("officer")
    done = office.done("seal", "reseal", kid, "--basis", "虚构条例", "--reason", "密钥失窃")
    assert "3 licences sealed anew, 0 refused" in done
    assert _kids() == {new}


def _issue() -> None:
    settings = read_settings()
    hub = open_hub(settings, settings.passphrase())
    try:
        hub.catalogue.set_type_code("BusinessLicence", f"{AUTHORITY}001", synthetic=True)
        hub.catalogue.allow_issuing(AUTHORITY, "BusinessLicence")
        hub.licences.issue_many(AUTHORITY, "desk", [company_draft(place) for place in range(3)])
    finally:
        hub.database.close()


def _kids() -> set[str]:
    settings = read_settings()
    hub = open_hub(settings, settings.passphrase())
    try:
        with hub.database.snapshot() as session:
            return {
                jws.parse(each).header["kid"] for each in session.execute(text("SELECT sealed FROM licence")).scalars()
            }
    finally:
        hub.database.close()
