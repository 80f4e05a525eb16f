"""Alerts as staff see them, the newest first, page by page. Who may see which authority's is decided by `reach`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import func, tuple_
from sqlmodel import col, select

from hub.clock import from_micros
from hub.database import Database
from hub.errors import InputInvalidError
from hub.paging import FOREIGN_CURSOR, OpenCursors, Page, Window, page_of
from hub.supervision.model import SupervisionAlert
from hub.supervision.reach import Reach, within
from hub.supervision.refusals import AlertUnknownError

_ALERTS: Final = OpenCursors("alerts")
_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was taken about an alert: by whom, when and why."""

    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert and what was done about it; `subject` is the client, or a random handle of the holder."""

    id: str
    rule: str
    subject: str
    authority: str
    client: str
    at: datetime
    figures: Mapping[str, int]
    records: tuple[str, ...]
    state: str
    acknowledged: Done | None
    closed: Done | None
    place: str


@dataclass(frozen=True, slots=True)
class Which:
    """Which alerts are asked for; None is all of them."""

    authority: str | None = None
    rule: str | None = None
    state: str | None = None


class Alerts:
    """Shows alerts."""

    def __init__(self, database: Database) -> None:
        """Read from here."""
        self._database = database

    def page(self, reach: Reach, window: Window, which: Which) -> Page[KeptAlert]:
        """Return a part of the alerts within a reach; raises InputInvalidError when a cursor is not this list's."""
        seen, place = within(reach, which.authority), col(SupervisionAlert.place)
        rows = select(SupervisionAlert)
        if seen is not None:
            rows = rows.where(col(SupervisionAlert.authority).in_(sorted(seen)))
        for column, value in ((SupervisionAlert.rule, which.rule), (SupervisionAlert.state, which.state)):
            if value is not None:
                rows = rows.where(column == value)
        key = place, col(SupervisionAlert.id)
        if window.after is not None:
            rows = rows.where(tuple_(*key) < _read(window.after))
        if window.before is not None:
            rows = rows.where(tuple_(*key) > _read(window.before))
        order = [each.desc() for each in key] if window.last is None else list(key)
        with self._database.snapshot() as session:
            found = [_alert(row) for row in session.exec(rows.order_by(*order).limit(window.size + 1))]
        return page_of(found, lambda one: (one.place,), window, _ALERTS)

    def counts(self) -> Mapping[tuple[str, ...], int]:
        """Return how many there are, by rule and state."""
        by = SupervisionAlert.rule, SupervisionAlert.state
        with self._database.snapshot() as session:
            return {
                (rule, state): count for rule, state, count in session.exec(select(*by, func.count()).group_by(*by))
            }

    def one(self, alert_id: str) -> KeptAlert:
        """Return an alert, whoever asks; raises AlertUnknownError."""
        with self._database.snapshot() as session:
            row = session.get(SupervisionAlert, alert_id)
        if row is None:
            raise AlertUnknownError
        return _alert(row)


def _read(cursor: str) -> tuple[int, str]:
    (place,) = _ALERTS.read(cursor)
    number, name = place[:_DIGITS], place[_DIGITS:]
    if not (place.isascii() and number.isdecimal() and name.isalnum()):
        raise InputInvalidError(FOREIGN_CURSOR)
    return int(number), name


def _alert(row: SupervisionAlert) -> KeptAlert:
    return KeptAlert(
        id=row.id, rule=row.rule, subject=row.subject, authority=row.authority, client=row.client, at=from_micros(row.at),
        figures=orjson.loads(row.figures), records=tuple(orjson.loads(row.records)), state=row.state,
        acknowledged=_done(row.acknowledged_by, row.acknowledged_at, row.acknowledged_note),
        closed=_done(row.closed_by, row.closed_at, row.closed_note), place=f"{row.place:0{_DIGITS}d}{row.id}",
    )  # fmt: skip


def _done(by: str | None, at: int | None, note: str | None) -> Done | None:
    return None if by is None or at is None else Done(by, from_micros(at), note or "")
