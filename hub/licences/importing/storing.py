"""The step of an import: one chunk's licences, records, rejects, figures and cursor become durable together, or not at all.

Decides which of the sealed rows may be stored: those whose uniqueness scopes are free, under the policy they were sealed under. Of
two rows that collide the earlier in the file stands and the later is a reject; neither stops the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, update

from hub.audit.service import Audit
from hub.database import Database
from hub.errors import PolicyChangedError
from hub.jobs.service import Step
from hub.licences.importing.intake import Intake, Read
from hub.licences.importing.model import ImportJob
from hub.licences.importing.progress import Meter
from hub.licences.importing.rejects import REJECTS, Rejects
from hub.licences.importing.sealing import Bad, Good, Order, Sealed, refused
from hub.licences.uniqueness import Claim, Uniqueness, unmet
from hub.tabular.faults import Fault
from hub.tabular.rows import Table
from hub.writing import Row, write

# A chunk that others' changes make stale again and again is no chunk's fault.
_MOST_REPEATS: Final = 20
EXISTS: Final = Fault(
    "LICENCE_EXISTS", None, "", "整行", "The row",
    "同一唯一性范围内已有有效证照，或本文件前面的行已使用",
    "a live licence of the same uniqueness scope exists, or stands in an earlier row of this file",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a chunk: rows that are stored, rows that are refused."""

    good: tuple[Good, ...]
    bad: tuple[Bad, ...]


class Judge:
    """Tells which of the sealed rows collide with what is there, or with each other."""

    def __init__(self, uniqueness: Uniqueness, rejects: Rejects, order: Order) -> None:
        """A dry run stores nothing, so that it remembers what it would have stored."""
        self._uniqueness = uniqueness
        self._rejects = rejects
        self._order = order
        self._remembered: dict[bytes, list[Claim]] = {}

    def outcome(self, session: Session, read: Read, sealed: Sealed) -> Outcome:
        """Return what becomes of a chunk; what may be stored holds its scopes until the unit of work ends."""
        claims = [one.claim for one in sealed.good]
        lost = self._rehearsed(session, claims) if self._order.dry_run else self._uniqueness.take_free(session, claims)
        late = (refused(read.rows[sealed.good[each].place], (EXISTS,), self._order, self._rejects) for each in lost)
        good = tuple(one for place, one in enumerate(sealed.good) if place not in lost)
        return Outcome(good, tuple(sorted((*sealed.bad, *late), key=lambda bad: bad.number)))

    def _rehearsed(self, session: Session, claims: Sequence[Claim]) -> frozenset[int]:
        lost = unmet(session, claims, self._remembered)
        for claim in (claim for place, claim in enumerate(claims) if place not in lost):
            for index in claim.indexes:
                self._remembered.setdefault(index, []).append(claim)
        return lost


class Storing:
    """Does the steps of one import job."""

    def __init__(
        self, database: Database, audit: Audit, judge: Judge, meter: Meter, job_id: str,
        *, begin: Callable[[str], tuple[Table, Intake]], finish: Callable[[Session], None],
    ) -> None:  # fmt: skip
        """`begin` opens the file and reads on from a cursor; `finish` is called in the last step's unit of work."""
        self._database = database
        self._audit = audit
        self._judge = judge
        self._meter = meter
        self._job_id = job_id
        self._begin = begin
        self._finish = finish
        self._opened: tuple[Table, Intake] | None = None
        self._done = 0
        self._repeats = 0
        self._next: tuple[Read, Sealed] | None = None
        self.outcome: Outcome | None = None

    def ready(self, cursor: str) -> None:
        """Wait for the next chunk to be sealed; raises what sealing raised."""
        self._opened = self._opened or self._begin(cursor)
        self._next = self._intake.ready()

    @property
    def _table(self) -> Table:
        return self._opened[0]  # type: ignore[index]  # opened before the first step

    @property
    def _intake(self) -> Intake:
        return self._opened[1]  # type: ignore[index]  # as above

    def step(self, session: Session, cursor: str) -> Step:
        """Store the chunk that is ready; nothing, if it has to be sealed anew."""
        assert self._next is not None  # noqa: S101 - `ready` comes before every step
        read, sealed = self._next
        self._database.write_much(session)
        self.outcome = self._stored(session, read, sealed)
        if self.outcome is None:
            return Step(cursor, 0, finished=False)
        done = len(read.rows)
        self._note(session, read, self.outcome)
        if read.last:
            self._finish(session)
        return Step(read.end, done, finished=read.last)

    def committed(self) -> Outcome | None:
        """Go on after a commit: behind the chunk, or with sealing it anew; returns what was stored.

        Raises:
            PolicyChangedError: it was stale again and again.
        """
        outcome, self.outcome = self.outcome, None
        if outcome is not None:
            self._intake.stored()
            self._repeats = 0
            return outcome
        self._repeats += 1
        if self._repeats > _MOST_REPEATS:
            raise PolicyChangedError
        self._intake.again()
        return None

    def _stored(self, session: Session, read: Read, sealed: Sealed) -> Outcome | None:
        if self._audit.epoch(session) != sealed.epoch:
            return None
        outcome = self._judge.outcome(session, read, sealed)
        try:
            with session.begin_nested():
                write(session, self._rows(outcome))
        except IntegrityError:  # somebody else has taken a status place meanwhile
            return None
        return outcome

    def _rows(self, outcome: Outcome) -> Iterator[Row]:
        for one in outcome.good:
            yield from one.prepared.rows if one.prepared else ()
        for bad in outcome.bad:
            yield REJECTS, (self._job_id, bad.number, bad.sealed)

    def _note(self, session: Session, read: Read, outcome: Outcome) -> None:
        self._done += len(read.rows)
        figures = {
            "good": ImportJob.good + len(outcome.good),
            "bad": ImportJob.bad + len(outcome.bad),
            "read": self._table.done(read.end) if read.end else 0,
            "amount": self._table.total,
            "rate": self._meter.rate(self._done),
        }
        mine = update(ImportJob).where(col(ImportJob.id) == self._job_id)
        session.execute(mine.values(figures).execution_options(synchronize_session=False))
