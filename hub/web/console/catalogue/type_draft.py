"""A licence type's document while it is edited: what a new one begins with, its general controls, and its fields as rows that come, go and move.

Decides nothing about what may be published (`hub.catalogue.examining`). The document is whatever somebody made of it so far; what the editor has no
control for stays in it untouched.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.catalogue.code_types import HolderKind
from hub.catalogue.face_fields import BASE_LABELS, DISCLOSED_BASE_PATHS
from hub.catalogue.faults import pointer
from hub.catalogue.type_document import SharingClass, ValidityKind
from hub.errors import InputInvalidError
from hub.web.console.catalogue.controls import (
    LINES,
    NUMBER,
    OPTIONAL,
    OR_NULL,
    SOME_LINES,
    SWITCH,
    YES_OR_NO,
    Control,
    Typed,
    shown,
    take,
    ticked,
)
from hub.web.console.catalogue.places import MISSING, Document, at, parts, put
from hub.web.console.catalogue.shapes import SHAPES, Shape, reshaped, shape_of

ROOT: Final = "/schema"
HOLDERS: Final = {f"holder_{kind.lower()}": kind.value for kind in HolderKind}
GENERAL: Final = (
    Control("key", "/key"),
    Control("name_zh", "/name/zh"), Control("name_en", "/name/en"), Control("category", "/category"),
    Control("definer_zh", "/definer/name/zh"), Control("definer_en", "/definer/name/en"),
    Control("definer_code", "/definer/creditCode", OR_NULL), Control("type_code", "/typeCode", OR_NULL),
    Control("several", "/severalHolders", YES_OR_NO),
    Control("sharing", "/sharingClass"), Control("consent", "/holderConsent", SWITCH),
    Control("qr_holder", "/qrHolder", OPTIONAL),
    Control("validity", "/validity/kind"), Control("years", "/validity/years", NUMBER),
    Control("uniqueness", "/uniqueness", LINES),
    Control("law", "/source/law"), Control("note", "/source/note"), Control("grade", "/source/grade"),
)  # fmt: skip
SENSITIVE_LABELS: Final = DISCLOSED_BASE_PATHS - {"holders"}


def _label(path: str) -> tuple[Control, ...]:
    place, name = f"/labels/{path}", path.replace(".", "-")
    both = (Control(f"{name}-zh", f"{place}/zh", OPTIONAL), Control(f"{name}-en", f"{place}/en", OPTIONAL))
    more = (Control(f"{name}-sensitivity", f"{place}/sensitivity", OPTIONAL),) if path in SENSITIVE_LABELS else ()
    return (*both, *more, Control(f"{name}-pinyin", f"{place}/pinyin", SOME_LINES))


LABELS: Final[Mapping[str, tuple[Control, ...]]] = {path: _label(path) for path in BASE_LABELS}
EVERY_LABEL: Final = tuple(control for controls in LABELS.values() for control in controls)


def fresh() -> Document:
    """Return what a new type begins with."""
    return {
        "key": "", "version": 1, "name": {"zh": "", "en": ""}, "category": "LICENCE",
        "definer": {"name": {"zh": "", "en": ""}, "creditCode": None}, "typeCode": None,
        "holderKinds": [HolderKind.ORGANISATION.value], "severalHolders": False,
        "sharingClass": SharingClass.CONDITIONAL.value, "validity": {"kind": ValidityKind.DATED.value}, "uniqueness": [],
        "labels": {},
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": False,
            "required": [], "properties": {},
        },
        "source": {"law": "", "note": "", "grade": "local"},
    }  # fmt: skip


def following(document: Mapping[str, Any], version: int) -> Document:
    """Return what a next version begins with."""
    return {**document, "version": version}


def typed_of(document: Document) -> dict[str, str]:
    """Return what the general controls show."""
    kinds = document.get("holderKinds")
    boxes = {name: "yes" for name, kind in HOLDERS.items() if isinstance(kinds, list) and kind in kinds}
    return {**shown(GENERAL, document), **boxes}


def take_general(document: Document, typed: Typed) -> None:
    """Put the general controls into the document."""
    take(GENERAL, typed, document)
    document["holderKinds"] = ticked(HOLDERS, typed, document.get("holderKinds"))


def take_labels(document: Document, typed: Typed) -> None:
    """Put the labels of base fields into the document; of those that say nothing none is left."""
    take(EVERY_LABEL, typed, document)
    labels = document.get("labels")
    document["labels"] = {path: one for path, one in labels.items() if one} if isinstance(labels, dict) else {}


# -- fields ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its place and depth, what it is called, its shape ("" where the editor knows none), and what can be done to it."""

    place: str
    path: str
    depth: int
    title_zh: str
    title_en: str
    shape: str
    required: bool
    sensitivity: str
    not_shared: bool
    first: bool
    last: bool
    holds: str


def rows(document: Document) -> list[Row]:
    """Return the fields of a document, each before those inside it."""
    return list(_rows(at(document, ROOT), ROOT, "", 0))


def _rows(holder: Any, place: str, above: str, depth: int) -> Iterator[Row]:
    found = at(holder, "/properties")
    properties = found if isinstance(found, dict) else {}
    given = at(holder, "/required")
    required = given if isinstance(given, list) else []
    for order, (name, schema) in enumerate(properties.items()):
        own, path = pointer("properties", name, above=place), f"{above}{name}"
        shape = shape_of(schema)
        inside = holder_of(own, shape) if shape and shape.holds else ""
        text = {each: value if isinstance(value := at(schema, f"/{each}"), str) else "" for each in _READ}
        yield Row(
            own, path, depth, text["title"], text["x-title-en"], shape.name if shape else "", name in required,
            text["x-sensitivity"], at(schema, "/x-not-shared") is True, order == 0, order == len(properties) - 1, inside,
        )  # fmt: skip
        if inside:
            yield from _rows(at(schema, inside.removeprefix(own)), inside, f"{path}.", depth + 1)


_READ: Final = ("title", "x-title-en", "x-sensitivity")


def holder_of(place: str, shape: Shape) -> str:
    """Return the place of the object schema inside a field that holds fields."""
    return f"{place}/items" if shape.element else place


def field_at(document: Document, place: str) -> Document:
    """Return the schema of a field; raises InputInvalidError where there is none."""
    found = at(document, place)
    if not place.startswith(f"{ROOT}/properties/") or not isinstance(found, dict):
        raise InputInvalidError("There is no such field any more; go on from the list of fields.")
    return found


def _properties(document: Document, holder: str) -> Document:
    found = at(document, f"{holder}/properties")
    if not isinstance(found, dict) or not f"{holder}/".startswith(f"{ROOT}/"):
        raise InputInvalidError("There is no such group of fields any more; go on from the list of fields.")
    return found


def add(document: Document, holder: str, shape: Shape) -> str:
    """Add a field of a shape, last inside a holder, under a name that is free; return its place."""
    properties = _properties(document, holder)
    name = next(name for number in range(1, len(properties) + 2) if (name := f"field{number}") not in properties)
    properties[name] = reshaped({"title": "", "x-title-en": "", "description": ""}, shape)
    return pointer("properties", name, above=holder)


def remove(document: Document, place: str) -> None:
    """Take a field away, and out of what is required."""
    field_at(document, place)
    _require(document, place, needed=False)
    put(document, place, MISSING)


def move(document: Document, place: str, by: int) -> None:
    """Move a field up (-1) or down (1) among its like."""
    field_at(document, place)
    holder, name = _owner(place)
    properties = _properties(document, holder)
    names = list(properties)
    here = names.index(name)
    there = min(max(here + by, 0), len(names) - 1)
    names[here], names[there] = names[there], names[here]
    put(document, f"{holder}/properties", {each: properties[each] for each in names})


def reshape(document: Document, place: str, shape: Shape) -> None:
    """Give a field another shape."""
    put(document, place, reshaped(field_at(document, place), shape))


def typed_field(document: Document, place: str) -> dict[str, str]:
    """Return what the controls of a field show."""
    schema = field_at(document, place)
    shape = shape_of(schema)
    holder, name = _owner(place)
    needed = {"required": "yes"} if name in _required(document, holder) else {}
    return {"name": name, **needed, **(shown(shape.every, schema) if shape else {})}


def take_field(document: Document, place: str, typed: Typed) -> str:
    """Put the controls of a field into the document; return its place, which a new name changes. A name that is taken changes nothing."""
    schema = field_at(document, place)
    if shape := shape_of(schema):
        take(shape.every, typed, schema)
    _require(document, place, needed="required" in typed)
    return _rename(document, place, typed.get("name", "").strip())


def _rename(document: Document, place: str, wanted: str) -> str:
    holder, name = _owner(place)
    properties = _properties(document, holder)
    if not wanted or wanted == name or wanted in properties:
        return place
    renamed = {wanted if each == name else each: value for each, value in properties.items()}
    put(document, f"{holder}/properties", renamed)
    required = [wanted if each == name else each for each in _required(document, holder)]
    put(document, f"{holder}/required", required)
    return pointer("properties", wanted, above=holder)


def _owner(place: str) -> tuple[str, str]:
    above, name = parts(place)
    return above.removesuffix("/properties"), name


def _required(document: Document, holder: str) -> list[Any]:
    found = at(document, f"{holder}/required")
    return found if isinstance(found, list) else []


def _require(document: Document, place: str, *, needed: bool) -> None:
    holder, name = _owner(place)
    now = _required(document, holder)
    if needed != (name in now):
        put(document, f"{holder}/required", [*now, name] if needed else [each for each in now if each != name])


def shape_named(name: str) -> Shape:
    """Return a shape by its name; raises InputInvalidError."""
    if name not in SHAPES:
        raise InputInvalidError("There is no such kind of field.")
    return SHAPES[name]
