"""A form as its template draws it: every control at its path, with what stands in it, its hints and what is wrong with it.

Decides how controls, groups and rows are numbered, named and explained; the template decides how they look. It must never lose what was typed:
a text that a control of its kind could not show is shown in one that can.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.face_kinds import is_date
from hub.web.console.issuing.controls import LONG_TERM, Control, Group, Look, Outline, Part, Rows
from hub.web.console.issuing.photographs import kind_of_file
from hub.web.console.issuing.sheet import Sheet
from hub.web.console.issuing.texts import below, places
from hub.web.console.licences.document import unit_of

Hint = tuple[str, Mapping[str, Any]]
"""The name of the words `issuing.hint.NAME`, and what is put into them."""
HINTS: Final = (
    "longest", "pattern", "citizen", "holder_code", "moment", "range", "decimal", "lines", "picture", "years", "dated", "valid_from",
    "basis", "reason", "conditional", "of_holders", "rows_exactly", "rows_least",
)  # fmt: skip
_LOCAL_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?")
_NOT_OF_AN_ID: Final = re.compile(r"[^A-Za-z0-9]+")
_ROWS_OF_TEXT: Final = ((300, 2), (1000, 4), (2000, 6))


def anchor(name: str) -> str:
    """Return the id of the control, group, list or row at a path."""
    return f"f-{_NOT_OF_AN_ID.sub('-', name.replace('$', 'act-')).strip('-')}"


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that may be chosen."""

    name: str
    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Node:
    """One thing on the form; `form` is the name of its macro: a Look, `group`, `rows` or `row`."""

    form: str
    name: str
    id: str
    label: str
    required: bool
    value: str = field(default="", repr=False)
    hints: tuple[Hint, ...] = ()
    described: str = ""
    options: tuple[Option, ...] = ()
    members: tuple["Node", ...] = ()
    unit: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    picture: str | None = None
    most: int = 0
    fewest: int = 0
    long_term: bool = False


class Drawing:
    """Lays one form out."""

    def __init__(self, sheet: Sheet, language: str) -> None:
        """Show what stands in a sheet."""
        self._sheet = sheet
        self._language = language

    def nodes(self, parts: Sequence[Part], above: str = "") -> tuple[Node, ...]:
        """Return the nodes of some parts that stand at a path."""
        return tuple(self._node(part, below(above, part.name)) for part in parts)

    def sections(self, outline: Outline) -> Iterator[tuple[str, tuple[Node, ...]]]:
        """Yield the parts of the page."""
        for name, parts in outline.sections():
            yield name, self.nodes(parts)

    def _node(self, part: Part, at: str) -> Node:
        label = part.label.text(self._language)
        if isinstance(part, Group):
            hints: tuple[Hint, ...] = (("conditional", {}),) if part.conditional else ()
            return Node(
                "group", at, anchor(at), label, part.required, hints=hints, members=self.nodes(part.members, at)
            )
        if isinstance(part, Rows):
            return self._rows(part, at, label)
        return self._control(part, at, label)

    def _rows(self, rows: Rows, at: str, label: str) -> Node:
        count = places(self._sheet.names, rows, at)
        members = tuple(
            Node(
                "row", f"{at}[{place}]", anchor(f"{at}[{place}]"), label, required=True,
                members=self.nodes(rows.element.members, f"{at}[{place}]"),
            )
            for place in range(count)
        )  # fmt: skip
        hints: list[Hint] = [("of_holders", {})] if rows.of_holders else []
        if rows.fewest > 1:
            name = "rows_exactly" if rows.fewest == rows.most else "rows_least"
            hints.append((name, {"fewest": rows.fewest}))
        return Node(
            "rows", at, anchor(at), label, rows.required, hints=tuple(hints), members=members, most=rows.most,
            fewest=max(rows.fewest, 1) if rows.required else 0,
        )  # fmt: skip

    def _control(self, control: Control, at: str, label: str) -> Node:
        value = self._sheet.texts.get(at, "")
        described = control.rules.get("description", "") if self._language == "en" else ""
        return Node(
            _drawn_as(control, value), at, anchor(at), label, control.required, value,
            hints=tuple(_hints(control)), described=described, options=tuple(self._options(control, at, value)),
            unit=unit_of(control.rules.get("x-unit"), self._language), attributes=_attributes(control, value),
            picture=self._sheet.pictures.get(at), long_term=bool(self._sheet.texts.get(LONG_TERM)),
        )  # fmt: skip

    def _options(self, control: Control, at: str, value: str) -> Iterator[Option]:
        several = control.look is Look.CHECKS
        for place, choice in enumerate(control.choices):
            name = f"{at}[{place}]" if several else at
            chosen = bool(self._sheet.texts.get(name)) if several else choice.value == value
            yield Option(name, f"{anchor(at)}-o{place}", choice.value, choice.label.text(self._language), chosen)
        if value and not several and control.choices and value not in {choice.value for choice in control.choices}:
            yield Option(at, f"{anchor(at)}-other", value, value, chosen=True)


def _drawn_as(control: Control, value: str) -> str:
    """Return the macro of a control; one line cannot show two."""
    return Look.LONG_TEXT if control.look in {Look.TEXT, Look.CODE} and "\n" in value else control.look


def _attributes(control: Control, value: str) -> Mapping[str, Any]:
    make = _OF_LOOK.get(control.look)
    return make(control, value) if make else {}


def _text_rows(control: Control, value: str) -> Mapping[str, Any]:
    del value
    longest = int(control.rules["maxLength"])
    return {"rows": next((rows for most, rows in _ROWS_OF_TEXT if longest <= most), 8)}


def _day(control: Control, value: str) -> Mapping[str, Any]:
    """Return what makes it a box of days, unless it must show what is none."""
    del control
    return {"type": "date"} if not value or is_date(value) else {"type": "text"}


def _moment(control: Control, value: str) -> Mapping[str, Any]:
    del control
    shows = not value or _LOCAL_MOMENT.fullmatch(value)
    return {"type": "datetime-local", "step": 1} if shows else {"type": "text"}


def _lines(control: Control, value: str) -> Mapping[str, Any]:
    del control
    return {"rows": min(max(value.count("\n") + 2, 3), 12)}


_OF_LOOK: Final[Mapping[Look, Callable[[Control, str], Mapping[str, Any]]]] = MappingProxyType(
    {
        Look.LONG_TEXT: _text_rows,
        Look.DATE: _day,
        Look.END: _day,
        Look.MOMENT: _moment,
        Look.LINES: _lines,
        Look.NUMBER: lambda _control, _value: {"inputmode": "decimal"},
        Look.MONEY: lambda _control, _value: {"inputmode": "decimal"},
        Look.PICTURE: lambda control, _value: {"accept": control.rules["contentMediaType"]},
    }
)


# -- hints ---------------------------------------------------------------------------------------------------------------

_OWN_HINTS: Final[Mapping[str, str]] = MappingProxyType({"$legalBasis": "basis", "$reason": "reason"})


def _hints(control: Control) -> Iterator[Hint]:
    rules = control.rules
    if name := _OWN_HINTS.get(control.name) or rules.get("x-hint"):
        yield name, {"years": rules.get("years", "")}
    elif rules.get("format") == "citizen-number":
        yield "citizen", {}
    elif "pattern" in rules and "format" not in rules:
        yield "pattern", {"pattern": rules["pattern"].removeprefix("^").removesuffix("$")}
    elif make := _HINTS.get(control.look):
        yield make(control)


_HINTS: Final[Mapping[Look, Callable[[Control], Hint]]] = MappingProxyType(
    {
        Look.LONG_TEXT: lambda control: ("longest", {"most": control.rules["maxLength"]}),
        Look.MOMENT: lambda _: ("moment", {}),
        Look.MONEY: lambda _: ("decimal", {}),
        Look.NUMBER: lambda control: (
            ("range", {"low": control.rules["minimum"], "high": control.rules["maximum"]})
            if control.rules["type"] == "integer"
            else ("decimal", {})
        ),
        Look.LINES: lambda control: ("lines", {"most": control.most}),
        Look.PICTURE: lambda control: ("picture", {"kind": kind_of_file(control), "most": control.largest // 1024}),
    }
)
