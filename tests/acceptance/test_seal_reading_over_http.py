"""Seals looked at over HTTP: who sees what, page by page, what stays hidden, and what runs where only trusted documents do."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from hub.composition import Hub
from hub.paging import OpenCursors
from keys.ses_seal import parse_seal
from schema.trusted import open_documents
from tests.acceptance.seal_desks import APPLY, NAME, Desk, Desks, Play, active, code_of, made, player, wish
from tests.acceptance.small_hub import ISSUER
from tests.access.department import Department

PICTURE = """query ($id: ID!) { done: sealApplication(application: $id) { ... on SealApplication { name
    picture { __typename ... on Problem { code } ... on SealPicture { text png svg width height } } } ... on Problem { code } } }"""
LISTED = """query ($code: String!, $status: SealStatus, $kind: SealKind, $first: Int, $after: String, $last: Int, $before: String) {
    done: seals(authority: $code, status: $status, kind: $kind, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { esId status } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
APPLICATIONS = (
    LISTED.replace(", $kind: SealKind", "")
    .replace(", kind: $kind", "")
    .replace("seals(", "sealApplications(")
    .replace("esId", "application name")
)


# -- who sees what -----------------------------------------------------------------------------------------------------

READS = {
    "seal": ('{ done: seal(esId: "%(seal)s") { __typename ... on Problem { code } } }', "typed"),
    "sealApplication": (
        '{ done: sealApplication(application: "%(application)s") { __typename ... on Problem { code } } }',
        "typed",
    ),
    "seals": ('{ done: seals(authority: "%(authority)s") { edges { cursor } } }', "error"),
    "sealApplications": ('{ done: sealApplications(authority: "%(authority)s") { edges { cursor } } }', "error"),
    "node": ('{ done: node(id: "seal:%(seal)s") { id } }', "error"),
}
CHANGES = (
    'approveSealApplication(application: "%(application)s")', 'rejectSealApplication(application: "%(application)s", note: "x")',
    'makeSeal(application: "%(application)s")', 'fileSeal(esId: "%(seal)s")', 'rotateSeal(esId: "%(seal)s", replaces: "x")',
    'suspendSeal(esId: "%(seal)s", reason: UNSPECIFIED)', 'resumeSeal(esId: "%(seal)s", reason: UNSPECIFIED)',
    'revokeSeal(esId: "%(seal)s", reason: UNSPECIFIED)', 'reportSealCompromise(esId: "%(seal)s")',
    'confirmSealCompromise(esId: "%(seal)s")',
)  # fmt: skip


def test_nobody_else_reads_or_changes_anything(play_seals_once: Play) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        (seal,) = hub.seals.seals(ISSUER)
        given = {
            "authority": ISSUER,
            "seal": seal.es_id,
            "application": (await desks["applicant"].apply())["application"],
        }
        department = Department(hub.clock)
        hub.access.add_client("A desk", ISSUER, ["licence:read", "licence:issue"], department.jwk, department.client_id)
        hub.refresh()
        client = Desk(desks["maker"].http, f"Bearer {hub.access.token(department.form())['access_token']}")
        nobody = Desk(client.http, "")
        stale = Desk(client.http, "Bearer staff_" + "A" * 43)
        assert code_of(await stale.ask(READS["seals"][0] % given)) == "SESSION_INVALID"
        for desk, code in ((desks["stranger"], "ROLE_MISSING"), (client, "ROLE_MISSING"), (nobody, "SESSION_INVALID")):
            for query, form in READS.values():
                answer = await desk.ask(query % given)
                assert (answer["data"]["done"]["code"] if form == "typed" else code_of(answer)) == code
            for change in CHANGES:
                assert (await desk.step(change % given))["code"] == code
            assert (await desk.apply(text=f"{NAME}备案专用章"))["code"] == code
        officer = desks["officer"]  # looks at seals, and changes none
        assert (await officer.do(READS["seals"][0] % given))["edges"]
        assert (await officer.do(PICTURE, id=given["application"]))["picture"]["code"] == "ROLE_MISSING"
        for change in CHANGES:
            assert (await officer.step(change % given))["code"] == "ROLE_MISSING"

    play_seals_once(scenario)


def test_a_person_on_a_seal_is_shown_to_those_with_a_part_in_it_only(play_seals: Play) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        name = "诸葛若川"
        seal = await made(desks, kind="PERSONAL", text=f"{name}印", representative=name, picture=None)
        assert (seal["kind"], seal["name"]) == ("PERSONAL", "法定代表人名章")
        listed = await desks["approver"].ask(APPLICATIONS, code=ISSUER, last=1)
        (edge,) = listed["data"]["done"]["edges"]
        shown = await desks["approver"].do(PICTURE, id=edge["node"]["application"])
        assert shown["picture"]["text"] == f"{name}印"
        assert base64.b64decode(shown["picture"]["png"]).startswith(b"\x89PNG")
        assert shown["picture"]["svg"].startswith("<")
        assert (shown["picture"]["width"], shown["picture"]["height"]) == (20, 20)
        for who in ("officer", "stranger"):
            refused = await desks[who].ask(PICTURE, id=edge["node"]["application"])
            assert "ROLE_MISSING" in str(refused)
            assert name not in str(refused)
        everything = await desks["applicant"].ask(
            "query ($id: String!) { seal(esId: $id) { ... on Seal { esId name ownerName owner application { name ownerName reason"
            " steps { note } } signers { pem } purpose { key } } } }",
            id=seal["esId"],
        )
        assert "errors" not in everything
        assert name not in str(everything)

    play_seals(scenario)


# -- pages ---------------------------------------------------------------------------------------------------------------


def test_lists_page_both_ways_whole_and_once(play_seals: Play) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        for place in range(4):
            await active(desks, text=f"{NAME}证明专用章({place + 1})")
        reader = desks["officer"]
        for query, word, count in ((LISTED, "esId", 5), (APPLICATIONS, "application", 5)):
            whole = [each["node"][word] for each in (await reader.do(query, code=ISSUER))["edges"]]
            assert len(whole) == len(set(whole)) == count
            assert whole == await walked(reader, query, word, "first", "after", "endCursor")
            assert whole == await walked(reader, query, word, "last", "before", "startCursor")
            page = await reader.do(query, code=ISSUER, first=2)
            between = await reader.do(query, code=ISSUER, after=page["pageInfo"]["endCursor"], last=1)
            assert [each["node"][word] for each in between["edges"]] == whole[-1:]
            for bad in ("", "x", "e30", page["edges"][0]["cursor"][:-3]):
                assert code_of(await reader.ask(query, code=ISSUER, after=bad)) == "INPUT_INVALID", bad
            for invented in ("\0", "、", "99999999999999999999", "00000000000000000'", "٣" * 20):
                cursor = OpenCursors("seals" if query is LISTED else "seal applications").make((invented,))
                answer = await reader.ask(query, code=ISSUER, before=cursor)
                assert query is LISTED or invented[0] == "9" or code_of(answer) == "INPUT_INVALID", invented
            other = APPLICATIONS if query is LISTED else LISTED
            assert code_of(await reader.ask(other, code=ISSUER, after=page["pageInfo"]["endCursor"])) == "INPUT_INVALID"
            assert code_of(await reader.ask(query, code=ISSUER, first=1, last=1)) == "INPUT_INVALID"
            assert code_of(await reader.ask(query, code=ISSUER, first=101)) == "LIMIT_PAGE"
            assert code_of(await desks["approver"].ask(query, code="11990100MB0000009X")) == "AUTHORITY_UNKNOWN"
        (applied,) = (await reader.do(APPLICATIONS, code=ISSUER, status="APPLIED"))["edges"] or [None]
        assert applied is None
        await desks["approver"].step(
            f'suspendSeal(esId: "{whole_first(await reader.do(LISTED, code=ISSUER))}", reason: CERTIFICATE_HOLD)'
        )
        held = await reader.do(LISTED, code=ISSUER, status="SUSPENDED", kind="SPECIAL")
        assert [each["node"]["status"] for each in held["edges"]] == ["SUSPENDED"]
        assert (await reader.do(LISTED, code=ISSUER, kind="PERSONAL"))["edges"] == []

    play_seals(scenario)


def whole_first(page: Any) -> str:
    return str(page["edges"][0]["node"]["esId"])


async def walked(desk: Desk, query: str, word: str, size: str, cursor: str, end: str) -> list[str]:
    """Return what is found page by page, in the order of the list."""
    found: list[str] = []
    variables: dict[str, Any] = {}
    while True:
        page = await desk.do(query, code=ISSUER, **{size: 2}, **variables)
        these = [each["node"][word] for each in page["edges"]]
        found = found + these if size == "first" else these + found
        if not page["pageInfo"]["hasNextPage" if size == "first" else "hasPreviousPage"]:
            return found
        variables = {cursor: page["pageInfo"][end]}


# -- where only trusted documents run ------------------------------------------------------------------------------------


def test_staff_make_and_use_a_seal_by_the_hubs_own_documents(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(_hub: Hub, desks: Desks) -> None:
        refused = await desks["applicant"].ask(APPLY, input=wish())
        assert code_of(refused) == "TRUSTED_DOCUMENTS_ONLY"
        applied = await by_hash(desks["applicant"], "ApplyForSeal", input=wish())
        key = {"application": applied["applyForSeal"]["application"]}
        waiting = await by_hash(desks["approver"], "SealApplications", authority=ISSUER, status="APPLIED")
        assert [edge["node"]["application"] for edge in waiting["sealApplications"]["edges"]] == [key["application"]]
        looked_at = await by_hash(desks["approver"], "SealApplication", **key)
        assert looked_at["sealApplication"]["picture"]["text"].startswith(NAME)
        assert looked_at["sealApplication"]["picture"]["sesSeal"] is None
        await by_hash(desks["approver"], "ApproveSealApplication", **key)
        seal = {"esId": (await by_hash(desks["maker"], "MakeSeal", **key))["makeSeal"]["esId"]}
        assert (await by_hash(desks["maker"], "FileSeal", **seal))["fileSeal"]["status"] == "ACTIVE"
        picture = (await by_hash(desks["approver"], "SealApplication", **key))["sealApplication"]["picture"]
        assert parse_seal(base64.b64decode(picture["sesSeal"])).content.es_id == seal["esId"]
        document = {"sha256": "5" * 64}
        sealed = await by_hash(desks["officer"], "SealDocument", **seal, document=document, reason="证明")
        signature = sealed["sealDocument"]["signature"]
        anybody = Desk(desks["officer"].http, "")
        report = await by_hash(anybody, "VerifySealedDocument", signature=signature, document=document)
        assert report["verifySealedDocument"]["result"] == "TOTAL_PASSED"
        nobody = await by_hash(anybody, "RevokeSeal", **seal, reason="UNSPECIFIED")
        assert nobody["revokeSeal"]["code"] == "SESSION_INVALID"

    player(sqlite_url, tmp_path, monkeypatch, trusted_documents_only=True)(scenario)


async def by_hash(desk: Desk, operation: str, **variables: Any) -> Any:
    """Run an operation of one of the hub's own documents and return its data."""
    named = re.compile(rf"^(?:query|mutation) {operation}\(", re.MULTILINE)
    hash_ = next(each.hash for each in open_documents().values() if named.search(each.text))
    headers = {"Authorization": desk.authorization} if desk.authorization else {}
    body = {"documentId": f"sha256:{hash_}", "operationName": operation, "variables": variables}
    answer = (await desk.http.post("/graphql", json=body, headers=headers)).json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def test_what_the_guide_of_administrators_shows_works(play_seals_once: Play) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "administrators.md").read_text("utf-8")
    apply, waiting = re.findall(r"```graphql\n(.+?)```", guide, re.DOTALL)
    (variables,) = re.findall(r"```json\n(\{\"input\".+?)```", guide, re.DOTALL)

    async def scenario(_hub: Hub, desks: Desks) -> None:
        applied = (await desks["applicant"].ask(apply, **json.loads(variables)))["data"]["applyForSeal"]
        assert applied["status"] == "APPLIED"
        found = (await desks["approver"].ask(waiting, authority=ISSUER))["data"]["sealApplications"]["edges"]
        assert [each["node"]["application"] for each in found] == [applied["application"]]
        assert base64.b64decode(found[0]["node"]["picture"]["png"]).startswith(b"\x89PNG")

    play_seals_once(scenario)
