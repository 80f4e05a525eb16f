"""Operations on a licence that exists: suspend, resume, withdraw, revoke, cancel, transfer, and being superseded.

Decides whether an operation may be done to this edition now. It must never overwrite another officer's change: whoever
acts names the revision he saw, and the row is written only if it still has it. Every change is an event, a note for the
status list and a record.
"""

from sqlalchemy import update
from sqlmodel import Session, col, select

from hub.audit.service import Audit
from hub.clock import Clock
from hub.errors import NotFoundError, StatusForbidsError, VersionConflictError
from hub.licences.issuing import Issued
from hub.licences.model import Licence, StatusPending
from hub.licences.noting import Act, Noting
from hub.licences.status import LIVE, Operation, Status, status_value
from hub.licences.uniqueness import Uniqueness
from hub.vault.service import Vault

__all__ = ["Act", "Operations"]


class Operations:
    """Changes the status of editions."""

    def __init__(self, vault: Vault, audit: Audit, uniqueness: Uniqueness, clock: Clock) -> None:
        """Use the vault for reasons, the clock for the time of recording."""
        self._uniqueness = uniqueness
        self._noting = Noting(vault, audit, clock)

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
        self._noting.note(session, [(licence, act)])
        return Issued(licence.id, licence.identifier, licence.revision + 1)

    def _set_status(self, session: Session, licence: Licence, to: Status, superseded_by: str | None) -> None:
        unchanged = (col(Licence.id) == licence.id, col(Licence.revision) == licence.revision)
        values = {"status": to.value, "revision": licence.revision + 1, "superseded_by": superseded_by}
        changed = session.execute(
            update(Licence).where(*unchanged).values(values).execution_options(synchronize_session=False)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
            raise VersionConflictError


def _listed(licence: Licence, to: Status) -> StatusPending:
    """Return the note by which the next publication of its status list shows the change; it costs the same in any list."""
    return StatusPending(status_list=licence.status_list, status_index=licence.status_index, value=status_value(to))
