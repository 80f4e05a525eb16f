"""What a form asks for: a wish for a seal, as somebody typed it, and what is wrong with it, field by field.

Decides how fields become a wish. A text that is left out is put together from the owner's name and the purpose. What somebody typed is shown
to him again; a picture that he handed in is not kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.errors import HubError, InputInvalidError
from hub.seals.drafting import Draft
from hub.seals.kinds import Custody, Kind
from hub.seals.office import Upload, Wish
from hub.seals.pictures.purposes import PURPOSES
from hub.seals.pictures.refusals import LettersMissingError, SpecificationError
from hub.web.console.problems import Problem, Problems
from hub.web.forms import Form

BEGUN: Final[Mapping[str, str]] = {
    "kind": Kind.SPECIAL.value, "purpose": "ELECTRONIC_LICENCE", "whose": "OWN", "suite": "ES256", "years": "5", "custody": Custody.HUB.value,
    "width": "42", "height": "42",
}  # fmt: skip
"""What a form begins with."""
_OTHER: Final = "OTHER"
_LONGEST_NUMBER: Final = 3  # digits of a count


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish, and the fields it was typed in."""

    wish: Wish = field(repr=False)
    typed: Mapping[str, str] = field(repr=False)


def read(form: Form, name_of: Callable[[str], str]) -> Asked:
    """Return what a form asks for; `name_of` returns the registered name of an authority. Raises InputInvalidError, AuthorityUnknownError."""
    typed = {**BEGUN, **form.fields}
    other = typed["whose"] == _OTHER
    owner_name = typed.get("owner_name", "").strip() if other else name_of(typed.get("authority", ""))
    try:
        kind, custody = Kind(typed["kind"]), Custody(typed["custody"])
    except ValueError:
        raise InputInvalidError("There is no such kind of seal, or nobody who keeps keys so.") from None
    png = form.files.get("picture")
    wish = Wish(
        authority=typed.get("authority", ""), kind=kind, text=typed.get("text", "").strip() or _usual(kind, owner_name, typed["purpose"]),
        reason=typed.get("reason", "").strip(), owner=typed.get("owner", "").strip() if other else "", owner_name=owner_name if other else "",
        division=typed.get("division", "").strip() if other else "", representative=typed.get("representative", "").strip(),
        suite=typed["suite"], years=_count(typed["years"]), custody=custody,
        upload=Upload(png, _count(typed["width"]), _count(typed["height"])) if png else None, number=typed.get("number", "").strip(),
        remakes=typed.get("remakes") or None,
    )  # fmt: skip
    return Asked(wish, typed)


def _usual(kind: Kind, owner_name: str, purpose: str) -> str:
    """Return what a seal of a kind usually says; a person's name is nobody's to guess."""
    if kind is Kind.PERSONAL or not owner_name:
        return ""
    suffix = PURPOSES[purpose].suffix if kind is Kind.SPECIAL and purpose in PURPOSES else ""
    return f"{owner_name}{suffix}"


def _count(text: str) -> int:
    """Return a number of years or millimetres; what is none is one that nothing has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else 0


def faults(draft: Draft, status_of: Callable[[HubError], int]) -> Problems:
    """Return what is wrong with a wish, as its form shows it."""
    found = tuple(fault(part, error) for part, error in draft.faults.items())
    return Problems(found, max((status_of(each) for each in draft.faults.values()), default=200))


def fault(part: str, error: HubError) -> Problem:
    """Return one refusal at its field: told by its code, or, where that says too little, by the field."""
    if isinstance(error, LettersMissingError):
        places = "; ".join(", ".join(map(str, each)) for each in error.places.values())
        return Problem(part, f"problem.{error.code}", error.message, {"places": places})
    words = f"problem.{error.code}" if error.code not in _BY_FIELD else f"seals.wrong.{_part_of(part, error)}"
    return Problem(part, words, error.message)


_BY_FIELD: Final = frozenset({"INPUT_INVALID", "CODE_INVALID"})


def _part_of(part: str, error: HubError) -> str:
    return f"drawn_{error.part}" if isinstance(error, SpecificationError) else part or "form"


def told(problems: Problems, words: Any) -> dict[str, str]:
    """Return what is wrong by field, in words, for a script."""
    return {each.field: words(each.words, **each.values) if each.words in words else each.detail for each in problems}
