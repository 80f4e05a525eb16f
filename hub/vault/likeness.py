"""Which places belong to one person: told by equal blind indexes, without anybody learning who he is.

Decides nothing and opens nothing: what comes in and what goes out are places ("handle:..."), and no index leaves the vault. Two places are alike
only within one domain, as everywhere; a person who was erased has no index any more, so his places stand alone. Every look-up is
by key: a join would be planned by statistics, which tables that have just grown lack.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import TextClause, bindparam, text
from sqlmodel import Session

_AT_ONCE: Final = 5_000


def _of(statement: str) -> TextClause:
    return text(statement).bindparams(bindparam("keys", expanding=True))


_VALUES: Final = _of("SELECT place, value FROM vault_index WHERE kind = :kind AND place IN :keys")
_SHARED: Final = _of("SELECT value FROM vault_index WHERE value IN :keys GROUP BY value HAVING COUNT(*) > 1")
_PLACES: Final = _of("SELECT value, place FROM vault_index WHERE value IN :keys")


def alike(session: Session, kind: str, places: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return all places of the same person, in domains of a kind, for each place that does not stand alone."""
    values = _found(session, _VALUES, sorted(places), kind=kind)
    shared = {value for (value,) in _found(session, _SHARED, sorted({value for _, value in values}))}
    members: dict[bytes, set[str]] = defaultdict(set)
    for value, place in _found(session, _PLACES, sorted(shared)):
        members[value].add(place)
    alikes: dict[str, frozenset[str]] = {}
    for place, value in values:
        if value in shared:
            alikes[place] = alikes.get(place, frozenset()) | members[value]
    return alikes


def indexed(session: Session, kind: str, places: Collection[str]) -> frozenset[str]:
    """Return those places that lead to somebody; not those of a person who was erased."""
    return frozenset(place for place, _ in _found(session, _VALUES, sorted(places), kind=kind))


def _found(session: Session, statement: TextClause, keys: Sequence[Any], **more: str) -> list[Any]:
    return [row for part in _parts(keys) for row in session.execute(statement, {"keys": part, **more}).all()]


def _parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
