"""Trusted documents over HTTP: a build registers them, their purposes hold, and what is retired stops everywhere at once."""

import asyncio
import hashlib
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from hub.access.manifest import Manifest, Offered, read_documents
from hub.app import Offering
from hub.composition import Hub
from keys.contracts import PrivateKey
from keys.suites import suite
from tests.acceptance.small_hub import (
    COMPANY,
    ISSUER,
    ITEM,
    QUERY,
    READER,
    Client,
    calling,
    furnish,
    grant,
    open_small_hub,
    register,
)  # fmt: skip
from tests.node_packages import ROOT, node_packages, run_node

SECOND_ITEM = "11990200MB000000234000199904001"
HOLDER = COMPANY.holders[0]


def identifier(document: str) -> str:
    return f"sha256:{hashlib.sha256(document.encode()).hexdigest()}"


def case_of(item: str = ITEM, number: str = "CASE-1") -> dict[str, Any]:
    applicant = {"codeType": HOLDER["codeType"], "code": HOLDER["code"]}
    return {"serviceItem": item, "caseNumber": number, "applicant": applicant, "legalBasis": "虚构条例"}


def add(hub: Hub, client_id: str, *texts: str, **purposes: list[str]) -> None:
    """Register texts as an administrator does; without purposes they open no case."""
    named = {name: frozenset(items) for name, items in (purposes or {"*": []}).items()}
    Offering.of(hub).documents.add(client_id, Manifest(tuple(Offered(one) for one in texts), named))


async def run_document(client: Client, document: str, **variables: Any) -> dict[str, Any]:
    body = {"documentId": identifier(document), "variables": variables}
    operation = variables.pop("operation", None)
    answer = await client.http.post(
        "/graphql",
        json={**body, "operationName": operation} if operation else body,
        headers={"Authorization": f"Bearer {client.token}"},
    )
    found: dict[str, Any] = answer.json()
    return found


def code(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


def run(scenario: Coroutine[Any, Any, None], *hubs: Hub) -> None:
    async def whole() -> None:
        try:
            await scenario
        finally:
            for hub in hubs:
                await hub.close()

    asyncio.run(whole())


def records(hub: Hub, kind: str) -> list[dict[str, Any]]:
    with hub.database.snapshot() as session:
        query = text("SELECT body FROM audit_record WHERE kind = :kind ORDER BY sequence")
        return [orjson.loads(body) for (body,) in session.execute(query, {"kind": kind})]


def add_pipeline(hub: Hub, authority: str = READER) -> tuple[str, PrivateKey]:
    """Register a build's system, which may register documents and nothing else."""
    key = suite("ES256").generate()
    jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
    return hub.access.add_client("构建流水线", authority, ["document:register"], jwk), key


@pytest.fixture
def hub(tmp_path: Path, sqlite_url: str) -> Hub:
    hub = open_small_hub(tmp_path, sqlite_url)
    furnish(hub)
    hub.catalogue.add_item(SECOND_ITEM, "变更", "Change", READER)
    grant(hub)
    return hub


def test_a_build_registers_and_the_running_system_asks_by_hash(hub: Hub) -> None:
    client_id, key = register(hub)
    pipeline_id, pipeline_key = add_pipeline(hub)

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client, calling(hub, pipeline_id, pipeline_key) as pipeline:
            sent = {"client": client_id, "documents": {identifier(QUERY): QUERY}, "purposes": {"Read": [ITEM]}}
            answer = await submit(pipeline, sent)
            assert answer.status_code == 200, answer.text
            told = {"documentId": identifier(QUERY), "operations": ["Read"], "purposes": [ITEM], "change": "registered"}
            assert answer.json() == {"documents": [told]}
            found = await run_document(client, QUERY, case=case_of(), number=COMPANY.number)
            assert found["data"]["case"]["licence"]["status"] == "VALID"
            again = await submit(pipeline, sent)
            assert again.json()["documents"][0]["change"] == "unchanged"
            assert [record["by"] for record in records(hub, "document")] == [pipeline_id]

    run(scenario(), hub)


async def submit(client: Client, body: Any, **headers: str) -> httpx.Response:
    """Send a manifest with a fresh assertion."""
    given = {"assertion": client.assertion(), **body} if isinstance(body, dict) else body
    authorization = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json", **headers}
    return await client.http.post("/trusted-documents", content=orjson.dumps(given), headers=authorization)


GOOD: dict[str, Any] = {"documents": {identifier("{__typename}"): "{__typename}"}, "purposes": {"*": []}}
BAD: dict[str, tuple[Any, int, str]] = {
    "a list": ([], 400, "INPUT_INVALID"),
    "no documents": ({"purposes": {}}, 400, "INPUT_INVALID"),
    "no purposes": ({"documents": GOOD["documents"]}, 400, "INPUT_INVALID"),
    "no assertion": ({**GOOD, "assertion": None}, 400, "INPUT_INVALID"),
    "an unknown member": ({**GOOD, "query": "{__typename}"}, 400, "INPUT_INVALID"),
    "a client that is a number": ({**GOOD, "client": 1}, 400, "INPUT_INVALID"),
    "an unknown client": ({**GOOD, "client": "nobody-here"}, 404, "CLIENT_UNKNOWN"),
    "an unknown item": ({**GOOD, "purposes": {"*": ["NONE"]}}, 404, "ITEM_UNKNOWN"),
    "a bad assertion": ({**GOOD, "assertion": "a.b.c"}, 401, "CLIENT_AUTHENTICATION_FAILED"),
}


def test_a_registration_that_is_not_good_is_refused(hub: Hub) -> None:
    pipeline_id, pipeline_key = add_pipeline(hub)

    async def scenario() -> None:
        async with calling(hub, pipeline_id, pipeline_key) as pipeline:
            for name, (body, status, expected) in BAD.items():
                answer = await submit(pipeline, body)
                assert (answer.status_code, answer.json()["code"]) == (status, expected), name
                assert ("www-authenticate" in answer.headers) == (status == 401)
                assert answer.headers["cache-control"] == "no-store"
            wrong = await submit(pipeline, GOOD, **{"Content-Type": "text/plain"})
            assert (wrong.status_code, wrong.json()["code"]) == (400, "INPUT_INVALID")
            assert Offering.of(hub).documents.kept() == ()

    run(scenario(), hub)


def test_every_reason_against_every_document_is_told(hub: Hub) -> None:
    pipeline_id, pipeline_key = add_pipeline(hub)

    async def scenario() -> None:
        async with calling(hub, pipeline_id, pipeline_key) as pipeline:
            documents = {**GOOD["documents"], identifier("{ one }"): "{ one }", identifier(QUERY): f"{QUERY} "}
            answer = await submit(pipeline, {**GOOD, "documents": documents})
            assert (answer.status_code, answer.json()["code"]) == (400, "DOCUMENTS_REFUSED")
            first, second = answer.json()["reasons"]
            assert (first["document"], first["code"], first["line"], first["column"]) == (
                identifier("{ one }"), "DOCUMENT_INVALID", 1, 3,
            )  # fmt: skip
            assert (second["document"], second["code"]) == (identifier(f"{QUERY} "), "DOCUMENT_HASH_MISMATCH")
            assert "line" not in second

    run(scenario(), hub)


def test_a_running_system_cannot_register_and_neither_can_a_stolen_token(hub: Hub) -> None:
    client_id, key = register(hub)
    pipeline_id, pipeline_key = add_pipeline(hub)

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client, calling(hub, pipeline_id, pipeline_key) as pipeline:
            answer = await submit(client, GOOD)
            assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")
            client.token = pipeline.token  # stolen, together with a key that is not its own
            answer = await submit(client, GOOD)
            assert (answer.status_code, answer.json()["code"]) == (401, "CLIENT_AUTHENTICATION_FAILED")
            used = {**GOOD, "assertion": pipeline.assertion()}
            assert (await submit(pipeline, used)).status_code == 200
            assert (await submit(pipeline, used)).json()["code"] == "ASSERTION_REPLAYED"
            pipeline.token = ""
            assert (await submit(pipeline, GOOD)).json()["code"] == "TOKEN_INVALID"

    run(scenario(), hub)


ALIASED = """query Two($own: CaseInput!, $other: CaseInput!) {
  own: case(input: $own) { ...A }
  other: case(input: $other) { ...A }
}
fragment A on CaseResult { __typename ... on Problem { code } }"""
SEVERAL = """query First($case: CaseInput!) { case(input: $case) { ...A } }
query Second($case: CaseInput!) { ...B }
fragment B on Query { deep: case(input: $case) { ...A } }
fragment A on CaseResult { __typename ... on Problem { code } }"""
INLINE = """query Inline($who: PersonInput!, $item: String!) {
  case(input: {serviceItem: $item, caseNumber: "CASE-1", applicant: $who, legalBasis: "虚构条例"}) {
    ... on Problem { code }
  }
}"""
AGAIN = "query Again($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } one: node(id: $id) { id } }"


def test_purposes_hold_through_aliases_fragments_operations_variables_and_ids(hub: Hub) -> None:
    client_id, key = register(hub)
    with_id = QUERY.replace("status name", "id status name")
    add(hub, client_id, ALIASED, SEVERAL, INLINE, with_id, **{"*": [SECOND_ITEM]})
    add(hub, client_id, with_id.replace("Read(", "Own("), Own=[ITEM])
    add(hub, client_id, AGAIN, AGAIN.replace("Again", "Mine"), Again=[SECOND_ITEM], Mine=[ITEM])
    refused = {"__typename": "Problem", "code": "PURPOSE_NOT_DECLARED"}

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client:
            both = await run_document(client, ALIASED, own=case_of(SECOND_ITEM), other=case_of())
            assert both["data"]["other"] == refused
            assert both["data"]["own"]["code"] == "NOT_GRANTED"  # declared, and the grant decides
            for operation, name in (("First", "case"), ("Second", "deep")):
                one = await run_document(client, SEVERAL, operation=operation, case=case_of())
                assert one["data"][name] == refused
            who = {"codeType": HOLDER["codeType"], "code": HOLDER["code"]}
            inline = await run_document(client, INLINE, who=who, item=ITEM)
            assert inline["data"]["case"] == {"code": "PURPOSE_NOT_DECLARED"}
            own = with_id.replace("Read(", "Own(")
            found = (await run_document(client, own, case=case_of(), number=COMPANY.number))["data"]["case"]["licence"]
            again = await run_document(client, AGAIN, ids=[found["id"]], id=found["id"])
            assert again["data"] == {"nodes": [None], "one": None}
            assert code(again) == "PURPOSE_NOT_DECLARED"
            mine = await run_document(client, AGAIN.replace("Again", "Mine"), ids=[found["id"]], id=found["id"])
            assert mine["data"]["one"] == {"id": found["id"]}
            reasons = [record["reason"] for record in records(hub, "access")]
            assert reasons.count("PURPOSE_NOT_DECLARED") == 6
            assert (await client.licence())["status"] == "VALID"  # a free text declares no purpose

    run(scenario(), hub)


def test_what_is_retired_in_one_process_stops_in_the_other_at_once(tmp_path: Path, database_url: str) -> None:
    first = open_small_hub(tmp_path, database_url)
    furnish(first)
    grant(first)
    client_id, key = register(first)
    second = open_small_hub(tmp_path, database_url)

    async def scenario() -> None:
        async with calling(second, client_id, key) as there:
            assert code(await run_document(there, QUERY, case=case_of(), number=COMPANY.number)) == "DOCUMENT_UNKNOWN"
            add(first, client_id, QUERY, Read=[ITEM])
            found = await run_document(there, QUERY, case=case_of(), number=COMPANY.number)
            assert found["data"]["case"]["licence"]["status"] == "VALID"
            add(first, client_id, QUERY, Read=[])
            found = await run_document(there, QUERY, case=case_of(), number=COMPANY.number)
            assert found["data"]["case"]["code"] == "PURPOSE_NOT_DECLARED"
            Offering.of(first).documents.retire(client_id, [identifier(QUERY)])
            assert code(await run_document(there, QUERY, case=case_of(), number=COMPANY.number)) == "DOCUMENT_RETIRED"

    run(scenario(), first, second)


def test_a_document_that_the_schema_of_today_refuses_says_so(hub: Hub) -> None:
    client_id, key = register(hub)
    document = {each.key: each for each in hub.catalogue.types()}["DisabilityCertificate"]
    text_ = f"query Old($id: ID!) {{ node(id: $id) {{ ... on {document.key} {{ number }} }} }}"
    add(hub, client_id, text_, QUERY, Old=[], Read=[ITEM])
    forget_type(hub, document.key)

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client:
            assert code(await run_document(client, text_, id="a")) == "DOCUMENT_INVALID"
            found = await run_document(client, QUERY, case=case_of(), number=COMPANY.number)
            assert found["data"]["case"]["licence"]["status"] == "VALID"
            broken = [each.hash for each in Offering.of(hub).documents.kept(client_id) if each.reasons]
            assert [f"sha256:{hash_}" for hash_ in broken] == [identifier(text_)]

    run(scenario(), hub)


def forget_type(hub: Hub, key: str) -> None:
    """Take a type out of the catalogue, as no command does: so a document that was valid is so no more."""
    with hub.database.transaction() as session:
        for table, column in (("issuing_right", "type_key"), ("type_code", "type_key"), ("licence_type", "key")):
            session.execute(text(f"DELETE FROM {table} WHERE {column} = :key"), {"key": key})
        hub.audit.advance_epoch(session)
    hub.refresh()


def test_the_issuer_registers_for_itself(hub: Hub) -> None:
    pipeline_id, pipeline_key = add_pipeline(hub, ISSUER)
    reader_id, _ = register(hub)

    async def scenario() -> None:
        async with calling(hub, pipeline_id, pipeline_key) as pipeline:
            assert (await submit(pipeline, GOOD)).status_code == 200
            foreign = await submit(pipeline, {**GOOD, "client": reader_id})
            assert (foreign.status_code, foreign.json()["code"]) == (404, "CLIENT_UNKNOWN")
            assert [each.client_id for each in Offering.of(hub).documents.kept()] == [pipeline_id]

    run(scenario(), hub)


def test_the_manifest_that_a_typescript_build_writes_is_taken_as_it_is(hub: Hub, tmp_path: Path) -> None:
    client_id, key = register(hub)
    manifest = generated(tmp_path)
    ((claimed, document),) = manifest.items()
    Offering.of(hub).documents.add(client_id, Manifest(read_documents(manifest), {"Read": frozenset({ITEM})}))

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client:
            assert claimed == identifier(document) != identifier(QUERY)
            found = await run_document(client, document, case=case_of(), number=COMPANY.number)
            assert found["data"]["case"]["licence"]["status"] == "VALID"

    run(scenario(), hub)


def generated(folder: Path) -> dict[str, str]:
    """Run @graphql-codegen's client preset on the small hub's query, as the integrator's guide says."""
    packages = node_packages("test")
    (folder / "node_modules").symlink_to(packages)
    (folder / "read.ts").write_text(f'import {{ graphql }} from "./gql";\ngraphql(`{QUERY}`);\n')
    preset = {"preset": "client", "presetConfig": {"persistedDocuments": {"hashAlgorithm": "sha256"}}}
    config = {"schema": str(ROOT / "schema" / "hub.graphql"), "documents": ["read.ts"], "generates": {"gql/": preset}}
    (folder / "codegen.json").write_bytes(orjson.dumps(config))
    run_node(packages / "@graphql-codegen" / "cli" / "cjs" / "bin.js", "--config", "codegen.json", folder=folder)
    written: dict[str, str] = orjson.loads((folder / "gql" / "persisted-documents.json").read_bytes())
    return written
