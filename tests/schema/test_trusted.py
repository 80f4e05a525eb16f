"""Which document runs: how a request names it, what is refused, and that free text never pushes a trusted one out."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import parse, validate
from starlette.applications import Starlette

from hub.access.documents import TrustedDocuments
from hub.access.manifest import Manifest, Offered
from schema import documents
from schema.documents import Documents
from schema.generation import Generation
from schema.trusted import Examiner, open_documents
from tests.catalogue.examples import HUSBAND
from tests.schema.desk import Desk, graphql_routes
from tests.sharing.world import ASKER, ISSUER

GRAPHQL, JSON = "application/graphql-response+json", "application/json"
TYPES = (
    "query Types { licenceTypes { edges { node { key } } } } query Items { serviceItems { edges { node { code } } } }"
)
GUIDE = (Path(__file__).parents[2] / "docs" / "integrators.md").read_text("utf-8")
PLANTED = HUSBAND["code"]


def identifier(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def code_of(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    return str(error["extensions"]["code"])


def register(desk: Desk, *texts: str, authority: str = ASKER, **purposes: list[str]) -> TrustedDocuments:
    """Register texts for a department, as an administrator does."""
    world, catalogue = desk.world, desk.world.catalogue
    trusted = TrustedDocuments(
        world.database, world.audit, world.clock, prove=desk.access.prove, examine=Examiner(desk.schema).examine,
        owner_of=lambda code: catalogue.item(code).authority,
    )  # fmt: skip
    named = {name: frozenset(items) for name, items in (purposes or {"*": []}).items()}
    trusted.add(desk.departments[authority].client_id, Manifest(tuple(Offered(text) for text in texts), named))
    desk.refresh()
    return trusted


BAD_IDENTIFIERS: list[Any] = [
    "", "sha256:", identifier(TYPES).removeprefix("sha256:"), identifier(TYPES).upper(), f"{identifier(TYPES)}0", f" {identifier(TYPES)}",
    f"{identifier(TYPES)}\n", identifier(TYPES)[:-1], f"sha512:{'0' * 64}", f"md5:{'0' * 32}", 1, True, [], {}, [identifier(TYPES)], PLANTED,
]  # fmt: skip


@pytest.mark.parametrize("value", BAD_IDENTIFIERS, ids=repr)
def test_an_identifier_of_another_form_is_refused(shared_desk: Desk, value: Any) -> None:
    async def scenario(desk: Desk) -> None:
        for accept in (JSON, GRAPHQL):
            answer = await desk.send(json={"documentId": value}, headers={"accept": accept})
            assert (answer.status_code, code_of(answer)) == (400, "DOCUMENT_ID_INVALID")
            assert PLANTED not in answer.text

    shared_desk.run(scenario)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"query": TYPES, "documentId": identifier(TYPES)}, "DOCUMENT_ID_INVALID"),
        ({"query": "", "documentId": identifier(TYPES)}, "DOCUMENT_ID_INVALID"),
        ({"documentId": None}, "REQUEST_MALFORMED"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"query": TYPES, "extensions": {"persistedQuery": {"version": 1}}}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"query": TYPES, "extensions": {"persistedQuery": None}}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"documentId": identifier(TYPES), "extensions": {"persistedQuery": {}}}, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"documentId": identifier(TYPES), "variables": []}, "REQUEST_MALFORMED"),
    ],
)
def test_a_request_that_names_its_document_badly_is_refused(
    shared_desk: Desk, asked: dict[str, Any], code: str
) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.send(json=asked)
        assert (answer.status_code, code_of(answer)) == (400, code)
        assert "data" not in answer.json()

    shared_desk.run(scenario)


def test_what_automatic_persisting_sends_is_never_remembered(shared_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": identifier(TYPES).removeprefix("sha256:")}}
        assert (
            code_of(await desk.send(json={"query": TYPES, "extensions": extensions})) == "PERSISTED_QUERY_NOT_SUPPORTED"
        )
        assert (await desk.send(json={"query": TYPES, "operationName": "Types"})).status_code == 200
        over_get = await desk.send("GET", params={"query": TYPES, "extensions": '{"persistedQuery": {}}'})
        assert code_of(over_get) == "PERSISTED_QUERY_NOT_SUPPORTED"
        for accept, status in ((GRAPHQL, 400), (JSON, 200)):
            answer = await desk.send(json={"documentId": identifier(TYPES)}, headers={"accept": accept})
            assert (answer.status_code, code_of(answer)) == (status, "DOCUMENT_UNKNOWN")

    shared_desk.run(scenario)


def test_a_registered_document_runs_by_its_hash_for_its_client_alone(desk: Desk) -> None:
    register(desk, TYPES)

    async def scenario(desk: Desk) -> None:
        asked = {"documentId": identifier(TYPES), "operationName": "Items"}
        assert (await desk.send(json=asked)).json()["data"]["serviceItems"]["edges"]
        assert (await desk.send("GET", params=asked)).json()["data"]["serviceItems"]["edges"]
        assert code_of(await desk.send(json={"documentId": identifier(TYPES)})) == "OPERATION_UNKNOWN"
        for other in (ISSUER, None):
            assert code_of(await desk.send(authority=other, json=asked)) == "DOCUMENT_UNKNOWN"
        twice = [("documentId", identifier(TYPES))] * 2
        assert code_of(await desk.send("GET", params=twice)) == "REQUEST_MALFORMED"

    desk.run(scenario)


def test_nothing_but_the_catalogue_is_asked_over_get_by_hash(desk: Desk) -> None:
    text = "query Read($id: ID!) { node(id: $id) { id } }"
    register(desk, text)

    async def scenario(desk: Desk) -> None:
        answer = await desk.send("GET", params={"documentId": identifier(text), "variables": '{"id": "a"}'})
        assert (answer.status_code, code_of(answer)) == (405, "GET_NOT_ALLOWED")

    desk.run(scenario)


def test_where_only_trusted_documents_run_the_public_still_has_the_hubs_own(desk: Desk) -> None:
    register(desk, TYPES)
    desk.app._app = Starlette(routes=graphql_routes(desk.schema, desk.services, trusted_only=True))

    async def scenario(desk: Desk) -> None:
        asked = {"documentId": identifier(TYPES), "operationName": "Types"}
        assert (await desk.send(json=asked)).json()["data"]["licenceTypes"]["edges"]
        for authority in (ASKER, None):
            for text in ("{ __typename }", TYPES, "{ __schema { queryType { name } } }", "{"):
                over_post = await desk.send(authority=authority, json={"query": text})
                over_get = await desk.send("GET", authority=authority, params={"query": text})
                assert (code_of(over_post), code_of(over_get)) == ("TRUSTED_DOCUMENTS_ONLY", "TRUSTED_DOCUMENTS_ONLY")
        verify = {"documentId": open_document("VerifyLicence"), "variables": {"presentation": "nothing"}}
        report = (await desk.send(authority=None, json=verify)).json()["data"]["verifyLicence"]
        assert report["result"] == "TOTAL_FAILED"
        types = {"documentId": open_document("LicenceTypes"), "operationName": "LicenceTypes"}
        assert (await desk.send("GET", authority=None, params=types)).json()["data"]["licenceTypes"]["edges"]

    desk.run(scenario)


def open_document(operation: str) -> str:
    """Return the identifier of the hub's own document that holds an operation."""
    return next(f"sha256:{each.hash}" for each in open_documents().values() if f"query {operation}" in each.text)


def test_the_hubs_own_documents_are_valid_and_ask_what_is_open(shipped: Generation) -> None:
    assert len(open_documents()) == 16
    for hash_, document in open_documents().items():
        assert identifier(document.text) == f"sha256:{hash_}"
        assert validate(shipped.schema, parse(document.text)) == []
        assert document.purposes == frozenset()
        assert f"`sha256:{hash_}`" in GUIDE


def test_free_text_never_pushes_a_trusted_document_out(shipped: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_KEPT", 2)
    monkeypatch.setattr(documents, "MOST_TRUSTED", 2)
    kept = Documents(shipped.schema)
    trusted = kept.trusted("a", "{ __typename }")
    for place in range(5):
        kept.prepared(f"{{ a{place}: __typename }}")
    assert kept.trusted("a", "not read again") is trusted
    assert kept.prepared("{ __typename }") is not trusted
    for name in ("b", "c"):
        kept.trusted(name, "{ __typename }")
    with pytest.raises(documents.RefusedDocumentError):
        kept.trusted("a", "{")


def test_a_large_trusted_document_is_kept_ready(shipped: Generation) -> None:
    kept, text = Documents(shipped.schema), "#" * documents.LARGEST_KEPT + "\n{ __typename }"
    assert kept.trusted("a", text) is kept.trusted("a", text)


REFUSED: Mapping[str, tuple[str, list[str]]] = {
    "syntax": ("{", ["DOCUMENT_INVALID"]),
    "two unknown fields": ("{ one two }", ["DOCUMENT_INVALID", "DOCUMENT_INVALID"]),
    "a limit": ("{" + "a: __typename " * 101 + "}", ["LIMIT_ALIASES"]),
    "somebody's number": (f'{{ licenceType(key: "{PLANTED}") {{ key }} }}', ["INPUT_INVALID"]),
    "a byte that no database keeps": ("{ __typename # \0\n }", ["INPUT_INVALID"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "codes"), REFUSED.values(), ids=REFUSED)
def test_what_may_not_be_registered_is_told_with_its_place_and_no_value(
    shared_desk: Desk, text: str, codes: list[str]
) -> None:
    examined = Examiner(shared_desk.schema).examine("sha256:x", text)
    assert ([each.code for each in examined.reasons], examined.operations) == (codes, ())
    assert all(PLANTED not in each.message and each.document == "sha256:x" for each in examined.reasons)
    if codes == ["DOCUMENT_INVALID", "DOCUMENT_INVALID"]:
        assert [(each.line, each.column) for each in examined.reasons] == [(1, 3), (1, 7)]


def test_the_items_code_may_stand_in_a_document(shared_desk: Desk) -> None:
    text = (
        "query Read($who: PersonInput!) { case(input: {"
        'serviceItem: "1199010000990006443000199904000", caseNumber: "A-1", applicant: $who, legalBasis: "b"'
        "}) { __typename } } query { __typename }"
    )
    examined = Examiner(shared_desk.schema).examine("sha256:x", text.replace(" query {", " query Other {"))
    assert examined.operations == ("Read", "Other")
