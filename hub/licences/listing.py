"""The list of an authority's own licences: by type and status, a page at a time, as fast among a million as among ten.

Decides what stands in a row: what is in the clear anyway, and says nothing of a person. It must never open anything, and count nothing: a page
knows whether others lie before and behind it, and no more. The status is the one effective today; EXPIRED and NOT_YET_VALID follow from dates, so
each has an order of its own that an index gives: what expired last, and what begins next, comes first; all else by its sealing, the newest first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from hub.access.caller import ISSUE, STATUS, Caller
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock, from_micros
from hub.database import Database
from hub.errors import InputInvalidError, ScopeMissingError, TypeUnknownError
from hub.licences.status import EXPIRED, NOT_YET_VALID, Status, effective_status
from hub.paging import FOREIGN_CURSOR, OpenCursors, Page, Window, page_of

_COLUMNS: Final = (
    "id, identifier, version, type_key, type_version, es_id, status, valid_from, valid_until, sealed_at, superseded_by"
)
# Each branch gives at most a page, in the order of its index; what is sorted afterwards is as little as there are types.
_BRANCH: Final = (
    "SELECT * FROM (SELECT {columns} FROM licence WHERE authority = :authority AND type_key = :type_{n}{fits}{bounds}"
    " ORDER BY {column} {way}, id {way} LIMIT :most) AS of_{n}"
)
_WHOLE: Final = "{branches} ORDER BY {column} {way}, id {way} LIMIT :most"
_DIGITS: Final = 17  # of microseconds, for the next thousand years


@dataclass(frozen=True, slots=True)
class Listed:
    """One edition as a list shows it: nothing of it is anybody's. `status` is the one effective today; dates are legal days."""

    id: str
    identifier: str
    version: int
    type_key: str
    type_version: int
    es_id: str
    status: str
    valid_from: str
    valid_until: str | None
    sealed_at: datetime
    superseded_by: str | None


@dataclass(frozen=True, slots=True)
class _Order:
    """By which column a list is ordered, and whether the highest comes first; `digits` is whether it holds microseconds."""

    column: str
    downwards: bool
    digits: bool = False

    def place(self, row: Any) -> tuple[str]:
        value = getattr(row, self.column)
        return (f"{value:0{_DIGITS}d}{row.id}" if self.digits else f"{value}{row.id}",)

    def read(self, place: str) -> tuple[int | str, str]:
        """Return the column's value and the id of a place; raises InputInvalidError."""
        length = _DIGITS if self.digits else len("YYYY-MM-DD")
        value, licence_id = place[:length], place[length:]
        if self.digits and not (value.isascii() and value.isdigit()):
            raise InputInvalidError(FOREIGN_CURSOR)
        return int(value) if self.digits else value, licence_id


@dataclass(frozen=True, slots=True)
class _List:
    """One row: what is in the list, in words of SQL with `:today`, and its order. Statuses are literal, for partial indexes."""

    fits: str
    order: _Order


_NEWEST: Final = _Order("sealed_at", downwards=True, digits=True)
_VALID: Final = f" AND status = '{Status.VALID.value}'"
_STORED: Final = f" AND status <> '{Status.VALID.value}' AND status = '{{0}}'"
# By the order of their sealing, not by the day from which they are valid: nearly all are. Of a type whose licences are all over none is looked at.
_OF_TYPE: Final = f"FROM licence WHERE authority = :authority AND type_key = :type_{{n}}{_VALID}"
_ANY: Final = (
    f"((SELECT max(valid_until) {_OF_TYPE}) >= :today"
    f" OR (SELECT id {_OF_TYPE} AND valid_until IS NULL ORDER BY valid_until, id LIMIT 1) IS NOT NULL)"
)
_LISTS: Final[Mapping[str | None, _List]] = MappingProxyType(
    {
        None: _List("", _NEWEST),
        **{each.value: _List(_STORED.format(each.value), _NEWEST) for each in Status if each is not Status.VALID},
        Status.VALID.value: _List(
            f"{_VALID} AND valid_from || '' <= :today AND (valid_until IS NULL OR valid_until >= :today) AND {_ANY}",
            _NEWEST,
        ),
        NOT_YET_VALID: _List(f"{_VALID} AND valid_from > :today", _Order("valid_from", downwards=False)),
        EXPIRED: _List(
            f"{_VALID} AND valid_until IS NOT NULL AND valid_until < :today", _Order("valid_until", downwards=True)
        ),
    }
)
STATUSES: Final = tuple(status for status in _LISTS if status is not None)
"""What a list can be narrowed to."""


def require_handling(caller: Caller) -> None:
    """Refuse who neither issues licences nor changes their status; raises ScopeMissingError."""
    if not caller.scopes & {ISSUE.name, STATUS.name}:
        raise ScopeMissingError(f"The access token lacks the scope {ISSUE.name} or {STATUS.name}.")


class Listing:
    """Lists licences of one authority."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock, calendar: Calendar) -> None:
        """The catalogue knows the types; `calendar` says what day it is."""
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._calendar = calendar

    def page(self, caller: Caller, type_key: str | None, status: str | None, window: Window) -> Page[Listed]:
        """Return a page of the licences of the caller's authority; None narrows nothing.

        Raises:
            ScopeMissingError: he neither issues licences nor changes their status.
            InputInvalidError: no such status; a cursor is not this list's.
            TypeUnknownError: no such type.
        """
        require_handling(caller)
        wanted = _LISTS.get(status)
        if wanted is None:
            raise InputInvalidError(f"The status must be one of {', '.join(STATUSES)}.")
        types = self._types(type_key)
        today = self._calendar.day(self._clock.now())
        with self._database.snapshot() as session:
            self._database.read_in_order(session)
            return _read(session, wanted, types, window, {"authority": caller.authority, "today": today.isoformat()})

    def _types(self, type_key: str | None) -> list[str]:
        """Return the types to look through; licences of a retired one are still there."""
        known = self._catalogue.current.types
        if type_key is not None and type_key not in known:
            raise TypeUnknownError
        return sorted(known) if type_key is None else [type_key]


def _read(session: Session, wanted: _List, types: list[str], window: Window, values: dict[str, Any]) -> Page[Listed]:
    order, today = wanted.order, date.fromisoformat(values["today"])
    cursors = OpenCursors(f"licences by {order.column}")
    way = "DESC" if order.downwards is (window.last is None) else "ASC"
    bounds = ""
    for name, sign, cursor in _ends(order, window):
        bounds += f" AND ({order.column}, id) {sign} (:{name}_at, :{name}_id)"
        values[f"{name}_at"], values[f"{name}_id"] = order.read(cursors.read(cursor)[0])
    shape = {"columns": _COLUMNS, "column": order.column, "way": way}
    branches = (_BRANCH.format(n=n, fits=wanted.fits.format(n=n), bounds=bounds, **shape) for n in range(len(types)))
    statement = _WHOLE.format(branches=" UNION ALL ".join(branches), **shape)
    values |= {f"type_{n}": key for n, key in enumerate(types)} | {"most": window.size + 1}
    found = page_of(session.execute(text(statement), values).all(), order.place, window, cursors) if types else None
    if found is None:
        return Page((), (), has_previous=False, has_next=False)
    return Page(tuple(_listed(row, today) for row in found.items), found.cursors, found.has_previous, found.has_next)


def _ends(order: _Order, window: Window) -> Iterator[tuple[str, str, str]]:
    """Yield the ends of a window that are given: a name, on which side of it the list goes on, and the cursor."""
    behind, ahead = ("<", ">") if order.downwards else (">", "<")
    if window.after is not None:
        yield "after", behind, window.after
    if window.before is not None:
        yield "before", ahead, window.before


def _listed(row: Any, today: date) -> Listed:
    facts = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name for a row by its columns
    status = effective_status(Status(row.status), row.valid_from, row.valid_until, today)
    return Listed(**{**facts, "status": status, "sealed_at": from_micros(row.sealed_at)})
