"""Re-sealing: every live licence under a key that is no longer to be trusted is sealed anew, under the authority's present seal.

Decides which licences those are, and that identifier, digests, status and history stay: only the signature and its time are new, and the
old sealing is kept beside it. It must never seal what the old key did not sign, nor open a face: disclosures stay under their first
sealing (`Licence.bound`). A job, a batch at a time; what cannot be sealed anew is on record and stops nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.jobs.service import Jobs, Progress, Step
from hub.licences.draft import check_words
from hub.licences.model import Licence, LicenceSealing
from hub.licences.operations import Act, Operations
from hub.licences.parts import sealed_digest
from hub.licences.status import Operation, Status
from hub.seals.service import Sealer, Seals
from keys import sd_jwt
from keys.contracts import PublicKey
from keys.errors import KeysError

RESEAL: Final = "RESEAL"
REFUSED: Final = "RESEAL_REFUSED"
BATCH: Final = 200
RESEALED: Final = (Status.VALID, Status.SUSPENDED, Status.TRANSFERRED_OUT)

Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Order:
    """Which key's licences are sealed anew, who asked for it, and why."""

    kid: str
    actor: str
    legal_basis: str
    reason: str


@dataclass(frozen=True, slots=True)
class Anew:
    """A licence as it was read, with its new sealing; None when the stored one is not what its key sealed."""

    id: str
    sealed_before: int
    sealed: str | None
    sealed_at: int


class Resealing:
    """Seals licences anew."""

    def __init__(
        self, database: Database, audit: Audit, jobs: Jobs, seals: Seals, operations: Operations, clock: Clock, *,
        current: Callable[[Session, Staff], Staff],
    ) -> None:  # fmt: skip
        """`operations` writes histories and records; `current` tells which roles somebody holds now."""
        self._database = database
        self._audit = audit
        self._jobs = jobs
        self._seals = seals
        self._operations = operations
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
        facts = {"kid": kid, "actor": staff.id, "legal_basis": legal_basis, "reason": reason}
        with self._database.transaction() as session:
            self._current(session, staff).require(LICENCE_OFFICER, seal.authority)
            if begun:
                return begun[0]
            job_id = self._jobs.add(session, RESEAL, facts, _count(session, seal.es_id))
            told = {"operation": RESEAL, "seal": seal.es_id, "staff": staff.id, "job": job_id}
            self._audit.append(session, Entry("seal", {**told, "key": kid, "legal_basis": legal_basis}))
        return job_id

    def run(self, job_id: str, worker: str, told: Told = lambda _progress: None) -> Progress:
        """Run the job to its end, from where it stopped.

        Raises:
            SealMissingError, SealUnusableError: the authority has no other seal that may seal now; make one, run it again.
            JobBusyError, JobUnknownError, UnavailableError, PolicyChangedError: as every job.
        """
        order = Order(**self._jobs.progress(job_id).arguments)
        batch = _Batch(self._database, self._audit, self._seals, order.kid, self._clock)

        def work(session: Session, cursor: str) -> Step:
            self._audit.require_epoch(session, batch.epoch)
            for each in batch.anew:
                self._store(session, each, batch.sealer, order)
            return Step(batch.last or cursor, batch.read, finished=not batch.last)

        return self._jobs.run(job_id, worker, work, told, batch.prepare)

    def _store(self, session: Session, anew: Anew, sealer: Sealer, order: Order) -> None:
        licence = session.get(Licence, anew.id, with_for_update=True, populate_existing=True)
        if licence is None or licence.sealed_at != anew.sealed_before or licence.status not in RESEALED:
            return  # an officer was faster, and it is not live any more
        if anew.sealed is None:
            facts = {
                "operation": REFUSED,
                "identifier": licence.identifier,
                "authority": licence.authority,
                "key": order.kid,
            }
            self._audit.append(session, Entry("licence", facts))
            return
        session.add(
            LicenceSealing(
                licence_id=licence.id, sealed_at=licence.sealed_at, es_id=licence.es_id, sealed=licence.sealed
            )
        )
        licence.bound = licence.bound or sealed_digest(licence.sealed)
        licence.sealed, licence.es_id, licence.sealed_at = anew.sealed, sealer.es_id, anew.sealed_at
        operation = Operation("reseal", frozenset(RESEALED), Status(licence.status))
        self._operations.note(session, licence, Act(operation, order.actor, order.reason, order.legal_basis))


class _Batch:
    """The licences of the next step, sealed anew before it takes any lock; `last` is empty when none is left."""

    def __init__(self, database: Database, audit: Audit, seals: Seals, kid: str, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._seals = seals
        self._kid = kid
        self._clock = clock
        self.epoch = 0
        self.last = ""
        self.read = 0
        self.anew: Sequence[Anew] = ()
        self.sealer: Sealer

    def prepare(self, cursor: str) -> None:
        """Read the licences behind the cursor and seal anew those that are under the key."""
        with self._database.snapshot() as session:
            self.epoch = self._audit.epoch(session)
            self._seals.refresh()
            seal = self._seals.of_key(self._kid)
            behind = (col(Licence.es_id) == seal.es_id, col(Licence.status).in_(RESEALED), col(Licence.id) > cursor)
            found = session.exec(select(Licence).where(*behind).order_by(col(Licence.id)).limit(BATCH)).all()
        old, now = self._seals.public_key(self._kid), self._clock.now()
        self.sealer = self._seals.sealer(seal.authority)
        self.last = found[-1].id if found else ""
        under = (each for each in found if _kid(each.sealed) in {self._kid, None})
        self.read = len(found)
        self.anew = [Anew(each.id, each.sealed_at, self._sealed(each, old, now), to_micros(now)) for each in under]

    def _sealed(self, licence: Licence, old: PublicKey, now: datetime) -> str | None:
        sealer, header = self.sealer, {"seal": self.sealer.es_id}
        changes: dict[str, Any] = {"iat": int(now.timestamp())}
        try:
            return sd_jwt.reseal(licence.sealed, old, changes, key=sealer.key, kid=sealer.kid, header=header)
        except KeysError:
            return None


def _kid(sealed: str) -> object:
    """Return the key that a sealed licence names; None if it cannot be read, and is nobody's to pass over."""
    try:
        return sd_jwt.peek(sd_jwt.present(sealed, ()))[0].get("kid")
    except KeysError:
        return None


def _count(session: Session, es_id: str) -> int:
    live = select(func.count()).select_from(Licence).where(Licence.es_id == es_id, col(Licence.status).in_(RESEALED))
    return session.exec(live).one()
