"""Who somebody is at an OpenID provider, and how it leads to his account.

Decides that nothing of it stands in the clear: `iss` and `sub` are sealed with the secrets of the account, and what is looked up is a blind index
under a data key of its own, which goes when the link goes, when the account is reset, and when its person is erased.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session

from hub.clock import from_micros
from hub.vault.purposes import subject
from hub.vault.service import Vault

_PLACE: Final = "staff_account:"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a person is at an OpenID provider: `issuer` and `sub`; since when, in microseconds, and by whose hand his account is linked."""

    issuer: str
    sub: str = field(repr=False)
    since: int
    by: str

    @property
    def at(self) -> datetime:
        """Return since when."""
        return from_micros(self.since)


class Subjects:
    """Keeps what leads to accounts, within the units of work of others."""

    def __init__(self, vault: Vault) -> None:
        """Indexes are the vault's."""
        self._vault = vault

    def leads_to(self, session: Session, issuer: str, sub: str) -> Iterator[str]:
        """Yield the accounts that this person leads to."""
        for row in self._vault.find(session, [subject(issuer)], sub):
            yield row.place.removeprefix(_PLACE)

    def keep(self, session: Session, staff_id: str, linked: Subject | None) -> None:
        """Let a person lead to an account."""
        if linked is not None:
            key = self._vault.new_key(session)
            session.add_all(self._vault.index_rows(subject(linked.issuer), linked.sub, key, f"{_PLACE}{staff_id}"))
            session.flush()

    def forget(self, session: Session, staff_id: str, linked: Subject | None) -> None:
        """Let him lead there no more."""
        if linked is not None:
            rows = self._vault.find(session, [subject(linked.issuer)], linked.sub)
            keys = {row.key_id for row in rows if row.place == f"{_PLACE}{staff_id}"}
            self._vault.destroy(session, keys, linked.since)

    def digest(self, issuer: str, sub: str) -> str:
        """Return what records call a person whom no account is linked to."""
        return self._vault.index(subject(issuer), sub).hex()[:32]
