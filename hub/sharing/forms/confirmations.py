"""Confirmations (信息确认): that the applicant of a case found a value right, which then need not be filled in.

Decides that a value is confirmed once, in the edition in which it was read. It holds no value: whoever wants to know it reads it again, under today's grants.
"""

from typing import Final

from sqlmodel import Session

from hub.audit.service import Audit, Entry
from hub.clock import Clock, from_micros, to_micros
from hub.sharing.forms.model import ValueConfirmation
from hub.sharing.forms.reads import Seen
from hub.sharing.forms.said import Confirmed

KIND: Final = "form"


class Confirmations:
    """Keeps confirmations, within units of work of its callers; `hub.sharing.forms.said` finds those of a case."""

    def __init__(self, audit: Audit, clock: Clock) -> None:
        """Record each."""
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

    def _note(self, session: Session, seen: Seen, client: str) -> None:
        facts = {
            "operation": "CONFIRMED", "case": seen.case, "authority": seen.authority, "client": client, "item": seen.item,
            "type": seen.type_key, "source": seen.source, "version": seen.version, "path": seen.path, "record": seen.record,
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, facts))
