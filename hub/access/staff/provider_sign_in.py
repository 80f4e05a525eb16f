"""Signing in at the OpenID provider, and linking an account to who its person is there.

Decides which account, if any, the provider's word opens: the one that is linked to that very `iss` and `sub`. No account is made by it, and roles stay
the hub's. An administrator links accounts only whose person has no proof of his own yet, so that nobody gets a second way in unseen; whoever has
one links his account himself. Who came in by the provider alone has no password here.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from sqlmodel import Session

from hub.access.staff.accounts import Accounts
from hub.access.staff.administration import LOCK
from hub.access.staff.caller import Staff
from hub.access.staff.model import StaffAccount
from hub.access.staff.openid import transactions
from hub.access.staff.openid.relying_party import RelyingParty, Returned
from hub.access.staff.refusals import ProviderAnswerError, StaffEnrolledError, SubjectTakenError, SubjectUnknownError
from hub.access.staff.sessions import Begun, Sessions, Way
from hub.access.staff.subjects import Subject, Subjects
from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError

Answer = dict[str, str]
_LONGEST_SUBJECT: Final = 255


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a browser is sent, and what it keeps meanwhile."""

    address: str
    kept: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody came back: the page he wanted, and his new session; None where he linked his account."""

    place: str
    session: Begun | None


class ProviderSignIn:
    """Lets people in whom one provider vouches for."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        clock: Clock,
        kept: Accounts,
        subjects: Subjects,
        sessions: Sessions,
        party: RelyingParty,
    ) -> None:
        """`party` speaks with the provider."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._accounts = kept
        self._subjects = subjects
        self._sessions = sessions
        self.party = party

    @property
    def name(self) -> str:
        """Return what people call the provider."""
        return self.party.provider.name

    def begin(self, place: str, kept: str | None = None, linking: Staff | None = None) -> Onward:
        """Begin to sign in, or to link the account of who proved himself just now; `place` is the page that he wants.

        Raises:
            ProviderUnavailableError: it is not known where the provider is.
        """
        begun = transactions.begin(place, linking.session if linking else "", self._now() // 1_000_000, kept)
        return Onward(self.party.address(begun), begun.kept)

    def finish(self, answer: Answer, kept: str | None, present: Staff | None) -> Arrived:
        """Let in who came back, or link the account of `present`, whoever is signed in in that browser.

        Raises:
            ProviderAnswerError, ProviderRefusedError, ProviderUnavailableError: as RelyingParty.returned.
            SubjectUnknownError: no account that is open is linked to this person.
            SubjectTakenError: another account is linked to him.
        """
        returned = self.party.returned(answer, kept)
        linking = returned.transaction.session
        if not linking:
            return Arrived(returned.transaction.place, self._sign_in(returned))
        if present is None or present.session != linking:
            raise ProviderAnswerError("The session that began this has ended; sign in and begin again.")
        self._link_own(present, returned)
        return Arrived(returned.transaction.place, None)

    def _sign_in(self, returned: Returned) -> Begun:
        with self._database.transaction() as session:
            found = self._accounts.find_subject(session, returned.issuer, returned.subject)
            account = self._accounts.held(session, found.id) if found else None
            begun = None
            if account is not None and account.active:
                self._enrol(session, account)
                begun = self._sessions.begin(session, account.id, Way.PROVIDER)
                self._record(session, "sign_in", account.id, way=Way.PROVIDER.value)
            else:
                digest = self._subjects.digest(returned.issuer, returned.subject)
                facts = {"of": "sign_in", "way": Way.PROVIDER.value, "subject": digest}
                self._record(session, "refuse", account.id if account else None, **facts)
        if begun is None:
            raise SubjectUnknownError
        return begun

    def _enrol(self, session: Session, account: StaffAccount) -> None:
        """Let an account count whose temporary password nobody has used: it is good for nothing any more."""
        if not account.enrolled:
            self._accounts.replace(session, account, replace(self._accounts.secrets(session, account), password=""))
            account.enrolled, account.expires_at = True, None

    # -- links ---------------------------------------------------------------------------------------------------------

    def _link_own(self, staff: Staff, returned: Returned) -> None:
        with self._database.transaction() as session:
            self._database.lock(session, LOCK)
            account = self._accounts.held(session, staff.id)
            self._sessions.current(session, staff)
            self.link(session, account, returned.subject, staff.id)

    def link(self, session: Session, account: StaffAccount, sub: str, by: str) -> None:
        """Link an account, within a unit of work in which all changes of accounts wait.

        Raises:
            InputInvalidError: no provider calls anybody so.
            StaffEnrolledError: its person has a proof of his own, and another links it.
            SubjectTakenError: another account is linked to this person.
        """
        issuer = self.party.provider.issuer
        if not 0 < len(sub) <= _LONGEST_SUBJECT or not sub.isascii() or not sub.isprintable() or sub != sub.strip():
            raise InputInvalidError(f"A subject has 1 to {_LONGEST_SUBJECT} printable ASCII characters.")
        if by != account.id and account.enrolled:
            raise StaffEnrolledError
        taken = self._accounts.find_subject(session, issuer, sub)
        if taken is not None and taken.id != account.id:
            raise SubjectTakenError
        linked = Subject(issuer, sub, self._now(), by)
        self._accounts.replace(session, account, replace(self._accounts.secrets(session, account), subject=linked))
        self._record(session, "link", account.id, by=by)

    def unlink_own(self, staff: Staff) -> None:
        """Unlink the account of who proved himself just now by what he has here; raises SessionInvalidError."""
        with self._database.transaction() as session:
            self._database.lock(session, LOCK)
            account = self._accounts.held(session, staff.id)
            self._sessions.current(session, staff)
            self.unlink(session, account, staff.id)

    def unlink(self, session: Session, account: StaffAccount, by: str) -> None:
        """Unlink an account; whoever has no password here cannot sign in any more until it is reset."""
        secrets = self._accounts.secrets(session, account)
        if secrets.subject is None:
            return
        self._accounts.replace(session, account, replace(secrets, subject=None))
        if not secrets.password:
            account.enrolled, account.expires_at = False, self._now()
        self._record(session, "unlink", account.id, by=by)

    def linked(self, staff_id: str) -> Subject | None:
        """Return who somebody is at the provider, for himself and for administrators; None: his account is not linked."""
        with self._database.snapshot() as session:
            account = session.get(StaffAccount, staff_id)
            return self._accounts.secrets(session, account).subject if account else None

    def _record(self, session: Session, operation: str, staff_id: str | None, **more: object) -> None:
        self._audit.append(session, Entry("staff", {"operation": operation, "staff": staff_id, **more}))

    def _now(self) -> int:
        return to_micros(self._clock.now())
