"""Views of the editor of licence types: what each shows of a document, and at which control each fault is told.

Decides places only: a fault's pointer leads to the control that stands for it, to the row of its field, or to the form as a whole.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson

from hub.catalogue.differences import Difference
from hub.catalogue.faults import Fault
from hub.catalogue.licence_type import LicenceType
from hub.web.console.catalogue import type_draft as draft
from hub.web.console.catalogue.controls import Control, control_at, shown
from hub.web.console.catalogue.places import at, is_within
from hub.web.console.catalogue.shapes import DECIMALS, MEDIA, SHAPES, Shape, shape_of
from hub.web.console.catalogue.type_steps import Draft, is_of_field
from hub.web.console.problems import Problem

FAULT: Final = "catalogue.fault"
HERE: Final = "catalogue.fault.here"
WHOLE_CONTROLS: Final = (*draft.GENERAL, Control("holders", "/holderKinds"), Control("labels", "/labels"))


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to say of a draft."""

    faults: tuple[Fault, ...]
    licence_type: LicenceType | None
    following: int
    changes: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One row: its template, what its controls show, what is wrong at which, and what else it is given. `language` is that of the reader."""

    template: str
    typed: Callable[[Draft], Mapping[str, str]]
    problems: Callable[[Draft, Found, str], Iterator[Problem]]
    values: Callable[[Draft, Found], Mapping[str, Any]]


def pretty(document: Any) -> str:
    """Return a document as people read it."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def told(fault: Fault, field: str, language: str, *, here: bool = False) -> Problem:
    """Return a fault as a form tells it; `here` leaves its place out, where its control says it."""
    text = fault.reason.text(language)
    return (
        Problem(field, HERE, values={"text": text})
        if here
        else Problem(field, FAULT, values={"place": fault.place, "text": text})
    )


def _whole_problems(now: Draft, found: Found, language: str) -> Iterator[Problem]:
    lines = {row.place: f"row-{number}" for number, row in enumerate(draft.rows(now.document), 1)}
    for fault in found.faults:
        line = max((place for place in lines if is_within(fault.pointer, place)), key=len, default=None)
        yield told(fault, lines[line] if line else control_at(WHOLE_CONTROLS, fault.pointer) or "", language)


def _field_problems(now: Draft, found: Found, language: str) -> Iterator[Problem]:
    if now.name_taken:
        yield Problem("name", "catalogue.problem.name_taken")
    shape = shape_of(at(now.document, now.place))
    for fault in found.faults:
        if is_of_field(fault, now.place):
            own = fault.pointer.removeprefix(now.place)
            yield told(
                fault, (control_at(shape.every, own) if shape and own else "name") or "shape", language, here=True
            )


def _label_problems(_now: Draft, found: Found, language: str) -> Iterator[Problem]:
    for fault in found.faults:
        if is_within(fault.pointer, "/labels"):
            yield told(fault, control_at(draft.EVERY_LABEL, fault.pointer) or "", language)


def _json_problems(_now: Draft, found: Found, language: str) -> Iterator[Problem]:
    return (told(fault, "document", language) for fault in found.faults)


def _whole_values(now: Draft, _found: Found) -> Mapping[str, Any]:
    return {
        "rows": draft.rows(now.document),
        "rules": {row.place: rules(at(now.document, row.place)) for row in draft.rows(now.document)},
    }


def _field_values(now: Draft, _found: Found) -> Mapping[str, Any]:
    shape = shape_of(at(now.document, now.place))
    inside = draft.holder_of(now.place, shape) if shape and shape.holds else ""
    within = [row for row in draft.rows(now.document) if is_within(row.place, now.place) and row.place != now.place]
    return {
        "shape": shape,
        "shapes": tuple(SHAPES),
        "inside": inside,
        "rows": within,
        "text_of": pretty(at(now.document, now.place)),
        "media": [(each, each) for each in MEDIA],
        "decimals": DECIMALS,
    }


def rules(schema: Any) -> list[tuple[str, str]]:
    """Return what is asked of a field's values, as names of controls and what they show."""
    shape: Shape | None = shape_of(schema)
    if shape is None:
        return []
    return [(name, text) for name, text in shown(shape.controls, schema).items() if text and name != "sensitivity"]


VIEWS: Final[Mapping[str, View]] = MappingProxyType(
    {
        "whole": View("editor", lambda now: draft.typed_of(now.document), _whole_problems, _whole_values),
        "field": View("field", lambda now: draft.typed_field(now.document, now.place), _field_problems, _field_values),
        "labels": View(
            "labels",
            lambda now: shown(draft.EVERY_LABEL, now.document),
            _label_problems,
            lambda _now, _found: {"labels": draft.LABELS},
        ),
        "json": View("json", lambda now: {"document": pretty(now.document)}, _json_problems, lambda _now, _found: {}),
    }
)
