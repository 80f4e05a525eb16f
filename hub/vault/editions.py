"""Editions of the vault's own keys: the key-encryption key and the index key, each kept in the key store.

Decides which editions live. While a key rotates, two do: new rows are written under the current one (indexes under
both) and old rows still open. An edition ends when no row uses it any more; only then does its secret leave the key
store. Begin and end are told to other processes by the policy epoch, which the rotation advances.
"""

import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlmodel import Session, col, func, select

from hub.database import Database
from hub.vault.model import VaultEdition
from keys import envelope
from keys.errors import KeyMissingError
from keys.references import Reference
from keys.store import KeyStore

WRAPPING = "wrapping"
INDEX = "index"
KINDS = (WRAPPING, INDEX)

_LOCK = b"editions"
_READINGS = 3


@dataclass(frozen=True, slots=True)
class Editions:
    """The living keys of one kind by edition, and which of them is current."""

    keys: Mapping[int, bytes] = field(repr=False)
    current: int

    @property
    def current_first(self) -> tuple[int, ...]:
        """Return the living editions, the current one first."""
        return (self.current, *(edition for edition in self.keys if edition != self.current))


@dataclass(frozen=True, slots=True)
class Keyring:
    """All living editions. `age` grows whenever an edition begins or ends."""

    kinds: Mapping[str, Editions]
    age: tuple[int, int]


class KeyringKeeper:
    """Reads the keyring and begins and ends editions."""

    def __init__(self, database: Database, store: KeyStore) -> None:
        """Secrets are in `store`, their references in the database."""
        self._database = database
        self._store = store
        self._adopting = threading.Lock()
        self.keyring = Keyring(MappingProxyType({}), (0, 0))

    def prepare(self) -> None:
        """Begin the first edition of each kind where there is none; safe to call at every start."""
        with self._database.transaction() as session:
            self._database.lock(session, _LOCK)
            for kind in KINDS:
                if session.exec(select(VaultEdition).where(VaultEdition.kind == kind)).first() is None:
                    self.begin(session, kind)
        self.refresh()

    def refresh(self) -> None:
        """Read the editions again; raises KeyStoreError when the key store lacks a secret that lives."""
        for reading in range(1, _READINGS + 1):
            with self._database.snapshot() as session:
                rows = session.exec(select(VaultEdition).order_by(col(VaultEdition.edition))).all()
            try:
                self._adopt(self._read(rows))
            except KeyMissingError:  # its edition ended between the two readings, or the secret is lost
                if reading == _READINGS:
                    raise
            else:
                return

    def hold(self, session: Session) -> None:
        """Let no edition begin or end until the unit of work ends, and know all that live."""
        self._database.lock(session, _LOCK)
        self.refresh()

    def begin(self, session: Session, kind: str) -> int:
        """Make a new current edition and return its number; its secret is in the key store before its row is."""
        self._database.lock(session, _LOCK)
        number = 1 + (session.exec(select(func.max(VaultEdition.edition))).one() or 0)
        uri = self._store.add_secret(f"{_folder(kind)}{number}-{uuid.uuid4().hex}", envelope.new_data_key())
        for row in session.exec(select(VaultEdition).where(VaultEdition.kind == kind)):
            row.current = False
        session.add(VaultEdition(kind=kind, edition=number, uri=uri, current=True))
        session.flush()
        return number

    def lock_older(self, session: Session, kind: str, edition: int) -> list[VaultEdition]:
        """Return the editions of a kind before one, held so that nobody writes a row under them until the end."""
        self._database.lock(session, _LOCK)
        older = select(VaultEdition).where(VaultEdition.kind == kind, VaultEdition.edition < edition)
        return list(session.exec(older.with_for_update()))

    def sweep(self, session: Session, kind: str) -> None:
        """Remove from the key store the secrets of a kind that no edition names: ended ones, and a killed worker's."""
        self._database.lock(session, _LOCK)
        named = set(session.exec(select(VaultEdition.uri)))
        for uri in (Reference("store", name).uri for name in self._store.names(_folder(kind))):
            if uri not in named:
                self._store.remove(uri)

    def _read(self, rows: Sequence[VaultEdition]) -> Keyring:
        known = {edition: key for each in self.keyring.kinds.values() for edition, key in each.keys.items()}
        keys = {row.edition: known.get(row.edition) or self._store.secret(row.uri) for row in rows}
        kinds = {
            kind: Editions(
                MappingProxyType({row.edition: keys[row.edition] for row in rows if row.kind == kind}),
                next(row.edition for row in rows if row.kind == kind and row.current),
            )
            for kind in {row.kind for row in rows}
        }
        return Keyring(MappingProxyType(kinds), (max(keys, default=0), -len(keys)))

    def _adopt(self, keyring: Keyring) -> None:
        with self._adopting:  # of two readers the slower one must not bring the older keyring back
            if keyring.age >= self.keyring.age:
                self.keyring = keyring


def _folder(kind: str) -> str:
    return f"vault/{kind}-"
