"""What stands in a form: a text for each control, under the control's path, and back to the cells that drafts are made of.

Decides how a value reads in its control, and that what a browser sends comes back as the same value. It judges nothing, and coerces nothing
itself: cells go to the importer's drafter. What is empty is absent: an optional object or list of which nothing is filled in is not there.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from hub.clock import Calendar
from hub.licences.draft import Draft
from hub.licences.importing.mapping import Map, Target, steps_of
from hub.licences.importing.shapes import LEGAL_BASIS, REASON
from hub.tabular.rows import Cell
from hub.web.console.issuing.controls import LONG_TERM, Control, Group, Look, Outline, Part, Rows

CHOSEN: Final = "1"
NO_LAST_DAY: Final = "长期"
_PLACE: Final = re.compile(r"\[([0-9]{1,3})\]")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a form: texts and pictures, by the paths of their controls (`members[1].birthDate`)."""

    texts: Mapping[str, str] = field(repr=False)
    pictures: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Placed:
    """A control, and the path at which it stands in a form."""

    name: str
    control: Control


# -- paths ---------------------------------------------------------------------------------------------------------------


def below(above: str, name: str) -> str:
    """Return the path of a member of what stands at a path."""
    return f"{above}.{name}" if above else name


def places(texts: Sequence[str], rows: Rows, at: str) -> int:
    """Return how many rows a list has in a form with these paths: up to the last that is named, as many as needed, never above its most."""
    begins = f"{at}["
    named = (_PLACE.match(name, len(at)) for name in texts if name.startswith(begins))
    last = max((int(found[1]) for found in named if found), default=-1)
    least = max(rows.fewest, 1) if rows.required else 0
    return min(max(last + 1, least), rows.most)


def placed(parts: Sequence[Part], names: Sequence[str], above: str = "") -> Iterator[Placed]:
    """Yield every control of a form in which these paths are named, in the order of the page."""
    for part in parts:
        at = below(above, part.name)
        if isinstance(part, Control):
            yield Placed(at, part)
        elif isinstance(part, Group):
            yield from placed(part.members, names, at)
        else:
            for place in range(max(places(names, part, at), 1)):
                yield from placed(part.element.members, names, f"{at}[{place}]")


def listed(parts: Sequence[Part], names: Sequence[str], above: str = "") -> Iterator[tuple[str, Rows]]:
    """Yield every list of objects of a form, with its path, lists inside rows too."""
    for part in parts:
        at = below(above, part.name)
        if isinstance(part, Group):
            yield from listed(part.members, names, at)
        elif isinstance(part, Rows):
            yield at, part
            for place in range(places(names, part, at)):
                yield from listed(part.element.members, names, f"{at}[{place}]")


# -- values become texts -------------------------------------------------------------------------------------------------


def _moment(value: str, calendar: Calendar) -> str:
    """Return a moment in the hub's own time of day; where that would mean another moment, or none, it stays as it is."""
    moment = datetime.fromisoformat(value)
    try:
        local = moment.astimezone(calendar.zone).replace(tzinfo=None, fold=0)
        again = local.replace(tzinfo=calendar.zone)
    except OverflowError:  # at the ends of the calendar
        return value
    offset = again.utcoffset()
    clear = again == moment and offset is not None and not offset % timedelta(minutes=1)
    return local.isoformat() if clear else value


def _lines(value: Sequence[Any], calendar: Calendar) -> str:
    del calendar
    return "\n".join(str(each).replace("\n", " ") for each in value)


def _plain(value: Any, calendar: Calendar) -> str:
    del calendar
    return str(value)


_WRITTEN: Final[Mapping[Look, Callable[[Any, Calendar], str]]] = MappingProxyType(
    {
        Look.MOMENT: _moment,
        Look.LINES: _lines,
        Look.YES_NO: lambda value, _calendar: "true" if value else "false",
    }
)


class _Writing:
    """Writes one document."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.texts: dict[str, str] = {}
        self.pictures: dict[str, bytes] = {}

    def members(self, parts: Sequence[Part], values: Mapping[str, Any], above: str = "") -> None:
        for part in parts:
            if (value := values.get(part.name)) is not None:
                self._part(part, value, below(above, part.name))

    def _part(self, part: Part, value: Any, at: str) -> None:
        if isinstance(part, Group):
            self.members(part.members, value, at)
        elif isinstance(part, Rows):
            for place, each in enumerate(value):
                self.members(part.element.members, each, f"{at}[{place}]")
        elif part.look is Look.CHECKS:
            spelled = [choice.value for choice in part.choices]
            self.texts |= {f"{at}[{spelled.index(each)}]": each for each in value if each in spelled}
        elif part.look is Look.PICTURE:
            self.pictures[at] = base64.b64decode(value)
        else:
            self.texts[at] = _WRITTEN.get(part.look, _plain)(value, self._calendar)


def written(outline: Outline, document: Mapping[str, Any], calendar: Calendar) -> Typed:
    """Return a document as it stands in the form: base fields and face data flat, `validUntil` None is long-term."""
    writing = _Writing(calendar)
    writing.members(outline.asked, document)
    ends = any(isinstance(each, Control) and each.look is Look.END for each in outline.licence)
    if ends and document.get("validUntil", "") is None:
        writing.texts[LONG_TERM] = CHOSEN
    return Typed(writing.texts, writing.pictures)


def document_of(draft: Draft) -> dict[str, Any]:
    """Return a draft as one document, as `written` takes it."""
    until = draft.valid_until.isoformat() if draft.valid_until else None
    dates = {"validFrom": draft.valid_from.isoformat(), "validUntil": until}
    return {**draft.document(), **dates, LEGAL_BASIS: draft.legal_basis, REASON: draft.reason}


# -- texts become cells --------------------------------------------------------------------------------------------------


def cells(outline: Outline, typed: Typed) -> tuple[Map, dict[str, Cell]]:
    """Return what fills what, and the cells: a form is a row whose columns are named by their paths."""
    names = (*typed.texts, *typed.pictures)
    columns: dict[str, tuple[Target, ...]] = {}
    row: dict[str, Cell] = {}
    for one in placed(outline.asked, names):
        for name, separator in _columns(one):
            columns[name] = (Target(steps_of(name), separator=separator),)
            row[name] = typed.pictures.get(name) or typed.texts.get(name)
    if typed.texts.get(LONG_TERM) and "validUntil" in columns:
        row["validUntil"] = NO_LAST_DAY
    return Map(columns, defaults={steps_of(path): empty for path, empty in _empty(outline.face)}), row


def names_of(one: Placed) -> Iterator[str]:
    """Yield the names of a control's fields: of boxes one each."""
    return (name for name, _ in _columns(one))


def _columns(one: Placed) -> Iterator[tuple[str, str | None]]:
    if one.control.look is Look.CHECKS:
        yield from ((f"{one.name}[{place}]", None) for place in range(len(one.control.choices)))
    else:
        yield one.name, "\n" if one.control.look is Look.LINES else None


def _empty(parts: Sequence[Part]) -> Iterator[tuple[str, Any]]:
    """Yield what is there even if nothing of it is filled in: required lists and objects that may be empty."""
    for part in parts:
        if not part.required:
            continue
        if isinstance(part, Group):
            yield from () if any(each.required for each in part.members) else ((part.name, {}),)
        elif not part.fewest and (isinstance(part, Rows) or part.look in {Look.LINES, Look.CHECKS}):
            yield part.name, []
