"""What changed between two documents: told by place, names and whole members, and not by positions."""

import copy
from typing import Any

import pytest

from hub.catalogue.differences import Difference, differences
from hub.catalogue.items.item_document import shipped_item_documents
from hub.catalogue.licence_type import shipped_documents

TYPE: dict[str, Any] = {
    "version": 1,
    "name": {"zh": "证", "en": "Licence"},
    "schema": {"properties": {"a": {"title": "甲", "maxLength": 9}, "b": {"title": "乙"}}},
}
ITEM: dict[str, Any] = {
    "version": 1,
    "materials": [{"key": "one", "note": "x"}, {"key": "two"}],
    "applicants": ["PERSON"],
}


def changed(document: dict[str, Any]) -> dict[str, Any]:
    return {**copy.deepcopy(document), "version": 2}


@pytest.mark.parametrize("document", [*shipped_documents(), *shipped_item_documents()], ids=lambda each: each["key"])
def test_a_next_version_that_is_the_same_has_no_differences(document: dict[str, Any]) -> None:
    assert differences(document, {**document, "version": document["version"] + 1}) == ()


def test_a_field_that_comes_or_goes_is_one_difference() -> None:
    newer = changed(TYPE)
    newer["schema"]["properties"] = {"c": {"title": "丙"}, "a": {"title": "甲", "maxLength": 20}}
    assert differences(TYPE, newer) == (
        Difference("/schema/properties/c", None, {"title": "丙"}),
        Difference("/schema/properties/a/maxLength", 9, 20),
        Difference("/schema/properties/b", {"title": "乙"}, None),
    )


def test_another_order_of_fields_is_told() -> None:
    newer = changed(TYPE)
    newer["schema"]["properties"] = dict(reversed(newer["schema"]["properties"].items()))
    assert differences(TYPE, newer) == (Difference("/schema/properties", ["a", "b"], ["b", "a"]),)


def test_a_material_put_in_the_middle_changes_no_other() -> None:
    newer = changed(ITEM)
    newer["materials"].insert(1, {"key": "three"})
    newer["materials"][0]["note"] = "y"
    assert differences(ITEM, newer) == (
        Difference("/materials/one/note", "x", "y"),
        Difference("/materials/three", None, {"key": "three"}),
    )


def test_plain_lists_are_compared_as_a_whole() -> None:
    newer = changed(ITEM) | {"applicants": ["PERSON", "ORGANISATION"]}
    assert differences(ITEM, newer) == (Difference("/applicants", ["PERSON"], ["PERSON", "ORGANISATION"]),)
