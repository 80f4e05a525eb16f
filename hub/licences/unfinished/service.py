"""What officers have begun to write, kept sealed until the licence is issued, so that an error, a lost session or a closed page loses nothing.

Decides whose it is (the officer who began it, for the authority for which he did, as long as he may issue for it) and when it is gone: with the
licence that came of it, when he gives it up, or three days after he last saved it. It must never keep a word of it in the clear, nor seal
anything: issuing is `Licences.issue`, under the idempotency key `once`. The only module that opens purposes.UNFINISHED.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlmodel import Session, col, delete, select

from hub.access.caller import ISSUE, Caller
from hub.audit.service import Audit
from hub.clock import Clock, from_micros, to_micros
from hub.database import Database
from hub.errors import NotFoundError
from hub.licences.unfinished.model import UnfinishedLicence, UnfinishedPicture
from hub.vault.purposes import UNFINISHED
from hub.vault.service import DataKey, Vault
from hub.writing import new_id

KEPT: Final = timedelta(days=3)
"""For how long it waits since it was saved: from Friday to Monday."""
MOST_OF_ONE: Final = 20
_FORGOTTEN_AT_ONCE: Final = 50
_GONE: Final = "What was written here is gone: it was issued, given up, or kept for three days. Begin again."


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a licence somebody writes, without opening it."""

    id: str
    authority: str
    operation: str
    type_key: str
    identifier: str | None
    issued: str | None
    saved_at: datetime

    @property
    def stamp(self) -> str:
        """Return what tells whether it was written on since: whoever confirms names what he has seen."""
        return str(to_micros(self.saved_at))

    @property
    def once(self) -> str:
        """Return the idempotency key under which it is issued: once, however often that is confirmed."""
        return f"unfinished-{self.id}"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: JSON of the form's own shape, and which pictures belong to it."""

    begun: Begun
    content: Mapping[str, Any] = field(repr=False)


class Unfinished:
    """Keeps what officers write. Methods are synchronous: call them on a worker thread."""

    def __init__(self, database: Database, vault: Vault, audit: Audit, clock: Clock) -> None:
        """Seal in the vault."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._clock = clock

    # -- writing -----------------------------------------------------------------------------------------------------

    def begin(
        self, caller: Caller, operation: str, type_key: str, identifier: str | None, content: Mapping[str, Any]
    ) -> Begun:
        """Keep what was written first. Of too many that he has begun, the one saved longest ago is given up.

        Raises:
            ScopeMissingError: the caller may not issue.
            PolicyChangedError, UnavailableError: nothing was kept.
        """
        caller.require(ISSUE.name)
        with self._database.transaction() as session:
            self._audit.require_epoch(session, caller.epoch)
            self._make_room(session, caller)
            key, row_id = self._vault.new_key(session), new_id()
            row = UnfinishedLicence(
                id=row_id, owner=caller.client_id, authority=caller.authority, operation=operation, type_key=type_key,
                identifier=identifier, key_id=key.id, data=self._sealed(key, row_id, content),
                saved_at=to_micros(self._clock.now()), expires_at=self._expiry(),
            )  # fmt: skip
            session.add(row)
            return _begun(row)

    def save(self, caller: Caller, unfinished: str, content: Mapping[str, Any], pictures: Iterable[str]) -> None:
        """Keep what was written in place of what was there, with these of its pictures; raises NotFoundError."""
        with self._database.transaction() as session:
            row, key = self._mine(session, caller, unfinished)
            row.data = self._sealed(key, row.id, content)
            row.saved_at, row.expires_at = to_micros(self._clock.now()), self._expiry()
            session.add(row)
            others = col(UnfinishedPicture.id).not_in(list(pictures))
            session.exec(delete(UnfinishedPicture).where(col(UnfinishedPicture.unfinished_id) == row.id, others))

    def keep_picture(self, caller: Caller, unfinished: str, picture: bytes) -> str:
        """Keep a picture, and return its id; raises NotFoundError."""
        with self._database.transaction() as session:
            row, key = self._mine(session, caller, unfinished)
            picture_id = new_id()
            sealed = self._vault.seal(UNFINISHED, key, _picture_row(row.id, picture_id), picture)
            session.add(UnfinishedPicture(id=picture_id, unfinished_id=row.id, data=sealed))
            return picture_id

    def move(self, caller: Caller, unfinished: str, identifier: str) -> None:
        """Let it follow the edition that took the place of the one it was begun from; raises NotFoundError."""
        with self._database.transaction() as session:
            row, _ = self._mine(session, caller, unfinished)
            row.identifier = identifier
            session.add(row)

    # -- reading -----------------------------------------------------------------------------------------------------

    def open(self, caller: Caller, unfinished: str) -> Written:
        """Return what was written; of what is issued already only that.

        Raises:
            NotFoundError: it is another's, or gone.
            DamagedError: it does not open.
        """
        with self._database.snapshot() as session:
            row = self._row(session, caller, unfinished)
            if row.issued is not None:
                return Written(_begun(row), {})
            key = self._key(session, row)
            return Written(_begun(row), orjson.loads(self._vault.open(UNFINISHED, key, row.id, row.data)))

    def pictures(self, caller: Caller, unfinished: str) -> dict[str, bytes]:
        """Return its pictures by their ids; raises as `open`."""
        with self._database.snapshot() as session:
            row = self._row(session, caller, unfinished)
            key = self._key(session, row)
            found = session.exec(select(UnfinishedPicture).where(UnfinishedPicture.unfinished_id == row.id)).all()
            return {one.id: self._vault.open(UNFINISHED, key, _picture_row(row.id, one.id), one.data) for one in found}

    def waiting(self, owner: str, authorities: Iterable[str]) -> list[Begun]:
        """Return what somebody has begun for some authorities and not issued, the last saved first; nothing is opened."""
        mine = select(UnfinishedLicence).where(
            UnfinishedLicence.owner == owner, col(UnfinishedLicence.issued).is_(None),
            col(UnfinishedLicence.authority).in_(list(authorities)), UnfinishedLicence.expires_at > to_micros(self._clock.now()),
        )  # fmt: skip
        with self._database.snapshot() as session:
            found = session.exec(mine.order_by(col(UnfinishedLicence.saved_at).desc()).limit(MOST_OF_ONE)).all()
            return [_begun(row) for row in found]

    # -- its end -----------------------------------------------------------------------------------------------------

    def finish(self, caller: Caller, unfinished: str, identifier: str) -> None:
        """Note the licence that came of it, and destroy what was written; of what is finished already nothing changes."""
        with self._database.transaction() as session:
            row = self._row(session, caller, unfinished)
            if row.issued is None:
                row.issued, row.data = identifier, b""
                session.add(row)
                self._destroy(session, [row])

    def give_up(self, caller: Caller, unfinished: str) -> None:
        """Destroy what was written; what is gone already stays gone."""
        with self._database.transaction() as session:
            row = session.get(UnfinishedLicence, unfinished)
            if row is not None and row.owner == caller.client_id:
                self._remove(session, [row])

    def forget_expired(self) -> None:
        """Remove what nobody went on with."""
        removed = 1
        while removed:
            with self._database.transaction() as session:
                over = select(UnfinishedLicence).where(UnfinishedLicence.expires_at <= to_micros(self._clock.now()))
                rows = session.exec(over.limit(_FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)).all()
                removed = len(rows)
                self._remove(session, rows)

    # -- rows --------------------------------------------------------------------------------------------------------

    def _make_room(self, session: Session, caller: Caller) -> None:
        mine = select(UnfinishedLicence).where(UnfinishedLicence.owner == caller.client_id)
        newest_first = mine.order_by(col(UnfinishedLicence.saved_at).desc())
        self._remove(session, session.exec(newest_first.offset(MOST_OF_ONE - 1)).all())

    def _row(self, session: Session, caller: Caller, unfinished: str) -> UnfinishedLicence:
        caller.require(ISSUE.name)
        row = session.get(UnfinishedLicence, unfinished)
        if row is None or (row.owner, row.authority) != (caller.client_id, caller.authority):
            raise NotFoundError(_GONE)
        if row.expires_at <= to_micros(self._clock.now()):
            raise NotFoundError(_GONE)
        return row

    def _mine(self, session: Session, caller: Caller, unfinished: str) -> tuple[UnfinishedLicence, DataKey]:
        row = self._row(session, caller, unfinished)
        return row, self._key(session, row)

    def _key(self, session: Session, row: UnfinishedLicence) -> DataKey:
        try:
            return self._vault.load_key(session, row.key_id)
        except NotFoundError:
            raise NotFoundError(_GONE) from None

    def _remove(self, session: Session, rows: Iterable[UnfinishedLicence]) -> None:
        gone = list(rows)
        self._destroy(session, gone)
        for row in gone:
            session.delete(row)

    def _destroy(self, session: Session, rows: Iterable[UnfinishedLicence]) -> None:
        gone = list(rows)
        ids = [row.id for row in gone]
        session.exec(delete(UnfinishedPicture).where(col(UnfinishedPicture.unfinished_id).in_(ids)))
        self._vault.destroy(session, [row.key_id for row in gone], to_micros(self._clock.now()))

    def _sealed(self, key: DataKey, row_id: str, content: Mapping[str, Any]) -> bytes:
        return self._vault.seal(UNFINISHED, key, row_id, orjson.dumps(dict(content)))

    def _expiry(self) -> int:
        return to_micros(self._clock.now() + KEPT)


def _picture_row(row_id: str, picture_id: str) -> str:
    return f"{row_id}\x1f{picture_id}"


def _begun(row: UnfinishedLicence) -> Begun:
    return Begun(
        row.id, row.authority, row.operation, row.type_key, row.identifier, row.issued, from_micros(row.saved_at)
    )
