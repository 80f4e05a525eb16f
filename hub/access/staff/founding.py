"""The first hub administrator: made at the machine of a hub that has none, by whoever can open its key store.

Decides that a hub is founded once. Everything is asked and proved first, the authenticator too; then one unit of work keeps all of it.
So a kill at any moment leaves either nothing, and it is done again, or an administrator who can sign in. A hub administrator whom nobody else
can reset is let in again in the same way: with the key store and its passphrase in his hands he could do everything anyway.
"""

from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from hub.access.staff import accounts, authenticator, passwords, role_grants
from hub.access.staff.accounts import Accounts, Secrets
from hub.access.staff.administration import LOCK
from hub.access.staff.model import StaffAccount, StaffRole
from hub.access.staff.passwords import Passwords
from hub.access.staff.refusals import SignInFailedError, StaffUnknownError
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import HUB_ADMINISTRATOR
from hub.access.staff.sessions import Sessions
from hub.access.staff.tries import Tries
from hub.audit.service import Audit, Entry
from hub.clock import Calendar, Clock, to_micros
from hub.database import Database
from hub.errors import AlreadyExistsError


@dataclass(frozen=True, slots=True)
class Founder:
    """Who is to be the first administrator, or one again (`id`); nothing is kept yet. `enrolment` is what his authenticator takes."""

    id: str | None
    login: str
    name: str
    secrets: Secrets = field(repr=False)
    enrolment: str = field(repr=False)


class Founding:
    """Makes the first administrator."""

    def __init__(
        self, database: Database, audit: Audit, clock: Clock, calendar: Calendar, kept: Accounts, stretcher: Passwords,
        tries: Tries, sessions: Sessions, public_url: str,
    ) -> None:  # fmt: skip
        """`public_url` names the hub in his authenticator."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._calendar = calendar
        self._accounts = kept
        self._passwords = stretcher
        self._tries = tries
        self._sessions = sessions
        self._public_url = public_url

    def require_none(self) -> None:
        """Refuse to found a hub twice; raises AlreadyExistsError."""
        with self._database.snapshot() as session:
            _require_none(session)

    def begin(self, login: str, name: str, password: str) -> Founder:
        """Return the first administrator as he would be; keeps nothing.

        Raises:
            AlreadyExistsError: the hub has an administrator.
            InputInvalidError, PasswordRefusedError: a name or the password does not do.
        """
        self.require_none()
        accounts.check_names(login, name)
        return self._founder(None, login, name, password)

    def require_administrator(self, login: str) -> str:
        """Return the account of a hub administrator; raises StaffUnknownError."""
        with self._database.snapshot() as session:
            account = self._accounts.find(session, login)
            held = role_grants.of(session, [account.id])[account.id] if account else []
        if account is None or HUB_ADMINISTRATOR.name not in {each.role for each in held}:
            raise StaffUnknownError("No hub administrator has this login name.")
        return account.id

    def begin_again(self, login: str, password: str) -> Founder:
        """Return a hub administrator as he would be with another password and authenticator; keeps nothing.

        Raises:
            StaffUnknownError: no hub administrator has this login name.
            PasswordRefusedError: the password does not do.
        """
        return self._founder(self.require_administrator(login), login, "", password)

    def _founder(self, staff_id: str | None, login: str, name: str, password: str) -> Founder:
        passwords.check(password, login)
        secret = authenticator.new_secret()
        enrolment = authenticator.uri(secret, login, self._public_url)
        return Founder(staff_id, login, name, Secrets(self._passwords.stretch(password), secret), enrolment)

    def finish(self, founder: Founder, code: str) -> str:
        """Keep him, all at once, when his authenticator gives the right code; return the account's id.

        Raises:
            SignInFailedError: the code is not his authenticator's.
            AlreadyExistsError: somebody was first.
        """
        now = self._clock.now()
        step = authenticator.step_of(founder.secrets.authenticator, code, int(now.timestamp()))
        if step is None:
            raise SignInFailedError(
                "This is not the code of that authenticator now; compare the clocks and try the next one."
            )
        with self._database.transaction() as session:
            self._database.lock(session, LOCK)
            account = (
                self._found(session, founder) if founder.id is None else self._let_in(session, founder.id, founder)
            )
            account.enrolled, account.active, account.step, account.expires_at = True, True, step, None
            self._audit.advance_epoch(session)
            return account.id

    def _found(self, session: Session, founder: Founder) -> StaffAccount:
        _require_none(session)
        now = self._clock.now()
        account = self._accounts.add(session, founder.login, founder.name, founder.secrets, to_micros(now))
        wanted = RoleGrant(HUB_ADMINISTRATOR.name, None, self._calendar.day(now))
        row = role_grants.give(session, account.id, wanted, None, to_micros(now))
        self._record(session, "found", account.id, **role_grants.facts(row))
        return account

    def _let_in(self, session: Session, staff_id: str, founder: Founder) -> StaffAccount:
        account = self._accounts.held(session, staff_id)
        self._accounts.replace(session, account, founder.secrets)
        self._tries.unlock(session, account.login)
        self._sessions.end_all(session, staff_id)
        self._record(session, "recover", staff_id)
        return account

    def _record(self, session: Session, operation: str, staff_id: str, **more: object) -> None:
        self._audit.append(session, Entry("staff", {"operation": operation, "by": None, "staff": staff_id, **more}))


def _require_none(session: Session) -> None:
    held = select(StaffRole.id).where(StaffRole.role == HUB_ADMINISTRATOR.name, col(StaffRole.withdrawn_at).is_(None))
    if session.exec(held.limit(1)).first() is not None:
        raise AlreadyExistsError("This hub has a hub administrator; he adds others with `licence-hub staff add`.")
