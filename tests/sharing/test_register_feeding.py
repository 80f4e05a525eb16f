"""Feeding registers: whose word counts, which edition holds, and what every change leaves behind."""

from datetime import timedelta

import pytest

from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION
from hub.errors import (
    AuthorityMismatchError,
    InputInvalidError,
    PolicyChangedError,
    ScopeMissingError,
    TypeUnknownError,
)
from hub.identities.feeding import Outcome
from hub.identities.statement import Statement, Warned
from tests.catalogue.examples import HUSBAND, WIFE
from tests.sharing.registers import (
    COMPANY,
    YESTERDAY,
    allow,
    fed_family,
    feed,
    feeder,
    of_company,
    of_person,
    outcomes,
    rows_of,
)
from tests.sharing.world import ISSUER, NOW, OTHER, World

HOUR = timedelta(hours=1)


def test_only_a_source_feeds_and_only_with_the_scope(empty_world: World) -> None:
    with pytest.raises(AuthorityMismatchError):
        feed(empty_world, of_person(WIFE))
    allow(empty_world, ISSUER, NATURAL_PERSON)
    with pytest.raises(AuthorityMismatchError):
        feed(empty_world, of_company(), register=ORGANISATION)
    with pytest.raises(ScopeMissingError):
        empty_world.identities.feed(empty_world.caller(ISSUER), NATURAL_PERSON, [of_person(WIFE)])
    with pytest.raises(TypeUnknownError):
        feed(empty_world, of_person(WIFE), register="BusinessLicence")
    with pytest.raises(InputInvalidError):
        feed(empty_world)
    assert outcomes(feed(empty_world, of_person(WIFE))) == [Outcome.ADDED]


def test_a_right_that_ends_stops_at_once(empty_world: World) -> None:
    allow(empty_world)
    late = feeder(empty_world)
    empty_world.catalogue.end_feeding(ISSUER, NATURAL_PERSON)
    with pytest.raises(PolicyChangedError):
        empty_world.identities.feed(late, NATURAL_PERSON, [of_person(WIFE)])
    empty_world.sharing.refresh()
    with pytest.raises(AuthorityMismatchError):
        feed(empty_world, of_person(WIFE))
    assert rows_of(empty_world) == []


def test_what_is_sent_again_changes_nothing(empty_world: World) -> None:
    allow(empty_world)
    feed(empty_world, of_person(WIFE), of_person(HUSBAND))
    before = rows_of(empty_world)
    assert outcomes(feed(empty_world, of_person(HUSBAND), of_person(WIFE))) == [Outcome.UNCHANGED] * 2
    assert rows_of(empty_world) == before
    assert len(empty_world.records("register")) == 2


def test_the_later_time_counts_whenever_it_comes(empty_world: World) -> None:
    allow(empty_world)
    feed(empty_world, of_person(WIFE, NOW - HOUR, name="陆青"))
    (older,) = feed(empty_world, of_person(WIFE, NOW - 2 * HOUR))
    assert (older.fed and older.fed.outcome, older.fed and older.fed.edition) == (Outcome.OUTDATED, 1)
    assert outcomes(feed(empty_world, of_person(WIFE, NOW - HOUR))) == [Outcome.CONTRADICTED]
    (newer,) = feed(empty_world, of_person(WIFE, NOW))
    assert (newer.fed and newer.fed.outcome, newer.fed and newer.fed.edition) == (Outcome.CHANGED, 2)
    empty_world.clock.advance(hours=1)
    (same,) = feed(empty_world, of_person(WIFE, empty_world.clock.now()))
    assert (same.fed and same.fed.outcome, same.fed and same.fed.edition) == (Outcome.CONFIRMED, 2)
    assert outcomes(feed(empty_world, of_person(WIFE, NOW))) == [Outcome.OUTDATED]


def test_another_source_may_take_over_with_a_later_word(empty_world: World) -> None:
    allow(empty_world)
    allow(empty_world, OTHER, NATURAL_PERSON)
    feed(empty_world, of_person(WIFE))
    assert outcomes(feed(empty_world, of_person(WIFE, NOW), authority=OTHER)) == [Outcome.CONFIRMED]
    ((_, _, authority, edition, as_of, _),) = rows_of(empty_world)
    assert (authority, edition, as_of) == (OTHER, 1, int(NOW.timestamp()) * 1_000_000)


def test_of_two_words_about_one_person_in_one_batch_the_later_counts(empty_world: World) -> None:
    allow(empty_world)
    said = [
        of_person(WIFE, YESTERDAY),
        of_person(HUSBAND),
        of_person(WIFE, NOW, status="DECEASED"),
        of_person(WIFE, YESTERDAY),
    ]
    assert outcomes(feed(empty_world, *said)) == [Outcome.ADDED, Outcome.ADDED, Outcome.CHANGED, Outcome.OUTDATED]
    assert len(rows_of(empty_world)) == 2


def test_a_change_of_status_needs_no_more_than_the_code(empty_world: World) -> None:
    allow(empty_world)
    death = Statement({"number": WIFE["code"], "status": "DECEASED"}, NOW, only_status=True)
    assert outcomes(feed(empty_world, death)) == [Outcome.UNKNOWN]
    feed(empty_world, of_person(WIFE))
    assert outcomes(feed(empty_world, death, death)) == [Outcome.CHANGED, Outcome.UNCHANGED]
    (refused,) = feed(empty_world, Statement({"number": WIFE["code"], "status": "GONE"}, NOW, only_status=True))
    assert refused.refused is not None
    assert [each.pointer for each in refused.refused.violations] == ["/status"]


def test_one_bad_statement_takes_its_own_place_only_and_names_every_fault(empty_world: World) -> None:
    allow(empty_world)
    bad = of_company(NOW + timedelta(days=1), creditCode=f"{COMPANY[:-1]}0", kind="企业", name="…", scope="\u202e")
    good, refused = feed(empty_world, of_company(), bad, register=ORGANISATION)
    assert good.fed is not None
    assert refused.refused is not None
    pointers = [each.pointer for each in refused.refused.violations]
    assert pointers == ["/creditCode", "/name", "/kind", "/scope", "/asOf"]
    assert COMPANY[:-1] not in str(refused.refused.violations)


def test_an_area_that_no_list_knows_is_a_warning(empty_world: World) -> None:
    allow(empty_world)
    (warned,) = feed(empty_world, of_person(WIFE))
    assert warned.warnings == (Warned.AREA_UNKNOWN,)
    (known,) = feed(empty_world, of_company(creditCode="91110000MA0000001L"), register=ORGANISATION)
    assert known.refused is None
    assert known.warnings == ()


def test_codes_are_taken_in_every_usual_spelling(empty_world: World) -> None:
    allow(empty_world)
    feed(empty_world, of_person(WIFE))
    wide = "".join(chr(ord(each) + 0xFEE0) for each in WIFE["code"].lower())
    assert outcomes(feed(empty_world, of_person(WIFE, number=f" {wide} "))) == [Outcome.UNCHANGED]


def test_records_name_source_time_and_handle_and_nobody(world: World) -> None:
    fed_family(world)
    told = world.records("register")
    assert {each["register"] for each in told} == {NATURAL_PERSON, ORGANISATION}
    assert {(each["authority"], each["operation"], each["edition"]) for each in told} == {(ISSUER, "ADDED", 1)}
    assert {each["subjects"][0] for each in told} == {row[-1] for row in rows_of(world)}
    assert WIFE["code"] not in str(told)
    assert WIFE["name"] not in str(told)
