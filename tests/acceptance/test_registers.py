"""Registers over HTTP, in a whole hub: a source feeds and sends a file, a worker takes it in, a department reads in a case and compares."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.catalogue.registers import NATURAL_PERSON
from hub.composition import Hub, open_hub
from hub.jobs.worker import Worker
from hub.runners import runners
from hub.settings import Settings
from keys.suites import suite
from tests.acceptance.small_hub import ISSUER, ITEM, PASSPHRASE, READER, URL, Client, calling, furnish_little
from tests.acceptance.test_imports import ask, send
from tests.identities.office import file_of, name_of, number_of, row_of

FEED = """mutation Feed($entries: [PersonEntryInput!]!) { feedPersons(entries: $entries) {
  __typename ... on FedEntries { results { outcome } } ... on Problem { code } } }"""
IMPORT = """mutation Import($input: RegisterImportInput!) { importRegister(input: $input) {
  __typename ... on RegisterImportJob { id state } ... on Problem { code message } } }"""
WATCH = (
    "query Watch($id: ID!) { registerImport(id: $id) { ... on RegisterImportJob { state outcomes { outcome rows } } } }"
)
READ = """query Read($case: CaseInput!) { case(input: $case) { ... on Problem { code message }
  ... on Case { grantedTypes { key } person { ... on NaturalPerson { name status source { asOf edition authority { code } } } ... on Problem { code } } } } }"""
MATCH = """query Match($input: MatchIdentityInput!) { matchIdentity(input: $input) {
  ... on IdentityMatches { results } ... on Problem { code retryAfter } } }"""
AS_OF = "2025-11-26T08:00:00+08:00"


def system(hub: Hub, authority: str, *scopes: str) -> tuple[str, Any]:
    """Return the id and key of a client system."""
    key = suite("ES256").generate()
    return hub.access.add_client("系统", authority, list(scopes), key.public.to_jwk()), key


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Hub:
    """Give a hub with a source, and a department with a grant, that compares ten pairs a day."""
    hub = open_hub(Settings(URL, tmp_path, database_url, matches_a_day=10), PASSPHRASE)
    furnish_little(hub)
    hub.catalogue.allow_feeding(ISSUER, NATURAL_PERSON)
    hub.catalogue.add_item(ITEM, "公共场所卫生许可", "Hygiene licence", READER)
    today = date.today()  # noqa: DTZ011 - the hub of these tests runs on the machine's clock
    hub.sharing.add_grant(
        READER, ITEM, NATURAL_PERSON, ("name", "status"), roles=(), checks=("number", "name"), legal_basis="虚构条例",
        valid_from=today - timedelta(days=1), valid_until=today + timedelta(days=1), approver="数据主管处",
    )  # fmt: skip
    return hub


def test_a_register_is_fed_read_and_compared_over_http(hub: Hub) -> None:
    async def scenario() -> None:
        try:
            async with calling(hub, *system(hub, ISSUER, "register:feed")) as source:
                await _feeds(hub, source)
            async with calling(hub, *system(hub, READER, "licence:read", "identity:match")) as department:
                await _reads(department)
                await _compares(department)
        finally:
            await hub.close()

    asyncio.run(scenario())


async def _feeds(hub: Hub, source: Client) -> None:
    entry = {"number": number_of(1), "name": name_of(1), "status": "NORMAL", "asOf": AS_OF}
    assert (await ask(source, FEED, entries=[entry]))["results"] == [{"outcome": "ADDED"}]
    sent = await send(source, file_of([row_of(1, status="DECEASED"), row_of(2), row_of(3, status="?")]))
    assert sent.status_code == 201
    wanted = {"upload": sent.json()["upload"], "register": NATURAL_PERSON, "asOf": "2025-11-26T09:00:00+08:00"}
    job = await ask(source, IMPORT, input=wanted)
    assert job["state"] == "WAITING"
    await asyncio.to_thread(Worker(hub.jobs, runners(hub, workers=0)).turn)
    seen = await ask(source, WATCH, id=job["id"])
    outcomes = [{"outcome": name, "rows": 1} for name in ("ADDED", "CHANGED", "REFUSED")]
    assert seen == {"state": "FINISHED", "outcomes": outcomes}


async def _reads(department: Client) -> None:
    applicant = {"codeType": "111", "code": number_of(1)}
    case = {"serviceItem": ITEM, "caseNumber": "CASE-R", "legalBasis": "虚构条例", "applicant": applicant}
    found = await ask(department, READ, case=case)
    source = {"asOf": "2025-11-26T01:00:00Z", "edition": 2, "authority": {"code": ISSUER}}
    assert found == {"grantedTypes": [], "person": {"name": name_of(1), "status": "DECEASED", "source": source}}


async def _compares(department: Client) -> None:
    pairs = [{"code": number_of(place), "name": name_of(place)} for place in (1, 2, 3)]
    batch = {"register": NATURAL_PERSON, "serviceItem": ITEM, "legalBasis": "虚构条例"}
    assert (await ask(department, MATCH, input={**batch, "pairs": pairs}))["results"] == ["MATCH", "MATCH", "NO_MATCH"]
    spent = await ask(department, MATCH, input={**batch, "pairs": pairs * 3})
    assert spent["code"] == "MATCH_BUDGET_SPENT"
    assert 0 < spent["retryAfter"] <= 86_401
