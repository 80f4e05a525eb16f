"""What of a licence is withheld, and why.

Decides for each path that is asked for whether it may leave, as far as the licence's type, the grants and the wish say. It must never read data: it sees
paths and parts only. Deny by default: what nothing lets out is withheld.
"""

from collections.abc import Container, Iterable
from enum import StrEnum
from typing import NamedTuple

from hub.catalogue.licence_type import LicenceType
from hub.licences.finding import StoredLicence
from hub.licences.parts import COMMON
from hub.sharing.basis import Reach


class Reason(StrEnum):
    """Why a wanted path is withheld, wholly or (OTHER_PERSON) for others' elements of a per-person list.

    ERASED is told to the issuing authority only: of its own licence the facts stay when the person is gone.
    """

    NOT_SHARED = "NOT_SHARED"
    NOT_GRANTED = "NOT_GRANTED"
    OTHER_PERSON = "OTHER_PERSON"
    ERASED = "ERASED"


class Withheld(NamedTuple):
    """A wanted path that was withheld, and why."""

    path: str
    reason: Reason


class Portion(NamedTuple):
    """Of a part of a licence: which paths are asked for, in the type's order, which of them may leave, and which are withheld.

    `unshared` are those that never leave, `pictures` tells whether an image may. It follows from the type, what is granted and what is wanted, and says
    nothing of persons; so it may be kept for whoever asks the same.
    """

    asked: tuple[str, ...]
    let: frozenset[str]
    withheld: tuple[Withheld, ...]
    unshared: frozenset[str]
    pictures: bool


def portion(
    licence_type: LicenceType, unshared: frozenset[str], paths: frozenset[str], wanted: frozenset[str] | None
) -> Portion:
    """Return what of a part leaves, of all leaves of the type; a basis lets `paths` out, and `wanted` None is all of them."""
    asked = tuple(path for path in licence_type.leaf_paths if wanted is None or path in wanted)
    reasons = ((path, reason_of(path, unshared, paths)) for path in asked)
    withheld = tuple(Withheld(path, why) for path, why in reasons if why)
    let = paths.intersection(asked) - unshared
    return Portion(asked, let, withheld, unshared, not licence_type.image_paths.isdisjoint(let))


def reason_of(path: str, unshared: Container[str], paths: Container[str]) -> Reason | None:
    """Return why a path is withheld wholly; None: it may leave, or be judged."""
    if path in unshared:
        return Reason.NOT_SHARED
    return None if path in paths else Reason.NOT_GRANTED


def is_alone(stored: StoredLicence, reach: Reach) -> bool:
    """Tell whether a licence has one part, and that is reached: then its portion says all that is withheld."""
    return len(reach) == 1 and COMMON in reach and dict(stored.holders).keys() <= {COMMON}


def withheld_of_several(
    licence_type: LicenceType,
    asked: Iterable[str],
    unshared: frozenset[str],
    reach: Reach,
    stored: StoredLicence,
    lists: Container[str],
) -> tuple[Withheld, ...]:
    """Return what is withheld of a licence of several persons; `lists` are the outermost names that it has."""
    holders = {part for part, _ in stored.holders}

    def reason(path: str) -> Reason | None:
        letting = {part for part, paths in reach.items() if path in paths}
        if refused := reason_of(path, unshared, [path] if letting else []):
            return refused
        name = path.split(".", maxsplit=1)[0]
        leaves_out = name in licence_type.per_person and name in lists and not holders <= letting
        return Reason.OTHER_PERSON if leaves_out else None

    return tuple(Withheld(path, why) for path in asked if (why := reason(path)))
