"""Grants: made, suspended, resumed and ended; each change is recorded, keeps the version before and advances the policy epoch.

Decides whether a grant may exist at all. It must never accept what may not be shared: types and fields of the class NOT_SHARED, paths the
type does not have, or an item that belongs to another authority. Who may ask for a change is decided by its callers: the command line is
for whoever holds the key store, staff come by `hub.sharing.grants.desk`.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sqlmodel import Session, select

from hub.audit.service import Audit, Entry
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import AuthorityMismatchError, InputInvalidError, NotFoundError, StatusForbidsError
from hub.sharing.grants.keeping import facts_of, grant_of, keep_version, read_all, read_version, row_of
from hub.sharing.grants.paths import checked_roles, expand
from hub.sharing.model import SharingGrant
from hub.sharing.policy import Grant, GrantState, Policy, make_policy
from hub.sharing.purpose import legal_text

# From which states each change leads where.
CHANGES: Mapping[str, tuple[frozenset[GrantState], GrantState]] = MappingProxyType(
    {
        "suspended": (frozenset({GrantState.ACTIVE}), GrantState.SUSPENDED),
        "resumed": (frozenset({GrantState.SUSPENDED}), GrantState.ACTIVE),
        "ended": (frozenset({GrantState.ACTIVE, GrantState.SUSPENDED}), GrantState.ENDED),
    }
)


@dataclass(frozen=True, slots=True)
class GrantWish:
    """A grant that somebody wants: as Grant, but for what follows from its making. Paths may be those of objects and lists."""

    authority: str
    item: str
    type_key: str
    paths: Iterable[str]
    legal_basis: str
    approver: str
    valid_from: date
    valid_until: date
    roles: Iterable[str] = ()
    checks: Iterable[str] = ()
    official_duty: bool = False
    feed: bool = False
    demand: str | None = None


class Grants:
    """Keeps the grants of all authorities."""

    def __init__(self, database: Database, audit: Audit, catalogue: Catalogue, clock: Clock) -> None:
        """Check authorities, items and types with the catalogue."""
        self._database = database
        self._audit = audit
        self._catalogue = catalogue
        self._clock = clock

    def add(self, wish: GrantWish) -> str:
        """Add a grant, in force within its period at once, and return its id; raises as `checked`."""
        grant = self.checked(wish)
        with self._database.transaction() as session:
            self.place(session, grant)
        return grant.id

    def checked(self, wish: GrantWish) -> Grant:
        """Return the grant that is wished for, if it may exist.

        Raises:
            AuthorityUnknownError, ItemUnknownError, TypeUnknownError: the catalogue does not have it.
            AuthorityMismatchError: the item belongs to another authority.
            InputInvalidError: paths, checks, roles, period or texts do not do.
        """
        self._catalogue.authority(wish.authority)
        if self._catalogue.item(wish.item).authority != wish.authority:
            raise AuthorityMismatchError("The service item belongs to another authority.")
        source = self._catalogue.source(wish.type_key)
        paths = expand(source, wish.paths)
        checks = expand(source, wish.checks) - paths
        if not paths | checks:
            raise InputInvalidError("A grant names one path or more, to disclose or to check.")
        if wish.valid_until < wish.valid_from:
            raise InputInvalidError("A grant ends on the day it begins or later.")
        return Grant(
            id=uuid.uuid4().hex, authority=wish.authority, item=wish.item, type_key=wish.type_key, paths=paths,
            roles=checked_roles(wish.roles), legal_basis=legal_text(wish.legal_basis),
            approver=legal_text(wish.approver), valid_from=wish.valid_from, valid_until=wish.valid_until, checks=checks,
            official_duty=wish.official_duty, feed=wish.feed, demand=wish.demand,
        )  # fmt: skip

    def place(self, session: Session, grant: Grant, **facts: object) -> None:
        """Add a grant that was checked, within a unit of work; `facts` are said by its record too."""
        session.add(row_of(grant, to_micros(self._clock.now())))
        self._record(session, "added", grant, facts)

    def change(self, operation: str, grant_id: str) -> None:
        """Suspend, resume or end a grant (`operation` is a key of CHANGES).

        Raises:
            NotFoundError: no grant has this id.
            StatusForbidsError: its state does not lead there.
        """
        with self._database.transaction() as session:
            self.change_in(session, operation, self.held(session, grant_id))

    def held(self, session: Session, grant_id: str) -> SharingGrant:
        """Return a grant's row, held until the unit of work ends; raises NotFoundError."""
        row = session.exec(select(SharingGrant).where(SharingGrant.id == grant_id).with_for_update()).first()
        if row is None:
            raise NotFoundError("No grant has this id; `licence-hub grant list` shows them.")
        return row

    def change_in(self, session: Session, operation: str, row: SharingGrant, **facts: object) -> Grant:
        """Change a grant whose row is held, and return it as it is then; raises StatusForbidsError."""
        before, after = CHANGES[operation]
        if row.state not in before:
            raise StatusForbidsError("The grant's state does not allow this change.")
        keep_version(session, row)
        row.state, row.version = after.value, row.version + 1
        row.changed_at = to_micros(self._clock.now())
        session.add(row)
        grant = grant_of(row)
        self._record(session, operation, grant, facts)
        return grant

    def all(self) -> tuple[Grant, ...]:
        """Return all grants, suspended and ended ones too."""
        with self._database.snapshot() as session:
            return read_all(session)

    def version(self, grant_id: str, version: int) -> Grant:
        """Return a grant as it was, or is, in one version; raises NotFoundError."""
        with self._database.snapshot() as session:
            found = read_version(session, grant_id, version)
        if found is None:
            raise NotFoundError("No grant has this id and version.")
        return found

    def policy(self) -> Policy:
        """Read the policy; the epoch comes first, so that a change in between can only make the policy look too old."""
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)
            return make_policy(epoch, read_all(session))

    def _record(self, session: Session, operation: str, grant: Grant, facts: Mapping[str, object]) -> None:
        self._audit.append(session, Entry("grant", {"operation": operation, **facts_of(grant), **facts}))
        self._audit.advance_epoch(session)
