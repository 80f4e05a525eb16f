"""What a record's proof comes to, step by step, as somebody who looks at it wants to see it; and how the log itself stands.

Decides which steps there are and what each says. Each is computed anew from what is in the database now and from the hub's keys; a step that cannot be made is
INDETERMINATE, never passed. Unlike `hub.audit.proofs` it hands out what does not pass, for whoever looks must see what is wrong. RFC 6962 section 2.1.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import text
from sqlmodel import Session

from hub.audit import continuity, tiles
from hub.audit import head as heads
from hub.audit.checkpoint_file import CheckpointFile
from hub.audit.commitments import commitment
from hub.audit.cosignatures import Cosignatures, Countersigned
from hub.audit.head import Head
from hub.audit.log_key import LogKey
from hub.audit.refusals import CheckpointFileError, LogBrokenError, RecordUnknownError
from hub.audit.salts import Salts
from hub.audit.verifying import keyed_from
from hub.database import Database
from keys import merkle
from keys.checkpoint import Checkpoint
from keys.errors import KeysError
from keys.report import Outcome

_RECORD: Final = text("SELECT sequence, body, salt FROM audit_record WHERE id = :id")
_LEAF: Final = text("SELECT place, commitment, mark FROM log_leaf WHERE sequence = :sequence")


class Step(NamedTuple):
    """One row: WRITTEN, COMMITTED, INCLUDED, SIGNED, WITNESSED or CONTINUES, and what it comes to."""

    name: str
    outcome: Outcome


class Up(NamedTuple):
    """A step from a leaf to the root: the hash beside the way, whether it stands on the left, and the node above both."""

    on_the_left: bool
    beside: bytes
    above: bytes


@dataclass(frozen=True, slots=True)
class ExaminedLog:
    """How the log stands: its newest checkpoint, when that was signed (microseconds), by which keys, who has countersigned how far, and the steps."""

    size: int
    root: bytes
    made_at: int
    note: str
    keys: tuple[str, ...]
    witnesses: tuple[Countersigned, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ExaminedRecord:
    """A record, its leaf and the way from there to the root. `place` None: it has no leaf yet, and nothing was examined."""

    id: str
    facts: Mapping[str, Any] = field(repr=False)
    body: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    place: int | None = None
    leaf: bytes = b""
    way: tuple[Up, ...] = ()
    steps: tuple[Step, ...] = ()
    log: ExaminedLog | None = None


class Examining:
    """Examines."""

    def __init__(
        self, database: Database, key: LogKey, salts: Salts, file: CheckpointFile, cosignatures: Cosignatures
    ) -> None:
        """Read from the database; believe the keys alone."""
        self._database = database
        self._key = key
        self._salts = salts
        self._file = file
        self._cosignatures = cosignatures

    def log(self) -> ExaminedLog:
        """Return how the log stands; raises LogBrokenError when it has no head."""
        with self._database.snapshot() as session:
            return self._log(session, heads.read(session))

    def record(self, record_id: str) -> ExaminedRecord:
        """Return a record and its proof; raises RecordUnknownError, LogBrokenError when the log has no head."""
        with self._database.snapshot() as session:
            row = session.execute(_RECORD, {"id": record_id}).first()
            if row is None:
                raise RecordUnknownError
            sequence, body, salt = row[0], bytes(row[1]), bytes(row[2])
            leaf, log = session.execute(_LEAF, {"sequence": sequence}).first(), self._log(session, heads.read(session))
            if leaf is None or leaf[0] >= log.size:
                return ExaminedRecord(record_id, _facts(body), body, salt)
            place, entry, mark = int(leaf[0]), bytes(leaf[1]), bytes(leaf[2])
            hashed, way = merkle.leaf_hash(commitment(salt, body)), tuple[Up, ...]()
            with suppress(KeysError, LogBrokenError):
                way = self._way(session, place, log.size, hashed)
            steps = (
                _step("WRITTEN", lambda: self._is_ours(session, place, sequence, entry, mark, body, salt)),
                _step("COMMITTED", lambda: entry == commitment(salt, body)),
                _step(
                    "INCLUDED", lambda: (way[-1].above if way else hashed) == log.root and bool(way or log.size == 1)
                ),
            )
            seen = [each for each in log.witnesses if each.size is not None and each.size > place]
            others = tuple(each for each in log.steps if each.name != "WITNESSED")
            witnessed = Step("WITNESSED", Outcome.PASSED if seen else Outcome.INDETERMINATE)
        return ExaminedRecord(
            record_id, _facts(body), body, salt, place, hashed, way, (*steps, *others, witnessed), log
        )

    def _log(self, session: Session, head: Head) -> ExaminedLog:
        witnesses, signed = self._cosignatures.told(session), Checkpoint(self._key.origin, head.size, b"")
        with suppress(KeysError):
            signed = self._key.read(head.checkpoint).checkpoint
        far = any(each.size is not None for each in witnesses)
        steps = (
            Step("SIGNED", Outcome.PASSED if signed.root and signed.size == head.size else Outcome.FAILED),
            Step("CONTINUES", self._continues(session)),
            Step("WITNESSED", Outcome.PASSED if far else Outcome.INDETERMINATE),
        )
        keys = tuple(each.to_text() for each in reversed(self._key.verifiers))
        note = head.checkpoint + self._cosignatures.lines(session, head.checkpoint)
        return ExaminedLog(signed.size, signed.root, head.made_at, note, keys, witnesses, steps)

    def _continues(self, session: Session) -> Outcome:
        """Compare the log with the checkpoint that is kept outside the database."""
        try:
            kept = self._file.read()
            if kept is None:
                return Outcome.INDETERMINATE
            continuity.check(session, self._key, kept.checkpoint)
        except CheckpointFileError:
            return Outcome.INDETERMINATE
        except LogBrokenError:
            return Outcome.FAILED
        return Outcome.PASSED

    def _way(self, session: Session, place: int, size: int, hashed: bytes) -> tuple[Up, ...]:
        proof = merkle.inclusion_proof(place, size, tiles.subtrees(session, size))
        return tuple(Up(*each) for each in merkle.way_up(hashed, place, size, proof))

    def _is_ours(
        self, session: Session, place: int, sequence: int, entry: bytes, mark: bytes, body: bytes, salt: bytes
    ) -> bool:
        """Tell whether the hub gave the record its salt and the leaf its mark."""
        if mark != self._salts.mark(place, sequence, entry):
            return False
        return self._salts.are(salt, body) or place < keyed_from(session, self._salts)


def _step(name: str, passes: Callable[[], bool]) -> Step:
    return Step(name, Outcome.PASSED if passes() else Outcome.FAILED)


def _facts(body: bytes) -> Mapping[str, Any]:
    """Return what a record says; nothing of bytes that somebody put in its place."""
    try:
        facts = orjson.loads(body)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
