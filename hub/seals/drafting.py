"""What an application for a seal would come to, while somebody still writes it: what is wrong, part by part, and how the seal would look.

Decides which part of a wish a refusal belongs to. It keeps nothing and applies for nothing: `changes.apply` checks everything again. The
picture is drawn from what is there, even while other parts are missing; SVG alone, for that takes some hundredths of a second.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from hub.catalogue.service import Catalogue
from hub.errors import InputError, InputInvalidError
from hub.seals import applications
from hub.seals.applications import CHECKS, ORGANISATION, Owner, Wish
from hub.seals.impressions import Impression
from hub.seals.pictures.refusals import LettersMissingError, PictureError, SpecificationError

_PARTS: Final[Mapping[str, str]] = {"number": "number"}
"""Which part of a wish a part of a drawing comes from; the others come from the text."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a wish comes to: refusals by the part they belong to, and the picture, if there can be one (drawn: without PNG)."""

    faults: Mapping[str, InputError]
    shown: Impression | None = field(repr=False)


def owner_of(wish: Wish, catalogue: Catalogue) -> Owner:
    """Return whose seal it would be.

    Raises:
        AuthorityUnknownError: there is no such authority.
        InputInvalidError, CodeError: the owner is another authority, or no organisation.
    """
    handling = catalogue.authority(wish.authority)
    if wish.owner in {"", wish.authority}:
        return Owner(handling.code, handling.name_zh, handling.division)
    if wish.owner in catalogue.current.authorities:
        raise InputInvalidError("An authority's seals are its own staff's: apply for it under its own credit code.")
    return applications.check_organisation(wish.owner, wish.owner_name, wish.division or handling.division)


def examine(wish: Wish, catalogue: Catalogue) -> Draft:
    """Return what a wish comes to; raises AuthorityUnknownError, FontMissingError."""
    faults: dict[str, InputError] = {}
    owner = _owner(wish, catalogue, faults)
    for part, checked in CHECKS.items():
        with _noted(faults, part):
            checked(wish, owner)
    return Draft(faults, _shown(wish, owner, faults))


def _owner(wish: Wish, catalogue: Catalogue, faults: dict[str, InputError]) -> Owner:
    """Return the owner as far as he is known: his name alone makes a picture."""
    handling = catalogue.authority(wish.authority)
    division = wish.division or handling.division
    try:
        return owner_of(wish, catalogue)
    except InputError as error:
        for part, checked in ORGANISATION.items():
            with _noted(faults, part):
                checked(wish.owner, wish.owner_name, division)
        if not faults:
            faults["owner"] = error
        return Owner(wish.owner, wish.owner_name, division)


def _shown(wish: Wish, owner: Owner, faults: dict[str, InputError]) -> Impression | None:
    make: Callable[[Wish, Owner], Impression] = _drawn if wish.upload is None else applications.impression
    try:
        return make(wish, owner)
    except PictureError as error:
        faults["picture"] = error
    except SpecificationError as error:
        faults.setdefault(_PARTS.get(error.part, "text"), error)
    except LettersMissingError as error:
        for part in error.places:
            faults.setdefault(_PARTS.get(part, "text"), error)
    except InputError as error:
        faults.setdefault("text", error)
    return None


def _drawn(wish: Wish, owner: Owner) -> Impression:
    from hub.seals.pictures.drawing import draw_svg  # noqa: PLC0415 - fonts, for applications only

    drawing = applications.specification(wish, owner)
    return Impression(wish.text, b"", *drawing.size, draw_svg(drawing))


@contextmanager
def _noted(faults: dict[str, InputError], part: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        faults[part] = error
