"""The tables of a fold: what a part of the records needs is loaded, what became of them is written, with the mark, in one unit of work.

Decides that a record is folded exactly once: what was derived is written only with the mark's move, and only from where it was read. It must
never read more than the part needs; tables grow with the years.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import TextClause, bindparam, text
from sqlmodel import Session

from hub.bulk_reading import among, rows
from hub.database import Database
from hub.supervision.events import Key, Read
from hub.supervision.folding import Alert, Fold
from hub.supervision.memory import DAY, HOUR, Memory, Subject, Trace
from hub.supervision.rules import WEEK_HOURS, WEEKS
from hub.thresholds import DEFAULT_THRESHOLDS, Thresholds
from hub.vault.likeness import alike, indexed
from hub.writing import merge, target

HANDLE: Final = "handle:"
ACCESS: Final = "ACCESS"


def _many(statement: str, *names: str) -> TextClause:
    return text(statement).bindparams(*(bindparam(name, expanding=True) for name in names))


_MARK: Final = "SELECT place, edition, thresholds FROM supervision_mark WHERE id = 1"
_FIRST: Final = text(
    "INSERT INTO supervision_mark (id, place, edition, thresholds, noted) VALUES (1, 0, 0, :thresholds, :thresholds)"
    " ON CONFLICT (id) DO NOTHING"
)
_MOVE: Final = text(
    "UPDATE supervision_mark SET place = :place, edition = :edition, thresholds = :thresholds"
    " WHERE id = 1 AND place = :old_place AND edition = :old_edition"
)
_TRACES: Final = "SELECT rule, subject, reads FROM supervision_trace WHERE subject IN ?"
_RAISED: Final = "SELECT rule, subject, at FROM supervision_alert WHERE subject IN ? ORDER BY place"
_HOURS: Final = _many(
    "SELECT client, hour, count FROM supervision_hour WHERE client IN :clients AND hour IN :hours", "clients", "hours"
)
_FORGET: Final = text("DELETE FROM supervision_trace WHERE at < :oldest OR at > :newest")
_DROP_TRACE: Final = text("DELETE FROM supervision_trace WHERE rule = :rule AND subject = :subject")
_TRACE: Final = target("supervision_trace", "rule", "subject", "at", "reads")
_KEEP_TRACE: Final = "ON CONFLICT (rule, subject) DO UPDATE SET at = excluded.at, reads = excluded.reads"
_HOUR: Final = target("supervision_hour", "client", "hour", "count")
_KEEP_HOUR: Final = "ON CONFLICT (client, hour) DO UPDATE SET count = excluded.count"
_FIGURE: Final = target("supervision_figure", *Key._fields, "count")
_ADD_FIGURE: Final = (
    f"ON CONFLICT ({', '.join(Key._fields)}) DO UPDATE SET count = supervision_figure.count + excluded.count"
)
_EXEMPTED: Final = _many("SELECT case_id, material FROM supervision_exemption WHERE case_id IN :cases", "cases")
_ADD_EXEMPTION: Final = text("INSERT INTO supervision_exemption (case_id, material) VALUES (:case_id, :material)")
_ADD_ALERT: Final = text(
    "INSERT INTO supervision_alert (id, rule, subject, authority, client, place, at, figures, records, state)"
    " VALUES (:id, :rule, :subject, :authority, :client, :place, :at, :figures, :records, 'RAISED')"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to which place records are folded, in which edition of the tables (each rebuilding makes one), and the thresholds that hold there."""

    place: int = 0
    edition: int = 0
    thresholds: Thresholds = DEFAULT_THRESHOLDS


def mark(session: Session) -> Mark:
    """Return the mark as it is now."""
    return _read(session.execute(text(_MARK)).first())


def held_mark(session: Session) -> Mark:
    """Return the mark, and keep everybody else from moving it until the unit of work ends."""
    session.execute(_FIRST, {"thresholds": _told(DEFAULT_THRESHOLDS)})
    of_postgres = session.connection().dialect.name == "postgresql"  # SQLite's writer is alone
    return _read(session.execute(text(_MARK + (" FOR UPDATE" if of_postgres else ""))).first())


def _read(row: Any) -> Mark:
    return Mark() if row is None else Mark(row[0], row[1], Thresholds(**orjson.loads(row[2])))


def move(session: Session, begun: Mark, moved: Mark) -> bool:
    """Move the mark, and hold it until the unit of work ends; False if it is not any more where one began."""
    session.execute(_FIRST, {"thresholds": _told(DEFAULT_THRESHOLDS)})
    values = {"place": moved.place, "edition": moved.edition, "thresholds": _told(moved.thresholds)}
    done: Any = session.execute(_MOVE, {**values, "old_place": begun.place, "old_edition": begun.edition})
    return int(done.rowcount) == 1


def noted(session: Session) -> Thresholds:
    """Return the thresholds that were last put on record."""
    held_mark(session)
    return Thresholds(**orjson.loads(session.execute(text("SELECT noted FROM supervision_mark")).scalar_one()))


def note(session: Session, thresholds: Thresholds) -> None:
    """Keep which thresholds were put on record."""
    session.execute(text("UPDATE supervision_mark SET noted = :noted WHERE id = 1"), {"noted": _told(thresholds)})


def persons(session: Session, database: Database, reads: Iterable[Read]) -> Mapping[str, frozenset[str]]:
    """Return for the subject handles of some reads all handles of the same person, where he has others."""
    database.look_up_by_key(session)
    found = alike(session, ACCESS, {HANDLE + handle for read in reads for handle in read.subjects})
    return {_bare(place): frozenset(map(_bare, places)) for place, places in found.items()}


def alive(session: Session, handles: Iterable[str]) -> frozenset[str]:
    """Return those subject handles that lead to somebody; not those of persons who were erased."""
    return frozenset(map(_bare, indexed(session, ACCESS, [HANDLE + handle for handle in handles])))


def _bare(place: str) -> str:
    return place.removeprefix(HANDLE)


def load(session: Session, database: Database, reads: Sequence[Read]) -> Memory:
    """Return what rules remember of those who read, and of whom was read."""
    memory = Memory()
    if not reads:
        return memory
    memory.alike = persons(session, database, reads)
    clients = sorted({read.client for read in reads})
    subjects = {*clients, *(handle for read in reads for handle in read.subjects)}.union(*memory.alike.values())
    asked = among(subjects)
    for rule, subject, kept in rows(session, _TRACES, asked):
        memory.traces[rule, subject] = [Trace(*each) for each in orjson.loads(kept)]
    for rule, subject, at in rows(session, _RAISED, asked):
        memory.raised[rule, subject] = at
    hours = sorted({read.at // HOUR - weeks * WEEK_HOURS for read in reads for weeks in range(WEEKS + 1)})
    for client, hour, count in session.execute(_HOURS, {"clients": clients, "hours": hours}).all():
        memory.hours[client, hour] = count
    return memory


def exempted(session: Session, cases: Iterable[str]) -> set[tuple[str, str]]:
    """Return which materials of some cases were found exempt before."""
    known = sorted(cases)
    return {(row[0], row[1]) for row in session.execute(_EXEMPTED, {"cases": known})} if known else set()


def forget(session: Session, at: int) -> None:
    """Forget traces that lie more than a day from a moment, as Memory.forget does."""
    session.execute(_FORGET, {"oldest": at - DAY, "newest": at + DAY})


def save(session: Session, fold: Fold, reads: Iterable[Read]) -> None:
    """Write what became of the records, whose reads these are."""
    add_figures(session, fold.figures)
    keep_hours(
        session, {(read.client, read.at // HOUR): fold.memory.hours[read.client, read.at // HOUR] for read in reads}
    )
    keep_traces(session, {subject: fold.memory.traces[subject] for subject in fold.memory.touched})
    add_exemptions(session, fold.memory.newly_exempted)
    add_alerts(session, fold.alerts)


def add_figures(session: Session, figures: Mapping[Key, int]) -> None:
    """Add counts to those that are kept."""
    merge(session, _FIGURE, [(*key, count) for key, count in figures.items()], _ADD_FIGURE)


def keep_hours(session: Session, hours: Mapping[tuple[str, int], int]) -> None:
    """Keep reads by client and hour."""
    merge(session, _HOUR, [(client, hour, count) for (client, hour), count in hours.items()], _KEEP_HOUR)


def keep_traces(session: Session, traces: Mapping[Subject, Sequence[Trace]]) -> None:
    """Keep what is remembered of subjects; of those without a trace nothing stays."""
    gone = [{"rule": rule, "subject": subject} for (rule, subject), kept in traces.items() if not kept]
    _each(session, _DROP_TRACE, gone)
    kept_rows = [
        (rule, subject, kept[-1].at, orjson.dumps(list(map(tuple, kept))).decode())
        for (rule, subject), kept in sorted(traces.items(), key=_subject)  # in the order of the table's index
        if kept
    ]
    merge(session, _TRACE, kept_rows, _KEEP_TRACE)


def _subject(one: tuple[Subject, Sequence[Trace]]) -> Subject:
    return one[0]


def add_exemptions(session: Session, found: Iterable[tuple[str, str]]) -> None:
    """Keep that materials of cases were found exempt."""
    _each(session, _ADD_EXEMPTION, [{"case_id": case, "material": material} for case, material in sorted(found)])


def add_alerts(session: Session, alerts: Iterable[Alert]) -> None:
    """Add alerts, as raised."""
    raised = [
        {
            **asdict(replace(one, figures={})),
            "figures": orjson.dumps(dict(one.figures)).decode(),
            "records": orjson.dumps(one.records).decode(),
        }
        for one in alerts
    ]
    _each(session, _ADD_ALERT, raised)


def _each(session: Session, statement: TextClause, values: list[dict[str, Any]]) -> None:
    if values:
        session.execute(statement, values)


def _told(thresholds: Thresholds) -> str:
    return orjson.dumps(asdict(thresholds)).decode()
