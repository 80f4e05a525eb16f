"""Acts that bind: done once, whatever is sent twice and however often the guard runs a request; and the page that proves them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.app import create_app
from hub.audit.service import Entry
from hub.composition import Hub
from hub.errors import HubError, PolicyChangedError, StatusForbidsError
from hub.web import forms
from hub.web.console import table
from hub.web.console.frame import Console
from hub.web.console.sections import ANYBODY, Act, Section
from tests.acceptance.small_hub import URL
from tests.web.console.office import Office
from tests.web.visitor import Visitor, fields, text

KEY = "a_key_of_a_form_{}"
NAME = "first"
"""Whose words `first.done` there are."""


@dataclass
class Tried:
    """A section with one act, whose work is what a test says."""

    console: Console
    work: Callable[[], None] = lambda: None
    promises: bool = False
    runs: int = 0

    def acts(self) -> Sequence[Act]:
        return (Act("/console/tried", "POST", self.act, ANYBODY),)

    async def act(self, request: Request, staff: Staff) -> Response:
        self.runs += 1
        done = await self.console.act(staff, await forms.read(request), NAME, self.work, "/console")
        if self.promises:
            request.state.pending.record(Entry("tried", {}))
        return done


@dataclass
class Trial:
    """Somebody who sends the form of the act."""

    office: Office
    visitor: Visitor
    tried: Tried
    done: list[str] = field(default_factory=list)

    def send(self, key: str) -> httpx.Response:
        token = fields(self.visitor.get("/console")).hidden["form_token"]
        given = {"form_token": token, "once": KEY.format(key)}
        return self.visitor.post("/console/tried", given, headers={"origin": URL, "sec-fetch-site": "same-origin"})

    def change(self, *, policy: bool = False) -> None:
        """Write a record, as an act does, and change the policy perhaps."""
        hub: Hub = self.office.hub
        with hub.database.transaction() as session:
            self.done.append(hub.audit.append(session, Entry("tried", {})))
            if policy:
                hub.audit.advance_epoch(session)


@pytest.fixture(scope="module")
def section(office: Office) -> Tried:
    made: list[Tried] = []

    def opened(console: Console) -> Tried:
        made.append(Tried(console))
        return made[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "SECTIONS", (*table.SECTIONS, Section("work", "/console/tried", ANYBODY, opened)))
        office.building.app = create_app(office.hub)
    return made[0]


@pytest.fixture
def trial(office: Office, section: Tried) -> Trial:
    section.work, section.promises, section.runs = (lambda: None), False, 0
    return Trial(office, office.visitor("AUDITOR"), section)


def test_a_form_that_is_sent_twice_is_done_once_and_proved_alike(trial: Trial) -> None:
    trial.tried.work = trial.change
    first, second = trial.send("twice"), trial.send("twice")
    assert len(trial.done) == 1
    assert (first.status_code, first.headers["location"]) == (303, second.headers["location"])
    page = trial.visitor.get(first.headers["location"])
    assert trial.done[0] in page.text
    assert "auditor" in text(page)
    assert "26 November 2026" in text(page)


def test_an_act_that_changes_the_policy_is_not_done_again_when_the_guard_runs_its_request_again(trial: Trial) -> None:
    trial.tried.work, trial.tried.promises = lambda: trial.change(policy=True), True
    answer = trial.send("policy")
    assert (answer.status_code, trial.tried.runs, len(trial.done)) == (303, 2, 1)
    assert trial.done[0] in trial.visitor.get(answer.headers["location"]).text


def test_an_act_under_a_policy_that_has_just_changed_is_tried_again(trial: Trial) -> None:
    def changed() -> None:
        if trial.tried.runs == 1:
            raise PolicyChangedError
        trial.change()

    trial.tried.work = changed
    assert (trial.send("changed").status_code, trial.tried.runs, len(trial.done)) == (303, 2, 1)


def test_what_was_refused_may_be_sent_again_with_the_same_form(trial: Trial) -> None:
    def refused() -> None:
        raise StatusForbidsError

    trial.tried.work = refused
    assert trial.send("refused").status_code == 409
    trial.tried.work = trial.change
    assert trial.send("refused").status_code == 303
    assert len(trial.done) == 1


def test_records_that_were_rolled_back_prove_nothing(trial: Trial) -> None:
    hub = trial.office.hub

    def rolled_back() -> None:
        with hub.database.transaction() as session:
            trial.done.append(hub.audit.append(session, Entry("tried", {})))
            session.rollback()
        trial.change()

    trial.tried.work = rolled_back
    page = trial.visitor.get(trial.send("rolled").headers["location"])
    assert [each in page.text for each in trial.done] == [False, True]


def test_an_act_whose_end_nobody_knows_is_not_done_again(trial: Trial) -> None:
    trial.office.hub.staff.acts.begin(trial.office.staff("AUDITOR"), KEY.format("killed"), NAME)
    answer = trial.send("killed")
    assert (answer.status_code, trial.done) == (409, [])
    assert "ACT_UNDERWAY" in answer.text


@pytest.mark.parametrize("key", ["", " ", "é" * 20])
def test_a_form_without_its_key_is_not_taken(trial: Trial, key: str) -> None:
    token = fields(trial.visitor.get("/console")).hidden["form_token"]
    assert trial.visitor.post("/console/tried", {"form_token": token, "once": key}).status_code == 400


def test_a_key_is_of_one_person_and_a_proof_his_alone(trial: Trial) -> None:
    trial.tried.work = trial.change
    mine = trial.send("mine").headers["location"]
    other = Trial(trial.office, trial.office.visitor("SEAL_MAKER"), trial.tried)
    assert other.visitor.get(mine).status_code == 404
    assert other.send("mine").headers["location"] != mine
    assert len(trial.done) == 2


def test_proofs_are_forgotten_after_a_month(trial: Trial) -> None:
    trial.tried.work = trial.change
    proved = trial.send("old").headers["location"].rpartition("/")[2]
    trial.office.building.clock.advance(days=31)
    trial.office.hub.staff.forget_expired()
    with pytest.raises(HubError, match="30 days"):
        trial.office.hub.staff.acts.proof(trial.office.staff("AUDITOR"), proved)
