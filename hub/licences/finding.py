"""Looking licences up by number, holder or identifier, through blind indexes; many look-ups become one query.

Decides nothing about rights and opens nothing: what it returns is ciphertext, and who may see it is decided by
`hub.sharing` before and after. Every live index edition is asked, so that look-ups work while indexes rotate.
"""

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from hub.clock import from_micros
from hub.licences.draft import spelling
from hub.licences.status import Status
from hub.reading import Loader, Reader, Row
from hub.vault import purposes
from hub.vault.service import Vault, is_among

_LICENCE = (
    "l.id, l.identifier, l.serial, l.version, l.type_key, l.type_version, l.authority, l.es_id, l.status, l.revision,"
    " l.valid_from, l.valid_until, l.sealed, l.sealed_at, l.status_list, l.status_index, l.supersedes, l.superseded_by,"
    " l.bound"
)
_PART = "p.part, p.path, p.key_id, k.edition, k.wrapped, p.handle, p.data"
_HOLDER = "h.part, h.value"
_JOINS = (
    " JOIN licence_part p ON p.licence_id = l.id AND p.path = ''"
    " JOIN vault_key k ON k.id = p.key_id"
    " LEFT JOIN vault_index h ON h.place = 'licence:' || l.id AND h.kind = 'HOLDER' AND h.part = p.part"
)
_BY_INDEX = (
    f"SELECT v.value, {_LICENCE}, {_PART}, {_HOLDER} FROM vault_index v"
    f" JOIN licence l ON l.id = substr(v.place, 9){_JOINS} WHERE v.value {{keys}}"
)
_BY_IDENTIFIER = (
    f"SELECT l.identifier, {_LICENCE}, {_PART}, {_HOLDER} FROM licence l{_JOINS} WHERE l.identifier {{keys}}"
)
_IMAGES = (
    f"SELECT p.licence_id, {_PART} FROM licence_part p JOIN vault_key k ON k.id = p.key_id"
    " WHERE p.path <> '' AND p.licence_id {keys}"
)


Known = dict[tuple[Any, ...], Any]
"""What one request knows of persons and their licences; it goes with the request."""
HolderPlace = tuple[str, str]
"""A licence type and a person (`purposes.person`) who may hold licences of it."""


class StoredPart(NamedTuple):
    """One row of disclosures, encrypted: `path` is an image's (empty otherwise), `wrapped` None once it was erased.

    A tuple, as StoredLicence is: every read makes them anew.
    """

    part: int
    path: str
    key_id: str
    edition: int
    wrapped: bytes | None
    handle: str
    data: bytes

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"StoredPart(part={self.part}, path={self.path!r}, key_id={self.key_id!r})"


class StoredLicence(NamedTuple):
    """One edition as it is stored. Dates are legal days, YYYY-MM-DD; `holders` are pairs of part and blind index."""

    id: str
    identifier: str
    serial: str
    version: int
    type_key: str
    type_version: int
    authority: str
    es_id: str
    status: Status
    revision: int
    valid_from: str
    valid_until: str | None
    sealed: str
    sealed_at: datetime
    status_list: int
    status_index: int
    supersedes: str | None
    superseded_by: str | None
    bound: str | None
    parts: tuple[StoredPart, ...]
    holders: tuple[tuple[int, bytes], ...]

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"StoredLicence(identifier={self.identifier!r}, revision={self.revision})"


_STATUSES: Final = {each.value: each for each in Status}
_FIELDS: Final = StoredLicence._fields
_STATUS, _SEALED_AT, _FACTS = _FIELDS.index("status"), _FIELDS.index("sealed_at"), _FIELDS.index("parts")
Several = Coroutine[Any, Any, tuple[StoredLicence, ...]]
"""Licences that are waited for."""
_PARTS: Final = _FACTS + len(StoredPart._fields)
"""Where in a row, which begins with the facts in the order of their fields, what is no plain fact stands, and where its part ends."""


class Finder:
    """Looks licences up. One per process; carries no rights."""

    def __init__(self, reader: Reader, vault: Vault) -> None:
        """Read through `reader`, compute indexes in `vault`."""
        self._vault = vault
        self._by_index = Loader(reader, _BY_INDEX)
        self._by_identifier = Loader(reader, _BY_IDENTIFIER)
        self._images = Loader(reader, _IMAGES)

    def by_number(self, type_key: str, number: str) -> Several:
        """Return every edition of a type with this number, oldest sealed first; raises UnavailableError where it is waited for."""
        return self._indexed(self._vault.candidates(purposes.number(type_key), spelling(number)))

    def by_holder(self, type_key: str, person: str) -> Several:
        """Return the same of those held by a person (`purposes.person`)."""
        return self._indexed(self._vault.candidates(purposes.holder(type_key), person))

    async def by_holders(self, places: Sequence[HolderPlace]) -> Mapping[HolderPlace, tuple[StoredLicence, ...]]:
        """Return, of several types and persons, what `by_holder` does, by one query; raises UnavailableError."""
        several = [self._vault.candidates(purposes.holder(type_key), person) for type_key, person in places]
        rows = iter(await self._by_index.load_all(list(chain.from_iterable(several))))
        return {
            place: _assemble(list(chain.from_iterable(islice(rows, len(candidates)))))
            for place, candidates in zip(places, several, strict=True)
        }

    async def by_identifier(self, identifier: str) -> StoredLicence | None:
        """Return the edition with this identifier; raises UnavailableError."""
        return next(iter(_assemble(await self._by_identifier.load(identifier))), None)

    async def images(self, licence_id: str) -> tuple[StoredPart, ...]:
        """Return a licence's images, encrypted; raises UnavailableError."""
        rows = await self._images.load(licence_id)
        return tuple(sorted((StoredPart(*row) for row in rows), key=lambda part: (part.part, part.path)))

    def parts_of(self, stored: StoredLicence, person: str, known: Known | None = None) -> frozenset[int]:
        """Return the parts that belong to a person (`purposes.person`); empty when he is no holder. What is `known` is not compared again."""
        if not stored.holders:
            return frozenset()
        place = ("parts", stored.type_key, stored.holders, person)
        if known and place in known:
            parts: frozenset[int] = known[place]
            return parts
        candidates = self._vault.candidates(purposes.holder(stored.type_key), person)
        mine = []
        for part, index in stored.holders:  # all are compared, so that the time does not tell which is his
            if is_among(candidates, index):
                mine.append(part)
        parts = frozenset(mine)
        if known is not None:
            known[place] = parts
        return parts

    async def _indexed(self, candidates: Sequence[bytes]) -> tuple[StoredLicence, ...]:
        return _assemble(list(chain.from_iterable(await self._by_index.load_all(candidates))))


def _assemble(rows: Sequence[Row]) -> tuple[StoredLicence, ...]:
    """Return the licences of joined rows: one row for each part and each index edition of its holder."""
    if len(rows) == 1:  # most numbers have one edition, of one part and one holder
        return (_licence(rows),)
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(row[0], []).append(row)
    return tuple(sorted(map(_licence, by_id.values()), key=_age))


def _age(licence: StoredLicence) -> tuple[datetime, str, int]:
    return licence.sealed_at, licence.serial, licence.version


def _licence(rows: Sequence[Row]) -> StoredLicence:
    facts: list[Any] = list(rows[0][:_FACTS])
    facts[_STATUS], facts[_SEALED_AT] = _STATUSES[facts[_STATUS]], from_micros(facts[_SEALED_AT])
    parts: dict[int, StoredPart] = {}
    holders: set[tuple[int, bytes]] = set()
    for row in rows:
        parts[row[_FACTS]] = StoredPart(*row[_FACTS:_PARTS])
        if row[-1] is not None:
            holders.add((row[_PARTS], bytes(row[-1])))
    facts += tuple(map(parts.__getitem__, sorted(parts))), tuple(sorted(holders))
    return StoredLicence(*facts)
