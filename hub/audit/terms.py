"""By what a record is found: its kind, what was done, whose it is, who did it, how it ended, and of which licence, case or seal it speaks.

Decides which facts are terms, by one table, and nothing about who may seek. A term is kept as a number, drawn from the fact's name and value: most values are
long, and whoever finds something compares the record itself. It must never make a term of what speaks of a person: handles have their own way
(`hub.audit.subjects`), and prose none.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType
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


Term = tuple[Name, str]


def _of(*names: str) -> Callable[[Facts], Iterator[object]]:
    """Return what reads the first of some facts that a record has."""
    return lambda facts: iter([next((facts[name] for name in names if name in facts), None)])


def _who(facts: Facts) -> Iterator[object]:
    """Yield a client system by its id, a person by his account."""
    for name in ("client", "staff", "by"):
        value = facts.get(name)
        yield value.removeprefix(STAFF) if isinstance(value, str) else None


def _act(facts: Facts) -> Iterator[object]:
    kind, operation = facts.get("kind"), facts.get("operation")
    yield f"{kind} {operation}" if isinstance(operation, str) else None


_READ: Final[Mapping[Name, Callable[[Facts], Iterator[object]]]] = MappingProxyType(
    {
        Name.CASE: _of("case"),
        Name.LICENCE: _of("licence", "identifier"),
        Name.SEAL: _of("seal", "es_id"),
        Name.WHO: _who,
        Name.ACT: _act,
        Name.OUTCOME: _of("outcome"),
        Name.KIND: _of("kind"),
        Name.AUTHORITY: _of("authority"),
    }
)


def terms_of(facts: Facts) -> frozenset[Term]:
    """Return the terms that a record is found by; what is no text was not written so by the hub, and is none."""
    found = ((name, value) for name, read in _READ.items() for value in read(facts))
    return frozenset((name, value) for name, value in found if isinstance(value, str) and value)


def number(term: Term) -> int:
    """Return the number that a term is kept as: 63 bits."""
    name, value = term
    digest = blake2b(f"{name}\x1f{value}".encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
