"""The face of a licence as rows that can be printed, in the order of its type.

Decides how each kind of value reads in Chinese, and that what was withheld is said to be: 未提供 in its place, never an empty place as if there were
nothing. What is absent from the licence itself has no row. It sees what left the funnel, and nothing else.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.face_fields import Field
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import LicenceType
from hub.renditions import photographs
from hub.renditions.legible import Legible
from hub.sharing.disclosure import Disclosed
from hub.sharing.withholding import Reason

WITHHELD: Final = "未提供"
OTHERS: Final = "（其他人员的内容未提供）"
NONE: Final = "—"
UNREADABLE: Final = "（图像无法显示）"
_HOLDERS: Final = "holders"
_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"CNY 10,000": "万元", "CNY": "元", "day": "天", "week": "周", "year": "年", "m2": "平方米"}
)
_NOT_PRINTED: Final = frozenset({"holders.codeType"})  # the label of the code says what it is
_OWN_PLACE: Final = frozenset({"number", _HOLDERS, "issuedOn"})
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Face:
    """Rows, and the pictures that they name. `number`, `holders` and `issued_on` have places of their own on a sheet."""

    rows: Sequence[Row] = field(repr=False)
    number: Row | None = field(repr=False)
    holders: Row | None = field(repr=False)
    issued_on: Row | None = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)


def day(text: str) -> str:
    """Return a legal day, YYYY-MM-DD, as it is printed."""
    found = date.fromisoformat(text)
    return f"{found.year}年{found.month}月{found.day}日"


class _Printing:
    """Prints one face."""

    def __init__(self, licence_type: LicenceType, disclosed: Disclosed, legible: Legible) -> None:
        self._type = licence_type
        self._values = disclosed.values
        of_others = {each.path for each in disclosed.withheld if each.reason == Reason.OTHER_PERSON}
        self._of_others = of_others
        self._withheld = {each.path for each in disclosed.withheld} - of_others
        self._write = legible
        self.files: dict[str, bytes] = {}

    def face(self) -> Face:
        rows = [row for one in self._below("") for row in self._rows(one, self._values)]
        by_path = {row["path"]: row for row in rows}
        others = [row for row in rows if row["path"] not in _OWN_PLACE]
        return Face(others, by_path.get("number"), by_path.get(_HOLDERS), by_path.get("issuedOn"), self.files)

    def _below(self, path: str) -> list[Field]:
        depth = path.count(".") + 1 if path else 0
        begins = f"{path}." if path else ""
        return [one for one in self._type.fields if one.path.startswith(begins) and one.path.count(".") == depth]

    def _rows(self, one: Field, among: Mapping[str, Any]) -> Iterator[Row]:
        """Yield the rows of a field, given what it stands among."""
        value = among.get(one.path.rpartition(".")[2])
        if one.kind is Kind.OBJECT and not one.atomic and self._below(one.path):
            below = [
                row for each in self._below(one.path) for row in self._rows(each, value or {})
            ]  # also what of it is withheld
            yield from ({"form": "group", "path": one.path, "label": self._label(one), "rows": below},) if below else ()
        elif value is not None:
            yield self._row(one, value)
        elif _holds(self._withheld | self._of_others, one.path):
            yield {"form": "withheld", "path": one.path, "label": self._label(one), "text": WITHHELD}

    def _row(self, one: Field, value: Any) -> Row:
        named: Row = {"path": one.path, "label": self._label(one)}
        if one.kind is Kind.IMAGE:
            return named | self._picture(value)
        if one.kind is Kind.LIST and one.item_kind is Kind.OBJECT:
            return named | self._table(one, value)
        return {"form": "text", **named, "text": self._text(one, value) or NONE}

    def _picture(self, value: str) -> Row:
        found = photographs.printable(value)
        if found is None:
            return {"form": "text", "text": UNREADABLE}
        name = f"picture-{len(self.files)}{photographs.SUFFIX}"
        self.files[name] = found
        return {"form": "image", "file": name}

    def _table(self, one: Field, elements: Sequence[Mapping[str, Any]]) -> Row:
        """Return a list of entries: one column for each member that any of them has, or that is withheld of all."""
        members = [each for each in self._below(one.path) if each.path not in _NOT_PRINTED]
        names = [each.path.rpartition(".")[2] for each in members]
        shown = [
            (member, name)
            for member, name in zip(members, names, strict=True)
            if any(name in element for element in elements) or self._is_withheld(member.path)
        ]
        cells = [[self._cell(member, element.get(name)) for member, name in shown] for element in elements]
        note = OTHERS if _holds(self._of_others, one.path) else None
        return {"form": "table", "columns": [self._label(member) for member, _ in shown], "cells": cells, "note": note}

    def _cell(self, member: Field, value: Any) -> str:
        told = "" if value is None else self._text(member, value)
        return told or (WITHHELD if self._is_withheld(member.path) else NONE)

    def _text(self, one: Field, value: Any) -> str:
        kind = one.item_kind if isinstance(value, list) else one.kind
        if isinstance(value, list):
            return ("；" if kind is Kind.OBJECT else "、").join(self._text_of(one, kind, each) for each in value)
        return self._text_of(one, kind, value)

    def _text_of(self, one: Field, kind: Kind | None, value: Any) -> str:
        if isinstance(value, Mapping):
            below = {each.path.rpartition(".")[2]: each for each in self._below(one.path)}
            return "，".join(f"{self._label(below[name])}：{self._text(below[name], it)}" for name, it in value.items())
        told = _WRITTEN.get(kind, str)(value) if kind else str(value)
        return self._write(told if one.unit is None else f"{told} {_UNITS.get(one.unit, one.unit)}")

    def _label(self, one: Field) -> str:
        return self._write(self._type.title(one.path, "zh"))

    def _is_withheld(self, path: str) -> bool:
        return _holds(self._withheld, path)


def _holds(paths: AbstractSet[str], path: str) -> bool:
    return path in paths or any(each.startswith(f"{path}.") for each in paths)


def _moment(value: str) -> str:
    found = datetime.fromisoformat(value)
    return f"{day(found.date().isoformat())} {found:%H:%M}"


_WRITTEN: Final[Mapping[Kind, Callable[[Any], str]]] = MappingProxyType(
    {Kind.DATE: day, Kind.DATE_TIME: _moment, Kind.BOOLEAN: lambda value: "是" if value else "否"}
)


def face_of(licence_type: LicenceType, disclosed: Disclosed, legible: Legible) -> Face:
    """Return the face of what was disclosed."""
    return _Printing(licence_type, disclosed, legible).face()
