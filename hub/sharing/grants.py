"""Grants: made, suspended, resumed and ended by administrators; each change is recorded and advances the policy epoch.

Decides whether a grant may exist at all. It must never accept what may not be shared: types and fields of the class
NOT_SHARED, paths the type does not have, or an item that belongs to another authority.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

import orjson
from sqlmodel import Session, col, select

from hub.audit.service import Audit, Entry
from hub.catalogue.licence_type import SharingClass
from hub.catalogue.registers import Source
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import AuthorityMismatchError, InputInvalidError, NotFoundError, StatusForbidsError
from hub.sharing.model import SharingGrant
from hub.sharing.policy import Grant, GrantState, Policy, make_policy
from hub.sharing.purpose import ROLE, legal_text

# From which states each change leads where.
CHANGES: Mapping[str, tuple[frozenset[GrantState], GrantState]] = MappingProxyType(
    {
        "suspended": (frozenset({GrantState.ACTIVE}), GrantState.SUSPENDED),
        "resumed": (frozenset({GrantState.SUSPENDED}), GrantState.ACTIVE),
        "ended": (frozenset({GrantState.ACTIVE, GrantState.SUSPENDED}), GrantState.ENDED),
    }
)


class Grants:
    """Keeps the grants of all authorities."""

    def __init__(self, database: Database, audit: Audit, catalogue: Catalogue, clock: Clock) -> None:
        """Check authorities, items and types with the catalogue."""
        self._database = database
        self._audit = audit
        self._catalogue = catalogue
        self._clock = clock

    def add(
        self,
        authority: str,
        item: str,
        type_key: str,
        paths: Iterable[str],
        *,
        roles: Iterable[str],
        legal_basis: str,
        valid_from: date,
        valid_until: date,
        approver: str,
    ) -> str:
        """Add a grant, in force within its period at once, and return its id.

        A path of an object or a list ("holders") stands for all its leaves.

        Raises:
            AuthorityUnknownError, ItemUnknownError, TypeUnknownError: the catalogue does not have it.
            AuthorityMismatchError: the item belongs to another authority.
            InputInvalidError: paths, roles, period or texts do not do.
        """
        self._catalogue.authority(authority)
        if self._catalogue.item(item).authority != authority:
            raise AuthorityMismatchError("The service item belongs to another authority.")
        grant = Grant(
            id=uuid.uuid4().hex,
            authority=authority,
            item=item,
            type_key=type_key,
            paths=expand(self._catalogue.source(type_key), paths),
            roles=_roles(roles),
            legal_basis=legal_text(legal_basis),
            approver=legal_text(approver),
            valid_from=valid_from,
            valid_until=valid_until,
        )
        if valid_until < valid_from:
            raise InputInvalidError("A grant ends on the day it begins or later.")
        with self._database.transaction() as session:
            session.add(self._row(grant))
            self._record(session, "added", grant)
        return grant.id

    def change(self, operation: str, grant_id: str) -> None:
        """Suspend, resume or end a grant (`operation` is a key of CHANGES).

        Raises:
            NotFoundError: no grant has this id.
            StatusForbidsError: its state does not lead there.
        """
        before, after = CHANGES[operation]
        with self._database.transaction() as session:
            row = session.exec(select(SharingGrant).where(SharingGrant.id == grant_id).with_for_update()).first()
            if row is None:
                raise NotFoundError("No grant has this id; `licence-hub grant list` shows them.")
            if row.state not in before:
                raise StatusForbidsError("The grant's state does not allow this change.")
            row.state, row.version = after.value, row.version + 1
            row.changed_at = to_micros(self._clock.now())
            session.add(row)
            self._record(session, operation, _grant(row))

    def all(self) -> tuple[Grant, ...]:
        """Return all grants, suspended and ended ones too."""
        with self._database.snapshot() as session:
            return _read(session)

    def policy(self) -> Policy:
        """Read the policy; the epoch comes first, so that a change in between can only make the policy look too old."""
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)
            return make_policy(epoch, _read(session))

    def _row(self, grant: Grant) -> SharingGrant:
        return SharingGrant(
            id=grant.id, authority=grant.authority, item=grant.item, type_key=grant.type_key,
            paths=orjson.dumps(sorted(grant.paths)).decode(), roles=orjson.dumps(sorted(grant.roles)).decode(),
            legal_basis=grant.legal_basis, approver=grant.approver, valid_from=grant.valid_from.isoformat(),
            valid_until=grant.valid_until.isoformat(), state=grant.state.value, version=grant.version,
            changed_at=to_micros(self._clock.now()),
        )  # fmt: skip

    def _record(self, session: Session, operation: str, grant: Grant) -> None:
        facts = {
            "operation": operation, "grant": grant.id, "version": grant.version, "authority": grant.authority,
            "item": grant.item, "type": grant.type_key, "paths": sorted(grant.paths), "roles": sorted(grant.roles),
            "legal_basis": grant.legal_basis, "approver": grant.approver, "valid_from": grant.valid_from.isoformat(),
            "valid_until": grant.valid_until.isoformat(),
        }  # fmt: skip
        self._audit.append(session, Entry("grant", facts))
        self._audit.advance_epoch(session)


def expand(source: Source, paths: Iterable[str]) -> frozenset[str]:
    """Return the leaves that paths stand for, of a licence type or a register.

    Raises:
        InputInvalidError: the type or a field is not shared, or the type has no such path.
    """
    if source.sharing_class is SharingClass.NOT_SHARED:
        raise InputInvalidError("Licences of this type are not shared; no grant can be made.")
    leaves = frozenset(leaf for path in paths for leaf in _leaves(source, path))
    if not leaves:
        raise InputInvalidError("A grant names one path or more.")
    if any(source.by_path[leaf].not_shared for leaf in leaves):
        raise InputInvalidError("A path names a field that is not shared; name the other fields one by one.")
    return leaves


def _leaves(source: Source, path: str) -> tuple[str, ...]:
    leaves = tuple(leaf for leaf in source.leaf_paths if leaf == path or leaf.startswith(f"{path}."))
    if not leaves:
        raise InputInvalidError("The licence type or register does not have one of the paths.")
    return leaves


def _roles(roles: Iterable[str]) -> frozenset[str]:
    found = frozenset(roles)
    if not all(ROLE.fullmatch(role) for role in found):
        raise InputInvalidError("A role is a word of up to 32 letters, digits, dashes or underlines, such as spouse.")
    return found


def _read(session: Session) -> tuple[Grant, ...]:
    rows = session.exec(select(SharingGrant).order_by(col(SharingGrant.changed_at), col(SharingGrant.id)))
    return tuple(_grant(row) for row in rows)


def _grant(row: SharingGrant) -> Grant:
    return Grant(
        id=row.id, authority=row.authority, item=row.item, type_key=row.type_key,
        paths=frozenset(orjson.loads(row.paths)), roles=frozenset(orjson.loads(row.roles)),
        legal_basis=row.legal_basis, approver=row.approver, valid_from=date.fromisoformat(row.valid_from),
        valid_until=date.fromisoformat(row.valid_until), state=GrantState(row.state), version=row.version,
    )  # fmt: skip
