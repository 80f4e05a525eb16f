"""Imports as others see them: department systems over HTTP and GraphQL, and the command.

Decides who may start, watch and mend an import: callers who may issue, for their own authority; another authority's import is
not there. Whatever is told over the network holds no value of a row, but for the rejects that a caller takes, on record.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import orjson
from sqlmodel import Session, col, select

from hub.access.caller import ISSUE, Caller
from hub.access.idempotency import Idempotency
from hub.errors import AuthorityMismatchError, InputInvalidError, JobUnknownError, NotFoundError
from hub.licences.importing.desk import ImportDesk
from hub.licences.importing.importer import COMMAND, Ground, Importer, Told
from hub.licences.importing.mending import SealedFiles, mendable
from hub.licences.importing.model import ImportReject
from hub.licences.importing.plans import Plan
from hub.licences.importing.progress import ImportProgress
from hub.licences.importing.register import FROM_UPLOAD, Application, Register
from hub.licences.importing.rejects import Reject, Rejects
from hub.licences.importing.rejects import Told as ToldFault
from hub.licences.importing.sealing import Order
from hub.licences.importing.uploads import Uploads
from hub.paging import FOREIGN_CURSOR, OpenCursors, Page, Window, page_of
from hub.tabular.rows import Options

__all__ = ["FROM_UPLOAD", "ImportProgress", "ImportRequest", "Imports", "RejectedRow"]

_CURSORS: Final = OpenCursors("rejects")
_DIGITS: Final = 19  # of the largest row number, so that cursors of numbers sort as texts
_UNKNOWN: Final = "Your authority has no such import."


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What a caller asks for. `mapping` is a map's JSON; `defaults` hold by path where neither map nor row says anything."""

    upload_id: str
    type_key: str
    mapping: Mapping[str, Any] | None = field(default=None, repr=False)
    defaults: Mapping[str, Any] = field(default_factory=dict, repr=False)
    options: Options = field(default_factory=Options)
    dry_run: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was refused, and why; no value."""

    number: int
    faults: tuple[ToldFault, ...]


class Imports:
    """Starts imports, tells how they go, gives rejects back."""

    def __init__(self, ground: Ground, idempotency: Idempotency, uploads: Uploads) -> None:
        """Use what imports stand on; `uploads` is what callers send."""
        self.uploads = uploads
        self._ground = ground
        self._idempotency = idempotency
        self.register = Register(ground.database, ground.vault, ground.audit, ground.jobs, ground.clock)
        self.importer = Importer(ground, self.register, uploads)
        self.files = SealedFiles(ground.vault)
        self.desk = ImportDesk(ground, self.register, uploads)
        self._rejects = Rejects(ground.vault)

    # -- callers -----------------------------------------------------------------------------------------------------

    def begin(self, caller: Caller, wanted: ImportRequest, idempotency_key: str) -> ImportProgress:
        """Let an upload be imported by whichever worker is free, and return the job.

        Raises:
            ScopeMissingError, AuthorityMismatchError: the caller, or his authority, may not issue this type.
            TypeUnknownError, ImportMapError: no such type, or a map that no file of it could have.
            UploadError: no such upload of this authority.
            AlreadyImportedError: the same was imported before.
            IdempotencyMismatchError, PolicyChangedError, UnavailableError: as for every change.
        """
        caller.require(ISSUE.name)
        ground, authority = self._ground, caller.authority
        licence_type = ground.catalogue.type(wanted.type_key)

        def work(session: Session) -> bytes:
            if not ground.catalogue.may_issue(authority, wanted.type_key):
                raise AuthorityMismatchError("This authority may not issue licences of this type.")
            kept = self.uploads.kept(session, wanted.upload_id, authority)
            plan = Plan(wanted.type_key, kept.format, wanted.mapping, wanted.defaults, wanted.options)
            plan.check(licence_type, ground.calendar)
            self.uploads.prolong(session, kept.id)
            application = Application(
                authority, caller.client_id, plan, kept.sha256, kept.id, dry_run=wanted.dry_run, again=wanted.again
            )
            return self.register.enrol(session, application).encode()

        wire = orjson.dumps(("import", wanted), option=orjson.OPT_SORT_KEYS)
        with ground.database.transaction() as session:
            ground.audit.require_epoch(session, caller.epoch)
            job = self._idempotency.once(session, caller, idempotency_key, wire, lambda: work(session))
        return self.register.progress(job.decode())

    def carry_out(self, caller: Caller, job_id: str, idempotency_key: str, *, again: bool = False) -> ImportProgress:
        """Import what a dry run of the caller's authority tried, by the same map; raises as `begin` and ImportDesk.tried."""
        plan, upload_id = self.desk.tried(caller, job_id)
        wanted = ImportRequest(
            upload_id, plan.type_key, plan.mapping, plan.defaults, plan.options, dry_run=False, again=again
        )
        return self.begin(caller, wanted, idempotency_key)

    def of(self, caller: Caller, job_id: str) -> ImportProgress:
        """Return how an import of the caller's authority goes; raises ScopeMissingError or NotFoundError."""
        caller.require(ISSUE.name)
        try:
            found = self.register.progress(job_id)
        except JobUnknownError:
            raise NotFoundError(_UNKNOWN) from None
        if found.authority != caller.authority:
            raise NotFoundError(_UNKNOWN)
        return found

    def cancel(self, caller: Caller, job_id: str) -> ImportProgress:
        """End an import of the caller's authority; what it stored stands. Raises as `of`."""
        self.of(caller, job_id)
        self.register.cancel(job_id, caller.client_id)
        return self.register.progress(job_id)

    def rejected(self, caller: Caller, job_id: str, window: Window) -> Page[RejectedRow]:
        """Return a page of the rows that were refused, in the order of the file; raises as `of`, and RejectsGoneError."""
        self.of(caller, job_id)
        order, _ = self.register.order(job_id)
        with self._ground.database.snapshot() as session:
            numbers = _numbers(session, job_id, window)
            shown = tuple(self._opened(session, order, number) for number in numbers.items)
        return Page(shown, numbers.cursors, numbers.has_previous, numbers.has_next)

    def _opened(self, session: Session, order: Order, number: int) -> RejectedRow:
        row = session.get_one(ImportReject, (order.job_id, number))
        assert order.key is not None  # noqa: S101 - a job's order has one
        return RejectedRow(number, self._rejects.open(order.key, order.job_id, number, row.data).faults)

    def take_rejects(self, caller: Caller, job_id: str) -> tuple[str, Iterator[bytes]]:
        """Return the media type of the rejects of an import, and their bytes, to be mended; on record. Raises as `rejected`."""
        self.of(caller, job_id)
        return self.mendable(job_id, caller.client_id)

    # -- the command and the worker ----------------------------------------------------------------------------------

    def mendable(self, job_id: str, client: str = COMMAND) -> tuple[str, Iterator[bytes]]:
        """Return media type and bytes of a file of rejects, to be mended; that it is taken is on record."""
        order = self.register.read_rejects(job_id, client)
        as_json = order.plan.rows_are_json
        kind = "application/jsonl" if as_json else "text/csv; charset=utf-8"
        return kind, mendable(self._all_rejects(order), order.columns, as_json=as_json)

    def _all_rejects(self, order: Order) -> Iterator[Reject]:
        assert order.key is not None  # noqa: S101 - a job's order has one
        for number, sealed in self._rejects.sealed(self._ground.database, order.job_id):
            yield self._rejects.open(order.key, order.job_id, number, sealed)

    def sealed_file(self, job_id: str) -> Iterator[bytes]:
        """Yield the rejects of an import as they are kept, under their key."""
        order, _ = self.register.order(job_id)
        assert order.key is not None  # noqa: S101 - as above
        yield self.files.header(order, order.key, kept=True)
        for number, sealed in self._rejects.sealed(self._ground.database, job_id):
            yield self.files.line(number, sealed)

    def mend(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        """Yield a sealed file of rejects as a file to be mended; that it is opened is on record, if it is of an import."""
        with self._ground.database.snapshot() as session:
            found = self.files.open(session, lines)
        if found.job_id:
            self.register.read_rejects(found.job_id, COMMAND)
        yield from mendable(found.rejects, found.columns, as_json=found.as_json)

    def enrol(self, authority: str, plan: Plan, sha256: bytes, *, again: bool) -> str:
        """Return the job of a file of the command; raises AlreadyImportedError."""
        application = Application(authority, COMMAND, plan, sha256, again=again)
        with self._ground.database.transaction() as session:
            return self.register.enrol(session, application)

    def run(
        self, job_id: str, worker: str, told: Told = lambda _progress, _tally: None, *,
        source: BinaryIO | None = None, workers: int | None = None,
    ) -> ImportProgress:  # fmt: skip
        """Run an import; see Importer.run."""
        return self.importer.run(job_id, worker, told, source=source, workers=workers)

    def forget_expired(self) -> None:
        """Destroy what was kept for a time, some in each unit of work."""
        for forget in (self.register.forget_expired, self.uploads.forget_expired):
            done = 1
            while done:
                with self._ground.database.transaction() as session:
                    done = forget(session)


def _numbers(session: Session, job_id: str, window: Window) -> Page[int]:
    """Return the numbers of the rows that a window shows."""
    number = col(ImportReject.number)
    bounds = [number > _number(window.after)] if window.after is not None else []
    bounds += [number < _number(window.before)] if window.before is not None else []
    statement = select(ImportReject.number).where(ImportReject.job_id == job_id, *bounds)
    ordered = statement.order_by(number if window.last is None else number.desc()).limit(window.size + 1)
    return page_of(session.exec(ordered).all(), _place, window, _CURSORS)


def _place(number: int) -> tuple[str]:
    return (f"{number:0{_DIGITS}d}",)


def _number(cursor: str) -> int:
    (place,) = _CURSORS.read(cursor)
    if not place.isdecimal() or len(place) != _DIGITS:
        raise InputInvalidError(FOREIGN_CURSOR)
    return int(place)
