"""Which face fields a document asks for: only these are disclosed and recorded."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from hub.audit.service import Pending
from hub.errors import NotFoundError
from schema.execution import run
from schema.generation import Generation

INPUT = '{serviceItem: "a", caseNumber: "b", applicant: {codeType: "111", code: "c"}, legalBasis: "d"}'


class Recorder:
    """A case that notes what is wanted of it and finds nothing."""

    id, item, number = "1", "item", "number"
    granted_types = ("HouseholdRegister", "BusinessLicence")

    def __init__(self) -> None:
        self.wanted: Any = None

    async def licence(self, _key: object, wanted: frozenset[str], _pending: object) -> Any:
        self.wanted = wanted
        raise NotFoundError

    async def licences(self, *given: Any) -> Any:
        *_, by_type, _pending = given
        self.wanted = {key: by_type[key] for key in self.granted_types}
        raise NotFoundError


def wanted_of(generation: Generation, field: str, rest: str = "", **variables: Any) -> Any:
    """Run a document and return what the case was asked for."""
    opened = Recorder()

    async def open_case(*_: object) -> Recorder:
        return opened

    sharing = SimpleNamespace(open_case=open_case, case_id=lambda _: "id")
    context: Any = SimpleNamespace(sharing=sharing, required_caller=lambda: None, pending=Pending())
    defaults = {"$yes": "true", "$no": "false"}
    declared = [f"{name}: Boolean = {value}" for name, value in defaults.items() if name in field + rest]
    head = f"query Q({', '.join(declared)})" if declared else ""
    text = f"{head} {{ case(input: {INPUT}) {{ ... on Case {{ {field} }} }} }} {rest}"
    answer = asyncio.run(run(generation, generation.documents.prepared(text), None, variables, context))
    assert all(error["extensions"]["code"] == "NOT_FOUND" for error in answer.errors), answer.errors
    return opened.wanted


TABLE = [
    ("nothing but the type's name", "__typename", set()),
    ("facts in the clear", "... on HouseholdRegister { identifier version status validFrom authority { code } }", set()),
    ("withheld and proof select no data", "... on HouseholdRegister { withheld { path } proof { sdJwt } }", set()),
    ("a base field", "... on HouseholdRegister { number }", {"number"}),
    ("an inner base field", "... on HouseholdRegister { holders { code } }", {"holders.code"}),
    ("an object's __typename selects nothing", "... on HouseholdRegister { holders { __typename } }", set()),
    ("a face field", "... on HouseholdRegister { address }", {"address"}),
    ("inner fields", "... on HouseholdRegister { members { religion name } }", {"members.religion", "members.name"}),
    ("aliases", "... on HouseholdRegister { a: address b: address n: number }", {"address", "number"}),
    ("fields named twice are joined", "... on HouseholdRegister { members { name } members { sex } }",
     {"members.name", "members.sex"}),
    ("through the interface", "... on Licence { number issuedOn }", {"number", "issuedOn"}),
    ("through the node interface", "... on Node { ... on Licence { number } }", {"number"}),
    ("through the union", "... on LicenceResult { ... on HouseholdRegister { address } }", {"address"}),
    ("another type's fragment counts for nothing", "... on BusinessLicence { number address }", set()),
    ("a fragment of both", "... on BusinessLicence { address } ... on HouseholdRegister { number }", {"number"}),
    ("@skip", "... on HouseholdRegister { number @skip(if: true) address @skip(if: false) }", {"address"}),
    ("@include", "... on HouseholdRegister { number @include(if: false) address @include(if: true) }", {"address"}),
    ("@skip wins", "... on HouseholdRegister { number @include(if: true) @skip(if: true) }", set()),
    ("variables", "... on HouseholdRegister { number @include(if: $no) address @include(if: $yes) }", {"address"}),
    ("a skipped fragment", "... on HouseholdRegister @skip(if: $yes) { number }", set()),
]  # fmt: skip


@pytest.mark.parametrize(("selection", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_a_document_wants(shipped: Generation, selection: str, expected: set[str]) -> None:
    field = f'licence(type: "HouseholdRegister", number: "1") {{ {selection} }}'
    assert wanted_of(shipped, field) == expected


def test_an_atomic_whole_is_one_path_whatever_is_selected_of_it(shipped: Generation) -> None:
    field = 'licence(type: "ConstructionPermit") { ... on ConstructionPermit { contractPeriod { __typename } } }'
    assert wanted_of(shipped, field) == {"contractPeriod"}


def test_named_fragments_may_nest_and_be_used_twice(shipped: Generation) -> None:
    field = 'licence(type: "HouseholdRegister") { ...Face ...Face }'
    rest = "fragment Face on HouseholdRegister { ...Base address } fragment Base on Licence { number ...on Licence { issuedOn } }"
    assert wanted_of(shipped, field, rest) == {"number", "issuedOn", "address"}


def test_a_variable_that_is_given_decides(shipped: Generation) -> None:
    field = (
        'licence(type: "HouseholdRegister") { ... on Licence { number @include(if: $yes) issuedOn @skip(if: $no) } }'
    )
    assert wanted_of(shipped, field, yes=False, no=True) == set()


def test_one_plan_after_the_other_wants_what_its_own_skip_and_include_say(shipped: Generation) -> None:
    field = (
        'licence(type: "HouseholdRegister") { ... on Licence { number @include(if: $yes) issuedOn @skip(if: $no) } }'
    )
    asked = [(True, True), (False, False), (True, False), (True, True), (False, True), (False, False)]
    wanted = [wanted_of(shipped, field, yes=yes, no=no) for yes, no in asked]
    assert wanted == [{*["number"] * yes, *["issuedOn"] * (not no)} for yes, no in asked]


def test_a_list_wants_by_type_below_its_edges(shipped: Generation) -> None:
    face = "number ... on HouseholdRegister { address } ... on BusinessLicence { businessScope }"
    wanted = wanted_of(shipped, f"licences {{ pageInfo {{ endCursor }} edges {{ cursor node {{ {face} }} }} }}")
    assert wanted == {
        "HouseholdRegister": {"number", "address"},
        "BusinessLicence": {"number", "businessScope"},
    }


def test_a_list_without_licences_wants_nothing(shipped: Generation) -> None:
    assert wanted_of(shipped, "licences { pageInfo { hasNextPage } }") == {
        "HouseholdRegister": frozenset(),
        "BusinessLicence": frozenset(),
    }


@pytest.mark.parametrize("key", ["NoSuchLicence", "Problem", "Case", "Date", "HouseholdRegisterMembers"])
def test_a_type_that_is_no_licence_wants_nothing(shipped: Generation, key: str) -> None:
    assert wanted_of(shipped, f'licence(type: "{key}") {{ ... on Licence {{ number }} }}') == frozenset()
