"""Several at once: two sources and one person, two processes and one budget."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from hub.catalogue.registers import NATURAL_PERSON
from hub.identities.feeding import Outcome
from hub.identities.refusals import MatchBudgetError
from tests.identities.office import NOW, Office, open_office, statement_of

PEOPLE = 20


def test_of_several_who_feed_the_same_people_at_once_the_latest_word_holds(office: Office) -> None:
    def feed(turn: int) -> list[Outcome]:
        said = [statement_of(place, NOW - timedelta(minutes=turn), name=f"名{turn}") for place in range(PEOPLE)]
        answered = office.identities.feed(office.caller(), NATURAL_PERSON, said if turn % 2 else said[::-1])
        return [each.fed.outcome for each in answered if each.fed]

    with ThreadPoolExecutor(4) as pool:
        outcomes = [each for several in pool.map(feed, range(8)) for each in several]
    assert outcomes.count(Outcome.ADDED) == office.count("register_entry") == PEOPLE
    assert {as_of for (as_of,) in office.rows("SELECT as_of FROM register_entry")} == {int(NOW.timestamp()) * 1_000_000}
    changed = outcomes.count(Outcome.ADDED) + outcomes.count(Outcome.CHANGED)
    assert sum(edition for (edition,) in office.rows("SELECT edition FROM register_entry")) == changed
    assert len(office.records("register")) == changed
    office.log.integrate()
    assert office.log.verify({}).wrong == 0


def test_processes_that_spend_at_once_never_spend_more_than_the_budget(office: Office, tmp_path: Path) -> None:
    other = open_office(office.database.url, tmp_path / "keys", make=False)

    def spend(turn: int) -> bool:
        try:
            (office, other)[turn % 2].identities.budget.spend("client", 90)
        except MatchBudgetError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(spend, range(24))) == 11
    other.database.close()
    assert office.rows("SELECT spent FROM match_budget") == [(990,)]
    office.identities.budget.spend("client", 10)
    office.identities.budget.spend("another", 1_000)
    for client, pairs in (("client", 1), ("new", 1_001)):
        with pytest.raises(MatchBudgetError):
            office.identities.budget.spend(client, pairs)
