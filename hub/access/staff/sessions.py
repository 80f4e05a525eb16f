"""Sessions: what a signed-in person shows with every request, and for how long it is good.

Decides who a session token stands for, now: account, roles and session are read in every request, so what was withdrawn a moment ago in any
process holds no more. A token is 256 random bits, and only its SHA-256 is kept: whoever steals the table cannot call. It never
comes in an address; in a cookie only where a browser keeps it for pages (hub.web.cookies).
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final

from sqlalchemy import update
from sqlmodel import Session, col, delete, or_, select

from hub.access.staff.caller import NO_ROLES, Staff
from hub.access.staff.model import StaffAccount, StaffRole, StaffSession
from hub.access.staff.refusals import (
    RoleMissingError,
    SessionExpiredError,
    SessionInvalidError,
    StaffUnknownError,
)
from hub.audit.service import Audit
from hub.clock import Calendar, Clock, from_micros, to_micros
from hub.database import Database
from hub.writing import new_id

_BEARER: Final = re.compile(r"Bearer (staff_[A-Za-z0-9_-]{43})")
_NOTED_EVERY: Final = 15  # of the idle time: a request in that part of it writes that the person is there
_FORGOTTEN_AT_ONCE: Final = 100


class Way(Enum):
    """How somebody signed in."""

    COMMAND = "COMMAND"
    API = "API"
    PAGE = "PAGE"
    PROVIDER = "PROVIDER"  # by a page too, at the OpenID provider


@dataclass(frozen=True, slots=True)
class Lives:
    """How long sessions live: without a request, and at the most."""

    idle: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session; nobody sees the token again."""

    id: str
    token: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its person, or an administrator, sees it."""

    id: str
    way: Way
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


def is_session(authorization: str | None) -> bool:
    """Tell whether an Authorization header bears a session token, and not a client's access token."""
    return authorization is not None and authorization.startswith("Bearer staff_")


class Sessions:
    """Begins and ends sessions, and tells who is in one."""

    def __init__(self, database: Database, audit: Audit, clock: Clock, calendar: Calendar, lives: Lives) -> None:
        """Roles begin and end with days of `calendar`."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._calendar = calendar
        self._lives = lives

    def caller(self, authorization: str | None) -> Staff:
        """Tell who sends this Authorization header; asks the database.

        Raises:
            SessionInvalidError: no session has this token, or the account was disabled.
            SessionExpiredError: it has ended by time.
            UnavailableError: the database did not answer.
        """
        found = _BEARER.fullmatch(authorization or "")
        if found is None:
            raise SessionInvalidError
        now = self._now()
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)  # before the rest: nothing below is older than it says
            open_session = session.exec(select(StaffSession).where(StaffSession.digest == _digest(found[1]))).first()
            if open_session is None:
                raise SessionInvalidError
            if self._is_over(open_session, now):
                raise SessionExpiredError
            staff = self._staff(session, session.get(StaffAccount, open_session.staff_id), open_session.id, epoch)
        seen_at, ends_at = open_session.seen_at, open_session.ends_at
        if (now - seen_at) * _NOTED_EVERY >= self._idle:
            self._note(open_session.id, now)
            seen_at = now
        return replace(staff, idle_at=from_micros(min(seen_at + self._idle, ends_at)), ends_at=from_micros(ends_at))

    def current(self, session: Session, staff: Staff) -> Staff:
        """Return the same person as he is now, held until the unit of work ends: his roles do not change meanwhile.

        Raises:
            SessionInvalidError: his account was disabled, or the session ended.
        """
        session.flush()  # what was changed here is read again below
        account = session.get(StaffAccount, staff.id, with_for_update={"read": True}, populate_existing=True)
        if session.get(StaffSession, staff.session, populate_existing=True) is None:
            raise SessionInvalidError
        return self._staff(session, account, staff.session, staff.epoch)

    def standing(self, staff_id: str) -> Staff:
        """Return somebody as he is now, in no session; raises RoleMissingError when his account is closed."""
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)  # before the rest, as above
            try:
                return self._staff(session, session.get(StaffAccount, staff_id), "", epoch)
            except SessionInvalidError:
                raise RoleMissingError("The account of the person who asked for this is closed.") from None

    def _staff(self, session: Session, account: StaffAccount | None, session_id: str, epoch: int) -> Staff:
        if account is None or not account.active:
            raise SessionInvalidError
        roles = self.roles(session, account.id) if account.enrolled else NO_ROLES
        return Staff(account.id, account.login, roles, epoch, session_id, must_change=not account.enrolled)

    def roles(self, session: Session, staff_id: str) -> Mapping[str | None, frozenset[str]]:
        """Return the roles that somebody holds today, by authority."""
        today = self._calendar.day(self._clock.now()).isoformat()
        held = select(StaffRole.authority, StaffRole.role).where(
            StaffRole.staff_id == staff_id, col(StaffRole.withdrawn_at).is_(None), StaffRole.valid_from <= today,
            or_(col(StaffRole.valid_until).is_(None), col(StaffRole.valid_until) >= today),
        )  # fmt: skip
        rows = session.exec(held).all()
        scopes = {scope for scope, _ in rows}
        return MappingProxyType(
            {scope: frozenset(role for held_for, role in rows if held_for == scope) for scope in scopes}
        )

    # -- beginning and ending ----------------------------------------------------------------------------------------

    def begin(self, session: Session, staff_id: str, way: Way) -> Begun:
        """Begin a session within the unit of work of signing in."""
        token, now = f"staff_{secrets.token_urlsafe(32)}", self._clock.now()
        begun = Begun(new_id(), token, now + self._lives.longest)
        session.add(
            StaffSession(
                id=begun.id, digest=_digest(token), staff_id=staff_id, way=way.value,
                began_at=to_micros(now), seen_at=to_micros(now), ends_at=to_micros(begun.ends_at),
            )
        )  # fmt: skip
        return begun

    def owner(self, session: Session, session_id: str) -> str:
        """Return whose session it is; raises StaffUnknownError."""
        found = session.get(StaffSession, session_id)
        if found is None:
            raise StaffUnknownError("There is no such session, or it has ended.")
        return found.staff_id

    def end(self, session: Session, session_id: str) -> None:
        """End a session; its token is good for nothing any more."""
        session.exec(delete(StaffSession).where(col(StaffSession.id) == session_id))

    def end_all(self, session: Session, staff_id: str, but: str = "") -> None:
        """End somebody's sessions, all but one."""
        session.exec(delete(StaffSession).where(col(StaffSession.staff_id) == staff_id, col(StaffSession.id) != but))

    def of(self, staff_id: str) -> tuple[OpenSession, ...]:
        """Return somebody's sessions that are open now, the newest first."""
        now = self._now()
        with self._database.snapshot() as session:
            rows = session.exec(select(StaffSession).where(StaffSession.staff_id == staff_id)).all()
        living = sorted((row for row in rows if not self._is_over(row, now)), key=lambda row: -row.began_at)
        return tuple(_shown(row) for row in living)

    def forget_expired(self, session: Session) -> int:
        """Remove some sessions that have ended by time, and return how many."""
        now = self._now()
        over = or_(col(StaffSession.ends_at) <= now, col(StaffSession.seen_at) <= now - self._idle)
        some = select(StaffSession).where(over).limit(_FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
        rows = session.exec(some).all()
        for row in rows:
            session.delete(row)
        return len(rows)

    def _note(self, session_id: str, now: int) -> None:
        with self._database.transaction() as session:
            mine = (col(StaffSession.id) == session_id, col(StaffSession.seen_at) < now)
            session.execute(update(StaffSession).where(*mine).values(seen_at=now))

    def _is_over(self, row: StaffSession, now: int) -> bool:
        return now >= row.ends_at or now >= row.seen_at + self._idle

    def _now(self) -> int:
        return to_micros(self._clock.now())

    @property
    def _idle(self) -> int:
        return self._lives.idle // timedelta(microseconds=1)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _shown(row: StaffSession) -> OpenSession:
    return OpenSession(
        row.id, Way(row.way), from_micros(row.began_at), from_micros(row.seen_at), from_micros(row.ends_at)
    )
