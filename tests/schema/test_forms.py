"""Parties, forms and disputes over GraphQL: what a department asks, what the source answers, and refusals as data."""

from typing import Any

import pytest

from tests.catalogue.examples import EXAMPLES, HUSBAND, WIFE
from tests.schema.desk import Desk, case_of
from tests.sharing.forms.desk import document, source
from tests.sharing.world import ASKER, ISSUER, ITEM

CASE = "query Form($case: CaseInput!) { case(input: $case) { ... on Case { id %s } ... on Problem { code } } }"
FORM = """form { ... on Problem { code } ... on Form { name { en } version text fields { name label { zh en } state value
    source { type identifier version asOf record authority { code } } values { value path role confirmedAt dispute { dispute state } }
    gaps { type path role reason } } } }"""
CONFIRM = """mutation Confirm($value: ReadValueInput!) { confirmValue(value: $value) { ... on Confirmation { record path at }
    ... on Problem { code } } }"""
DISPUTE = """mutation Dispute($input: DisputeInput!) { disputeValue(input: $input) { ... on Problem { code } ... on Dispute {
    dispute state type source version path right reason due overdue authority { code } sourceAuthority { code } } } }"""
LIST = """query Disputes { disputes(first: 5, states: [OPEN]) { edges { node { dispute right path authority { code } } }
    pageInfo { hasNextPage } } }"""
ANSWER = """mutation Answer($input: DisputeAnswerInput!) { answerDispute(input: $input) { ... on Dispute { state reply answeredAt }
    ... on Problem { code } } }"""
WITHDRAW = """mutation Withdraw($dispute: ID!) { withdrawDispute(dispute: $dispute, idempotencyKey: "withdraw-1") {
    ... on Dispute { state } ... on Problem { code } } }"""
OWN = """mutation Own { disputeOwnValue(input: {record: "0", path: "name", right: "x", reason: "y"}) { __typename
    ... on Problem { code } } }"""


@pytest.fixture
def form_desk(desk: Desk) -> Desk:
    """Give a desk whose item has a form."""
    fields: tuple[tuple[str, list[dict[str, str]]], ...] = (
        ("name", [source("DriverLicence", "name")]),
        ("home", [source("RealEstateTitle", "location")]),
        ("phone", []),
    )
    desk.world.catalogue.documents.publish(ITEM, document(*fields))
    desk.world.grant(["name", "address"], "DriverLicence", roles=("spouse", "seller"))
    desk.refresh()
    return desk


async def opened(desk: Desk, selection: str = FORM, **case: Any) -> Any:
    body = await desk.ask(CASE % selection, case=case_of(HUSBAND, **case))
    assert "errors" not in body, body["errors"]
    return body["data"]["case"]


async def said(desk: Desk, query: str, authority: str = ASKER, **variables: Any) -> Any:
    """Send a change and return what its one field answers."""
    body = await desk.ask(query, authority, **variables)
    assert "errors" not in body, body["errors"]
    return next(iter(body["data"].values()))


def test_parties_say_how_they_are_known(form_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        person = {"codeType": "111", "code": WIFE["code"]}
        parties = [{**person, "role": "spouse"}, {**person, "role": "seller"}]
        case = await opened(desk, "parties { role evidence provedBy }", parties=parties)
        assert case["parties"] == [
            {"role": "spouse", "evidence": "NOT_PROVED", "provedBy": None},
            {"role": "seller", "evidence": "DECLARED", "provedBy": None},
        ]
        circle = [{"role": "spouse", "codeType": "111", "code": HUSBAND["code"]}]
        assert (await opened(desk, "parties { role }", parties=circle)) == {"code": "PARTY_CIRCULAR"}

    form_desk.run(scenario)


def test_a_form_is_asked_for_confirmed_disputed_and_answered(form_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        case = await opened(desk)
        form = case["form"]
        name, home, phone = form["fields"]
        assert (name["state"], name["value"], name["label"]["zh"]) == ("FILLED", HUSBAND["name"], "name字段")
        assert name["source"]["identifier"] == desk.issued["DriverLicence"]
        assert name["source"]["authority"]["code"] == ISSUER
        assert (home["state"], home["source"], home["gaps"][0]["reason"]) == ("MISSING", None, "NOT_GRANTED")
        assert (phone["state"], phone["gaps"]) == ("TO_FILL", [])
        assert HUSBAND["name"] in form["text"]
        value = {"case": case["id"], "record": name["source"]["record"], "path": "name"}
        assert (await said(desk, CONFIRM, value=value))["path"] == "name"
        assert (await opened(desk))["form"]["fields"][0]["state"] == "CONFIRMED"
        given = {"value": value, "right": "林若山", "reason": "字有误", "idempotencyKey": "dispute-1"}
        filed = await said(desk, DISPUTE, input=given)
        assert (filed["state"], filed["right"], filed["sourceAuthority"]["code"]) == ("OPEN", "林若山", ISSUER)
        assert await said(
            desk, DISPUTE, input={**given, "value": {**value, "path": "points"}, "idempotencyKey": "dispute-2"}
        ) == {"code": "FIELD_NOT_READ"}
        shown = (await opened(desk))["form"]["fields"][0]
        assert (shown["state"], shown["values"][0]["dispute"]["dispute"]) == ("DISPUTED", filed["dispute"])
        (edge,) = (await said(desk, LIST, ISSUER))["edges"]
        assert edge["node"] == {
            "dispute": filed["dispute"],
            "right": "林若山",
            "path": "name",
            "authority": {"code": ASKER},
        }
        answer = {"dispute": filed["dispute"], "answer": "REJECTED", "reason": "与档案一致"}
        assert await said(desk, ANSWER, ISSUER, input=answer) == {"code": "INPUT_INVALID"}
        answer["idempotencyKey"] = "answer-1"
        assert await said(desk, ANSWER, ASKER, input=answer) == {"code": "DISPUTE_UNKNOWN"}
        done = await said(desk, ANSWER, ISSUER, input=answer)
        assert (done["state"], done["reply"]) == ("REJECTED", "与档案一致")
        assert await said(desk, WITHDRAW, dispute=filed["dispute"]) == {"code": "DISPUTE_STATE"}
        assert await said(desk, OWN) == {"__typename": "Problem", "code": "HOLDER_TOKEN_INVALID"}
        listed = (await opened(desk, "disputes { state reply }"))["disputes"]
        assert listed == [{"state": "REJECTED", "reply": "与档案一致"}]

    form_desk.run(scenario)


def test_a_licence_read_names_its_record_for_a_dispute(form_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        read = 'licence(type: "DriverLicence") { ... on DriverLicence { address proof { record } } }'
        case = await opened(desk, read)
        value = {"case": case["id"], "record": case["licence"]["proof"]["record"], "path": "address"}
        given = {"value": value, "right": "乙地", "reason": "已搬迁", "idempotencyKey": "dispute-1"}
        assert case["licence"]["address"] == EXAMPLES["DriverLicence"].data["address"]
        filed = await said(desk, DISPUTE, input=given)
        assert filed["source"] == desk.issued["DriverLicence"]
        assert (await said(desk, WITHDRAW, dispute=filed["dispute"]))["state"] == "WITHDRAWN"

    form_desk.run(scenario)


def test_an_item_without_a_document_says_so(desk: Desk) -> None:
    desk.world.grant(["name"], "DriverLicence")
    desk.refresh()

    async def scenario(desk: Desk) -> None:
        assert (await opened(desk, "form { ... on Problem { code } }"))["form"]["code"] == "ITEM_NOT_PUBLISHED"

    desk.run(scenario)
