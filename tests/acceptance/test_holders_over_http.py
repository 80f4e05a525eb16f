"""Holders over HTTP, through the real application: who read what, what stays closed to them, and what of them is written nowhere."""

import base64
import hmac
import logging
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from hub.access.holders.refusals import HolderTokenExpiredError, HolderTokenInvalidError
from hub.composition import Hub
from keys import strict_json
from schema.trusted import open_documents
from tests.acceptance.holder_desks import ACCESSES, HOLDER, LICENCES, HolderHub, Play, player
from tests.acceptance.small_hub import COMPANY
from tests.access.holders.issuing import ISSUER as PLATFORM
from tests.access.holders.issuing import Issuing, claims, signed
from tests.catalogue.examples import HUSBAND


@pytest.fixture
def play(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Give what plays a scenario, once on SQLite and once on PostgreSQL."""
    return player(database_url, tmp_path, monkeypatch)


@pytest.fixture
def play_once(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Give what plays a scenario on SQLite."""
    return player(sqlite_url, tmp_path, monkeypatch)


def records(hub: Hub, kind: str) -> list[dict[str, Any]]:
    """Return the durable records of a kind, oldest first."""
    with hub.database.snapshot() as session:
        rows = session.execute(
            text("SELECT body FROM audit_record WHERE kind = :kind ORDER BY sequence"), {"kind": kind}
        )
        return [orjson.loads(body) for (body,) in rows]


def test_a_holder_sees_who_read_what_and_no_trace_of_his_code_is_left(
    play: Play, tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        play(_sees)
    told = f"{caplog.text}{[vars(record) for record in caplog.records]}"
    kept = b"" if database_url.startswith("postgresql") else _kept(tmp_path, database_url)
    for secret in (HOLDER["code"], HOLDER["name"], HUSBAND["code"]):
        assert secret not in told
        assert secret.encode() not in kept


def _kept(folder: Path, database_url: str) -> bytes:
    """Return every byte of the database's files."""
    name = Path(make_url(database_url).database or "").name
    return b"".join(path.read_bytes() for path in folder.glob(f"{name}*"))


async def _sees(desks: HolderHub) -> None:
    assert (await desks.read())["name"]
    assert (await desks.read("91990000MA0000007X"))["code"] == "NOT_FOUND"
    missed, read = await desks.accesses()
    assert {name: read[name] for name in ("authority", "serviceItem", "caseNumber", "outcome", "reason", "licence", "type")} == {
        "authority": {"name": {"zh": "虚构县卫生局"}}, "serviceItem": {"name": {"zh": "公共场所卫生许可"}},
        "caseNumber": "CASE-1", "outcome": "DISCLOSED", "reason": None, "licence": desks.identifier,
        "type": {"key": "BusinessLicence"},
    }  # fmt: skip
    assert read["disclosed"] == [{"path": "name", "title": {"zh": "名称"}}]
    assert read["withheld"] == [{"path": "legalRepresentative", "reason": "NOT_GRANTED"}]
    assert (missed["outcome"], missed["reason"], missed["licence"]) == ("NOT_FOUND", "NOT_FOUND", None)
    assert {read["record"], missed["record"]} <= {each["id"] for each in records(desks.hub, "access")}
    (look,) = records(desks.hub, "holder")
    assert (look["operation"], look["shown"], len(look["subjects"])) == ("ACCESSES", 2, 1)
    assert await desks.accesses(desks.holder(HUSBAND["code"], "111")) == []
    await _proved(desks, read["record"])
    desks.clock.advance(seconds=1)
    own = await desks.ask(desks.holder(), LICENCES)
    (mine,) = [edge["node"] for edge in own["holder"]["licences"]["edges"]]
    assert (mine["identifier"], mine["status"], mine["withheld"]) == (desks.identifier, "VALID", [])
    assert mine["name"]
    assert mine["legalRepresentative"]
    receipt = strict_json.loads_object(base64.urlsafe_b64decode(mine["proof"]["receipt"].split(".")[1] + "=="))
    assert receipt["requester"] == {"holder": True}
    again = await desks.ask(
        desks.holder(), "query ($id: ID!) { node(id: $id) { ... on Licence { identifier } } }", id=mine["id"]
    )
    assert again["node"]["identifier"] == desks.identifier
    looked = (await desks.accesses(own=True))[0]
    assert (looked["authority"], looked["serviceItem"], looked["caseNumber"]) == (None, None, None)


PROVED = """{ holder { ... on HolderView { accesses(own: false) { edges { node { record inclusion { ... on Problem { code }
    ... on InclusionProof { body salt index size hashes checkpoint } } } } } } } }"""


async def _proved(desks: HolderHub, record: str) -> None:
    """A holder proves to himself, by no code of the hub's log, that the record of a read is in the log whose head was signed."""
    found = await desks.ask(desks.holder(), PROVED)
    (early,) = {edge["node"]["inclusion"]["code"] for edge in found["holder"]["accesses"]["edges"]}
    assert early == "LOG_NOT_INTEGRATED"
    desks.hub.log.integrate()
    edges = (await desks.ask(desks.holder(), PROVED))["holder"]["accesses"]["edges"]
    proof = {edge["node"]["record"]: edge["node"]["inclusion"] for edge in edges}[record]
    body, salt = base64.b64decode(proof["body"]), base64.b64decode(proof["salt"])
    assert orjson.loads(body)["id"] == record
    entry = hmac.digest(salt, body, "sha256")
    root = root_of(entry, int(proof["index"]), int(proof["size"]), [bytes.fromhex(each) for each in proof["hashes"]])
    assert base64.b64encode(root).decode() == proof["checkpoint"].splitlines()[2]


def root_of(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to (RFC 9162 section 2.1.3.2)."""
    at, last, found = index, size - 1, sha256(b"\0" + entry).digest()
    for each in path:
        if at & 1 or at == last:
            found = sha256(b"\1" + each + found).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\1" + found + each).digest()
        at, last = at >> 1, last >> 1
    assert last == 0
    return found


def test_the_look_is_durable_before_it_is_answered(play_once: Play) -> None:
    play_once(_durable)


async def _durable(desks: HolderHub) -> None:
    await desks.read()
    with desks.hub.database.transaction() as session:
        session.execute(text("ALTER TABLE audit_record RENAME COLUMN salt TO gone"))
    answer = await desks.send(desks.holder(), ACCESSES)
    assert answer.status_code == 503
    assert "RECORD_UNAVAILABLE" in answer.text
    assert "edges" not in answer.text


HOLDERS_MAY_NOT = {
    "{ me { ... on Problem { code } } }": "ROLE_MISSING",
    '{ issuedLicence(identifier: "x") { ... on Problem { code } } }': "SCOPE_MISSING",
    '{ case(input: {serviceItem: "x", caseNumber: "1", applicant: {codeType: "111", code: "1"}, legalBasis: "x"})'
    " { ... on Problem { code } } }": "SCOPE_MISSING",
    '{ importJob(id: "x") { ... on Problem { code } } }': "SCOPE_MISSING",
    '{ seal(esId: "99010000000001") { ... on Problem { code } } }': "ROLE_MISSING",
    '{ embargoes(authority: "x") { edges { node { embargo } } } }': "ROLE_MISSING",
    '{ node(id: "seal:99010000000001") { id } }': "ROLE_MISSING",
    "{ staff { edges { node { login } } } }": "ROLE_MISSING",
    "{ disputes { edges { node { right } } } }": "SCOPE_MISSING",
    'mutation { liftEmbargo(embargo: "x") { ... on Problem { code } } }': "ROLE_MISSING",
    "mutation { signOut { ... on Problem { code } } }": "ROLE_MISSING",
    'mutation { revokeLicence(input: {identifier: "x", revision: 1, reason: "x", legalBasis: "x", idempotencyKey: "12345678"})'
    " { ... on Problem { code } } }": "SCOPE_MISSING",
    "{ holder { ... on HolderView { licences { edges { node { history { operation } } } } } } }": "SCOPE_MISSING",
}  # fmt: skip


OWN_DISPUTE = """mutation Own($input: OwnDisputeInput!) { disputeOwnValue(input: $input) { ... on Problem { code }
    ... on Dispute { dispute state authority { code } sourceAuthority { name { zh } } } } }"""
OWN_DISPUTES = "{ holder { ... on HolderView { disputes { dispute right state reply } } } }"


def test_a_holder_disputes_what_he_was_shown(play_once: Play) -> None:
    play_once(_disputes)


async def _disputes(desks: HolderHub) -> None:
    assert (await desks.read())["name"]
    (read,) = await desks.accesses()
    given = {"record": read["record"], "path": "name", "right": "虚构市晨光糕点有限公司", "reason": "名称已变更"}
    stranger = desks.holder(HUSBAND["code"], "111")
    assert (await desks.ask(stranger, OWN_DISPUTE, input=given))["disputeOwnValue"] == {"code": "FIELD_NOT_READ"}
    assert (await desks.ask(desks.department, OWN_DISPUTE, input=given))["disputeOwnValue"][
        "code"
    ] == "HOLDER_TOKEN_INVALID"
    filed = (await desks.ask(desks.holder(), OWN_DISPUTE, input=given))["disputeOwnValue"]
    assert (filed["state"], filed["authority"], filed["sourceAuthority"]) == (
        "OPEN", None, {"name": {"zh": "虚构市市场监督管理局"}},
    )  # fmt: skip
    own = (await desks.ask(desks.holder(), OWN_DISPUTES))["holder"]["disputes"]
    assert own == [{"dispute": filed["dispute"], "right": given["right"], "state": "OPEN", "reply": None}]
    assert (await desks.ask(stranger, OWN_DISPUTES))["holder"]["disputes"] == []
    shown = [each for each in records(desks.hub, "dispute") if each["operation"] == "SHOWN"]
    assert [(each["disputes"], each["by"]) for each in shown] == [([filed["dispute"]], "holder")]


def test_each_kind_of_token_reaches_its_own_and_nothing_else(play_once: Play) -> None:
    play_once(_its_own)


async def _its_own(desks: HolderHub) -> None:
    holder = desks.holder()
    for query, code in HOLDERS_MAY_NOT.items():
        assert f'"{code}"' in (await desks.send(holder, query)).text, query
    for other in (desks.department, desks.staff["one"], desks.staff["auditor"]):
        assert (await desks.ask(other, ACCESSES))["holder"]["code"] == "HOLDER_TOKEN_INVALID"
    assert (await desks.ask(None, ACCESSES))["holder"]["code"] == "HOLDER_TOKEN_INVALID"
    assert records(desks.hub, "holder") == []
    headers = {"Authorization": f"Bearer {holder}"}
    for method, path in (
        ("POST", "/trusted-documents"),
        ("GET", "/status-lists/1?time=1"),
        ("POST", "/imports"),
        ("DELETE", "/sessions/current"),
    ):
        assert (await desks.http.request(method, path, headers=headers)).status_code in {401, 404, 405}, path
    public = await desks.ask(holder, '{ licenceType(key: "BusinessLicence") { key } }')
    assert public["licenceType"]["key"] == "BusinessLicence"


def test_bad_tokens_are_refused_and_told_nothing_of(play_once: Play) -> None:
    play_once(_bad_tokens)


async def _bad_tokens(desks: HolderHub) -> None:
    now, thief = desks.clock.now().timestamp(), Issuing()
    good = strict_json.dumps(claims(now))
    attacks = {
        signed(desks.issuing.header(alg="none"), good, desks.issuing.key): HolderTokenInvalidError.code,
        signed(desks.issuing.header(alg="HS256"), good, desks.issuing.key): HolderTokenInvalidError.code,
        signed(desks.issuing.header(jku="https://thief.example"), good, thief.key): HolderTokenInvalidError.code,
        signed(desks.issuing.header(kid="unknown"), good, thief.key): HolderTokenInvalidError.code,
        desks.holder(aud="https://another.example"): HolderTokenInvalidError.code,
        desks.holder(iat=now - 7200): HolderTokenExpiredError.code,
        desks.holder(exp=now - 31): HolderTokenExpiredError.code,
        desks.holder(nbf=now + 60): HolderTokenInvalidError.code,
        desks.holder(iss=f"{PLATFORM}/other"): "TOKEN_INVALID",
        desks.holder(extra="x" * 8192): "TOKEN_INVALID",
        signed(desks.issuing.header(), good[:-1] + b',"iss":"' + PLATFORM.encode() + b'"}', desks.issuing.key): "TOKEN_INVALID",
        desks.holder() + "x": "TOKEN_INVALID",
    }  # fmt: skip
    for token, code in attacks.items():
        answer = await desks.send(token, ACCESSES)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, code)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert (await desks.send(desks.holder(code="990102198503121230", code_type="111"), ACCESSES)).json()["errors"][0][
        "extensions"
    ]["code"] == "CODE_INVALID"


def test_without_the_platforms_keys_nobody_is_believed(play_once: Play) -> None:
    play_once(_without_keys)


async def _without_keys(desks: HolderHub) -> None:
    assert desks.hub.settings.platform
    (desks.hub.settings.platform.keys_file or Path()).unlink()
    answer = await desks.send(desks.holder(), ACCESSES)
    assert answer.status_code == 503
    assert "HOLDER_KEYS_UNAVAILABLE" in answer.text
    assert answer.headers["retry-after"] == "1"


def test_entries_under_embargo_come_later_and_auditors_see_them_now(play: Play) -> None:
    play(_embargo)


EMBARGOES = """query ($authority: String!) { embargoes(authority: $authority) { edges { node {
    embargo caseNumber holds legalBasis decisions { act } } } } }"""
KEPT_BACK = """query ($id: ID!) { done: embargo(embargo: $id) { ... on Problem { code } ... on Embargo {
    accesses { edges { node { record outcome } } } } } }"""
DECIDE = "mutation ($id: ID!) { done: %sEmbargo(embargo: $id) { ... on Problem { code } ... on Embargo { holds } } }"
PROPOSE = "mutation ($input: EmbargoProposalInput!) { done: proposeEmbargo(input: $input) { ... on Problem { code } ... on Embargo { embargo } } }"


async def _embargo(desks: HolderHub) -> None:
    until = desks.clock.now().replace(microsecond=0)
    later = f"{until.replace(month=12, day=20).isoformat()}"
    kept: dict[str, Any] = {"caseNumber": "INVESTIGATION", "embargo": {"until": later, "legalBasis": "虚构监察条例"}}
    assert (await desks.read(**kept))["name"]
    assert (await desks.read(caseNumber="PLAIN"))["name"]
    assert [each["caseNumber"] for each in await desks.accesses()] == ["PLAIN"]
    assert (await desks.read(caseNumber="PLAIN", embargo=kept["embargo"]))["code"] == "EMBARGO_LATE"
    authority = {"authority": "11990200MB00000023"}
    (found,) = [
        edge["node"] for edge in (await desks.ask(desks.staff["auditor"], EMBARGOES, **authority))["embargoes"]["edges"]
    ]
    kept_back = (await desks.ask(desks.staff["auditor"], KEPT_BACK, id=found["embargo"]))["done"]
    assert (await desks.ask(desks.staff["far"], KEPT_BACK, id=found["embargo"]))["done"]["code"] == "ROLE_MISSING"
    assert (found["caseNumber"], found["holds"], found["decisions"]) == ("INVESTIGATION", True, [{"act": "IMPOSED"}])
    assert [edge["node"]["outcome"] for edge in kept_back["accesses"]["edges"]] == ["DISCLOSED"]
    assert [each["operation"] for each in records(desks.hub, "embargo")] == ["IMPOSED", "LOOKED"]
    assert "ROLE_MISSING" in (await desks.send(desks.staff["far"], EMBARGOES, **authority)).text
    case = {**authority, "serviceItem": "11990200MB000000234000199904000", "caseNumber": "PLAIN"}
    wanted = {**case, "until": later, "legalBasis": "虚构监察条例"}
    proposed = (await desks.ask(desks.staff["one"], PROPOSE, input=wanted))["done"]
    assert (await desks.ask(desks.staff["one"], DECIDE % "confirm", id=proposed["embargo"]))["done"][
        "code"
    ] == "EMBARGO_FOUR_EYES"
    assert (await desks.ask(desks.staff["two"], DECIDE % "confirm", id=proposed["embargo"]))["done"] == {"holds": True}
    assert await desks.accesses() == []
    assert (await desks.ask(desks.staff["one"], DECIDE % "lift", id=proposed["embargo"]))["done"] == {"holds": False}
    assert [each["caseNumber"] for each in await desks.accesses()] == ["PLAIN"]
    desks.clock.advance(days=40)
    plain, released = await desks.accesses()
    assert (plain["caseNumber"], released["caseNumber"]) == ("PLAIN", "INVESTIGATION")
    assert released["embargo"]["legalBasis"] == "虚构监察条例"


def test_holders_apps_run_the_hubs_own_documents_where_only_trusted_ones_run(play_once: Play) -> None:
    play_once(_own_documents)


async def _own_documents(desks: HolderHub) -> None:
    await desks.read()
    (document,) = (each for each in open_documents().values() if "query HolderAccesses" in each.text)
    body = {"documentId": f"sha256:{document.hash}", "operationName": "HolderAccesses", "variables": {}}
    answer = await desks.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {desks.holder()}"})
    assert len(answer.json()["data"]["holder"]["accesses"]["edges"]) == 1
    body["operationName"] = "HolderLicences"
    answer = await desks.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {desks.holder()}"})
    (mine,) = answer.json()["data"]["holder"]["licences"]["edges"]
    assert mine["node"]["number"] == COMPANY.number
    body |= {"operationName": "HolderCode", "variables": {"id": mine["node"]["id"]}}
    answer = await desks.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {desks.holder()}"})
    code = answer.json()["data"]["node"]["qr"]
    assert code["svg"].startswith("<svg")
    told = (
        await desks.ask(
            None,
            "query Anybody($code: String!) { verifyCode(code: $code) { word licence { holder identifier } } }",
            code=code["text"],
        )
    )["verifyCode"]
    assert told == {"word": "VALID", "licence": {"holder": HOLDER["name"], "identifier": desks.identifier}}
    assert [each["client"] for each in records(desks.hub, "seal") if each["operation"] == "USE"] == [None]


HIDING = {
    "DELETE FROM audit_subject WHERE record = :record": ("ROW_REMOVED", "audit_subject"),
    "UPDATE audit_subject SET scope = 'elsewhere' WHERE record = :record": ("ROW_CHANGED", "audit_subject"),
    "UPDATE audit_subject SET handle = 'nobody' WHERE record = :record": ("ROW_REMOVED", "audit_subject"),
    "UPDATE embargo_decision SET until = until + 1": ("ROW_CHANGED", "embargo_decision"),
    "DELETE FROM embargo_decision": ("ROW_REMOVED", "embargo_decision"),
    "INSERT INTO embargo_decision SELECT case_id, 2, authority, act, until, legal_basis, 'nobody', 1, record FROM embargo_decision": (
        "ROW_INSERTED", "embargo_decision",
    ),
}  # fmt: skip


def test_whoever_hides_a_read_in_the_database_is_found(play: Play) -> None:
    play(_hiding)


async def _hiding(desks: HolderHub) -> None:
    later = desks.clock.now().replace(month=12, day=20, microsecond=0).isoformat()
    await desks.read(caseNumber="INVESTIGATION", embargo={"until": later, "legalBasis": "虚构监察条例"})
    await desks.read()
    (read,) = await desks.accesses()
    desks.hub.log.integrate()
    assert desks.hub.log.verify({}).findings == []
    for statement, expected in HIDING.items():
        kept = {name: _rows(desks.hub, name) for name in ("audit_subject", "embargo_decision")}
        _change(desks.hub, statement, record=read["record"])
        found = desks.hub.log.verify({}).findings
        assert expected in {(each.kind, each.table) for each in found}, statement
        for name, rows in kept.items():
            _change(desks.hub, f"DELETE FROM {name}")
            for row in rows:
                columns = ", ".join(f'"{column}"' for column in row)
                _change(
                    desks.hub,
                    f"INSERT INTO {name} ({columns}) VALUES ({', '.join(f':{column}' for column in row)})",
                    **row,
                )
    assert desks.hub.log.verify({}).findings == []
    with desks.hub.database.transaction() as session:
        desks.hub.audit.erase(session, read["record"], "虚构条例")
    assert desks.hub.log.verify({}).findings == []
    assert await desks.accesses() == []


def _rows(hub: Hub, table: str) -> list[dict[str, Any]]:
    with hub.database.snapshot() as session:
        return [dict(row) for row in session.execute(text(f"SELECT * FROM {table}")).mappings()]


def _change(hub: Hub, statement: str, **values: Any) -> None:
    """Change the tables behind the hub's back."""
    with hub.database.transaction() as session:
        session.execute(text(statement), values)


def test_a_hub_without_a_platform_knows_no_holder(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player(sqlite_url, tmp_path, monkeypatch, platform=None)(_no_platform)


async def _no_platform(desks: HolderHub) -> None:
    answer = await desks.send(desks.holder(), ACCESSES)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_INVALID")
