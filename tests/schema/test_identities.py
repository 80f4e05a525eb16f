"""Registers in GraphQL: what sources feed is read in a case, compared in batches, and told from nothing by nobody else."""

from typing import Any

from hub.access.caller import Caller
from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION, REGISTERS
from hub.identities.feeding import Outcome
from hub.identities.finding import Match
from hub.identities.statement import Warned
from hub.sharing import accesses
from schema import register_enums as enums
from schema.accesses import Access
from schema.problems import BilingualText
from tests.catalogue.examples import ELDER, HUSBAND, WIFE
from tests.identities.office import file_of, row_of
from tests.schema.desk import Desk, case_of
from tests.sharing.registers import COMPANY, COMPANY_NAME, allow, fed_family
from tests.sharing.world import ISSUER, ITEM, LEGAL_BASIS, NOW

AS_OF = "2026-11-21T10:00:00+08:00"
FED = "... on FedEntries { results { outcome edition warnings problem { code violations { pointer } } } } ... on Problem { code }"
FEED = "mutation Feed($entries: [PersonEntryInput!]!) { feedPersons(entries: $entries) { %s } }" % FED  # noqa: UP031 - braces
STATUS = "mutation Feed($entries: [PersonStatusInput!]!) { feedPersonStatuses(entries: $entries) { %s } }" % FED  # noqa: UP031
FEED_COMPANIES = (
    "mutation Feed($entries: [OrganisationEntryInput!]!) { feedOrganisations(entries: $entries) { %s } }" % FED  # noqa: UP031
)
END_COMPANIES = (
    "mutation Feed($entries: [OrganisationStatusInput!]!) { feedOrganisationStatuses(entries: $entries) { %s } }" % FED  # noqa: UP031
)
PERSON = (
    "person { ... on NaturalPerson { number name status withheld { path reason }"
    " source { asOf ageSeconds edition authority { code } record } } ... on Problem { code } }"
)
MATCH = (
    "query Match($input: MatchIdentityInput!) { matchIdentity(input: $input)"
    " { ... on IdentityMatches { results } ... on Problem { code message } } }"
)


def entry(row: dict[str, str], **changes: Any) -> dict[str, Any]:
    """Return what is sent of an example's person."""
    return {"number": row["code"], "name": row["name"], "status": "NORMAL", "asOf": AS_OF, **changes}


def test_words_are_those_of_the_hub() -> None:
    pairs = {
        enums.FeedOutcome: {*(each.value for each in Outcome), "REFUSED"},
        enums.IdentityMatch: {each.value for each in Match},
        enums.RegisterWarning: {each.value for each in Warned},
        enums.Register: set(REGISTERS),
        enums.PersonStatus: set(REGISTERS[NATURAL_PERSON].by_path["status"].choices),
        enums.OrganisationStatus: set(REGISTERS[ORGANISATION].by_path["status"].choices),
        enums.OrganisationKind: set(REGISTERS[ORGANISATION].by_path["kind"].choices),
    }
    for shown, known in pairs.items():
        assert {each.value for each in shown} == known


def test_a_source_feeds_and_reads_back(any_desk: Desk) -> None:
    allow(any_desk.world)
    any_desk.run(_fed)


async def _fed(desk: Desk) -> None:
    desk.refresh()
    bad = entry(HUSBAND, number=HUSBAND["code"][:-1] + "0", name=" ")
    body = await desk.ask(FEED, ISSUER, entries=[entry(WIFE), bad])
    good, refused = body["data"]["feedPersons"]["results"]
    assert good == {"outcome": "ADDED", "edition": 1, "warnings": ["AREA_UNKNOWN"], "problem": None}
    assert (refused["outcome"], refused["problem"]["code"]) == ("REFUSED", "REGISTER_ENTRY_INVALID")
    assert [each["pointer"] for each in refused["problem"]["violations"]] == ["/number", "/name"]
    death = {"number": WIFE["code"], "status": "DECEASED", "asOf": "2026-11-21T11:00:00+08:00"}
    body = await desk.ask(STATUS, ISSUER, entries=[death])
    assert body["data"]["feedPersonStatuses"]["results"][0]["outcome"] == "CHANGED"
    back = "query Back($number: String!) { fedPerson(number: $number) { ... on NaturalPerson { name status source { edition } } ... on Problem { code } } }"
    body = await desk.ask(back, ISSUER, number=WIFE["code"])
    assert body["data"]["fedPerson"] == {"name": WIFE["name"], "status": "DECEASED", "source": {"edition": 2}}
    body = await desk.ask(back, number=WIFE["code"])
    assert body["data"]["fedPerson"] == {"code": "NOT_FOUND"}
    body = await desk.ask(FEED, entries=[entry(WIFE)])
    assert body["data"]["feedPersons"] == {"code": "AUTHORITY_MISMATCH"}


def test_organisations_are_fed_and_ended(desk: Desk) -> None:
    allow(desk.world)
    desk.run(_companies)


async def _companies(desk: Desk) -> None:
    desk.refresh()
    sent = {
        "creditCode": COMPANY,
        "name": COMPANY_NAME,
        "kind": "ENTERPRISE",
        "status": "ACTIVE",
        "scope": "餐饮服务。",
        "asOf": AS_OF,
    }
    body = await desk.ask(FEED_COMPANIES, ISSUER, entries=[sent])
    assert body["data"]["feedOrganisations"]["results"][0]["outcome"] == "ADDED"
    ended = {"creditCode": COMPANY, "status": "CANCELLED", "asOf": "2026-11-21T11:00:00+08:00"}
    body = await desk.ask(END_COMPANIES, ISSUER, entries=[ended])
    assert body["data"]["feedOrganisationStatuses"]["results"][0]["edition"] == 2
    back = "query Back($code: String!) { fedOrganisation(creditCode: $code) { ... on Organisation { creditCode name kind status address scope } } }"
    body = await desk.ask(back, ISSUER, code=COMPANY)
    assert body["data"]["fedOrganisation"] == {
        "creditCode": COMPANY, "name": COMPANY_NAME, "kind": "ENTERPRISE", "status": "CANCELLED", "address": None, "scope": "餐饮服务。",
    }  # fmt: skip


def test_a_case_shows_what_is_granted_of_its_persons_and_whose_word_it_is(any_desk: Desk) -> None:
    fed_family(any_desk.world)
    any_desk.world.grant(["name", "status"], NATURAL_PERSON, roles=["seller"])
    any_desk.run(_read)


async def person(desk: Desk, selection: str) -> Any:
    """Return what a case of the wife shows of her."""
    query = f"query Read($case: CaseInput!) {{ case(input: $case) {{ ... on Case {{ {selection} }} }} }}"
    body = await desk.ask(query, case=case_of(WIFE))
    assert "errors" not in body, body["errors"]
    return body["data"]["case"]["person"]


async def _read(desk: Desk) -> None:
    desk.refresh()
    found = await person(desk, PERSON)
    assert (found["number"], found["name"], found["status"]) == (None, WIFE["name"], "NORMAL")
    assert found["withheld"] == [{"path": "number", "reason": "NOT_GRANTED"}]
    source = found["source"]
    assert (source["edition"], source["authority"]["code"], source["ageSeconds"]) == (1, ISSUER, 86400)
    (record,) = (each for each in desk.world.records("access") if each["id"] == source["record"])
    assert record["disclosed"] == ["name", "status"]
    assert await person(desk, "person { ... on NaturalPerson { called: status } }") == {"called": "NORMAL"}
    assert desk.world.records("access")[-1]["disclosed"] == ["status"]
    seller = case_of(WIFE, parties=[{"role": "seller", "codeType": "111", "code": HUSBAND["code"]}])
    query = 'query Read($case: CaseInput!) { case(input: $case) { ... on Case { person(role: "seller") { ... on NaturalPerson { name } }'
    body = await desk.ask(query + " organisation { ... on Problem { code } } } } }", case=seller)
    assert body["data"]["case"] == {"person": {"name": HUSBAND["name"]}, "organisation": {"code": "NOT_GRANTED"}}


def test_pairs_are_answered_by_one_word_each_in_one_shape(any_desk: Desk) -> None:
    fed_family(any_desk.world)
    any_desk.world.grant(["number", "name"], NATURAL_PERSON)
    any_desk.run(_matched)


async def _matched(desk: Desk) -> None:
    desk.refresh()
    batch = {"register": "NaturalPerson", "serviceItem": ITEM, "legalBasis": LEGAL_BASIS}
    pairs = [{"code": WIFE["code"], "name": name} for name in (WIFE["name"], "王伟")] + [
        {"code": ELDER["code"], "name": ELDER["name"]}
    ]
    body = await desk.ask(MATCH, input={**batch, "pairs": pairs})
    assert body["data"]["matchIdentity"] == {"results": ["MATCH", "NO_MATCH", "NO_MATCH"]}
    wrong = [await desk.ask(MATCH, input={**batch, "pairs": [pair]}) for pair in pairs[1:]]
    assert wrong[0] == wrong[1]
    body = await desk.ask(MATCH, input={**batch, "pairs": pairs * 50})
    assert "LIMIT" in str(body)
    for _ in range(2):
        body = await desk.ask(MATCH, input={**batch, "pairs": pairs[:1] * 100})
    assert body["data"]["matchIdentity"]["code"] == "MATCH_BUDGET_SPENT"


IMPORT = "mutation Import($input: RegisterImportInput!) { importRegister(input: $input) { ... on RegisterImportJob { id state done } ... on Problem { code } } }"
WATCH = (
    "query Watch($id: ID!) { registerImport(id: $id) { ... on Problem { code } ... on RegisterImportJob { state register share"
    " outcomes { outcome rows } problem { code } refused(first: 1) { edges { node { row violations { pointer } } } } } } }"
)


def test_a_source_sends_a_file_and_watches_it(desk: Desk) -> None:
    allow(desk.world)
    desk.run(_imported)


async def _imported(desk: Desk) -> None:
    desk.refresh()
    feeder = Caller(
        desk.departments[ISSUER].client_id, ISSUER, frozenset({"register:feed"}), desk.world.sharing.policy.epoch
    )
    uploads = desk.services.imports.uploads
    taking = uploads.begin(feeder, "csv")
    uploads.keep(taking, file_of([row_of(1), row_of(2, status="GONE")]))
    wanted = {"upload": uploads.end(taking).id, "register": "NaturalPerson", "asOf": AS_OF}
    job = (await desk.ask(IMPORT, ISSUER, input=wanted))["data"]["importRegister"]
    assert (job["state"], job["done"]) == ("WAITING", 0)
    desk.services.register_imports.run_upload(job["id"], "worker")
    found = (await desk.ask(WATCH, ISSUER, id=job["id"]))["data"]["registerImport"]
    assert (found["state"], found["register"], found["share"], found["problem"]) == (
        "FINISHED",
        "NaturalPerson",
        1.0,
        None,
    )
    assert found["outcomes"] == [{"outcome": "ADDED", "rows": 1}, {"outcome": "REFUSED", "rows": 1}]
    assert found["refused"]["edges"] == [{"node": {"row": 3, "violations": [{"pointer": "/status"}]}}]
    assert (await desk.ask(WATCH, id=job["id"]))["data"]["registerImport"] == {"code": "NOT_FOUND"}
    again = (await desk.ask(IMPORT, ISSUER, input=wanted))["data"]["importRegister"]
    assert again == {"code": "UPLOAD_INVALID"}
    ended = "mutation End($id: ID!) { cancelRegisterImport(id: $id) { ... on RegisterImportJob { state } } }"
    assert (await desk.ask(ended, ISSUER, id=job["id"]))["data"]["cancelRegisterImport"] == {"state": "FINISHED"}


def test_holders_are_told_registers_in_words() -> None:
    seen = accesses.Access(
        record="1", at=NOW, authority=ISSUER, item=None, case_number=None, type_key=NATURAL_PERSON, licence=None,
        disclosed=("name",), withheld=(), outcome="DISCLOSED", reason=None, legal_basis=None, receipt=False, embargo=None,
        relations=(), checked=False,
    )  # fmt: skip
    shown = Access.of(seen)
    assert shown.register() == BilingualText(zh="自然人基础信息", en="Natural person")
    assert [each.title.zh for each in shown.disclosed(None)] == ["姓名"]  # type: ignore[arg-type]  # nothing of the request is asked
