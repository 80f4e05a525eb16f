"""Presentation codes over HTTP: a company's app shows its licence, a department's system and a clerk redeem it once; a screenshot is refused."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.errors import RecordUnavailableError
from schema.trusted import open_documents
from tests.acceptance.holder_desks import HOLDER, HolderHub, Play, player
from tests.acceptance.small_hub import COMPANY, ITEM, READER
from tests.acceptance.test_consents_over_http import ask_for_consent
from tests.catalogue.examples import HUSBAND
from tests.catalogue.items.described import material, small

TYPE = "BusinessLicence"
OWN = next(each.text for each in open_documents().values() if "mutation PresentLicences" in each.text)
SCAN = """mutation Scan($input: ScanInput!, $whole: Boolean! = false) { scan(input: $input) { ... on Problem { code } ... on Scan {
  verdict { word colour reason licence { identifier type issuer holder seal } checks { name outcome } } usedAt usedBy { code } presentation
  licences { verdict { word } fields { path value } licence { identifier ... on BusinessLicence { name legalRepresentative withheld { path reason } } proof { sdJwt receipt } } }
  case { caseNumber materials @include(if: $whole) { key result reason { code } } } } } }"""
MATERIALS = """query Materials($case: CaseInput!) { case(input: $case) { ... on Problem { code } ... on Case {
  materials { key result reason { code } } consentsNeeded { role } } } }"""
CASE = {"serviceItem": ITEM, "caseNumber": "CASE-1"}


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


async def show(desk: HolderHub, token: str | None = None, **choice: Any) -> Any:
    """Show the company's licence to the reader."""
    wish = {"authority": READER, "serviceItem": ITEM, "licences": [{"identifier": desk.identifier, **choice}]}
    return await own(desk, token or desk.holder(), "PresentLicences", input=wish)


async def scan(desk: HolderHub, code: str, token: str | None = None, **case: Any) -> Any:
    """Scan a code in CASE-1."""
    asked = {"code": code, "case": {**CASE, **case}}
    return (await desk.ask(token or desk.department, SCAN, input=asked))["scan"]


def test_a_licence_is_shown_redeemed_and_its_screenshot_refused(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        play(_whole)
    told = f"{caplog.text}{[vars(record) for record in caplog.records]}"
    assert HOLDER["code"] not in told
    assert "/P/#" not in told


async def _whole(desk: HolderHub) -> None:
    ask_for_consent(desk)
    asks = material(key="subject", satisfiedBy=[{"source": TYPE, "of": "applicant", "requirements": []}])
    desk.hub.catalogue.documents.publish(ITEM, small(materials=[asks], requirements={}, form=[], concerns=[]))
    # The counter's own code tells the app who asks; the app shows its holder what may be shown, and to whom.
    code = await own(desk, None, "CounterCode", serviceItem=ITEM)
    assert code["text"] == f"HTTPS://HUB.EXAMPLE.GOV.CN/C/#{READER}.{ITEM}"
    assert code["svg"].startswith("<svg")
    asked = {"authority": READER, "serviceItem": ITEM}
    offered = (await own(desk, desk.holder(), "Presentable", **asked))["presentable"]
    assert offered["authority"]["name"]["zh"] == "虚构县卫生局"
    assert offered["serviceItem"]["name"]["zh"] == "公共场所卫生许可"
    (licence,) = offered["licences"]
    assert licence["licence"]["identifier"] == desk.identifier
    assert [each["path"] for each in licence["fields"]] == ["number", "name"]

    made = await show(desk, fields=["name"])
    assert re.fullmatch(r"HTTPS://HUB\.EXAMPLE\.GOV\.CN/P/#[A-Z2-7]{26}", made["text"])
    assert made["presentation"]["state"] == "OPEN"
    before = {**CASE, "legalBasis": "虚构条例", "applicant": {"codeType": HOLDER["codeType"], "code": HOLDER["code"]}}
    found = (await desk.ask(desk.department, MATERIALS, case={**before, "caseNumber": "CASE-0"}))["case"]
    assert found["materials"] == [{"key": "subject", "result": "CONSENT_NEEDED", "reason": {"code": "CONSENT_NEEDED"}}]

    seen = (await desk.ask(desk.department, SCAN, input={"code": made["text"], "case": CASE}, whole=True))["scan"]
    assert (seen["verdict"]["word"], seen["verdict"]["colour"]) == ("VALID", "GREEN")
    assert seen["verdict"]["licence"]["type"] == TYPE
    assert {check["outcome"] for check in seen["verdict"]["checks"]} == {"PASSED"}
    (shown,) = seen["licences"]
    assert shown["fields"] == [{"path": "name", "value": COMPANY.data["name"]}]
    assert shown["licence"]["name"] == COMPANY.data["name"]
    assert shown["licence"]["legalRepresentative"] is None
    assert shown["licence"]["proof"]["receipt"].count(".") == 2
    exempt = [{"key": "subject", "result": "EXEMPT", "reason": {"code": "PRESENTED"}}]
    assert seen["case"] == {"caseNumber": "CASE-1", "materials": exempt}
    # Who lost the answer, a client or a killed process, fetches the same case again.
    again = (await desk.ask(desk.department, MATERIALS, case=before))["case"]
    assert again == {"materials": exempt, "consentsNeeded": []}

    screenshot = await scan(desk, made["text"].lower())
    assert screenshot["verdict"]["word"] == "CODE_USED"
    assert (screenshot["usedAt"], screenshot["usedBy"]["code"]) == (_now(desk), READER)
    assert (screenshot["licences"], screenshot["case"]) == ([], None)

    mine = (await own(desk, desk.holder(), "HolderPresentation", id=seen["presentation"]))["presentation"]
    assert (mine["state"], mine["redeemedAt"]) == ("REDEEMED", screenshot["usedAt"])
    assert (mine["authority"]["code"], mine["serviceItem"]["code"]) == (READER, ITEM)
    assert [each["path"] for each in mine["chosen"][0]["fields"]] == ["name"]
    (read,) = mine["disclosed"]
    assert (read["licence"], [each["path"] for each in read["disclosed"]]) == (desk.identifier, ["name"])
    query = "{ holder { ... on HolderView { accesses(own: false) { edges { node { record presentation } } } consents { edges { node { caseNumber } } } } } }"
    looked = (await desk.ask(desk.holder(), query))["holder"]
    named = {each["node"]["record"]: each["node"]["presentation"] for each in looked["accesses"]["edges"]}
    assert named[read["record"]] == seen["presentation"]
    assert [each["node"]["caseNumber"] for each in looked["consents"]["edges"]] == ["CASE-1"]


def test_a_clerk_scans_for_his_own_authority(play: Play) -> None:
    play(_clerk)


async def _clerk(desk: HolderHub) -> None:
    made = await show(desk)
    for login, code in (("one", "ROLE_MISSING"), ("far", "ROLE_MISSING")):
        assert await scan(desk, made["text"], desk.staff[login]) == {"code": code}
    asked = {"code": made["text"], "case": CASE}
    seen = await own(desk, desk.staff["clerk"], "ClerkScan", input=asked)
    assert seen["verdict"]["word"] == "VALID"
    assert {each["path"] for each in seen["licences"][0]["fields"]} == {"number", "name"}
    read = (await desk.accesses())[0]
    assert (read["caseNumber"], read["authority"]["name"]["zh"]) == ("CASE-1", "虚构县卫生局")
    with desk.hub.database.snapshot() as session:
        bodies = session.execute(
            text("SELECT body FROM audit_record WHERE kind = 'access' ORDER BY sequence")
        ).scalars()
        assert {json.loads(body)["client"] for body in bodies} >= {f"staff {desk.hub.staff.caller(_bearer(desk)).id}"}
    # A clerk opens cases at the counter only, and reads nothing elsewhere.
    query = "query Open($case: CaseInput!) { case(input: $case) { ... on Problem { code } } }"
    case = {**CASE, "legalBasis": "虚构条例", "applicant": {"codeType": HOLDER["codeType"], "code": HOLDER["code"]}}
    assert (await desk.ask(desk.staff["clerk"], query, case=case))["case"] == {"code": "SCOPE_MISSING"}
    made = await show(desk)
    with desk.hub.database.transaction() as session:  # as an administrator of another process does
        session.execute(text("UPDATE staff_role SET withdrawn_at = 1 WHERE role = 'COUNTER_CLERK'"))
    assert await scan(desk, made["text"], desk.staff["clerk"]) == {"code": "ROLE_MISSING"}
    assert (await scan(desk, made["text"]))["verdict"]["word"] == "VALID"


def _now(desk: HolderHub) -> str:
    return desk.clock.now().isoformat().replace("+00:00", "Z")


def _bearer(desk: HolderHub) -> str:
    return f"Bearer {desk.staff['clerk']}"


def test_who_is_no_counter_or_no_holder_does_nothing(play: Play) -> None:
    play(_nobody)


async def _nobody(desk: HolderHub) -> None:
    made, other = await show(desk), desk.holder(HUSBAND["code"], HUSBAND["codeType"])
    for token, code in ((None, "TOKEN_INVALID"), (desk.holder(), "SCOPE_MISSING")):
        asked = {"code": made["text"], "case": CASE}
        answer = (await desk.send(token, SCAN, input=asked)).json()["data"]["scan"]
        assert answer == {"code": code}
    assert (await show(desk, other))["code"] == "NOT_FOUND"
    mine = made["presentation"]["presentation"]
    for token in (None, desk.department, desk.staff["one"]):
        wish = {"authority": READER, "serviceItem": ITEM, "licences": [{"identifier": desk.identifier}]}
        assert (await own(desk, token, "PresentLicences", input=wish))["code"] == "HOLDER_TOKEN_INVALID"
        assert (await own(desk, token, "CancelPresentation", presentation=mine))["code"] == "HOLDER_TOKEN_INVALID"
    assert (await own(desk, other, "CancelPresentation", presentation=mine))["code"] == "PRESENTATION_UNKNOWN"
    cancelled = await own(desk, desk.holder(), "CancelPresentation", presentation=mine)
    assert (cancelled["state"], cancelled["cancelledAt"]) == ("CANCELLED", _now(desk))
    assert (await own(desk, desk.holder(), "CancelPresentation", presentation=mine))["code"] == "PRESENTATION_STATE"
    assert (await scan(desk, made["text"]))["verdict"]["word"] == "CODE_EXPIRED"
    page = (await own(desk, desk.holder(), "HolderPresentations", first=5))["presentations"]
    assert [edge["node"]["state"] for edge in page["edges"]] == ["CANCELLED"]
    for _ in range(5):
        assert "text" in await show(desk)
    assert (await show(desk))["code"] == "PRESENTATION_LIMIT"
    desk.clock.advance(days=2)
    desk.hub.forget_expired()
    page = (await own(desk, desk.holder(), "HolderPresentations", first=5))["presentations"]
    assert page["edges"] == []
    desk.hub.log.integrate()
    assert desk.hub.log.verify({}).findings == []


def test_a_code_may_be_scanned_without_a_case_and_a_printed_one_inside_one(play: Play) -> None:
    play(_printed)


async def _printed(desk: HolderHub) -> None:
    query = (
        "{ holder { ... on HolderView { licences { edges { node { ... on BusinessLicence { qr { text } } } } } } } }"
    )
    found = (await desk.ask(desk.holder(), query))["holder"]["licences"]["edges"][0]["node"]["qr"]
    plain = (await desk.ask(desk.department, SCAN, input={"code": found["text"]}))["scan"]
    assert (plain["verdict"]["word"], plain["licences"], plain["case"]) == ("VALID", [], None)
    assert await scan(desk, found["text"]) == {"code": "INPUT_INVALID"}
    applicant = {"codeType": HOLDER["codeType"], "code": HOLDER["code"]}
    inside = await scan(desk, found["text"], applicant=applicant)
    assert {each["path"] for each in inside["licences"][0]["fields"]} == {"number", "name"}
    stranger = {"codeType": HUSBAND["codeType"], "code": HUSBAND["code"]}
    other = await scan(desk, found["text"], applicant=stranger, caseNumber="CASE-2")
    assert (other["verdict"]["word"], other["licences"]) == ("OTHER_PERSON", [])
    made = await show(desk)
    open_ = (await desk.ask(desk.department, SCAN, input={"code": made["text"]}))["scan"]
    assert open_["verdict"]["word"] == "CANNOT_CONFIRM"
    assert (await scan(desk, made["text"], caseNumber="CASE-2"))["verdict"]["word"] == "OTHER_PERSON"
    assert (await scan(desk, "HTTPS://EXAMPLE.COM/MENU"))["verdict"]["word"] == "NOT_A_CODE"


def test_who_lost_the_answer_goes_on_with_the_case(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player(database_url, tmp_path, monkeypatch)(lambda desk: _lost(desk, monkeypatch))


async def _lost(desk: HolderHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends, or the records cannot be written, between the redemption and the answer."""
    ask_for_consent(desk)
    asks = material(key="subject", satisfiedBy=[{"source": TYPE, "of": "applicant", "requirements": []}])
    desk.hub.catalogue.documents.publish(ITEM, small(materials=[asks], requirements={}, form=[], concerns=[]))
    made = await show(desk)

    async def fail(_: Any) -> None:
        raise RecordUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(desk.hub.recorder, "commit", fail)
        answer = await desk.send(desk.department, SCAN, input={"code": made["text"], "case": CASE})
    assert answer.status_code == 503
    assert COMPANY.data["name"] not in answer.text
    assert (await scan(desk, made["text"]))["verdict"]["word"] == "CODE_USED"
    mine = made["presentation"]["presentation"]
    told = (await own(desk, desk.holder(), "HolderPresentation", id=mine))["presentation"]
    assert (told["state"], told["disclosed"]) == ("REDEEMED", [])  # nothing left
    applicant = {"codeType": HOLDER["codeType"], "code": HOLDER["code"]}
    case = {**CASE, "legalBasis": "虚构条例", "applicant": applicant}
    found = (await desk.ask(desk.department, MATERIALS, case=case))["case"]["materials"]
    assert found == [{"key": "subject", "result": "EXEMPT", "reason": {"code": "PRESENTED"}}]
    assert (await desk.read())["name"] == COMPANY.data["name"]


CHANGED = {
    "UPDATE presentation SET state = 'OPEN', ended_at = NULL": "ROW_CHANGED",
    "UPDATE presentation SET case_id = 'another'": "ROW_CHANGED",
    "DELETE FROM presentation": "ROW_REMOVED",
}


def test_whoever_opens_a_used_code_again_is_found(play: Play) -> None:
    play(_opened_again)


async def _opened_again(desk: HolderHub) -> None:
    made = await show(desk)
    assert (await scan(desk, made["text"]))["verdict"]["word"] == "VALID"
    desk.hub.log.integrate()
    assert desk.hub.log.verify({}).findings == []
    for statement, kind in CHANGED.items():
        with desk.hub.database.transaction() as session:
            session.execute(text(statement))
        desk.hub.log.integrate()
        assert (kind, "presentation") in {(each.kind, each.table) for each in desk.hub.log.verify({}).findings}
