"""Importing a file into a register: a job whose step is a chunk of rows, so that a killed import goes on where it stopped.

Decides whether an import is new, goes on or was done before: the same file, register and as-of time of one authority. Rows are judged outside
the unit of work that takes them; a chunk's entries, records, rejects, figures and cursor become durable together. It must never keep a value of
a row that was refused: its number and what is wrong with it are enough for whoever has the file.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Final

import orjson
from sqlmodel import Session, col, select

from hub.audit.service import Audit, Entry
from hub.catalogue.registers import Register
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock, to_micros
from hub.database import Database
from hub.errors import JobUnknownError, Violation
from hub.identities.feeding import KIND
from hub.identities.importing.columns import Columns
from hub.identities.importing.model import RegisterImport, RegisterReject
from hub.identities.importing.run import Chunk, Rejected, Run
from hub.identities.refusals import RegisterImportedError
from hub.identities.service import Identities
from hub.jobs.service import Jobs, JobState, Progress
from hub.tabular.formats import open_table
from hub.tabular.rows import Options, Table
from hub.vault.purposes import imported
from hub.vault.service import Vault
from hub.writing import target, write

JOB_KIND: Final = "REGISTER_IMPORT"
REFUSED: Final = "REFUSED"
COMMAND: Final = "import"
_PLACE: Final = "register_import:"
_REJECTS: Final = target("register_reject", "job_id", "number", "faults")
_SHOWN_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be imported: whose word, into which register, as of when (None: each row says), and how the file is read."""

    authority: str
    register: str
    as_of: datetime | None = None
    format: str = "csv"
    options: Options = field(default_factory=Options)
    only_known: bool = False


@dataclass(frozen=True, slots=True)
class RegisterProgress:
    """How an import goes: rows by outcome (`feeding.Outcome` and REFUSED), and how much of the file is read."""

    id: str
    state: JobState
    register: str
    authority: str
    outcomes: Mapping[str, int]
    read: int
    amount: int

    @property
    def done(self) -> int:
        """Return how many rows are done."""
        return sum(self.outcomes.values())

    @property
    def bad(self) -> int:
        """Return how many rows were refused."""
        return self.outcomes.get(REFUSED, 0)

    @property
    def good(self) -> int:
        """Return how many were not."""
        return self.done - self.bad


Told = Callable[[RegisterProgress], None]


class RegisterImports:
    """Imports files into registers."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, catalogue: Catalogue, jobs: Jobs, identities: Identities, clock: Clock,
        *, calendar: Calendar,
    ) -> None:  # fmt: skip
        """Use the nouns below."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._jobs = jobs
        self._identities = identities
        self._clock = clock
        self._calendar = calendar

    # -- which job ---------------------------------------------------------------------------------------------------

    def enrol(self, wanted: Wanted, sha256: bytes) -> str:
        """Return the job of an import: the one that has not ended, or a new one.

        Raises:
            TypeUnknownError, AuthorityMismatchError: no such register, or the authority is no source of it.
            RegisterImportedError: it was imported before; the message names the job.
        """
        register = self._catalogue.register(wanted.register)
        self._identities.require_source(wanted.authority, register)
        domain, identity = imported(wanted.authority), _identity(wanted, sha256)
        with self._database.transaction() as session:
            self._database.lock(session, hashlib.sha256(f"{wanted.authority}\x1f{identity}".encode()).digest())
            known = [
                self._jobs.found(session, row.place.removeprefix(_PLACE))
                for row in self._vault.find(session, [domain], identity)
            ]
            if known and known[0].state is JobState.FINISHED:
                raise RegisterImportedError(
                    f"This file was fed into this register before, as of the same time: job {known[0].id}."
                )
            if known:
                self._jobs.resume(session, known[0].id, JOB_KIND)
                return known[0].id
            return self._added(session, wanted, identity)

    def _added(self, session: Session, wanted: Wanted, identity: str) -> str:
        job_id = self._jobs.add(session, JOB_KIND, {"authority": wanted.authority, "register": wanted.register})
        as_of = None if wanted.as_of is None else to_micros(wanted.as_of)
        session.add(
            RegisterImport(
                id=job_id, register_key=wanted.register, authority=wanted.authority, as_of=as_of, outcomes="{}"
            )
        )  # fmt: skip
        memory = self._vault.new_key(session)
        session.add_all(self._vault.index_rows(imported(wanted.authority), identity, memory, f"{_PLACE}{job_id}"))
        session.flush()
        self._record(session, "IMPORT_START", job_id, wanted, {})
        return job_id

    # -- what is known of a job --------------------------------------------------------------------------------------

    def progress(self, job_id: str) -> RegisterProgress:
        """Return how an import goes; raises JobUnknownError."""
        with self._database.snapshot() as session:
            return self._progress(session, _row(session, job_id))

    def all(self) -> list[RegisterProgress]:
        """Return the imports, the newest first."""
        with self._database.snapshot() as session:
            found = [
                (self._jobs.found(session, row.id).started_at, row) for row in session.exec(select(RegisterImport))
            ]
            return [self._progress(session, row) for _, row in sorted(found, key=lambda each: each[0], reverse=True)]

    def _progress(self, session: Session, row: RegisterImport) -> RegisterProgress:
        state = self._jobs.found(session, row.id).state
        return RegisterProgress(
            row.id, state, row.register_key, row.authority, orjson.loads(row.outcomes), row.read, row.amount
        )  # fmt: skip

    def rejects(self, job_id: str) -> Iterator[Rejected]:
        """Yield the rows that were refused, in the order of the file; raises JobUnknownError."""
        self.progress(job_id)
        after = -1
        while True:
            mine = select(RegisterReject).where(RegisterReject.job_id == job_id, col(RegisterReject.number) > after)
            with self._database.snapshot() as session:
                rows = session.exec(mine.order_by(col(RegisterReject.number)).limit(_SHOWN_AT_ONCE)).all()
            yield from (
                Rejected(row.number, tuple(Violation(*each) for each in orjson.loads(row.faults))) for row in rows
            )
            if len(rows) < _SHOWN_AT_ONCE:
                return
            after = rows[-1].number

    # -- running -----------------------------------------------------------------------------------------------------

    def check(self, wanted: Wanted, source: BinaryIO) -> tuple[Table, Columns]:
        """Open a file and fit its columns, before anything is noted; raises ImportFileError, ImportMapError, TypeUnknownError."""
        table = open_table(source, "", wanted.options, wanted.format)
        register = self._catalogue.register(wanted.register)
        return table, Columns.of(register, table.columns, wanted.as_of, self._calendar, only_known=wanted.only_known)

    def run(
        self, job_id: str, worker: str, wanted: Wanted, source: BinaryIO, told: Told = lambda _progress: None
    ) -> RegisterProgress:
        """Run an import to its end; `told` is called after every chunk that is durable.

        Raises:
            JobUnknownError, JobBusyError, JobCancelledError: as `Jobs.run`.
            ImportFileError, ImportMapError: the file cannot be read, or does not fit.
            AuthorityMismatchError: the authority is no source of the register any more.
            UnavailableError: run it again, it goes on where it stopped.
        """
        table, columns = self.check(wanted, source)

        def take(session: Session, chunk: Chunk) -> None:
            self._take(session, job_id, wanted, columns.register, chunk, table.total)

        run = Run(self._identities, table, columns, take, epoch=self._epoch, holds=self._holds)

        def committed(_progress: Progress) -> None:
            run.committed()
            told(self.progress(job_id))

        self._jobs.run(job_id, worker, run.step, committed, run.ready)
        return self.progress(job_id)

    def _epoch(self) -> int:
        """Return the policy epoch, with everything in memory at least as new."""
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)
        self._vault.refresh()
        self._catalogue.refresh()
        return epoch

    def _holds(self, session: Session, epoch: int) -> bool:
        """Tell whether the policy is still the one of an epoch, and hold it until the unit of work ends."""
        return self._audit.epoch(session) == epoch

    def _take(
        self, session: Session, job_id: str, wanted: Wanted, register: Register, chunk: Chunk, amount: int
    ) -> None:
        """Take a chunk's rows within the unit of work of its step."""
        self._database.write_much(session)
        self._identities.require_source(wanted.authority, register)
        fed = self._identities.take(session, register, wanted.authority, COMMAND, chunk.good)
        write(session, [(_REJECTS, (job_id, one.number, _told(one.faults))) for one in chunk.bad])
        row = _row(session, job_id)
        outcomes = Counter[str](orjson.loads(row.outcomes))
        outcomes.update([*(each.outcome.value for each in fed), *(REFUSED for _ in chunk.bad)])
        row.outcomes, row.read, row.amount = orjson.dumps(outcomes).decode(), chunk.read, amount
        if chunk.last:
            self._record(session, "IMPORT_FINISH", job_id, wanted, outcomes)

    def _record(
        self, session: Session, operation: str, job_id: str, wanted: Wanted, outcomes: Mapping[str, int]
    ) -> None:
        facts = {
            "operation": operation, "job": job_id, "register": wanted.register, "authority": wanted.authority,
            "client": COMMAND, "outcomes": dict(outcomes),
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, facts))


def _identity(wanted: Wanted, sha256: bytes) -> str:
    """Return what tells this import of a file from every other, as one text."""
    as_of = None if wanted.as_of is None else to_micros(wanted.as_of)
    return orjson.dumps(["register", wanted.register, sha256.hex(), as_of]).decode()


def _told(faults: Sequence[Violation]) -> str:
    told = [(one.pointer, one.field_zh, one.field_en, one.reason_zh, one.reason_en) for one in faults]
    return orjson.dumps(told).decode()


def _row(session: Session, job_id: str) -> RegisterImport:
    row = session.get(RegisterImport, job_id)
    if row is None:
        raise JobUnknownError
    return row
