"""Relations that a licence can prove (spouse, parent, representative ...): one frozen row a role, and what counts as proof.

Decides, for a party in one of these roles, which licence of whom must say what; all of it pure. Roles that are not here (seller, buyer, agent)
are what the authority declares them to be. It must never take a declaration for a proof, nor lead further than from the applicant to a party:
a party of a party, and a party who is the applicant himself, are refused.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.code_types import CITIZEN_NUMBER
from hub.catalogue.codes import normalise_holder_code
from hub.errors import CodeError
from hub.sharing.refusals import PartyCircularError


class Evidence(StrEnum):
    """How it is known that somebody is a party: the authority says so; a licence proves it; or none does, though one would have to."""

    DECLARED = "DECLARED"
    PROVED = "PROVED"
    NOT_PROVED = "NOT_PROVED"


class How(StrEnum):
    """What of the source is the proof: both hold one; it names the other's citizen number; it names the other's name."""

    HELD_BY_BOTH = "HELD_BY_BOTH"
    NAMES_NUMBER = "NAMES_NUMBER"
    NAMES_NAME = "NAMES_NAME"


@dataclass(frozen=True, slots=True)
class Relation:
    """One row: what the party is to the applicant, and the licence that proves it; `applicant_holds` it, or else the party does."""

    role: str
    zh: str
    source: str
    how: How
    applicant_holds: bool = True


_ROWS: Final = (
    Relation("spouse", "配偶", "MarriageCertificate", How.HELD_BY_BOTH),
    Relation("parent", "父母", "BirthMedicalCertificate", How.NAMES_NUMBER),
    Relation("child", "子女", "BirthMedicalCertificate", How.NAMES_NUMBER, applicant_holds=False),
    Relation("representative", "法定代表人", "BusinessLicence", How.NAMES_NAME),
    Relation("organisation", "所代表的组织", "BusinessLicence", How.NAMES_NAME, applicant_holds=False),
)
RELATIONS: Final[Mapping[str, Relation]] = MappingProxyType({row.role: row for row in _ROWS})

DIVORCE: Final = "DivorceCertificate"
"""Ends what a marriage certificate proves, when both hold one that is not older."""
IDENTITY: Final = "ResidentIdentityCard"
"""Says which name belongs to a citizen number."""

Values = Mapping[str, Any]
Claim = Callable[[Sequence[Values]], bool]


def require_direct(applicant: str, parties: Iterable[tuple[str, str]]) -> None:
    """Refuse circles: `parties` are roles and persons (`purposes.person`) of one case.

    Raises:
        PartyCircularError: the applicant is his own relative, or one person is related to him in two ways.
    """
    related = [person for role, person in dict.fromkeys(parties) if role in RELATIONS]
    if applicant in related or len(set(related)) < len(related):
        raise PartyCircularError


_PARENTS: Final = ("mother", "father")
_CITIZEN_DOCUMENT: Final = "居民身份证"
PATHS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "BirthMedicalCertificate": frozenset(f"{who}.{what}" for who in _PARENTS for what in ("idType", "idNumber")),
        "BusinessLicence": frozenset({"legalRepresentative"}),
        IDENTITY: frozenset({"holders.name"}),
    }
)
"""What of each source is looked at."""


def names_parent(code: str) -> Claim:
    """Return the claim that a birth certificate names a citizen number as the mother's or the father's."""

    def claim(seen: Sequence[Values]) -> bool:
        parents = (seen[0].get(who, {}) for who in _PARENTS)
        numbers = (each.get("idNumber", "") for each in parents if each.get("idType") == _CITIZEN_DOCUMENT)
        return any(_citizen_number(number) == code for number in numbers)

    return claim


def names_representative(seen: Sequence[Values]) -> bool:
    """Tell whether a business licence (first) names as its representative who an identity card (second) says is its holder."""
    licence, card = seen
    names = [_name(each.get("name")) for each in card.get("holders", ())]
    return len(names) == 1 and names[0] != "" and _name(licence.get("legalRepresentative")) == names[0]


def _citizen_number(number: str) -> str | None:
    try:
        return normalise_holder_code(CITIZEN_NUMBER, number)
    except CodeError:
        return None


def _name(text: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", text or "").split())
