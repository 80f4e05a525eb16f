"""A map fitted to one licence type and one file: which column goes where, before any row is read.

Decides whether the map is whole: every path is a field, no two sources fill one, no column and no needed field is left out.
What would make every row bad is told here, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hub.catalogue.code_types import CITIZEN_NUMBER, CREDIT_CODE, HolderKind
from hub.catalogue.licence_type import LicenceType, ValidityKind
from hub.clock import Calendar
from hub.errors import ImportMapError
from hub.licences.importing.coercion import Reading
from hub.licences.importing.mapping import Map, Steps, Target, path_of
from hub.licences.importing.shapes import LEGAL_BASIS, MISSING, NO_END, REASON, Node, Shape, node_at, root_of
from hub.tabular.rows import Cell

_SOLE_CODE_TYPES: Mapping[frozenset[HolderKind], str] = {
    frozenset({HolderKind.ORGANISATION}): CREDIT_CODE,
    frozenset({HolderKind.PERSON}): CITIZEN_NUMBER,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One column's way into a draft."""

    column: str
    steps: Steps
    shape: Shape
    reading: Reading


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the map gives itself, to rows that say nothing there.

    Unless it `begins`, it stands only beside others of its object: it makes no second holder where the row has one.
    """

    steps: Steps
    value: Any
    begins: bool


@dataclass(frozen=True, slots=True)
class Fitting:
    """What fills a draft: slots, and values given by the map.

    `known` are all the columns the map speaks of; `needs_end`: the row must say the last day, or that there is none.
    """

    slots: tuple[Slot, ...]
    given: tuple[Given, ...]
    known: frozenset[str]
    needs_end: bool


def fit(plan: Map, licence_type: LicenceType, calendar: Calendar, columns: tuple[str, ...] | None = None) -> Fitting:
    """Fit a map to a type, and to a file's columns when all of them are known; raises ImportMapError."""
    root = root_of(licence_type)
    slots = tuple(
        Slot(column, target.to, node_at(root, target.to).shape, _reading(plan, target, calendar))
        for column, targets in plan.columns.items()
        for target in targets
    )
    _refuse_twice([*(slot.steps for slot in slots), *plan.constants])
    values = _values(root, plan, calendar)
    values = _code_types(licence_type, {slot.steps for slot in slots} | values.keys()) | values
    needs_end = licence_type.validity.kind in {ValidityKind.YEARS, ValidityKind.DATED}
    _refuse_missing(licence_type, {slot.steps for slot in slots} | values.keys(), needs_end=needs_end)
    if columns is not None:
        _refuse_columns(plan, columns)
    filled = {slot.steps[0] for slot in slots}
    given = (Given(steps, value, _begins(steps, filled)) for steps, value in values.items())
    return Fitting(slots, tuple(given), frozenset(plan.columns), needs_end)


def _begins(steps: Steps, filled: set[str | int]) -> bool:
    return len(steps) == 1 or steps[:2] == ("holders", 0) or steps[0] not in filled


def _reading(plan: Map, target: Target, calendar: Calendar) -> Reading:
    return Reading(calendar, target.dates or plan.dates, target.separator or plan.separator, target.digits)


def _values(root: Node, plan: Map, calendar: Calendar) -> dict[Steps, Any]:
    """Return the map's constants and defaults, read as a row's cells are."""

    def refuse(at: Steps, reason: str, _: Cell) -> None:
        raise ImportMapError(f"The value that the map gives to {path_of(at)} does not fit ({reason}).")

    found: dict[Steps, Any] = {}
    for steps, value in {**plan.defaults, **plan.constants}.items():
        read = node_at(root, steps).shape(value, Reading(calendar, plan.dates, plan.separator), steps, refuse)
        found[steps] = NO_END if read is MISSING and steps == ("validUntil",) else read
        if found[steps] is MISSING:
            raise ImportMapError(f"The map gives nothing to {path_of(steps)}; leave it out.")
    return found


def _code_types(licence_type: LicenceType, said: set[Steps]) -> dict[Steps, Any]:
    """Return the code type of each holder, where the type allows one kind of holder alone and nothing else says it."""
    sole = _SOLE_CODE_TYPES.get(licence_type.holder_kinds)
    holders = {steps[:2] for steps in said if steps[0] == "holders" and len(steps) > 1}
    code_types = {(*holder, "codeType") for holder in holders}
    return dict.fromkeys(code_types - said, sole) if sole else {}


def _refuse_twice(all_steps: list[Steps]) -> None:
    """Refuse two sources of one field, or of a field and of something inside it."""
    ordered = sorted(all_steps, key=lambda steps: [str(step) for step in steps])
    for one, next_one in pairwise(ordered):
        if next_one[: len(one)] == one:
            raise ImportMapError(f"{path_of(next_one)} is filled twice, or {path_of(one)} is as a whole too.")


def _refuse_missing(licence_type: LicenceType, filled: set[Steps], *, needs_end: bool) -> None:
    outermost = {steps[0] for steps in filled}
    needed = ["number", "issuedOn", LEGAL_BASIS, REASON, *licence_type.schema.get("required", ())]
    needed += ["validUntil"] if needs_end else []
    missing = [name for name in needed if name not in outermost]
    if ("holders",) not in filled:
        missing += [f"holders[0].{name}" for name in ("codeType", "code", "name") if ("holders", 0, name) not in filled]
    if missing:
        raise ImportMapError(f"Nothing fills {', '.join(missing)}; map a column, or give a constant or default.")


def _refuse_columns(plan: Map, columns: tuple[str, ...]) -> None:
    unmapped = [str(place) for place, column in enumerate(columns, 1) if column not in plan.columns]
    if unmapped:
        raise ImportMapError(f"Columns {', '.join(unmapped)} are not mapped; give those that fill nothing to null.")
    if absent := [column for column in plan.columns if column not in columns]:
        raise ImportMapError(f"The file has no column {', '.join(absent)}.")
