"""Some hundred licences sealed anew: read and signed before any lock is held, stored together in one unit of work, in few statements.

Decides whether a licence is still as it was read: one that an officer changed meanwhile, or that is not live any more, is passed over. It
must never sign what the old key did not sign; a licence that does not verify is put on record and stays as it is. A key that cannot be
reached is no fault of a licence: it stops the work.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, col

from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.licences.model import Licence, LicenceSealing
from hub.licences.noting import Act, Noting
from hub.licences.parts import sealed_digest
from hub.licences.status import RESEAL_ACT, Operation, Status
from hub.seals.reaching import reaching_a_key
from hub.seals.service import Sealer, Seals
from hub.writing import new_id, write
from keys import sd_jwt
from keys.contracts import PublicKey
from keys.errors import KeysError, VerificationError

REFUSED: Final = "RESEAL_REFUSED"
RESEALED: Final = (Status.VALID, Status.SUSPENDED, Status.TRANSFERRED_OUT)
BATCH: Final = 500
_OPERATIONS: Final = {each.value: Operation(RESEAL_ACT, frozenset(RESEALED), each) for each in RESEALED}
_NOTHING_READ: Final = -1


@dataclass(frozen=True, slots=True)
class Order:
    """Which key's licences are sealed anew, who asked for it, and why."""

    kid: str
    actor: str
    legal_basis: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stored:
    """How many licences of a batch are under the new seal now, and how many were refused."""

    resealed: int
    refused: int


@dataclass(frozen=True, slots=True)
class _Anew:
    """A licence as it was read, with its new sealing; None when the stored one is not what its key sealed."""

    id: str
    sealed_before: int
    digest: str
    sealed: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A licence whose row is held, as it is now; `es_id` is the seal's that it is put under."""

    id: str
    identifier: str
    authority: str
    es_id: str
    status: str
    bound: str | None


class Batch:
    """The licences of the next step; `last` is the id of the last one read, empty when none is left."""

    def __init__(
        self, database: Database, audit: Audit, seals: Seals, noting: Noting, clock: Clock, order: Order
    ) -> None:
        """Nothing is read before `prepare`."""
        self._database = database
        self._audit = audit
        self._seals = seals
        self._noting = noting
        self._clock = clock
        self._order = order
        self._epoch = _NOTHING_READ
        self._sealed_at = 0
        self._anew: dict[str, _Anew] = {}
        self._sealer: Sealer
        self._old: PublicKey
        self.last = ""
        self.read = 0

    def prepare(self, after: str) -> None:
        """Read the licences whose ids come after one, and seal those anew that are under the key.

        Raises:
            SealMissingError, SealUnusableError: the authority has no other seal that may seal now.
            SealKeyUnavailableError: the key store or the token does not give its key.
        """
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)
            if epoch != self._epoch:  # what is read now is at least as new as the epoch
                self._seals.refresh()
                self._epoch = epoch
            seal = self._seals.of_key(self._order.kid)
            self._database.look_up_by_key(session)
            mine = (col(Licence.es_id) == seal.es_id, col(Licence.status).in_(RESEALED), col(Licence.id) > after)
            columns = select(col(Licence.id), col(Licence.sealed_at), col(Licence.sealed)).where(*mine)
            found = session.execute(columns.order_by(col(Licence.id)).limit(BATCH)).all()
        self._sealer, self._old = self._seals.sealer(seal.authority), self._seals.public_key(self._order.kid)
        self.last, self.read = found[-1].id if found else "", len(found)
        self._anew = {each.id: each for each in self._seal_anew(found)}

    def _seal_anew(self, found: Sequence[Any]) -> Iterator[_Anew]:
        now = self._clock.now()
        self._sealed_at = to_micros(now)
        changes = {"iat": int(now.timestamp())}
        for licence_id, sealed_at, sealed in found:
            signed = self._signed(sealed, changes)
            if signed is not None or _kid(sealed) in {self._order.kid, None}:
                yield _Anew(licence_id, sealed_at, sealed_digest(sealed), signed)

    def _signed(self, sealed: str, changes: dict[str, Any]) -> str | None:
        sealer, header = self._sealer, {"seal": self._sealer.es_id}
        try:
            with reaching_a_key():
                return sd_jwt.reseal(sealed, self._old, changes, key=sealer.key, kid=sealer.kid, header=header)
        except VerificationError:
            return None

    def stale(self, session: Session) -> bool:
        """Tell whether the policy has changed since it was prepared; otherwise it holds until the unit of work ends."""
        return self._audit.epoch(session) != self._epoch

    def store(self, session: Session) -> Stored:
        """Put the licences under the new seal, each with its old sealing kept, an event and a record."""
        if not self._anew:
            return Stored(0, 0)
        self._database.write_much(session)
        held = list(self._held(session))
        good = [each for each in held if self._anew[each.id].sealed is not None]
        bad = [each for each in held if self._anew[each.id].sealed is None]
        if good:
            self._keep_old(session, good)
            self._put_new(session, good)
            self._noting.note(session, [(each, self._act(each)) for each in good])
        write(session, (self._audit.writing(self._refusal(each)) for each in bad))
        return Stored(len(good), len(bad))

    def _held(self, session: Session) -> Iterator[_Found]:
        """Yield the licences that are as they were read, their rows held in one order by everybody."""
        wanted = select(
            col(Licence.id), col(Licence.identifier), col(Licence.authority), col(Licence.status), col(Licence.bound),
            col(Licence.sealed_at),
        )  # fmt: skip
        wanted = wanted.where(col(Licence.id).in_(list(self._anew))).order_by(col(Licence.id))
        for licence_id, identifier, authority, status, bound, sealed_at in session.execute(wanted.with_for_update()):
            if sealed_at == self._anew[licence_id].sealed_before and status in RESEALED:
                yield _Found(licence_id, identifier, authority, self._sealer.es_id, status, bound)

    def _keep_old(self, session: Session, good: Sequence[_Found]) -> None:
        old = select(col(Licence.id), col(Licence.sealed_at), col(Licence.es_id), col(Licence.sealed))
        old = old.where(col(Licence.id).in_([each.id for each in good]))
        session.execute(insert(LicenceSealing).from_select(["licence_id", "sealed_at", "es_id", "sealed"], old))

    def _put_new(self, session: Session, good: Sequence[_Found]) -> None:
        table: Any = Licence.__table__  # type: ignore[attr-defined]  # SQLModel makes it
        change = (
            update(table)
            .where(table.c.id == bindparam("of"))
            .values(
                sealed=bindparam("anew"), bound=bindparam("first"), es_id=self._sealer.es_id, sealed_at=self._sealed_at
            )
        )
        rows = ((each, self._anew[each.id]) for each in good)
        values = [{"of": each.id, "anew": anew.sealed, "first": each.bound or anew.digest} for each, anew in rows]
        session.connection().execute(change, values)

    def _act(self, each: _Found) -> Act:
        return Act(_OPERATIONS[each.status], self._order.actor, self._order.reason, self._order.legal_basis)

    def _refusal(self, each: _Found) -> Entry:
        facts = {"operation": REFUSED, "identifier": each.identifier, "authority": each.authority}
        return Entry("licence", {**facts, "key": self._order.kid}, new_id())


def _kid(sealed: str) -> object:
    """Return the key that a sealed licence names; None if it cannot be read, and is nobody's to pass over."""
    try:
        return sd_jwt.peek(sd_jwt.present(sealed, ()))[0].get("kid")
    except KeysError:
        return None
