"""The finding aid: which places of the log are found by which terms, kept behind the log so that no read waits for it.

Decides that each place is taken in once, by one process of many: terms are written with the mark's move, and only from where it was read. It is derived from
the records and can be made again from them (`again`); it proves nothing, and must never be asked whether a record exists.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session
from typing_extensions import override

from hub.audit.derived import Derived
from hub.audit.reading import PlacedRecord, log_size, records_between
from hub.audit.terms import Facts, Term, number, terms_of
from hub.writing import target, write_all

WRITING: Final = b"terms  w"
"""Held by who writes terms, and by who erases a record: of one that is erased while it is taken in nothing may stay."""

PART: Final = 4_096
DAY: Final = 86_400_000_000  # microseconds
_TERMS: Final = target("audit_term", "term", "place")
_MARK: Final = text("SELECT place FROM audit_term_mark WHERE id = 1")
_FIRST: Final = text("INSERT INTO audit_term_mark (id, place) VALUES (1, 0) ON CONFLICT (id) DO NOTHING")
_MOVE: Final = text("UPDATE audit_term_mark SET place = :end WHERE id = 1 AND place = :begin")
_DAY: Final = text(
    "INSERT INTO audit_day (day, first, last) VALUES (:day, :first, :last) ON CONFLICT (day) DO UPDATE SET"
    " first = CASE WHEN excluded.first < audit_day.first THEN excluded.first ELSE audit_day.first END,"
    " last = CASE WHEN excluded.last > audit_day.last THEN excluded.last ELSE audit_day.last END"
)
_CLEAR: Final = tuple(text(f"DELETE FROM {table}") for table in ("audit_term", "audit_day", "audit_term_mark"))
_COUNT: Final = text(
    "SELECT COUNT(*) FROM log_leaf l JOIN audit_record r ON r.sequence = l.sequence WHERE l.place >= :begin AND l.place < :end"
)
_GONE: Final = text("DELETE FROM audit_term WHERE term = :term AND place = :place")


class FindingAid(Derived):
    """Takes in the terms of records, and the places of each day."""

    LOCK = b"terms   "

    def again(self) -> int:
        """Forget all of it and make it again from the records; return how many places were taken in."""
        with self._database.transaction() as session:
            for statement in _CLEAR:
                session.execute(statement)
        return self.catch_up()

    @override
    def _place(self, session: Session) -> int:
        return mark(session)

    @override
    def _part(self) -> int:
        with self._database.snapshot() as session:
            begin = mark(session)
            end = min(log_size(session), begin + PART)
            records = records_between(session, begin, end)
            count = _count(session, begin, end)
        with self._database.transaction() as session:
            self._database.lock(session, WRITING)
            if _count(session, begin, end) != count:
                return 0
            session.execute(_FIRST)
            moved: Any = session.execute(_MOVE, {"begin": begin, "end": end})
            if moved.rowcount != 1:
                return 0
            write_all(session, _TERMS, _rows(records))
            if days := _days(records):
                session.execute(_DAY, days)
        return end - begin


def mark(session: Session) -> int:
    """Return before which place of the log everything is taken in."""
    place = session.execute(_MARK).scalar_one_or_none()
    return 0 if place is None else int(place)


def forget(session: Session, facts: Facts, place: int) -> None:
    """Remove what a record that is erased was found by."""
    session.execute(_GONE, [{"term": number(term), "place": place} for term in terms_of(facts)])


def _count(session: Session, begin: int, end: int) -> int:
    """Return how many records there are in a part of the log: fewer than places, once some were erased."""
    return int(session.execute(_COUNT, {"begin": begin, "end": end}).scalar_one())


def _rows(records: Iterable[PlacedRecord]) -> list[tuple[int, int]]:
    """Return the rows of records, terms and places, in the order of the table: most records share most of their terms."""
    places: dict[Term, list[int]] = defaultdict(list)
    for record in records:
        for term in terms_of(record.facts):
            places[term].append(record.place)
    numbered: dict[int, list[int]] = {}
    for term, found in places.items():
        told = number(term)
        numbered[told] = sorted({*numbered[told], *found}) if told in numbered else found
    return [(told, place) for told in sorted(numbered) for place in numbered[told]]


def _days(records: Iterable[PlacedRecord]) -> list[dict[str, int]]:
    """Return the first and the last place of each day; records come in the order of their places."""
    found: dict[int, dict[str, int]] = {}
    for record in records:
        day = record.facts["time"] // DAY
        found[day] = {"first": record.place, **found.get(day, {}), "day": day, "last": record.place}
    return list(found.values())
