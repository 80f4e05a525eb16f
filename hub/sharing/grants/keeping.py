"""How grants are kept: as rows, as what their records say, and every version that was in the past.

Decides nothing. A grant's row is its present version; what it was before a change is a row of its own, and stays. So an answer of years ago
can be held against the terms under which it left.
"""

from datetime import date
from typing import TypeVar

import orjson
from sqlmodel import Session, col, select

from hub.sharing.model import GrantTerms, SharingGrant, SharingGrantVersion
from hub.sharing.policy import Grant, GrantState

T = TypeVar("T", bound=GrantTerms)


def grant_of(row: GrantTerms) -> Grant:
    """Return the grant that a row keeps."""
    return Grant(
        id=row.id, authority=row.authority, item=row.item, type_key=row.type_key, paths=_names(row.paths),
        roles=_names(row.roles), legal_basis=row.legal_basis, approver=row.approver,
        valid_from=date.fromisoformat(row.valid_from), valid_until=date.fromisoformat(row.valid_until),
        state=GrantState(row.state), version=row.version, checks=_names(row.checks or "[]"),
        official_duty=bool(row.official_duty), feed=bool(row.feed), demand=row.demand,
    )  # fmt: skip


def row_of(grant: Grant, changed_at: int) -> SharingGrant:
    """Return the row that keeps a grant as it is from an instant on, in microseconds."""
    return SharingGrant(
        id=grant.id, authority=grant.authority, item=grant.item, type_key=grant.type_key, paths=_text(grant.paths),
        roles=_text(grant.roles), legal_basis=grant.legal_basis, approver=grant.approver,
        valid_from=grant.valid_from.isoformat(), valid_until=grant.valid_until.isoformat(), state=grant.state.value,
        version=grant.version, changed_at=changed_at, checks=_text(grant.checks) if grant.checks else None,
        official_duty=grant.official_duty or None, feed=grant.feed or None, demand=grant.demand,
    )  # fmt: skip


def facts_of(grant: Grant) -> dict[str, object]:
    """Return what a record says of a grant."""
    return {
        "grant": grant.id, "version": grant.version, "authority": grant.authority, "item": grant.item,
        "type": grant.type_key, "paths": sorted(grant.paths), "checks": sorted(grant.checks),
        "roles": sorted(grant.roles), "official_duty": grant.official_duty, "feed": grant.feed, "demand": grant.demand,
        "legal_basis": grant.legal_basis, "approver": grant.approver, "valid_from": grant.valid_from.isoformat(),
        "valid_until": grant.valid_until.isoformat(),
    }  # fmt: skip


def read_all(session: Session) -> tuple[Grant, ...]:
    """Return all grants as they are."""
    rows = session.exec(select(SharingGrant).order_by(col(SharingGrant.changed_at), col(SharingGrant.id)))
    return tuple(grant_of(row) for row in rows)


def keep_version(session: Session, row: SharingGrant) -> None:
    """Keep what a grant is before it changes."""
    session.add(SharingGrantVersion(**row.model_dump()))


def read_version(session: Session, grant_id: str, version: int) -> Grant | None:
    """Return a grant as it was in one version, or is; None: there is none."""
    past = session.get(SharingGrantVersion, (grant_id, version))
    present = session.get(SharingGrant, grant_id)
    found: GrantTerms | None = past or (present if present and present.version == version else None)
    return grant_of(found) if found else None


def _names(text: str) -> frozenset[str]:
    return frozenset(orjson.loads(text))


def _text(names: frozenset[str]) -> str:
    return orjson.dumps(sorted(names)).decode()
