"""`licence-hub supervision`, as people type it: figures, coverage and alerts on a screen of 80 columns, as JSON, and made again."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from hub.cli import app
from hub.commands import opening, session_file
from hub.composition import open_hub
from hub.settings import read_settings
from tests.acceptance.small_hub import ISSUER, READER, URL, furnish
from tests.acceptance.test_staff_commands import OTHER, Terminal, founded, terminal
from tests.supervision.watched import access

__all__ = ["terminal"]

WIDEST = 80


@pytest.fixture
def office(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Found a hub with one licence and many misses on record, an auditor and a steward, on a screen of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(opening.screen, "_width", WIDEST)
    terminal.done("migrate")
    founded(terminal)
    hub = open_hub(read_settings(), b"a passphrase of the tests")
    furnish(hub)
    with hub.database.transaction() as session:
        for place in range(21):
            hub.audit.append(session, access("NOT_FOUND" if place < 20 else "NOT_GRANTED"))
    hub.database.close()
    boss = session_file.place(URL).read_text()
    for login, *role in (("auditor", "AUDITOR"), ("steward", "CATALOGUE_STEWARD", "--authority", ISSUER)):
        session_file.keep(URL, boss)
        added = terminal.done("staff", "add", login, "--name", f"虚构人{login}")
        temporary = re.search(r"temporary password: (\S+)", added)
        assert temporary is not None
        terminal.done("staff", "role", "add", login, *role)
        terminal.done("sign-in", login, typed=(temporary[1], "", OTHER, OTHER, terminal.code(terminal.secrets)))
        Path(login).write_text(session_file.place(URL).read_text())
    return terminal


def _as(login: str) -> None:
    session_file.keep(URL, Path(login).read_text())


def _fits(printed: str) -> str:
    assert max(len(line) for line in printed.splitlines()) <= WIDEST
    return printed


def test_figures_coverage_and_alerts_are_told_and_dealt_with(office: Terminal) -> None:
    by = [part for word in ("DAY", "AUTHORITY", "LICENCE_TYPE", "SERVICE_ITEM") for part in ("--by", word)]
    _fits(office.done("supervision", "figures", *by))
    told = json.loads(office.done("supervision", "figures", "--by", "AUTHORITY", "--json"))
    assert [(one["authority"], one["uploaded"], one["missed"], one["denied"]) for one in told] == [
        (ISSUER, 1, 0, {}), (READER, 0, 20, {"NOT_GRANTED": 1}),
    ]  # fmt: skip
    assert "1 NOT_GRANTED" in office.done("supervision", "figures")
    assert (
        json.loads(office.done("supervision", "figures", "--from", "2020-01-01", "--to", "2020-02-01", "--json")) == []
    )
    assert office.refused("supervision", "figures", "--from", "2020-01-01") == "INPUT_INVALID"
    _fits(office.done("supervision", "alerts"))
    (alert,) = json.loads(office.done("supervision", "alerts", "--json"))
    assert (alert["rule"], alert["state"], alert["figures"]) == ("MISSES", "RAISED", {"misses": 20, "threshold": 20})
    _as("steward")
    assert office.refused("supervision", "acknowledge", alert["id"], "--note", "x") == "ROLE_MISSING"
    expected = ("--type", "BusinessLicence", "--number", "10", "--source", "年度目录")
    assert "10.0%" in office.done("supervision", "expect", "--authority", ISSUER, *expected)
    _as("auditor")
    assert office.refused("supervision", "expect", "--authority", ISSUER, *expected) == "ROLE_MISSING"
    assert "close" in office.done("supervision", "acknowledge", alert["id"], "--note", "查看中")
    office.done("supervision", "close", alert["id"], "--note", "录入错误")
    assert office.done("supervision", "alerts", "--state", "RAISED") == "Alerts: none yet.\n"
    assert "录入错误" in _fits(office.done("supervision", "alerts", "--state", "CLOSED"))
    _fits(office.done("supervision", "coverage"))
    (covered,) = json.loads(office.done("supervision", "coverage", "--json"))
    assert (covered["authority"], covered["valid"], covered["expected"]["number"]) == (ISSUER, 1, 10)


def test_what_is_kept_is_compared_with_the_records_and_put_right(office: Terminal) -> None:
    assert "0 differences" in office.done("supervision", "rebuild", "--check")
    hub = open_hub(read_settings(), b"a passphrase of the tests")
    with hub.database.transaction() as session:
        session.execute(text("UPDATE supervision_figure SET count = count + 1 WHERE measure = 'MISSED'"))
    hub.database.close()
    checked = CliRunner().invoke(app, ["supervision", "rebuild", "--check"])
    assert checked.exit_code == 1
    assert "MISSED" in _fits(checked.output)
    assert "1 differences, now put right" in office.done("supervision", "rebuild")
    assert json.loads(office.done("supervision", "rebuild", "--check", "--json"))["differences"] == []
