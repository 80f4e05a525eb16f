"""Signing in: login name, password and code become a session.

Decides who gets in. Every refusal is the same, in words and in work: an unknown name, a wrong password, a wrong or used code and a
disabled account all cost one count, one look-up, one stretching and three codes. It must never say, or let the time say, which of
them it was. A try is counted before it is judged (hub.access.staff.tries), and what became of it is recorded in its own unit of work.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session

from hub.access.allowances import Peer
from hub.access.staff import authenticator, passwords
from hub.access.staff.accounts import Accounts, Secrets
from hub.access.staff.caller import Staff
from hub.access.staff.model import StaffAccount
from hub.access.staff.passwords import Passwords
from hub.access.staff.refusals import PasswordRefusedError, SignInFailedError
from hub.access.staff.sessions import Begun, Sessions, Way
from hub.access.staff.tries import Tried, Tries
from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError

_LONGEST_LOGIN: Final = 64
_LONGEST_CODE: Final = 16


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session has begun; `enrolment` is the authenticator's address for who has to set it up first, else None."""

    session: Begun
    must_change: bool
    enrolment: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What was found of a try: whose, of which revision of his secrets, and whether password and code are his."""

    account: StaffAccount | None
    secrets: Secrets = field(repr=False)
    knows: bool
    step: int | None
    grown: str | None = field(repr=False)


class SigningIn:
    """Lets people in, and changes their passwords."""

    def __init__(
        self, database: Database, audit: Audit, clock: Clock, accounts: Accounts, stretcher: Passwords, tries: Tries,
        sessions: Sessions, public_url: str,
    ) -> None:  # fmt: skip
        """`public_url` names the hub in authenticators."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._accounts = accounts
        self._passwords = stretcher
        self._tries = tries
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
        login = _bounded(login, password, code)
        tried = self._tries.of(login, peer)
        self._tries.charge(tried)
        proof = self._prove(login, password, code)
        with self._database.transaction() as session:
            account = self._accepted(session, proof)
            self._record(session, account, proof, tried, "sign_in")
            begun = self._sessions.begin(session, account.id, way) if account else None
            enrolment = self._renew(session, account, proof) if account else None
        if account is None or begun is None:
            raise SignInFailedError
        return SignedIn(begun, not account.enrolled, enrolment)

    def _renew(self, session: Session, account: StaffAccount, proof: _Proof) -> str | None:
        """Keep a hash of today's costs, and for who has not enrolled a new authenticator, whose address is returned.

        Whoever gave the temporary password may have tried it before him: what that showed is good for nothing any more.
        """
        password = proof.grown or proof.secrets.password
        secret = proof.secrets.authenticator if account.enrolled else authenticator.new_secret()
        if proof.grown or not account.enrolled:
            self._accounts.replace(session, account, Secrets(password, secret))
        return None if account.enrolled else authenticator.uri(secret, account.login, self._public_url)

    def change_password(self, staff: Staff, password: str, new: str, code: str) -> Staff:
        """Replace a password by another, with the present one and a code; the first time this enrols the account.

        All his other sessions end. Returns him as he is afterwards.

        Raises:
            PasswordRefusedError: the new one is too easily guessed, or the present one.
            SignInPostponedError, SignInFailedError: as `sign_in`.
            SessionInvalidError: he was signed out meanwhile.
        """
        _bounded(staff.login, password, code)
        passwords.check(new, staff.login)
        if passwords.folded(new) == passwords.folded(password):
            raise PasswordRefusedError("The new password is the present one; choose another.")
        tried = self._tries.of(staff.login)
        self._tries.charge(tried)
        proof = self._prove(staff.login, password, code)
        kept = self._passwords.stretch(new)
        with self._database.transaction() as session:
            account = self._accepted(session, proof, enrolling=True)  # holds the account, before `current` shares it
            staff = self._sessions.current(session, staff)
            self._record(session, account, proof, tried, "change_password")
            if account is not None:
                self._accounts.replace(session, account, Secrets(kept, proof.secrets.authenticator))
                account.enrolled, account.expires_at = True, None
                self._sessions.end_all(session, account.id, but=staff.session)
                staff = self._sessions.current(session, staff)
        if account is None:
            raise SignInFailedError(
                "The present password or the code is wrong; try again with the authenticator's next code."
            )
        return staff

    # -- judging -----------------------------------------------------------------------------------------------------

    def _prove(self, login: str, password: str, code: str) -> _Proof:
        with self._database.snapshot() as session:
            account = self._accounts.find(session, login)
            secrets = self._accounts.secrets(session, account)
        knows = self._passwords.matches(password, secrets.password)
        step = authenticator.step_of(secrets.authenticator, code, int(self._clock.now().timestamp()))
        outgrown = knows and self._passwords.outgrown(secrets.password)
        grown = self._passwords.stretch(password) if outgrown else None
        return _Proof(account, secrets, knows, step, grown)

    def _accepted(self, session: Session, proof: _Proof, *, enrolling: bool = False) -> StaffAccount | None:
        """Return the account if the proof holds now, its code used up; None: refused. `enrolling` asks for a code of everybody."""
        if proof.account is None:
            return None
        account = self._accounts.held(session, proof.account.id)
        same = account.active and account.revision == proof.account.revision
        in_time = account.expires_at is None or to_micros(self._clock.now()) < account.expires_at
        has_code = proof.step is not None and proof.step > account.step
        if not (proof.knows and same and in_time and (has_code or not (account.enrolled or enrolling))):
            return None
        if has_code and (account.enrolled or enrolling) and proof.step is not None:
            account.step = proof.step
            session.add(account)
        return account

    def _record(
        self, session: Session, account: StaffAccount | None, proof: _Proof, tried: tuple[Tried, ...], operation: str
    ) -> None:
        facts = self._tries.facts(session, tried)
        locked = facts.pop("locked")
        staff = proof.account.id if proof.account else None
        if account is not None:
            self._tries.forgive(session, tried)
            self._audit.append(session, Entry("staff", {"operation": operation, "staff": staff, **facts}))
            return
        self._audit.append(session, Entry("staff", {"operation": "refuse", "of": operation, "staff": staff, **facts}))
        for kind in locked:
            self._audit.append(session, Entry("staff", {"operation": "lock_out", "of": kind, "staff": staff, **facts}))


def _bounded(login: str, password: str, code: str) -> str:
    """Return a login name in its one spelling; raises InputInvalidError for what is too long to be worth any work."""
    lengths = ((login, _LONGEST_LOGIN), (password, passwords.LONGEST), (code, _LONGEST_CODE))
    if any(len(text) > longest for text, longest in lengths):
        raise InputInvalidError("The login name, the password or the code is far too long.")
    return unicodedata.normalize("NFKC", login).strip().casefold()
