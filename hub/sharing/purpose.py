"""The purpose of a read: a case of a service item, its applicant and the parties that the authority declares.

Decides whether a purpose is well formed and brings its codes to one spelling. It must never let a citizen number into
what is stored or recorded in the clear: case numbers, legal bases and roles are refused if they hold one, and the first two if
they hold the code of a natural person of the case.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from hub.catalogue.code_types import NAMES_PERSON
from hub.catalogue.codes import holds_citizen_number, holds_code, normalise_holder_code
from hub.errors import InputInvalidError
from hub.sharing.relations import require_direct
from hub.vault.purposes import person

MOST_PARTIES = 20
_LONGEST_BASIS = 200
_MOST_LAWS = 256
KNOWN_LAWS = set[str]()
"""Legal bases that are well-formed: names of laws, for none with a digit is kept, so nobody's code is."""
_CASE_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
ROLE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")


class Person(NamedTuple):
    """A natural person or organisation by holder code type (GB/T 36903 Annex A) and code."""

    code_type: str
    code: str

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"Person(code_type={self.code_type!r})"

    @property
    def value(self) -> str:
        """Return the form in which blind indexes take a person."""
        return person(self.code_type, self.code)


@dataclass(frozen=True, slots=True)
class Party:
    """A person of the case beside the applicant, in a role such as "spouse" or "seller"."""

    role: str
    code_type: str
    code: str = field(repr=False)

    @property
    def value(self) -> str:
        """Return the form in which blind indexes take a person."""
        return person(self.code_type, self.code)


@dataclass(frozen=True, slots=True)
class EmbargoWish:
    """That the reads of a case are kept from the persons they are about until an instant, and on which legal basis."""

    until: datetime
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why licences are read: what an authority does for whom, and on what legal basis."""

    item: str
    case_number: str
    applicant: Person
    parties: tuple[Party, ...]
    legal_basis: str
    embargo: EmbargoWish | None = None


def normalise(purpose: Purpose, today: date) -> Purpose:
    """Return the purpose with normalised codes and without repeated parties.

    Raises:
        InputInvalidError: the case number, a role or the legal basis has the wrong shape or holds a citizen number.
        CodeError: a code breaks its own rule.
        PartyCircularError: the applicant is his own relative, or somebody is related to him in two ways.
    """
    checked_number(purpose.case_number, ())
    if len(purpose.parties) > MOST_PARTIES:
        raise InputInvalidError(f"A case has at most {MOST_PARTIES} parties.")
    code_type, code = purpose.applicant
    applicant = Person(code_type, normalise_holder_code(code_type, code, today))
    parties = _parties(applicant, purpose.parties, today) if purpose.parties else ()
    clear = [purpose.case_number, purpose.legal_basis, *([purpose.embargo.legal_basis] if purpose.embargo else [])]
    people: list[Person | Party] = [applicant, *parties]
    for each in people:
        if each.code_type in NAMES_PERSON and any(holds_code(text, each.code_type, each.code) for text in clear):
            raise InputInvalidError("A case number or legal basis must not hold the code of a person of the case.")
    basis = _law(purpose.legal_basis)
    if applicant == purpose.applicant and not parties and basis == purpose.legal_basis:
        return purpose
    return Purpose(purpose.item, purpose.case_number, applicant, parties, basis, purpose.embargo)


def _parties(applicant: Person, declared: Iterable[Party], today: date) -> tuple[Party, ...]:
    parties = dict.fromkeys(Party(_role(each.role), each.code_type, _code(each, today)) for each in declared)
    require_direct(applicant.value, ((each.role, each.value) for each in parties))
    return tuple(parties)


def checked_number(number: str, people: Iterable[Person]) -> str:
    """Return a case number as it may be kept.

    Raises:
        InputInvalidError: it has the wrong shape, or holds a citizen number or the code of one of the people.
    """
    if not _CASE_NUMBER.fullmatch(number) or holds_citizen_number(number, alone=True):
        raise InputInvalidError(
            "A case number has 1 to 64 letters, digits, dots, dashes or underlines and never a citizen number."
        )
    for each in people:
        if holds_code(number, each.code_type, each.code):
            raise InputInvalidError("A case number must not hold the code of a person of the case.")
    return number


def legal_text(text: str) -> str:
    """Return a legal basis or an approval as it may be recorded.

    Raises:
        InputInvalidError: it is empty, longer than 200 characters, unprintable, or holds a citizen number.
    """
    trimmed = text.strip()
    if not trimmed or len(trimmed) > _LONGEST_BASIS or not trimmed.isprintable() or holds_citizen_number(trimmed):
        raise InputInvalidError(
            f"A legal basis or approver has 1 to {_LONGEST_BASIS} printable characters and no citizen number."
        )
    return trimmed


def _law(text: str) -> str:
    """Return the legal basis of a case as `legal_text` does; what was found well-formed before is not looked at again."""
    if text in KNOWN_LAWS:
        return text
    found = legal_text(text)
    if not any(map(str.isdigit, found)):
        if len(KNOWN_LAWS) >= _MOST_LAWS:
            KNOWN_LAWS.clear()
        KNOWN_LAWS.add(found)
    return found


def _code(given: Person | Party, today: date) -> str:
    return normalise_holder_code(given.code_type, given.code, today)


def _role(role: str) -> str:
    if not ROLE.fullmatch(role) or holds_citizen_number(role):
        raise InputInvalidError("A role is a word of up to 32 letters, digits, dashes or underlines, such as spouse.")
    return role
