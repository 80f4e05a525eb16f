"""The rows of imports into registers: what is wanted, how far it is, and the job of hub.jobs behind it.

Decides the figures that people see. A plan holds no personal data: which register, as of when, and how the file is read.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, BinaryIO, Final, Protocol, Self

import orjson
from sqlmodel import Session, select

from hub.clock import from_micros, to_micros
from hub.errors import JobUnknownError
from hub.identities.importing.model import RegisterImport
from hub.jobs.service import Jobs, JobState, Progress
from hub.tabular.rows import Options

FROM_UPLOAD: Final = "REGISTER_IMPORT"
FROM_FILE: Final = "REGISTER_IMPORT_FILE"
COMMAND: Final = "import"
"""Who feeds at the command line, in the place of a client."""

_PLACE: Final = "register_import:"
_REFUSED: Final = "REFUSED"


class Files(Protocol):
    """What client systems sent (hub.licences.importing.uploads)."""

    def told(self, session: Session, upload_id: str, authority: str) -> tuple[str, bytes]:
        """Return format and SHA-256 of a whole upload of an authority; raises UploadError."""
        ...

    def prolong(self, session: Session, upload_id: str) -> None:
        """Keep it for another day."""
        ...

    def open(self, upload_id: str) -> AbstractContextManager[BinaryIO]:
        """Open it for reading and seeking; raises UploadError."""
        ...

    def let_go(self, session: Session, upload_id: str) -> None:
        """Destroy it."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be imported: whose word, into which register, as of when (None: each row says), and how the file is read."""

    authority: str
    register: str
    as_of: datetime | None = None
    format: str = "csv"
    options: Options = field(default_factory=Options)
    only_known: bool = False
    client: str = COMMAND

    def of(self, client: str, file_format: str) -> Self:
        """Return the same, asked for by a client system, of an upload in this format."""
        return replace(self, client=client, format=file_format)

    def identity(self, sha256: bytes) -> str:
        """Return what tells this import of a file from every other, as one text."""
        return orjson.dumps(["register", self.register, sha256.hex(), _micros(self.as_of)]).decode()


@dataclass(frozen=True, slots=True)
class RegisterProgress:
    """How an import goes: rows by outcome (`feeding.Outcome` and REFUSED), how much of the file is read, the code of what stopped it."""

    id: str
    state: JobState
    register: str
    authority: str
    outcomes: Mapping[str, int]
    read: int
    amount: int
    error: str | None
    started_at: datetime
    ended_at: datetime | None

    @property
    def done(self) -> int:
        """Return how many rows are done."""
        return sum(self.outcomes.values())

    @property
    def bad(self) -> int:
        """Return how many rows were refused."""
        return self.outcomes.get(_REFUSED, 0)

    @property
    def good(self) -> int:
        """Return how many were not."""
        return self.done - self.bad


class ImportJobs:
    """Keeps the rows, within units of work of its callers."""

    def __init__(self, jobs: Jobs) -> None:
        """Each is one of these jobs."""
        self._jobs = jobs

    def add(self, session: Session, wanted: Wanted, upload_id: str | None) -> tuple[str, str]:
        """Note an import; return its job's id, and the place to which its memory leads."""
        arguments = {"authority": wanted.authority, "register": wanted.register}
        job_id = self._jobs.add(session, _kind(upload_id), arguments)
        session.add(
            RegisterImport(
                id=job_id, register_key=wanted.register, authority=wanted.authority, client=wanted.client,
                upload_id=upload_id, plan=_plan(wanted), as_of=_micros(wanted.as_of), outcomes="{}",
            )
        )  # fmt: skip
        session.flush()
        return job_id, f"{_PLACE}{job_id}"

    def resume(self, session: Session, job_id: str, wanted: Wanted, upload_id: str | None) -> None:
        """Let an import go on with the file that is at hand now."""
        if self._jobs.resume(session, job_id, _kind(upload_id)):
            row = _row(session, job_id)
            row.upload_id, row.client, row.plan = upload_id, wanted.client, _plan(wanted)

    def found(self, session: Session, places: Collection[str]) -> Progress | None:
        """Return the job of one of these places, if there is one."""
        jobs = [self._jobs.found(session, place.removeprefix(_PLACE)) for place in sorted(places)]
        return jobs[0] if jobs else None

    def wanted(self, session: Session, job_id: str) -> tuple[Wanted, str | None]:
        """Return what a job is to do, and the upload it reads; raises JobUnknownError."""
        row = _row(session, job_id)
        plan: dict[str, Any] = orjson.loads(row.plan)
        as_of = None if row.as_of is None else from_micros(row.as_of)
        options = Options(**plan.pop("options"))
        return Wanted(row.authority, row.register_key, as_of, options=options, client=row.client, **plan), row.upload_id

    def count(
        self, session: Session, job_id: str, counted: Mapping[str, int], read: int, amount: int
    ) -> tuple[Mapping[str, int], str | None]:
        """Add a chunk's outcomes; return all of the import's, and the upload it reads."""
        row = _row(session, job_id)
        outcomes = Counter[str](orjson.loads(row.outcomes))
        outcomes.update(counted)
        row.outcomes, row.read, row.amount = orjson.dumps(outcomes).decode(), read, amount
        return outcomes, row.upload_id

    def progress(self, session: Session, job_id: str) -> RegisterProgress:
        """Return how an import goes; raises JobUnknownError."""
        return self._progress(session, _row(session, job_id))

    def all(self, session: Session) -> list[RegisterProgress]:
        """Return the imports, the newest first."""
        found = [self._progress(session, row) for row in session.exec(select(RegisterImport))]
        return sorted(found, key=lambda each: each.started_at, reverse=True)

    def _progress(self, session: Session, row: RegisterImport) -> RegisterProgress:
        job = self._jobs.found(session, row.id)
        ended = None if job.ended_at is None else from_micros(job.ended_at)
        return RegisterProgress(
            row.id, job.state, row.register_key, row.authority, orjson.loads(row.outcomes), row.read, row.amount,
            job.error, from_micros(job.started_at), ended,
        )  # fmt: skip


def _kind(upload_id: str | None) -> str:
    """Return the kind of job: only uploads can be read by any process."""
    return FROM_FILE if upload_id is None else FROM_UPLOAD


def _plan(wanted: Wanted) -> str:
    options = {"encoding": wanted.options.encoding, "delimiter": wanted.options.delimiter, "sheet": None}
    return orjson.dumps({"format": wanted.format, "only_known": wanted.only_known, "options": options}).decode()


def _micros(as_of: datetime | None) -> int | None:
    return None if as_of is None else to_micros(as_of)


def _row(session: Session, job_id: str) -> RegisterImport:
    row = session.get(RegisterImport, job_id)
    if row is None:
        raise JobUnknownError
    return row
