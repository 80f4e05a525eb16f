"""Shapes of a field: what the editor of licence types offers for each kind of value, and the schema that it makes.

Decides by two tables: SHAPES says which controls a shape has and which keywords it always has, CONTROLS what each control stands for. It must
never know a kind that `hub.catalogue.face_kinds` does not; what a file says beyond the controls stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.face_kinds import DECIMAL_PATTERNS, MEDIA_TYPES, Kind
from hub.web.console.catalogue.controls import NUMBER, OPTIONAL, SOME_LINES, SWITCH, Control
from hub.web.console.catalogue.places import Document

SHOWN: Final = (
    Control("title_zh", "/title"), Control("title_en", "/x-title-en"), Control("description", "/description"),
)  # fmt: skip
MORE: Final = (Control("not_shared", "/x-not-shared", SWITCH), Control("pinyin", "/x-pinyin", SOME_LINES))
SENSITIVITY: Final = Control("sensitivity", "/x-sensitivity", OPTIONAL)
UNIT: Final = Control("unit", "/x-unit", OPTIONAL)
ATOMIC: Final = Control("atomic", "/x-atomic", SWITCH)
_TEXT: Final = (
    Control("shortest", "/minLength", NUMBER), Control("longest", "/maxLength", NUMBER), Control("choices", "/enum", SOME_LINES),
    Control("pattern", "/pattern", OPTIONAL),
)  # fmt: skip
_WHOLE: Final = (Control("least", "/minimum", NUMBER), Control("most", "/maximum", NUMBER))
_SIGN: Final = (Control("sign", "/pattern", OPTIONAL),)
_PICTURE: Final = (Control("media_type", "/contentMediaType", OPTIONAL), Control("longest", "/maxLength", NUMBER))
_COUNT: Final = (Control("fewest_items", "/minItems", NUMBER), Control("most_items", "/maxItems", NUMBER))
_PER_PERSON: Final = Control("per_person", "/x-per-person", OPTIONAL)
DECIMALS: Final = tuple(sorted(DECIMAL_PATTERNS, key=len))
"""The pattern of decimals that are not negative, and the other."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One row. `fixed` are the keywords that it always has, `element` those of a list's elements; `holds` is whether fields lie inside."""

    name: str
    kind: Kind
    fixed: Mapping[str, Any]
    controls: tuple[Control, ...]
    element: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    holds: bool = False

    @property
    def every(self) -> tuple[Control, ...]:
        """Return all controls that a field of this shape has."""
        return (*SHOWN, *self.controls, *MORE)


_CLOSED: Final = {"type": "object", "additionalProperties": False}
# A value by its name: the keywords it always has, and its controls.
_VALUES: Final[Mapping[str, tuple[Kind, dict[str, Any], tuple[Control, ...]]]] = {
    "TEXT": (Kind.STRING, {"type": "string"}, _TEXT),
    "INTEGER": (Kind.INTEGER, {"type": "integer"}, _WHOLE),
    "DECIMAL": (Kind.DECIMAL, {"type": "string", "format": "decimal"}, _SIGN),
    "DATE": (Kind.DATE, {"type": "string", "format": "date"}, ()),
    "DATE_TIME": (Kind.DATE_TIME, {"type": "string", "format": "date-time"}, ()),
    "CITIZEN_NUMBER": (Kind.STRING, {"type": "string", "format": "citizen-number"}, ()),
}
_UNITS: Final = frozenset({"TEXT", "INTEGER", "DECIMAL"})


def _value(name: str) -> Shape:
    kind, fixed, controls = _VALUES[name]
    return Shape(name, kind, fixed, (*controls, *([UNIT] if name in _UNITS else ()), SENSITIVITY))


def _list(name: str) -> Shape:
    _, fixed, controls = _VALUES[name]
    inside = tuple(Control(each.name, f"/items{each.place}", each.codec) for each in controls)
    return Shape(f"LIST_{name}", Kind.LIST, {"type": "array"}, (*_COUNT, *inside, SENSITIVITY, ATOMIC), fixed)


_ROWS: Final = (
    *map(_value, _VALUES),
    Shape("BOOLEAN", Kind.BOOLEAN, {"type": "boolean"}, (SENSITIVITY,)),
    Shape("IMAGE", Kind.IMAGE, {"type": "string", "contentEncoding": "base64"}, (*_PICTURE, SENSITIVITY)),
    Shape("OBJECT", Kind.OBJECT, _CLOSED, (ATOMIC,), holds=True),
    Shape("LIST_OBJECT", Kind.LIST, {"type": "array"}, (*_COUNT, _PER_PERSON, ATOMIC), _CLOSED, holds=True),
    *map(_list, _VALUES),
)
SHAPES: Final[Mapping[str, Shape]] = MappingProxyType({row.name: row for row in _ROWS})
_PICTURES: Final = frozenset({"contentEncoding", "contentMediaType"})
MEDIA: Final = tuple(MEDIA_TYPES)
_FORMATS: Final = {"decimal": "DECIMAL", "date": "DATE", "date-time": "DATE_TIME", "citizen-number": "CITIZEN_NUMBER"}
_TYPES: Final = {"integer": "INTEGER", "boolean": "BOOLEAN", "object": "OBJECT"}


def shape_of(schema: Any) -> Shape | None:
    """Return the shape of a property's schema; None where it has none that the editor knows."""
    if not isinstance(schema, Mapping):
        return None
    if schema.get("type") == "array":
        return SHAPES.get(f"LIST_{_name(schema.get('items'))}")
    return SHAPES.get(_name(schema))


def _name(schema: Any) -> str:
    if not isinstance(schema, Mapping):
        return ""
    kind = schema.get("type")
    if kind == "string":
        given = schema.get("format")
        return "IMAGE" if _PICTURES & schema.keys() else "TEXT" if given is None else _FORMATS.get(str(given), "")
    return _TYPES.get(kind, "") if isinstance(kind, str) else ""


def reshaped(schema: Document, shape: Shape) -> Document:
    """Return a property's schema in a shape, without what the shape does not know: what people read stays, and so do the fields inside where it holds some."""
    now = shape_of(schema)
    source = schema.get("items", schema) if now and now.holds else {}
    fields = {name: source[name] for name in ("properties", "required") if name in source}
    same = shape.every if now == shape else (*SHOWN, *MORE, *(() if shape.holds else (SENSITIVITY,)))
    made = {**_known(schema, "/", same), **shape.fixed}
    if shape.element:
        made["items"] = {**_known(schema.get("items"), "/items/", same), **shape.element}
    if shape.holds:
        (made["items"] if shape.element else made).update({"properties": {}, **fields})
    return made


def _known(schema: Any, above: str, controls: tuple[Control, ...]) -> Document:
    """Return the keywords of a schema that controls stand for, in their order there."""
    names = {each.place.removeprefix(above) for each in controls if each.place.startswith(above)}
    return {name: value for name, value in schema.items() if name in names} if isinstance(schema, Mapping) else {}
