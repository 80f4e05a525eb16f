"""A checked statement becomes the row of an entry, sealed, and the blind indexes that lead to it.

Decides what is sealed under which name: the data in the edition in which it was said, the status anew in every edition. It must never write a
plaintext; that something is said again is told by keyed digests, which die with the data key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.clock import to_micros
from hub.identities.spelling import letters, spelled
from hub.identities.statement import Checked
from hub.vault import purposes
from hub.vault.purposes import REGISTER
from hub.vault.service import DataKey, Vault
from hub.writing import Row

PLACE: Final = "register_entry:"
HANDLE: Final = "handle:"
STRICT, LOOSE = 0, 1
"""The parts of an index of code and name: the name as it is compared, and only its letters."""

Values = Mapping[str, Any]
"""A row, by column."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who feeds: an authority, by one of its client systems or by an import; `arrived_at` in microseconds."""

    authority: str
    client: str
    arrived_at: int


@dataclass(frozen=True, slots=True)
class Present:
    """An entry as it is: where it stands, its data key, and keyed digests of what it says."""

    id: str
    edition: int
    as_of: int
    handle: str
    data_edition: int
    data: bytes
    data_mark: bytes
    status: bytes
    status_mark: bytes
    key: DataKey


class Sealing:
    """Seals entries."""

    def __init__(self, vault: Vault) -> None:
        """Use the vault's ciphertext and indexes."""
        self._vault = vault

    def says_again(self, one: Checked, known: Present) -> bool:
        """Tell whether a statement says what the entry says."""
        return self.same_data(one, known) and self._mark(known.key, one.status()) == known.status_mark

    def same_data(self, one: Checked, known: Present) -> bool:
        """Tell whether a statement leaves all but the status as it is."""
        return one.only_status or self._mark(known.key, one.data()) == known.data_mark

    def whole(self, one: Checked, source: Source, entry: str, handle: str, edition: int, key: DataKey) -> Values:
        """Return the row of an entry of which everything is said."""
        data = one.data()
        return {
            **self._heading(one, source, entry, handle, edition, key), "data_edition": edition,
            "data": self._vault.seal(REGISTER, key, data_row(entry, edition), data), "data_mark": self._mark(key, data),
            **self._status(one, entry, edition, key),
        }  # fmt: skip

    def again(self, one: Checked, source: Source, known: Present) -> Values:
        """Return the row of an entry that holds as of a later time: nothing is sealed anew."""
        return {
            **self._heading(one, source, known.id, known.handle, known.edition, known.key),
            "data_edition": known.data_edition, "data": known.data, "data_mark": known.data_mark,
            "status": known.status, "status_mark": known.status_mark,
        }  # fmt: skip

    def next(self, one: Checked, source: Source, known: Present) -> Values:
        """Return the row of an entry whose status alone is new: its data stays sealed as it is."""
        edition = known.edition + 1
        return {
            **self._heading(one, source, known.id, known.handle, edition, known.key), "data_edition": known.data_edition,
            "data": known.data, "data_mark": known.data_mark, **self._status(one, known.id, edition, known.key),
        }  # fmt: skip

    def indexes(self, one: Checked, values: Values, key: DataKey) -> Iterator[Row]:
        """Yield the indexes that lead from a code to the entry and to its handle, and from code and name to the entry."""
        register, place, indexing = one.register.key, f"{PLACE}{values['id']}", self._vault.indexing
        yield from indexing(purposes.register(register), one.person, key, place)
        yield from indexing(purposes.access(register), one.person, key, f"{HANDLE}{values['handle']}")
        named = purposes.register_name(register)
        yield from indexing(named, with_name(one.person, one.name), key, place, STRICT)
        yield from indexing(named, with_letters(one.person, one.name), key, place, LOOSE)

    def _heading(self, one: Checked, source: Source, entry: str, handle: str, edition: int, key: DataKey) -> Values:
        return {
            "id": entry, "register_key": one.register.key, "authority": source.authority, "edition": edition,
            "as_of": to_micros(one.as_of), "arrived_at": source.arrived_at, "handle": handle, "key_id": key.id,
        }  # fmt: skip

    def _status(self, one: Checked, entry: str, edition: int, key: DataKey) -> Values:
        status = one.status()
        sealed = self._vault.seal(REGISTER, key, status_row(entry, edition), status)
        return {"status": sealed, "status_mark": self._mark(key, status)}

    def _mark(self, key: DataKey, plaintext: bytes) -> bytes:
        return self._vault.mark(REGISTER, key, plaintext)


def data_row(entry: str, edition: int) -> str:
    """Return the row name under which an entry's data is sealed."""
    return f"{entry}\x1f{edition}"


def status_row(entry: str, edition: int) -> str:
    """Return the row name under which an entry's status is sealed."""
    return f"{entry}\x1f{edition}\x1fstatus"


def with_name(person: str, name: str) -> str:
    """Return the indexed value of a code with a name as names are compared."""
    return f"{person}\x1f{spelled(name)}"


def with_letters(person: str, name: str) -> str:
    """Return the indexed value of a code with the letters of a name."""
    return f"{person}\x1f\x1f{letters(name)}"
