"""Noting what was done to licences: an event in the history and a record for each, of one licence or of hundreds in few statements.

Decides where an event stands in its history: behind the last one, never earlier than it. It must never keep a reason in the clear, nor
write an act whose licence the caller has not changed in the same unit of work.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import Table, func, select
from sqlmodel import Session, col

from hub.audit.service import Audit, Entry
from hub.audit.state import Told, told, told_again
from hub.clock import Clock, from_micros, to_micros
from hub.errors import DamagedError, InputInvalidError
from hub.licences.issuing import EVENTS
from hub.licences.model import Licence, LicenceEvent, LicencePart
from hub.licences.parts import COMMON
from hub.licences.status import Operation
from hub.vault.purposes import REASON
from hub.vault.service import DataKey, Vault
from hub.writing import Row, new_id, write

_LICENCES: Final[Table] = Licence.__table__  # type: ignore[attr-defined]  # SQLModel makes it


@dataclass(frozen=True, slots=True)
class Act:
    """One officer's act: operation, client that sent it, why, on what basis, and from when (None: now)."""

    operation: Operation
    actor: str
    reason: str
    legal_basis: str
    effective_at: datetime | None = None


class Noted(Protocol):
    """What is told of a licence."""

    @property
    def id(self) -> str: ...  # noqa: D102 - as in the table
    @property
    def identifier(self) -> str: ...  # noqa: D102
    @property
    def authority(self) -> str: ...  # noqa: D102
    @property
    def es_id(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Past:
    """Where a licence's history ends."""

    sequence: int
    effective_at: int
    recorded_at: int


@dataclass(slots=True)
class _Share:
    """The data key of a licence's common part, and the subject handles of its persons."""

    key_id: str = ""
    handles: set[str] = field(default_factory=set)


class Noting:
    """Writes acts into histories and records."""

    def __init__(self, vault: Vault, audit: Audit, clock: Clock) -> None:
        """Use the vault for reasons, the clock for the time of recording."""
        self._vault = vault
        self._audit = audit
        self._clock = clock

    def note(self, session: Session, acts: Sequence[tuple[Noted, Act]]) -> None:
        """Write acts on different licences, whose rows the caller has changed.

        Raises:
            InputInvalidError: one would take effect in the future, or before the change before it.
            DamagedError: parts of a licence are missing.
        """
        of_licences = [licence.id for licence, _ in acts]
        pasts, shares = _pasts(session, of_licences), _shares(session, of_licences)
        keys = self._vault.load_keys(session, [share.key_id for share in shares.values()])
        new: list[Row] = []
        rows: list[Row] = []
        states = {key: [table, key, value] for table, key, value in told_again(session, _LICENCES, of_licences)}
        for licence, act in acts:
            share = shares.get(licence.id)
            if share is None:
                raise DamagedError
            key = keys.get(share.key_id)
            if key is None:  # an erased licence can still be revoked, its reason then has a key of its own
                key, row = self._vault.key_row()
                new.append(row)
            rows += self._rows(licence, act, pasts[licence.id], key, share.handles, states[licence.id])
        write(session, (*new, *rows))

    def _rows(
        self, licence: Noted, act: Act, past: _Past, key: DataKey, handles: Iterable[str], state: Told
    ) -> tuple[Row, Row]:
        # Clocks of two processes may differ a little; what is recorded later must never look earlier.
        recorded_at = max(to_micros(self._clock.now()), past.recorded_at)
        effective_at, event_id = _effective_at(act, past, recorded_at), new_id()
        name, status = act.operation.name, act.operation.to.value
        reason = self._vault.seal(REASON, key, event_id, act.reason.encode())
        event = EVENTS, (
            event_id, licence.id, past.sequence + 1, name, status, act.actor, act.legal_basis, reason, key.id,
            effective_at, recorded_at,
        )  # fmt: skip
        facts = {
            "operation": name, "identifier": licence.identifier, "authority": licence.authority, "client": act.actor,
            "legal_basis": act.legal_basis, "es_id": licence.es_id, "status": status, "effective_at": effective_at,
            "subjects": sorted(handles), "rows": [state, *told(event)],
        }  # fmt: skip
        return event, self._audit.writing(Entry("licence", facts, event_id))


def _pasts(session: Session, licence_ids: Sequence[str]) -> dict[str, _Past]:
    """Return where each licence's history ends: all three figures only ever grow."""
    of_licence = col(LicenceEvent.licence_id)
    latest = [func.max(each) for each in (LicenceEvent.sequence, LicenceEvent.effective_at, LicenceEvent.recorded_at)]
    found = session.execute(select(of_licence, *latest).where(of_licence.in_(licence_ids)).group_by(of_licence))
    return {licence_id: _Past(*figures) for licence_id, *figures in found}


def _shares(session: Session, licence_ids: Sequence[str]) -> dict[str, _Share]:
    of_licence = col(LicencePart.licence_id)
    columns = select(of_licence, col(LicencePart.part), col(LicencePart.key_id), col(LicencePart.handle))
    shares: dict[str, _Share] = {}
    for licence_id, part, key_id, handle in session.execute(columns.where(of_licence.in_(licence_ids))):
        share = shares.setdefault(licence_id, _Share())
        if part == COMMON:
            share.key_id = key_id
        if handle:
            share.handles.add(handle)
    return shares


def _effective_at(act: Act, past: _Past, recorded_at: int) -> int:
    if act.effective_at is None:
        return recorded_at
    effective_at = to_micros(act.effective_at)
    if effective_at > recorded_at:
        raise InputInvalidError("An act cannot take effect in the future; send it when its time has come.")
    if effective_at < past.effective_at:
        earliest = from_micros(past.effective_at).isoformat()
        raise InputInvalidError(f"An act cannot take effect before the licence's last change, {earliest}.")
    return effective_at
