"""The history of a licence with its reasons, for the authority that issued it.

Decides who may read reasons: the issuing authority alone; the only opener of the purpose REASON. To others the licence
does not exist.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from hub.database import Database
from hub.errors import NotFoundError
from hub.licences.history import Event
from hub.licences.service import Licences
from hub.vault.purposes import REASON
from hub.vault.service import Vault


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change: `status` is the stored status after it, `actor` who did it; `reason` is None once it was erased, `record` its record's id."""

    operation: str
    status: str
    actor: str
    reason: str | None = field(repr=False)
    legal_basis: str
    effective_at: datetime
    recorded_at: datetime
    record: str


class History:
    """Tells histories. Who may hear them is decided by the caller of `read`, before it is called."""

    def __init__(self, database: Database, vault: Vault, licences: Licences) -> None:
        """Take events from `licences` and open their reasons with `vault`."""
        self._database = database
        self._vault = vault
        self._licences = licences

    def read(self, licence_id: str) -> tuple[HistoryEntry, ...]:
        """Return the changes of a licence in the order they were recorded; call it on a worker thread.

        Raises:
            DamagedError: a stored reason does not verify.
        """
        with self._database.snapshot() as session:
            return tuple(self._entry(session, event) for event in self._licences.events(session, licence_id))

    def _entry(self, session: Session, event: Event) -> HistoryEntry:
        return HistoryEntry(
            operation=event.operation, status=event.status.value, actor=event.actor,
            reason=self._reason(session, event), legal_basis=event.legal_basis, effective_at=event.effective_at,
            recorded_at=event.recorded_at, record=event.id,
        )  # fmt: skip

    def _reason(self, session: Session, event: Event) -> str | None:
        try:
            key = self._vault.load_key(session, event.key_id)
        except NotFoundError:  # erased with its person
            return None
        return self._vault.open(REASON, key, event.id, event.reason).decode()
