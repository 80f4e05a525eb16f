"""matchIdentity: what belongs together, what does not, and that nobody is found out by asking."""

from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.access.caller import Caller
from hub.catalogue.code_types import CITIZEN_NUMBER
from hub.catalogue.codes import citizen_check_character
from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION
from hub.errors import InputInvalidError, NotGrantedError, PurposeNotDeclaredError, ScopeMissingError
from hub.identities.finding import Match
from hub.identities.refusals import MatchBudgetError
from hub.identities.sealing import with_letters, with_name
from hub.identities.spelling import letters, spelled
from hub.sharing.matching import Claimed
from hub.vault.purposes import person
from tests.catalogue.examples import CHILD, ELDER, HUSBAND, WIFE
from tests.sharing.registers import COMPANY, COMPANY_NAME, allow, fed_family, feed, of_person
from tests.sharing.test_holders import accesses
from tests.sharing.world import ASKER, ITEM, LEGAL_BASIS, MATCHES_A_DAY, NOW, OTHER, OTHER_ITEM, SECOND_ITEM, World

MATCHER = frozenset({"identity:match"})
BOTH = ("number", "name")


def matcher(world: World) -> Caller:
    """Return a client system that may ask."""
    return world.caller(ASKER, MATCHER)


def claimed(*rows: dict[str, str]) -> list[Claimed]:
    """Return what is true of examples' persons."""
    return [Claimed(row["code"], row["name"]) for row in rows]


async def asked(world: World, claims: list[Claimed], register: str = NATURAL_PERSON, **changes: Any) -> list[Match]:
    """Ask, on record."""
    pending = world.pending()
    given_ = {"caller": matcher(world), "item": ITEM, "legal_basis": LEGAL_BASIS, **changes}
    try:
        return await world.sharing.matching.match(register_key=register, claims=claims, pending=pending, **given_)
    finally:
        await world.recorder.commit(pending)


def test_code_and_name_belong_together_or_not(world: World) -> None:
    fed_family(world)
    world.grant(BOTH, NATURAL_PERSON)
    world.grant(["creditCode", "name"], ORGANISATION)
    world.run(_together(world))


async def _together(world: World) -> None:
    assert await asked(world, claimed(WIFE, HUSBAND)) == [Match.MATCH] * 2
    crossed = [Claimed(WIFE["code"], HUSBAND["name"]), Claimed(WIFE["code"][:-1] + "0", WIFE["name"]), *claimed(ELDER)]
    assert await asked(world, crossed) == [Match.NO_MATCH] * 3
    wide = "".join(chr(ord(each) + 0xFEE0) for each in HUSBAND["code"].lower())
    assert await asked(world, [Claimed(f" {wide}", f" {HUSBAND['name']} ")]) == [Match.MATCH]
    company = [Claimed(COMPANY.lower(), COMPANY_NAME), Claimed(COMPANY, f"{COMPANY_NAME[:3]}（{COMPANY_NAME[3:]}）")]
    assert await asked(world, company, ORGANISATION) == [Match.MATCH, Match.PARTIAL]


def test_partial_takes_every_letter_and_a_former_name_none(world: World) -> None:
    allow(world)
    feed(world, of_person(WIFE, name="阿依古丽·Amina"), of_person(HUSBAND))
    feed(world, of_person(HUSBAND, NOW, name="林若水"))
    world.grant(BOTH, NATURAL_PERSON)
    world.run(_partial(world))


async def _partial(world: World) -> None:
    told = {
        "阿依古丽·AMINA": Match.MATCH, "阿依古丽・Amina": Match.PARTIAL, "阿依古丽 amína": Match.PARTIAL,
        "阿依古丽": Match.NO_MATCH, "阿依": Match.NO_MATCH, "": Match.NO_MATCH, "·": Match.NO_MATCH,
    }  # fmt: skip
    assert await asked(world, [Claimed(WIFE["code"], name) for name in told]) == list(told.values())
    assert await asked(world, [*claimed(HUSBAND), Claimed(HUSBAND["code"], "林若水")]) == [Match.NO_MATCH, Match.MATCH]


def test_whoever_may_not_ask_is_refused_before_anything_is_paid_for_or_looked_up(world: World) -> None:
    fed_family(world)
    world.run(_refused(world))


async def _refused(world: World) -> None:
    pairs = claimed(WIFE)
    with pytest.raises(NotGrantedError):
        await asked(world, pairs)
    world.grant(["name"], NATURAL_PERSON)
    with pytest.raises(NotGrantedError):
        await asked(world, pairs)
    world.grant([], NATURAL_PERSON, checks=BOTH, item=SECOND_ITEM)
    assert await asked(world, pairs, item=SECOND_ITEM) == [Match.MATCH]
    with pytest.raises(NotGrantedError):
        await asked(world, pairs, item=OTHER_ITEM)
    with pytest.raises(NotGrantedError):
        await asked(world, pairs, caller=world.caller(OTHER, MATCHER), item=SECOND_ITEM)
    with pytest.raises(ScopeMissingError):
        await asked(world, pairs, caller=world.caller(), item=SECOND_ITEM)
    with pytest.raises(PurposeNotDeclaredError):
        await asked(world, pairs, caller=matcher(world).serving(frozenset({ITEM})), item=SECOND_ITEM)
    for basis in (f"依据 {WIFE['code']}", " "):
        with pytest.raises(InputInvalidError):
            await asked(world, pairs, item=SECOND_ITEM, legal_basis=basis)
    for few_or_many in ([], pairs * 101):
        with pytest.raises(InputInvalidError):
            await asked(world, few_or_many, item=SECOND_ITEM)
    assert world.rows("SELECT spent FROM match_budget") == [(1,)]


def test_the_days_budget_is_one_for_all_processes_and_says_how_long_to_wait(world: World) -> None:
    fed_family(world)
    world.grant(BOTH, NATURAL_PERSON)
    world.run(_budget(world))


async def _budget(world: World) -> None:
    for _ in range(MATCHES_A_DAY // 100):
        await asked(world, claimed(ELDER) * 100)
    with pytest.raises(MatchBudgetError) as refused:
        await asked(world, claimed(WIFE))
    assert refused.value.wait == 12 * 3600 + 1  # it is noon where authorities sit
    assert world.rows("SELECT client, spent FROM match_budget") == [(matcher(world).client_id, MATCHES_A_DAY)]
    (*_, record) = world.records("access")
    assert (record["outcome"], record["reason"]) == ("REFUSED", "MATCH_BUDGET_SPENT")
    world.clock.advance(hours=13)
    assert await asked(world, claimed(WIFE)) == [Match.MATCH]
    assert len(world.rows("SELECT client FROM match_budget")) == 1


def test_a_batch_is_one_record_without_code_or_name_and_shown_to_those_who_were_found(world: World) -> None:
    fed_family(world)
    world.grant(BOTH, NATURAL_PERSON)
    world.run(_recorded(world))


async def _recorded(world: World) -> None:
    await asked(world, [*claimed(WIFE, HUSBAND), Claimed(CHILD["code"], WIFE["name"]), *claimed(ELDER)])
    (record,) = world.records("access")
    assert record["matched"] == {"MATCH": 2, "PARTIAL": 0, "NO_MATCH": 2}
    assert (record["item"], record["case"], record["legal_basis"]) == (ITEM, None, LEGAL_BASIS)
    assert len(record["subjects"]) == 2
    assert not [
        secret for row in (WIFE, HUSBAND, CHILD) for secret in row.values() if secret in str(record) and len(secret) > 3
    ]
    await asked(world, claimed(ELDER))
    assert world.records("access")[-1]["outcome"] == "NOT_FOUND"
    world.clock.advance(days=91)
    assert [(each.type_key, each.compared) for each in await accesses(world, WIFE)] == [(NATURAL_PERSON, True)]
    assert await accesses(world, CHILD) == ()


def test_an_attacker_who_counts_up_learns_nothing_from_answers_records_or_rows_looked_at(world_once: World) -> None:
    fed_family(world_once)
    world_once.grant(BOTH, NATURAL_PERSON)
    world_once.run(_counted(world_once))


async def _counted(world: World) -> None:
    """Every number of the wife's day of birth in her area, with a name that is common: she is not told from those who never were."""
    body = WIFE["code"][:14]
    numbers = [each + citizen_check_character(each) for each in (f"{body}{serial:03d}" for serial in range(100))]
    assert WIFE["code"] in numbers
    asked_for: list[int] = []
    whole = world.reader.rows

    async def watched(statement: str, keys: Any) -> Any:
        asked_for.append(len(keys))
        return await whole(statement, keys)

    world.reader.rows = watched  # type: ignore[method-assign]
    answers = await asked(world, [Claimed(number, "王伟") for number in numbers])
    assert set(answers) == {Match.NO_MATCH}
    assert asked_for == [200]  # one look-up, of as many keys as it would have been for anybody
    assert world.records("access")[-1]["subjects"] == []


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(NAMES, NAMES)
def test_the_same_name_in_another_spelling_is_the_same_and_another_is_not(first: str, second: str) -> None:
    assert spelled(spelled(first)) == spelled(first)
    assert letters(letters(first)) == letters(first)
    if spelled(first) == spelled(second):
        assert letters(first) == letters(second)
    assert spelled(f"  {first}\t") == spelled(first)
    assert all(each.isalnum() or category(each).startswith("M") for each in letters(first))


def test_signs_that_are_letters_count_and_accents_do_not() -> None:
    assert letters("ཀི") != letters("ཀུ")  # Tibetan ki and ku differ in a vowel sign
    assert letters("José María") == letters("JOSE·MARIA")
    assert letters("葛\U000e0100飾") == letters("葛飾")


NUMBERS = st.from_regex(r"99020019870825[0-9]{3}", fullmatch=True).map(
    lambda body: body + citizen_check_character(body)
)


@given(NUMBERS, NUMBERS, NAMES, NAMES)
def test_no_pair_is_ever_found_under_another_number(one: str, other: str, name: str, second: str) -> None:
    persons = [person(CITIZEN_NUMBER, code) for code in (one, other)]
    found = [{with_name(each, name), with_letters(each, name)} for each in persons]
    assert one == other or not found[0] & found[1]
    assert with_name(persons[0], name) != with_letters(persons[0], second)


@settings(max_examples=50)
@given(NAMES)
def test_a_name_is_never_taken_for_the_letters_of_another(name: str) -> None:
    assert "\x1f" not in spelled(name)
