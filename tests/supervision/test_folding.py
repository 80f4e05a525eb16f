"""Folding: every record counts once, whoever folds when, and what is kept is what the records say."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from hub.audit.service import Entry
from hub.errors import InputInvalidError
from hub.supervision import figures, progress, storing
from hub.supervision.events import Measure, Read
from hub.supervision.figures import Dimension, Figures, Sealed, Wanted
from hub.supervision.folding import Fold
from hub.supervision.progress import Folding
from hub.supervision.rebuilding import Difference
from tests.supervision.watched import CALENDAR, ISSUER, ITEM, READER, TYPE, Watched, access, issue, judged


def test_records_become_figures_by_day_authority_type_item_and_reason(watched: Watched) -> None:
    watched.append(
        issue(), issue(operation="renew"), issue(operation="renew", status="SUPERSEDED"), issue(operation="suspend", status="SUSPENDED"),
        access(), access("NOT_FOUND"), access("NOT_GRANTED"), access("REFUSED", reason="CASE_MISMATCH", type=None),
        Entry("seal", {"operation": "USE", "authority": ISSUER}), Entry("grant", {"operation": "added"}),
        access(authority=None, client=None, case=None, item=None),  # a holder who reads what is his own
        access(evidence_of="record-1"),  # what left before
    )  # fmt: skip
    watched.clock.advance(hours=14)  # midnight in Shanghai
    watched.append(access())
    assert watched.fold() == 13
    assert watched.figures() == {
        ("UPLOADED", ""): 2, ("SEALED", ""): 3, ("ALLOWED", ""): 2, ("MISSED", ""): 1, ("DENIED", "NOT_GRANTED"): 1,
        ("DENIED", "CASE_MISMATCH"): 1,
    }  # fmt: skip
    assert watched.rows(
        "SELECT day, authority, type_key, item, count FROM supervision_figure WHERE measure = 'UPLOADED'"
    ) == [("2026-11-25", ISSUER, "BusinessLicence", "", 2)]
    days = watched.rows("SELECT day, authority, count FROM supervision_figure WHERE measure = 'ALLOWED' ORDER BY day")
    assert days == [("2026-11-25", READER, 1), ("2026-11-26", READER, 1)]


def test_codes_that_counters_redeemed_are_counted_by_authority_and_item(watched: Watched) -> None:
    said = {"presentation": "one", "authority": READER, "item": ITEM, "client": "desk", "subjects": []}
    operations = ("MADE", "REDEEMED", "REFUSED", "CANCELLED", "REDEEMED")
    watched.append(*(Entry("presentation", {"operation": operation, **said}) for operation in operations))
    watched.fold()
    (told,) = Figures(watched.database).of(
        None, Wanted((Dimension.AUTHORITY, Dimension.SERVICE_ITEM), date(2026, 11, 1), date(2026, 11, 30))
    )
    assert (told.authority, told.item, told.presented) == (READER, ITEM, 2)
    assert watched.rebuilding.run(replace=False).differences == ()


def test_a_material_counts_as_exempt_once_for_a_case_however_often_it_is_judged(watched: Watched) -> None:
    watched.append(judged(licence="EXEMPT", identity="NOT_FOUND"), judged(licence="EXEMPT", identity="EXEMPT"))
    watched.fold()
    watched.clock.advance(hours=24 * 10)  # another part, another month
    promised = {"case": "case-2", "authority": READER, "item": ITEM, "materials": [["rules", "COMMITTED", None]]}
    watched.append(
        judged(licence="EXEMPT"), judged("case-2", licence="EXEMPT"), judged("case-2", licence="NOT_VALID"),
        *(Entry("material", {"operation": operation, **promised}) for operation in ("COMMITTED", "KEPT", "DEFERRED")),
    )  # fmt: skip
    watched.fold()
    wanted = Wanted((Dimension.MONTH, Dimension.SERVICE_ITEM), date(2026, 11, 1), date(2026, 12, 31))
    told = [
        (one.month, one.item, one.exempted, one.committed, one.deferred)
        for one in Figures(watched.database).of(None, wanted)
    ]
    assert told == [("2026-11", ITEM, 2, 0, 0), ("2026-12", ITEM, 1, 1, 1)]
    of_type = watched.rows("SELECT type_key, SUM(count) FROM supervision_figure WHERE measure = 'EXEMPTED' GROUP BY 1")
    assert of_type == [(TYPE, 3)]
    assert watched.rebuilding.run(replace=True).differences == ()
    watched.append(judged(licence="EXEMPT"))
    watched.fold()
    assert watched.figures()["EXEMPTED", ""] == 3


def test_a_record_from_before_types_were_named_counts_under_its_types_code(watched: Watched) -> None:
    watched.append(issue(type=None))
    watched.fold()
    assert watched.rows("SELECT DISTINCT type_key FROM supervision_figure") == [("11100000MB0143028R001",)]


def test_what_becomes_visible_late_is_folded_then_and_nothing_is_folded_twice(watched: Watched) -> None:
    if watched.database.is_sqlite:
        pytest.skip("SQLite has one writer, its records appear in order")
    with watched.database.transaction() as slow:
        watched.audit.append(slow, access())
        slow.flush()  # it has the lower number
        watched.append(access(), access())
        assert watched.fold() == 2
    assert watched.fold() == 1
    assert watched.fold() == 0
    assert watched.figures() == {("ALLOWED", ""): 3}
    assert watched.rebuilding.run(replace=False).differences == ()


def test_of_many_processes_each_record_is_folded_by_one(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PART", 8)
    watched.append(*(access(client=f"client-{place % 3}") for place in range(60)))
    watched.log.integrate()
    others = [Folding(watched.database, CALENDAR) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(lambda folding: folding.catch_up(), others))
    done += watched.fold()
    assert done == 60
    assert watched.figures() == {("ALLOWED", ""): 60}


def test_a_part_that_fails_leaves_nothing_and_is_folded_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.append(access(), access("NOT_FOUND"))
    watched.log.integrate()

    def broken(session: Session, fold: Fold, reads: list[Read]) -> None:
        raise RuntimeError(f"{session}{fold}{reads}")

    with monkeypatch.context() as patched:
        patched.setattr(storing, "save", broken)
        with pytest.raises(RuntimeError):
            watched.folding.catch_up()
    assert watched.figures() == {}
    assert watched.folding.catch_up() == 2
    assert watched.figures() == {("ALLOWED", ""): 1, ("MISSED", ""): 1}


def test_what_somebody_changed_in_the_tables_is_found_and_made_good(watched: Watched) -> None:
    watched.append(*(access("NOT_FOUND") for _ in range(25)), access())
    watched.fold()
    whole = watched.rebuilding.run(replace=False)
    assert (whole.records, whole.alerts, whole.differences) == (26, 1, ())
    watched.change("UPDATE supervision_figure SET count = 7 WHERE measure = 'MISSED'")
    watched.change("DELETE FROM supervision_alert")
    found = watched.rebuilding.run(replace=False).differences
    assert [one.what for one in found] == ["figure", "alert"]
    place = f"2026-11-25 {READER} BusinessLicence 11990200MB000000234000199904000 MISSED"
    assert found[0] == Difference("figure", place, "7", "25")
    assert found[1].kept is None
    watched.rebuilding.run(replace=True)
    assert watched.rebuilding.run(replace=False).differences == ()
    assert watched.alerts() == [("MISSES", "client-1", "RAISED")]
    watched.append(access())
    assert watched.fold() == 1
    assert watched.rebuilding.run(replace=False).differences == ()


def test_uses_of_seals_make_no_figure_of_reads_and_too_many_figures_are_refused(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.append(Entry("seal", {"operation": "USE", "authority": ISSUER}), access(), access(authority=ISSUER))
    watched.fold()
    kept = Figures(watched.database)
    wanted = Wanted((Dimension.AUTHORITY,), date(2026, 11, 25), date(2026, 11, 25))
    assert [(one.authority, one.allowed) for one in kept.of(None, wanted)] == [(ISSUER, 1), (READER, 1)]
    assert kept.of(frozenset(), wanted) == []
    assert [one.authority for one in kept.of(frozenset({READER}), wanted)] == [READER]
    assert kept.totals(Measure.SEALED) == 1
    monkeypatch.setattr(figures, "MOST", 1)
    with pytest.raises(InputInvalidError, match="more than 1"):
        kept.of(None, wanted)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"time":1}',
        b'{"time":99999999999999999999,"outcome":"DISCLOSED"}',
        b'{"time":1,"outcome":7,"client":[]}',
        b'{"time":1,"outcome":"DISCLOSED","client":[],"authority":5,"case":null,"subjects":[[]],"type":null,"item":null,"reason":null}',
    ],
)
def test_bytes_that_somebody_put_in_a_records_place_stop_nothing(watched: Watched, body: bytes) -> None:
    watched.append(access(), access(), access())
    watched.log.integrate()
    with watched.database.transaction() as session:
        changed = text(
            "UPDATE audit_record SET body = :body WHERE sequence = (SELECT MIN(sequence) + 1 FROM audit_record WHERE kind = 'access')"
        )
        session.execute(changed, {"body": body})
    assert watched.folding.catch_up() > 0
    assert watched.figures() == {("ALLOWED", ""): 2}
    watched.append(access())
    watched.fold()
    assert watched.figures() == {("ALLOWED", ""): 3}
    assert watched.rebuilding.run(replace=False).differences == ()


def test_what_is_late_is_an_alert_for_whoever_has_to_act(watched: Watched) -> None:
    facts = {"operation": "OVERDUE", "what": "DISPUTE", "of": "dispute-1", "authority": ISSUER, "due": "2026-11-20"}
    watched.append(Entry("deadline", facts), Entry("deadline", {**facts, "of": "demand-1", "authority": None}))
    watched.fold()
    found = watched.rows("SELECT rule, subject, authority, client, figures FROM supervision_alert ORDER BY place")
    assert found == [
        ("OVERDUE", "dispute-1", ISSUER, "", '{"days":5}'), ("OVERDUE", "demand-1", "", "", '{"days":5}'),
    ]  # fmt: skip
    assert watched.rebuilding.run(replace=False).differences == ()


def test_uses_of_a_seal_are_told_by_month_and_type(watched: Watched) -> None:
    first, second = "99010000000001", "99010000000002"
    watched.append(
        issue(es_id=first), issue(es_id=first, operation="renew"), issue(es_id=second), issue(),
        Entry("seal", {"operation": "USE", "authority": ISSUER, "seal": first}),
        Entry("seal", {"operation": "USE", "authority": ISSUER, "seal": second}),
        issue(es_id=first, operation="reseal"),
    )  # fmt: skip
    watched.clock.advance(days=31)
    watched.append(issue(es_id=first))
    watched.fold()
    kept, day = Figures(watched.database), CALENDAR.day(watched.clock.now())
    told = kept.sealed(ISSUER, first, day - timedelta(days=365), day)
    assert told == [Sealed("2026-12", TYPE, 1), Sealed("2026-11", "", 1), Sealed("2026-11", TYPE, 3)]
    assert kept.sealed(ISSUER, first, day, day) == told[:1]
    assert kept.sealed(READER, first, day - timedelta(days=365), day) == []
    assert kept.totals(Measure.SEALED) == 8
