"""Any steps of holders, counters, grants and time, in any order: a code does what its guide says, and nothing else.

The rules stand here a second time, as they are told to people, so that a slip in the service shows.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from typing_extensions import override

from hub.counters.presentations.making import MOST_OPEN
from hub.counters.presentations.presentation import Made
from hub.errors import HubError
from hub.paging import Window
from tests.catalogue.examples import HUSBAND, WIFE
from tests.counters.presentations.counter import REGISTER, SECONDS, Desk
from tests.sharing.consents import holder
from tests.sharing.world import ASKER, NOW, OTHER, OTHER_ITEM
from tests.sharing.world import person as person_of

PEOPLE = (HUSBAND, WIFE)
FAR = NOW.date() + timedelta(days=60)


def attempt(act: Callable[[], Any]) -> tuple[Any, str | None]:
    """Do something; return what it gave, and the code of the refusal."""
    try:
        return act(), None
    except HubError as error:
        return None, error.code


@dataclass
class Expected:
    """What has to be true of a code."""

    made: Made
    person: int
    expires_at: datetime
    state: str = "OPEN"
    ended_at: datetime | None = None


class Life(RuleBasedStateMachine):
    """The hub is one for all runs; each run has codes and cases of its own."""

    desk: Desk
    runner: asyncio.Runner
    run_number = 0

    def __init__(self) -> None:
        """Begin without codes."""
        super().__init__()
        Life.run_number += 1
        self.codes: list[Expected] = []
        self.granted = True

    def do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Do something in the hub's event loop."""
        return self.runner.run(coroutine)

    @property
    def now(self) -> datetime:
        """The time."""
        return self.desk.world.clock.now()

    def case(self, person: int) -> str:
        """Return the case number of a person in this run."""
        return f"RUN-{self.run_number}-{person}"

    def is_open(self, one: Expected) -> bool:
        """Tell whether a code may be redeemed by its counter."""
        return one.state == "OPEN" and self.now < one.expires_at

    @precondition(lambda self: self.granted)
    @rule(person=st.integers(0, 1))
    def show(self, person: int) -> None:
        """Make a code, unless too many are open."""
        still = [one for one in self.codes if one.person == person and self.is_open(one)]
        made, code = attempt(lambda: self.do(self.desk.show(PEOPLE[person], REGISTER)))
        assert code == ("PRESENTATION_LIMIT" if len(still) == MOST_OPEN else None)
        if made is None:
            return
        self.codes.append(Expected(made, person, self.now + timedelta(seconds=SECONDS)))

    @precondition(lambda self: self.codes)
    @rule(place=st.integers(0, 99), where=st.sampled_from(["his case", "another's case", "another authority"]))
    def scan(self, place: int, where: str) -> None:
        """Scan a code."""
        one = self.codes[place % len(self.codes)]
        number = self.case(one.person if where != "another's case" else 1 - one.person)
        more: dict[str, Any] = {"case_number": number}
        if where == "another's case":
            more["applicant"] = person_of(PEOPLE[1 - one.person])
        if where == "another authority":
            more |= {"item": OTHER_ITEM, "caller": self.desk.world.caller(OTHER)}
        caller = more.pop("caller", None)
        scan, code = attempt(lambda: self.do(self.desk.scan(one.made, caller, **more)))
        if scan is None:
            assert (code, self.granted, caller) == ("NOT_GRANTED", False, None)
            return
        self.judge(one, where, scan.verdict.word.value, scan.used_at, scan.used_by)

    def judge(self, one: Expected, where: str, word: str, used_at: datetime | None, used_by: str | None) -> None:
        """Compare what was told with what must be."""
        mine = where != "another authority"
        if one.state == "REDEEMED":
            assert (word, used_at, used_by) == ("CODE_USED", one.ended_at, ASKER if mine else None)
        elif not self.is_open(one):
            assert word == "CODE_EXPIRED"
        elif not mine:
            assert word == "CODE_UNKNOWN"
        elif where == "another's case":
            assert word == "OTHER_PERSON"
        else:
            assert word == "VALID"
            one.state, one.ended_at = "REDEEMED", self.now

    @precondition(lambda self: self.codes)
    @rule(place=st.integers(0, 99), by=st.integers(0, 1))
    def cancel(self, place: int, by: int) -> None:
        """Cancel a code, or try to."""
        one = self.codes[place % len(self.codes)]
        cancel = self.desk.presentations.cancel
        _, code = attempt(lambda: cancel(holder(PEOPLE[by]), one.made.presentation.id))
        if by != one.person:
            assert code == "PRESENTATION_UNKNOWN"
        elif not self.is_open(one):
            assert code == "PRESENTATION_STATE"
        else:
            assert code is None
            one.state, one.ended_at = "CANCELLED", self.now

    @rule(seconds=st.sampled_from([1, SECONDS // 2, SECONDS]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.desk.world.clock.advance(seconds=seconds)

    @rule()
    def turn_grant(self) -> None:
        """Suspend the grant, or resume it."""
        (grant,) = [each for each in self.desk.world.sharing.grants() if each.authority == ASKER]
        change = self.desk.world.sharing.suspend_grant if self.granted else self.desk.world.sharing.resume_grant
        change(grant.id)
        self.granted = not self.granted

    @rule()
    def forget(self) -> None:
        """Do the regular work: nothing of these codes is old enough."""
        self.desk.presentations.forget_expired()

    @invariant()
    def holders_see_what_is(self) -> None:
        """Each holder sees his codes, in the states that they are in."""
        for person, row in enumerate(PEOPLE):
            seen = {
                each.id: each.state(self.now).value
                for each in self.desk.presentations.of_holder(holder(row), Window(100)).items
            }
            wanted = {
                one.made.presentation.id: "EXPIRED" if one.state == "OPEN" and not self.is_open(one) else one.state
                for one in self.codes
                if one.person == person
            }
            assert seen == wanted

    @override
    def teardown(self) -> None:
        """Forget all, and see that each code was redeemed once at the most."""
        redeemed = [each["presentation"] for each in self.desk.records("REDEEMED")]
        assert len(redeemed) == len(set(redeemed))
        if not self.granted:
            self.turn_grant()
        self.desk.world.clock.advance(days=31)
        self.desk.presentations.forget_expired()
        assert self.desk.rows() == []
        self.desk.world.clock.instant = NOW


@pytest.fixture
def living(desk_once: Desk) -> Iterator[type[Life]]:
    """Give the machine on a hub whose event loop lasts."""
    desk_once.world.grant(["address"], valid_until=FAR)
    desk_once.world.grant(["address"], authority=OTHER, item=OTHER_ITEM, valid_until=FAR)
    with asyncio.Runner() as runner:
        Life.desk, Life.runner = desk_once, runner
        yield Life
        runner.run(desk_once.world.reader.close())


def test_a_code_lives_as_it_is_told(living: type[Life]) -> None:
    few = settings(
        max_examples=6, stateful_step_count=14, deadline=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck), derandomize=True, database=None,
    )  # fmt: skip
    run_state_machine_as_test(living, settings=few)


@pytest.mark.soak
def test_a_code_lives_as_it_is_told_at_length(living: type[Life]) -> None:
    many = settings(
        max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(living, settings=many)
