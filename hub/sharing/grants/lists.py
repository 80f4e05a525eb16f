"""Grants as people look at them: page by page, one with its versions, and who reads what (a matrix of authorities, items and fields).

Decides who looks: stewards and auditors of the authority that reads or of one whose data it is, or of the whole hub. What is not theirs to see is
left out of lists, and is unknown by its id. It must never show less of a grant than it allows.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, or_, select, tuple_

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, SHARING_STEWARD
from hub.catalogue.service import Catalogue
from hub.clock import from_micros
from hub.database import Database
from hub.errors import NotFoundError
from hub.paging import OpenCursors, Page, Window, page_of
from hub.sharing.grants.keeping import grant_of
from hub.sharing.model import GrantTerms, SharingGrant, SharingGrantVersion
from hub.sharing.ownership import reach_of
from hub.sharing.policy import Grant, GrantState

READERS: Final = (SHARING_STEWARD, AUDITOR)
_CURSORS: Final = OpenCursors("grants in order")
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Which:
    """Which grants are wanted; None is all of them."""

    authority: str | None = None
    item: str | None = None
    source: str | None = None
    state: GrantState | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A grant in one version, and since when it is, or was, so."""

    grant: Grant
    since: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What one authority reads of one source for one item on a day, by all its grants together: `checks` are judged only."""

    authority: str
    item: str
    source: str
    grants: tuple[Grant, ...]

    @property
    def paths(self) -> frozenset[str]:
        """Return the fields that it reads."""
        return frozenset().union(*(each.paths for each in self.grants))

    @property
    def checks(self) -> frozenset[str]:
        """Return the fields that it may only have judged."""
        return frozenset().union(*(each.checks for each in self.grants)) - self.paths

    @property
    def until(self) -> date:
        """Return the last day on which it reads anything of it."""
        return max(each.valid_until for each in self.grants)


class GrantLists:
    """Shows grants."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        """The catalogue says whose data a source is."""
        self._database = database
        self._catalogue = catalogue

    def page(self, staff: Staff, which: Which, window: Window) -> Page[Grant]:
        """Return a page of grants, by authority, item and source; raises RoleMissingError, InputInvalidError."""
        place = tuple(
            col(each) for each in (SharingGrant.authority, SharingGrant.item, SharingGrant.type_key, SharingGrant.id)
        )
        rows = select(SharingGrant).where(*self._concerning(staff), *_where(which))
        if window.after is not None:
            rows = rows.where(tuple_(*place) > _place(window.after))
        if window.before is not None:
            rows = rows.where(tuple_(*place) < _place(window.before))
        order = place if window.last is None else tuple(each.desc() for each in place)
        with self._database.snapshot() as session:
            found = [grant_of(row) for row in session.exec(rows.order_by(*order).limit(window.size + 1))]
        return page_of(
            found, lambda one: (_BETWEEN.join((one.authority, one.item, one.type_key, one.id)),), window, _CURSORS
        )

    def history(self, staff: Staff, grant_id: str) -> tuple[Version, ...]:
        """Return a grant as it is and then as it was, the newest version first; raises NotFoundError, also for what is not his to see."""
        with self._database.snapshot() as session:
            wanted = select(SharingGrant).where(SharingGrant.id == grant_id, *self._concerning(staff))
            present = session.exec(wanted).first()
            if present is None:
                raise NotFoundError("There is no grant of this id that you may see.")
            rows: list[GrantTerms] = [present, *_past(session, grant_id)]
        return tuple(Version(grant_of(row), from_micros(row.changed_at)) for row in rows)

    def readings(self, staff: Staff, source: str | None, authority: str | None, day: date) -> tuple[Reading, ...]:
        """Return who reads what on a day, of a source, or by an authority (None: any), as far as it concerns somebody.

        Raises:
            RoleMissingError: he is neither steward nor auditor for anybody.
            TypeUnknownError, AuthorityUnknownError: the catalogue does not have it.
        """
        which = Which(
            authority and self._catalogue.authority(authority).code, None, source and self._catalogue.source(source).key,
            GrantState.ACTIVE,
        )  # fmt: skip
        text = day.isoformat()
        period = (SharingGrant.valid_from <= text, SharingGrant.valid_until >= text)
        rows = select(SharingGrant).where(*self._concerning(staff), *_where(which), *period)
        with self._database.snapshot() as session:
            return _readings(grant_of(row) for row in session.exec(rows))

    def _concerning(self, staff: Staff) -> list[Any]:
        """The condition that a grant concerns somebody, as who reads or whose data it is; raises RoleMissingError."""
        reach = reach_of(staff, READERS)
        if reach is None:
            return []
        current = self._catalogue.current
        owned = {key for authority, key in current.issuing_rights | current.feeding_rights if authority in reach}
        return [or_(col(SharingGrant.authority).in_(reach), col(SharingGrant.type_key).in_(owned))]


def _where(which: Which) -> list[Any]:
    wanted = (
        (SharingGrant.authority, which.authority), (SharingGrant.item, which.item), (SharingGrant.type_key, which.source),
        (SharingGrant.state, which.state and which.state.value),
    )  # fmt: skip
    return [column == value for column, value in wanted if value is not None]


def _past(session: Session, grant_id: str) -> Sequence[SharingGrantVersion]:
    rows = select(SharingGrantVersion).where(SharingGrantVersion.id == grant_id)
    return session.exec(rows.order_by(col(SharingGrantVersion.version).desc())).all()


def _place(cursor: str) -> Any:
    return tuple_(*_CURSORS.read(cursor)[0].split(_BETWEEN))


def _readings(grants: Iterable[Grant]) -> tuple[Reading, ...]:
    found: dict[tuple[str, str, str], list[Grant]] = defaultdict(list)
    for grant in grants:
        found[grant.authority, grant.item, grant.type_key].append(grant)
    return tuple(Reading(*place, tuple(several)) for place, several in sorted(found.items()))
