"""Feeding: statements of a source become entries of a register, many in one unit of work, each change with its record.

Decides which statement counts: the one with the later as-of time, whichever source says it and whenever it comes; an older one never takes
the place of a newer one. Whoever wants an entry first holds its lock. It must never open what an entry says. Where more than the status
changes, the entry gets a new data key and new indexes, and the old key is destroyed with what was said before.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Table, bindparam, text
from sqlmodel import Session

from hub.audit.service import Audit, Entry
from hub.audit.state import Told, told, told_again
from hub.catalogue.registers import Register
from hub.clock import to_micros
from hub.database import Database
from hub.identities.model import RegisterEntry
from hub.identities.sealing import Present, Sealing, Source, Values
from hub.identities.statement import Checked
from hub.vault import purposes
from hub.vault.service import DataKey, Vault
from hub.writing import Row, new_id, target, write

KIND: Final = "register"
_COLUMNS: Final = (
    "id", "register_key", "authority", "edition", "as_of", "arrived_at", "handle", "key_id", "data_edition", "data",
    "data_mark", "status", "status_mark",
)  # fmt: skip
_STAY: Final = frozenset({"id", "register_key", "handle"})
ENTRIES: Final = target("register_entry", *_COLUMNS)
_TABLE: Final[Table] = RegisterEntry.__table__  # type: ignore[attr-defined]  # SQLModel makes it
_STRIPES: Final = 1024  # PostgreSQL's table of locks is small
_AT_ONCE: Final = 500
_PRESENT: Final = text(
    "SELECT v.value, e.id, e.edition, e.as_of, e.handle, e.data_edition, e.data, e.data_mark, e.status, e.status_mark,"
    " k.id, k.edition, k.wrapped FROM vault_index v JOIN register_entry e ON e.id = substr(v.place, 16)"
    " JOIN vault_key k ON k.id = e.key_id WHERE v.kind = 'REGISTER' AND v.value IN :values"
).bindparams(bindparam("values", expanding=True))
_CHANGE: Final = text(
    f"UPDATE register_entry SET {', '.join(f'{name} = :{name}' for name in _COLUMNS if name not in _STAY)} WHERE id = :id"
)


class Outcome(StrEnum):
    """What became of a statement; but for the first three it changed nothing.

    CONFIRMED: the same holds as of a later time. OUTDATED: something newer is known. CONTRADICTED: as of the same time something else is known; say it as of a later one.
    UNKNOWN: a status of somebody who does not stand in the register.
    """

    ADDED = "ADDED"
    CHANGED = "CHANGED"
    CONFIRMED = "CONFIRMED"
    UNCHANGED = "UNCHANGED"
    OUTDATED = "OUTDATED"
    CONTRADICTED = "CONTRADICTED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Fed:
    """What became of a statement, and the edition of the entry that holds now; None where there is no entry."""

    outcome: Outcome
    edition: int | None


@dataclass(frozen=True, slots=True)
class _Change:
    """A row that is to be written, and the data key under which its data is sealed anew; None: it stays as it is."""

    outcome: Outcome
    said: Checked
    values: Values
    replaced: str = ""
    key: DataKey | None = None
    key_row: Row | None = None


class Feeding:
    """Takes statements into registers."""

    def __init__(self, database: Database, vault: Vault, audit: Audit) -> None:
        """Use the database's locks, the vault's keys and indexes, the audit's records."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._sealing = Sealing(vault)

    def take(self, session: Session, register: Register, source: Source, said: Sequence[Checked]) -> list[Fed]:
        """Take statements into a register within this unit of work; of several about one person the later as-of counts."""
        domain = purposes.register(register.key)
        indexes = {one.person: self._vault.candidates(domain, one.person) for one in said}
        self._database.lock_all(session, {_stripe(found[-1]) for found in indexes.values()})
        fed: dict[int, Fed] = {}
        while len(fed) < len(said):  # of what is said twice of one person, the second sees what became of the first
            first = {one.person: place for place, one in reversed(list(enumerate(said))) if place not in fed}
            present = self._present(session, {index: person for person in first for index in indexes[person]})
            fed |= self._round(session, source, {place: said[place] for place in sorted(first.values())}, present)
        return [fed[place] for place in range(len(said))]

    def _present(self, session: Session, persons: Mapping[bytes, str]) -> dict[str, Present]:
        values, found = list(persons), {}
        for start in range(0, len(values), _AT_ONCE):
            for row in session.execute(_PRESENT, {"values": values[start : start + _AT_ONCE]}):
                value, entry, edition, as_of, handle, data_edition, *sealed, key, key_edition, wrapped = row
                data, data_mark, status, status_mark = map(bytes, sealed)
                data_key = self._vault.unwrap(key, key_edition, wrapped)
                found[persons[bytes(value)]] = Present(
                    entry, edition, as_of, handle, data_edition, data, data_mark, status, status_mark, data_key
                )
        return found

    def _round(
        self, session: Session, source: Source, said: Mapping[int, Checked], present: Mapping[str, Present]
    ) -> dict[int, Fed]:
        """Take statements about different persons."""
        fed: dict[int, Fed] = {}
        added: list[_Change] = []
        changed: list[_Change] = []
        for place, one in said.items():
            known = present.get(one.person)
            outcome, edition = self._outcome(one, known), known.edition if known else None
            if outcome is Outcome.ADDED:
                added.append(self._added(one, source))
                edition = 1
            elif outcome is Outcome.CONFIRMED and known:
                changed.append(_Change(outcome, one, self._sealing.again(one, source, known)))
            elif outcome is Outcome.CHANGED and known:
                changed.append(self._changed(one, source, known))
                edition = known.edition + 1
            fed[place] = Fed(outcome, edition)
        self._write(session, source, added, changed)
        return fed

    def _outcome(self, one: Checked, known: Present | None) -> Outcome:
        if known is None:
            return Outcome.UNKNOWN if one.only_status else Outcome.ADDED
        as_of, again = to_micros(one.as_of), self._sealing.says_again(one, known)
        if as_of < known.as_of:
            return Outcome.OUTDATED
        if as_of == known.as_of:
            return Outcome.UNCHANGED if again else Outcome.CONTRADICTED
        return Outcome.CONFIRMED if again else Outcome.CHANGED

    def _added(self, one: Checked, source: Source) -> _Change:
        key, row = self._vault.key_row()
        values = self._sealing.whole(one, source, new_id(), uuid.uuid4().hex, 1, key)
        return _Change(Outcome.ADDED, one, values, "", key, row)

    def _changed(self, one: Checked, source: Source, known: Present) -> _Change:
        if self._sealing.same_data(one, known):
            return _Change(Outcome.CHANGED, one, self._sealing.next(one, source, known))
        key, row = self._vault.key_row()
        values = self._sealing.whole(one, source, known.id, known.handle, known.edition + 1, key)
        return _Change(Outcome.CHANGED, one, values, known.key.id, key, row)

    # -- what is written ---------------------------------------------------------------------------------------------

    def _write(self, session: Session, source: Source, added: Sequence[_Change], changed: Sequence[_Change]) -> None:
        write(session, (each.key_row for each in (*added, *changed) if each.key_row))
        if changed:
            session.execute(_CHANGE, [_settable(each.values) for each in changed])
        self._vault.destroy(session, [each.replaced for each in changed if each.replaced], source.arrived_at)
        rows = {each.values["id"]: (ENTRIES, tuple(each.values[name] for name in _COLUMNS)) for each in added}
        states = {entry: told(row) for entry, row in rows.items()} | {
            key: [[table, key, digest]]
            for table, key, digest in told_again(session, _TABLE, [each.values["id"] for each in changed])
        }
        write(session, (*rows.values(), *self._beside(source, (*added, *changed), states)))

    def _beside(
        self, source: Source, changes: Sequence[_Change], states: Mapping[str | None, list[Told]]
    ) -> Iterator[Row]:
        """Yield what goes with entries: their indexes, where those are new, and the records."""
        for each in changes:
            if each.key:
                yield from self._sealing.indexes(each.said, each.values, each.key)
        for each in changes:
            yield self._record(each.outcome, source, each.values, states[each.values["id"]])

    def _record(self, outcome: Outcome, source: Source, values: Values, rows: list[Told]) -> Row:
        facts = {
            "operation": outcome.value,
            "register": values["register_key"], "entry": values["id"], "edition": values["edition"],
            "authority": source.authority, "client": source.client, "as_of": values["as_of"],
            "subjects": [values["handle"]], "rows": rows,
        }  # fmt: skip
        return self._audit.writing(Entry(KIND, facts, new_id()))


def _settable(values: Values) -> Values:
    return {name: value for name, value in values.items() if name == "id" or name not in _STAY}


def _stripe(index: bytes) -> bytes:
    return b"regist" + (int.from_bytes(index[:4], "big") % _STRIPES).to_bytes(2, "big")
