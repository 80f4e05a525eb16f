"""Operations on a licence that exists: suspend, resume, withdraw, revoke, cancel, transfer, and being superseded.

Decides whether an operation may be done to this edition now. It must never overwrite another officer's change: whoever
acts names the revision he saw, and the row is written only if it still has it. Every change is an event, a note for the
status list and a record.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from hub.audit.service import Audit, Entry
from hub.clock import Clock, from_micros, to_micros
from hub.errors import InputInvalidError, NotFoundError, StatusForbidsError, VersionConflictError
from hub.licences.issuing import Issued
from hub.licences.model import Licence, LicenceEvent, LicencePart, StatusPending
from hub.licences.parts import COMMON
from hub.licences.status import LIVE, Operation, Status, status_value
from hub.licences.uniqueness import Uniqueness
from hub.vault.purposes import REASON
from hub.vault.service import DataKey, Vault


@dataclass(frozen=True, slots=True)
class Act:
    """One officer's act: operation, client that sent it, why, on what basis, and from when (None: now)."""

    operation: Operation
    actor: str
    reason: str
    legal_basis: str
    effective_at: datetime | None = None


class Operations:
    """Changes the status of editions."""

    def __init__(self, vault: Vault, audit: Audit, uniqueness: Uniqueness, clock: Clock) -> None:
        """Use the vault for reasons, the clock for the time of recording."""
        self._vault = vault
        self._audit = audit
        self._uniqueness = uniqueness
        self._clock = clock

    def find(self, session: Session, identifier: str, revision: int, operation: Operation) -> Licence:
        """Return the edition an operation is meant for, if it may be done to it.

        Raises:
            NotFoundError: no licence has this identifier.
            VersionConflictError: it is no longer at this revision.
            StatusForbidsError: its status does not allow the operation.
        """
        licence = session.exec(select(Licence).where(Licence.identifier == identifier)).first()
        if licence is None:
            raise NotFoundError("There is no licence with this identifier.")
        if licence.revision != revision:
            raise VersionConflictError
        if licence.status not in operation.from_statuses:
            raise StatusForbidsError
        return licence

    def apply(self, session: Session, licence: Licence, act: Act, superseded_by: str | None = None) -> Issued:
        """Write the change: status, revision, event, the note for the status list, and record.

        Raises:
            VersionConflictError: somebody was faster.
            LicenceExistsError: it would become live beside another live licence of its uniqueness scope.
            InputInvalidError: it would take effect in the future, or before the change before it.
        """
        if act.operation.to in LIVE and licence.status not in LIVE:
            self._uniqueness.claim_again(session, licence.id, licence.valid_from, licence.valid_until)
        self._set_status(session, licence, act.operation.to, superseded_by)
        session.add(_listed(licence, act.operation.to))
        self.note(session, licence, act)
        return Issued(licence.id, licence.identifier, licence.revision + 1)

    def note(self, session: Session, licence: Licence, act: Act) -> None:
        """Write an act into the history and the record of a licence whose row the caller has changed."""
        event = self._event(session, licence, act)
        session.add(event)
        self._audit.append(session, Entry("licence", _facts(session, licence, act, event)))

    def _set_status(self, session: Session, licence: Licence, to: Status, superseded_by: str | None) -> None:
        unchanged = (col(Licence.id) == licence.id, col(Licence.revision) == licence.revision)
        values = {"status": to.value, "revision": licence.revision + 1, "superseded_by": superseded_by}
        changed = session.execute(
            update(Licence).where(*unchanged).values(values).execution_options(synchronize_session=False)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
            raise VersionConflictError

    def _event(self, session: Session, licence: Licence, act: Act) -> LicenceEvent:
        of_licence = select(LicenceEvent).where(LicenceEvent.licence_id == licence.id)
        last = session.exec(of_licence.order_by(col(LicenceEvent.sequence).desc()).limit(1)).one()
        # Clocks of two processes may differ a little; what is recorded later must never look earlier.
        recorded_at = max(to_micros(self._clock.now()), last.recorded_at)
        key, event_id = self._key(session, licence.id), uuid.uuid4().hex
        return LicenceEvent(
            id=event_id, licence_id=licence.id, sequence=last.sequence + 1, operation=act.operation.name,
            status=act.operation.to.value, actor=act.actor, legal_basis=act.legal_basis,
            reason=self._vault.seal(REASON, key, event_id, act.reason.encode()), key_id=key.id,
            effective_at=_effective_at(act, last, recorded_at), recorded_at=recorded_at,
        )  # fmt: skip

    def _key(self, session: Session, licence_id: str) -> DataKey:
        """Return the common data key; an erased licence can still be revoked, its reason then has a key of its own."""
        common = select(LicencePart.key_id).where(LicencePart.licence_id == licence_id, LicencePart.part == COMMON)
        try:
            return self._vault.load_key(session, session.exec(common.limit(1)).one())
        except NotFoundError:
            return self._vault.new_key(session)


def _listed(licence: Licence, to: Status) -> StatusPending:
    """Return the note by which the next publication of its status list shows the change; it costs the same in any list."""
    return StatusPending(status_list=licence.status_list, status_index=licence.status_index, value=status_value(to))


def _effective_at(act: Act, last: LicenceEvent, recorded_at: int) -> int:
    if act.effective_at is None:
        return recorded_at
    effective_at = to_micros(act.effective_at)
    if effective_at > recorded_at:
        raise InputInvalidError("An act cannot take effect in the future; send it when its time has come.")
    if effective_at < last.effective_at:
        earliest = from_micros(last.effective_at).isoformat()
        raise InputInvalidError(f"An act cannot take effect before the licence's last change, {earliest}.")
    return effective_at


def _facts(session: Session, licence: Licence, act: Act, event: LicenceEvent) -> dict[str, object]:
    handles = select(LicencePart.handle).where(LicencePart.licence_id == licence.id, LicencePart.handle != "")
    return {
        "operation": event.operation,
        "identifier": licence.identifier,
        "authority": licence.authority,
        "client": act.actor,
        "legal_basis": act.legal_basis,
        "es_id": licence.es_id,
        "status": event.status,
        "effective_at": event.effective_at,
        "subjects": sorted(set(session.exec(handles))),
    }
