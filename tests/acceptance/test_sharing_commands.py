"""`licence-hub demand`, `negative-list`, `consent` and `grant`, as people type them: each step by the person who signed in."""

import re
from pathlib import Path

import pytest

from hub.access.holders.caller import HolderCaller
from hub.audit.service import Pending
from hub.catalogue.licence_type import shipped_documents
from hub.commands import session_file
from hub.composition import open_hub
from hub.settings import read_settings
from hub.sharing.consents.service import ConsentWish
from tests.acceptance.small_hub import ISSUER, ITEM, READER, URL, furnish
from tests.acceptance.test_staff_commands import OTHER, Terminal, founded, terminal
from tests.catalogue.examples import HUSBAND

__all__ = ["terminal"]

REGISTER = "HouseholdRegister"
STEWARDS = {"asks": READER, "answers": ISSUER, "hub": None}
FILE = (
    "demand", "file", "--authority", READER, "--item", ITEM, "--type", REGISTER, "--path", "address", "--path", "members.name",
    "--basis", "虚构条例", "--scene", "核验住址", "--until", "2027-06-30",
)  # fmt: skip


@pytest.fixture
def office(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Found a hub with a register's type, and a steward of who asks, of who answers, and of the whole hub."""
    monkeypatch.chdir(tmp_path)
    terminal.done("migrate")
    founded(terminal)
    hub = open_hub(read_settings(), b"a passphrase of the tests")
    furnish(hub, whole=False)
    documents = {each["key"]: each for each in shipped_documents()}
    for key in (REGISTER, "RealEstateTitle"):
        hub.catalogue.publish(documents[key])
    hub.catalogue.allow_issuing(ISSUER, REGISTER)
    hub.refresh()
    with hub.database.snapshot() as session:
        pending = Pending(hub.audit.epoch(session))
    wish = ConsentWish(READER, ITEM, "CASE-1", ("RealEstateTitle",))
    hub.sharing.consents.give(HolderCaller(HUSBAND["codeType"], HUSBAND["code"]), wish, pending)
    hub.database.close()
    boss = session_file.place(URL).read_text()
    for login, authority in STEWARDS.items():
        session_file.keep(URL, boss)
        added = terminal.done("staff", "add", login, "--name", f"虚构人{login}")
        temporary = re.search(r"temporary password: (\S+)", added)
        assert temporary is not None
        terminal.done(
            "staff", "role", "add", login, "SHARING_STEWARD", *(("--authority", authority) if authority else ())
        )
        terminal.done("sign-in", login, typed=(temporary[1], "", OTHER, OTHER, terminal.code(terminal.secrets)))
        Path(login).write_text(session_file.place(URL).read_text())
    return terminal


def _as(login: str) -> None:
    session_file.keep(URL, Path(login).read_text())


def _filed(office: Terminal) -> str:
    _as("asks")
    found = re.search(r"demand: (\w+)\nFILED, answer due 20[0-9-]+", office.done(*FILE))
    assert found is not None
    return found[1]


def test_a_demand_is_typed_from_filing_to_supply(office: Terminal) -> None:
    demand = _filed(office)
    assert office.refused("demand", "grant", demand) == "ROLE_MISSING"
    _as("answers")
    assert "INCOMPLETE" in office.done("demand", "ask-completion", demand, "--note", "缺场景")
    assert office.refused("demand", "ask-completion", demand, "--note", "缺场景") == "DEMAND_STATE"
    _as("asks")
    assert "FILED" in office.done("demand", "complete", demand, "--scene", "核验", "--basis", "虚构条例")
    _as("answers")
    assert "EXTENSION_ASKED" in office.done("demand", "ask-extension", demand, "--days", "3", "--note", "需征求意见")
    _as("hub")
    assert "EXTENDED" in office.done("demand", "allow-extension", demand)
    _as("answers")
    assert office.refused("demand", "grant", demand, "--path", "address") == "INPUT_INVALID"
    granted = office.done("demand", "grant", demand, "--path", "address", "--reason", "最小必要")
    assert re.search(r"GRANTED\ngrant: \w+, supply due 20[0-9-]+", granted)
    assert "SUPPLIED" in office.done("demand", "supply", demand, "--note", "已汇聚")
    assert demand in office.done("demand", "list")
    assert demand in office.done("demand", "list", "--authority", READER)
    assert "none yet" in office.done("demand", "list", "--overdue")
    grants = office.done("grant", "list")
    assert REGISTER in grants
    assert "ACTIVE" in grants


def test_refusals_stand_in_the_negative_list(office: Terminal) -> None:
    demand = _filed(office)
    _as("answers")
    refused = office.done(
        "demand", "refuse", demand, "--reason", "与事项无关", "--basis", "虚构条例", "--review", "2027-01-15", "--path", "members"
    )  # fmt: skip
    assert "refused: 与事项无关" in refused
    entry = re.search(r"\b0[0-9a-f]{31}\b", office.done("negative-list", "list"))
    assert entry is not None
    _as("asks")
    assert "REFUSED" in office.done(*FILE)
    assert office.refused("negative-list", "remove", entry[0], "--reason", "复核") == "ROLE_MISSING"
    _as("answers")
    office.done("negative-list", "remove", entry[0], "--reason", "复核")
    added = ("negative-list", "add", "--type", REGISTER, "--reason", "不共享", "--basis", "虚构条例", "--review")
    assert office.refused(*added, "someday") == "INPUT_INVALID"
    office.done(*added, "2027-01-15", "--path", "headName", "--item", ITEM)
    _as("asks")
    withdrawn = office.done("demand", "withdraw", _filed(office), "--note", "不再需要")
    assert "WITHDRAWN" in withdrawn
    denied = _filed(office)
    _as("answers")
    office.done("demand", "ask-extension", denied, "--days", "1", "--note", "因")
    _as("hub")
    assert "FILED" in office.done("demand", "deny-extension", denied, "--note", "无")


def test_consents_are_listed_without_persons_and_cases(office: Terminal) -> None:
    listed = office.done("consent", "list", "--authority", READER)
    assert "RealEstateTitle" in listed
    assert not {HUSBAND["code"], HUSBAND["name"], "CASE-1"} & set(listed.split())
    assert "none yet" in office.done("consent", "list", "--authority", ISSUER)
