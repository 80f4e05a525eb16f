"""Runs imports: opens the file, starts the workers, reads ahead, stores chunk by chunk, and tells how it goes.

Decides how many processes work and what a run is allowed: whoever asked for the import must still be able to issue at every
change of policy. A run that ends, for whatever reason, leaves a job that goes on behind its last chunk.
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from sqlmodel import Session

from hub.access.caller import ISSUE
from hub.access.service import Access
from hub.access.staff.acting import as_officer, staff_of
from hub.access.staff.service import StaffAccess
from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock
from hub.database import Database
from hub.errors import AccessError, DamagedError, HubError, InputError, JobBusyError, JobCancelledError, StateError
from hub.jobs.service import Jobs, JobState, Progress
from hub.licences.importing.intake import Intake
from hub.licences.importing.mended import Mended
from hub.licences.importing.plans import Plan
from hub.licences.importing.progress import ImportProgress, Meter, Tally
from hub.licences.importing.refusals import RejectsGoneError
from hub.licences.importing.register import Register
from hub.licences.importing.rejects import Rejects
from hub.licences.importing.sealing import Bad, Bench, Order
from hub.licences.importing.storing import Judge, Outcome, Storing
from hub.licences.importing.uploads import Uploads
from hub.licences.importing.worker import Start
from hub.licences.importing.workers import InPlace, Processes, Workers
from hub.licences.status_places import StatusPlace, StatusPlaces
from hub.licences.uniqueness import Uniqueness
from hub.tabular.formats import open_table
from hub.tabular.rows import Table
from hub.vault.service import Vault
from keys.ring import KeyRing

COMMAND: Final = "import"
"""Who imports at the command line, in the place of a client."""

_MOST_WORKERS: Final = 8
# Starting a process costs about a second of a core; below these amounts it never pays.
_SMALL: Final = {"bytes": 1_000_000, "rows": 2_000}
_EXPLAINED: Final = (InputError, AccessError, StateError)

Told = Callable[[ImportProgress, Tally], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """What imports stand on."""

    database: Database
    keys: KeyRing
    vault: Vault
    audit: Audit
    access: Access
    staff: StaffAccess
    catalogue: Catalogue
    jobs: Jobs
    clock: Clock
    calendar: Calendar
    public_url: str


class Importer:
    """Runs imports, one at a time."""

    def __init__(self, ground: Ground, register: Register, uploads: Uploads) -> None:
        """Read files from `uploads`, unless one is given; keep figures in `register`."""
        self._ground = ground
        self._register = register
        self._uploads = uploads
        self._uniqueness = Uniqueness(ground.database, ground.vault)
        self._rejects = Rejects(ground.vault)
        self._places = StatusPlaces()

    def run(
        self, job_id: str, worker: str, told: Told, *, source: BinaryIO | None = None, workers: int | None = None
    ) -> ImportProgress:
        """Run an import to its end; `source` is its file, unless it was uploaded.

        Args:
            job_id: the job.
            worker: names this worker for people.
            told: called after every stored chunk.
            source: a seekable file.
            workers: how many processes seal; 0: this one does, None: as many as there are cores, if it pays.

        Raises:
            JobUnknownError, JobBusyError, JobCancelledError: as `Jobs.run`.
            RejectsGoneError, UploadError: the job was left alone for too long.
            ImportFileError, ImportMapError: the file cannot be read, or does not fit the map.
            AccessError, StateError, TypeUnknownError, TypeCodeMissingError: who asked may not issue now, or has no seal.
            ImportWorkerLostError, UnavailableError, PolicyChangedError: run it again, it goes on where it stopped.
        """
        order, upload_id = self._order(job_id)
        tally = Tally()
        with self._noting(order), ExitStack() as opened:

            def begin(cursor: str) -> tuple[Table, Intake]:
                file = source or opened.enter_context(self._uploads.open(upload_id or ""))
                return self._opened(order, file, cursor, workers, opened)

            def committed(_progress: Progress) -> None:
                outcome = storing.committed()
                if outcome is not None:
                    _add(tally, outcome.bad)
                    told(self._register.progress(job_id), tally)

            storing = self._storing(order, begin, upload_id)
            self._ground.jobs.run(job_id, worker, storing.step, committed, storing.ready)
        return self._register.progress(job_id)

    def rehearse(
        self, order: Order, source: BinaryIO, told: Told, keep: Callable[[Bad], None], *, workers: int | None = None
    ) -> ImportProgress:
        """Judge a file as `run` would, and write nothing; `keep` is given every row that would be refused."""
        meter, tally, judge = Meter(self._ground.clock), Tally(), Judge(self._uniqueness, self._rejects, order)
        begun = ImportProgress("", JobState.RUNNING, order.authority, order.plan.type_key, True, 0, 0, 0, 0, 0.0)
        with ExitStack() as opened:
            table, intake = self._opened(order, source, "", workers, opened)
            progress, last = replace(begun, amount=table.total), False
            while not last:
                read, sealed = intake.ready()
                with self._ground.database.snapshot() as session:
                    self._ground.database.look_up_by_key(session)
                    outcome = judge.outcome(session, read, sealed)
                intake.stored()
                for bad in outcome.bad:
                    keep(bad)
                _add(tally, outcome.bad)
                last = read.last
                progress = _further(progress, outcome, table.done(read.end) if read.end else 0, meter)
                told(progress, tally)
        return replace(progress, state=JobState.FINISHED)

    def check(self, plan: Plan, source: BinaryIO) -> Table:
        """Open a file and fit its map before anything is noted; raises ImportFileError, ImportMapError, TypeUnknownError."""
        table = open_planned(plan, source)
        plan.drafter(table.columns, self._ground.catalogue.type(plan.type_key), self._ground.calendar)
        return table

    def _order(self, job_id: str) -> tuple[Order, str | None]:
        try:
            return self._register.order(job_id)
        except (RejectsGoneError, DamagedError) as error:
            self._ground.jobs.fail(job_id, error)
            raise

    # -- steps of a run ----------------------------------------------------------------------------------------------

    def _opened(
        self, order: Order, file: BinaryIO, cursor: str, workers: int | None, opened: ExitStack
    ) -> tuple[Table, Intake]:
        table = open_planned(order.plan, file)
        order = replace(order, columns=table.columns)
        if order.job_id:
            self._register.begun(order)
        count = workers if workers is not None else _worth(table)
        team = opened.enter_context(self._team(order, count))
        intake = Intake(table, cursor, team, self._outfit(order), max(1, 2 * count))
        opened.callback(intake.close)
        return table, intake

    @contextmanager
    def _team(self, order: Order, count: int) -> Iterator[Workers]:
        ground = self._ground
        team: Workers
        if count:
            zone = str(ground.calendar.zone)
            team = Processes(Start(ground.database.url, ground.keys.lent(), zone, ground.public_url, order), count)
        else:
            team = InPlace(
                Bench(
                    ground.database, ground.keys, ground.clock, order,
                    calendar=ground.calendar, public_url=ground.public_url,
                )
            )  # fmt: skip
        try:
            yield team
        finally:
            team.close()

    def _outfit(self, order: Order) -> Callable[[int, Collection[StatusPlace]], tuple[int, tuple[StatusPlace, ...]]]:
        admitted: set[int] = set()

        def outfit(count: int, taken: Collection[StatusPlace]) -> tuple[int, tuple[StatusPlace, ...]]:
            with self._ground.database.snapshot() as session:
                self._ground.database.look_up_by_key(session)
                epoch = self._ground.audit.epoch(session)
                places: set[StatusPlace] = set()
                while not order.dry_run and len(places) < count:
                    places |= set(self._places.give(session, count - len(places))).difference(taken)
            if epoch not in admitted:
                self._require_still(order)
            admitted.add(epoch)
            return epoch, tuple(places)

        return outfit

    def _require_still(self, order: Order) -> None:
        """Refuse to go on for who may not issue now: a client system, or a licence officer of the authority."""
        person = staff_of(order.actor)
        if person is not None:
            as_officer(self._ground.staff.standing(person), order.authority)
        elif order.actor != COMMAND:
            self._ground.access.require_active(order.actor, ISSUE.name)

    def _storing(self, order: Order, begin: Callable[[str], tuple[Table, Intake]], upload_id: str | None) -> Storing:
        def finish(session: Session) -> None:
            self._register.finish(session, order)
            if upload_id is not None and not order.dry_run:  # a dry run leaves its file to the import itself, for a day
                self._uploads.let_go(session, upload_id)

        ground, judge = self._ground, Judge(self._uniqueness, self._rejects, order)
        return Storing(
            ground.database, ground.audit, judge, Meter(ground.clock), order.job_id, begin=begin, finish=finish
        )

    @contextmanager
    def _noting(self, order: Order) -> Iterator[None]:
        """Keep why a run stopped, where people can do something about it."""
        try:
            yield
        except (JobBusyError, JobCancelledError):
            raise
        except _EXPLAINED as error:
            with suppress(HubError):  # the error itself says more
                self._register.stopped(order, error)
            raise


def open_planned(plan: Plan, source: BinaryIO) -> Table:
    """Open a file as its plan says; raises ImportFileError."""
    table = open_table(source, "", plan.options, plan.format)
    return Mended.of(table, spreadsheet=not plan.rows_are_json)


def _worth(table: Table) -> int:
    small = table.total < _SMALL.get(table.unit, 0)
    return 0 if small else min(os.cpu_count() or 1, _MOST_WORKERS)


def _add(tally: Tally, bad: Collection[Bad]) -> None:
    for one in bad:
        tally.add(one.told)


def _further(progress: ImportProgress, outcome: Outcome, read: int, meter: Meter) -> ImportProgress:
    good, bad = progress.good + len(outcome.good), progress.bad + len(outcome.bad)
    return replace(progress, good=good, bad=bad, read=read, rate=meter.rate(good + bad))
