"""Auditors find records by what they say and when they were written, whatever the size of the log, and nothing that is not theirs."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import AUDITOR, HUB_ADMINISTRATOR, Role
from hub.audit import searching
from hub.audit.finding_aid import FindingAid
from hub.audit.searching import FoundPage
from hub.audit.service import Entry, Pending
from hub.audit.terms import Name, number, terms_of
from hub.errors import InputInvalidError
from hub.supervision.records import RecordDesk, RecordWish
from tests.supervision.watched import CALENDAR, IDENTIFIER, ISSUER, NOW, READER, Watched, access, issue

WHOLE, OWN = None, READER


def person(*, of: str | None, role: Role = AUDITOR) -> Staff:
    return Staff("staff-9", "somebody", {of: frozenset((role.name,))}, 1)


def wish(
    authority: str | None = WHOLE, first: date | None = None, last: date | None = None, **terms: str
) -> RecordWish:
    return RecordWish(authority, {Name(name): value for name, value in terms.items()}, first, last)


class Desk:
    """A desk whose finding aid is up to date."""

    def __init__(self, watched: Watched) -> None:
        self.watched, self.desk, self.pending = watched, RecordDesk(watched.database, CALENDAR), Pending()
        self.aid = FindingAid(watched.database)

    def take_in(self) -> int:
        self.watched.log.integrate()
        return self.aid.catch_up()

    def found(self, sought: RecordWish, size: int = 100, *, who: Staff | None = None) -> list[str]:
        """Return the ids of all pages."""
        page, ids = self.page(sought, None, size, who=who), list[str]()
        while True:
            ids += [each.id for each in page.records]
            if page.more is None:
                return ids
            page = self.page(sought, page.more, size, who=who)

    def page(
        self, sought: RecordWish, cursor: str | None = None, size: int = 100, *, who: Staff | None = None
    ) -> FoundPage:
        return self.desk.search(who or person(of=None), sought, cursor, size, self.pending)


def test_each_term_finds_its_records_the_newest_first(watched: Watched) -> None:
    desk = Desk(watched)
    entries = [
        access(licence=IDENTIFIER), access("REFUSED", client="staff 7"), issue(client="client-2"), issue(operation="revoke", client="staff 7"),
        Entry("seal", {"operation": "APPROVE", "seal": "esid", "staff": "7", "authority": ISSUER, "reason": "prose"}),
        access(authority=ISSUER, case="case-2"),
    ]  # fmt: skip
    watched.append(*entries)
    assert desk.take_in() == len(entries)
    read, refused, issued, revoked, seal, other = (each.id for each in entries)
    newest_first = [other, seal, revoked, issued, refused, read]
    for sought, expected in (
        (wish(), newest_first),
        (wish(kind="access"), [other, refused, read]),
        (wish(act="licence revoke"), [revoked]),
        (wish(outcome="REFUSED"), [refused]),
        (wish(who="7"), [seal, revoked, refused]),
        (wish(who="client-2"), [issued]),
        (wish(licence=IDENTIFIER), [revoked, issued, read]),
        (wish(case="case-2"), [other]),
        (wish(seal="esid"), [seal]),
        (wish(ISSUER), [other, seal, revoked, issued]),
        (wish(READER, kind="access", who="client-1"), [read]),
        (wish(READER, licence=IDENTIFIER, outcome="REFUSED"), []),
        (wish(who="prose"), []),
    ):
        assert desk.found(sought) == expected, sought
        assert desk.found(sought, size=1) == expected, sought


def test_days_are_legal_days_and_what_came_late_is_found_by_its_own_time(watched: Watched) -> None:
    desk, days = Desk(watched), list[str]()
    for _ in range(4):
        entry = access()
        watched.append(entry)
        days.append(entry.id)
        watched.clock.advance(hours=24)
    watched.clock.instant = NOW
    watched.clock.advance(minutes=3)
    late = access()
    watched.append(late)
    desk.take_in()
    assert desk.found(wish(first=date(2026, 11, 26), last=date(2026, 11, 27), kind="access")) == [days[2], days[1]]
    assert desk.found(wish(last=date(2026, 11, 25))) == [late.id, days[0]]
    assert desk.found(wish(first=date(2026, 11, 28), kind="access")) == [days[3]]
    assert set(desk.found(wish(kind="access"))) == {*days, late.id}
    with pytest.raises(InputInvalidError):
        desk.found(wish(first=date(2026, 11, 28), last=date(2026, 11, 27)))


def test_a_search_for_what_is_rare_looks_at_so_much_at_a_time_and_says_how_far_it_has_come(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "AT_ONCE", 10)
    desk, rare = Desk(watched), access("REFUSED", authority=ISSUER)
    watched.append(rare, *(access("REFUSED") for _ in range(25)))
    desk.take_in()
    sought = wish(ISSUER, outcome="REFUSED")
    first = desk.page(sought)
    assert (first.records, first.looked_to) == ((), int(NOW.timestamp() * 1_000_000))
    assert desk.found(sought) == [rare.id]
    watched.append(access())
    watched.log.integrate()
    assert desk.page(sought).behind == 1


def test_nobody_finds_what_is_not_his(watched: Watched) -> None:
    desk = Desk(watched)
    watched.append(access(), access(authority=ISSUER), Entry("staff", {"operation": "sign_in", "staff": "7"}))
    desk.take_in()
    mine = person(of=OWN)
    assert len(desk.found(wish(OWN), who=mine)) == 1
    assert len(desk.found(wish(OWN, kind="access"), who=mine)) == 1
    assert desk.found(wish(OWN, kind="staff"), who=mine) == []
    for authority in (WHOLE, ISSUER):
        with pytest.raises(RoleMissingError):
            desk.found(wish(authority), who=mine)
    for other in (person(of=None, role=HUB_ADMINISTRATOR), person(of=ISSUER)):
        with pytest.raises(RoleMissingError):
            desk.found(wish(OWN), who=other)


def test_cursors_of_other_lists_and_terms_that_nobody_needs_are_refused(watched: Watched) -> None:
    desk = Desk(watched)
    for cursor in ("", "x", "WyJhbGVydHMiLCIwIl0", "WyJyZWNvcmRzIiwiLTEiXQ", "WyJyZWNvcmRzIiwi2aEiXQ"):
        with pytest.raises(InputInvalidError):
            desk.page(wish(), cursor)
    for who in ("", "x" * 201, "a\nb"):
        with pytest.raises(InputInvalidError):
            desk.page(wish(who=who))
    for size in (0, 101):
        with pytest.raises(InputInvalidError):
            desk.page(wish(), None, size)


def test_looking_at_what_speaks_of_somebody_is_on_record_and_lists_are_not(watched: Watched) -> None:
    desk = Desk(watched)
    watched.append(access(licence=IDENTIFIER))
    desk.take_in()
    desk.found(wish(kind="access", who="client-1"))
    assert desk.pending.entries == []
    desk.found(wish(READER, licence=IDENTIFIER), who=person(of=READER))
    assert desk.desk.look(person(of=READER), "record-1", access(case="case-7").facts, desk.pending)
    about_nobody = {"operation": "approve", "authority": READER}
    assert not desk.desk.look(person(of=READER), "record-2", about_nobody, desk.pending)
    told = [(each.kind, dict(each.facts)) for each in desk.pending.entries]
    who: dict[str, Any] = {"staff": "staff-9", "authority": READER}
    assert told == [
        ("inspection", {"operation": "SOUGHT", "found": 1, "licence": IDENTIFIER, **who}),
        ("inspection", {"operation": "LOOKED", "record": "record-1", **who}),
    ]


def test_it_is_made_again_from_the_records_and_what_was_erased_is_found_no_more(watched: Watched) -> None:
    desk, gone = Desk(watched), access(licence=IDENTIFIER)
    watched.append(gone, access(), issue())
    desk.take_in()
    kept = watched.rows("SELECT term, place FROM audit_term ORDER BY term, place")
    watched.change("DELETE FROM audit_term WHERE place = 1")
    assert desk.aid.again() == 3
    assert watched.rows("SELECT term, place FROM audit_term ORDER BY term, place") == kept
    with watched.database.transaction() as session:
        watched.audit.erase(session, gone.id, "a basis")
    assert desk.found(wish(kind="access")) == desk.found(wish(who="client-1"))
    assert gone.id not in desk.found(wish())
    assert watched.rows("SELECT term FROM audit_term WHERE place = 0") == []


def test_of_a_record_that_is_erased_while_it_is_taken_in_nothing_stays(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, gone, write = Desk(watched), access(licence=IDENTIFIER), watched.database.transaction
    watched.append(gone, access())
    watched.log.integrate()

    @contextmanager
    def after_an_erasure() -> Iterator[Session]:
        monkeypatch.undo()
        with write() as session:
            watched.audit.erase(session, gone.id, "a basis")
        with write() as session:
            yield session

    monkeypatch.setattr(watched.database, "alone", lambda _key: nullcontext(enter_result=True))
    monkeypatch.setattr(watched.database, "transaction", after_an_erasure)
    assert desk.aid.part() == 0
    assert watched.rows("SELECT term FROM audit_term") == []
    assert desk.take_in() > 0
    assert gone.id not in desk.found(wish())


def test_a_place_is_taken_in_once_whoever_does_and_another_hubs_bytes_stop_nothing(watched: Watched) -> None:
    desk, other = Desk(watched), FindingAid(watched.database)
    watched.append(access(), access())
    watched.log.integrate()
    watched.change("UPDATE audit_record SET body = '[]' WHERE sequence = 1")
    assert (desk.aid.part(), other.part(), other.behind()) == (2, 0, 0)
    assert len(desk.found(wish(who="client-1"))) == 1


def test_terms_are_what_the_hub_writes_and_nothing_of_persons() -> None:
    facts = {
        **access(licence=IDENTIFIER, client="staff 7").facts,
        "kind": "access",
        "withheld": [["name", "NOT_GRANTED"]],
        "who": 7,
    }
    found = terms_of(facts)
    assert (Name.WHO, "7") in found
    assert not [value for _, value in found if "handle" in value]
    assert terms_of({"kind": "access", "client": 3, "case": ["x"], "operation": None}) == {(Name.KIND, "access")}
    assert all(0 <= number(each) < 2**63 for each in found)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (Name.WHO, "7", 8888177455735058224),
        (Name.CASE, "案", 5641440291638543940),
        (Name.CASE, "\ud800", 2701166490814560654),
    ],
)
def test_a_terms_number_stays_for_it_is_kept(name: Name, value: str, expected: int) -> None:
    assert number((name, value)) == expected
