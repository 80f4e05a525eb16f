"""Kinds of seals and who keeps their keys, one row each.

Decides what each kind must say and what it may seal. Statutory name, special purpose and the legal representative's name are those of
国办发〔2025〕33号; a licence is sealed by an authority's statutory or special seal, never by a contract's, an invoice's or a person's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hub.seals.pictures.names import check_name_chop, check_statutory_name, special_purpose
from hub.seals.pictures.purposes import PURPOSES
from keys.references import PKCS11, STORE
from keys.suites import SUITES

SUITE_NAMES: Final = tuple(SUITES)
"""The suites that a seal may have a key of."""


class Kind(StrEnum):
    """What a seal is."""

    STATUTORY = "STATUTORY"
    SPECIAL = "SPECIAL"
    PERSONAL = "PERSONAL"


class Custody(StrEnum):
    """Who keeps the seal's key: the hub for its owner, or the owner himself."""

    HUB = "HUB"
    OWNER = "OWNER"


class KeyPlace(StrEnum):
    """Where the hub makes a key: in its key store, or in hardware. The values are schemes of `keys.references`."""

    STORE = STORE
    PKCS11 = PKCS11


@dataclass(frozen=True, slots=True)
class Text:
    """What a seal says: its text, its owner's registered name, and for a person's seal the representative's name."""

    text: str
    owner: str
    representative: str = ""


@dataclass(frozen=True, slots=True)
class KindRow:
    """One row: names, the type in SES_ESPropertyInfo, and a check of the text that returns the purpose's key, if it has one."""

    key: Kind
    name_zh: str
    name_en: str
    ses_type: int
    purpose_of: Callable[[Text], str | None]


def _statutory(said: Text) -> None:
    check_statutory_name(said.text, said.owner)


def _special(said: Text) -> str:
    return special_purpose(said.text, said.owner).key


def _personal(said: Text) -> None:
    check_name_chop(said.text, said.representative)


KINDS: Final[Mapping[Kind, KindRow]] = MappingProxyType(
    {
        row.key: row
        for row in (
            KindRow(Kind.STATUTORY, "法定名称章", "Statutory name", 1, _statutory),
            KindRow(Kind.SPECIAL, "专用章", "Special purpose", 2, _special),
            KindRow(Kind.PERSONAL, "法定代表人名章", "Legal representative's name", 3, _personal),
        )
    }
)

# What a seal for money, contracts or papers of a company's own never does.
_NO_LICENCES: Final = frozenset({"CONTRACT", "FINANCE", "INVOICE", "CUSTOMS", "PERSONNEL"})
FOR_LICENCES: Final = "ELECTRONIC_LICENCE"
SEALING_PURPOSES: Final = frozenset(PURPOSES) - _NO_LICENCES


def seals_licences(kind: Kind, purpose: str | None) -> bool:
    """Tell whether a seal may seal licences."""
    return kind is Kind.STATUTORY or purpose in SEALING_PURPOSES


def label(kind: Kind, text: str) -> str:
    """Return the name under which a seal is kept, listed and certified: never a person's."""
    return KINDS[Kind.PERSONAL].name_zh if kind is Kind.PERSONAL else text
