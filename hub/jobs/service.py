"""Jobs: long work in small steps, each durable together with the place where the next one begins.

Decides who works on a job: one worker at a time, for 30 seconds after its latest step. A worker that was killed loses
nothing but its unfinished step; after its lease another goes on from the last committed cursor. A step that fails is
undone and leaves its error's code; the job can be run again. Arguments and cursors must never hold personal data.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, select

from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import JobBusyError, JobUnknownError, UnavailableError
from hub.jobs.model import Job

LEASE = timedelta(seconds=30)


class JobState(StrEnum):
    """WAITING for its first worker, RUNNING (or left by a killed worker), FAILED (can be run again), FINISHED."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    FINISHED = "FINISHED"


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
    """How far a job is; `error` is the code of the error that stopped it, `started_at` in microseconds."""

    id: str
    kind: str
    state: JobState
    arguments: Mapping[str, Any]
    cursor: str
    done: int
    total: int
    error: str | None
    started_at: int


Work = Callable[[Session, str], Step]
"""Takes the unit of work and the cursor ("" at first); everything it writes is committed with the cursor it returns."""


class Jobs:
    """Starts jobs and runs them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Leases are counted on the clock; workers' clocks must agree to a few seconds."""
        self._database = database
        self._clock = clock

    def start(self, kind: str, arguments: Mapping[str, Any], total: int = 0) -> str:
        """Note a job and return its id; nothing runs yet. `arguments` are JSON without personal data."""
        job = Job(
            id=uuid.uuid4().hex, kind=kind, state=JobState.WAITING.value, arguments=json.dumps(dict(arguments)),
            total=total, started_at=self._now(),
        )  # fmt: skip
        with self._database.transaction() as session:
            session.add(job)
        return job.id

    def progress(self, job_id: str) -> Progress:
        """Return how far a job is; raises JobUnknownError."""
        with self._database.snapshot() as session:
            return _progress(_found(session.get(Job, job_id)))

    def unfinished(self, kind: str) -> tuple[Progress, ...]:
        """Return the jobs of a kind that are not finished, oldest first."""
        statement = select(Job).where(Job.kind == kind, Job.state != JobState.FINISHED)
        with self._database.snapshot() as session:
            return tuple(_progress(job) for job in session.exec(statement.order_by(col(Job.started_at), col(Job.id))))

    def run(
        self, job_id: str, worker: str, work: Work, on_progress: Callable[[Progress], None] = lambda _progress: None
    ) -> Progress:
        """Run a job to its end, step by step, and return its progress; a finished job is left alone.

        `worker` names the worker for people; `on_progress` is called after every committed step.

        Raises:
            JobUnknownError: no such job.
            JobBusyError: another worker runs it, or took it over meanwhile.
            Exception: whatever a step raised; the step was undone, its code is kept and the job can be run again.
        """
        lease = f"{worker}/{uuid.uuid4().hex}"  # two runs of one worker are two leases
        progress = self._take(job_id, lease)
        while progress.state is not JobState.FINISHED:
            try:
                progress = self._step(job_id, lease, work)
                on_progress(progress)
            except Exception as error:
                self._note_failure(job_id, lease, error)
                raise
        return progress

    def _take(self, job_id: str, lease: str) -> Progress:
        with self._database.transaction() as session:
            job = _locked(session, job_id)
            if job.state != JobState.FINISHED:
                if job.leased_by is not None and job.leased_until > self._now():
                    raise JobBusyError
                job.state, job.error = JobState.RUNNING.value, None
                job.leased_by, job.leased_until = lease, self._lease_end()
            return _progress(job)

    def _step(self, job_id: str, lease: str, work: Work) -> Progress:
        with self._database.transaction() as session:
            job = _locked(session, job_id)  # held to the end of the step, however long that is
            if job.leased_by != lease:
                raise JobBusyError
            step = work(session, job.cursor)
            job.cursor, job.done = step.cursor, job.done + step.done
            job.total = job.total if step.total is None else step.total
            job.leased_until = self._lease_end()
            if step.finished:
                job.state, job.ended_at = JobState.FINISHED.value, self._now()
                job.leased_by, job.leased_until = None, 0
            return _progress(job)

    def _note_failure(self, job_id: str, lease: str, error: Exception) -> None:
        try:
            with self._database.transaction() as session:
                job = _locked(session, job_id)
                if job.leased_by == lease:
                    job.state, job.error = JobState.FAILED.value, getattr(error, "code", type(error).__name__)
                    job.leased_by, job.leased_until = None, 0
        except UnavailableError:  # the step's own error says more; the lease ends by itself
            return

    def _now(self) -> int:
        return to_micros(self._clock.now())

    def _lease_end(self) -> int:
        return to_micros(self._clock.now() + LEASE)


def _locked(session: Session, job_id: str) -> Job:
    return _found(session.exec(select(Job).where(Job.id == job_id).with_for_update()).first())


def _found(job: Job | None) -> Job:
    if job is None:
        raise JobUnknownError
    return job


def _progress(job: Job) -> Progress:
    arguments = MappingProxyType(json.loads(job.arguments))
    return Progress(
        job.id, job.kind, JobState(job.state), arguments, job.cursor, job.done, job.total, job.error, job.started_at
    )
