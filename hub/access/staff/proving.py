"""Proving: whether login name, password and code are somebody's, judged alike for whoever tries and for what there is.

Decides that a try costs the same whatever was wrong: one count, one look-up, one stretching and the codes of all moments that are looked at.
What became of it is recorded in the unit of work of what it was for. That the authenticator's clock is off is found here, and told by
hub.access.staff.own_proof to who is signed in already: at the door it would say that the password was right.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session

from hub.access.allowances import Peer
from hub.access.staff import authenticator, passwords
from hub.access.staff.accounts import Accounts, Secrets
from hub.access.staff.model import StaffAccount
from hub.access.staff.passwords import Passwords
from hub.access.staff.tries import Tried, Tries
from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError
from hub.openid import SignInRules

_LONGEST_LOGIN: Final = 64
_LONGEST_CODE: Final = 16


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a try: whose, under which names it was counted, and whether password and code are his.

    `drift` is by how many seconds the code is another moment's, None where it is none's; `grown` is a new hash where the kept one is too cheap.
    """

    account: StaffAccount | None
    tried: tuple[Tried, ...]
    secrets: Secrets = field(repr=False)
    knows: bool
    step: int | None
    drift: int | None
    grown: str | None = field(repr=False)


class Proving:
    """Judges tries."""

    def __init__(
        self, database: Database, audit: Audit, clock: Clock, accounts: Accounts, stretcher: Passwords, tries: Tries,
        rules: SignInRules,
    ) -> None:  # fmt: skip
        """`rules` say who may sign in by password at all; others are treated as names that nobody has."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._accounts = accounts
        self._passwords = stretcher
        self._tries = tries
        self._rules = rules

    def knows(self, staff_id: str, login: str) -> bool:
        """Tell whether somebody has a password here, and may use it."""
        with self._database.snapshot() as session:
            account = self._accounts.find(session, login) if self._rules.allows_locally(login) else None
            return (
                account is not None
                and account.id == staff_id
                and bool(self._accounts.secrets(session, account).password)
            )

    def prove(self, login: str, password: str, code: str, peer: Peer = None, *, waiting: bool = False) -> Proof:
        """Count a try, and judge it; `waiting` asks for a code of the authenticator that waits, and for no password: it was shown under one.

        Raises:
            InputInvalidError: something is far too long.
            SignInPostponedError: too many tries have failed; nothing was judged.
        """
        login = bounded(login, password, code)
        tried = self._tries.of(login, peer)
        self._tries.charge(tried)
        with self._database.snapshot() as session:
            account = self._accounts.find(session, login) if self._rules.allows_locally(login) else None
            secrets = self._accounts.secrets(session, account)
        now, secret, knows = int(self._clock.now().timestamp()), secrets.authenticator, True
        if waiting and secrets.waiting is not None:
            secret = secrets.waiting.secret
        else:
            knows = self._passwords.matches(password, secrets.password or self._passwords.decoy)
        step, drift = authenticator.step_of(secret, code, now), authenticator.drift_of(secret, code, now)
        outgrown = knows and self._passwords.outgrown(secrets.password)
        grown = self._passwords.stretch(password) if outgrown else None
        return Proof(account, tried, secrets, knows, step, drift, grown)

    def accepted(
        self, session: Session, proof: Proof, *, enrolling: bool = False, fresh: bool = False
    ) -> StaffAccount | None:
        """Return the account if the proof holds now, its code used up; None: refused.

        `enrolling` asks for a code of everybody; `fresh` is whether the code is of an authenticator that has shown none before.
        """
        if proof.account is None:
            return None
        account = self._accounts.held(session, proof.account.id)
        same = account.active and account.revision == proof.account.revision
        in_time = account.expires_at is None or to_micros(self._clock.now()) < account.expires_at
        used = 0 if fresh else account.step
        has_code = proof.step is not None and proof.step > used
        if not (proof.knows and same and in_time and (has_code or not (account.enrolled or enrolling))):
            return None
        if has_code and (account.enrolled or enrolling) and proof.step is not None:
            account.step = proof.step
            session.add(account)
        return account

    def record(self, session: Session, account: StaffAccount | None, proof: Proof, operation: str) -> None:
        """Record what became of a try; one that was good is taken back."""
        facts = self._tries.facts(session, proof.tried)
        locked = facts.pop("locked")
        staff = proof.account.id if proof.account else None
        if account is not None:
            self._tries.forgive(session, proof.tried)
            self._audit.append(session, Entry("staff", {"operation": operation, "staff": staff, **facts}))
            return
        self._audit.append(session, Entry("staff", {"operation": "refuse", "of": operation, "staff": staff, **facts}))
        for kind in locked:
            self._audit.append(session, Entry("staff", {"operation": "lock_out", "of": kind, "staff": staff, **facts}))


def bounded(login: str, password: str, code: str) -> str:
    """Return a login name in its one spelling; raises InputInvalidError for what is too long to be worth any work."""
    lengths = ((login, _LONGEST_LOGIN), (password, passwords.LONGEST), (code, _LONGEST_CODE))
    if any(len(text) > longest for text, longest in lengths):
        raise InputInvalidError("The login name, the password or the code is far too long.")
    return unicodedata.normalize("NFKC", login).strip().casefold()
