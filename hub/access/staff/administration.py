"""What hub administrators do to accounts: add, reset, disable, enable, erase, give and withdraw roles, end sessions.

Decides who may, in the unit of work of the change itself: an administrator whose role was withdrawn a moment ago changes nothing any more.
Nobody gives himself a role or resets himself, so that two people are needed for every power somebody gains. All changes take turns.
"""

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from hub.access.staff import accounts, authenticator, role_grants
from hub.access.staff.accounts import Accounts, Secrets
from hub.access.staff.caller import Staff
from hub.access.staff.model import StaffAccount
from hub.access.staff.passwords import Passwords
from hub.access.staff.reasons import Reason
from hub.access.staff.refusals import OwnAccountError, StaffActiveError, StaffUnknownError
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import HUB_ADMINISTRATOR
from hub.access.staff.sessions import Sessions
from hub.access.staff.tries import Tries
from hub.audit.service import Audit, Entry
from hub.clock import Calendar, Clock, to_micros
from hub.database import Database
from hub.errors import AlreadyExistsError

TEMPORARY: Final = timedelta(hours=72)
LOCK: Final = b"staff  0"


@dataclass(frozen=True, slots=True)
class Temporary:
    """An account's temporary password: good once, to choose another; nobody sees it again."""

    id: str
    password: str = field(repr=False)
    expires_at: datetime


class Links(Protocol):
    """Links accounts (hub.access.staff.provider_sign_in.ProviderSignIn)."""

    def link(self, session: Session, account: StaffAccount, sub: str, by: str) -> None:
        """Link an account, or refuse to."""

    def unlink(self, session: Session, account: StaffAccount, by: str) -> None:
        """Unlink it."""


class Administration:
    """Keeps accounts and roles."""

    def __init__(
        self, database: Database, audit: Audit, clock: Clock, calendar: Calendar, kept: Accounts, stretcher: Passwords,
        tries: Tries, sessions: Sessions, links: Links | None = None,
    ) -> None:  # fmt: skip
        """Roles begin and end with days of `calendar`; `links` are those of accounts with an OpenID provider, where there is one."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._calendar = calendar
        self._accounts = kept
        self._passwords = stretcher
        self._tries = tries
        self._sessions = sessions
        self._links = links

    # -- accounts ----------------------------------------------------------------------------------------------------

    def add(self, actor: Staff, login: str, name: str, reason: Reason | None = None) -> Temporary:
        """Make an account with a temporary password and no role.

        Raises:
            InputInvalidError: a name does not do.
            AlreadyExistsError: the login name is taken.
            RoleMissingError: the actor is no hub administrator (now); so all of these.
        """
        actor.require(HUB_ADMINISTRATOR)
        accounts.check_names(login, name)
        password, kept = self._temporary()
        try:
            with self._changing(actor) as session:
                account = self._accounts.add(session, login, name, kept, to_micros(self._clock.now()))
                expires_at = self._expire(account)
                self._record(session, actor, "add", account.id, **_why(reason))
        except IntegrityError as error:
            raise AlreadyExistsError("This login name is taken; choose another.") from error
        return Temporary(account.id, password, expires_at)

    def reset(self, actor: Staff, staff_id: str, reason: Reason | None = None) -> Temporary:
        """Give somebody a temporary password and a new authenticator, and end his sessions: he lost one or the other.

        Raises:
            OwnAccountError: it is the actor's own account.
            StaffUnknownError: no such account.
            LastAdministratorError: nobody else could administer the hub meanwhile.
        """
        actor.require(HUB_ADMINISTRATOR)
        _require_another(actor, staff_id)
        password, kept = self._temporary()
        with self._changing(actor) as session:
            account = self._accounts.held_person(session, staff_id)
            self._accounts.replace(session, account, kept)
            expires_at = self._expire(account)
            account.enrolled, account.step = False, 0
            self._tries.unlock(session, account.login)
            self._sessions.end_all(session, staff_id)
            role_grants.require_administrator(session, self.today())
            self._record(session, actor, "reset", staff_id, **_why(reason))
        return Temporary(staff_id, password, expires_at)

    def disable(self, actor: Staff, staff_id: str, reason: Reason | None = None) -> None:
        """Close an account at once, in every process; its sessions end.

        Raises:
            StaffUnknownError: no such account.
            LastAdministratorError: nobody could administer the hub any more.
        """
        with self._changing(actor) as session:
            account = self._accounts.held(session, staff_id)
            account.active = False
            self._sessions.end_all(session, staff_id)
            role_grants.require_administrator(session, self.today())
            self._record(session, actor, "disable", staff_id, **_why(reason))

    def enable(self, actor: Staff, staff_id: str, reason: Reason | None = None) -> None:
        """Open an account again, and lift its lock-out; raises StaffUnknownError."""
        with self._changing(actor) as session:
            account = self._accounts.held_person(session, staff_id)
            account.active = True
            self._tries.unlock(session, account.login)
            self._record(session, actor, "enable", staff_id, **_why(reason))

    def link(self, actor: Staff, staff_id: str, sub: str) -> None:
        """Link an account to who its person is at the OpenID provider, so that he signs in there.

        Raises:
            OwnAccountError: it is the actor's own account, which he links on his own page.
            StaffUnknownError: no such account, or no provider.
            StaffEnrolledError: the person has a proof of his own, and links it himself.
            InputInvalidError, SubjectTakenError: no provider calls anybody so; another account is linked to him.
        """
        with self._linking(actor, staff_id) as (session, account, provider):
            provider.link(session, account, sub, actor.id)

    def unlink(self, actor: Staff, staff_id: str) -> None:
        """Unlink an account and end its sessions; raises as `link`, and LastAdministratorError."""
        with self._linking(actor, staff_id) as (session, account, provider):
            provider.unlink(session, account, actor.id)
            self._sessions.end_all(session, staff_id)
            role_grants.require_administrator(session, self.today())

    @contextmanager
    def _linking(self, actor: Staff, staff_id: str) -> Iterator[tuple[Session, StaffAccount, Links]]:
        actor.require(HUB_ADMINISTRATOR)
        _require_another(actor, staff_id)
        if self._links is None:
            raise StaffUnknownError("This hub has no OpenID provider.")
        with self._changing(actor) as session:
            yield session, self._accounts.held_person(session, staff_id), self._links

    def erase(self, actor: Staff, staff_id: str, reason: Reason | None = None) -> None:
        """Erase a person who left: his name, login name and secrets are gone for good; records go on naming the account's id.

        Raises:
            StaffActiveError: the account is open; it is disabled first.
            StaffUnknownError: no such account, or the person was erased.
        """
        with self._changing(actor) as session:
            account = self._accounts.held_person(session, staff_id)
            if account.active:
                raise StaffActiveError
            self._tries.unlock(session, account.login)
            self._accounts.erase(session, account, to_micros(self._clock.now()))
            self._record(session, actor, "erase", staff_id, **_why(reason))

    # -- roles and sessions ------------------------------------------------------------------------------------------

    def grant_role(self, actor: Staff, staff_id: str, wanted: RoleGrant, reason: Reason | None = None) -> str:
        """Give somebody a role and return the grant's id; the authority is known to the catalogue, whoever calls has asked it.

        Raises:
            InputInvalidError: the role does not reach what it is given for, or its days do not do.
            OwnAccountError: it is the actor's own account.
            StaffUnknownError: no such account.
            AlreadyExistsError: he holds it already.
        """
        role_grants.check(wanted)
        _require_another(actor, staff_id)
        with self._changing(actor) as session:
            account = self._accounts.held_person(session, staff_id)
            row = role_grants.give(session, account.id, wanted, actor.id, to_micros(self._clock.now()))
            self._record(session, actor, "grant_role", staff_id, **role_grants.facts(row), **_why(reason))
            return row.id

    def withdraw_role(self, actor: Staff, grant_id: str, reason: Reason | None = None) -> str:
        """Take a role from somebody, at once in every process, and return whose it was.

        Raises:
            StaffUnknownError: no such role grant, or it was withdrawn.
            LastAdministratorError: nobody could administer the hub any more.
        """
        with self._changing(actor) as session:
            row = role_grants.living(session, grant_id)
            self._accounts.held(session, row.staff_id)  # waits for what he is doing by it
            row.withdrawn_by, row.withdrawn_at = actor.id, to_micros(self._clock.now())
            session.add(row)
            role_grants.require_administrator(session, self.today())
            self._record(session, actor, "withdraw_role", row.staff_id, **role_grants.facts(row), **_why(reason))
            return row.staff_id

    def end_session(self, actor: Staff, session_id: str) -> None:
        """End a session: one's own, or as a hub administrator anybody's; raises StaffUnknownError."""
        with self._database.transaction() as session:
            actor = self._sessions.current(session, actor)
            owner = self._sessions.owner(session, session_id)
            if owner != actor.id:
                actor.require(HUB_ADMINISTRATOR)
                self._audit.advance_epoch(session)
            self._sessions.end(session, session_id)
            operation = "sign_out" if session_id == actor.session else "end_session"
            self._audit.append(session, Entry("staff", {"operation": operation, "by": actor.id, "staff": owner}))

    def end_sessions(self, actor: Staff, staff_id: str) -> None:
        """End somebody's sessions: one's own but the present one, or as a hub administrator all of anybody's; raises StaffUnknownError."""
        with self._database.transaction() as session:
            account = self._accounts.held(session, staff_id)
            actor = self._sessions.current(session, actor)
            if account.id != actor.id:
                actor.require(HUB_ADMINISTRATOR)
                self._audit.advance_epoch(session)
            self._sessions.end_all(session, staff_id, but=actor.session)
            self._record(session, actor, "end_sessions", staff_id)

    # -- the ground of all changes -----------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, actor: Staff) -> Iterator[Session]:
        """Open the unit of work of a change by somebody who is a hub administrator now; it advances the policy epoch."""
        actor.require(HUB_ADMINISTRATOR)
        with self._database.transaction() as session:
            self._database.lock(session, LOCK)
            self._sessions.current(session, actor).require(HUB_ADMINISTRATOR)
            yield session
            self._audit.advance_epoch(session)

    def _record(self, session: Session, actor: Staff, operation: str, staff_id: str, **more: object) -> None:
        facts: dict[str, Any] = {"operation": operation, "by": actor.id, "staff": staff_id, **more}
        self._audit.append(session, Entry("staff", facts))

    def _temporary(self) -> tuple[str, Secrets]:
        text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
        password = "-".join(text[place : place + 4] for place in range(0, len(text), 4))
        return password, Secrets(self._passwords.stretch(password), authenticator.new_secret())

    def _expire(self, account: StaffAccount) -> datetime:
        expires_at = self._clock.now() + TEMPORARY
        account.expires_at = to_micros(expires_at)
        return expires_at

    def today(self) -> date:
        """Return the legal day it is."""
        return self._calendar.day(self._clock.now())


def _why(reason: Reason | None) -> dict[str, str]:
    return {} if reason is None else {"reason": reason.value}


def _require_another(actor: Staff, staff_id: str) -> None:
    if actor.id == staff_id:
        raise OwnAccountError
