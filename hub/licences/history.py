"""The history of a licence: every change with the time it took effect and the time it was recorded.

Decides what the status was on a day, and what was known of it at another. It must never change the past: events are
only appended. A reason stays sealed; `hub.sharing.history` opens it for the issuing authority.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from hub.clock import Calendar, from_micros, to_micros
from hub.errors import NotFoundError
from hub.licences.model import Licence, LicenceEvent, LicenceSealing
from hub.licences.status import Status, effective_status


@dataclass(frozen=True, slots=True)
class Event:
    """One change: `id` is that of its record, too, `status` the stored status after it, `reason` the sealed reason under data key `key_id`."""

    id: str
    sequence: int
    operation: str
    status: Status
    actor: str
    legal_basis: str
    reason: bytes
    key_id: str
    effective_at: datetime
    recorded_at: datetime


def events(session: Session, licence_id: str) -> list[Event]:
    """Return a licence's events in the order they were recorded."""
    rows = session.exec(
        select(LicenceEvent).where(LicenceEvent.licence_id == licence_id).order_by(col(LicenceEvent.sequence))
    )
    return [_event(row) for row in rows]


def _event(row: LicenceEvent) -> Event:
    return Event(
        id=row.id, sequence=row.sequence, operation=row.operation, status=Status(row.status), actor=row.actor,
        legal_basis=row.legal_basis, reason=row.reason, key_id=row.key_id,
        effective_at=from_micros(row.effective_at), recorded_at=from_micros(row.recorded_at),
    )  # fmt: skip


def earlier_sealings(session: Session, licence_id: str) -> tuple[str, ...]:
    """Return the sealings of a licence that later ones took the place of, the newest first."""
    rows = select(LicenceSealing.sealed).where(LicenceSealing.licence_id == licence_id)
    return tuple(session.exec(rows.order_by(col(LicenceSealing.sealed_at).desc())))


def status_at(
    session: Session, identifier: str, as_of: datetime, known_at: datetime | None, calendar: Calendar
) -> str | None:
    """Return the status as of an instant, as it was known at another (None: now); None where there was no licence yet.

    Raises:
        NotFoundError: no licence has this identifier.
    """
    licence = session.exec(select(Licence).where(Licence.identifier == identifier)).first()
    if licence is None:
        raise NotFoundError("There is no licence with this identifier.")
    found = select(LicenceEvent.status).where(
        LicenceEvent.licence_id == licence.id, LicenceEvent.effective_at <= to_micros(as_of)
    )
    if known_at is not None:
        found = found.where(LicenceEvent.recorded_at <= to_micros(known_at))
    latest = found.order_by(col(LicenceEvent.effective_at).desc(), col(LicenceEvent.sequence).desc())
    status = session.exec(latest.limit(1)).first()
    if status is None:
        return None
    return effective_status(Status(status), licence.valid_from, licence.valid_until, calendar.day(as_of))
