"""By what a record is found: its kind, what was done, whose it is, who did it, how it ended, and of which licence, case or seal it speaks.

Decides which facts are terms, by one table, and nothing about who may seek. A term is kept as a number, drawn from the fact's name and value: most values are
long, and whoever finds something compares the record itself. It must never make a term of what speaks of a person: handles have their own way
(`hub.audit.subjects`), and prose none.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from hashlib import blake2b
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
_Read = Callable[[Facts], tuple[object, ...]]


def _of(first: str, otherwise: str = "") -> _Read:
    """Return what reads a fact, or another one of records that do not have it."""
    return lambda facts: (facts[first] if first in facts else facts.get(otherwise),)


def _who(facts: Facts) -> tuple[object, ...]:
    """Return a client system by its id, a person by his account."""
    return tuple([
        value.removeprefix(STAFF) for name in ("client", "staff", "by") if isinstance(value := facts.get(name), str)
    ])  # fmt: skip


def _act(facts: Facts) -> tuple[object, ...]:
    operation = facts.get("operation")
    return (f"{facts.get('kind')} {operation}" if isinstance(operation, str) else None,)


_READ: Final[tuple[tuple[Name, _Read], ...]] = (
    (Name.CASE, _of("case")),
    (Name.LICENCE, _of("licence", "identifier")),
    (Name.SEAL, _of("seal", "es_id")),
    (Name.WHO, _who),
    (Name.ACT, _act),
    (Name.OUTCOME, _of("outcome")),
    (Name.KIND, _of("kind")),
    (Name.AUTHORITY, _of("authority")),
)


def terms_of(facts: Facts) -> AbstractSet[Term]:
    """Return the terms that a record is found by; what is no text was not written so by the hub, and is none."""
    return {(name, value) for name, read in _READ for value in read(facts) if isinstance(value, str) and value}


def number(term: Term) -> int:
    """Return the number that a term is kept as: 63 bits."""
    name, value = term
    digest = blake2b(f"{name}\x1f{value}".encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
