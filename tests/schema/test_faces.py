"""Licence types as GraphQL types: kinds, versions, and what a catalogue entry may not do to the schema."""

from typing import Any

import pytest
from graphql import GraphQLObjectType

from hub.errors import LicenceTypeError
from schema.build import build
from schema.generation import Generation
from tests.schema.states import LONG, TEXT, licence_type


def made(generation: Generation, name: str = "InventedLicence") -> GraphQLObjectType:
    found = generation.schema.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (LONG, "String"),
        ({**TEXT, "type": "string", "enum": ["甲", "乙"]}, "String"),
        ({**TEXT, "type": "integer", "minimum": 0, "maximum": 9}, "Int"),
        ({**TEXT, "type": "boolean"}, "Boolean"),
        ({**TEXT, "type": "string", "format": "date"}, "Date"),
        ({**TEXT, "type": "string", "format": "date-time"}, "DateTime"),
        (
            {**TEXT, "type": "string", "format": "decimal", "pattern": "^(0|[1-9][0-9]{0,15})([.][0-9]{1,6})?$"},
            "Decimal",
        ),
        ({**TEXT, "type": "string", "format": "citizen-number"}, "String"),
        (
            {**TEXT, "type": "string", "contentEncoding": "base64", "contentMediaType": "image/png", "maxLength": 99},
            "Image",
        ),
        ({**TEXT, "type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 9}}, "[String!]"),
        ({**TEXT, "type": "array", "maxItems": 3, "items": {"type": "integer", "minimum": 0, "maximum": 9}}, "[Int!]"),
    ],
)
def test_each_kind_of_field_has_its_type_and_is_nullable(field: dict[str, Any], expected: str) -> None:
    one = licence_type(value=field)
    assert str(made(build({one.key: (one,)})).fields["value"].type) == expected


def test_objects_and_lists_of_objects_get_types_of_their_own() -> None:
    texts = {key: TEXT[key] for key in ("title", "x-title-en", "description")}
    inside = {"type": "object", "properties": {"name": LONG}, "additionalProperties": False}
    one = licence_type(owner={**texts, **inside}, rows={**texts, "type": "array", "maxItems": 3, "items": inside})
    generation = build({one.key: (one,)})
    assert str(made(generation).fields["owner"].type) == "InventedLicenceOwner"
    assert str(made(generation).fields["rows"].type) == "[InventedLicenceRows!]"
    assert str(made(generation, "InventedLicenceRows").fields["name"].type) == "String"


def test_a_type_unites_the_fields_of_its_versions_and_the_newest_describes_them() -> None:
    first = licence_type(old=LONG, kept={**LONG, "title": "旧名"})
    second = licence_type(version=2, new=LONG, kept={**LONG, "title": "新名"})
    fields = made(build({first.key: (first, second)})).fields
    assert {"old", "kept", "new"} <= fields.keys()
    assert "新名" in (fields["kept"].description or "")


def test_a_field_that_the_newest_version_lacks_says_which_was_the_last_with_it() -> None:
    texts = {key: TEXT[key] for key in ("title", "x-title-en", "description")}
    inside = {**texts, "type": "object", "additionalProperties": False}
    versions = (
        licence_type(kept=LONG, gone=LONG, owner={**inside, "properties": {"name": LONG, "nick": LONG}}),
        licence_type(version=2, kept=LONG, gone=LONG, owner={**inside, "properties": {"name": LONG}}),
        licence_type(version=3, kept=LONG, new=LONG, owner={**inside, "properties": {"name": LONG}}),
    )
    generation = build({"InventedLicence": versions})
    reasons = {
        f"{owner}.{name}": field.deprecation_reason
        for owner in ("InventedLicence", "InventedLicenceOwner")
        for name, field in made(generation, owner).fields.items()
        if field.deprecation_reason
    }
    assert reasons.keys() == {"InventedLicence.gone", "InventedLicenceOwner.nick"}
    assert "Version 2 is the last" in (reasons["InventedLicence.gone"] or "")
    assert "Version 1 is the last" in (reasons["InventedLicenceOwner.nick"] or "")


def test_a_field_that_changes_its_kind_between_versions_is_refused() -> None:
    first, second = licence_type(value=LONG), licence_type(version=2, value={**TEXT, "type": "boolean"})
    with pytest.raises(LicenceTypeError, match="value changes its kind"):
        build({first.key: (first, second)})


@pytest.mark.parametrize("key", ["Problem", "Query", "CaseInput", "LicenceStatus", "Date", "Licence", "String"])
def test_a_licence_type_never_replaces_a_type_of_the_schema(key: str) -> None:
    with pytest.raises(LicenceTypeError, match=key):
        build({key: (licence_type(key),)})


def test_two_licence_types_never_share_the_name_of_an_inner_type() -> None:
    texts = {key: TEXT[key] for key in ("title", "x-title-en", "description")}
    inside = {**texts, "type": "object", "properties": {"name": LONG}, "additionalProperties": False}
    one, other = licence_type("Invented", licenceOwner=inside), licence_type("InventedLicence", owner=inside)
    with pytest.raises(LicenceTypeError, match="InventedLicenceOwner"):
        build({one.key: (one,), other.key: (other,)})


@pytest.mark.parametrize("name", ["statusAt", "revision"])
def test_a_face_field_never_replaces_a_field_that_every_licence_has(name: str) -> None:
    given: dict[str, Any] = {name: LONG}
    with pytest.raises(LicenceTypeError, match=name):  # by the catalogue, or else by the schema
        build({"InventedLicence": (licence_type(**given),)})
