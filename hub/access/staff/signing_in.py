"""Signing in: login name, password and code become a session.

Decides who gets in. Every refusal is the same, in words and in work: an unknown name, a wrong password, a wrong or used code and a
disabled account all cost one count, one look-up, one stretching and three codes. It must never say, or let the time say, which of
them it was. A try is counted before it is judged (hub.access.staff.tries), and what became of it is recorded in its own unit of work.
"""

from dataclasses import dataclass, field, replace

from sqlmodel import Session

from hub.access.allowances import Peer
from hub.access.staff import authenticator
from hub.access.staff.accounts import Accounts
from hub.access.staff.model import StaffAccount
from hub.access.staff.proving import Proof, Proving
from hub.access.staff.refusals import SignInFailedError
from hub.access.staff.sessions import Begun, Sessions, Way
from hub.database import Database


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session has begun; `enrolment` is the authenticator's address for who has to set it up first, else None."""

    session: Begun
    must_change: bool
    enrolment: str | None = field(repr=False)


class SigningIn:
    """Lets people in."""

    def __init__(
        self, database: Database, accounts: Accounts, proving: Proving, sessions: Sessions, public_url: str
    ) -> None:
        """`public_url` names the hub in authenticators."""
        self._database = database
        self._accounts = accounts
        self._proving = proving
        self._sessions = sessions
        self._public_url = public_url

    def sign_in(self, login: str, password: str, code: str, way: Way, peer: Peer = None) -> SignedIn:
        """Begin a session for who proves himself; `peer` is the address he calls from.

        Who has not enrolled gives no code: his session is good for changing the password alone.

        Raises:
            InputInvalidError: something is far too long.
            SignInPostponedError: too many tries have failed; nothing was judged.
            SignInFailedError: he did not prove himself.
        """
        proof = self._proving.prove(login, password, code, peer)
        with self._database.transaction() as session:
            account = self._proving.accepted(session, proof)
            self._proving.record(session, account, proof, "sign_in")
            begun = self._sessions.begin(session, account.id, way) if account else None
            enrolment = self._renew(session, account, proof) if account else None
        if account is None or begun is None:
            raise SignInFailedError
        return SignedIn(begun, not account.enrolled, enrolment)

    def _renew(self, session: Session, account: StaffAccount, proof: Proof) -> str | None:
        """Keep a hash of today's costs, and for who has not enrolled a new authenticator, whose address is returned.

        Whoever gave the temporary password may have tried it before him: what that showed is good for nothing any more.
        """
        password = proof.grown or proof.secrets.password
        secret = proof.secrets.authenticator if account.enrolled else authenticator.new_secret()
        if proof.grown or not account.enrolled:
            self._accounts.replace(session, account, replace(proof.secrets, password=password, authenticator=secret))
        return None if account.enrolled else authenticator.uri(secret, account.login, self._public_url)
