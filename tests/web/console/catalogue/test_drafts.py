"""Documents in the editors: what controls show and take again is the same, fields and materials move, and no shape of a document is an error."""

import copy
from typing import Any

import pytest

from hub.catalogue.examining import examined_item, examined_type, read_document
from hub.catalogue.face_kinds import FORMATS, Kind
from hub.catalogue.faults import Fault
from hub.catalogue.generation import EMPTY
from hub.catalogue.items.item_document import shipped_item_documents
from hub.catalogue.licence_type import LicenceType, judge, parse, shipped_documents
from hub.errors import InputInvalidError
from hub.web.console.catalogue import item_draft, type_draft
from hub.web.console.catalogue.controls import shown
from hub.web.console.catalogue.places import MISSING, at, put
from hub.web.console.catalogue.shapes import SHAPES, shape_of
from hub.web.console.catalogue.type_steps import Draft, stepped, taken
from hub.web.console.catalogue.type_views import VIEWS, Found
from tests.catalogue.test_types import REFUSED, sound

TYPES = {document["key"]: document for document in shipped_documents()}
ITEMS = {document["key"]: document for document in shipped_item_documents()}
MISSHAPEN: tuple[Any, ...] = (
    {}, {"schema": 5}, {"schema": {"properties": ["a"]}}, {"schema": {"properties": {"a": 1, "b": {"type": []}, "c": {"type": "array"}}}},
    {"name": "x", "holderKinds": 3, "labels": [1], "validity": "long", "source": None, "schema": {"required": 1, "properties": {}}},
    {"schema": {"properties": {"a/b~c": {"type": "array", "items": {"type": "object", "properties": {"d": None}}}}}},
    {"version": {}, "key": ["k"], "schema": {"type": "object", "properties": {"": {"type": "string", "enum": 5, "x-pinyin": "p"}}}},
)  # fmt: skip


@pytest.mark.parametrize("key", TYPES)
def test_what_is_shown_of_a_type_and_sent_again_changes_nothing(key: str) -> None:
    document = copy.deepcopy(dict(TYPES[key]))
    type_draft.take_general(document, type_draft.typed_of(document))
    type_draft.take_labels(document, shown(type_draft.EVERY_LABEL, document))
    for row in type_draft.rows(document):
        assert row.shape, row.path
        assert type_draft.take_field(document, row.place, type_draft.typed_field(document, row.place)) == row.place
    assert document == TYPES[key]
    assert list(document["schema"]["properties"]) == list(TYPES[key]["schema"]["properties"])


@pytest.mark.parametrize("key", ITEMS)
def test_what_is_shown_of_an_item_and_sent_again_changes_nothing(key: str) -> None:
    document = copy.deepcopy(dict(ITEMS[key]))
    item_draft.take_general(document, item_draft.typed_of(document))
    for order, material in enumerate(item_draft.materials(document)):
        item_draft.take_material(document, f"/materials/{order}", item_draft.typed_material(material))
    assert document == ITEMS[key]


def test_every_kind_and_format_of_the_registry_has_a_shape() -> None:
    assert {shape.kind for shape in SHAPES.values()} == set(Kind)
    assert all(shape_of({"type": "string", "format": name}) for name in FORMATS)


@pytest.mark.parametrize("name", SHAPES)
def test_a_field_of_each_shape_can_be_made_by_its_controls_alone(name: str) -> None:
    shape, document = SHAPES[name], copy.deepcopy(sound())
    place = type_draft.add(document, type_draft.ROOT, shape)
    typed = {
        "name": "made", "title_zh": "甲", "title_en": "A", "description": "A.", "sensitivity": "PUBLIC", "longest": "99", "least": "0",
        "most": "9", "sign": "^(0|[1-9][0-9]{0,15})([.][0-9]{1,6})?$", "media_type": "image/png", "most_items": "3", "choices": "",
    }  # fmt: skip
    place = type_draft.take_field(document, place, typed)
    if shape.holds:
        inner = type_draft.add(document, type_draft.holder_of(place, shape), SHAPES["DATE"])
        type_draft.take_field(document, inner, {**typed, "name": "inner"})
    made = parse(document).by_path["made"]
    assert (made.kind, shape_of(at(document, place))) == (shape.kind, shape)


def test_fields_move_are_renamed_and_removed_with_what_is_required() -> None:
    document = sound()
    type_draft.move(document, "/schema/properties/strings", -1)
    type_draft.move(document, "/schema/properties/strings", -1)
    assert list(document["schema"]["properties"]) == ["strings", "tail", "flyers"]
    place = type_draft.take_field(
        document, "/schema/properties/tail", {"name": "end", "title_zh": "尾", "required": "yes"}
    )
    assert (place, document["schema"]["required"]) == ("/schema/properties/end", ["end"])
    assert list(document["schema"]["properties"]) == ["strings", "end", "flyers"]
    type_draft.remove(document, place)
    assert (list(document["schema"]["properties"]), document["schema"]["required"]) == (["strings", "flyers"], [])


def test_a_group_that_becomes_a_list_of_groups_keeps_its_fields() -> None:
    document = sound()
    type_draft.reshape(document, "/schema/properties/tail", SHAPES["LIST_OBJECT"])
    tail = document["schema"]["properties"]["tail"]
    assert (list(tail["items"]["properties"]), tail["items"]["required"]) == (["colour", "length"], ["colour"])
    type_draft.reshape(document, "/schema/properties/tail", SHAPES["TEXT"])
    assert document["schema"]["properties"]["tail"].keys() == {"title", "x-title-en", "description", "type"}


def test_a_name_that_is_taken_renames_nothing_and_is_told_at_its_control() -> None:
    typed = {
        **type_draft.typed_field(sound(), "/schema/properties/tail"),
        "name": "strings",
        "view": "field",
        "step": "save",
    }
    typed["place"] = "/schema/properties/tail"
    now = stepped(taken(sound(), typed), typed)
    assert (now.view, now.place) == ("field", "/schema/properties/tail")
    assert next(each.field for each in VIEWS["field"].problems(now, Found((), None, 1, ()), "en")) == "name"


@pytest.mark.parametrize("case", [name for name in REFUSED if REFUSED[name][1] is None])
def test_each_fault_is_told_at_a_place_that_the_page_has(case: str) -> None:
    document = sound()
    REFUSED[case][0](document)  # type: ignore[misc]
    faults = judge(document)
    assert not isinstance(faults, LicenceType)
    found = Found(faults, None, 1, ())
    places = {row.place for row in type_draft.rows(document)}
    for fault in faults:
        _expect_told(Draft(document, "whole"), fault, found)
        above = max((place for place in places if f"{fault.pointer}/".startswith(f"{place}/")), key=len, default=None)
        if above and shape_of(at(document, above)):
            problems = list(VIEWS["field"].problems(Draft(document, "field", above), found, "zh"))
            assert problems, fault
            assert all(each.field for each in problems), fault


def _expect_told(now: Draft, fault: Fault, found: Found) -> None:
    """Expect a fault at a row or a control of the whole, unless it is the document's as a whole or of what has no control."""
    told = [each for each in VIEWS["whole"].problems(now, found, "zh") if each.values["text"] == fault.reason.zh]
    uncontrolled = (
        "/",
        "/version",
        "/schema",
        "/schema/type",
        "/schema/allOf",
        "/schema/minProperties",
        "/schema/required",
    )
    assert told, fault
    assert told[0].field or fault.pointer in uncontrolled or fault.pointer.startswith("/schema/additional"), fault


@pytest.mark.parametrize("document", MISSHAPEN)
@pytest.mark.parametrize(
    "step",
    ["check", "labels", "add", "json", "field /schema/properties/a", "up /schema/properties/c", "remove /schema/x"],
)
def test_no_shape_of_a_document_is_an_error_of_the_hub(document: Any, step: str) -> None:
    given = copy.deepcopy(document)
    typed = {"view": "whole", "step": step, "key": "K", "holder_person": "yes"}
    try:
        now = stepped(taken(given, typed), typed)
    except InputInvalidError:
        return
    examined = examined_type(now.document, EMPTY)
    view = VIEWS.get(now.view, VIEWS["whole"])
    assert examined.faults
    assert list(view.problems(now, Found(examined.faults, None, 1, ()), "en")) is not None
    assert view.typed(now) is not None
    assert view.values(now, Found((), None, 1, ())) is not None


@pytest.mark.parametrize(
    "document", [{}, {"materials": 5}, {"materials": [1, {"key": [], "satisfiedBy": {}}], "limits": 3, "basis": "x"}]
)
def test_no_shape_of_an_items_document_is_one_either(document: Any) -> None:
    given = copy.deepcopy(document)
    item_draft.take_general(given, {"key": "Item", "law": "法"})
    assert examined_item(given, "x", EMPTY).faults
    assert [item_draft.row(each)["key"] for each in item_draft.materials(given)] == [
        "" for _ in item_draft.materials(given)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nothing",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        "[" * 100_000,
        '{"a":' * 60 + "1" + "}" * 60,
        b"\xff\xfe{}",
        "x" * 1_000_001,
    ],
    ids=lambda text: str(text[:12]),
)
def test_a_file_that_is_no_document_is_refused(text: str | bytes) -> None:
    with pytest.raises(InputInvalidError):
        read_document(text)


def test_places_are_read_and_written_by_pointers() -> None:
    document: dict[str, Any] = {"a": {"b/c": [{"d": 1}]}}
    assert at(document, "/a/b~1c/0/d") == 1
    assert at(document, "/a/b~1c/9/d") is MISSING
    put(document, "/a/b~1c/0/d", 2)
    put(document, "/x/y", 3)
    put(document, "/a/b~1c/0/e/f", MISSING)
    assert document == {"a": {"b/c": [{"d": 2}]}, "x": {"y": 3}}
