"""A form that was sent becomes a draft, or everything that is wrong with it, each fault at its control.

Decides which control a fault is laid to, and how it is said there. It must never judge by rules of its own: cells are coerced and judged by the
importer's drafter, as rows of files are, so that officers and files are told the same.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from hub.catalogue.licence_type import LicenceType, Term
from hub.clock import Calendar
from hub.licences.draft import Draft
from hub.licences.importing.drafting import Drafter
from hub.tabular.faults import Fault
from hub.tabular.rows import RawRow
from hub.web.console.issuing.controls import Outline, Part, Rows
from hub.web.console.issuing.texts import Typed, below, cells, places

_FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class Wrong:
    """One fault: at which control, or list or group of them, what it is called there, and why."""

    name: str
    label: Term
    reason: Term
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a form: a draft that the type allows, or what is wrong with it."""

    draft: Draft | None = field(repr=False)
    wrong: tuple[Wrong, ...] = ()


def read(licence_type: LicenceType, outline: Outline, typed: Typed, calendar: Calendar, today: date) -> Read:
    """Return the draft that a form means, checked on a legal day, or its faults in the order of the page."""
    plan, row = cells(outline, typed)
    made = Drafter(plan, licence_type, calendar).checked(RawRow(_FIRST, row, ""), today)
    if isinstance(made, Draft):
        return Read(made)
    order = {name: place for place, name in enumerate(anchors(outline.asked, (*typed.texts, *typed.pictures)))}
    found = sorted((_wrong(fault, order) for fault in made), key=lambda wrong: order.get(wrong.name, len(order)))
    return Read(None, tuple(found))


def anchors(parts: Sequence[Part], names: Sequence[str], above: str = "") -> Iterable[str]:
    """Yield the paths that a fault can be laid to: every control, group, list and row of the form, in the order of the page."""
    for part in parts:
        at = below(above, part.name)
        yield at
        if isinstance(part, Rows):
            for place in range(max(places(names, part, at), 1)):
                yield f"{at}[{place}]"
                yield from anchors(part.element.members, names, f"{at}[{place}]")
        else:
            yield from anchors(getattr(part, "members", ()), names, at)


def _wrong(fault: Fault, known: Container[str]) -> Wrong:
    """Return a fault at its control, or at the nearest thing on the form that it is in."""
    at, row = fault.path, None
    while at and at not in known:
        at, row = _above(at)
    return Wrong(at, Term(fault.field_zh, fault.field_en), Term(fault.zh, fault.en), row)


def _above(path: str) -> tuple[str, int | None]:
    """Return the path above one, and the place in a list that was left out."""
    if path.endswith("]"):
        above, _, place = path[:-1].rpartition("[")
        return above, int(place) + 1
    return path.rpartition(".")[0], None
