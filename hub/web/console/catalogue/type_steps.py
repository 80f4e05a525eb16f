"""Steps of the editor of licence types: what each button does to the document, and which view comes next.

Decides by a table, one row a button. A step must never lose what was typed: the view's controls are taken into the document before it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from hub.catalogue.examining import faults_of_fields
from hub.catalogue.faults import Fault
from hub.web.console.catalogue import type_draft as draft
from hub.web.console.catalogue.controls import Typed
from hub.web.console.catalogue.places import Document, is_within, parts


@dataclass(frozen=True, slots=True)
class Draft:
    """A document being edited: which view of it is shown, the field that it shows, and whether faults are told yet.

    `name_taken` is whether the name that a field was to have is another's.
    """

    document: Document
    view: str = "whole"
    place: str = ""
    checked: bool = False
    name_taken: bool = False


def taken(document: Document, typed: Typed) -> Draft:
    """Return the draft after what its view's controls say; the name of a field may have changed its place."""
    view, place = typed.get("view", ""), typed.get("place", "")
    if view == "whole":
        draft.take_general(document, typed)
    elif view == "labels":
        draft.take_labels(document, typed)
    elif view == "field":
        place = draft.take_field(document, place, typed)
    wanted = typed.get("name", "").strip() if view == "field" else ""
    name_taken = bool(wanted) and parts(place)[1] != wanted
    return Draft(document, "whole", place, "checked" in typed, name_taken)


def stepped(now: Draft, typed: Typed) -> Draft:
    """Return the draft after the button that was pressed; raises InputInvalidError where what it is about is gone."""
    step, _, where = typed.get("step", "").partition(" ")
    before = typed.get("place", "")
    if before and is_within(where, before):  # the field may have got another name with this form
        where = now.place + where[len(before) :]
    return STEPS[step](now, where, typed) if step in STEPS else now


def _added(now: Draft, holder: str, typed: Typed) -> Draft:
    shape = draft.shape_named(typed.get("shape", "TEXT"))
    return replace(now, view="field", place=draft.add(now.document, holder or draft.ROOT, shape), checked=False)


def _removed(now: Draft, place: str, _typed: Typed) -> Draft:
    draft.remove(now.document, place)
    return now


def _moved(by: int) -> "Step":
    def move(now: Draft, place: str, _typed: Typed) -> Draft:
        draft.move(now.document, place, by)
        return now

    return move


def _opened(now: Draft, place: str, _typed: Typed) -> Draft:
    draft.field_at(now.document, place)
    return replace(now, view="field", place=place, checked=False)


def _reshaped(now: Draft, _place: str, typed: Typed) -> Draft:
    draft.reshape(now.document, now.place, draft.shape_named(typed.get("shape", "")))
    return replace(now, view="field", checked=False)


def _saved(now: Draft, _place: str, _typed: Typed) -> Draft:
    """Go back to the whole, unless something is wrong with the field: then it is shown once, with what is wrong."""
    wrong = any(is_of_field(each, now.place) for each in faults_of_fields(now.document)) or now.name_taken
    return replace(now, view="field", checked=True) if wrong else now


def _numbered(now: Draft, number: str, _typed: Typed) -> Draft:
    if number.isascii() and number.isdigit():
        now.document["version"] = int(number[:6])
    return replace(now, checked=True)


def _viewing(view: str) -> "Step":
    return lambda now, _place, _typed: replace(now, view=view)


Step = Callable[[Draft, str, Typed], Draft]
STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        "check": lambda now, _place, _typed: replace(now, checked=True),
        "publish": lambda now, _place, _typed: replace(now, view="publish", checked=True),
        "look": lambda now, _place, _typed: replace(now, view="look", checked=True),
        "field": _opened,
        "add": _added,
        "remove": _removed,
        "up": _moved(-1),
        "down": _moved(1),
        "shape": _reshaped,
        "save": _saved,
        "renumber": _numbered,
        **{view: _viewing(view) for view in ("labels", "json", "download")},
    }
)


def is_of_field(fault: Fault, place: str) -> bool:
    """Tell whether a fault is a field's own, not one of the fields inside it."""
    own = fault.pointer.removeprefix(place)
    return fault.pointer.startswith(place) and (not own or (own.startswith("/") and "/properties/" not in own))
