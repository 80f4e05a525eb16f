"""Searching the records by terms and time, the newest first, at the same cost among thousands and tens of millions.

Decides how a search goes: along the list of its rarest term, or along the log itself where it has none, for so many places at a time; where these do not fill a
page it says how far it has looked, and goes on from there when asked to. What it finds is compared with the record itself. It decides nothing
about who may seek what.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, text
from sqlmodel import Session

from hub.audit.finding_aid import DAY, mark
from hub.audit.reading import log_size
from hub.audit.terms import Name, Term, number, terms_of
from hub.database import Database
from hub.errors import InputInvalidError
from hub.paging import FOREIGN_CURSOR, LARGEST_PAGE, OpenCursors

AT_ONCE: Final = 4_000
"""Places that one search looks at."""

_LAST_DAY: Final = 2**31 - 1
_DIGITS: Final = 19
_CURSORS: Final = OpenCursors("records")
_ORDER: Final = list(Name)
_BY_TERM: Final = "SELECT place FROM audit_term WHERE term = :t0 AND place >= :first AND place < :end ORDER BY place DESC LIMIT :at_once"
_BY_LOG: Final = "SELECT place FROM log_leaf WHERE place >= :first AND place < :end ORDER BY place DESC LIMIT :at_once"
_ALSO: Final = "EXISTS (SELECT 1 FROM audit_term x{n} WHERE x{n}.term = :t{n} AND x{n}.place = d.place)"
_RECORDS: Final = text(
    "SELECT l.place, r.id, r.body FROM log_leaf l JOIN audit_record r ON r.sequence = l.sequence"
    " WHERE l.place IN :places ORDER BY l.place DESC"
).bindparams(bindparam("places", expanding=True))
_TIME: Final = text(
    "SELECT r.recorded_at FROM log_leaf l JOIN audit_record r ON r.sequence = l.sequence"
    " WHERE l.place >= :place ORDER BY l.place LIMIT 1"
)
_DAYS: Final = text("SELECT MIN(first), MAX(last) FROM audit_day WHERE day >= :first AND day <= :last")


@dataclass(frozen=True, slots=True)
class Sought:
    """What is sought: records that have all these terms, from one moment on and before another (microseconds; None: any)."""

    terms: Collection[Term] = ()
    first: int | None = None
    before: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it is not simply everything."""
        return bool(self.terms) or self.first is not None or self.before is not None


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that was found: its place in the log, and what it says."""

    place: int
    id: str
    facts: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Records, the newest first; `more` is the cursor from which the search goes on (None: it is at its end).

    `looked_to` is when the last place was recorded that was looked at (microseconds), where there is more; `behind` is how many of the
    newest places of the log cannot be found yet.
    """

    records: tuple[FoundRecord, ...]
    more: str | None
    looked_to: int | None
    behind: int


class Searching:
    """Finds records."""

    def __init__(self, database: Database) -> None:
        """Read from here."""
        self._database = database

    def page(self, sought: Sought, cursor: str | None, size: int) -> FoundPage:
        """Return up to `size` records, from a cursor on.

        Raises:
            InputInvalidError: the cursor is not one of these lists, or the size is not 1 to LARGEST_PAGE.
            UnavailableError: the database did not answer.
        """
        if not 1 <= size <= LARGEST_PAGE:
            raise InputInvalidError(f"A page has 1 to {LARGEST_PAGE} records.")
        with self._database.snapshot() as session:
            self._database.look_up_by_key(session)
            known, whole = mark(session), log_size(session)
            reached = known if sought.is_narrow else whole
            first, end = _between(session, sought, min(reached, _end(cursor, reached)))
            places, looked_to = _places(session, sought, first, end, size)
            records = _records(session, places, sought)
            at = None if looked_to is None else _time(session, looked_to)
        more = None if looked_to is None else _CURSORS.make((f"{looked_to:0{_DIGITS}d}",))
        return FoundPage(records, more, at, whole - reached)


def _end(cursor: str | None, otherwise: int) -> int:
    if cursor is None:
        return otherwise
    (place,) = _CURSORS.read(cursor)
    if len(place) != _DIGITS or not place.isascii() or not place.isdecimal():
        raise InputInvalidError(FOREIGN_CURSOR)
    return int(place)


def _places(session: Session, sought: Sought, first: int, end: int, size: int) -> tuple[Sequence[int], int | None]:
    """Return the places that have all terms, and before which place to go on looking; None: there is nothing before."""
    terms = sorted(sought.terms, key=lambda term: _ORDER.index(term[0]))
    along = _BY_TERM if terms else _BY_LOG
    bound = {"first": first, "end": end, "at_once": AT_ONCE, **{f"t{n}": number(term) for n, term in enumerate(terms)}}
    also = " AND ".join(["1 = 1", *(_ALSO.format(n=n) for n in range(1, len(terms)))])
    statement = f"SELECT d.place FROM ({along}) d WHERE {also} ORDER BY d.place DESC LIMIT :most"
    found = session.execute(text(statement), {**bound, "most": size + 1}).scalars().all()
    if len(found) > size:
        return found[:size], found[size - 1]
    looked = session.execute(text(f"SELECT COUNT(*), MIN(place) FROM ({along}) d"), bound).one()
    return found, looked[1] if looked[0] == AT_ONCE and looked[1] > first else None


def _records(session: Session, places: Sequence[int], sought: Sought) -> tuple[FoundRecord, ...]:
    """Return those records that are what their terms and their time say; one that was erased is none any more."""
    rows = session.execute(_RECORDS, {"places": list(places)}).all() if places else []
    found = [FoundRecord(place, record, _facts(body)) for place, record, body in rows]
    return tuple(each for each in found if _fits(each.facts, sought))


def _facts(body: bytes) -> Mapping[str, Any]:
    """Return what a record says; nothing of bytes that somebody put in its place: `licence-hub audit verify` names them."""
    try:
        facts = orjson.loads(body)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _fits(facts: Mapping[str, Any], sought: Sought) -> bool:
    at = facts.get("time")
    if not isinstance(at, int) or not set(sought.terms) <= terms_of(facts):
        return False
    return (sought.first is None or sought.first <= at) and (sought.before is None or at < sought.before)


# -- time ------------------------------------------------------------------------------------------------------------------


def _between(session: Session, sought: Sought, end: int) -> tuple[int, int]:
    """Return from which place to before which one records of the time that is sought can lie."""
    if sought.first is None and sought.before is None:
        return 0, end
    days = {"first": _day(sought.first, 0), "last": _day(sought.before, _LAST_DAY)}
    first, last = session.execute(_DAYS, days).one()
    return (0, 0) if first is None else (first, min(end, last + 1))


def _day(moment: int | None, otherwise: int) -> int:
    return otherwise if moment is None else moment // DAY


def _time(session: Session, place: int) -> int | None:
    """Return when the first record from a place on was recorded; None where there is none."""
    at: int | None = session.execute(_TIME, {"place": place}).scalar_one_or_none()
    return at
