"""Applications for seals: what is asked for, checked before anybody has to look at it.

Decides whether a wish can be met: the owner, his name on the seal, the picture, the suite, the validity, and that the owner has no such
seal yet. A picture is drawn here or taken from an upload; nothing of an upload is kept as it came.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session, col, select

from hub.catalogue.codes import check_credit_code, check_division_code
from hub.errors import InputInvalidError, SealMissingError
from hub.seals import model
from hub.seals.impressions import Impression
from hub.seals.kinds import KINDS, Custody, Kind, Text, label
from hub.seals.life import SealStatus
from hub.seals.pictures.names import name_chop, special_purpose_seal, statutory_seal
from hub.seals.pictures.specification import Specification
from hub.seals.refusals import SealExistsError
from keys.suites import SUITES

LONGEST_YEARS = 10
LONGEST_NAME = 64  # RFC 5280 appendix A: ub-common-name, ub-organization-name
LONGEST_REASON = 200
_OVER = (SealStatus.REJECTED, SealStatus.REVOKED)


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that was handed in: PNG, and the seal's size in millimetres."""

    png: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is applied for.

    `authority` is the one whose staff ask; `owner` is it or an organisation, by credit code. For an organisation its registered name and division
    are told; an authority's are known. `text` is what the seal says; a legal representative's name is needed for his seal only.
    """

    authority: str
    kind: Kind
    text: str = field(repr=False)
    reason: str
    owner: str = ""
    owner_name: str = ""
    division: str = ""
    representative: str = field(default="", repr=False)
    suite: str = "ES256"
    years: int = 5
    custody: Custody = Custody.HUB
    upload: Upload | None = None
    number: str = ""
    remakes: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose seal it will be."""

    code: str
    name: str
    division: str


def check(wish: Wish, owner: Owner) -> str | None:
    """Return the key of a special seal's purpose; refuse what cannot be made.

    Raises:
        InputInvalidError: suite, years, reason or owner.
        NameMismatchError, PurposeUnknownError: the text is not the owner's.
    """
    for checked in CHECKS.values():
        checked(wish, owner)
    return _purpose(wish, owner)


def _suite(wish: Wish, _owner: Owner) -> None:
    if wish.suite not in SUITES:
        raise InputInvalidError(f"The suite of a seal is one of {', '.join(SUITES)}.")


def _years(wish: Wish, _owner: Owner) -> None:
    if not 1 <= wish.years <= LONGEST_YEARS:
        raise InputInvalidError(f"A seal holds for 1 to {LONGEST_YEARS} years.")


def _reason(wish: Wish, _owner: Owner) -> None:
    if not wish.reason.strip() or len(wish.reason) > LONGEST_REASON or not wish.reason.isprintable():
        raise InputInvalidError(f"Say in 1 to {LONGEST_REASON} printable characters why the seal is needed.")


def _purpose(wish: Wish, owner: Owner) -> str | None:
    if len(wish.text) > LONGEST_NAME:
        raise InputInvalidError(f"The text of a seal has at most {LONGEST_NAME} characters.")
    return KINDS[wish.kind].purpose_of(Text(wish.text, owner.name, wish.representative))


CHECKS: Final[Mapping[str, Callable[[Wish, Owner], object]]] = {
    "suite": _suite, "years": _years, "reason": _reason, "text": _purpose,
}  # fmt: skip
"""What is checked of each part of a wish; each raises as `check` does."""


def check_organisation(code: str, name: str, division: str) -> Owner:
    """Return an organisation as an owner; raises CodeError, InputInvalidError."""
    for checked in ORGANISATION.values():
        checked(code, name, division)
    return Owner(code, name, division)


def _registered_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputInvalidError(f"The registered name of a seal's owner has 1 to {LONGEST_NAME} printable characters.")


ORGANISATION: Final[Mapping[str, Callable[[str, str, str], object]]] = {
    "owner": lambda code, _name, _division: check_credit_code(code),
    "division": lambda _code, _name, division: check_division_code(division),
    "owner_name": lambda _code, name, _division: _registered_name(name),
}
"""What is checked of each part of an organisation; each raises as `check_organisation` does."""


def impression(wish: Wish, owner: Owner) -> Impression:
    """Return the seal's picture: the upload, written anew, or one drawn for it.

    Raises:
        PictureError: the upload cannot be a seal's.
        LettersMissingError, FontMissingError: it cannot be drawn here.
    """
    from hub.seals.pictures.drawing import draw  # noqa: PLC0415 - fonts and pixels, for applications only
    from hub.seals.pictures.uploads import take_upload  # noqa: PLC0415 - same

    if wish.upload is not None:
        sent = wish.upload
        return Impression(wish.text, take_upload(sent.png, sent.width, sent.height), sent.width, sent.height)
    drawn = draw(specification(wish, owner))
    return Impression(wish.text, drawn.png, drawn.width, drawn.height, drawn.svg)


def specification(wish: Wish, owner: Owner) -> Specification:
    """Return how a seal is drawn that has no picture of its own; raises SpecificationError, and as `check`."""
    if wish.kind is Kind.STATUTORY:
        return statutory_seal(owner.name, wish.number)
    if wish.kind is Kind.SPECIAL:
        return special_purpose_seal(owner.name, wish.text, wish.number)
    return name_chop(wish.text, wish.number)


def row(
    wish: Wish, owner: Owner, application_id: str, purpose: str | None, picture_id: str, now: int
) -> model.SealApplication:
    """Return an application as it is kept."""
    return model.SealApplication(
        id=application_id, authority=wish.authority, owner=owner.code, owner_name=owner.name, division=owner.division,
        kind=wish.kind.value, purpose=purpose, name=label(wish.kind, wish.text), suite=wish.suite, years=wish.years,
        custody=wish.custody.value, reason=wish.reason, status=SealStatus.APPLIED.value, picture_id=picture_id,
        remakes=wish.remakes, applied_at=now,
    )  # fmt: skip


def require_place(session: Session, wish: Wish, owner: Owner, now: int) -> None:
    """Refuse a second seal of one name beside one that is asked for, made or usable: their validities would overlap.

    Raises:
        SealExistsError: there is one, and this application does not remake it.
        SealMissingError: the seal to be remade is not this owner's, not of this kind, or another authority's staff look after it.
    """
    same = (
        model.Seal.owner == owner.code, model.Seal.kind == wish.kind.value, model.Seal.name == label(wish.kind, wish.text),
        col(model.Seal.status).not_in(_OVER), model.Seal.valid_until > now,
    )  # fmt: skip
    living = set(session.exec(select(model.Seal.es_id).where(*same)))
    if wish.remakes is not None:
        old = session.get(model.Seal, wish.remakes)
        if old is None or (old.owner, old.authority, old.kind) != (owner.code, wish.authority, wish.kind.value):
            raise SealMissingError("The owner has no seal of this number and kind here to be remade.")
        living.discard(wish.remakes)
    asked = (
        model.SealApplication.owner == owner.code, model.SealApplication.kind == wish.kind.value,
        model.SealApplication.name == label(wish.kind, wish.text),
        col(model.SealApplication.status).in_((SealStatus.APPLIED, SealStatus.APPROVED)),
    )  # fmt: skip
    if living or session.exec(select(model.SealApplication.id).where(*asked).limit(1)).first():
        raise SealExistsError
