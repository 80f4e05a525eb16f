"""What a signed-in person does about his own proof: another password, another authenticator, and proving himself once more.

Decides that each takes the present password and a code, so that a desk left unlocked for a minute gives nobody an account for good (SP 800-63B
section 4.1.2: another authenticator is bound under proof of those one has). Who is signed in is told when his authenticator's clock is off.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from hub.access.staff import authenticator, passwords
from hub.access.staff.accounts import Accounts, Waiting
from hub.access.staff.caller import Staff
from hub.access.staff.passwords import Passwords
from hub.access.staff.proving import Proof, Proving
from hub.access.staff.refusals import AuthenticatorClockError, PasswordRefusedError, SignInFailedError
from hub.access.staff.sessions import Sessions
from hub.clock import Clock, to_micros
from hub.database import Database

WAITING: Final = timedelta(minutes=10)


class OwnProof:
    """Changes what people prove themselves by."""

    def __init__(
        self, database: Database, clock: Clock, accounts: Accounts, stretcher: Passwords, proving: Proving, sessions: Sessions,
        public_url: str,
    ) -> None:  # fmt: skip
        """`public_url` names the hub in authenticators."""
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._passwords = stretcher
        self._proving = proving
        self._sessions = sessions
        self._public_url = public_url

    def has_password(self, staff: Staff) -> bool:
        """Tell whether he can prove himself here at all, or at the OpenID provider alone."""
        return self._proving.knows(staff.id, staff.login)

    def change_password(self, staff: Staff, password: str, new: str, code: str) -> Staff:
        """Replace a password by another, with the present one and a code; the first time this enrols the account.

        All his other sessions end. Returns him as he is afterwards.

        Raises:
            PasswordRefusedError: the new one is too easily guessed, or the present one.
            SignInPostponedError, SignInFailedError, AuthenticatorClockError: as `confirm`.
            SessionInvalidError: he was signed out meanwhile.
        """
        passwords.check(new, staff.login)
        if passwords.folded(new) == passwords.folded(password):
            raise PasswordRefusedError("The new password is the present one; choose another.")
        proof = self._proving.prove(staff.login, password, code)
        kept = self._passwords.stretch(new)
        with self._database.transaction() as session:
            account = self._proving.accepted(session, proof, enrolling=True)  # holds it, before `current` shares it
            staff = self._sessions.current(session, staff)
            self._proving.record(session, account, proof, "change_password")
            if account is not None:
                self._accounts.replace(session, account, replace(proof.secrets, password=kept, waiting=None))
                account.enrolled, account.expires_at = True, None
                self._sessions.end_all(session, account.id, but=staff.session)
                staff = self._sessions.current(session, staff)
        if account is None:
            raise _refusal(proof)
        return staff

    def confirm(self, staff: Staff, password: str, code: str) -> None:
        """Let a signed-in person prove himself once more, before something that he may not do on a session alone.

        Raises:
            SignInPostponedError: too many tries have failed; nothing was judged.
            SignInFailedError, AuthenticatorClockError: he did not prove himself.
            SessionInvalidError: he was signed out meanwhile.
        """
        proof = self._proving.prove(staff.login, password, code)
        with self._database.transaction() as session:
            account = self._proving.accepted(session, proof, enrolling=True)
            self._sessions.current(session, staff)
            self._proving.record(session, account, proof, "confirm")
        if account is None:
            raise _refusal(proof)

    def begin_authenticator(self, staff: Staff, password: str, code: str) -> str:
        """Return what another authenticator takes, for him alone; the present one goes on until the other has shown a code. Raises as `confirm`."""
        proof, secret = self._proving.prove(staff.login, password, code), authenticator.new_secret()
        with self._database.transaction() as session:
            account = self._proving.accepted(session, proof, enrolling=True)
            self._sessions.current(session, staff)
            self._proving.record(session, account, proof, "begin_authenticator")
            if account is not None:
                waiting = Waiting(secret, to_micros(self._clock.now() + WAITING))
                self._accounts.replace(session, account, replace(proof.secrets, waiting=waiting))
        if account is None:
            raise _refusal(proof)
        return authenticator.uri(secret, staff.login, self._public_url)

    def finish_authenticator(self, staff: Staff, code: str) -> None:
        """Put the other authenticator in the place of the present one, with its first code; his other sessions end. Raises as `confirm`."""
        proof = self._proving.prove(staff.login, "", code, waiting=True)
        waiting = proof.secrets.waiting
        with self._database.transaction() as session:
            in_time = waiting is not None and to_micros(self._clock.now()) < waiting.until
            account = self._proving.accepted(session, proof, enrolling=True, fresh=True) if in_time else None
            self._sessions.current(session, staff)
            self._proving.record(session, account, proof, "change_authenticator")
            if account is not None and waiting is not None:
                self._accounts.replace(
                    session, account, replace(proof.secrets, authenticator=waiting.secret, waiting=None)
                )
                self._sessions.end_all(session, account.id, but=staff.session)
        if account is None:
            raise _refusal(proof)


def _refusal(proof: Proof) -> SignInFailedError:
    if proof.knows and proof.step is None and proof.drift is not None:
        return AuthenticatorClockError(seconds=proof.drift)
    return SignInFailedError("The present password or the code is wrong; try again with the authenticator's next code.")
