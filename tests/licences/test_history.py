"""History: the status as of one instant as known at another, against a model that keeps plain lists."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from hub.errors import NotFoundError, StatusForbidsError
from hub.licences.identifier import LicenceIdentifier
from hub.licences.service import Issued
from hub.licences.status import LIVE, OPERATIONS, Status, effective_status
from tests.licences.drafts import company_draft
from tests.licences.world import CALENDAR, START, World

ACTS = ("suspend", "resume", "withdraw", "revoke", "cancel", "transferOut", "cancelTransfer")
PLACES = iter(range(1_000_000))
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]

moments = st.integers(-3, 40).map(lambda days: START + timedelta(days=days))
offsets = st.floats(0, 1)


@dataclass
class Edition:
    """What the model knows of one edition: present revision, and each change as (recorded, effective, status)."""

    issued: Issued
    valid_from: str
    valid_until: str | None
    changes: list[tuple[datetime, datetime, Status]] = field(default_factory=list)

    @property
    def status(self) -> Status:
        return self.changes[-1][2]

    def status_at(self, as_of: datetime, known_at: datetime) -> str | None:
        known = [change for change in self.changes if change[0] <= known_at and change[1] <= as_of]
        if not known:
            return None
        latest = max(range(len(known)), key=lambda place: (known[place][1], place))
        return effective_status(known[latest][2], self.valid_from, self.valid_until, CALENDAR.day(as_of))


class Life(RuleBasedStateMachine):
    """One licence through acts, renewals and time; the clock of the hub moves with it."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.world.clock.instant = START
        self.place = next(PLACES)
        self.draft = company_draft(self.place, "FoodBusinessLicence")
        issued = world.licences.issue(world.caller(), self.draft, f"life-of-{self.place}")
        self.editions = [self._edition(issued)]
        self.requests = 0

    def _edition(self, issued: Issued) -> Edition:
        until = self.draft.valid_until.isoformat() if self.draft.valid_until else None
        now = self.world.clock.now()
        return Edition(issued, self.draft.valid_from.isoformat(), until, [(now, now, Status.VALID)])

    def _key(self) -> str:
        self.requests += 1
        return f"life-of-{self.place}-{self.requests}"

    @precondition(lambda self: self.world.clock.now() < START + timedelta(days=1200))  # a seal lives for five years
    @rule(days=st.integers(1, 500))
    def time_goes_by(self, days: int) -> None:
        self.world.clock.advance(days=days)

    @rule(name=st.sampled_from(ACTS), share=st.none() | offsets)
    def somebody_acts(self, name: str, share: float | None) -> None:
        edition, operation = self.editions[-1], OPERATIONS[name]
        now, last = self.world.clock.now(), edition.changes[-1][1]
        effective = None if share is None else last + (now - last) * share
        issued = edition.issued
        arguments = (issued.identifier, issued.revision, "依职权", "条例", effective, self._key())
        if edition.status not in operation.from_statuses:
            with pytest.raises(StatusForbidsError):
                self.world.licences.act(self.world.caller(), name, *arguments)
            return
        edition.issued = self.world.licences.act(self.world.caller(), name, *arguments)
        edition.changes.append((now, effective or now, operation.to))

    @precondition(lambda self: self.editions[-1].status is Status.VALID and len(self.editions) < 4)
    @rule(name=st.sampled_from(["renew", "change"]))
    def somebody_makes_a_new_edition(self, name: str) -> None:
        edition, now = self.editions[-1], self.world.clock.now()
        make = self.world.licences.renew if name == "renew" else self.world.licences.change
        issued = make(self.world.caller(), edition.issued.identifier, self.draft, edition.issued.revision, self._key())
        edition.changes.append((now, now, Status.SUPERSEDED))
        self.editions.append(self._edition(issued))

    @rule(data=st.data())
    def history_answers_as_the_model_does(self, data: st.DataObject) -> None:
        edition = data.draw(st.sampled_from(self.editions))
        instants = [instant for recorded, effective, _ in edition.changes for instant in (recorded, effective)]
        near = st.sampled_from(instants).flatmap(
            lambda instant: st.sampled_from([-1, 0, 1]).map(lambda step: instant + timedelta(microseconds=step))
        )
        as_of, known_at = data.draw(near | moments), data.draw(near | moments)
        identifier = edition.issued.identifier
        assert self.world.licences.status_at(identifier, as_of, known_at) == edition.status_at(as_of, known_at)
        now = datetime.max.replace(tzinfo=UTC)
        assert self.world.licences.status_at(identifier, as_of) == edition.status_at(as_of, now)

    @invariant()
    def what_is_stored_is_what_the_model_says(self) -> None:
        stored = [self.world.stored(edition.issued.identifier) for edition in self.editions]
        assert [one.status for one in stored] == [edition.status for edition in self.editions]
        assert [one.revision for one in stored] == [len(edition.changes) for edition in self.editions]
        assert [LicenceIdentifier.parse(one.identifier).version for one in stored] == [*range(1, len(stored) + 1)]
        assert len({one.serial for one in stored}) == 1
        assert len([one for one in stored if one.status in LIVE]) <= 1


def test_a_licence_lives_as_the_table_says_and_history_remembers(world: World) -> None:
    chosen = settings(max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=SLOW)
    run_state_machine_as_test(partial(Life, world), settings=chosen)  # type: ignore[arg-type]  # any factory will do


def test_what_was_known_differs_from_what_was_the_case(world: World, issued: Issued) -> None:
    start = world.clock.now()
    world.clock.advance(days=10)
    third_day = start + timedelta(days=3)
    world.licences.act(world.caller(), "suspend", issued.identifier, 1, "依职权", "条例", third_day, "late-news")
    fifth_day = start + timedelta(days=5)
    assert world.licences.status_at(issued.identifier, fifth_day) == "SUSPENDED"
    assert world.licences.status_at(issued.identifier, fifth_day, known_at=fifth_day) == "VALID"
    assert world.licences.status_at(issued.identifier, third_day) == "SUSPENDED"
    assert world.licences.status_at(issued.identifier, third_day - timedelta(microseconds=1)) == "VALID"
    assert world.licences.status_at(issued.identifier, start - timedelta(microseconds=1)) is None


def test_dates_count_in_the_hubs_own_days(world: World) -> None:
    issued = world.licences.issue(world.caller(), company_draft(1, "FoodBusinessLicence"), "food-key-1")
    last_moment = datetime(2029, 5, 19, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai on the last day
    assert world.licences.status_at(issued.identifier, last_moment) == "VALID"
    assert world.licences.status_at(issued.identifier, last_moment + timedelta(seconds=1)) == "EXPIRED"


def test_nobody_has_a_history_without_a_licence(world: World, issued: Issued) -> None:
    unknown = LicenceIdentifier.parse(issued.identifier).next_version()
    with pytest.raises(NotFoundError):
        world.licences.status_at(str(unknown), START)


@given(st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=SLOW)
def test_any_backdated_sequence_is_remembered(world: World, data: st.DataObject) -> None:
    """Suspensions and resumptions, each recorded late by some days, asked about at every pair of days."""
    world.clock.instant = START
    place = next(PLACES)
    issued = world.licences.issue(world.caller(), company_draft(place), f"late-act-{place}")
    edition = Edition(issued, "2021-04-06", None, [(START, START, Status.VALID)])
    for turn in range(data.draw(st.integers(1, 4))):
        world.clock.advance(days=data.draw(st.integers(0, 5)))
        now, last = world.clock.now(), edition.changes[-1][1]
        effective = now - timedelta(days=data.draw(st.integers(0, (now - last).days)))
        operation = OPERATIONS["suspend" if turn % 2 == 0 else "resume"]
        edition.issued = world.licences.act(
            world.caller(), operation.name, issued.identifier, edition.issued.revision, "依职权", "条例", effective,
            f"late-act-{place}-{turn}",
        )  # fmt: skip
        edition.changes.append((now, effective, operation.to))
    for as_of in range(-1, 21, 3):
        for known_at in range(-1, 21, 3):
            instants = START + timedelta(days=as_of), START + timedelta(days=known_at)
            assert world.licences.status_at(issued.identifier, *instants) == edition.status_at(*instants)
