"""Materials in GraphQL: one query tells what need not be handed in and proves it; promises are recorded by mutations."""

import base64
from typing import Any

from graphql import parse

from schema.plans.plan import Plans
from tests.catalogue.examples import HUSBAND
from tests.catalogue.items.described import commitment, deferral
from tests.schema.desk import Desk, case_of
from tests.sharing.materials.asking import DRIVING, alternative, asks, predicate, publish
from tests.sharing.world import ASKER, ISSUER, STRANGER, disclosures

CASE = "query Read($case: CaseInput!) { case(input: $case) { ... on Case { %s } } }"
MATERIALS = """id materials { key name { en } result source reason { code words { zh } } fallback { en } deadline
    commitment { digest } promise { promise state }
    licence { __typename identifier status ... on DriverLicence { name address } withheld { path } proof { sdJwt receipt } } }"""
MEETS = 'meets(requirement: "hasD") { met reason { code } words { en } }'
COMMIT = "mutation Commit($input: CommitmentInput!) { done: commitMaterial(input: $input) { ...Told ... on Problem { code } } }"
DEFER = (
    "mutation Defer($input: DeferralInput!) { done: deferMaterial(input: $input) { ...Told ... on Problem { code } } }"
)
SETTLE = "mutation Settle($input: SettlementInput!) { done: settlePromise(input: $input) { ...Told ... on Problem { code } } }"
TOLD = " fragment Told on MaterialPromise { promise caseNumber material kind state deadline overdue digest signature clerk reason }"
LIST = "{ materialPromises(overdue: false) { edges { node { promise material state clerk } } } }"


def _offer(desk: Desk) -> None:
    desk.world.grant(["name", "vehicleClasses"], DRIVING)
    publish(
        desk.world, asks("licence", alternative(DRIVING, "applicant", "hasD")), asks("rules", commitment=commitment()),
        asks("plans", deferral=deferral(3)), asks("form"), hasD=predicate("vehicleClasses", "includes", "D"),
    )  # fmt: skip
    desk.refresh()


async def _read(desk: Desk, selection: str, person: dict[str, str]) -> Any:
    body = await desk.ask(CASE % selection, case=case_of(person, caseNumber=f"CASE-{person['code'][-4:]}"))
    assert "errors" not in body, body["errors"]
    return body["data"]["case"]


def test_one_query_tells_what_is_exempt_and_proves_it(any_desk: Desk) -> None:
    _offer(any_desk)

    async def scenario(desk: Desk) -> None:
        case = await _read(desk, f"{MATERIALS} {MEETS}", HUSBAND)
        found = {each["key"]: each for each in case["materials"]}
        assert {key: each["result"] for key, each in found.items()} == {
            "licence": "EXEMPT", "rules": "COMMITMENT_ALLOWED", "plans": "DEFERRABLE", "form": "PAPER_REQUIRED",
        }  # fmt: skip
        licence = found["licence"]["licence"]
        assert (licence["identifier"], licence["name"], licence["address"]) == (
            desk.issued[DRIVING], HUSBAND["name"], None,
        )  # fmt: skip
        assert licence["withheld"] == [{"path": "address"}]
        assert [one[-1] for one in disclosures(licence["proof"]["sdJwt"])] == [HUSBAND["name"]]
        assert found["plans"]["deadline"] is not None
        assert found["form"]["licence"] is None
        assert case["meets"] == {
            "met": True,
            "reason": {"code": "SATISFIED"},
            "words": {"en": "the classes include B2"},
        }
        receipt = next(record for record in desk.world.records("access") if record["receipt"])
        assert receipt["licence"] == licence["identifier"]

    any_desk.run(scenario)


def test_a_query_for_materials_has_a_plan(desk: Desk) -> None:
    _offer(desk)
    document = parse(CASE % f"{MATERIALS} {MEETS}")
    generation = desk.schema.current

    async def scenario(desk: Desk) -> None:
        plans = Plans(generation.schema, document)
        (operation,) = [each for each in document.definitions if each.kind == "operation_definition"]
        assert plans._operation(operation) is not None  # type: ignore[arg-type]  # it is an operation
        assert (await _read(desk, MATERIALS, HUSBAND))["materials"]

    desk.run(scenario)


def test_what_is_exempt_is_read_again_by_its_id(desk: Desk) -> None:
    _offer(desk)

    async def scenario(desk: Desk) -> None:
        case = await _read(desk, "materials { licence { id } }", HUSBAND)
        (node,) = [each["licence"]["id"] for each in case["materials"] if each["licence"]]
        again = await desk.ask("query Again($id: ID!) { node(id: $id) { ... on DriverLicence { name } } }", id=node)
        assert again["data"]["node"] == {"name": HUSBAND["name"]}

    desk.run(scenario)


def test_a_requirement_that_is_not_published_and_an_item_without_a_document_are_refused(desk: Desk) -> None:
    desk.world.grant(["name"], DRIVING)
    desk.refresh()

    async def scenario(desk: Desk) -> None:
        body = await desk.ask(CASE % "materials { key }", case=case_of(HUSBAND))
        assert [error["extensions"]["code"] for error in body["errors"]] == ["ITEM_NOT_PUBLISHED"]
        _offer(desk)
        body = await desk.ask(CASE % 'meets(requirement: "hasName") { met }', case=case_of(HUSBAND))
        assert [error["extensions"]["code"] for error in body["errors"]] == ["REQUIREMENT_UNKNOWN"]

    desk.run(scenario)


async def _change(desk: Desk, mutation: str, authority: str = ASKER, **given: Any) -> Any:
    body = await desk.ask(mutation + TOLD, authority, input=given)
    assert "errors" not in body, body["errors"]
    return body["data"]["done"]


def test_promises_are_recorded_settled_and_listed(any_desk: Desk) -> None:
    _offer(any_desk)
    signature = base64.b64encode(bytes(range(70))).decode()

    async def scenario(desk: Desk) -> None:
        case = await _read(desk, MATERIALS, STRANGER)
        digest = next(each["commitment"]["digest"] for each in case["materials"] if each["commitment"])
        given = {
            "case": case["id"],
            "material": "rules",
            "digest": digest,
            "signature": signature,
            "idempotencyKey": "commit-01",
        }
        made = await _change(desk, COMMIT, **given)
        assert (made["kind"], made["state"], made["signature"], made["clerk"]) == (
            "COMMITMENT",
            "OPEN",
            signature,
            None,
        )
        assert await _change(desk, COMMIT, **given) == made
        later = await _change(
            desk, DEFER, case=case["id"], material="plans", clerk="窗口李文", idempotencyKey="defer-001"
        )
        assert (later["kind"], later["clerk"], later["overdue"]) == ("DEFERRAL", "窗口李文", False)
        ended = await _change(
            desk, SETTLE, promise=later["promise"], outcome="BREACHED", reason="逾期未补", idempotencyKey="settle-01"
        )
        assert (ended["state"], ended["reason"]) == ("BREACHED", "逾期未补")
        listed = (await desk.ask(LIST))["data"]["materialPromises"]["edges"]
        assert {(each["node"]["material"], each["node"]["state"]) for each in listed} == {
            ("rules", "OPEN"), ("plans", "BREACHED"),
        }  # fmt: skip
        again = {each["key"]: each for each in (await _read(desk, MATERIALS, STRANGER))["materials"]}
        assert again["rules"]["promise"] == {"promise": made["promise"], "state": "OPEN"}
        assert again["plans"]["reason"]["code"] == "BREACHED"

    any_desk.run(scenario)


def test_bad_promises_are_problems(desk: Desk) -> None:
    _offer(desk)

    async def scenario(desk: Desk) -> None:
        case = (await _read(desk, MATERIALS, STRANGER))["id"]
        usual = {"case": case, "material": "rules", "digest": "0" * 64, "clerk": "李文", "idempotencyKey": "commit-01"}
        bad: dict[str, dict[str, Any]] = {
            "PROMISE_TEXT": {}, "MATERIAL_UNKNOWN": {"material": "none"}, "PROMISE_NOT_OFFERED": {"material": "form"},
            "INPUT_INVALID": {"signature": "no base64!", "clerk": None}, "NOT_FOUND": {"case": "nothing"},
        }  # fmt: skip
        for code, changed in bad.items():
            assert (await _change(desk, COMMIT, **{**usual, **changed}))["code"] == code
        foreign = await _change(desk, COMMIT, ISSUER, **usual)
        assert foreign["code"] == "NOT_FOUND", "an id is one authority's own"
        unknown = {"promise": "nothing", "outcome": "KEPT", "reason": "完毕", "idempotencyKey": "settle-01"}
        assert (await _change(desk, SETTLE, **unknown))["code"] == "PROMISE_UNKNOWN"
        assert (await desk.ask(LIST, None))["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"

    desk.run(scenario)
