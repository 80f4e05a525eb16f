"""The register of imports: one row a job, and the memory of what was imported.

Decides whether an import is new, goes on, or was done before: the same file, type and map of one authority are imported once,
unless somebody says "again". The memory of that has a key of its own and stays; plan and rejects go KEPT after the job's end.
Start, end and cancelling are on record.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import tuple_
from sqlmodel import Session, col, delete, select

from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import HubError, InputInvalidError, JobUnknownError, NotFoundError, StateError
from hub.jobs.service import OVER, Jobs, JobState, Progress
from hub.licences.importing.model import GONE, ImportJob, ImportReject
from hub.licences.importing.plans import Plan, Plans
from hub.licences.importing.progress import ImportProgress
from hub.licences.importing.refusals import AlreadyImportedError, RejectsGoneError
from hub.licences.importing.sealing import Order
from hub.paging import FOREIGN_CURSOR, OpenCursors, Page, Window, page_of
from hub.vault.purposes import imported
from hub.vault.service import DataKey, Vault

KEPT: Final = timedelta(days=30)
FROM_UPLOAD: Final = "IMPORT"
FROM_FILE: Final = "IMPORT_FILE"
_PLACE: Final = "import_job:"
_FORGOTTEN_AT_ONCE: Final = 2000
_IMPORTS: Final = OpenCursors("imports")
_DIGITS: Final = 17  # of microseconds, for the next thousand years


@dataclass(frozen=True, slots=True)
class Application:
    """Who wants what imported. `upload_id` None: a file of the command; a dry run is never the same as another."""

    authority: str
    client: str
    plan: Plan
    sha256: bytes = field(repr=False)
    upload_id: str | None = None
    dry_run: bool = False
    again: bool = False

    @property
    def kind(self) -> str:
        """Return the kind of job: only uploads can be read by any process."""
        return FROM_FILE if self.upload_id is None else FROM_UPLOAD


class Register:
    """Enrols imports and keeps their rows."""

    def __init__(self, database: Database, vault: Vault, audit: Audit, jobs: Jobs, clock: Clock) -> None:
        """Use the nouns below."""
        self._database = database
        self._vault = vault
        self._plans = Plans(vault)
        self._audit = audit
        self._jobs = jobs
        self._clock = clock

    # -- which job ---------------------------------------------------------------------------------------------------

    def enrol(self, session: Session, wanted: Application) -> str:
        """Return the job of an import: the one that has not ended, or a new one.

        Raises:
            AlreadyImportedError: it was imported before; the message names the job.
        """
        if wanted.dry_run:
            return self._added(session, wanted)
        domain, identity = imported(wanted.authority), wanted.plan.identity(wanted.sha256)
        self._database.lock(session, hashlib.sha256(f"{wanted.authority}\x1f{identity}".encode()).digest())
        known = self._newest(session, {row.place for row in self._vault.find(session, [domain], identity)})
        if known is None or (known.state is JobState.FINISHED and wanted.again):
            job_id = self._added(session, wanted)
            memory = self._vault.new_key(session)
            session.add_all(self._vault.index_rows(domain, identity, memory, f"{_PLACE}{job_id}"))
            return job_id
        if known.state is JobState.FINISHED:
            raise AlreadyImportedError(
                f"This file was imported before, as this type and by this map: job {known.id}. "
                "Say that it is to be imported again if you mean it; licences without a uniqueness scope are then doubled."
            )
        self._resumed(session, known.id, wanted)
        return known.id

    def _newest(self, session: Session, places: set[str]) -> Progress | None:
        found = [self._jobs.found(session, place.removeprefix(_PLACE)) for place in places]
        return max(found, key=lambda job: job.started_at, default=None)

    def _added(self, session: Session, wanted: Application) -> str:
        job_id = self._jobs.add(session, wanted.kind, {"authority": wanted.authority, "type": wanted.plan.type_key})
        key = self._vault.new_key(session)
        session.add(
            ImportJob(
                id=job_id, authority=wanted.authority, client=wanted.client, asked_at=to_micros(self._clock.now()), type_key=wanted.plan.type_key,
                dry_run=wanted.dry_run, upload_id=wanted.upload_id, key_id=key.id,
                plan=self._plans.seal(key, job_id, wanted.plan), expires_at=self._expiry(),
            )
        )  # fmt: skip
        session.flush()
        self._record(session, "START", job_id, wanted.authority, wanted.client, wanted.plan.type_key, wanted.dry_run)
        return job_id

    def _resumed(self, session: Session, job_id: str, wanted: Application) -> None:
        """Let an import go on with the file that is at hand now; what was kept of it may be gone."""
        if not self._jobs.resume(session, job_id, wanted.kind):
            return
        row = _row(session, job_id)
        row.upload_id, row.client = wanted.upload_id, wanted.client
        try:
            self._vault.load_key(session, row.key_id)
        except NotFoundError:
            session.exec(delete(ImportReject).where(col(ImportReject.job_id) == job_id))
            key = self._vault.new_key(session)
            row.key_id, row.plan, row.columns = key.id, self._plans.seal(key, job_id, wanted.plan), None
        row.expires_at, row.problem = self._expiry(), None

    def _expiry(self) -> int:
        return to_micros(self._clock.now() + KEPT)

    # -- what is known of a job --------------------------------------------------------------------------------------

    def order(self, job_id: str) -> tuple[Order, str | None]:
        """Return what a job is to do, and the upload it reads.

        Raises:
            JobUnknownError: there is no such import.
            RejectsGoneError: it was left for so long that its plan is gone; start it anew.
        """
        with self._database.snapshot() as session:
            row = _row(session, job_id)
            key = self._key(session, row)
            columns = self._plans.open_columns(key, job_id, row.columns) if row.columns else ()
            plan = self._plans.open(key, job_id, row.plan)
            return Order(plan, row.authority, row.client, job_id, row.dry_run, columns, key), row.upload_id

    def _key(self, session: Session, row: ImportJob) -> DataKey:
        try:
            return self._vault.load_key(session, row.key_id)
        except NotFoundError:
            raise RejectsGoneError from None

    def begun(self, order: Order) -> None:
        """Keep the columns of an import's file, and forget why it stopped the last time."""
        with self._database.transaction() as session:
            row = _row(session, order.job_id)
            row.columns, row.problem = self._plans.seal_columns(_known(order.key), order.job_id, order.columns), None
            row.expires_at = self._expiry()

    def stopped(self, order: Order, error: HubError) -> None:
        """Keep why an import stopped, as people are told."""
        with self._database.transaction() as session:
            _row(session, order.job_id).problem = self._plans.seal_problem(
                _known(order.key), order.job_id, error.message
            )

    def progress(self, job_id: str) -> ImportProgress:
        """Return how an import goes; raises JobUnknownError."""
        with self._database.snapshot() as session:
            return self._progress(session, _row(session, job_id))

    def all(self, authority: str | None = None) -> list[ImportProgress]:
        """Return the imports, newest first; of one authority, or all."""
        statement = select(ImportJob)
        if authority is not None:
            statement = statement.where(ImportJob.authority == authority)
        with self._database.snapshot() as session:
            found = [self._progress(session, row) for row in session.exec(statement)]
        return sorted(found, key=lambda job: job.started_at, reverse=True)

    def page(self, authority: str, window: Window) -> Page[ImportProgress]:
        """Return a page of the imports of an authority, the newest first; raises InputInvalidError."""
        key = col(ImportJob.asked_at), col(ImportJob.id)
        statement = select(ImportJob).where(ImportJob.authority == authority)
        if window.after is not None:
            statement = statement.where(tuple_(*key) < _place(window.after))
        if window.before is not None:
            statement = statement.where(tuple_(*key) > _place(window.before))
        order = [each.desc() for each in key] if window.last is None else list(key)
        with self._database.snapshot() as session:
            rows = session.exec(statement.order_by(*order).limit(window.size + 1)).all()
            page = page_of(rows, lambda row: (f"{row.asked_at:0{_DIGITS}d}{row.id}",), window, _IMPORTS)
            shown = tuple(self._progress(session, row) for row in page.items)
        return Page(shown, page.cursors, page.has_previous, page.has_next)

    def to_mend(self, authority: str, most: int) -> list[ImportProgress]:
        """Return imports of an authority that refused rows, which are kept still, at most so many, the newest first."""
        now = to_micros(self._clock.now())
        refused = select(ImportJob).where(
            ImportJob.authority == authority, ImportJob.bad > 0, col(ImportJob.dry_run).is_(False),
            ImportJob.expires_at > now, ImportJob.expires_at < GONE,
        )  # fmt: skip
        newest = refused.order_by(col(ImportJob.asked_at).desc(), col(ImportJob.id).desc()).limit(most)
        with self._database.snapshot() as session:
            return [self._progress(session, row) for row in session.exec(newest)]

    def settle(self, job_id: str, client: str) -> None:
        """Let the rejects of an import that is over go now: whoever mends them has them, or does not want them."""
        with self._database.transaction() as session:
            row = _row(session, job_id)
            if self._jobs.found(session, job_id).state not in OVER:
                raise StateError("The import is not over yet; cancel it first.")
            if row.expires_at != GONE:
                row.expires_at = to_micros(self._clock.now())
                self._vault.destroy(session, [row.key_id], row.expires_at)
                self._record(session, "SETTLE", job_id, row.authority, client, row.type_key, row.dry_run, bad=row.bad)

    def _progress(self, session: Session, row: ImportJob) -> ImportProgress:
        job = self._jobs.found(session, row.id)
        problem = None
        if row.problem is not None and to_micros(self._clock.now()) < row.expires_at < GONE:
            problem = self._plans.open_problem(self._key(session, row), row.id, row.problem)
        return ImportProgress(
            row.id, job.state, row.authority, row.type_key, row.dry_run, row.good, row.bad, row.read, row.amount,
            row.rate, job.error, problem, job.started_at, job.ended_at, 0 if row.expires_at == GONE else row.expires_at,
        )  # fmt: skip

    # -- ends --------------------------------------------------------------------------------------------------------

    def finish(self, session: Session, order: Order) -> None:
        """Note, in its last step, that an import is done."""
        row = _row(session, order.job_id)
        session.refresh(row)
        row.expires_at = self._expiry()
        self._record(
            session, "FINISH", row.id, row.authority, row.client, row.type_key, row.dry_run, good=row.good, bad=row.bad
        )

    def cancel(self, job_id: str, client: str) -> None:
        """End an import that is not finished; what it stored stands."""
        if self._jobs.cancel(job_id).state is JobState.FINISHED:
            return
        with self._database.transaction() as session:
            row = _row(session, job_id)
            figures = {"good": row.good, "bad": row.bad}
            self._record(session, "CANCEL", job_id, row.authority, client, row.type_key, row.dry_run, **figures)

    def read_rejects(self, job_id: str, client: str) -> Order:
        """Put on record that somebody takes the rejects of an import, and return its order, columns included.

        Raises:
            JobUnknownError: there is no such import.
            RejectsGoneError: the rejects are gone.
        """
        order, _ = self.order(job_id)
        with self._database.transaction() as session:
            row = _row(session, job_id)
            self._record(session, "REJECTS", job_id, row.authority, client, row.type_key, row.dry_run, bad=row.bad)
        return order

    def _record(
        self, session: Session, operation: str, job: str, authority: str, client: str, type_key: str, dry_run: bool, # noqa: FBT001
        **figures: int,
    ) -> None:  # fmt: skip
        facts: dict[str, Any] = {
            "operation": operation, "job": job, "authority": authority, "client": client, "type": type_key,
            "dry_run": dry_run, **figures,
        }  # fmt: skip
        self._audit.append(session, Entry("import", facts))

    def forget_expired(self, session: Session) -> int:
        """Destroy the key of an import whose time is over, or remove some of its rejects; returns how much was done."""
        now = to_micros(self._clock.now())
        row = session.exec(select(ImportJob).where(ImportJob.expires_at <= now).limit(1).with_for_update()).first()
        if row is None:
            return 0
        self._vault.destroy(session, [row.key_id], now)
        some = select(ImportReject.number).where(ImportReject.job_id == row.id).limit(_FORGOTTEN_AT_ONCE)
        numbers = session.exec(some).all()
        session.exec(
            delete(ImportReject).where(col(ImportReject.job_id) == row.id, col(ImportReject.number).in_(numbers))
        )
        if len(numbers) < _FORGOTTEN_AT_ONCE:
            row.expires_at = GONE
        return 1


def _place(cursor: str) -> tuple[int, str]:
    (place,) = _IMPORTS.read(cursor)
    asked_at, job_id = place[:_DIGITS], place[_DIGITS:]
    if not (place.isascii() and asked_at.isdecimal() and job_id.isalnum()):
        raise InputInvalidError(FOREIGN_CURSOR)
    return int(asked_at), job_id


def _row(session: Session, job_id: str) -> ImportJob:
    row = session.get(ImportJob, job_id)
    if row is None:
        raise JobUnknownError
    return row


def _known(key: DataKey | None) -> DataKey:
    if key is None:
        raise JobUnknownError
    return key
