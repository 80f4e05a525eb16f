"""Re-sealing: every live licence under a key that is no longer to be trusted is sealed anew, under the authority's present seal.

Decides which licences those are, and that identifier, digests, status and history stay: only the signature and its time are new, and the
old sealing is kept beside it. It must never seal what the old key did not sign, nor open a face: disclosures stay under their first
sealing (`Licence.bound`). A job, a batch at a time (`resealing_batch`); what cannot be sealed anew is on record and stops nothing.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final, Self

from sqlalchemy import func
from sqlmodel import Session, col, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.audit.service import Audit, Entry
from hub.clock import Clock
from hub.database import Database
from hub.errors import JobUnknownError, PolicyChangedError
from hub.jobs.service import Jobs, Progress, Step
from hub.licences.draft import check_words
from hub.licences.model import Licence
from hub.licences.noting import Noting
from hub.licences.resealing_batch import REFUSED, RESEALED, Batch, Order
from hub.seals.service import Seals

__all__ = ["REFUSED", "RESEAL", "Outcome", "Resealing", "outcome"]

RESEAL: Final = "RESEAL"
_LISTED: Final = 100  # jobs, among which those of one seal are looked for
_MOST_REPEATS: Final = 20  # a batch that others' changes make stale again and again is no batch's fault

Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job has come to: licences sealed anew, and licences refused, which the key had not sealed."""

    resealed: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a job stands: behind which licence, and what it has come to."""

    after: str
    outcome: Outcome

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a job's cursor: the id, and where it is known the two figures."""
        after, *figures = text.split(" ")
        return cls(after, Outcome(*map(int, figures)))

    def written(self) -> str:
        """Return it as the job keeps it."""
        return f"{self.after} {self.outcome.resealed} {self.outcome.refused}"


def outcome(progress: Progress) -> Outcome:
    """Return what a job has come to."""
    return _Cursor.parse(progress.cursor).outcome


class Resealing:
    """Seals licences anew."""

    def __init__(
        self, database: Database, audit: Audit, jobs: Jobs, seals: Seals, noting: Noting, clock: Clock, *,
        current: Callable[[Session, Staff], Staff],
    ) -> None:  # fmt: skip
        """`noting` writes histories and records; `current` tells which roles somebody holds now."""
        self._database = database
        self._audit = audit
        self._jobs = jobs
        self._seals = seals
        self._noting = noting
        self._clock = clock
        self._current = current

    def start(self, staff: Staff, kid: str, legal_basis: str, reason: str) -> str:
        """Note the job for a key and return its id; a job for the same key that is not finished is gone on with.

        Raises:
            SealMissingError: no seal ever had this key.
            RoleMissingError: he is no licence officer of its authority.
            InputInvalidError: the words are not acceptable.
        """
        seal = self._seals.of_key(kid)
        check_words(legal_basis, reason)
        begun = [job.id for job in self._jobs.unfinished(RESEAL) if job.arguments["kid"] == kid]
        order = Order(kid, staff.id, legal_basis, reason)
        with self._database.transaction() as session:
            self._current(session, staff).require(LICENCE_OFFICER, seal.authority)
            if begun:
                self._jobs.resume(session, begun[0], RESEAL)
                return begun[0]
            job_id = self._jobs.add(session, RESEAL, asdict(order), _count(session, seal.es_id))
            told = {"operation": RESEAL, "seal": seal.es_id, "staff": staff.id, "job": job_id}
            self._audit.append(session, Entry("seal", {**told, "key": kid, "legal_basis": legal_basis}))
        return job_id

    def of(self, staff: Staff, job_id: str) -> Progress:
        """Return how far a job is; raises JobUnknownError, and RoleMissingError for who is no licence officer of its authority."""
        found = self._jobs.progress(job_id)
        if found.kind != RESEAL:
            raise JobUnknownError
        staff.require(LICENCE_OFFICER, self._seals.of_key(found.arguments["kid"]).authority)
        return found

    def jobs_of(self, staff: Staff, es_id: str) -> tuple[Progress, ...]:
        """Return the newest jobs for the keys of a seal, the newest first; raises SealMissingError, and RoleMissingError as `of`."""
        seal = self._seals.seal(es_id)
        staff.require(LICENCE_OFFICER, seal.authority)
        kids = {each.kid for each in seal.signers}
        return tuple(each for each in self._jobs.newest(RESEAL, _LISTED) if each.arguments["kid"] in kids)

    def run(self, job_id: str, worker: str, told: Told = lambda _progress: None) -> Progress:
        """Run the job to its end, from where it stopped; `outcome` tells what came of it.

        Raises:
            SealMissingError, SealUnusableError: the authority has no other seal that may seal now; make one, run it again.
            SealKeyUnavailableError: the new seal's key cannot be used now; run it again.
            StorageFullError: make room, run it again.
            JobBusyError, JobUnknownError, UnavailableError, PolicyChangedError: as every job.
        """
        order = Order(**self._jobs.progress(job_id).arguments)
        batch = Batch(self._database, self._audit, self._seals, self._noting, self._clock, order)
        stale = 0

        def work(session: Session, text: str) -> Step:
            nonlocal stale
            if batch.stale(session):
                stale += 1
                if stale > _MOST_REPEATS:
                    raise PolicyChangedError
                return Step(text, 0, finished=False)
            stale = 0
            return _stored(batch, session, _Cursor.parse(text))

        return self._jobs.run(job_id, worker, work, told, lambda text: batch.prepare(_Cursor.parse(text).after))


def _stored(batch: Batch, session: Session, cursor: _Cursor) -> Step:
    stored, before = batch.store(session), cursor.outcome
    together = Outcome(before.resealed + stored.resealed, before.refused + stored.refused)
    return Step(_Cursor(batch.last or cursor.after, together).written(), batch.read, finished=not batch.last)


def _count(session: Session, es_id: str) -> int:
    live = select(func.count()).select_from(Licence).where(Licence.es_id == es_id, col(Licence.status).in_(RESEALED))
    return session.exec(live).one()
