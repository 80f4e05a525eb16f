"""What changed between two versions of a catalogue document, place by place.

Decides which changes are one: a member that came or went is told whole. Lists of named things (materials, fields of a form) are compared by their
names, other lists as a whole, so that one more in the middle is not a change of all that follow. The version itself is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.catalogue.faults import pointer

_NAMES: Final = ("key", "name")
_IGNORED: Final = frozenset({"/version"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: where, and the values before and after; None where the member was not there, or is no more."""

    place: str
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what changed from one document to another, in the order of the newer."""
    return tuple(each for each in _between("", before, after) if each.place not in _IGNORED)


def _between(place: str, before: Any, after: Any) -> Iterator[Difference]:
    old, new = _members(before), _members(after)
    if old is None or new is None:
        if before != after:
            yield Difference(place, before, after)
        return
    for name in (*new, *(name for name in old if name not in new)):
        yield from _between(pointer(name, above=place), old.get(name), new.get(name))
    ordered = place.endswith("/properties") or isinstance(after, list)
    if ordered and [name for name in old if name in new] != [name for name in new if name in old]:
        yield Difference(place, list(old), list(new))


def _members(value: Any) -> Mapping[str, Any] | None:
    """Return the members of an object, or of a list of named objects by their names; None for anything else."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        return None
    for name in _NAMES:
        names = [each.get(name) for each in value]
        if value and all(isinstance(each, str) for each in names) and len(set(names)) == len(names):
            return dict(zip(names, value, strict=True))
    return None
