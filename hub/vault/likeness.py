"""Which places belong to one person: told by equal blind indexes, without anybody learning who he is.

Decides nothing and opens nothing: what comes in and what goes out are places ("handle:..."), and no index leaves the database. Two places are alike
only within one domain, as everywhere; a person who was erased has no index any more, so his places stand alone. Every look-up is
by key, in the order of the query (SQLite keeps that of a CROSS JOIN, PostgreSQL where `Database.look_up_by_key` was asked for).
"""

from collections.abc import Collection, Mapping
from typing import Final

from sqlmodel import Session

from hub.bulk_reading import among, rows

_OTHERS: Final = (
    "SELECT mine.place, other.place FROM vault_index mine CROSS JOIN vault_index other"
    " WHERE mine.kind = ? AND mine.place IN ? AND other.value = mine.value AND other.place <> mine.place"
)
_INDEXED: Final = "SELECT place FROM vault_index WHERE kind = ? AND place IN ?"


def alike(session: Session, kind: str, places: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return all places of the same person, in domains of a kind, for each place that does not stand alone."""
    found: dict[str, set[str]] = {}
    for place, other in rows(session, _OTHERS, kind, among(places)):
        found.setdefault(place, {place}).add(other)
    return {place: frozenset(several) for place, several in found.items()}


def indexed(session: Session, kind: str, places: Collection[str]) -> frozenset[str]:
    """Return those places that lead to somebody; not those of a person who was erased."""
    return frozenset(place for (place,) in rows(session, _INDEXED, kind, among(places)))
