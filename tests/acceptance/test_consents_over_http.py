"""Consents over HTTP: a company consents with its token, a department reads, the company withdraws; and who may not."""

import logging
from pathlib import Path
from typing import Any

import pytest

from hub.catalogue.licence_type import shipped_documents
from schema.trusted import open_documents
from tests.acceptance.holder_desks import HOLDER, HolderHub, Play, player
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM, READER
from tests.catalogue.examples import HUSBAND

TYPE = "BusinessLicence"
OWN = next(each.text for each in open_documents().values() if "mutation GiveConsent" in each.text)
NEEDED = """query Needed($case: CaseInput!) { case(input: $case) { ... on Problem { code } ... on Case {
  consentsNeeded { type { key holderConsent } role }
  licences { edges { node { identifier } } }
  licenceBatch(keys: [{type: "BusinessLicence"}, {type: "BusinessLicence", number: "0"}]) { ... on Problem { code } ... on Licence { status } }
} } }"""


@pytest.fixture
def play(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Give what plays a scenario, once on SQLite and once on PostgreSQL."""
    return player(database_url, tmp_path, monkeypatch)


async def own(desk: HolderHub, token: str | None, operation: str, **variables: Any) -> Any:
    """Run one operation of the hub's own document."""
    body = {"query": OWN, "operationName": operation, "variables": variables}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = (await desk.http.post("/graphql", json=body, headers=headers)).json()
    assert "errors" not in answer, answer
    (found,) = answer["data"].values()
    return found


def ask_for_consent(desk: HolderHub) -> None:
    """Publish the company's licence type anew, as one that asks for consent."""
    (document,) = (each for each in shipped_documents() if each["key"] == TYPE)
    desk.hub.catalogue.publish({**document, "version": 2, "sharingClass": "CONDITIONAL", "holderConsent": True})


def wish(**changes: Any) -> dict[str, Any]:
    """Return what the company consents to."""
    return {"authority": READER, "serviceItem": ITEM, "caseNumber": "CASE-1", "types": [TYPE], **changes}


def test_consent_read_and_withdrawal(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        play(_whole)
    assert HOLDER["code"] not in f"{caplog.text}{[vars(record) for record in caplog.records]}"


async def _whole(desk: HolderHub) -> None:
    ask_for_consent(desk)
    case = {
        "serviceItem": ITEM, "caseNumber": "CASE-1", "legalBasis": "虚构条例",
        "applicant": {"codeType": HOLDER["codeType"], "code": HOLDER["code"]},
    }  # fmt: skip
    assert await desk.read() == {"code": "CONSENT_NEEDED"}
    lacking = (await desk.ask(desk.department, NEEDED, case=case))["case"]
    assert lacking == {
        "consentsNeeded": [{"type": {"key": TYPE, "holderConsent": True}, "role": None}],
        "licences": {"edges": []},
        "licenceBatch": [{"code": "CONSENT_NEEDED"}, {"code": "CONSENT_NEEDED"}],
    }
    given = await own(desk, desk.holder(), "GiveConsent", input=wish())
    assert (given["inForce"], given["authority"]["code"], given["types"][0]["key"]) == (True, READER, TYPE)
    assert (await desk.read())["name"] == COMPANY.data["name"]
    assert (await desk.ask(desk.department, NEEDED, case=case))["case"]["consentsNeeded"] == []
    seen = await desk.accesses()
    assert [each["reason"] for each in seen if each["outcome"] == "REFUSED"] == ["CONSENT_NEEDED"] * 3
    query = (
        "{ holder { ... on HolderView { accesses(first: 20) { edges { node { outcome consents officialDuty } } } } } }"
    )
    found = [each["node"] for each in (await desk.ask(desk.holder(), query))["holder"]["accesses"]["edges"]]
    read = [each for each in found if each["outcome"] == "DISCLOSED"]
    assert read == [{"outcome": "DISCLOSED", "consents": [given["consent"]], "officialDuty": False}] * 3

    (listed,) = (await own(desk, desk.holder(), "HolderConsents"))["consents"]["edges"]
    assert listed["node"] == given
    withdrawn = await own(desk, desk.holder(), "WithdrawConsent", consent=given["consent"])
    assert (withdrawn["inForce"], withdrawn["withdrawnAt"] is not None) == (False, True)
    assert await desk.read() == {"code": "CONSENT_NEEDED"}
    assert (await own(desk, desk.holder(), "WithdrawConsent", consent=given["consent"]))["code"] == "CONSENT_STATE"


def test_nobody_consents_for_somebody_else(play: Play) -> None:
    play(_nobody_else)


async def _nobody_else(desk: HolderHub) -> None:
    ask_for_consent(desk)
    other = desk.holder(HUSBAND["code"], HUSBAND["codeType"])
    assert (await own(desk, other, "GiveConsent", input=wish()))["inForce"]
    assert await desk.read() == {"code": "CONSENT_NEEDED"}
    given = await own(desk, desk.holder(), "GiveConsent", input=wish(caseNumber="CASE-9"))
    assert await desk.read() == {"code": "CONSENT_NEEDED"}
    for token in (None, desk.department, desk.staff["one"], other):
        refused = await own(desk, token, "WithdrawConsent", consent=given["consent"])
        assert refused["code"] in {"HOLDER_TOKEN_INVALID", "CONSENT_UNKNOWN"}
    for token in (None, desk.department, desk.staff["one"]):
        assert (await own(desk, token, "GiveConsent", input=wish()))["code"] == "HOLDER_TOKEN_INVALID"
    (mine,) = (await own(desk, desk.holder(), "HolderConsents"))["consents"]["edges"]
    assert mine["node"]["consent"] == given["consent"]
    for changes in ({"authority": ISSUER}, {"types": ["FoodBusinessLicence"]}, {"caseNumber": HUSBAND["code"]}):
        refused = await own(desk, desk.holder(), "GiveConsent", input=wish(**changes))
        assert refused["code"] == "INPUT_INVALID"
        assert HUSBAND["code"] not in refused["message"]
