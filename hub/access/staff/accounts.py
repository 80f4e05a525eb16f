"""Accounts: what the hub keeps of a person who signs in, and how it is sealed.

Decides what stands in the clear: the login name, which the authority gives him and records and lists need, and never more. His own name,
his password's hash, his authenticator's secret and what an OpenID provider calls him are sealed under a data key of his own, bound to the account and, for the secrets, to
their revision. Records name the account's id. A person who was erased has no key any more: his account has neither name nor secrets, and its
login name is no person's. This is the only module that opens purposes.STAFF_NAME and STAFF_SECRETS.
"""

import base64
import re
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import orjson
from sqlmodel import Session, select

from hub.access.staff.authenticator import new_secret
from hub.access.staff.model import StaffAccount
from hub.access.staff.refusals import StaffUnknownError
from hub.access.staff.subjects import Subject, Subjects
from hub.errors import InputInvalidError, NotFoundError
from hub.vault.purposes import STAFF_NAME, STAFF_SECRETS
from hub.vault.service import DataKey, Vault
from hub.writing import new_id

# No seven digits in a row, so that it is nobody's citizen number or telephone.
LOGIN: Final = re.compile(r"(?!.*[0-9]{7})[a-z][a-z0-9._-]{2,31}")
LONGEST_NAME: Final = 100
_ERASED: Final = "erased "  # no login name has a blank


@dataclass(frozen=True, slots=True)
class Waiting:
    """An authenticator that has not shown a code yet; it takes the place of the present one with its first, until an instant in microseconds."""

    secret: bytes = field(repr=False)
    until: int


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a person proves himself by: his password's hash, his authenticator's secret, and who he is at an OpenID provider."""

    password: str = field(repr=False)
    authenticator: bytes = field(repr=False)
    subject: Subject | None = field(default=None, repr=False)
    waiting: Waiting | None = field(default=None, repr=False)


def is_erased(login: str) -> bool:
    """Tell whether a login name stands for somebody who was erased, and is no person's."""
    return login.startswith(_ERASED)


class Accounts:
    """Keeps and opens accounts, within the units of work of others."""

    def __init__(self, vault: Vault, decoy: str) -> None:
        """`decoy` is the hash of no password: what is compared where there is no account."""
        self._vault = vault
        self._subjects = Subjects(vault)
        self._decoy = Secrets(decoy, new_secret())

    def add(self, session: Session, login: str, name: str, secrets: Secrets, now: int) -> StaffAccount:
        """Keep a new account, which has not enrolled; IntegrityError says that the login name is taken."""
        key, identity = self._vault.new_key(session), new_id()
        sealed = self._vault.seal(STAFF_NAME, key, identity, name.encode())
        account = StaffAccount(id=identity, login=login, name=sealed, secrets=b"", key_id=key.id, created_at=now)
        account.secrets = self._sealed(account, key, secrets)
        session.add(account)
        session.flush()
        return account

    def replace(self, session: Session, account: StaffAccount, secrets: Secrets) -> None:
        """Keep other secrets in the place of those an account has; who he is at a provider leads to him from now on, or no more."""
        before = self.secrets(session, account).subject
        if before != secrets.subject:
            self._subjects.forget(session, account.id, before)
            self._subjects.keep(session, account.id, secrets.subject)
        account.revision += 1
        account.secrets = self._sealed(account, self._vault.load_key(session, account.key_id), secrets)
        session.add(account)

    def find(self, session: Session, login: str) -> StaffAccount | None:
        """Return the account of a login name, or None."""
        return session.exec(select(StaffAccount).where(StaffAccount.login == login)).first()

    def find_subject(self, session: Session, issuer: str, sub: str) -> StaffAccount | None:
        """Return the account that is linked to who somebody is at a provider, or None.

        What leads there is an index; what counts is what is sealed under the account's own key, which nobody can have moved to it.
        """
        for staff_id in self._subjects.leads_to(session, issuer, sub):
            account = session.get(StaffAccount, staff_id)
            linked = self.secrets(session, account).subject if account else None
            if linked is not None and (linked.issuer, linked.sub) == (issuer, sub):
                return account
        return None

    def held(self, session: Session, staff_id: str) -> StaffAccount:
        """Return an account, held until the unit of work ends; raises StaffUnknownError."""
        account = session.get(StaffAccount, staff_id, with_for_update=True, populate_existing=True)
        if account is None:
            raise StaffUnknownError
        return account

    def held_person(self, session: Session, staff_id: str) -> StaffAccount:
        """Return the account of a person who was not erased, held until the unit of work ends; raises StaffUnknownError."""
        account = self.held(session, staff_id)
        if self._key(session, account) is None:
            raise StaffUnknownError("This person was erased; whoever comes back gets a new account.")
        return account

    def erase(self, session: Session, account: StaffAccount, now: int) -> None:
        """Destroy a person's key, and with it his name and secrets, and take the login name from the account."""
        self._subjects.forget(session, account.id, self.secrets(session, account).subject)
        self._vault.destroy(session, [account.key_id], now)
        account.login = f"{_ERASED}{account.id}"
        session.add(account)

    def name(self, session: Session, account: StaffAccount) -> str:
        """Return a person's name; empty once he was erased."""
        key = self._key(session, account)
        return self._vault.open(STAFF_NAME, key, account.id, account.name).decode() if key else ""

    def secrets(self, session: Session, account: StaffAccount | None) -> Secrets:
        """Return an account's secrets; None has some too, of no use, that are opened with as much work."""
        key = self._key(session, account) if account else None
        if account is None or key is None:
            key, _ = self._vault.make_key()
            account = StaffAccount(id="", login="", name=b"", secrets=b"", key_id=key.id, created_at=0)
            account.secrets = self._sealed(account, key, self._decoy)
        opened = orjson.loads(self._vault.open(STAFF_SECRETS, key, _row(account), account.secrets))
        subject, waiting = opened.get("subject"), opened.get("waiting")
        return Secrets(
            opened["password"], base64.b32decode(opened["authenticator"]),
            Subject(**subject) if subject else None,
            Waiting(base64.b32decode(waiting["secret"]), waiting["until"]) if waiting else None,
        )  # fmt: skip

    def _key(self, session: Session, account: StaffAccount) -> DataKey | None:
        try:
            return self._vault.load_key(session, account.key_id)
        except NotFoundError:
            return None

    def _sealed(self, account: StaffAccount, key: DataKey, secrets: Secrets) -> bytes:
        kept: dict[str, Any] = {"password": secrets.password, "authenticator": _text(secrets.authenticator)}
        if secrets.subject:
            kept["subject"] = asdict(secrets.subject)
        if secrets.waiting:
            kept["waiting"] = {"secret": _text(secrets.waiting.secret), "until": secrets.waiting.until}
        return self._vault.seal(STAFF_SECRETS, key, _row(account), orjson.dumps(kept))


def check_names(login: str, name: str) -> None:
    """Refuse names that no account may have; raises InputInvalidError."""
    if not LOGIN.fullmatch(login):
        raise InputInvalidError(
            "A login name has 3 to 32 small letters, digits, dots, underscores or hyphens, begins with a letter and has "
            "no seven digits in a row: it stands in records, so it is no number of a person."
        )
    if not name.isprintable() or not 1 <= len(name.strip()) <= len(name) <= LONGEST_NAME:
        raise InputInvalidError(f"A person's name has 1 to {LONGEST_NAME} printable characters.")


def _text(secret: bytes) -> str:
    return base64.b32encode(secret).decode()


def _row(account: StaffAccount) -> str:
    return f"{account.id}\x1f{account.revision}"
