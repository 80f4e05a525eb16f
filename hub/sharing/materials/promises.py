"""Promises: commitments (告知承诺) and deferrals (容缺受理), as they are recorded in a case in place of a material, and what became of them.

Decides whether one may be recorded and how it may end. It must never keep in the clear who promised or why it ended: both are sealed under a data key of their
own, found again for erasure by a blind index of the applicant, through which a breach counts in the whole hub. Deadlines are working days of the State
Council's calendar; a year that it does not have is refused.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlmodel import Session, col, select

from hub.access.caller import READ, Caller
from hub.access.idempotency import Idempotency
from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError, NotFoundError
from hub.reading import Loader, Reader
from hub.sharing.materials.promise import (
    LONGEST_REASON,
    MADE,
    SETTLING,
    Kind,
    Promise,
    State,
    Wanted,
    promise_of,
    require_text,
    row_name,
    sayable,
)
from hub.sharing.materials.records import promise_entry
from hub.sharing.materials.refusals import PromiseNotOfferedError, PromiseStateError, PromiseUnknownError
from hub.sharing.model import MaterialPromise
from hub.sharing.reading import OpenCase
from hub.vault import purposes
from hub.vault.purposes import PROMISE
from hub.vault.service import DataKey, Vault

_PLACE: Final = "material_promise:"
_OF_CASE: Final = (
    "SELECT p.case_id, p.id, p.material, p.kind, p.state, p.deadline FROM material_promise p WHERE p.case_id {keys}"
    " ORDER BY p.made_at, p.id"
)
_OF_PERSON: Final = (
    f"SELECT v.value, p.state FROM vault_index v JOIN material_promise p ON p.id = substr(v.place, {len(_PLACE) + 1})"
    " WHERE v.value {keys}"
)


class Promises:
    """Keeps promises."""

    def __init__(
        self, database: Database, reader: Reader, vault: Vault, audit: Audit, clock: Clock, catalogue: Catalogue,
        idempotency: Idempotency, *, today: Callable[[], date],
    ) -> None:  # fmt: skip
        """`today` gives the legal day; hot reads go by the reader."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._catalogue = catalogue
        self._idempotency = idempotency
        self._today = today
        self._of_case = Loader(reader, _OF_CASE)
        self._of_person = Loader(reader, _OF_PERSON)

    # -- what an evaluation asks -------------------------------------------------------------------------------------

    async def promised(self, case: OpenCase) -> tuple[Promise, ...]:
        """Return what was promised in a case, oldest first; raises UnavailableError."""
        rows = await self._of_case.load(case.id)
        return tuple(promise_of(*row) for row in rows)

    async def breached(self, case: OpenCase) -> bool:
        """Tell whether the applicant broke a promise in this hub and has not made up for it; raises UnavailableError."""
        applicant = case.record.applicant
        if applicant is None:
            return False
        for index in self._vault.candidates(purposes.promise(), applicant.person.value):
            if any(state == State.BREACHED for (state,) in await self._of_person.load(index)):
                return True
        return False

    # -- made and settled --------------------------------------------------------------------------------------------

    def make(self, caller: Caller, case: OpenCase, wanted: Wanted, key: str) -> str:
        """Record a promise in a case, once for one idempotency key, and return its id.

        Raises:
            InputInvalidError, IdempotencyMismatchError: who promised, or the key, has the wrong shape; or the key was used otherwise.
            PromiseNotOfferedError: the applicant has a breach to make up for, or `wanted` says why.
            PromiseStateError: one is open for this material already.
            WorkingDaysUnknownError: the hub does not have the working days of the deadline's year.
            PolicyChangedError, UnavailableError: nothing was kept.
        """
        wanted.who.check()
        request = (wanted.kind, case.id, wanted.material, wanted.digest, *sayable(wanted.who).values())
        return self._once(caller, key, request, lambda session: self._make(session, caller, case, wanted))

    def _make(self, session: Session, caller: Caller, case: OpenCase, wanted: Wanted) -> str:
        if wanted.refusal is not None:
            raise wanted.refusal
        applicant = case.record.applicant
        if applicant is None:
            raise NotFoundError
        self._database.lock(session, sha256(f"promise {case.id}".encode()).digest())
        for row in self._rows(session, MaterialPromise.case_id == case.id, MaterialPromise.material == wanted.material):
            if row.state == State.OPEN:
                raise PromiseStateError("A commitment or deferral is open for this material already; settle it first.")
        if wanted.kind is Kind.COMMITMENT and self._has_breach(session, applicant.person.value):
            raise PromiseNotOfferedError
        data_key, key_row = self._vault.make_key()
        session.add(key_row)
        session.flush()
        row = MaterialPromise(
            id=uuid.uuid4().hex, case_id=case.id, authority=caller.authority, item=case.item,
            item_version=wanted.item_version, material=wanted.material, kind=wanted.kind.value, state=State.OPEN.value,
            digest=wanted.digest, deadline=self._catalogue.working_days.add(self._today(), wanted.days).isoformat(),
            handle=applicant.handle, sealed=b"", key_id=data_key.id, made_at=to_micros(self._clock.now()),
        )  # fmt: skip
        row.sealed = self._vault.seal(PROMISE, data_key, row_name(row, "who"), orjson.dumps(sayable(wanted.who)))
        session.add(row)
        place = f"{_PLACE}{row.id}"
        session.add_all(self._vault.index_rows(purposes.promise(), applicant.person.value, data_key, place))
        self._audit.append(session, promise_entry(MADE[wanted.kind], row, caller.client_id))
        return row.id

    def _has_breach(self, session: Session, person: str) -> bool:
        places = [row.place for row in self._vault.find(session, [purposes.promise()], person)]
        ids = [place.removeprefix(_PLACE) for place in places]
        found = self._rows(session, col(MaterialPromise.id).in_(ids), MaterialPromise.state == State.BREACHED.value)
        return bool(found)

    def settle(self, caller: Caller, promise_id: str, outcome: State, reason: str, key: str) -> str:
        """Say what became of a promise of the caller's authority, once for one idempotency key, and return its id.

        Raises:
            ScopeMissingError, PurposeNotDeclaredError: the caller may not.
            InputInvalidError, IdempotencyMismatchError: the reason or the key has the wrong shape, or the key was used otherwise.
            PromiseUnknownError, PromiseStateError: there is none, or it is in another state.
            PolicyChangedError, UnavailableError: nothing was kept.
        """
        caller.require(READ.name)
        require_text(reason, LONGEST_REASON)
        if outcome not in SETTLING:
            raise InputInvalidError("A promise is settled as KEPT, BREACHED or REPAIRED.")
        request = ("settle", promise_id, outcome.value, reason)
        return self._once(
            caller, key, request, lambda session: self._settle(session, caller, promise_id, outcome, reason)
        )

    def _settle(self, session: Session, caller: Caller, promise_id: str, outcome: State, reason: str) -> str:
        statement = select(MaterialPromise).where(MaterialPromise.id == promise_id).with_for_update()
        row = session.exec(statement).first()
        if row is None or row.authority != caller.authority:
            raise PromiseUnknownError
        caller.require_purpose(row.item)
        if row.state != SETTLING[outcome]:
            raise PromiseStateError
        row.state, row.settled_at = outcome.value, to_micros(self._clock.now())
        if (data_key := self._key(session, row)) is not None:
            row.settled = self._vault.seal(PROMISE, data_key, row_name(row, "why"), reason.encode())
        session.add(row)
        self._audit.append(session, promise_entry(outcome.value, row, caller.client_id))
        return row.id

    def _once(self, caller: Caller, key: str, request: tuple[object, ...], work: Callable[[Session], str]) -> str:
        wire = orjson.dumps(request)
        with self._database.transaction() as session:
            self._audit.require_epoch(session, caller.epoch)
            return self._idempotency.once(session, caller, key, wire, lambda: work(session).encode()).decode()

    def _rows(self, session: Session, *where: Any) -> Sequence[MaterialPromise]:
        return session.exec(select(MaterialPromise).where(*where)).all()

    def _key(self, session: Session, row: MaterialPromise) -> DataKey | None:
        try:
            return self._vault.load_key(session, row.key_id)
        except NotFoundError:  # the applicant was erased
            return None
