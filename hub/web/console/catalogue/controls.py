"""Controls of the editors: which field of a form stands for which place of a document, and how a text becomes a value.

Decides that nothing typed is lost: what is no number stays the text that it is, for the catalogue's own rules to find. An empty control leaves
its member out, unless its kind says otherwise.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.web.console.catalogue.places import MISSING, Document, at, put

Typed = Mapping[str, str]
_WHOLE: Final = re.compile(r"-?[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Codec:
    """How one kind of control reads and shows a value. `read` returns MISSING for a member that is left out; `shown` None where a box is not ticked."""

    read: Callable[[str | None], Any]
    shown: Callable[[Any], str | None]


def _text(typed: str | None) -> str:
    return (typed or "").strip()


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value in (None, MISSING) else str(value)


def _number(typed: str | None) -> Any:
    text = _text(typed)
    return int(text) if _WHOLE.fullmatch(text) else text or MISSING


def _lines(typed: str | None) -> list[str]:
    return [line.strip() for line in _text(typed).splitlines() if line.strip()]


def _as_lines(value: Any) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else _as_text(value)


TEXT: Final = Codec(_text, _as_text)
"""Always there, empty or not."""
OPTIONAL: Final = Codec(lambda typed: _text(typed) or MISSING, _as_text)
OR_NULL: Final = Codec(lambda typed: _text(typed) or None, _as_text)
NUMBER: Final = Codec(_number, _as_text)
LINES: Final = Codec(_lines, _as_lines)
SOME_LINES: Final = Codec(lambda typed: _lines(typed) or MISSING, _as_lines)
YES_OR_NO: Final = Codec(lambda typed: typed is not None, lambda value: "yes" if value is True else None)
SWITCH: Final = Codec(
    lambda typed: True if typed is not None else MISSING, lambda value: "yes" if value is True else None
)


@dataclass(frozen=True, slots=True)
class Control:
    """One control: the field's name on the form, the place it stands for, relative to what is edited, and its kind."""

    name: str
    place: str
    codec: Codec = TEXT


def shown(controls: Iterable[Control], document: Any) -> dict[str, str]:
    """Return what controls show of a document, by their names."""
    found = ((each.name, each.codec.shown(at(document, each.place))) for each in controls)
    return {name: text for name, text in found if text is not None}


def take(controls: Iterable[Control], typed: Typed, document: Document) -> None:
    """Put what was typed into a document."""
    for each in controls:
        put(document, each.place, each.codec.read(typed.get(each.name)))


def control_at(controls: Iterable[Control], place: str) -> str | None:
    """Return the name of the control that stands for a place, or for what holds it or is held by it; the closest counts."""
    exact = [each.name for each in controls if each.place == place]
    near = [each for each in controls if f"{place}/".startswith(f"{each.place}/") or each.place.startswith(f"{place}/")]
    closest = max(near, key=lambda each: len(each.place), default=None)
    return exact[0] if exact else closest.name if closest else None


def ticked(boxes: Mapping[str, str], typed: Typed, before: Any) -> list[str]:
    """Return what boxes stand for that are ticked, by the names of the boxes; in the order that it had, where it is the same."""
    now = [value for name, value in boxes.items() if name in typed]
    return before if isinstance(before, list) and sorted(map(str, before)) == sorted(now) else now
