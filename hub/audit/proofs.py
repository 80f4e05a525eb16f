"""Proofs out of the log: that a record is in it, and that it only grew.

Decides what a proof consists of. It is checked before it leaves, against the record as it is now: what does not verify is told to nobody as a proof.
RFC 6962 sections 2.1.1 and 2.1.2.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlmodel import Session

from hub.audit import head as heads
from hub.audit import tiles
from hub.audit.commitments import commitment
from hub.audit.log_key import LogKey
from hub.audit.refusals import LogBrokenError, LogSizeUnknownError, NotIntegratedError, RecordUnknownError
from hub.database import Database
from keys import merkle
from keys.errors import KeysError

_RECORD: Final = text("SELECT sequence, body, salt FROM audit_record WHERE id = :id")
_LEAF: Final = text("SELECT place, commitment FROM log_leaf WHERE sequence = :sequence")
_log = logging.getLogger("hub.audit")


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record as it is kept: its canonical bytes and salt, which together open its leaf."""

    id: str
    sequence: int
    body: bytes = field(repr=False)
    salt: bytes = field(repr=False)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What it says."""
        facts: Mapping[str, Any] = orjson.loads(self.body)
        return facts


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That a record is in the log: the leaf's place, the hashes beside its way up, nearest first, and the signed checkpoint of that tree."""

    record: KeptRecord
    place: int
    size: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    @property
    def leaf(self) -> bytes:
        """The leaf's hash."""
        return merkle.leaf_hash(commitment(self.record.salt, self.record.body))


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the log of `old` leaves is the beginning of that of `new`; both roots, so that it can be compared with checkpoints."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    hashes: tuple[bytes, ...]


class Proofs:
    """Makes proofs; who may have one is decided by whoever asks."""

    def __init__(self, database: Database, key: LogKey) -> None:
        """Read from the database; checkpoints are believed that the log's key signed."""
        self._database = database
        self._key = key

    def record(self, record_id: str) -> KeptRecord:
        """Return a record; raises RecordUnknownError, UnavailableError."""
        with self._database.snapshot() as session:
            return _record(session, record_id)

    def inclusion(self, record_id: str, attested: str | None = None) -> Inclusion:
        """Return the proof that a record is in the log, under the `attested` checkpoint if that has it, else under the newest.

        Raises:
            RecordUnknownError: there is no such record.
            NotIntegratedError: it is durable, and a leaf within two seconds.
            LogBrokenError: the record or the log is not what was committed to.
        """
        with self._database.snapshot() as session:
            record = _record(session, record_id)
            head = heads.read(session)
            found = session.execute(_LEAF, {"sequence": record.sequence}).first()
            if found is None or found[0] >= head.size:
                raise NotIntegratedError
            with _intact():
                note = head.checkpoint
                if attested is not None and found[0] < self._key.read(attested).checkpoint.size:
                    note = attested
                signed = self._key.read(note).checkpoint
                hashes = merkle.inclusion_proof(found[0], signed.size, tiles.subtrees(session, signed.size))
                made = Inclusion(record, found[0], signed.size, hashes, note)
                merkle.check_inclusion(made.leaf, made.place, signed.size, hashes, signed.root)
        return made

    def consistency(self, old: int, new: int | None) -> Consistency:
        """Return the proof that the log of `old` leaves is the beginning of that of `new`, of the newest by default.

        Raises:
            LogSizeUnknownError: the log is not as large, or `old` is larger than `new`.
            LogBrokenError: tiles are missing, or not those of one tree.
        """
        with self._database.snapshot() as session:
            newest = heads.read(session).size
            new = newest if new is None else new
            if not 0 <= old <= new <= newest:
                raise LogSizeUnknownError
            with _intact():
                old_root, new_root = (merkle.root(size, tiles.subtrees(session, size)) for size in (old, new))
                hashes = merkle.consistency_proof(old, new, tiles.subtrees(session, new))
                merkle.check_consistency(old, new, old_root, new_root, hashes)
        return Consistency(old, new, old_root, new_root, hashes)

    def checkpoint(self) -> str:
        """Return the newest checkpoint; raises UnavailableError."""
        with self._database.snapshot() as session:
            return heads.read(session).checkpoint


@contextmanager
def _intact() -> Iterator[None]:
    """Whatever does not fit in what was read here was changed behind the hub's back."""
    try:
        yield
    except KeysError as error:
        _log.error("log: a proof could not be made of what is in the database: %s", error)
        raise LogBrokenError from error


def _record(session: Session, record_id: str) -> KeptRecord:
    found = session.execute(_RECORD, {"id": record_id}).first()
    if found is None:
        raise RecordUnknownError
    sequence, body, salt = found
    return KeptRecord(record_id, sequence, bytes(body), bytes(salt))
