"""Views of the editor of item documents: what each shows of a document, and at which control each fault is told."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.differences import Difference
from hub.catalogue.examining import ExaminedItem
from hub.web.console.catalogue import item_draft as draft
from hub.web.console.catalogue.controls import Control, control_at
from hub.web.console.catalogue.item_steps import Draft
from hub.web.console.catalogue.places import is_within
from hub.web.console.catalogue.type_views import pretty, told
from hub.web.console.problems import Problem

_WHOLE: Final = (*draft.GENERAL, Control("applicants", "/applicants"))


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to say of a draft."""

    examined: ExaminedItem
    following: int
    changes: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One row: its template, what its controls show, what is wrong at which, and what else it is given."""

    template: str
    typed: Callable[[Draft], Mapping[str, str]]
    problems: Callable[[Draft, Found, str], Iterator[Problem]]
    values: Callable[[Draft], Mapping[str, Any]]


def _whole_problems(_now: Draft, found: Found, language: str) -> Iterator[Problem]:
    for fault in found.examined.faults:
        order = (
            fault.pointer.split("/")[2]
            if is_within(fault.pointer, draft.MATERIALS) and fault.pointer.count("/") > 1
            else None
        )
        yield told(fault, f"row-{int(order) + 1}" if order else control_at(_WHOLE, fault.pointer) or "", language)


def _material_problems(now: Draft, found: Found, language: str) -> Iterator[Problem]:
    controls = draft.controls_of(draft.material_at(now.document, now.place))
    for fault in found.examined.faults:
        if is_within(fault.pointer, now.place):
            yield told(fault, control_at(controls, fault.pointer.removeprefix(now.place)) or "", language)


def _json_problems(_now: Draft, found: Found, language: str) -> Iterator[Problem]:
    return (told(fault, "document", language) for fault in found.examined.faults)


def _rows(now: Draft) -> Mapping[str, Any]:
    return {"rows": [draft.row(each) for each in draft.materials(now.document)]}


def _alternatives(now: Draft) -> Mapping[str, Any]:
    material = draft.material_at(now.document, now.place)
    known = now.document.get("requirements")
    return {
        "alternatives": range(len(draft.alternative_controls(material))), "requirements": list(known) if isinstance(known, dict) else []
    }  # fmt: skip


VIEWS: Final[Mapping[str, View]] = MappingProxyType(
    {
        "whole": View("item_editor", lambda now: draft.typed_of(now.document), _whole_problems, _rows),
        "material": View(
            "material",
            lambda now: draft.typed_material(draft.material_at(now.document, now.place)),
            _material_problems,
            _alternatives,
        ),
        "json": View("item_json", lambda now: {"document": pretty(now.document)}, _json_problems, lambda _now: {}),
    }
)
