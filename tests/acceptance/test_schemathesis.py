"""Schemathesis asks a serving hub whatever its live schema allows: it refuses or answers, and never fails.

Half of the values are such as it makes up, half are known to the hub, so that cases are opened, licences read, issued and ended.
"""

import base64
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from graphql import ArgumentNode, ObjectFieldNode, ValueNode, parse, parse_value, print_ast, visit
from graphql.language import Visitor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.graphql import nodes

from hub.demo.department import Department
from tests.acceptance.serving_hub import ServingHub, serving_hub
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM
from tests.licences.drafts import company_draft

EXAMPLES, MANY_EXAMPLES = 6, 100
KNOWN: dict[str, list[Any]] = {
    "serviceItem": [ITEM],
    "caseNumber": ["CASE-1", "CASE-2"],
    "codeType": ["001", "111"],
    "code": [COMPANY.holders[0]["code"]],
    "legalBasis": ["虚构条例"],
    "role": ["legalRepresentative"],
    "type": ["BusinessLicence"],
    "types": [["BusinessLicence"], []],
    "key": ["BusinessLicence"],
    "number": [COMPANY.number],
    "first": [1, 20, 100],
    "revision": [1, 2],
    "asOf": ["2026-11-01T00:00:00Z"],
    "idempotencyKey": ["a-key-of-schemathesis-1", "a-key-of-schemathesis-2"],
}
SINCE, UNTIL = date(2020, 1, 1), date(2040, 1, 1)
DAYS = st.sampled_from(["2026-01-05", "2026-02-29", ""]) | st.dates(SINCE, UNTIL).map(str) | st.dates().map(str)
MOMENTS = st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00", ""]) | st.datetimes().map(
    "{:%Y-%m-%dT%H:%M:%S.%fZ}".format
)
CALLERS = {"Query": ["reader", "reader", "officer", "nobody"], "Mutation": ["officer", "officer", "reader", "nobody"]}


@dataclass(frozen=True, slots=True)
class Target:
    """A serving hub, its callers by name, the values it knows, and its log."""

    hub: ServingHub
    tokens: dict[str, dict[str, str]]
    known: dict[str, list[Any]]
    log: Path


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Give a hub with a grant, a reading and an issuing client."""
    folder = tmp_path_factory.mktemp("schemathesis")
    huge: Any = {"HUB_LIMIT_BUDGET": "1000000000", "HUB_LIMIT_PEER_BUDGET": "1000000000", "HUB_TOKEN_SECONDS": "3600"}
    with serving_hub(folder, **huge) as hub, ExitStack() as stack:
        hub.grant()
        reader = _signed_in(hub, folder / "reader", stack)
        officer = _signed_in(
            replace(hub, authority=ISSUER), folder / "officer", stack, "licence:issue", "licence:status", "licence:read"
        )
        tokens = {
            name: {"Authorization": f"Bearer {one.token}"} for name, one in (("reader", reader), ("officer", officer))
        }
        yield Target(hub, {**tokens, "nobody": {}}, _known(reader), folder / "log")


def _signed_in(hub: ServingHub, folder: Path, stack: ExitStack, *scopes: str) -> Department:
    folder.mkdir()
    department = hub.department(folder, *scopes)
    stack.callback(department.close)
    return department


def _known(reader: Department) -> dict[str, list[Any]]:
    """Return what the hub knows: the company's licence, its ids, and a draft that can be issued."""
    holder = COMPANY.holders[0]
    case = {
        "serviceItem": ITEM, "caseNumber": "CASE-1", "legalBasis": "虚构条例",
        "applicant": {"codeType": holder["codeType"], "code": holder["code"]},
    }  # fmt: skip
    query = """query Read($case: CaseInput!) { case(input: $case) { ... on Case { id
        licence(type: "BusinessLicence") { ... on BusinessLicence { id identifier name proof { sdJwt } } } } } }"""
    found = reader.ask(query, {"case": case})["case"]
    licence, made = found["licence"], company_draft(7)
    assert licence["name"]
    draft = {
        "type": made.type_key, "number": made.number, "issuedOn": f"{made.issued_on}", "validFrom": f"{made.valid_from}",
        "holders": [{"codeType": one.code_type, "code": one.code, "name": one.name} for one in made.holders],
        "data": made.data, "legalBasis": made.legal_basis, "reason": made.reason,
    }  # fmt: skip
    ids = [found["id"], licence["id"]]
    return {
        **KNOWN, "identifier": [licence["identifier"]], "id": ids, "ids": [ids], "draft": [draft],
        "presentation": [licence["proof"]["sdJwt"]],
    }  # fmt: skip


def literal(value: Any) -> str:
    """Return a value as GraphQL writes it."""
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}: {literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + " ".join(literal(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


class Knowing(Visitor):
    """Puts values that the hub knows in the place of made-up ones, here and there."""

    def __init__(self, known: dict[str, list[Any]], dice: random.Random) -> None:
        """Throw `dice` for each value."""
        super().__init__()
        self._known = known
        self._dice = dice

    def leave_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode:
        return ArgumentNode(name=node.name, value=self._value(node.name.value, node.value))

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode:
        return ObjectFieldNode(name=node.name, value=self._value(node.name.value, node.value))

    def _value(self, name: str, value: ValueNode) -> ValueNode:
        known = parse_value(literal(self._dice.choice(self._known.get(name, [None]))))
        return known if known.kind == value.kind and self._dice.random() < 0.8 else value


def _schema(hub: ServingHub) -> Any:
    # A day or a moment is text, bytes are base64, a digest is hexadecimal; face data is any JSON object.
    schemathesis.graphql.scalar("Date", DAYS.map(nodes.String))
    schemathesis.graphql.scalar("DateTime", MOMENTS.map(nodes.String))
    data = st.binary(max_size=64)
    schemathesis.graphql.scalar("Base64", data.map(lambda value: nodes.String(base64.b64encode(value).decode())))
    schemathesis.graphql.scalar(
        "Digest", st.binary(min_size=32, max_size=32).map(lambda value: nodes.String(value.hex()))
    )
    face = st.dictionaries(st.sampled_from(["name", "address", "x"]), st.none() | st.booleans() | st.text(), max_size=3)
    schemathesis.graphql.scalar("FaceData", face.map(lambda value: parse_value(literal(value))))
    return schemathesis.graphql.from_url(f"{hub.url}/graphql", config=SchemathesisConfig())


def _ask(target: Target, operation: Any, examples: int) -> None:
    callers = CALLERS[operation.label.partition(".")[0]]

    @given(case=operation.as_strategy(), caller=st.sampled_from(callers), dice=st.randoms())
    @settings(max_examples=examples, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def asked(case: Any, caller: str, dice: random.Random) -> None:
        case.body = print_ast(visit(parse(case.body), Knowing(target.known, dice)))
        _check(case.call(headers=target.tokens[caller]), case.body)

    asked()


def _check(answer: Any, asked: str) -> None:
    assert answer.status_code in {200, 400}, (answer.status_code, answer.text, asked)
    told = answer.json()
    assert "Traceback" not in answer.text
    codes = [error["extensions"]["code"] for error in told.get("errors", ())]
    assert "INTERNAL" not in codes, asked
    assert "DOCUMENT_INVALID" not in codes or answer.status_code in {200, 400}


def _play(target: Target, root: str, examples: int) -> None:
    for operation in (each.ok() for each in _schema(target.hub).get_all_operations()):
        if operation.label.startswith(root):
            _ask(target, operation, examples)
    assert httpx.get(f"{target.hub.url}/ready", timeout=60, trust_env=False).status_code == 200
    assert _records(target, root) > 0
    log = target.log.read_text("utf-8")
    assert "Traceback" not in log
    assert "unexpected" not in log


def _records(target: Target, root: str) -> int:
    """Return how many licences were read by queries, or made and changed."""
    query = {"Query": "kind = 'access' AND CAST(body AS TEXT) LIKE '%\"DISCLOSED\"%'", "Mutation": "kind = 'licence'"}[
        root
    ]
    with sqlite3.connect(target.log.parent / "data" / "hub.db") as database:
        (count,) = database.execute(f"SELECT count(*) FROM audit_record WHERE {query}").fetchone()
    database.close()
    return int(count) - 1  # one was read, and one issued, before


@pytest.mark.parametrize("root", ["Query", pytest.param("Mutation", marks=pytest.mark.soak)])
def test_whatever_the_schema_allows_is_answered_or_refused(target: Target, root: str) -> None:
    _play(target, root, EXAMPLES)


@pytest.mark.soak
@pytest.mark.parametrize("root", ["Query", pytest.param("Mutation", marks=pytest.mark.soak)])
def test_the_same_for_long(target: Target, root: str) -> None:
    _play(target, root, MANY_EXAMPLES)
