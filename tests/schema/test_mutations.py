"""Changes over GraphQL: licences of one's own authority, and one's own keys."""

from datetime import timedelta
from typing import Any

import pytest

from keys.suites import suite
from tests.licences.drafts import company_draft, credit_code
from tests.schema.desk import Desk
from tests.sharing.world import ASKER, ISSUER

ANSWER = """{ __typename ... on Problem { code message violations { pointer field { zh en } reason { zh en } } }
    ... on Licence { identifier version revision status number supersedes supersededBy } }"""
ISSUE = f"mutation Issue($input: IssueInput!) {{ done: issueLicence(input: $input) {ANSWER} }}"
ACT = f"mutation Act($input: StatusInput!) {{ done: %s(input: $input) {ANSWER} }}"
EDITION = f"mutation New($input: EditionInput!) {{ done: %s(input: $input) {ANSWER} }}"


def draft(place: int = 1, **changes: Any) -> dict[str, Any]:
    """Return the DraftInput of an invented company's business licence."""
    made = company_draft(place)
    return {
        "type": made.type_key, "number": made.number, "issuedOn": made.issued_on.isoformat(),
        "holders": [{"codeType": each.code_type, "code": each.code, "name": each.name} for each in made.holders],
        "validFrom": made.valid_from.isoformat(), "validUntil": None, "data": made.data,
        "legalBasis": made.legal_basis, "reason": made.reason, **changes,
    }  # fmt: skip


async def change(desk: Desk, mutation: str, authority: str = ISSUER, **given: Any) -> dict[str, Any]:
    """Send a change and return its answer."""
    answer = await desk.ask(mutation, authority, input=given)
    assert "errors" not in answer, answer["errors"]
    done: dict[str, Any] = answer["data"]["done"]
    return done


async def issue(desk: Desk, place: int = 1, key: str = "issue-key-1", **changes: Any) -> dict[str, Any]:
    """Issue a business licence."""
    return await change(desk, ISSUE, draft=draft(place, **changes), idempotencyKey=key)


def words(licence: dict[str, Any], key: str, **changes: Any) -> dict[str, Any]:
    """Return the StatusInput of a change to a licence."""
    return {
        "identifier": licence["identifier"], "revision": licence["revision"], "reason": "核查发现问题",
        "legalBasis": "虚构省电子证照管理办法第二十条", "idempotencyKey": key, **changes,
    }  # fmt: skip


def test_a_licence_is_issued_and_read_back_with_what_was_selected(any_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        issued = await issue(desk)
        assert (issued["__typename"], issued["version"], issued["revision"]) == ("BusinessLicence", 1, 1)
        assert (issued["status"], issued["number"]) == ("VALID", credit_code(1))
        record = desk.world.records("access")[-1]
        assert (record["licence"], record["disclosed"]) == (issued["identifier"], ["number"])
        face = "... on BusinessLicence { number } ... on HouseholdRegister { holders { code } issuedOn }"
        precise = f"mutation Issue($input: IssueInput!) {{ done: issueLicence(input: $input) {{ {face} }} }}"
        await change(desk, precise, draft=draft(3), idempotencyKey="precise-key")
        assert desk.world.records("access")[-1]["disclosed"] == ["number"]

    any_desk.run(scenario)


def test_one_idempotency_key_issues_once(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        first, again = await issue(desk), await issue(desk)
        assert first == again
        other = await issue(desk, 2)
        assert other["code"] == "IDEMPOTENCY_MISMATCH"

    desk.run(scenario)


def test_broken_rules_of_face_data_are_told_each_and_show_no_value(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        data = {**draft()["data"], "establishedOn": credit_code(9), "nothing": credit_code(9)}
        holders = [{"codeType": "001", "code": credit_code(9)[:-1] + "!", "name": "虚构"}]
        problem = await issue(desk, data=data, holders=holders)
        assert problem["code"] == "FACE_DATA_INVALID"
        pointers = {each["pointer"] for each in problem["violations"]}
        assert {"/establishedOn", "/nothing", "/holders/0/code"} <= pointers
        assert all(each["field"]["zh"] and each["reason"]["en"] for each in problem["violations"])
        assert credit_code(9)[:-1] not in str(problem)

    desk.run(scenario)


def test_a_licence_goes_through_its_life(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        licence = await issue(desk)
        steps = (
            ("suspendLicence", "SUSPENDED"), ("resumeLicence", "VALID"), ("transferLicenceOut", "TRANSFERRED_OUT"),
            ("cancelLicenceTransfer", "VALID"), ("revokeLicence", "REVOKED"),
        )  # fmt: skip
        for place, (act, status) in enumerate(steps):
            licence = await change(desk, ACT % act, **words(licence, f"step-key-{place}"))
            assert (licence["status"], licence["revision"]) == (status, place + 2)
        refused = await change(desk, ACT % "resumeLicence", **words(licence, "step-key-last"))
        assert refused["code"] == "STATUS_FORBIDS"

    desk.run(scenario)


@pytest.mark.parametrize("act", ["withdrawLicence", "cancelLicence"])
def test_a_licence_ends(desk: Desk, act: str) -> None:
    async def scenario(desk: Desk) -> None:
        licence = await issue(desk)
        earlier = (desk.world.clock.now() - timedelta(seconds=0)).isoformat()
        ended = await change(desk, ACT % act, **words(licence, "ending-key", effectiveAt=earlier))
        assert ended["status"] in {"WITHDRAWN", "CANCELLED"}

    desk.run(scenario)


@pytest.mark.parametrize("act", ["renewLicence", "changeLicence"])
def test_a_new_edition_supersedes_the_old_one(desk: Desk, act: str) -> None:
    async def scenario(desk: Desk) -> None:
        old = await issue(desk)
        given = {"identifier": old["identifier"], "revision": 1, "draft": draft(), "idempotencyKey": "edition-key"}
        new = await change(desk, EDITION % act, **given)
        assert (new["version"], new["supersedes"]) == (2, old["identifier"])
        query = f"query Q($id: String!) {{ done: issuedLicence(identifier: $id) {ANSWER} }}"
        before = (await desk.ask(query, ISSUER, id=old["identifier"]))["data"]["done"]
        assert (before["status"], before["supersededBy"]) == ("SUPERSEDED", new["identifier"])

    desk.run(scenario)


def test_a_change_names_the_revision_that_was_seen(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        licence = await issue(desk)
        await change(desk, ACT % "suspendLicence", **words(licence, "first-key"))
        late = await change(desk, ACT % "revokeLicence", **words(licence, "second-key"))
        assert late["code"] == "VERSION_CONFLICT"

    desk.run(scenario)


def test_another_authority_changes_nothing(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        licence = await issue(desk)
        refused = await change(desk, ACT % "suspendLicence", ASKER, **words(licence, "other-key"))
        assert refused["code"] == "AUTHORITY_MISMATCH"
        forbidden = await change(desk, ISSUE, ASKER, draft=draft(2), idempotencyKey="other-issue")
        assert forbidden["code"] == "AUTHORITY_MISMATCH"

    desk.run(scenario)


CLIENT_KEY = "{ __typename ... on Problem { code } ... on ClientKey { clientId kid active } }"
KEY = f"""mutation Key($key: ClientKeyInput!, $assertion: String!) {{
  done: addClientKey(key: $key, assertion: $assertion) {CLIENT_KEY}
}}"""
RETIRE = f"""mutation Key($kid: String!, $assertion: String!) {{
  done: retireClientKey(kid: $kid, assertion: $assertion) {CLIENT_KEY}
}}"""


def test_a_client_changes_its_own_keys_and_keeps_one(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        department = desk.departments[ASKER]
        public = suite("ES256").generate().public.to_jwk()
        changed = {**public, "kid": "desk-2"}
        added = (await desk.ask(KEY, ASKER, key=changed, assertion=department.assertion()))["data"]["done"]
        assert (added["clientId"], added["kid"], added["active"]) == ("desk-0023", "desk-2", True)
        bad = {**public, "kid": "desk-3", "x": "AA"}
        refused = (await desk.ask(KEY, ASKER, key=bad, assertion=department.assertion()))["data"]["done"]
        assert refused == {"__typename": "Problem", "code": "INPUT_INVALID"}
        old = department.assertion()
        retired = (await desk.ask(RETIRE, ASKER, kid=department.kid, assertion=old))["data"]["done"]
        assert (retired["kid"], retired["active"]) == (department.kid, False)
        last = (await desk.ask(RETIRE, ASKER, kid="desk-2", assertion=department.assertion()))["data"]["done"]
        assert last == {"__typename": "Problem", "code": "CLIENT_AUTHENTICATION_FAILED"}

    desk.run(scenario)


def test_a_stolen_token_alone_changes_no_key(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        mine, other = desk.departments[ASKER], desk.departments[ISSUER]
        used = mine.assertion()
        key = {**suite("ES256").generate().public.to_jwk(), "kid": "thief"}
        assert "data" in await desk.ask(RETIRE, ASKER, kid="none", assertion=used)
        for assertion in ("", "no assertion", used, other.assertion(), mine.assertion(key=suite("ES256").generate())):
            answer = (await desk.ask(KEY, ASKER, key=key, assertion=assertion))["data"]["done"]
            assert answer["code"] in {"CLIENT_AUTHENTICATION_FAILED", "ASSERTION_REPLAYED"}
        assert {key.kid for one in desk.access.clients() for key in one.keys} == {mine.kid, other.kid}

    desk.run(scenario)


@pytest.mark.parametrize("value", ["2026-2-1", "2026-02-30", "01/02/2026", 20260201, "2026-02-01T00:00:00Z", "", None])
def test_a_day_is_read_strictly(shared_desk: Desk, value: Any) -> None:
    async def scenario(desk: Desk) -> None:
        given = {"draft": draft(issuedOn=value), "idempotencyKey": "strict-key"}
        answer = await desk.ask(ISSUE, ISSUER, input=given)
        assert "data" not in answer
        assert all("draft.issuedOn" in error["message"] for error in answer["errors"])

    shared_desk.run(scenario)


@pytest.mark.parametrize("value", ["2026-11-22T08:30:00", "2026-11-22", "now", 1, "2026-11-22 08:30:00Z"])
def test_a_moment_needs_its_offset(shared_desk: Desk, value: Any) -> None:
    async def scenario(desk: Desk) -> None:
        given = words({"identifier": "x", "revision": 1}, "strict-key", effectiveAt=value)
        answer = await desk.ask(ACT % "suspendLicence", ISSUER, input=given)
        assert "data" not in answer
        assert "effectiveAt" in answer["errors"][0]["message"]

    shared_desk.run(scenario)


def test_face_data_is_an_object(shared_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        wrong: tuple[Any, ...] = ("{}", [], 1, None)
        for value in wrong:
            answer = await desk.ask(ISSUE, ISSUER, input={"draft": draft(data=value), "idempotencyKey": "strict-key"})
            assert "draft.data" in answer["errors"][0]["message"]

    shared_desk.run(scenario)


def test_face_data_may_be_written_into_the_document(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        query = """mutation { done: issueLicence(input: {idempotencyKey: "literal-key", draft: {type: "BusinessLicence",
            number: "1", holders: [], issuedOn: "2026-01-05", validFrom: "2026-01-05", legalBasis: "a", reason: "b",
            data: {name: "虚构", nothing: [1, 2.5, true, null, {a: "b"}]}}}) { ... on Problem { code violations { pointer } } } }"""
        done = (await desk.ask(query, ISSUER))["data"]["done"]
        assert done["code"] == "FACE_DATA_INVALID"
        assert "/nothing" in {each["pointer"] for each in done["violations"]}

    desk.run(scenario)
