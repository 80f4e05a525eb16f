"""Who has an account, as hub administrators and everybody himself see it.

Decides who may look: a hub administrator at all, each at himself. Names are opened only of those who are shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from hub.access.staff import accounts, role_grants
from hub.access.staff.accounts import Accounts
from hub.access.staff.caller import Staff
from hub.access.staff.model import StaffAccount
from hub.access.staff.refusals import StaffUnknownError
from hub.access.staff.role_grants import HeldRole
from hub.access.staff.roles import HUB_ADMINISTRATOR
from hub.access.staff.tries import Tries
from hub.clock import from_micros
from hub.database import Database
from hub.paging import OpenCursors, Page, Window, cut


@dataclass(frozen=True, slots=True)
class Member:
    """A person with an account; the name is empty once he was erased."""

    id: str
    login: str
    name: str
    active: bool
    enrolled: bool
    locked_until: datetime | None
    created_at: datetime
    roles: tuple[HeldRole, ...]


class Members:
    """Shows accounts."""

    def __init__(self, database: Database, kept: Accounts, tries: Tries) -> None:
        """`tries` tells who is locked out."""
        self._database = database
        self._accounts = kept
        self._tries = tries

    def all(self, actor: Staff) -> tuple[Member, ...]:
        """Return everybody, by login name; for hub administrators."""
        with self._database.snapshot() as session:
            return self._shown(session, self._rows(session, actor))

    def page(self, actor: Staff, window: Window, holding: str = "") -> Page[Member]:
        """Return a part of everybody whose login name holds a text; raises InputInvalidError when a cursor is not this list's."""
        with self._database.snapshot() as session:
            found = [row for row in self._rows(session, actor) if holding.casefold() in row.login]
            part = cut(found, lambda row: (row.login,), window, OpenCursors("staff"))
            return Page(self._shown(session, part.items), part.cursors, part.has_previous, part.has_next)

    def named(self, actor: Staff, login: str) -> Member:
        """Return who signs in by a name; for hub administrators. Raises StaffUnknownError."""
        actor.require(HUB_ADMINISTRATOR)
        with self._database.snapshot() as session:
            return self._one(session, self._accounts.find(session, login))

    def logins(self, staff_ids: Iterable[str]) -> Mapping[str, str]:
        """Return the login names of accounts, for who reads what they did; an id that is none's, or whose person was erased, has none."""
        wanted = col(StaffAccount.id).in_(set(staff_ids))
        with self._database.snapshot() as session:
            found = session.exec(select(StaffAccount.id, StaffAccount.login).where(wanted))
            return {staff_id: login for staff_id, login in found if not accounts.is_erased(login)}

    def of(self, staff_id: str) -> Member:
        """Return one person, whoever asks; raises StaffUnknownError."""
        with self._database.snapshot() as session:
            return self._one(session, session.get(StaffAccount, staff_id))

    def account(self, login: str) -> str | None:
        """Return the id of the account that signs in by a name; None: there is none."""
        with self._database.snapshot() as session:
            return session.exec(select(StaffAccount.id).where(StaffAccount.login == login)).first()

    def _rows(self, session: Session, actor: Staff) -> Sequence[StaffAccount]:
        actor.require(HUB_ADMINISTRATOR)
        return sorted(
            session.exec(select(StaffAccount)), key=lambda row: row.login
        )  # databases sort signs by other rules

    def _one(self, session: Session, row: StaffAccount | None) -> Member:
        if row is None:
            raise StaffUnknownError
        return self._shown(session, [row])[0]

    def _shown(self, session: Session, rows: Sequence[StaffAccount]) -> tuple[Member, ...]:
        held = role_grants.of(session, [row.id for row in rows])
        return tuple(self._member(session, row, held[row.id]) for row in rows)

    def _member(self, session: Session, row: StaffAccount, held: list[HeldRole]) -> Member:
        locked = self._tries.locked_until(session, row.login)
        until = None if locked is None else from_micros(locked)
        name = self._accounts.name(session, row)
        return Member(
            row.id, row.login, name, row.active, row.enrolled, until, from_micros(row.created_at), tuple(held)
        )
