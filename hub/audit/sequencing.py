"""Sequencing: durable records become leaves of the log, in one order for ever, and the log's new head is signed.

Decides the order, and that each record is integrated exactly once, by one of many processes at a time. Leaves, tiles and head are one unit of
work that stands only if the head is still the one that was read, so a process that stood still in between changes nothing. Killed at
any point it leaves the log as it was, or whole. It must never sign a head that does not continue the one before. RFC 6962,
C2SP tlog-tiles, tlog-checkpoint.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from time import sleep
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from hub.audit import continuity, state, tiles
from hub.audit import head as heads
from hub.audit.backlog import Backlog, Record
from hub.audit.checkpoint_file import CheckpointFile
from hub.audit.commitments import commitment
from hub.audit.head import Head
from hub.audit.log_key import LogKey
from hub.audit.refusals import LogBrokenError
from hub.audit.salts import Salts
from hub.audit.service import Audit, Entry
from hub.audit.tiles import Leaves
from hub.clock import Clock, to_micros
from hub.database import Database
from keys.checkpoint import Checkpoint
from keys.log_tiles import TileName, grown, pack, subtrees_in
from keys.merkle import EMPTY_ROOT, leaf_hash, root

KIND: Final = "log"
BEGIN: Final = "BEGIN"
"""Records before this one were given random salts; none after it was (`hub.audit.salts`)."""

GROWN: Final = "licence_hub_log"
"""The channel on which PostgreSQL tells all processes that the log has grown."""

LOCK: Final = b"log     "
MOST_LEAVES: Final = 4_096
"""Of one unit of work: a tenth of a second, and some MB that a server would keep."""

AT_ONCE: Final = 128
"""Records of which leaves are made before the interpreter is given back: half a millisecond, which those feel who wait for an answer."""

PAUSE: Final = 0.001
"""Seconds; whoever has waited for the interpreter keeps it for longer."""

_ANY: Final = text("SELECT place FROM log_leaf LIMIT 1")
_log = logging.getLogger("hub.audit")


class Sequencer:
    """Integrates records. Any number of processes may have one."""

    def __init__(
        self, database: Database, audit: Audit, key: LogKey, salts: Salts, clock: Clock, file: CheckpointFile
    ) -> None:
        """Sign heads with the log's key; call `begin` once before the first use."""
        self._file = file
        self._mark = salts.mark
        self._database = database
        self._audit = audit
        self._key = key
        self._clock = clock
        self._backlog = Backlog(database)
        self._note, self._seen = "", Checkpoint(key.origin, 0, EMPTY_ROOT)
        self._one = threading.Lock()

    def has_begun(self) -> bool:
        """Tell whether there is a log."""
        with self._database.snapshot() as session:
            return heads.find(session) is not None

    def begin(self) -> None:
        """Make the head of an empty log where there is none, and record that it begins where records are older than it."""
        with self._database.transaction() as session:
            self._database.lock(session, LOCK)
            if heads.find(session) is None:
                if session.execute(_ANY).first() is not None:
                    raise LogBrokenError("The head of the log is gone, and there are leaves.")
                note = self._key.sign(Checkpoint(self._key.origin, 0, EMPTY_ROOT))
                heads.begin(session, note, to_micros(self._clock.now()))
                if self._audit.exists(session):
                    self._audit.append(session, Entry(KIND, {"operation": BEGIN}))
                    for rows in state.everything(session):
                        self._audit.append(session, Entry(state.KIND, {"rows": rows}))

    def integrate(self, *, forward: bool = True) -> int:
        """Integrate every record that is durable, unless another process does; return how many were. Threads of a process take turns.

        `forward` is whether the checkpoint outside the database follows.

        Raises:
            UnavailableError: the database did not answer; nothing of the last step was kept.
            LogBrokenError: the log in the database is not the one that was signed, or that this process has seen.
            CheckpointFileError: the newest checkpoint could not be kept outside the database.
        """
        with self._one:
            return self._integrate(forward=forward)

    def _integrate(self, *, forward: bool) -> int:
        if not self._backlog.begun:
            with self._database.snapshot() as session:
                self._backlog.compare(session, heads.read(session).marks)
        done = 0
        while True:
            with self._database.alone(LOCK) as alone:
                count = self._step() if alone else 0
            done += count
            if done > MOST_LEAVES:
                _log.info("log: %d records were integrated", done)
            if count < MOST_LEAVES:
                break
        if forward:
            self._file.forward(self._note if alone else self._newest())
        return done

    def _newest(self) -> str:
        with self._database.snapshot() as session:
            return heads.read(session).checkpoint

    def _step(self) -> int:
        now = to_micros(self._clock.now())
        with self._database.snapshot() as session:
            head = heads.read(session)
            self._compare(session, head)
            found = self._backlog.find(session, head.size, head.marks, now, MOST_LEAVES)
            edges = tiles.edges(session, head.size) if found.records else {}
        if not found.records:
            if found.marks != head.marks:
                self._keep(head, replace(head, marks=found.marks), None, {})
            return 0
        leaves, hashes = self._leaves(head.size, found.records)
        tree, changed = self._grow(head, edges, hashes)
        note = self._key.sign(tree)
        if not self._keep(head, Head(tree.size, note, now, found.marks), leaves, changed):
            return 0
        self._note, self._seen = note, tree
        self._backlog.added(tree.size, found.records)
        return len(hashes)

    def _leaves(self, place: int, records: Sequence[Record]) -> tuple[Leaves, list[bytes]]:
        """Return the leaves of records from a place on, and their hashes; answers that are being made go on in between."""
        leaves, hashes = Leaves(place, [], [], []), list[bytes]()
        for first in range(0, len(records), AT_ONCE):
            sequences, salts, bodies = zip(*records[first : first + AT_ONCE], strict=True)
            made = list(map(commitment, salts, bodies))
            leaves.marks.extend(map(self._mark, count(place + first), sequences, made))
            leaves.sequences.extend(sequences)
            leaves.commitments.extend(made)
            hashes.extend(map(leaf_hash, made))
            sleep(PAUSE)
        return leaves, hashes

    def _compare(self, session: Session, head: Head) -> None:
        """Refuse a log that does not continue the last checkpoint that this process has seen."""
        if head.checkpoint != self._note:
            self._seen = continuity.check(session, self._key, self._seen)
            self._note = head.checkpoint

    def _keep(self, old: Head, new: Head, leaves: Leaves | None, changed: Mapping[TileName, bytes]) -> bool:
        """Keep head, tiles and leaves, and return whether it was done: whoever is second writes nothing."""
        try:
            with self._database.transaction() as session:
                if not heads.move(session, old, new):
                    return False
                if leaves:
                    tiles.put(session, changed)
                    tiles.add(session, leaves)
                    self._database.notify(session, GROWN)
        except IntegrityError as error:
            raise LogBrokenError("Leaves that no sequencer wrote stand where the log goes on.") from error
        return True

    def _grow(
        self, head: Head, edges: dict[int, list[bytes]], leaves: Sequence[bytes]
    ) -> tuple[Checkpoint, dict[TileName, bytes]]:
        """Return the tree that the log is with new leaves, and the tiles that change, after `_compare`.

        Raises:
            LogBrokenError: head and tiles are not what was signed here, so nothing may be signed on top of them.
        """
        before = {name: pack(edges[name.level or 0]) for name in tiles.edge(head.size)}
        kept = root(head.size, subtrees_in(head.size, before.__getitem__))
        if (self._seen.size, self._seen.root) != (head.size, kept):
            raise LogBrokenError("The newest tiles of the log are not those that its checkpoint was signed over.")
        changed = {name: pack(row) for name, row in grown(head.size, edges, leaves).items()}
        size = head.size + len(leaves)
        whole = root(size, subtrees_in(size, (before | changed).__getitem__))
        return Checkpoint(self._key.origin, size, whole), changed
