"""Jobs: long work in small steps, each durable together with the place where the next one begins.

Decides who works on a job: one worker at a time, for 30 seconds after it was last heard of. A worker that was killed
loses nothing but its unfinished step; after its lease another goes on from the last committed cursor. A step that fails
is undone and leaves its error's code; the job can be run again. Arguments and cursors must never hold personal data.
"""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, and_, col, func, or_, select, update

from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import (
    HubError,
    JobBusyError,
    JobCancelledError,
    JobUnknownError,
    PolicyChangedError,
    UnavailableError,
)
from hub.jobs.model import Job

LEASE = timedelta(seconds=30)
_HEARTBEAT = LEASE / 3


class JobState(StrEnum):
    """WAITING for a worker, RUNNING (or left by a killed worker), FAILED or CANCELLED (can be run again), FINISHED."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    FINISHED = "FINISHED"


OVER = frozenset({JobState.FINISHED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: where the next begins, how many items it did, whether the job is finished.

    `total` replaces the number of items in all, for jobs that learn it on the way.
    """

    cursor: str
    done: int
    finished: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; `error` is the code of the error that stopped it, times are microseconds."""

    id: str
    kind: str
    state: JobState
    arguments: Mapping[str, Any]
    cursor: str
    done: int
    total: int
    error: str | None
    started_at: int
    ended_at: int | None


Work = Callable[[Session, str], Step]
"""Takes the unit of work and the cursor ("" at first); everything it writes is committed with the cursor it returns."""

Told = Callable[[Progress], None]


class Jobs:
    """Starts jobs and runs them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Leases are counted on the clock; workers' clocks must agree to a few seconds."""
        self._database = database
        self._clock = clock

    def start(self, kind: str, arguments: Mapping[str, Any], total: int = 0) -> str:
        """Note a job and return its id; nothing runs yet. `arguments` are JSON without personal data."""
        with self._database.transaction() as session:
            return self.add(session, kind, arguments, total)

    def add(self, session: Session, kind: str, arguments: Mapping[str, Any], total: int = 0) -> str:
        """Note a job within a unit of work of its starter; as `start`."""
        job = Job(
            id=uuid.uuid4().hex, kind=kind, state=JobState.WAITING.value, arguments=json.dumps(dict(arguments)),
            total=total, started_at=self._now(),
        )  # fmt: skip
        session.add(job)
        session.flush()
        return job.id

    def resume(self, session: Session, job_id: str, kind: str) -> bool:
        """Let a job wait for a worker again, under the kind of those that can do it now; one that is run is left alone.

        Returns whether it waits now. A finished job stays finished.
        """
        job = _locked(session, job_id)
        if job.state == JobState.FINISHED or (job.leased_by is not None and job.leased_until > self._now()):
            return False
        job.kind, job.state, job.ended_at = kind, JobState.WAITING.value, None
        job.leased_by, job.leased_until = None, 0
        return True

    def cancel(self, job_id: str) -> Progress:
        """End a job that is not finished, after the step that is being done; what its steps did stands.

        Raises:
            JobUnknownError: no such job.
        """
        with self._database.transaction() as session:
            job = _locked(session, job_id)
            if job.state not in OVER:
                job.state, job.ended_at = JobState.CANCELLED.value, self._now()
                job.leased_by, job.leased_until = None, 0
            return _progress(job)

    def progress(self, job_id: str) -> Progress:
        """Return how far a job is; raises JobUnknownError."""
        with self._database.snapshot() as session:
            return self.found(session, job_id)

    def found(self, session: Session, job_id: str) -> Progress:
        """Return how far a job is, within a unit of work; raises JobUnknownError."""
        return _progress(_found(session.get(Job, job_id)))

    def unfinished(self, kind: str) -> tuple[Progress, ...]:
        """Return the jobs of a kind that are not finished, oldest first."""
        statement = select(Job).where(Job.kind == kind, Job.state != JobState.FINISHED)
        with self._database.snapshot() as session:
            return tuple(_progress(job) for job in session.exec(statement.order_by(col(Job.started_at), col(Job.id))))

    def newest(self, kind: str, most: int) -> tuple[Progress, ...]:
        """Return the newest jobs of a kind, whatever became of them, the newest first."""
        statement = select(Job).where(Job.kind == kind).order_by(col(Job.started_at).desc(), col(Job.id)).limit(most)
        with self._database.snapshot() as session:
            return tuple(_progress(job) for job in session.exec(statement))

    def counts(self) -> Mapping[tuple[str, ...], int]:
        """Return how many jobs there are, by kind and state."""
        statement = select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)
        with self._database.snapshot() as session:
            return {(kind, state): count for kind, state, count in session.exec(statement)}

    def fail(self, job_id: str, error: HubError) -> None:
        """Note that a job cannot be run as it stands, so that no worker takes it again and again."""
        with self._database.transaction() as session:
            job = _locked(session, job_id)
            if job.state not in OVER and job.leased_until <= self._now():
                job.state, job.error, job.leased_by = JobState.FAILED.value, error.code, None

    def takeable(self, kind: str) -> tuple[str, ...]:
        """Return the jobs of a kind that wait for a worker, or were left by one, oldest first."""
        left = and_(Job.state == JobState.RUNNING, Job.leased_until <= self._now())
        statement = select(Job.id).where(Job.kind == kind, or_(Job.state == JobState.WAITING, left))
        with self._database.snapshot() as session:
            return tuple(session.exec(statement.order_by(col(Job.started_at), col(Job.id))))

    def run(
        self,
        job_id: str,
        worker: str,
        work: Work,
        on_progress: Told = lambda _progress: None,
        ready: Callable[[str], None] = lambda _cursor: None,
    ) -> Progress:
        """Run a job to its end, step by step, and return its progress; a finished job is left alone.

        `worker` names the worker for people; `on_progress` is called after every committed step; `ready` before every
        step, with its cursor and outside the unit of work, for what needs no lock.

        Raises:
            JobUnknownError: no such job.
            JobBusyError: another worker runs it, or took it over meanwhile.
            JobCancelledError: it was cancelled.
            Exception: whatever a step raised; the step was undone, its code is kept and the job can be run again.
        """
        lease = f"{worker}/{uuid.uuid4().hex}"  # two runs of one worker are two leases
        progress = self._take(job_id, lease)
        with self._heard_of(job_id, lease):
            while progress.state is not JobState.FINISHED:
                try:
                    ready(progress.cursor)
                    progress = self._step(job_id, lease, work)
                    on_progress(progress)
                except (Exception, KeyboardInterrupt) as error:
                    self._let_go(job_id, lease, error)
                    raise
        return progress

    def _take(self, job_id: str, lease: str) -> Progress:
        with self._database.transaction() as session:
            job = _locked(session, job_id)
            _refuse_cancelled(job)
            if job.state != JobState.FINISHED:
                if job.leased_by is not None and job.leased_until > self._now():
                    raise JobBusyError(self._held(job))
                job.state, job.error = JobState.RUNNING.value, None
                job.leased_by, job.leased_until = lease, self._lease_end()
            return _progress(job)

    def _held(self, job: Job) -> str:
        """Say who holds a job, since when, and when it is free if nothing more is heard of him."""
        left = -((self._now() - job.leased_until) // 1_000_000)
        worker = (job.leased_by or "").rpartition("/")[0]
        return (
            f"Job {job.id} is run by {worker}, last heard of {LEASE.seconds - left} s ago; "
            f"it can be taken over in {left} s, if nothing more is heard of that worker."
        )

    @contextmanager
    def _heard_of(self, job_id: str, lease: str) -> Iterator[None]:
        """Renew the lease now and then, however long a step is prepared."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(_HEARTBEAT.total_seconds()):
                with suppress(UnavailableError):  # the next beat, or the step itself, may have more luck
                    self._renew(job_id, lease)

        thread = threading.Thread(target=beat, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _renew(self, job_id: str, lease: str) -> None:
        with self._database.transaction() as session:
            mine = (col(Job.id) == job_id, col(Job.leased_by) == lease)
            session.execute(update(Job).where(*mine).values(leased_until=self._lease_end()))

    def _step(self, job_id: str, lease: str, work: Work) -> Progress:
        with self._database.transaction() as session:
            job = _locked(session, job_id)  # held to the end of the step, however long that is
            _refuse_cancelled(job)
            if job.leased_by != lease:
                raise JobBusyError(self._held(job))
            step = work(session, job.cursor)
            job.cursor, job.done = step.cursor, job.done + step.done
            job.total = job.total if step.total is None else step.total
            job.leased_until = self._lease_end()
            if step.finished:
                job.state, job.ended_at = JobState.FINISHED.value, self._now()
                job.leased_by, job.leased_until = None, 0
            return _progress(job)

    def _let_go(self, job_id: str, lease: str, error: Exception | KeyboardInterrupt) -> None:
        """Note why a run ended. A database that did not answer, or a person who stopped it, leaves the job waiting."""
        waits = isinstance(error, KeyboardInterrupt | UnavailableError | PolicyChangedError)
        # The step's own error says more; the lease ends by itself.
        with suppress(UnavailableError), self._database.transaction() as session:
            job = _locked(session, job_id)
            if job.leased_by == lease:
                job.state = (JobState.WAITING if waits else JobState.FAILED).value
                job.error = getattr(error, "code", type(error).__name__) if isinstance(error, Exception) else None
                job.leased_by, job.leased_until = None, 0

    def _now(self) -> int:
        return to_micros(self._clock.now())

    def _lease_end(self) -> int:
        return to_micros(self._clock.now() + LEASE)


def _locked(session: Session, job_id: str) -> Job:
    return _found(session.exec(select(Job).where(Job.id == job_id).with_for_update()).first())


def _refuse_cancelled(job: Job) -> None:
    if job.state == JobState.CANCELLED:
        raise JobCancelledError


def _found(job: Job | None) -> Job:
    if job is None:
        raise JobUnknownError
    return job


def _progress(job: Job) -> Progress:
    arguments = MappingProxyType(json.loads(job.arguments))
    return Progress(
        job.id, job.kind, JobState(job.state), arguments, job.cursor, job.done, job.total, job.error, job.started_at,
        job.ended_at,
    )  # fmt: skip
