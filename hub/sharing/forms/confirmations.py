"""Confirmations (信息确认): that the applicant of a case found a value right, which then need not be filled in.

Decides that a value is confirmed once, in the edition in which it was read. It holds no value: whoever wants to know it reads it again, under today's grants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from hub.audit.service import Audit, Entry
from hub.clock import Clock, from_micros, to_micros
from hub.reading import Loader, Reader
from hub.sharing.forms.model import ValueConfirmation
from hub.sharing.forms.reads import Seen

KIND: Final = "form"
_OF_CASE: Final = (
    "SELECT c.case_id, c.source, c.version, c.path, c.record, c.at FROM value_confirmation c WHERE c.case_id {keys}"
)
Place = tuple[str, int, str]
"""A licence's identifier or a register entry's id, its edition, and a field."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A value that was confirmed, and when."""

    place: Place
    record: str
    at: datetime


class Confirmations:
    """Keeps confirmations, within units of work of its callers; those of a case are a hot read."""

    def __init__(self, reader: Reader, audit: Audit, clock: Clock) -> None:
        """Record each."""
        self._of_case = Loader(reader, _OF_CASE)
        self._audit = audit
        self._clock = clock

    def keep(self, session: Session, seen: Seen, client: str) -> Confirmed:
        """Keep that a value was confirmed; the first time counts. The caller holds the lock of the value."""
        case_id = seen.case or ""
        row = session.get(ValueConfirmation, (case_id, *seen.place))
        if row is None:
            row = ValueConfirmation(
                case_id=case_id, source=seen.source, version=seen.version, path=seen.path, record=seen.record, by=client,
                at=to_micros(self._clock.now()),
            )  # fmt: skip
            session.add(row)
            self._note(session, seen, client)
        return Confirmed((row.source, row.version, row.path), row.record, from_micros(row.at))

    async def of_case(self, case_id: str) -> Mapping[Place, Confirmed]:
        """Return what was confirmed in a case; raises UnavailableError."""
        rows = await self._of_case.load(case_id)
        return {tuple(place): Confirmed(tuple(place), record, from_micros(at)) for *place, record, at in rows}

    def _note(self, session: Session, seen: Seen, client: str) -> None:
        facts = {
            "operation": "CONFIRMED", "case": seen.case, "authority": seen.authority, "client": client, "item": seen.item,
            "type": seen.type_key, "source": seen.source, "version": seen.version, "path": seen.path, "record": seen.record,
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, facts))
