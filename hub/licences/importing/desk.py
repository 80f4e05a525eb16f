"""The import desk: what people who import files by pages look at and decide, between sending a file and importing it.

Decides nothing about rows: a map is suggested from the columns' names, a dry run judges, and the same file and map are imported once a person has
seen what came of that. It must never show what stands in a file, but for the names of its columns, to whoever may import it.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from hub.access.caller import ISSUE, Caller
from hub.errors import ImportFileError, NotFoundError
from hub.jobs.service import JobState
from hub.licences.importing.importer import Ground, open_planned
from hub.licences.importing.mapping import path_of
from hub.licences.importing.plans import Plan
from hub.licences.importing.progress import ImportProgress
from hub.licences.importing.register import Register
from hub.licences.importing.suggestion import fields_of, fillable
from hub.licences.importing.uploads import Kept, Uploads, Waiting
from hub.paging import Page, Window
from hub.tabular.rows import MOST_COLUMNS


@dataclass(frozen=True, slots=True)
class Fillable:
    """A field that a column can fill: its path in a map, and titles."""

    path: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was sent: its columns, the paths that each one's name suggests for a type, and what of the type can be filled."""

    kept: Kept
    columns: tuple[str, ...]
    suggested: Mapping[str, tuple[str, ...]]
    fields: Sequence[Fillable]


class ImportDesk:
    """Shows files, and imports as they go."""

    def __init__(self, ground: Ground, register: Register, uploads: Uploads) -> None:
        """Read both."""
        self._ground = ground
        self._register = register
        self._uploads = uploads

    def open(self, caller: Caller, upload_id: str, type_key: str) -> Opened:
        """Open a file of the caller's authority as one of a type.

        Raises:
            ScopeMissingError, UploadError: he may not issue, or there is no such upload of his authority.
            ImportFileError: it is not what it says, or cannot be read as a table.
            TypeUnknownError: no such type.
        """
        caller.require(ISSUE.name)
        licence_type = self._ground.catalogue.type(type_key)
        with self._ground.database.snapshot() as session:
            kept = self._uploads.kept(session, upload_id, caller.authority)
        with closing(self._uploads.open(upload_id)) as file:
            columns = open_planned(Plan(type_key, kept.format), file).columns
        if not 1 <= len(columns) <= MOST_COLUMNS:
            raise ImportFileError("The file has no columns.")
        named = {column: tuple(map(path_of, steps)) for column, steps in fields_of(columns, licence_type).items()}
        return Opened(
            kept, columns, named, [Fillable(path_of(steps), zh, en) for steps, zh, en in fillable(licence_type)]
        )

    def files(self, caller: Caller) -> list[Waiting]:
        """Return the files of the caller's authority that wait to be imported, the newest first."""
        caller.require(ISSUE.name)
        return self._uploads.waiting(caller.authority)

    def discard(self, caller: Caller, upload_id: str) -> None:
        """Destroy a file that nobody wants to import; raises UploadError."""
        caller.require(ISSUE.name)
        with self._ground.database.snapshot() as session:
            self._uploads.kept(session, upload_id, caller.authority)
        self._uploads.drop(upload_id)

    def page(self, caller: Caller, window: Window) -> Page[ImportProgress]:
        """Return a page of the imports of the caller's authority, the newest first; raises ScopeMissingError, InputInvalidError."""
        caller.require(ISSUE.name)
        return self._register.page(caller.authority, window)

    def to_mend(self, caller: Caller, most: int) -> list[ImportProgress]:
        """Return imports of the caller's authority whose refused rows wait to be mended, at most so many."""
        caller.require(ISSUE.name)
        return self._register.to_mend(caller.authority, most)

    def tried(self, caller: Caller, job_id: str) -> tuple[Plan, str]:
        """Return what a dry run tried, or an import that did not come to its end: plan and upload; raises NotFoundError, RejectsGoneError."""
        caller.require(ISSUE.name)
        order, upload_id = self._register.order(job_id)
        ended = not order.dry_run and self._register.progress(job_id).state is JobState.FINISHED
        if order.authority != caller.authority or ended or upload_id is None:
            raise NotFoundError("Your authority has nothing of this id to import.")
        return order.plan, upload_id

    def plan(self, caller: Caller, job_id: str) -> Plan:
        """Return the plan of an import of the caller's authority, for a file like its own; raises NotFoundError, RejectsGoneError."""
        caller.require(ISSUE.name)
        order, _ = self._register.order(job_id)
        if order.authority != caller.authority:
            raise NotFoundError("Your authority has no such import.")
        return order.plan

    def settle(self, caller: Caller, job_id: str) -> None:
        """Let the refused rows of an import of the caller's authority go now; raises StateError."""
        caller.require(ISSUE.name)
        if self._register.progress(job_id).authority != caller.authority:
            raise NotFoundError("Your authority has no such import.")
        self._register.settle(job_id, caller.client_id)
