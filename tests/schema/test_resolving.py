"""Arguments reach resolvers as their classes, and an expected refusal is data only where the type offers it."""

from typing import Any

import pytest
import strawberry
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, is_leaf_type, is_object_type
from graphql.utilities import coerce_input_value

from hub.catalogue.licence_type import load_shipped
from schema.build import build, fixed
from schema.cases import CaseInput, PersonInput
from schema.resolving import Asking, Reading, resolve_plainly

SCHEMA = fixed()
PERSON = {"codeType": "001", "code": "91990104MA9Y00004Q"}
CASE = {"serviceItem": "1", "caseNumber": "C-1", "applicant": PERSON, "legalBasis": "Basis"}


def _read(name: str, value: object) -> Any:
    return coerce_input_value(value, SCHEMA.type_map[name])  # type: ignore[arg-type]


def test_an_input_becomes_its_class_with_its_python_names() -> None:
    read = _read("CaseInput", CASE)
    assert isinstance(read, CaseInput)
    assert read.applicant == PersonInput(code_type="001", code="91990104MA9Y00004Q")


def test_what_is_left_out_has_the_default_of_the_class() -> None:
    assert _read("CaseInput", CASE).parties is None
    assert _read("LicenceKey", {"type": "BusinessLicence"}).number is None


def test_an_input_made_by_all_its_fields_is_as_its_constructor_makes_it() -> None:
    made, person = _read("CaseInput", CASE), PersonInput(code_type="001", code="91990104MA9Y00004Q")
    assert made == CaseInput(service_item="1", case_number="C-1", applicant=person, legal_basis="Basis")


def test_an_input_has_no_default_that_is_made_anew() -> None:
    @strawberry.input
    class Wish:
        names: list[str] = strawberry.field(default_factory=list)

    @strawberry.type
    class Query:
        @strawberry.field
        def echo(self, wish: Wish) -> str:
            return str(wish)

    with pytest.raises(TypeError, match="Wish"):
        resolve_plainly(strawberry.Schema(Query)._schema)


@pytest.mark.parametrize("parties", [[], [{**PERSON, "role": "spouse"}], None])
def test_lists_of_inputs_become_lists_of_their_class(parties: list[Any] | None) -> None:
    read = _read("CaseInput", {**CASE, "parties": parties}).parties
    assert read is None if parties is None else [each.role for each in read] == [each["role"] for each in parties]


def test_every_input_and_argument_has_its_python_name() -> None:
    inputs = [each for each in SCHEMA.type_map.values() if isinstance(each, GraphQLInputObjectType)]
    named = [each for one in inputs for each in one.fields.values()]
    objects = [each for each in SCHEMA.type_map.values() if isinstance(each, GraphQLObjectType | GraphQLInterfaceType)]
    own = [each for each in objects if not each.name.startswith("__")]
    named += [given for one in own for field in one.fields.values() for given in field.args.values()]
    assert named
    assert all(each.out_name for each in named)


def test_no_resolver_of_the_fixed_schema_is_strawberrys() -> None:
    objects = [each for each in SCHEMA.type_map.values() if isinstance(each, GraphQLObjectType | GraphQLInterfaceType)]
    fields = [field for one in objects if not one.name.startswith("__") for field in one.fields.values()]
    assert {field.resolve.__module__ for field in fields if field.resolve} == {"schema.resolving"}
    assert all(is_leaf_type(SCHEMA.type_map[name]) for name in ("Date", "DateTime"))


def test_a_plan_can_be_made_of_every_field() -> None:
    schema = build({each.key: (each,) for each in load_shipped()}).schema
    objects = [each for name, each in schema.type_map.items() if is_object_type(each) and not name.startswith("__")]
    assert len(objects) > len(load_shipped())
    assert all(isinstance(field.resolve, Reading | Asking) for one in objects for field in one.fields.values())
