"""The vault: data keys, ciphertext and blind indexes (docs/formats.md, "At rest").

Decides which key seals what; never writes a plaintext or an unwrapped key. Data is AES-256-GCM under a data key, data
keys are wrapped by a key-encryption key of the key store; associated data is table, purpose, row, edition and key id,
so that a ciphertext moved to another row does not open. Look-ups use HMAC-SHA-256 under HKDF(index key, domain).
"""

from collections.abc import Iterable
from functools import lru_cache
from hmac import compare_digest
from typing import Final, NamedTuple

from sqlmodel import Session, col, delete, select

from hub.database import Database
from hub.errors import DamagedError, NotFoundError, PolicyChangedError
from hub.vault.editions import INDEX, WRAPPING, Editions, KeyringKeeper
from hub.vault.model import VaultIndex, VaultKey
from hub.vault.purposes import INDEX_INPUT, Domain, Purpose
from hub.writing import Row, new_id, target
from keys import envelope
from keys.errors import KeysError
from keys.store import KeyStore

_KEY_COLUMNS: Final = ("id", "edition", "wrapped")
_ASKED_AT_ONCE: Final = 500
_INDEX_COLUMNS: Final = ("place", "kind", "part", "edition", "scope", "value", "key_id", "input")
KEYS: Final = target("vault_key", *_KEY_COLUMNS)
INDEXES: Final = target("vault_index", *_INDEX_COLUMNS)


# What ciphertext is bound to: where it belongs, so that it does not open elsewhere.
_WRAPPING: Final = "vault_key\x1fwrap\x1f%s\x1f%d"  # key id, edition
_SEALED: Final = "%s\x1f%s\x1f%s\x1f%s"  # table, purpose, row, key id
_ERASED: Final = "The data was erased."

WrappedKey = tuple[str, int, bytes | None]
"""A data key as its table keeps it: its id, the edition of the key that wraps it, and itself, wrapped; None once it was erased."""


class DataKey(NamedTuple):
    """An unwrapped data key, in memory only."""

    id: str
    key: bytes

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"DataKey(id={self.id!r})"


class Vault:
    """Seals, opens for a registered purpose, and indexes."""

    def __init__(self, database: Database, store: KeyStore) -> None:
        """Use `store` for the wrapping and index keys; call `prepare` or `refresh` before the first use."""
        self.editions = KeyringKeeper(database, store)
        # Keys of the hub's own, made ready: none that a person's data is sealed under.
        self._index_key = lru_cache(maxsize=4096)(_derive)
        self._wrapping_key = lru_cache(maxsize=64)(envelope.WrappingKey)

    def prepare(self) -> None:
        """Make the first edition of each key where there is none; safe to call at every start."""
        self.editions.prepare()

    def refresh(self) -> None:
        """Read the editions again; another process may have begun or ended a rotation."""
        before = self.editions.keyring.age
        self.editions.refresh()
        if self.editions.keyring.age != before:
            self._index_key.cache_clear()  # keys of editions that ended are not kept
            self._wrapping_key.cache_clear()

    def edition(self, kind: str) -> int:
        """Return the current edition of a key."""
        return self._living(kind).current

    def _living(self, kind: str) -> Editions:
        return self.editions.keyring.kinds[kind]

    # -- data keys ---------------------------------------------------------------------------------------------------

    def new_key(self, session: Session) -> DataKey:
        """Make a data key and store it wrapped."""
        key, row = self.make_key()
        session.add(row)
        session.flush()
        return key

    def make_key(self) -> tuple[DataKey, VaultKey]:
        """Make a data key and the row that keeps it wrapped."""
        key, (_, values) = self.key_row()
        return key, VaultKey(**dict(zip(_KEY_COLUMNS, values, strict=True)))

    def key_row(self) -> tuple[DataKey, Row]:
        """Make a data key and the row that keeps it wrapped, for `hub.writing`."""
        key = DataKey(new_id(), envelope.new_data_key())
        return key, (KEYS, (key.id, *self.wrap(key)))

    def load_key(self, session: Session, key_id: str) -> DataKey:
        """Read a data key.

        Raises:
            NotFoundError: it was erased.
            DamagedError: it does not unwrap, or its row is missing.
        """
        row = session.get(VaultKey, key_id)
        if row is None:
            raise DamagedError
        return self.unwrap(row.id, row.edition, row.wrapped)

    def load_keys(self, session: Session, key_ids: Iterable[str]) -> dict[str, DataKey]:
        """Read several data keys, by their ids; those that were erased are left out.

        Raises:
            DamagedError: one does not unwrap, or its row is missing.
        """
        wanted = set(key_ids)
        columns = select(VaultKey.id, VaultKey.edition, VaultKey.wrapped)
        found = session.exec(columns.where(col(VaultKey.id).in_(wanted))).all()
        if len(found) != len(wanted):
            raise DamagedError
        return {row[0]: self.unwrap(*row) for row in found if row[2] is not None}

    def unwrap(self, key_id: str, edition: int, wrapped: bytes | None) -> DataKey:
        """Unwrap a data key that was read from its table.

        Raises:
            NotFoundError: it was erased.
            PolicyChangedError: its edition ended after it was read; read it again.
            DamagedError: it does not unwrap.
        """
        if wrapped is None:
            raise NotFoundError(_ERASED)
        kek = self._living(WRAPPING).keys.get(edition) or self._begun(edition)
        try:
            return DataKey(key_id, self._wrapping_key(kek).unwrap(wrapped, (_WRAPPING % (key_id, edition)).encode()))
        except KeysError as error:
            raise DamagedError from error

    def _begun(self, edition: int) -> bytes:
        """Return the wrapping key of an edition that another process may have begun."""
        self.refresh()
        living = self._living(WRAPPING)
        if edition not in living.keys:
            raise PolicyChangedError if 0 < edition < living.current else DamagedError
        return living.keys[edition]

    def rewrap(self, key_id: str, edition: int, wrapped: bytes | None) -> tuple[int, bytes | None]:
        """Return the current edition and a data key wrapped under it; an erased key stays erased. Errors of `unwrap`."""
        if wrapped is None:
            return self.edition(WRAPPING), None
        return self.wrap(self.unwrap(key_id, edition, wrapped))

    def wrap(self, key: DataKey) -> tuple[int, bytes]:
        """Return the current edition and a data key wrapped under it, as `unwrap` takes them."""
        living = self._living(WRAPPING)
        associated = (_WRAPPING % (key.id, living.current)).encode()
        return living.current, envelope.wrap(living.keys[living.current], key.key, associated)

    # -- ciphertext --------------------------------------------------------------------------------------------------

    def seal(self, purpose: Purpose, key: DataKey, row: str, plaintext: bytes) -> bytes:
        """Encrypt for one purpose and row (`row` names the table's row and, where it has one, its edition)."""
        return envelope.seal(key.key, plaintext, (_SEALED % (purpose.table, purpose.name, row, key.id)).encode())

    def open(self, purpose: Purpose, key: DataKey, row: str, ciphertext: bytes) -> bytes:
        """Decrypt for one purpose and row; only the module that the purpose names may call this.

        Raises:
            DamagedError: the bytes do not verify, or belong to another row or purpose.
        """
        associated = (_SEALED % (purpose.table, purpose.name, row, key.id)).encode()
        try:
            return envelope.open_sealed(key.key, ciphertext, associated)
        except KeysError as error:
            raise DamagedError from error

    def open_wrapped(self, purpose: Purpose, key: WrappedKey, row: str, ciphertext: bytes) -> bytes:
        """Decrypt as `open` does, under a data key that nobody needs for anything else; raises as `unwrap` and `open`."""
        key_id, edition, wrapped = key
        if wrapped is None:
            raise NotFoundError(_ERASED)
        kek = self.editions.keyring.kinds[WRAPPING].keys.get(edition) or self._begun(edition)
        wrapping = (_WRAPPING % (key_id, edition)).encode()
        associated = (_SEALED % (purpose.table, purpose.name, row, key_id)).encode()
        try:
            return self._wrapping_key(kek).open_sealed(wrapped, wrapping, ciphertext, associated)
        except KeysError as error:
            raise DamagedError from error

    def mark(self, purpose: Purpose, key: DataKey, plaintext: bytes) -> bytes:
        """Return a keyed digest of a plaintext: tells whether it is the same again, and nothing once its data key is destroyed."""
        return envelope.blind_index(envelope.derive(key.key, f"mark\x1f{purpose.name}"), plaintext.hex())

    # -- blind indexes -----------------------------------------------------------------------------------------------

    def index(self, domain: Domain, value: str) -> bytes:
        """Return the 32-byte blind index of a normalised value under the current edition."""
        return self.candidates(domain, value)[0]

    def candidates(self, domain: Domain, value: str) -> tuple[bytes, ...]:
        """Return the indexes a value may have: one for each living edition, the current first."""
        living = self.editions.keyring.kinds[INDEX]
        if len(living.keys) == 1:  # as long as no index rotates
            return (self._index_key(living.keys[living.current], domain).index(value),)
        return tuple(self._index(living.keys[edition], domain, value) for edition in living.current_first)

    def matches(self, domain: Domain, value: str, stored: bytes) -> bool:
        """Tell, in constant time, whether a stored index is that of a value."""
        return is_among(self.candidates(domain, value), stored)

    def index_rows(self, domain: Domain, value: str, key: DataKey, place: str, part: int = 0) -> list[VaultIndex]:
        """Return the rows that let `value` lead to `place` ("table:row"), one for each living edition."""
        rows = self.indexing(domain, value, key, place, part)
        return [VaultIndex(**dict(zip(_INDEX_COLUMNS, values, strict=True))) for _, values in rows]

    def indexing(self, domain: Domain, value: str, key: DataKey, place: str, part: int = 0) -> list[Row]:
        """Return what `index_rows` does, for `hub.writing`."""
        sealed = self.seal(INDEX_INPUT, key, index_row(domain, place, part), value.encode())
        living = self._living(INDEX)
        return [
            (
                INDEXES,
                (
                    place, domain.kind, part, edition, domain.scope,
                    self._index(living.keys[edition], domain, value), key.id, sealed,
                ),
            )
            for edition in living.current_first
        ]  # fmt: skip

    def reindex(self, row: VaultIndex, value: str, edition: int) -> VaultIndex:
        """Return the row that leads to the same place under another living edition."""
        index = self._index(self._living(INDEX).keys[edition], Domain(row.kind, row.scope), value)
        return VaultIndex(**row.model_dump(exclude={"edition", "value"}), edition=edition, value=index)

    def _index(self, secret: bytes, domain: Domain, value: str) -> bytes:
        return self._index_key(secret, domain).index(value)

    # -- erasure -----------------------------------------------------------------------------------------------------

    def find(self, session: Session, domains: Iterable[Domain], value: str) -> list[VaultIndex]:
        """Return the index rows of a value in some domains."""
        indexes = [index for domain in domains for index in self.candidates(domain, value)]
        some = (indexes[start : start + _ASKED_AT_ONCE] for start in range(0, len(indexes), _ASKED_AT_ONCE))
        asked = (select(VaultIndex).where(col(VaultIndex.value).in_(each)) for each in some)
        return [row for each in asked for row in session.exec(each)]

    def destroy(self, session: Session, key_ids: Iterable[str], at: int) -> None:
        """Destroy data keys and every blind index under them: what they sealed is gone for good.

        `at` is the instant in microseconds. Raises DamagedError when a key's row is missing.
        """
        for key_id in sorted(set(key_ids)):  # one order for everybody, so that nobody waits in a ring
            # The key first: a rotation that copies its indexes holds it, and finds it erased afterwards.
            key = session.get(VaultKey, key_id, with_for_update=True, populate_existing=True)
            if key is None:
                raise DamagedError
            if key.wrapped is not None:
                key.wrapped, key.erased_at = None, at
                session.add(key)
            session.exec(delete(VaultIndex).where(col(VaultIndex.key_id) == key_id))


def indexed(row: Row) -> bytes:
    """Return the blind index in a row of `Vault.indexing`."""
    value: bytes = row[1][_INDEX_COLUMNS.index("value")]
    return value


def index_row(domain: Domain, place: str, part: int) -> str:
    """Return the row name under which an index input is sealed."""
    return f"{place}\x1f{domain.kind}\x1f{part}"


def is_among(candidates: Iterable[bytes], stored: bytes) -> bool:
    """Tell, in constant time, whether a stored index is one of `Vault.candidates`."""
    found = False
    for candidate in candidates:  # all are compared, so that the time does not tell which
        found |= compare_digest(candidate, stored)
    return found


def _derive(secret: bytes, domain: Domain) -> envelope.IndexKey:
    return envelope.IndexKey(envelope.derive(secret, f"{domain.kind}\x1f{domain.scope}"))
