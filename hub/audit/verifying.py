"""Verifying everything: records, leaves, tiles, head, checkpoints, and the rows that records commit to, computed anew from one moment of the database.

Decides what is believed: the key store, and checkpoints that were kept elsewhere; of the database nothing. Whoever can only write to it cannot
make a record, a leaf or a head that passes here, so what he changed is found and named where it stands. It reads in chunks, and what it remembers
does not grow with the records.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import text
from sqlmodel import Session

from hub.audit import head as heads
from hub.audit import state, tiles
from hub.audit.commitments import commitment
from hub.audit.expected_rows import ExpectedRows
from hub.audit.findings import Finding, Kind
from hub.audit.head import Head
from hub.audit.log_key import LogKey
from hub.audit.recomputing import RecomputedTree
from hub.audit.refusals import LogBrokenError
from hub.audit.salts import Salts
from hub.audit.sequencing import BEGIN
from hub.database import Database
from keys.checkpoint import Checkpoint
from keys.errors import KeysError
from keys.merkle import EMPTY_ROOT, HASH_SIZE, leaf_hash, root

CHUNK: Final = 8_192
MOST_FINDINGS: Final = 100
_CHUNK: Final = text(
    "SELECT l.place, l.sequence, l.commitment, l.mark, r.id, r.kind, r.recorded_at, r.body, r.salt"
    " FROM log_leaf l LEFT JOIN audit_record r ON r.sequence = l.sequence"
    " WHERE l.place >= :first AND l.place < :end ORDER BY l.place"
)
_STRAY: Final = text("SELECT place FROM log_leaf WHERE place >= :size OR place < 0 ORDER BY place")
_WAITING: Final = text(
    "SELECT r.sequence, r.id, r.kind, r.recorded_at, r.body, r.salt FROM audit_record r"
    " WHERE NOT EXISTS (SELECT 1 FROM log_leaf l WHERE l.sequence = r.sequence) ORDER BY r.sequence"
)
_OF_LOG: Final = text(
    "SELECT l.place, r.body, r.salt FROM audit_record r JOIN log_leaf l ON l.sequence = r.sequence"
    " WHERE r.kind = 'log' ORDER BY l.place"
)

Told = Callable[[int, int], None]
"""Is told how many records were verified, and of how many."""


class _Leaf(NamedTuple):
    place: int
    sequence: int
    commitment: bytes
    mark: bytes
    id: str | None
    kind: str
    recorded_at: int
    body: bytes
    salt: bytes


def _bytes(value: object) -> bytes:
    """What a column of bytes holds; SQLite keeps anything in it, and what is no bytes fits nothing."""
    return value if isinstance(value, bytes) else b""


def _leaf(
    place: int, sequence: int, entry: object, mark: object, record: object, kind: str, at: int, body: object, salt: object
) -> _Leaf:  # fmt: skip
    name = None if record is None else str(record)  # of text that is none, what it looks like
    return _Leaf(place, sequence, _bytes(entry), _bytes(mark), name, kind, at, _bytes(body), _bytes(salt))


@dataclass(slots=True)
class Report:
    """What came of a verification; `findings` are the first, in the order in which they were found, `wrong` counts all."""

    records: int = 0
    waiting: int = 0
    rows: int = 0
    wrong: int = 0
    seconds: float = 0.0
    checkpoints: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Take in a finding."""
        self.wrong += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "intact": not self.wrong, "records": self.records, "waiting": self.waiting, "rows": self.rows,
            "checkpoints": self.checkpoints, "seconds": round(self.seconds, 3), "rate": round(self.rate),
            "wrong": self.wrong, "findings": [each.as_json() for each in self.findings],
        }  # fmt: skip


@dataclass(slots=True)
class _Gone:
    """Leaves whose record is gone, by its number, and the numbers that a record says were erased."""

    missing: dict[int, int] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)

    def note(self, facts: Mapping[str, Any]) -> None:
        if facts.get("kind") == "erasure" and "sequence" in facts:
            self.erased.add(facts["sequence"])

    def findings(self) -> Iterator[Finding]:
        for sequence in sorted(self.missing.keys() - self.erased):
            yield Finding(Kind.RECORD_REMOVED, place=self.missing[sequence], table="audit_record", key=str(sequence))


class Verifying:
    """Verifies one hub's log."""

    def __init__(self, database: Database, key: LogKey, salts: Salts) -> None:
        """Believe the keys alone."""
        self._database = database
        self._key = key
        self._salts = salts

    def verify(self, seen: Mapping[str, str], told: Told = lambda _done, _total: None) -> Report:
        """Verify everything against itself and against checkpoints (notes, by what they are called) that were kept elsewhere.

        Raises:
            UnavailableError: the database did not answer.
        """
        report, began = Report(), time.monotonic()
        with self._database.moment() as session, TemporaryDirectory(prefix="licence-hub-") as folder:
            rows = ExpectedRows(Path(folder))
            try:
                self._verify_log(session, report, rows, told)
                self._compare_checkpoints(session, report, seen)
                self._compare_rows(session, report, rows)
            finally:
                rows.close()
        report.seconds = time.monotonic() - began
        return report

    # -- the log ---------------------------------------------------------------------------------------------------------

    def _verify_log(self, session: Session, report: Report, rows: ExpectedRows, told: Told) -> None:
        signed = self._signed(session, report)
        tree, gone = RecomputedTree(), _Gone()
        keyed = keyed_from(session, self._salts)
        for first in range(0, signed.size, CHUNK):
            end = min(first + CHUNK, signed.size)
            leaves = [_leaf(*row) for row in session.execute(_CHUNK, {"first": first, "end": end}).all()]
            hashes = self._hashes(session, report, leaves, range(first, end))
            for leaf in leaves:
                if leaf.id is None:
                    gone.missing[leaf.sequence] = leaf.place
                    continue
                facts = self._facts(report, leaf, keyed=leaf.place >= keyed)
                gone.note(facts)
                rows.tell(leaf.sequence, facts)
            for finding in tree.add(session, hashes):
                report.add(finding)
            report.records = end
            told(end, signed.size)
        self._end(session, report, tree, signed)
        self._waiting(session, report, rows, gone)
        for finding in gone.findings():
            report.add(finding)

    def _signed(self, session: Session, report: Report) -> Checkpoint:
        """Return the tree of the head, or an empty one when it is not the log's."""
        head = _head(session)
        try:
            signed = self._key.read(head.checkpoint if head else "").checkpoint
        except KeysError:
            report.add(Finding(Kind.HEAD_CHANGED, source="signature"))
            return Checkpoint(self._key.origin, 0, EMPTY_ROOT)
        if head is None or head.size != signed.size:
            report.add(Finding(Kind.HEAD_CHANGED, place=signed.size, source="size"))
        return signed

    def _hashes(self, session: Session, report: Report, leaves: Sequence[_Leaf], places: range) -> list[bytes]:
        """Return the hashes of leaves; for one that is not as the hub wrote it, the hash that is kept in its tile."""
        found = {leaf.place: leaf for leaf in leaves}
        hashes = []
        for place in places:
            leaf = found.get(place)
            if leaf is not None and leaf.mark == self._salts.mark(place, leaf.sequence, leaf.commitment):
                hashes.append(leaf_hash(leaf.commitment))
                continue
            report.add(Finding(Kind.LEAF_REMOVED if leaf is None else Kind.LEAF_CHANGED, place=place))
            hashes.append(_kept_hash(session, place))
        return hashes

    def _facts(self, report: Report, leaf: _Leaf, *, keyed: bool) -> Mapping[str, Any]:
        """Return what a record says, if it is what its leaf commits to, and the hub wrote it."""
        if leaf.commitment != commitment(leaf.salt, leaf.body):
            report.add(Finding(Kind.RECORD_CHANGED, place=leaf.place, record=leaf.id))
            return {}
        return self._checked(report, leaf, keyed=keyed)

    def _checked(self, report: Report, leaf: _Leaf, *, keyed: bool) -> Mapping[str, Any]:
        place = leaf.place if leaf.place >= 0 else None
        if keyed and not self._salts.are(leaf.salt, leaf.body):
            report.add(Finding(Kind.RECORD_INSERTED, place=place, record=leaf.id))
            return {}
        facts: Mapping[str, Any] = orjson.loads(leaf.body)
        if (facts["id"], facts["kind"], facts["time"]) != (leaf.id, leaf.kind, leaf.recorded_at):
            report.add(Finding(Kind.RECORD_CHANGED, place=place, record=facts["id"]))
        return facts

    def _end(self, session: Session, report: Report, tree: RecomputedTree, signed: Checkpoint) -> None:
        for place in session.execute(_STRAY, {"size": signed.size}).scalars():
            report.add(Finding(Kind.LEAF_INSERTED, place=place))
        for finding in tree.finish(session):
            report.add(finding)
        if tree.root() != signed.root:
            report.add(Finding(Kind.HEAD_CHANGED, place=signed.size, source="root"))

    def _waiting(self, session: Session, report: Report, rows: ExpectedRows, gone: "_Gone") -> None:
        """Look at the records that the sequencer has not reached yet: what they tell of rows holds already."""
        for sequence, *record in session.execute(_WAITING, execution_options={"yield_per": CHUNK}):
            leaf = _leaf(-1, sequence, b"", b"", *record)
            facts = self._checked(report, leaf, keyed=True)
            gone.note(facts)
            rows.tell(sequence, facts)
            report.waiting += 1

    # -- what was seen elsewhere, and the rows -------------------------------------------------------------------------

    def _compare_checkpoints(self, session: Session, report: Report, seen: Mapping[str, str]) -> None:
        for source, note in seen.items():
            report.checkpoints.append(source)
            for finding in self._compared(session, source, note):
                report.add(finding)

    def _compared(self, session: Session, source: str, note: str) -> Iterator[Finding]:
        try:
            known = self._key.read(note).checkpoint
        except KeysError:
            yield Finding(Kind.CHECKPOINT_UNREADABLE, source=source)
            return
        head = _head(session)
        if head is None or head.size < known.size:
            yield Finding(Kind.LOG_BEHIND, place=head.size if head else 0, source=source)
            return
        try:
            same = root(known.size, tiles.subtrees(session, known.size)) == known.root
        except (KeysError, LogBrokenError):
            same = False
        if not same:
            yield Finding(Kind.LOG_FORKED, place=known.size, source=source)

    def _compare_rows(self, session: Session, report: Report, rows: ExpectedRows) -> None:
        for finding in rows.compare(session, state.tables()):
            if finding is not None:
                report.add(finding)
            report.rows += finding is None or finding.kind is not Kind.ROW_REMOVED


def keyed_from(session: Session, salts: Salts) -> int:
    """Return the place from which on records have salts of the hub's: the first, but in hubs that are older than their log."""
    for place, body, salt in session.execute(_OF_LOG):
        if salts.are(_bytes(salt), _bytes(body)) and orjson.loads(body)["operation"] == BEGIN:
            return int(place)
    return 0


def _head(session: Session) -> Head | None:
    try:
        return heads.find(session)
    except LogBrokenError:
        return None


def _kept_hash(session: Session, place: int) -> bytes:
    try:
        kept = tiles.tile(session, tiles.of_leaf(place))
    except LogBrokenError:
        return bytes(HASH_SIZE)
    return kept[-HASH_SIZE:]
