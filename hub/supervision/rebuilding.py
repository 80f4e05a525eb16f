"""Figures and alerts made again from all records, to be compared with those that are kept, or to take their place.

Decides what differs. It must never trust anything but the records: it starts from nothing. Of a holder who was erased since, handles
cannot be recognised as one person's any more, so alerts about him are left as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlmodel import Session

from hub.audit.reading import records_between
from hub.clock import Calendar
from hub.database import Database
from hub.supervision import storing
from hub.supervision.events import Key, reads_of, tell
from hub.supervision.folding import ACKNOWLEDGE, Act, Days, Fold
from hub.supervision.progress import end_of_part, forgotten_at
from hub.supervision.rules import HOLDER
from hub.supervision.storing import Mark

_DERIVED: Final = ("supervision_figure", "supervision_hour", "supervision_trace", "supervision_exemption")
_STEPS: Final = (
    "acknowledged_by", "acknowledged_at", "acknowledged_note", "closed_by", "closed_at", "closed_note",
)  # fmt: skip
_ALERTS: Final = f"SELECT id, rule, subject, authority, client, place, at, figures, records, {', '.join(_STEPS)} FROM supervision_alert"
_DONE: Final = text(
    f"UPDATE supervision_alert SET state = :state, {', '.join(f'{step} = :{step}' for step in _STEPS)} WHERE id = :id"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What is kept otherwise than the records say; None stands for nothing."""

    what: str
    where: str
    kept: str | None
    derived: str | None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many records were read, what came of them, and what was kept otherwise."""

    records: int
    figures: int
    alerts: int
    differences: tuple[Difference, ...]


class Rebuilding:
    """Makes everything again."""

    def __init__(self, database: Database, calendar: Calendar) -> None:
        """`calendar` says on which legal day something was."""
        self._database = database
        self._calendar = calendar

    def run(self, *, replace: bool) -> Rebuilt:
        """Derive everything from the records and compare it with what is kept; `replace` puts it in its place.

        Raises:
            UnavailableError: the database did not answer; nothing was changed.
        """
        fold = Fold(Days(self._calendar))
        place = self._read(fold)
        with self._database.transaction() as session:
            begun = storing.held_mark(session)  # nobody folds until the comparison is made
            while place < begun.place:
                place = _part(session, self._database, fold, place, begun.place)
            differences = tuple(_differences(session, fold))
            if replace:
                _replace(session, fold, begun)
        return Rebuilt(place, len(fold.figures), len(fold.alerts), differences)

    def _read(self, fold: Fold) -> int:
        """Read up to the mark, a part at a time: nobody waits meanwhile."""
        place = 0
        while True:
            with self._database.snapshot() as session:
                until = storing.mark(session).place
                if place >= until:
                    return place
                place = _part(session, self._database, fold, place, until)


def _part(session: Session, database: Database, fold: Fold, begin: int, until: int) -> int:
    end = end_of_part(begin, until)
    records = records_between(session, begin, end)
    forgotten = forgotten_at(begin, records)
    if forgotten is not None:
        fold.memory.forget(forgotten)
    told = tell(records)
    fold.memory.alike = storing.persons(session, database, reads_of(told))
    fold.take(told)
    return end


def _differences(session: Session, fold: Fold) -> Iterator[Difference]:
    figures = text("SELECT day, authority, type_key, item, measure, reason, count FROM supervision_figure")
    kept = {Key(*row[:6]): row[6] for row in session.execute(figures)}
    yield from _compared("figure", kept, fold.figures)
    hours = text("SELECT client, hour, count FROM supervision_hour")
    yield from _compared("hour", {(row[0], row[1]): row[2] for row in session.execute(hours)}, fold.memory.hours)
    yield from _compared("alert", _kept_alerts(session), _derived_alerts(session, fold))


def _compared(what: str, kept: Mapping[Any, Any], derived: Mapping[Any, Any]) -> Iterator[Difference]:
    for key in sorted({*kept, *derived}):
        mine, theirs = kept.get(key) or None, derived.get(key) or None
        if mine != theirs:
            where = key if isinstance(key, str) else " ".join(str(part) for part in key if part != "")
            yield Difference(what, where, _word(mine), _word(theirs))


def _word(value: Any) -> str | None:
    return None if value is None else str(value)


def _kept_alerts(session: Session) -> dict[str, tuple[Any, ...]]:
    rows = [tuple(row) for row in session.execute(text(_ALERTS))]
    alive = storing.alive(session, [row[2] for row in rows if row[1] == HOLDER.name])
    return {
        row[0]: (*row[1:7], orjson.loads(row[7]), tuple(orjson.loads(row[8])), *row[9:])
        for row in rows
        if row[1] != HOLDER.name or row[2] in alive
    }


def _derived_alerts(session: Session, fold: Fold) -> dict[str, tuple[Any, ...]]:
    alive = storing.alive(session, [one.subject for one in fold.alerts if one.rule == HOLDER.name])
    done = _done(fold)
    return {
        one.id: (
            one.rule, one.subject, one.authority, one.client, one.place, one.at, dict(one.figures), one.records,
            *(done[one.id][name] for name in _STEPS),
        )
        for one in fold.alerts
        if one.rule != HOLDER.name or one.subject in alive
    }  # fmt: skip


def _done(fold: Fold) -> dict[str, dict[str, Any]]:
    """Return what staff did about each alert, by the records."""
    done: dict[str, dict[str, Any]] = {one.id: dict.fromkeys(_STEPS) for one in fold.alerts}
    for act in fold.acts:
        if act.alert in done:
            done[act.alert].update(_step(act))
    return done


def _step(act: Act) -> dict[str, Any]:
    step = "acknowledged" if act.operation == ACKNOWLEDGE else "closed"
    return {f"{step}_by": act.staff, f"{step}_at": act.at, f"{step}_note": act.note}


def _replace(session: Session, fold: Fold, begun: Mark) -> None:
    """Put what was derived in the place of what is kept; alerts about who was erased stay as they are."""
    old, derived = list(_kept_alerts(session)), _derived_alerts(session, fold)
    for table in _DERIVED:
        session.execute(text(f"DELETE FROM {table}"))
    if old:
        session.execute(text("DELETE FROM supervision_alert WHERE id = :id"), [{"id": name} for name in old])
    storing.add_figures(session, fold.figures)
    storing.keep_hours(session, fold.memory.hours)
    storing.keep_traces(session, fold.memory.traces)
    storing.add_exemptions(session, fold.memory.exempted)
    storing.add_alerts(session, [one for one in fold.alerts if one.id in derived])
    for name, steps in _done(fold).items():
        state = "CLOSED" if steps["closed_by"] else "ACKNOWLEDGED" if steps["acknowledged_by"] else "RAISED"
        session.execute(_DONE, {"id": name, "state": state, **steps})
    storing.move(session, begun, Mark(begun.place, begun.edition + 1, fold.thresholds))
