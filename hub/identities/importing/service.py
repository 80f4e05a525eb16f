"""Importing a file into a register: a job whose step is a chunk of rows, so that a killed import goes on where it stopped.

Decides whether an import is new, goes on or was done before (the same file, register and as-of time of one authority), and who may ask for one: a
source, by its own systems or at the command line. A chunk's entries, records, rejects, figures and cursor become durable together. It
must never keep a value of a row that was refused: its number and what is wrong with it are enough for whoever has the file.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final

from sqlmodel import Session

from hub.access.caller import FEED, Caller
from hub.access.service import Access
from hub.audit.service import Audit, Entry
from hub.catalogue.service import Catalogue
from hub.clock import Calendar
from hub.database import Database
from hub.errors import AuthorityMismatchError, JobUnknownError, NotFoundError
from hub.identities.feeding import KIND
from hub.identities.importing import rejects
from hub.identities.importing.columns import Columns
from hub.identities.importing.jobs import COMMAND, FROM_FILE, FROM_UPLOAD, Files, ImportJobs, RegisterProgress, Wanted
from hub.identities.importing.rejects import Rejected
from hub.identities.importing.run import Chunk, Run
from hub.identities.refusals import RegisterImportedError
from hub.identities.service import Identities
from hub.jobs.service import Jobs, JobState, Progress
from hub.paging import Page, Window
from hub.tabular.formats import open_table
from hub.tabular.rows import Table
from hub.vault.purposes import imported
from hub.vault.service import Vault

__all__ = ["COMMAND", "FROM_FILE", "FROM_UPLOAD", "RegisterImports", "RegisterProgress", "Rejected", "Wanted"]

REFUSED: Final = "REFUSED"
_UNKNOWN: Final = "Your authority has no such import."

Told = Callable[[RegisterProgress], None]


class RegisterImports:
    """Imports files into registers."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, access: Access, catalogue: Catalogue, jobs: Jobs,
        identities: Identities, files: Files, *, calendar: Calendar,
    ) -> None:  # fmt: skip
        """Use the nouns below; `files` are what client systems sent."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._access = access
        self._catalogue = catalogue
        self._jobs = jobs
        self._identities = identities
        self._files = files
        self._calendar = calendar
        self._kept = ImportJobs(jobs)

    # -- client systems ----------------------------------------------------------------------------------------------

    def begin(self, caller: Caller, upload_id: str, wanted: Wanted) -> RegisterProgress:
        """Let an upload be fed by whichever worker is free; asked again while it is not done, it is the same job.

        Raises:
            ScopeMissingError, AuthorityMismatchError: the caller, or his authority, may not feed this register.
            TypeUnknownError, UploadError: no such register, or no such upload of this authority.
            RegisterImportedError: the same file was fed before, as of the same time.
            PolicyChangedError, UnavailableError: nothing was noted.
        """
        caller.require(FEED.name)
        if wanted.authority != caller.authority:
            raise AuthorityMismatchError
        self._identities.require_source(caller.authority, self._catalogue.register(wanted.register))
        with self._database.transaction() as session:
            self._audit.require_epoch(session, caller.epoch)
            file_format, sha256 = self._files.told(session, upload_id, caller.authority)
            self._files.prolong(session, upload_id)
            job_id = self._enrolled(session, wanted.of(caller.client_id, file_format), sha256, upload_id)
        return self.progress(job_id)

    def of(self, caller: Caller, job_id: str) -> RegisterProgress:
        """Return how an import of the caller's authority goes; raises ScopeMissingError or NotFoundError."""
        caller.require(FEED.name)
        try:
            found = self.progress(job_id)
        except JobUnknownError:
            raise NotFoundError(_UNKNOWN) from None
        if found.authority != caller.authority:
            raise NotFoundError(_UNKNOWN)
        return found

    def cancel(self, caller: Caller, job_id: str) -> RegisterProgress:
        """End an import of the caller's authority; what it took stands. Raises as `of`."""
        self.of(caller, job_id)
        self._jobs.cancel(job_id)
        return self.progress(job_id)

    def rejected(self, caller: Caller, job_id: str, window: Window) -> Page[Rejected]:
        """Return a page of the rows that were refused, in the order of the file; raises as `of`, and InputInvalidError."""
        self.of(caller, job_id)
        with self._database.snapshot() as session:
            return rejects.page(session, job_id, window)

    # -- which job ---------------------------------------------------------------------------------------------------

    def enrol(self, wanted: Wanted, sha256: bytes) -> str:
        """Return the job of a file of the command: the one that has not ended, or a new one.

        Raises:
            TypeUnknownError, AuthorityMismatchError: no such register, or the authority is no source of it.
            RegisterImportedError: it was imported before; the message names the job.
        """
        self._identities.require_source(wanted.authority, self._catalogue.register(wanted.register))
        with self._database.transaction() as session:
            return self._enrolled(session, wanted, sha256, None)

    def _enrolled(self, session: Session, wanted: Wanted, sha256: bytes, upload_id: str | None) -> str:
        domain, identity = imported(wanted.authority), wanted.identity(sha256)
        self._database.lock(session, hashlib.sha256(f"{wanted.authority}\x1f{identity}".encode()).digest())
        places = {row.place for row in self._vault.find(session, [domain], identity)}
        known = self._kept.found(session, places)
        if known is not None and known.state is JobState.FINISHED:
            raise RegisterImportedError(
                f"This file was fed into this register before, as of the same time: job {known.id}."
            )
        if known is not None:
            self._kept.resume(session, known.id, wanted, upload_id)
            return known.id
        job_id, place = self._kept.add(session, wanted, upload_id)
        memory = self._vault.new_key(session)
        session.add_all(self._vault.index_rows(domain, identity, memory, place))
        session.flush()
        self._record(session, "IMPORT_START", job_id, wanted, {})
        return job_id

    def progress(self, job_id: str) -> RegisterProgress:
        """Return how an import goes; raises JobUnknownError."""
        with self._database.snapshot() as session:
            return self._kept.progress(session, job_id)

    def all(self) -> list[RegisterProgress]:
        """Return the imports, the newest first."""
        with self._database.snapshot() as session:
            return self._kept.all(session)

    def rejects(self, job_id: str) -> Iterator[Rejected]:
        """Yield the rows that were refused, in the order of the file; raises JobUnknownError."""
        self.progress(job_id)
        return rejects.every(self._database, job_id)

    # -- running -----------------------------------------------------------------------------------------------------

    def check(self, wanted: Wanted, source: BinaryIO) -> tuple[Table, Columns]:
        """Open a file and fit its columns, before anything is noted; raises ImportFileError, ImportMapError, TypeUnknownError."""
        table = open_table(source, "", wanted.options, wanted.format)
        register = self._catalogue.register(wanted.register)
        return table, Columns.of(register, table.columns, wanted.as_of, self._calendar, only_known=wanted.only_known)

    def run_upload(self, job_id: str, worker: str) -> RegisterProgress:
        """Run the import of an upload; raises as `run`, and UploadError."""
        with self._database.snapshot() as session:
            wanted, upload_id = self._kept.wanted(session, job_id)
        with self._files.open(upload_id or "") as source:
            return self.run(job_id, worker, wanted, source)

    def run(
        self, job_id: str, worker: str, wanted: Wanted, source: BinaryIO, told: Told = lambda _progress: None
    ) -> RegisterProgress:
        """Run an import to its end; `told` is called after every chunk that is durable.

        Raises:
            JobUnknownError, JobBusyError, JobCancelledError: as `Jobs.run`.
            ImportFileError, ImportMapError: the file cannot be read, or does not fit.
            AccessError: who asked may not feed the register any more.
            UnavailableError: run it again, it goes on where it stopped.
        """
        run = Run(
            self._identities, lambda: self.check(wanted, source),
            lambda session, chunk: self._take(session, job_id, wanted, chunk),
            epoch=lambda: self._epoch(wanted), holds=self._holds,
        )  # fmt: skip

        def committed(_progress: Progress) -> None:
            run.committed()
            told(self.progress(job_id))

        self._jobs.run(job_id, worker, run.step, committed, run.ready)
        return self.progress(job_id)

    def _epoch(self, wanted: Wanted) -> int:
        """Return the policy epoch, with everything in memory at least as new; whoever asked must still be able to feed."""
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)
        self._vault.refresh()
        self._catalogue.refresh()
        if wanted.client != COMMAND:
            self._access.require_active(wanted.client, FEED.name)
        return epoch

    def _holds(self, session: Session, epoch: int) -> bool:
        """Tell whether the policy is still the one of an epoch, and hold it until the unit of work ends."""
        return self._audit.epoch(session) == epoch

    def _take(self, session: Session, job_id: str, wanted: Wanted, chunk: Chunk) -> None:
        """Take a chunk's rows within the unit of work of its step."""
        self._database.write_much(session)
        register = self._catalogue.register(wanted.register)
        self._identities.require_source(wanted.authority, register)
        fed = self._identities.take(session, register, wanted.authority, wanted.client, chunk.good)
        rejects.keep(session, job_id, chunk.bad)
        counted = Counter([*(each.outcome.value for each in fed), *(REFUSED for _ in chunk.bad)])
        outcomes, upload_id = self._kept.count(session, job_id, counted, chunk.read, chunk.amount)
        if chunk.last:
            self._record(session, "IMPORT_FINISH", job_id, wanted, outcomes)
            if upload_id is not None:
                self._files.let_go(session, upload_id)

    def _record(
        self, session: Session, operation: str, job_id: str, wanted: Wanted, outcomes: Mapping[str, int]
    ) -> None:
        facts = {
            "operation": operation, "job": job_id, "register": wanted.register, "authority": wanted.authority,
            "client": wanted.client, "outcomes": dict(outcomes),
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, facts))
