"""Looking up who stands in a register, and whether a code and a name belong together, through blind indexes.

Decides nothing about rights and opens nothing. Many look-ups of one tick become one query. Whether a code is unknown or a name is another one's
looks the same here: nothing is found.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hub.catalogue.registers import Register
from hub.clock import from_micros
from hub.identities.sealing import LOOSE, STRICT, with_letters, with_name
from hub.reading import Loader, Reader, Row
from hub.vault import purposes
from hub.vault.service import Vault

_ENTRY = (
    "e.id, e.register_key, e.authority, e.edition, e.as_of, e.arrived_at, e.handle, e.key_id, e.data_edition, e.data,"
    " e.status, k.edition, k.wrapped"
)
_FROM = " FROM vault_index v JOIN register_entry e ON e.id = substr(v.place, 16)"
_BY_PERSON = f"SELECT v.value, {_ENTRY}{_FROM} JOIN vault_key k ON k.id = e.key_id WHERE v.kind = 'REGISTER' AND v.value {{keys}}"
_BY_NAME = f"SELECT v.value, v.part, e.handle{_FROM} WHERE v.kind = 'REGISTER_NAME' AND v.value {{keys}}"


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it is stored; `wrapped` None once it was erased."""

    id: str
    register: str
    authority: str
    edition: int
    as_of: datetime
    arrived_at: datetime
    handle: str
    key_id: str
    data_edition: int
    data: bytes = field(repr=False)
    status: bytes = field(repr=False)
    key_edition: int
    wrapped: bytes | None = field(repr=False)


class Match(StrEnum):
    """Whether a code and a name belong together: MATCH, PARTIAL (only the letters of the name agree), or NO_MATCH (all else)."""

    MATCH = "MATCH"
    PARTIAL = "PARTIAL"
    NO_MATCH = "NO_MATCH"


_OF_PART = {STRICT: Match.MATCH, LOOSE: Match.PARTIAL}


@dataclass(frozen=True, slots=True)
class Pair:
    """A code, as blind indexes take a person (`purposes.person`), and a name, however it is written."""

    person: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Matched:
    """What came of a pair; the handle of the entry, where it was found."""

    match: Match
    handle: str | None


class EntryFinder:
    """Looks entries up. One per process; carries no rights."""

    def __init__(self, reader: Reader, vault: Vault) -> None:
        """Read through `reader`, compute indexes in `vault`."""
        self._vault = vault
        self._by_person = Loader(reader, _BY_PERSON)
        self._by_name = Loader(reader, _BY_NAME)

    async def by_person(self, register: Register, person: str) -> StoredEntry | None:
        """Return the entry of a person (`purposes.person`); raises UnavailableError."""
        indexes = self._vault.candidates(purposes.register(register.key), person)
        found = await asyncio.gather(*(self._by_person.load(index) for index in indexes))
        return next((_entry(row) for rows in found for row in rows), None)

    async def matches(self, register: Register, pairs: Sequence[Pair]) -> list[Matched]:
        """Compare pairs with a register, all in the same few steps whatever they are; raises UnavailableError."""
        domain = purposes.register_name(register.key)
        asked = [
            [index for value in (with_name(pair.person, pair.name), with_letters(pair.person, pair.name))
             for index in self._vault.candidates(domain, value)]
            for pair in pairs
        ]  # fmt: skip
        found = await asyncio.gather(*(self._by_name.load(index) for indexes in asked for index in indexes))
        each = iter(found)
        return [_matched(row for _ in indexes for row in next(each)) for indexes in asked]


def _entry(row: Row) -> StoredEntry:
    entry, register, authority, edition, as_of, arrived_at, *rest = row
    return StoredEntry(entry, register, authority, edition, from_micros(as_of), from_micros(arrived_at), *rest)


def _matched(rows: Iterable[Row]) -> Matched:
    """Return the best of what a pair has found: a name that agrees wholly agrees in its letters, too."""
    found = sorted((part, handle) for part, handle in rows)
    return Matched(_OF_PART[found[0][0]], found[0][1]) if found else Matched(Match.NO_MATCH, None)
