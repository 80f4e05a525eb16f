"""Sequencing: durable records become leaves of the log, in one order for ever, and the log's new head is signed.

Decides the order, and that each record is integrated exactly once, by one of many processes at a time. Leaves, tiles and head are one unit of
work that stands only if the head is still the one that was read, so a process that stood still in between changes nothing. Killed at
any point it leaves the log as it was, or whole. It must never sign a head that does not continue the one before. RFC 6962,
C2SP tlog-tiles, tlog-checkpoint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from hub.audit.commitments import commitment
from hub.audit.log_key import LogKey
from hub.audit.tiles import Tiles
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import LogBrokenError
from hub.writing import Row, target, write
from keys import checkpoint
from keys.checkpoint import Checkpoint
from keys.log_tiles import TileName, grown, pack, subtrees_in
from keys.merkle import EMPTY_ROOT, leaf_hash, root

LOCK: Final = b"log     "
MOST_LEAVES: Final = 20_000
"""Of one unit of work: some tenths of a second."""

RIPENS: Final = 60_000_000
"""Microseconds after which a number that no record has will have none: PostgreSQL gives numbers before it knows the transaction."""

_LEAVES: Final = target("log_leaf", "place", "sequence", "commitment")
_HEAD: Final = text(
    "SELECT size, integrated, ripening, ripening_since, ripening_at, checkpoint FROM log_head WHERE id = 1"
)
_WAITING: Final = text(
    "SELECT r.sequence, r.salt, r.body FROM audit_record r WHERE r.sequence > :integrated"
    " AND NOT EXISTS (SELECT 1 FROM log_leaf l WHERE l.sequence = r.sequence) ORDER BY r.sequence LIMIT :most"
)
_NEWEST: Final = text("SELECT coalesce(max(sequence), 0) FROM audit_record")
_MOVE: Final = text(
    "UPDATE log_head SET size = :size, integrated = :integrated, ripening = :ripening, ripening_since = :ripening_since,"
    " ripening_at = :ripening_at, checkpoint = :checkpoint, made_at = :made_at WHERE id = 1 AND size = :old"
)
_FIRST: Final = text(
    "INSERT INTO log_head (id, size, integrated, ripening, ripening_since, ripening_at, checkpoint, made_at)"
    " VALUES (1, 0, 0, 0, 0, 0, :checkpoint, :made_at)"
)
_SNAPSHOT: Final = text(
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
)


@dataclass(frozen=True, slots=True)
class _Head:
    size: int
    integrated: int
    ripening: int
    ripening_since: int
    ripening_at: int
    checkpoint: str


@dataclass(frozen=True, slots=True)
class _Marks:
    """Up to which record everything is integrated or never came to be, and what may become that mark."""

    integrated: int
    ripening: int
    ripening_since: int
    ripening_at: int


class Sequencer:
    """Integrates records. Any number of processes may have one."""

    def __init__(self, database: Database, key: LogKey, clock: Clock) -> None:
        """Sign heads with the log's key; call `prepare` once before the first use."""
        self._database = database
        self._key = key
        self._clock = clock
        self._tiles = Tiles(database)

    def prepare(self) -> None:
        """Make the head of an empty log where there is none."""
        with self._database.transaction() as session:
            self._database.lock(session, LOCK)
            if session.execute(_HEAD).first() is None:
                note = checkpoint.sign(Checkpoint(self._key.origin, 0, EMPTY_ROOT), self._key.private)
                session.execute(_FIRST, {"checkpoint": note, "made_at": to_micros(self._clock.now())})

    def integrate(self) -> int:
        """Integrate every record that is durable, unless another process does; return how many were.

        Raises:
            UnavailableError: the database did not answer; nothing of the last step was kept.
            LogBrokenError: the log in the database is not the one that was signed.
        """
        done = 0
        while True:
            with self._database.alone(LOCK) as alone:
                count = self._step() if alone else 0
            done += count
            if count < MOST_LEAVES:
                return done

    def _step(self) -> int:
        with self._database.transaction() as session:
            head = _Head(*session.execute(_HEAD).one())
            ended, next_one = self._running(session)
            newest = int(session.execute(_NEWEST).scalar_one())
            waiting = session.execute(_WAITING, {"integrated": head.integrated, "most": MOST_LEAVES}).all()
            marks = self._marks(head, newest if len(waiting) < MOST_LEAVES else head.ripening, ended, next_one)
            if not waiting and marks == _Marks(head.integrated, head.ripening, head.ripening_since, head.ripening_at):
                return 0
            entries = [commitment(bytes(salt), bytes(body)) for _, salt, body in waiting]
            note = self._grow(session, head, entries) if entries else head.checkpoint
            write(session, self._leaves(head.size, [sequence for sequence, *_ in waiting], entries))
            values = {
                "size": head.size + len(entries), "integrated": marks.integrated, "ripening": marks.ripening,
                "ripening_since": marks.ripening_since, "ripening_at": marks.ripening_at, "checkpoint": note,
                "made_at": to_micros(self._clock.now()), "old": head.size,
            }  # fmt: skip
            if session.execute(_MOVE, values).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
                raise LogBrokenError("Another process moved the log's head meanwhile; nothing was kept, and it goes on from there.")
        return len(entries)

    def _grow(self, session: Session, head: _Head, entries: Sequence[bytes]) -> str:
        """Write the tiles that change, and return the checkpoint that the log then has."""
        signed = checkpoint.read(head.checkpoint, self._key.verifier).checkpoint
        edges = self._tiles.edges(session, head.size)
        before = {TileName(level, (head.size >> 8 * level) // 256, len(row)): pack(row) for level, row in edges.items()}
        changed = {name: pack(row) for name, row in grown(head.size, edges, [leaf_hash(one) for one in entries]).items()}
        if (signed.size, signed.root) != (head.size, root(head.size, subtrees_in(head.size, before.__getitem__))):
            raise LogBrokenError("The newest tiles of the log are not those that its checkpoint was signed over.")
        size = head.size + len(entries)
        whole = root(size, subtrees_in(size, {**before, **changed}.__getitem__))
        self._tiles.write(session, changed)
        return checkpoint.sign(Checkpoint(self._key.origin, size, whole), self._key.private)
