"""Whom the records of reads speak of: the way from a random subject handle to its records, in the order of time.

Decides which records count as somebody's: those of reads that name his handle. The rows are written in the unit of work of their record and say
nothing that it does not, so they follow from the records, and a verification compares them (`hub.audit.spoken_of`). Handles lead to
no person without the vault's index, so erasing him leaves nothing here to erase.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlmodel import Session

from hub.errors import DamagedError, InputInvalidError
from hub.paging import FOREIGN_CURSOR, OpenCursors, Page, Window, page_of
from hub.writing import Row, target

KIND: Final = "access"
OWN: Final = "holder"
"""The scope of what a holder reads of himself; other reads have that of their case, or none."""

TABLE: Final = "audit_subject"
SUBJECTS: Final = target(TABLE, "handle", "recorded_at", "record", "scope")
Spoken = tuple[str, int, str, str | None]
"""A handle, and of a record that speaks of it the time, the id and the scope."""
_DIGITS: Final = 17  # of microseconds, for the next thousand years
_CURSORS: Final = OpenCursors("reads")
# Lists come as JSON: some people have more handles than a statement may have parameters.
_LIST: Final = {
    "sqlite": "(SELECT value FROM json_each(:{0}))",
    "postgresql": "(SELECT jsonb_array_elements_text(CAST(:{0} AS jsonb)))",
}
_SCOPES: Final = "SELECT DISTINCT scope FROM audit_subject WHERE handle IN {handles} AND recorded_at > :shown_to AND scope IN {among}"
_GONE: Final = "DELETE FROM audit_subject WHERE handle = :handle AND recorded_at = :at AND record = :record"
_FITTING: Final = """(scope IS NULL OR recorded_at <= :shown_to OR scope NOT IN {hidden})
    AND (CAST(:only AS VARCHAR) IS NULL OR scope = :only) AND (:with_own OR scope IS NULL OR scope <> :own){window}"""
# PostgreSQL takes a page of each handle, in the order of the key, so that a page costs the same of few reads and of millions.
_SEEN: Final = {
    "sqlite": f"SELECT DISTINCT recorded_at, record FROM audit_subject WHERE handle IN {{handles}} AND {_FITTING}",
    "postgresql": f"""SELECT DISTINCT f.recorded_at, f.record FROM jsonb_array_elements_text(CAST(:handles AS jsonb)) AS h (handle)
        CROSS JOIN LATERAL (SELECT recorded_at, record FROM audit_subject s WHERE s.handle = h.handle AND {_FITTING}
        ORDER BY recorded_at {{order}}, record {{order}} LIMIT :most) f""",
}
_READS: Final = """
    WITH seen AS ({seen} ORDER BY recorded_at {order}, record {order} LIMIT :most)
    SELECT seen.recorded_at, seen.record, r.kind, r.body FROM seen JOIN audit_record r ON r.id = seen.record
    ORDER BY seen.recorded_at {order}, seen.record {order}
"""
_OF_CASE: Final = """
    SELECT r.recorded_at, r.id, r.body FROM audit_record r
    WHERE r.id IN (SELECT record FROM audit_subject WHERE scope = :scope{among}) AND r.kind = 'access'
    ORDER BY r.recorded_at, r.id LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose records are sought, and which of them.

    Those of `handles`; in `only` one scope, if it is given; without the `hidden` scopes, but for what is not younger than `shown_to`
    (microseconds); what holders read of themselves only if `own`.
    """

    handles: Collection[str]
    hidden: Collection[str] = ()
    shown_to: int = 0
    only: str | None = None
    own: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A record of a read: its facts as they were written."""

    id: str
    recorded_at: int
    facts: Mapping[str, Any]


def expected(kind: str, facts: Mapping[str, Any], record_id: str, recorded_at: int) -> list[Spoken]:
    """Return the rows that belong to a record."""
    if kind != KIND:
        return []
    scope = facts.get("case") if facts.get("authority") else OWN
    return [(handle, recorded_at, record_id, scope) for handle in facts.get("subjects", ())]


def rows(kind: str, facts: Mapping[str, Any], record_id: str, recorded_at: int) -> list[Row]:
    """Return the same for `hub.writing`."""
    return list(zip(repeat(SUBJECTS), expected(kind, facts, record_id, recorded_at)))


def forget(session: Session, kind: str, facts: Mapping[str, Any]) -> None:
    """Remove the rows of a record that is erased."""
    for row in expected(kind, facts, facts["id"], facts["time"]):
        session.execute(text(_GONE), dict(zip(("handle", "at", "record"), row, strict=False)))


def scopes(session: Session, sought: Sought, among: Collection[str]) -> set[str]:
    """Return those of some cases in which the handles were read of after `shown_to`."""
    values = {"handles": _json(sought.handles), "shown_to": sought.shown_to, "among": _json(among)}
    return {scope for (scope,) in session.execute(text(_with_lists(session, _SCOPES)), values)}


def page(session: Session, sought: Sought, window: Window) -> Page[Found]:
    """Return a part of the records that are sought, the newest first.

    Raises:
        InputInvalidError: a cursor is not one of these lists.
        DamagedError: a row leads to a record that is no read, or speaks of somebody else.
    """
    values: dict[str, Any] = {
        "handles": _json(sought.handles), "hidden": _json(sought.hidden), "shown_to": sought.shown_to,
        "only": sought.only, "with_own": sought.own, "own": OWN, "most": window.size + 1,
    }  # fmt: skip
    between = ""
    for name, sign, cursor in (("after", "<", window.after), ("before", ">", window.before)):
        if cursor is not None:
            between += f" AND (recorded_at, record) {sign} (:{name}_at, :{name}_id)"
            values[f"{name}_at"], values[f"{name}_id"] = _place(cursor)
    order = "DESC" if window.last is None else "ASC"
    seen = _SEEN[session.connection().dialect.name]
    statement = (
        _with_lists(session, _READS.replace("{seen}", seen)).replace("{window}", between).replace("{order}", order)
    )
    found = [_found(row, sought.handles) for row in session.execute(text(statement), values)]
    return page_of(found, lambda one: (f"{one.recorded_at:0{_DIGITS}d}{one.id}",), window, _CURSORS)


def of_case(session: Session, case_id: str, handles: Collection[str] | None, most: int) -> list[Found]:
    """Return so many records of the reads of a case at the most, the oldest first; handles None: whomever they speak of, found slowly."""
    values = {"scope": case_id, "most": most, **({} if handles is None else {"handles": _json(handles)})}
    among = "" if handles is None else " AND handle IN {handles}"
    statement = _with_lists(session, _OF_CASE.replace("{among}", among))
    return [Found(record, at, orjson.loads(body)) for at, record, body in session.execute(text(statement), values)]


def _found(row: Any, handles: Collection[str]) -> Found:
    recorded_at, record_id, kind, body = row
    facts = orjson.loads(body)
    if kind != KIND or facts["id"] != record_id or not set(facts["subjects"]) & set(handles):
        raise DamagedError
    return Found(record_id, recorded_at, facts)


def _place(cursor: str) -> tuple[int, str]:
    (place,) = _CURSORS.read(cursor)
    digits = place[:_DIGITS]
    if not digits.isascii() or not digits.isdigit():
        raise InputInvalidError(FOREIGN_CURSOR)
    return int(digits), place[_DIGITS:]


def _with_lists(session: Session, statement: str) -> str:
    form = _LIST[session.connection().dialect.name]
    for name in ("handles", "hidden", "among"):
        statement = statement.replace(f"{{{name}}}", form.format(name))
    return statement


def _json(several: Collection[str]) -> str:
    return orjson.dumps(sorted(several)).decode()
