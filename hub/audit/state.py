"""What records commit to of the tables that say how things stand: a digest of each row as a change has left it.

A table whose `info` says COMMITTED is one of them. Rows that a unit of work changes as objects are found here by themselves and told in a record of kind
`state`; who writes rows in bulk tells them in his own record (`told`). So a row that somebody changed, removed or inserted behind the hub's back
is not the one that the last record about it tells. A row is told without its empty columns: new ones change no digest.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Boolean, ColumnElement, Table, event, inspect, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel

from hub.writing import Row, split

KIND: Final = "state"
COMMITTED: Final = {"info": {"committed": True}}
"""What a table's arguments hold that records commit to."""

Told = list[str | None]
"""Table, key and digest of a row; no digest: it was deleted."""

AT_COMMIT: Final = "at_commit"
"""Under which name a unit of work has what tells its changes."""

_AT_ONCE: Final = 1_000
_AS_IT_IS: Final = NullType()
_TRUTHS: Final[Mapping[object, bool]] = {0: False, 1: True}  # as SQLite keeps them
_CHANGED: Final = "state changed"
_TOLD: Final = "state told"


def digest(table: str, values: Mapping[Any, Any]) -> str:
    """Return the digest of a row."""
    known = {name: value for name, value in values.items() if value is not None}
    return hashlib.sha256(orjson.dumps([table, known], _hex, orjson.OPT_SORT_KEYS)).hexdigest()


def key_of(table: Table, values: Mapping[Any, Any]) -> str:
    """Return what names a row in its table."""
    return "/".join(str(values[column.name]) for column in table.primary_key)


def told(*rows: Row) -> list[Told]:
    """Return what a record tells of rows as `hub.writing` takes them; the first column is their key."""
    found: list[Told] = []
    for target, row in rows:
        name, columns = split(target)
        found.append([name, str(row[0]), digest(name, dict(zip(columns, row, strict=True)))])
    return found


def told_again(session: Session, table: Table, keys: Iterable[str]) -> list[Told]:
    """Return what a record tells of rows as they are in the database now, by their one key."""
    session.flush()
    (column,) = table.primary_key
    found = [_told(table, row) for some in read(session, table, column.in_(list(keys))) for row in some]
    session.info.setdefault(_TOLD, {}).update({(name, key): value for name, key, value in found})
    return found


def everything(session: Session) -> Iterator[list[Told]]:
    """Yield what is told of all rows of all tables, some at once."""
    for table in tables():
        for some in read(session, table):
            yield [_told(table, row) for row in some]


def read(session: Session, table: Table, *where: ColumnElement[bool]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield rows as the driver gives them, some at once: whatever somebody may have put into them, none makes the reading fail."""
    columns = [type_coerce(column, _AS_IT_IS).label(column.name) for column in table.columns]
    truths = [column.name for column in table.columns if isinstance(column.type, Boolean)]
    every = select(*columns).where(*where).order_by(*table.primary_key)
    rows = session.execute(every, execution_options={"yield_per": _AT_ONCE}).mappings()
    for some in rows.partitions(_AT_ONCE):
        yield [{**row, **{name: _TRUTHS.get(row[name], row[name]) for name in truths}} for row in some]


def tables() -> list[Table]:
    """Return the tables that records commit to, those first that others refer to."""
    return [table for table in SQLModel.metadata.sorted_tables if is_committed(table)]


def is_committed(table: Table) -> bool:
    """Tell whether records commit to a table's rows."""
    return bool(table.info.get("committed"))


@event.listens_for(Session, "after_flush")
def _note_changed(session: Session, _context: object) -> None:
    for each in (*session.new, *session.dirty, *session.deleted):
        if is_committed(type(each).__table__):
            session.info.setdefault(_CHANGED, {})[id(each)] = each


@event.listens_for(Session, "before_commit")
def _tell_changed(session: Session) -> None:
    """Let the unit of work tell, last of all, what has become of the rows that it has changed."""
    tell = session.info.get(AT_COMMIT)
    if tell is None or session.in_nested_transaction():
        return
    session.flush()
    changed, known = session.info.pop(_CHANGED, {}).values(), session.info.get(_TOLD, {})
    found = [one for each in changed if (one := _of_object(each)) is not None]
    rows = sorted(one for one in found if known.get((one[0], one[1]), "") != one[2])
    if rows:
        tell(session, rows)


def _of_object(row: SQLModel) -> Told | None:
    """Return what is told of an object; None for one whose making was undone."""
    table: Table = type(row).__table__  # type: ignore[attr-defined]  # SQLModel makes it
    values, is_as = {column.name: getattr(row, column.name) for column in table.columns}, inspect(row)
    if is_as.deleted or is_as.was_deleted:
        return [table.name, key_of(table, values), None]
    return _told(table, values) if is_as.persistent else None


def _told(table: Table, values: Mapping[Any, Any]) -> Told:
    return [table.name, key_of(table, values), digest(table.name, values)]


def _hex(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError
