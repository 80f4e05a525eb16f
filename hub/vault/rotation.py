"""Rotation of the vault's own keys, by jobs that go on where a killed worker stopped.

Decides in which order a key-encryption or index key is replaced, so that every look-up works at every moment: a new
edition begins; what is under the old one moves over in batches; the old one ends when no row uses it; last, its secret
leaves the key store. Data keys are rewrapped and indexes computed anew without any plaintext leaving this module; it is
the only opener of the purpose INDEX_INPUT. The policy epoch advances in the transactions where an edition begins,
before old indexes go, and where it ends: what processes that do not know it yet would answer or write is made again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, delete, exists, func, or_, select

from hub.clock import Clock, to_micros
from hub.database import Database
from hub.jobs.service import Jobs, Progress, Step
from hub.vault.editions import INDEX, WRAPPING
from hub.vault.model import VaultIndex, VaultKey
from hub.vault.purposes import INDEX_INPUT, Domain
from hub.vault.refusals import StillNeededError
from hub.vault.service import Vault, index_row

BATCH = 500
FINISHED: Final = "finished"
JOB_KINDS: Final = MappingProxyType({WRAPPING: "ROTATE_WRAPPING", INDEX: "ROTATE_INDEX"})
_PLACE: Final = (col(VaultIndex.place), col(VaultIndex.kind), col(VaultIndex.part))
_ROW: Final = (*_PLACE, col(VaultIndex.edition))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a rotation stands: its phase, the new edition, since when (microseconds), the last index row of a pass."""

    phase: str
    edition: int = 0
    begun_at: int = 0
    after: tuple[str, str, int] | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a job's cursor; an empty one stands before the first phase."""
        if not text:
            return cls("begin")
        read: dict[str, Any] = json.loads(text)
        return cls(**{**read, "after": tuple(read["after"]) if read["after"] else None})

    def go(
        self, phase: str, after: tuple[str, str, int] | None = None, *, done: int = 0, total: int | None = None
    ) -> Step:
        """Return the step that leads to a phase, and there behind the index row `after`."""
        text = json.dumps(asdict(replace(self, phase=phase, after=after)))
        return Step(text, done, finished=phase == FINISHED, total=total)


Phase = Callable[[Session, Cursor], Step]
Told = Callable[[Progress], None]


class Rotation:
    """Rotates both keys of the vault; another run goes on with an unfinished rotation."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        jobs: Jobs,
        clock: Clock,
        *,
        changed: Callable[[Session], None],
        needed: Callable[[Session, int], bool] = lambda _session, _begun_at: False,
        batch: int = BATCH,
    ) -> None:
        """Work in batches of `batch` rows.

        `changed` advances the policy epoch within the transaction it is given. `needed` tells whether keyed hashes
        outside the vault's table (idempotency keys) that were made before an instant, in microseconds, when a new
        index edition began, still need the older one.
        """
        self._database = database
        self._vault = vault
        self._jobs = jobs
        self._clock = clock
        self._changed = changed
        self._needed = needed
        self._batch = batch
        self._phases: Mapping[str, Mapping[str, Phase]] = {
            WRAPPING: {
                "begin": partial(self._begin, WRAPPING, "rewrap"),
                "rewrap": self._rewrap,
                "end": self._end_wrapping,
                "sweep": partial(self._sweep, WRAPPING),
            },
            INDEX: {
                "begin": partial(self._begin, INDEX, "copy"),
                "copy": self._copy,
                "delete": self._delete,
                "end": self._end_index,
                "sweep": partial(self._sweep, INDEX),
            },
        }

    def rotate_wrapping(self, worker: str, on_progress: Told = lambda _progress: None) -> Progress:
        """Replace the key-encryption key; data keys stay the same, so no ciphertext is touched.

        Raises:
            JobBusyError: another worker does it.
            DamagedError: a data key does not unwrap; the rotation can go on once it is mended.
        """
        return self._run(WRAPPING, worker, on_progress)

    def rotate_index(self, worker: str, on_progress: Told = lambda _progress: None) -> Progress:
        """Replace the index key: every blind index is computed anew; meanwhile rows of both editions are written.

        Raises:
            JobBusyError: another worker does it.
            StillNeededError: all is copied, but the old edition is needed for a while; run it again later.
            DamagedError: an indexed value does not open; the rotation can go on once it is mended.
        """
        return self._run(INDEX, worker, on_progress)

    def _run(self, kind: str, worker: str, on_progress: Told) -> Progress:
        unfinished = self._jobs.unfinished(JOB_KINDS[kind])
        job_id = unfinished[0].id if unfinished else self._jobs.start(JOB_KINDS[kind], {})

        def work(session: Session, text: str) -> Step:
            cursor = Cursor.parse(text)
            return self._phases[kind][cursor.phase](session, cursor)

        def after_step(progress: Progress) -> None:
            self._vault.refresh()
            on_progress(progress)

        self._vault.refresh()
        return self._jobs.run(job_id, worker, work, after_step)

    # -- phases of both ----------------------------------------------------------------------------------------------
    # The epoch is advanced first in each: a writer holds the epoch before it touches an edition.

    def _begin(self, kind: str, following: str, session: Session, _cursor: Cursor) -> Step:
        self._changed(session)
        edition = self._vault.editions.begin(session, kind)
        table = VaultKey if kind == WRAPPING else VaultIndex
        total = session.exec(select(func.count()).select_from(table)).one()
        return Cursor("begin", edition, to_micros(self._clock.now())).go(following, total=total)

    def _sweep(self, kind: str, session: Session, cursor: Cursor) -> Step:
        self._vault.editions.sweep(session, kind)
        return cursor.go(FINISHED)

    # -- the key-encryption key --------------------------------------------------------------------------------------

    def _rewrap(self, session: Session, cursor: Cursor) -> Step:
        done = self._rewrap_some(session, cursor)
        return cursor.go("rewrap" if done == self._batch else "end", done=done)

    def _rewrap_some(self, session: Session, cursor: Cursor) -> int:
        older = select(VaultKey).where(VaultKey.edition < cursor.edition).order_by(col(VaultKey.id)).limit(self._batch)
        rows = session.exec(older.with_for_update()).all()
        for row in rows:
            row.edition, row.wrapped = self._vault.rewrap(row.id, row.edition, row.wrapped)
        session.flush()
        return len(rows)

    def _end_wrapping(self, session: Session, cursor: Cursor) -> Step:
        self._changed(session)
        ending = self._vault.editions.lock_older(session, WRAPPING, cursor.edition)
        done = self._rewrap_some(session, cursor)  # what processes wrote that did not know the new edition
        if done == self._batch:
            return cursor.go("rewrap", done=done)
        for edition in ending:
            session.delete(edition)
        return cursor.go("sweep", done=done)

    # -- the index key -----------------------------------------------------------------------------------------------

    def _copy(self, session: Session, cursor: Cursor) -> Step:
        rows = self._copy_some(session, cursor)
        if len(rows) == self._batch:
            return cursor.go("copy", (rows[-1].place, rows[-1].kind, rows[-1].part), done=len(rows))
        if cursor.after is not None:  # once more from the start, until one batch is all that was missing
            return cursor.go("copy", done=len(rows))
        if self._needed(session, cursor.begun_at):
            raise StillNeededError
        self._changed(session)
        return cursor.go("delete", done=len(rows))

    def _copy_some(self, session: Session, cursor: Cursor) -> list[VaultIndex]:
        """Compute a batch of indexes under the new edition and return the rows they were computed from."""
        rows = self._uncopied(session, cursor)
        for place, (row, key) in {(row.place, row.kind, row.part): (row, key) for row, key in rows}.items():
            data_key = self._vault.unwrap(key.id, key.edition, key.wrapped)
            domain = Domain(row.kind, row.scope)
            value = self._vault.open(INDEX_INPUT, data_key, index_row(domain, place[0], place[2]), row.input)
            session.add(self._vault.reindex(row, value.decode(), cursor.edition))
        session.flush()
        return [row for row, _ in rows]

    def _uncopied(self, session: Session, cursor: Cursor) -> list[tuple[VaultIndex, VaultKey]]:
        """Return rows without a counterpart, their data keys held: an erasure waits, or its keys are not found here."""
        after = [tuple_(*_PLACE) > cursor.after] if cursor.after else []
        statement = (
            select(VaultIndex, VaultKey)
            .where(VaultIndex.key_id == VaultKey.id, col(VaultKey.wrapped).is_not(None))
            .where(VaultIndex.edition < cursor.edition, ~_copied(cursor.edition), *after)
            .order_by(*_ROW)
            .limit(self._batch)
        )
        return list(session.exec(statement.with_for_update(read=True, of=VaultKey)).all())

    def _delete(self, session: Session, cursor: Cursor) -> Step:
        superfluous = select(*_ROW).where(_superfluous(cursor.edition)).order_by(*_ROW).limit(self._batch)
        rows = [tuple(row) for row in session.execute(superfluous)]
        session.exec(delete(VaultIndex).where(tuple_(*_ROW).in_(rows)))
        return cursor.go("delete" if len(rows) == self._batch else "end")

    def _end_index(self, session: Session, cursor: Cursor) -> Step:
        self._changed(session)
        ending = self._vault.editions.lock_older(session, INDEX, cursor.edition)
        rows = self._copy_some(session, cursor)  # what processes wrote that did not know the new edition
        if len(rows) == self._batch:
            return cursor.go("copy", done=len(rows))
        session.exec(delete(VaultIndex).where(_superfluous(cursor.edition)))
        for edition in ending:
            session.delete(edition)
        return cursor.go("sweep", done=len(rows))


def _copied(edition: int) -> ColumnElement[bool]:
    """Return the condition that an index row has its counterpart under the new edition."""
    copy = aliased(VaultIndex)
    same = and_(
        copy.place == col(VaultIndex.place), copy.kind == col(VaultIndex.kind), copy.part == col(VaultIndex.part)
    )
    return exists().where(same, col(copy.edition) == edition)


def _superfluous(edition: int) -> ColumnElement[bool]:
    """Return the condition that an old index row is copied, or leads to nothing because its data key was erased."""
    erased = exists().where(col(VaultKey.id) == col(VaultIndex.key_id), col(VaultKey.wrapped).is_(None))
    return and_(col(VaultIndex.edition) < edition, or_(_copied(edition), erased))
