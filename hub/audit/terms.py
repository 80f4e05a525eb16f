"""By what a record is found: its kind, what was done, whose it is, who did it, how it ended, and of which licence, case or seal it speaks.

Decides which facts are terms, by one table, and nothing about who may seek. A term is kept as a number, drawn from the fact's name and value: most values are
long, and whoever finds something compares the record itself. It must never make a term of what speaks of a person: handles have their own way
(`hub.audit.subjects`), and prose none.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from hashlib import blake2b
from struct import Struct
from typing import Any, Final

Facts = Mapping[str, Any]
STAFF: Final = "staff "
"""Before the account of a person of staff, where a record names a client system as a rule."""


class Name(StrEnum):
    """What a term says; the rarest first, so that a search follows the shortest list."""

    CASE = "case"
    LICENCE = "licence"
    SEAL = "seal"
    WHO = "who"
    ACT = "act"
    OUTCOME = "outcome"
    KIND = "kind"
    AUTHORITY = "authority"

    __hash__ = str.__hash__  # that of an Enum is a function in Python


Term = tuple[Name, str]
_TOLD: Final = (
    (Name.CASE, "case", ""),
    (Name.LICENCE, "licence", "identifier"),
    (Name.SEAL, "seal", "es_id"),
    (Name.OUTCOME, "outcome", ""),
    (Name.KIND, "kind", ""),
    (Name.AUTHORITY, "authority", ""),
)
"""Terms by the facts that tell them: the first, or the other one of records that do not have it."""

_WHO: Final = ("client", "staff", "by")
"""Facts that name a client system by its id, or a person by his account."""

_WHOLE: Final = Struct(">Q")


def terms_of(facts: Facts) -> AbstractSet[Term]:
    """Return the terms that a record is found by; what is no text was not written so by the hub, and is none."""
    terms: set[Term] = set()
    for name, first, otherwise in _TOLD:
        value = facts[first] if first in facts else facts.get(otherwise)
        if isinstance(value, str) and value:
            terms.add((name, value))
    for told in _WHO:
        if isinstance(who := facts.get(told), str) and (bare := who.removeprefix(STAFF)):
            terms.add((Name.WHO, bare))
    if isinstance(operation := facts.get("operation"), str):
        terms.add((Name.ACT, f"{facts.get('kind')} {operation}"))
    return terms


def number(term: Term) -> int:
    """Return the number that a term is kept as: 63 bits."""
    told = "\x1f".join(term)
    plain = told.encode() if told.isascii() else told.encode(errors="surrogatepass")
    (whole,) = _WHOLE.unpack(blake2b(plain, digest_size=8).digest())
    return int(whole) >> 1
