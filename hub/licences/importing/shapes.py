"""Shapes: how a cell becomes the value of one field, lists and objects included, along the type's own schema.

Decides which value stands at a path of a licence type. A value that does not fit is noted, not raised, so that all of a row's
faults are found. Texts with a pattern or a code's format get one width; other texts stay as they are printed.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.code_types import HOLDER_CODE_TYPES
from hub.catalogue.face_fields import kind_of
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import LicenceType
from hub.errors import ImportMapError
from hub.licences.draft import MOST_HOLDERS
from hub.licences.importing.coercion import SCALARS, Misfit, Read, Reading, code_of, day_of, parted, text_of
from hub.licences.importing.dates import without_end
from hub.licences.importing.mapping import Steps, path_of
from hub.tabular.rows import Cell, Spoilt, blank

LEGAL_BASIS, REASON = "$legalBasis", "$reason"
MISSING: Final = object()
NO_END: Final = object()

Note = Callable[[Steps, str, Cell], None]
Shape = Callable[[Cell, Reading, Steps, Note], Any]
Schema = Mapping[str, Any]


def _scalar(read: Read) -> Shape:
    def shape(cell: Cell, reading: Reading, at: Steps, note: Note) -> Any:
        if blank(cell):
            return MISSING
        if isinstance(cell, Spoilt):
            note(at, cell.reason, cell)
            return MISSING
        try:
            return read(cell, reading)
        except Misfit as misfit:
            note(at, str(misfit), cell)
            return MISSING

    return shape


def _chosen(choices: list[str]) -> Read:
    """Return a text as the schema spells it, whatever its width, case and blanks; another is left for the schema to refuse."""
    spelled = {_spelled(choice): choice for choice in choices}

    def read(cell: Cell, reading: Reading) -> str:
        text = text_of(cell, reading)
        return spelled.get(_spelled(text), text)

    return read


def _spelled(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


_CODE_TYPES = {_spelled(name): row.code for row in HOLDER_CODE_TYPES.values() for name in (row.code, row.name_zh, row.name_en)}  # fmt: skip


def _code_type(cell: Cell, reading: Reading) -> str:
    """Return a holder code type, given as its three digits (of which a number cell loses zeros) or by either name."""
    text = str(cell).zfill(3) if type(cell) is int else text_of(cell, reading)
    try:
        return _CODE_TYPES[_spelled(text)]
    except KeyError:
        raise Misfit("CODE_TYPE") from None


def _last_day(cell: Cell, reading: Reading) -> Any:
    return NO_END if isinstance(cell, str) and without_end(cell) else day_of(cell, reading)


def _object(properties: Mapping[str, Shape]) -> Shape:
    def shape(cell: Cell, reading: Reading, at: Steps, note: Note) -> Any:
        if blank(cell):
            return MISSING
        if not isinstance(cell, dict):
            note(at, cell.reason if isinstance(cell, Spoilt) else "OBJECT", cell)
            return MISSING
        found: dict[str, Any] = {}
        for name, inner in cell.items():
            read = properties.get(name)
            # A member that is no field stays, empty: it is for the schema to refuse it.
            value = read(inner, reading, (*at, name), note) if read else None
            if value is not MISSING:
                found[name] = value
        return found

    return shape


def _list(element: Shape, *, of_objects: bool) -> Shape:
    def shape(cell: Cell, reading: Reading, at: Steps, note: Note) -> Any:
        if blank(cell):
            return MISSING
        try:
            entries = _entries(cell, reading, of_objects=of_objects)
        except Misfit as misfit:
            note(at, str(misfit), cell)
            return MISSING
        found = []
        for place, entry in enumerate(entries):
            value = element(entry, reading, (*at, place), note)
            if value is not MISSING:
                found.append(value)
            elif blank(entry):
                note((*at, place), "REQUIRED", entry)
        return found

    return shape


def _entries(cell: Cell, reading: Reading, *, of_objects: bool) -> list[Any]:
    if isinstance(cell, list):
        return cell
    if isinstance(cell, Spoilt):
        raise Misfit(cell.reason)
    if of_objects or isinstance(cell, dict):
        raise Misfit("LIST")
    return parted(cell, reading.separator) if isinstance(cell, str) else [cell]


@dataclass(frozen=True, slots=True)
class Node:
    """A field: how a cell becomes its value, its members (of an object) or its element (of a list) and how many it may have."""

    shape: Shape
    members: Mapping[str, "Node"] = field(default_factory=dict)
    element: "Node | None" = None
    most: int = 0


def _leaf(read: Read) -> Node:
    return Node(_scalar(read))


def _whole(members: Mapping[str, Node]) -> Node:
    return Node(_object({name: each.shape for name, each in members.items()}), members)


def _several(element: Node, most: int) -> Node:
    return Node(_list(element.shape, of_objects=bool(element.members)), element=element, most=most)


def _node(schema: Schema) -> Node:
    """Return the node of a face field, from its schema."""
    kind = kind_of(schema)
    if kind is Kind.OBJECT:
        return _whole({name: _node(inner) for name, inner in schema["properties"].items()})
    if kind is Kind.LIST:
        return _several(_node(schema["items"]), schema["maxItems"])
    if kind is Kind.STRING and "enum" in schema:
        return _leaf(_chosen(schema["enum"]))
    if kind is Kind.STRING and ("format" in schema or "pattern" in schema):
        return _leaf(code_of)
    return _leaf(SCALARS[kind])


_HOLDER = _whole({"codeType": _leaf(_code_type), "code": _leaf(code_of), "name": _leaf(text_of)})
_BASE: Mapping[str, Node] = MappingProxyType(
    {
        "number": _leaf(code_of),
        "holders": _several(_HOLDER, MOST_HOLDERS),
        "issuedOn": _leaf(day_of),
        "validFrom": _leaf(day_of),
        "validUntil": _leaf(_last_day),
        LEGAL_BASIS: _leaf(text_of),
        REASON: _leaf(text_of),
    }
)


def root_of(licence_type: LicenceType) -> Node:
    """Return the node of everything a row can fill: base fields, the act's own words, the face."""
    face = {name: _node(inner) for name, inner in licence_type.schema["properties"].items()}
    return _whole({**_BASE, **face})


def node_at(root: Node, steps: Steps) -> Node:
    """Return the node at a path; raises ImportMapError when the type has none."""
    node: Node | None = root
    for step in steps:
        if node is not None:
            node = _inside(node, step)
    if node is None:
        raise ImportMapError(f"{path_of(steps)} is no field of this licence type.")
    return node


def _inside(node: Node, step: str | int) -> Node | None:
    if isinstance(step, int):
        return node.element if step < node.most else None
    return node.members.get(step)
