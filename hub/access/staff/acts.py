"""Acts that people do by pages: each form is done once, and whoever sent it is shown what came of it.

Decides whether a form is new, a repetition, or sent while the first is not over. A form carries a random key; begun with it is written before
the act, so that an act is done at most once: if its process dies in between, nobody knows whether it was done, and that is said (ActUnderwayError).
Nothing of what was typed is kept: the name of the act, where it leads on, and the records that were written. Proofs are kept for KEPT; the records stay.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlmodel import Session, col, delete, select

from hub.access.staff.caller import Staff
from hub.access.staff.model import StaffAct
from hub.access.staff.refusals import ActUnderwayError, ActUnknownError
from hub.audit.service import Audit
from hub.clock import Clock, from_micros, to_micros
from hub.database import Database
from hub.errors import IdempotencyMismatchError, InputInvalidError

KEPT: Final = timedelta(days=30)
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_FORGOTTEN_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of a form: the act's name, where it leads on, when it was done, and the ids of the records that were written."""

    id: str
    name: str
    path: str
    at: datetime
    records: tuple[str, ...]


class Acts:
    """Keeps which forms were done."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        """`audit` knows which records are kept."""
        self._database = database
        self._audit = audit
        self._clock = clock

    def begin(self, staff: Staff, key: str, name: str) -> Proof | None:
        """Say that the form with this key is being done now; return the proof, if it was done before.

        Raises:
            InputInvalidError: the key is malformed.
            IdempotencyMismatchError: it was the key of another act.
            ActUnderwayError: what came of the first is not known.
        """
        if not _KEY.fullmatch(key):
            raise InputInvalidError("The form lacks its key; open the page again.")
        act_id = _id(staff, key)
        with self._database.transaction() as session:
            self._database.lock(session, act_id.encode())
            row = session.get(StaffAct, act_id)
            if row is None:
                now = to_micros(self._clock.now())
                session.add(StaffAct(id=act_id, staff_id=staff.id, name=name, begun_at=now))
                return None
            if row.name != name:
                raise IdempotencyMismatchError
            if row.done_at is None:
                raise ActUnderwayError
            return _proof(row, row.done_at)

    def finish(self, staff: Staff, key: str, path: str, records: Sequence[str]) -> Proof:
        """Say that it was done; of the records those are told that were kept."""
        with self._database.transaction() as session:
            row = session.exec(select(StaffAct).where(StaffAct.id == _id(staff, key))).one()
            now = to_micros(self._clock.now())
            row.path, row.done_at = path, now
            row.records = orjson.dumps(self._audit.kept(session, records)).decode()
            session.add(row)
            return _proof(row, now)

    def release(self, staff: Staff, key: str) -> None:
        """Say that it was not done, and left nothing: the form may be sent again."""
        with self._database.transaction() as session:
            session.exec(delete(StaffAct).where(col(StaffAct.id) == _id(staff, key)))

    def proof(self, staff: Staff, act_id: str) -> Proof:
        """Return what came of a form of his own; raises ActUnknownError."""
        with self._database.snapshot() as session:
            row = session.get(StaffAct, act_id)
        if row is None or row.staff_id != staff.id or row.done_at is None:
            raise ActUnknownError
        return _proof(row, row.done_at)

    def forget_expired(self, session: Session) -> int:
        """Remove some whose time is over, and return how many."""
        ended = to_micros(self._clock.now() - KEPT)
        old = session.exec(select(StaffAct).where(StaffAct.begun_at <= ended).limit(_FORGOTTEN_AT_ONCE)).all()
        for row in old:
            session.delete(row)
        return len(old)


def _id(staff: Staff, key: str) -> str:
    return hashlib.sha256(f"{staff.id}\x1f{key}".encode()).hexdigest()[:32]


def _proof(row: StaffAct, done_at: int) -> Proof:
    return Proof(row.id, row.name, row.path, from_micros(done_at), tuple(orjson.loads(row.records)))
