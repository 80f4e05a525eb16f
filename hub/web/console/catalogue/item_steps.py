"""Steps of the editor of item documents: what each button does to the document, and which view comes next.

Decides by a table, one row a button. A step must never lose what was typed: the view's controls are taken into the document before it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from hub.catalogue.items.outline import misshapen
from hub.web.console.catalogue import item_draft as draft
from hub.web.console.catalogue.controls import Typed
from hub.web.console.catalogue.places import Document, is_within


@dataclass(frozen=True, slots=True)
class Draft:
    """A document being edited: which view of it is shown, the material that it shows, and whether faults are told yet."""

    document: Document
    view: str = "whole"
    place: str = ""
    checked: bool = False


def taken(document: Document, typed: Typed) -> Draft:
    """Return the draft after what its view's controls say; raises InputInvalidError where a material's rest is no JSON."""
    view, place = typed.get("view", ""), typed.get("place", "")
    if view == "whole":
        draft.take_general(document, typed)
    elif view == "material":
        draft.take_material(document, place, typed)
    return Draft(document, "whole", place, "checked" in typed)


def stepped(now: Draft, typed: Typed) -> Draft:
    """Return the draft after the button that was pressed; raises InputInvalidError where what it is about is gone."""
    step, _, where = typed.get("step", "").partition(" ")
    return STEPS[step](now, where, typed) if step in STEPS else now


def _opened(now: Draft, place: str, _typed: Typed) -> Draft:
    draft.material_at(now.document, place)
    return replace(now, view="material", place=place, checked=False)


def _added(now: Draft, _place: str, _typed: Typed) -> Draft:
    return replace(now, view="material", place=draft.add(now.document), checked=False)


def _removed(now: Draft, place: str, _typed: Typed) -> Draft:
    draft.remove(now.document, place)
    return now


def _moved(by: int) -> "Step":
    def move(now: Draft, place: str, _typed: Typed) -> Draft:
        draft.move(now.document, place, by)
        return now

    return move


def _alternative(now: Draft, _place: str, typed: Typed) -> Draft:
    draft.add_alternative(now.document, now.place, typed.get("source", ""))
    return replace(now, view="material", checked=False)


def _without(now: Draft, order: str, _typed: Typed) -> Draft:
    draft.remove_alternative(now.document, now.place, order)
    return replace(now, view="material", checked=False)


def _saved(now: Draft, _place: str, _typed: Typed) -> Draft:
    """Go back to the whole, unless the material is out of shape: then it is shown once, with what is wrong."""
    wrong = any(is_within(fault.pointer, now.place) for fault in misshapen(now.document))
    return replace(now, view="material", checked=True) if wrong else now


def _numbered(now: Draft, number: str, _typed: Typed) -> Draft:
    if number.isascii() and number.isdigit():
        now.document["version"] = int(number[:6])
    return replace(now, checked=True)


def _viewing(view: str, *, checked: bool = False) -> "Step":
    return lambda now, _place, _typed: replace(now, view=view, checked=now.checked or checked)


Step = Callable[[Draft, str, Typed], Draft]
STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        "check": _viewing("whole", checked=True),
        "publish": _viewing("publish", checked=True),
        "material": _opened,
        "add": _added,
        "remove": _removed,
        "up": _moved(-1),
        "down": _moved(1),
        "alternative": _alternative,
        "without": _without,
        "save": _saved,
        "renumber": _numbered,
        "json": _viewing("json"),
        "download": _viewing("download"),
    }
)
