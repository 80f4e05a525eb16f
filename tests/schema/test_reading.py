"""Reading over GraphQL, on the real services: what leaves, what is withheld, what is refused, what is recorded."""

import copy
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from hub.catalogue.licence_type import shipped_documents
from hub.errors import UnavailableError
from hub.licences.finding import Finder
from tests.catalogue.examples import CHILD, COMPANY, HUSBAND, PHYSICIAN, WIFE
from tests.schema.desk import CASE, Desk, case_of
from tests.sharing.world import ASKER, ISSUER, OTHER_ITEM, SECRET_TYPE, disclosures

LICENCE = "licence(type: %r, identifier: $id) { __typename ... on Problem { code message violations { pointer } } %s }"
HOUSEHOLD = """... on HouseholdRegister { id identifier version revision status number holders { code name } seal issuedOn
    validFrom validUntil address members { name religion } withheld { path reason }
    type { key version } authority { code name { zh } } proof { sdJwt } supersedes supersededBy }"""


def household(selection: str = HOUSEHOLD) -> str:
    """Return the field that reads the family's household register."""
    return (LICENCE % ("HouseholdRegister", selection)).replace("'", '"')


def test_granted_fields_leave_and_the_rest_is_null_and_withheld(any_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number", "address", "members.name", "holders.name"])
        identifier = desk.issued["HouseholdRegister"]
        licence = (await desk.read(household(), HUSBAND, identifier))["licence"]
        assert licence["__typename"] == "HouseholdRegister"
        assert (licence["identifier"], licence["version"], licence["status"]) == (identifier, 1, "VALID")
        assert licence["address"]
        assert licence["number"]
        assert licence["issuedOn"] is None
        assert licence["members"] == [{"name": HUSBAND["name"], "religion": None}]
        assert licence["holders"] == [{"code": None, "name": HUSBAND["name"]}]
        assert {each["path"]: each["reason"] for each in licence["withheld"]} == {
            "holders.code": "NOT_GRANTED",
            "holders.name": "OTHER_PERSON",
            "issuedOn": "NOT_GRANTED",
            "members.name": "OTHER_PERSON",
            "members.religion": "NOT_SHARED",
        }
        assert licence["authority"]["code"] == ISSUER
        assert licence["type"] == {"key": "HouseholdRegister", "version": 1}
        shown = licence["proof"]["sdJwt"]
        assert WIFE["name"] not in str(disclosures(shown))
        assert HUSBAND["code"] not in str(disclosures(shown))
        (record,) = desk.world.records("access")
        assert record["outcome"] == "DISCLOSED"
        assert record["disclosed"] == ["number", "holders.name", "address", "members.name"]

    any_desk.run(scenario)


def test_only_what_is_selected_is_disclosed_and_recorded(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number", "address", "members.name"])
        selection = household("... on Licence { n: number } ... on BusinessLicence { address } proof: __typename")
        licence = (await desk.read(selection, HUSBAND, desk.issued["HouseholdRegister"]))["licence"]
        assert licence["n"]
        (record,) = desk.world.records("access")
        assert record["disclosed"] == ["number"]
        assert record["withheld"] == []

    desk.run(scenario)


def test_a_receipt_is_given_when_it_is_selected_and_recorded(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        for selection, given in (("proof { sdJwt }", False), ("proof { receipt }", True)):
            read = household(f"... on Licence {{ number {selection} }}")
            await desk.read(read, HUSBAND, desk.issued["HouseholdRegister"])
            assert desk.world.records("access")[-1]["receipt"] is given

    desk.run(scenario)


Change = Callable[[dict[str, Any]], dict[str, Any]]
REFUSED_CASES: list[tuple[str, Change]] = [
    ("ITEM_UNKNOWN", lambda case: {**case, "serviceItem": "nothing"}),
    ("NOT_GRANTED", lambda case: {**case, "serviceItem": OTHER_ITEM}),
    ("INPUT_INVALID", lambda case: {**case, "caseNumber": HUSBAND["code"]}),
    ("INPUT_INVALID", lambda case: {**case, "legalBasis": ""}),
    ("CODE_INVALID", lambda case: {**case, "applicant": {"codeType": "111", "code": HUSBAND["code"][:-1] + "1"}}),
    ("CASE_MISMATCH", lambda case: {**case, "applicant": case_of(WIFE)["applicant"]}),
]


@pytest.mark.parametrize(("code", "change"), REFUSED_CASES)
def test_a_case_that_cannot_be_opened_is_a_problem(
    desk: Desk, caplog: pytest.LogCaptureFixture, code: str, change: Change
) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        query = "query Q($case: CaseInput!) { case(input: $case) { __typename ... on Problem { code message } } }"
        await desk.ask(query, case=case_of(HUSBAND))
        answer = await desk.send(json={"query": query, "variables": {"case": change(case_of(HUSBAND))}})
        problem = answer.json()["data"]["case"]
        assert (problem["__typename"], problem["code"]) == ("Problem", code)
        assert "errors" not in answer.json()
        assert HUSBAND["code"][:-1] not in answer.text

    desk.run(scenario)
    assert HUSBAND["code"][:-1] not in caplog.text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('type: "BusinessLicence", number: "1"', "NOT_GRANTED"),
        ('type: "NoSuchLicence"', "NOT_GRANTED"),
        (f'type: "{SECRET_TYPE}"', "NOT_GRANTED"),
        ('type: "HouseholdRegister", number: "nobody\'s"', "NOT_FOUND"),
        ('type: "HouseholdRegister", identifier: "nonsense"', "IDENTIFIER_INVALID"),
        ('type: "HouseholdRegister", number: "1", identifier: $id', "INPUT_INVALID"),
    ],
)
def test_a_licence_that_cannot_be_read_is_a_problem(desk: Desk, arguments: str, code: str) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        unused = 'x: licence(type: "NoSuchLicence", identifier: $id) { __typename }'
        found = await desk.read(
            f"licence({arguments}) {{ ... on Problem {{ code }} }} {unused}", HUSBAND, desk.issued["HouseholdRegister"]
        )
        assert found["licence"] == {"code": code}

    desk.run(scenario)


def test_somebody_elses_licence_cannot_be_told_from_none(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        identifier = desk.issued["HouseholdRegister"]
        there = await desk.read(household(), PHYSICIAN, identifier)
        assert there["licence"]["code"] == "NOT_FOUND"

    desk.run(scenario)


def test_a_suspended_grant_stops_the_next_read(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        grant = desk.world.grant(["number"])
        identifier = desk.issued["HouseholdRegister"]
        assert (await desk.read(household(), HUSBAND, identifier))["licence"]["number"]
        desk.world.sharing.suspend_grant(grant)
        assert (await desk.read(household(), HUSBAND, identifier))["code"] == "NOT_GRANTED"

    desk.run(scenario)


BATCH = """query Batch($case: CaseInput!, $keys: [LicenceKey!]!) { case(input: $case) { ... on Case {
    licenceBatch(keys: $keys) { __typename ... on Problem { code } ... on Licence { identifier number } } } } }"""


def test_a_batch_of_a_hundred_answers_each_on_its_own_in_order(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        keys: list[dict[str, Any]] = [{"type": "HouseholdRegister", "number": f"none {place}"} for place in range(98)]
        keys.insert(7, {"type": "HouseholdRegister", "identifier": desk.issued["HouseholdRegister"]})
        keys.append({"type": "DriverLicence"})
        found = (await desk.ask(BATCH, case=case_of(HUSBAND), keys=keys))["data"]["case"]["licenceBatch"]
        assert len(found) == 100
        assert found[7]["identifier"] == desk.issued["HouseholdRegister"]
        assert found[-1] == {"__typename": "Problem", "code": "NOT_GRANTED"}
        assert {each["code"] for place, each in enumerate(found[:-1]) if place != 7} == {"NOT_FOUND"}
        assert len(desk.world.records("access")) == 100

    desk.run(scenario)


def test_a_batch_of_a_hundred_and_one_is_refused_whole(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        answer = await desk.ask(BATCH, case=case_of(HUSBAND), keys=[{"type": "HouseholdRegister"}] * 101)
        (error,) = answer["errors"]
        assert error["extensions"] == {"code": "LIMIT_LIST_LENGTH", "limit": 100, "actual": 101}
        assert "data" not in answer
        assert desk.world.records("access") == []

    desk.run(scenario)


LIST = """licences(first: %d%s) { pageInfo { hasNextPage endCursor }
    edges { cursor node { __typename identifier number ... on DriverLicence { issuedOn } } } } x: licence(type: "HouseholdRegister",
    identifier: $id) { __typename }"""


def test_licences_are_listed_page_by_page_as_their_own_types(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        desk.world.grant(["number", "issuedOn"], "DriverLicence")
        first = (await desk.read(LIST % (1, ""), HUSBAND))["licences"]
        assert first["pageInfo"]["hasNextPage"] is True
        second = (await desk.read(LIST % (5, f', after: "{first["pageInfo"]["endCursor"]}"'), HUSBAND))["licences"]
        assert second["pageInfo"]["hasNextPage"] is False
        nodes = [edge["node"] for edge in (*first["edges"], *second["edges"])]
        assert [node["__typename"] for node in nodes] == ["DriverLicence", "HouseholdRegister"]
        assert nodes[0]["issuedOn"]
        assert all(node["number"] for node in nodes)

    desk.run(scenario)


@pytest.mark.parametrize("first", [0, -1])
def test_a_page_has_one_to_a_hundred_licences(desk: Desk, first: int) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        query = "query Q($case: CaseInput!) { case(input: $case) { ... on Case { licences(first: %d) { edges { cursor } } } } }"
        answer = await desk.ask(query % first, case=case_of(HUSBAND))
        assert answer["data"] == {"case": {"licences": None}}
        assert "100" in answer["errors"][0]["message"]

    desk.run(scenario)


def test_an_id_repeats_the_read_for_the_same_authority_only(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number", "address"])
        one = (await desk.read(household(), CHILD, desk.issued["HouseholdRegister"]))["licence"]["id"]
        query = "query Q($id: ID!) { node(id: $id) { __typename id ... on HouseholdRegister { address issuedOn } } }"
        again = (await desk.ask(query, id=one))["data"]["node"]
        assert again["id"] == one
        assert (again["__typename"], bool(again["address"]), again["issuedOn"]) == ("HouseholdRegister", True, None)
        for authority, wrong in (
            (ISSUER, one),
            (ASKER, ("B" if one[0] == "A" else "A") + one[1:]),
            (ASKER, "nonsense"),
        ):
            answer = await desk.ask(query, authority, id=wrong)
            assert answer["data"] == {"node": None}
            assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        several = await desk.ask("query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["nonsense", one])
        assert several["data"]["nodes"] == [None, {"id": one}]

    desk.run(scenario)


OWN = """query Own($id: String!, $then: DateTime!) { issuedLicence(identifier: $id) { __typename ... on Problem { code }
    ... on Licence { number revision statusAt(asOf: $then) history { operation status actor reason legalBasis recordedAt } } } }"""


def test_an_authority_reads_what_it_issued_with_its_history(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        now = desk.world.clock.now()
        identifier = desk.issued["BusinessLicence"]
        own = await desk.ask(OWN, ISSUER, id=identifier, then=(now + timedelta(hours=1)).isoformat())
        licence = own["data"]["issuedLicence"]
        assert (licence["__typename"], licence["revision"], licence["statusAt"]) == ("BusinessLicence", 1, "VALID")
        (event,) = licence["history"]
        assert (event["operation"], event["status"], event["actor"]) == ("issue", "VALID", "desk")
        assert event["reason"]
        before = await desk.ask(OWN, ISSUER, id=identifier, then=(now - timedelta(hours=1)).isoformat())
        assert before["data"]["issuedLicence"]["statusAt"] is None
        other = await desk.ask(OWN, ASKER, id=identifier, then=now.isoformat())
        assert other["data"]["issuedLicence"] == {"__typename": "Problem", "code": "NOT_FOUND"}

    desk.run(scenario)


@pytest.mark.parametrize("then", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_an_instant_at_the_end_of_the_calendar_is_a_clear_error(desk: Desk, then: str) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.ask(OWN, ISSUER, id=desk.issued["BusinessLicence"], then=then)
        assert answer["errors"][0]["extensions"]["code"] == "INPUT_INVALID"

    desk.run(scenario)


def test_history_is_for_the_issuing_authority_and_costs_the_others_only_that_field(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        query = 'query Q($case: CaseInput!) { case(input: $case) { ... on Case { licence(type: "HouseholdRegister") { ... on Licence { number history { operation } } } } } }'
        answer = await desk.ask(query, case=case_of(HUSBAND))
        licence = answer["data"]["case"]["licence"]
        assert licence["number"]
        assert licence["history"] is None
        assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"

    desk.run(scenario)


VERIFY = "query V($shown: String!) { verifyLicence(presentation: $shown) { result claims checks { name outcome subIndication detail } } }"


def test_anybody_may_verify_what_he_is_shown(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        licence = (await desk.read(household(), HUSBAND, desk.issued["HouseholdRegister"]))["licence"]
        shown = licence["proof"]["sdJwt"]
        good = (await desk.ask(VERIFY, None, shown=shown))["data"]["verifyLicence"]
        assert good["result"] == "TOTAL_PASSED"
        assert good["claims"]["number"] == licence["number"]
        assert {check["outcome"] for check in good["checks"]} == {"PASSED"}
        forged = shown[:80] + ("A" if shown[80] != "A" else "B") + shown[81:]
        bad = (await desk.ask(VERIFY, None, shown=forged))["data"]["verifyLicence"]
        assert bad["result"] == "TOTAL_FAILED"
        assert bad["claims"] is None
        assert (await desk.ask(VERIFY, None, shown="nonsense"))["data"]["verifyLicence"]["result"] == "TOTAL_FAILED"

    desk.run(scenario)


@pytest.mark.parametrize(
    "query",
    [
        "query Q($case: CaseInput!) { got: case(input: $case) { ... on Problem { code } } }",
        '{ got: issuedLicence(identifier: "a") { ... on Problem { code } } }',
        'mutation { got: retireClientKey(kid: "a", assertion: "b") { ... on Problem { code } } }',
    ],
)
def test_nobody_reads_or_changes_anything_without_signing_in(desk: Desk, query: str) -> None:
    async def scenario(desk: Desk) -> None:
        variables = {"case": case_of(HUSBAND)} if "$case" in query else {}
        assert (await desk.ask(query, None, **variables))["data"]["got"] == {"code": "TOKEN_INVALID"}
        node = await desk.ask('{ node(id: "a") { id } }', None)
        assert (node["data"], node["errors"][0]["extensions"]["code"]) == ({"node": None}, "TOKEN_INVALID")

    desk.run(scenario)


class Broken:
    """Stands for a fault: its message quotes a value, as messages of libraries do."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __call__(self, *_: object) -> Awaitable[None]:
        raise self._error


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyError(HUSBAND["code"]), "INTERNAL", "Internal error"),
        (ValueError(f"bad value {HUSBAND['code']}"), "INTERNAL", "Internal error"),
        (UnavailableError(), "DATABASE_UNAVAILABLE", "Try again"),
    ],
)
def test_faults_are_masked_in_answers_and_logs(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: str,
    message: str,
) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        monkeypatch.setattr(Finder, "by_identifier", Broken(error))
        sent = {
            "query": CASE % household(),
            "variables": {"case": case_of(HUSBAND), "id": desk.issued["HouseholdRegister"]},
        }
        answer = await desk.send(json=sent)
        (found,) = answer.json()["errors"]
        assert found["extensions"] == {"code": code}
        assert message in found["message"]
        assert HUSBAND["code"] not in answer.text

    desk.run(scenario)
    assert HUSBAND["code"] not in caplog.text
    assert ("KeyError" in caplog.text) is isinstance(error, KeyError)


def test_a_published_version_is_in_the_schema_of_the_next_request(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        query = '{ __type(name: "TaxPaymentCertificate") { name } }'
        assert (await desk.ask(query))["data"] == {"__type": None}
        desk.world.catalogue.publish(
            next(each for each in shipped_documents() if each["key"] == "TaxPaymentCertificate")
        )
        assert (await desk.ask(query))["data"] == {"__type": {"name": "TaxPaymentCertificate"}}

    desk.run(scenario)


def test_a_company_is_an_applicant_too(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["businessScope"], "BusinessLicence")
        body = await desk.ask(
            "query Q($case: CaseInput!) { case(input: $case) { ... on Case { grantedTypes { key } "
            'licence(type: "BusinessLicence") { ... on BusinessLicence { businessScope } } } } }',
            case=case_of(COMPANY),
        )
        assert body["data"]["case"]["grantedTypes"] == [{"key": "BusinessLicence"}]
        assert body["data"]["case"]["licence"]["businessScope"]

    desk.run(scenario)


def test_licences_of_a_retired_type_stay_readable_and_the_catalogue_says_that_it_is_retired(any_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number", "address"])
        desk.world.catalogue.retire("HouseholdRegister")
        read = household("... on HouseholdRegister { id address type { retired } }")
        case = await desk.read(f"grantedTypes {{ key retired }} {read}", HUSBAND, desk.issued["HouseholdRegister"])
        assert case["grantedTypes"] == [{"key": "HouseholdRegister", "retired": True}]
        assert case["licence"]["address"]
        assert case["licence"]["type"] == {"retired": True}
        types = "{ edges { node { key retired } } }"
        lists = f"{{ inForce: licenceTypes {types} all: licenceTypes(retired: true) {types} licenceType(key: %s) {{ retired }} }}"
        told = (await desk.ask(lists % '"HouseholdRegister"', None))["data"]
        in_force, all_types = ([edge["node"] for edge in told[name]["edges"]] for name in ("inForce", "all"))
        assert {"key": "HouseholdRegister", "retired": True} in all_types
        assert [each for each in all_types if not each["retired"]] == in_force
        assert told["licenceType"] == {"retired": True}

    any_desk.run(scenario)


def test_an_older_version_says_which_of_its_fields_are_gone(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        document = copy.deepcopy(dict(next(each for each in shipped_documents() if each["key"] == "HouseholdRegister")))
        del document["schema"]["properties"]["address"]
        document["schema"]["required"].remove("address")
        desk.world.catalogue.publish({**document, "version": 2})
        read = household("... on HouseholdRegister { type { version fields { path lastVersion } } }")
        found = (await desk.read(read, HUSBAND, desk.issued["HouseholdRegister"]))["licence"]["type"]
        assert found["version"] == 1
        assert {each["path"]: each["lastVersion"] for each in found["fields"] if each["lastVersion"]} == {"address": 1}
        newest = await desk.ask('{ licenceType(key: "HouseholdRegister") { version fields { path } } }', None)
        assert newest["data"]["licenceType"]["version"] == 2
        assert "address" not in {each["path"] for each in newest["data"]["licenceType"]["fields"]}

    desk.run(scenario)
