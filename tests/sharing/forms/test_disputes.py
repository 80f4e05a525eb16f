"""Values confirmed and disputed: only what was read, by nobody but the two sides, answered in time, and erased with their persons."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from hub.access.caller import Caller
from hub.access.holders.caller import HolderCaller
from hub.catalogue.refusals import WorkingDaysUnknownError
from hub.errors import (
    HubError,
    IdempotencyMismatchError,
    InputInvalidError,
    NotFoundError,
    PolicyChangedError,
    PurposeNotDeclaredError,
    ScopeMissingError,
)
from hub.sharing.forms.desk import Value
from hub.sharing.forms.disputes import Sought, Words
from hub.sharing.forms.filling import FieldState
from hub.sharing.forms.steps import CORRECT, FILE, REJECT, STEPS, State, Step, taken
from hub.sharing.purpose import EmbargoWish, Purpose
from hub.sharing.reading import LicenceKey
from hub.sharing.refusals import (
    CorrectionInvalidError,
    DisputeStateError,
    DisputeUnknownError,
    FieldNotReadError,
)
from tests.catalogue.examples import ELDER, EXAMPLES, HUSBAND, WIFE
from tests.catalogue.items.described import material
from tests.licences.drafts import draft_of
from tests.licences.test_secrecy import encodings, everything
from tests.sharing.family import CARD, DRIVING, act, issue
from tests.sharing.forms.desk import (
    EVERYTHING,
    FIELDS,
    RIGHT,
    WHY,
    answer,
    document,
    file,
    filled,
    listed,
    named,
    of,
    officer,
    source_client,
    value_of,
)
from tests.sharing.materials.asking import alternative, assessed
from tests.sharing.test_holders import accesses
from tests.sharing.world import ASKER, ISSUER, ITEM, LEGAL_BASIS, OTHER, World, party


def holder(row: dict[str, str]) -> HolderCaller:
    return HolderCaller(row["codeType"], row["code"])


def corrected(world: World, key: str = CARD) -> str:
    """Issue the next edition of a licence with another address, and return its identifier."""
    draft = draft_of(key, data={**EXAMPLES[key].data, "address": RIGHT})
    return world.licences.change(source_client(world), world.issued[key], draft, 1, f"correct-{key}").identifier


# -- the story -----------------------------------------------------------------------------------------------------------


def test_a_dispute_reaches_its_source_and_the_answer_reaches_the_case(office: World) -> None:
    office.run(_story(office))
    told = [(each["operation"], each.get("state"), each.get("by")) for each in office.records("dispute")]
    asker, source = office.caller().client_id, source_client(office).client_id
    assert [each for each in told if each[0] != "SHOWN"] == [("FILE", "OPEN", asker), ("CORRECT", "CORRECTED", source)]


async def _story(world: World) -> None:
    value = await value_of(world)
    filed = file(world, value)
    assert (filed.state, filed.source, filed.path, filed.source_authority) == (
        State.OPEN,
        world.issued[CARD],
        "address",
        ISSUER,
    )
    assert filed.words == Words(RIGHT, WHY)
    _, form = await filled(world)
    assert named(form, "address").state is FieldState.DISPUTED
    assert named(form, "name").state is FieldState.FILLED
    (found,) = listed(world).items
    assert (found.id, found.words, found.authority, found.overdue) == (filed.id, Words(RIGHT, WHY), ASKER, False)
    newer = corrected(world)
    done = await answer(world, found, State.CORRECTED, newer, reason=None)
    assert (done.state, done.correction, done.reply) == (State.CORRECTED, newer, None)
    case, form = await filled(world)
    assert named(form, "address").found[0].text == RIGHT
    assert named(form, "address").state is FieldState.CONTRADICTED
    (seen,) = world.sharing.forms.desk.of_case(world.caller(), case.id, world.pending())
    assert (seen.state, seen.correction) == (State.CORRECTED, newer)


def test_a_rejection_says_why_and_the_value_stays(office: World) -> None:
    office.run(_rejected(office))


async def _rejected(world: World) -> None:
    done = await answer(world, file(world, await value_of(world)), State.REJECTED, who=officer(), key=None)
    assert (done.state, done.reply, done.correction) == (State.REJECTED, WHY, None)
    _, form = await filled(world)
    assert named(form, "address").state is FieldState.FILLED
    again = file(world, await value_of(world), key="dispute-2")
    assert again.id != done.id


def test_a_licence_with_a_disputed_value_exempts_and_says_so_until_its_source_has_answered(office: World) -> None:
    office.run(_disputed_exemption(office))


async def _disputed_exemption(world: World) -> None:
    by_licence = material(satisfiedBy=[alternative(DRIVING)])
    world.catalogue.documents.publish(ITEM, document(*FIELDS, version=2, materials=[by_licence]))
    world.sharing.refresh()

    async def told(of_case: Purpose) -> tuple[str, bool]:
        (licence,) = (await assessed(world, of_case)).values()
        return licence.result.value, licence.disputed

    assert await told(of()) == ("EXEMPT", False)
    filed = file(world, await value_of(world, "classes"))
    assert await told(of()) == ("EXEMPT", True)
    assert await told(of(number="FORM-2")) == ("EXEMPT", False)  # what was said in one case is that case's
    await answer(world, filed, State.REJECTED, who=officer(), key=None)
    assert await told(of()) == ("EXEMPT", False)


def test_a_confirmed_value_need_not_be_looked_at_again_until_it_changes(office: World) -> None:
    office.run(_confirmed(office))
    (told,) = [each for each in office.records("form") if each["operation"] == "CONFIRMED"]
    assert (told["source"], told["version"], told["path"]) == (office.issued[CARD], 1, "address")


async def _confirmed(world: World) -> None:
    value, desk = await value_of(world), world.sharing.forms.desk
    first = desk.confirm(world.caller(), value)
    world.clock.advance(hours=1)
    assert desk.confirm(world.caller(), value) == first
    _, form = await filled(world)
    assert (named(form, "address").state, named(form, "name").state) == (FieldState.CONFIRMED, FieldState.FILLED)
    file(world, value)
    assert named((await filled(world))[1], "address").state is FieldState.DISPUTED
    corrected(world)
    assert named((await filled(world))[1], "address").state is FieldState.CONTRADICTED


def test_two_who_confirm_at_once_confirm_once(office: World) -> None:
    office.run(_at_once(office))
    assert office.rows("SELECT COUNT(*) FROM value_confirmation") == [(1,)]


async def _at_once(world: World) -> None:
    value, caller = await value_of(world), world.caller()
    with ThreadPoolExecutor(4) as several:
        kept = list(several.map(lambda _: world.sharing.forms.desk.confirm(caller, value), range(4)))
    assert len(set(kept)) == 1


def test_whoever_filed_it_takes_it_back(office_once: World) -> None:
    office_once.run(_withdrawn(office_once))


async def _withdrawn(world: World) -> None:
    filed, desk = file(world, await value_of(world)), world.sharing.forms.desk
    with pytest.raises(DisputeUnknownError):
        desk.withdraw(world.caller(OTHER), filed.id, "withdraw-1")
    assert desk.withdraw(world.caller(), filed.id, "withdraw-1").state is State.WITHDRAWN
    assert desk.withdraw(world.caller(), filed.id, "withdraw-1").state is State.WITHDRAWN
    with pytest.raises(DisputeStateError):
        desk.withdraw(world.caller(), filed.id, "withdraw-2")
    with pytest.raises(DisputeStateError):
        await answer(world, filed, State.REJECTED)


# -- what may be disputed ------------------------------------------------------------------------------------------------


Spoilt = Callable[[World, Value], Value]
NOT_READ: dict[str, Spoilt] = {
    "field withheld": lambda _, value: replace(value, path="birthDate"),
    "field of nothing": lambda _, value: replace(value, path="金玉满堂"),
    "personal text as a path": lambda _, value: replace(value, path=HUSBAND["code"]),
    "huge path": lambda _, value: replace(value, path="a" * 100_000),
    "no such record": lambda _, value: replace(value, record="0" * 32),
    "record of a grant": lambda world, value: replace(value, record=world.records("grant")[0]["id"]),
}


def test_nothing_is_said_of_what_was_not_read(office_once: World) -> None:
    office_once.run(_not_read(office_once))


async def _not_read(world: World) -> None:
    value = await value_of(world)
    for spoil in NOT_READ.values():
        refused(world, spoil(world, value), FieldNotReadError)


def refused(world: World, value: Value, error: type[HubError], caller: Caller | None = None) -> None:
    """Expect that neither a confirmation nor a dispute of a value is taken."""
    with pytest.raises(error):
        file(world, value, caller=caller)
    with pytest.raises(error):
        world.sharing.forms.desk.confirm(caller or world.caller(), value)
    assert world.rows("SELECT (SELECT COUNT(*) FROM value_dispute) + (SELECT COUNT(*) FROM value_confirmation)") == [
        (0,)
    ]


def test_another_case_another_department_and_a_refused_read_are_no_way_in(office_once: World) -> None:
    office_once.grant(["number"], DRIVING, authority=OTHER, item="ITEM3")
    office_once.run(_strangers(office_once))


async def _strangers(world: World) -> None:
    value, desk = await value_of(world), world.sharing
    other_case, _ = await filled(world, of(number="FORM-2"))
    refused(world, replace(value, case=desk.case_id(other_case)), FieldNotReadError)
    refused(world, value, NotFoundError, world.caller(OTHER))
    refused(world, replace(value, case="nonsense"), NotFoundError)
    case, form = await filled(world)
    licence = desk.node_id(await case.licence(LicenceKey(CARD, identifier=world.issued[CARD]), None, world.pending()))
    refused(world, replace(value, case=licence), FieldNotReadError)
    refused(world, value, ScopeMissingError, world.caller(scopes={"licence:issue"}))
    refused(world, value, PurposeNotDeclaredError, world.caller().serving(frozenset({"ITEM2"})))
    refused(world, value, PolicyChangedError, replace(world.caller(), epoch=1))
    assert form.case.id == case.id


UNREADABLE = (
    ("", WHY), (" \n ", WHY), ("对" * 1001, WHY), (RIGHT, "错" * 501), (RIGHT, ""), (f"{RIGHT}\x00", WHY), (RIGHT, "a\u202eb"),
)  # fmt: skip


def test_words_that_nobody_can_read_are_refused(office_once: World) -> None:
    office_once.run(_words(office_once))


async def _words(world: World) -> None:
    value = await value_of(world)
    for right, reason in UNREADABLE:
        with pytest.raises(InputInvalidError) as caught:
            world.sharing.forms.desk.file(world.caller(), value, Words(right, reason), "dispute-1")
        assert RIGHT not in caught.value.message


def test_a_dispute_is_filed_once(office: World) -> None:
    office.run(_once(office))


async def _once(world: World) -> None:
    value = await value_of(world)
    first, again = file(world, value), file(world, value)
    assert first.id == again.id
    with pytest.raises(IdempotencyMismatchError):
        file(world, value, right="别的")
    with pytest.raises(DisputeStateError):
        file(world, value, key="dispute-2")
    assert len([each for each in world.records("dispute") if each["operation"] == "FILE"]) == 1
    done = await answer(world, first, State.REJECTED)
    assert (await answer(world, first, State.REJECTED)).answered_at == done.answered_at
    with pytest.raises(IdempotencyMismatchError):
        await answer(world, first, State.REJECTED, reason="别的")


# -- who answers ---------------------------------------------------------------------------------------------------------


def test_only_the_source_answers_and_lists(office_once: World) -> None:
    office_once.run(_answerers(office_once))


async def _answerers(world: World) -> None:
    filed = file(world, await value_of(world))
    strangers: list[Any] = [
        source_client(world, OTHER), source_client(world, ASKER), world.caller(ISSUER, {"licence:read"}), officer(OTHER),
        officer(role="AUDITOR"), replace(officer(), roles={None: frozenset({"HUB_ADMINISTRATOR"})}),
    ]  # fmt: skip
    for who in strangers:
        with pytest.raises(DisputeUnknownError):
            await answer(world, filed, State.REJECTED, who=who)
        assert filed.id not in _seen(world, who)
    with pytest.raises(DisputeUnknownError):
        await answer(world, replace(filed, id="nonsense"), State.REJECTED)
    assert _seen(world, source_client(world)) == _seen(world, officer()) == [filed.id]
    shown = world.pending()
    world.sharing.forms.source.page(officer(), Sought(ISSUER), EVERYTHING, shown)
    (entry,) = shown.entries
    assert (entry.facts["operation"], entry.facts["disputes"], entry.facts["by"]) == ("SHOWN", [filed.id], "officer")


def _seen(world: World, who: Any) -> list[str]:
    try:
        return [each.id for each in listed(world, who, authority=ISSUER).items]
    except HubError:
        return []


Named = Callable[[World], str | None]
WRONG: dict[str, Named] = {
    "nothing": lambda _: None,
    "the disputed one": lambda world: world.issued[CARD],
    "another type": lambda world: world.issued[DRIVING],
    "another holder's": lambda world: issue(world, CARD, WIFE),
    "no licence": lambda world: world.issued[CARD].replace(".001.", ".002."),
    "no identifier": lambda _: "一张新证",
}


def test_a_correction_takes_the_place_of_what_was_disputed(office_once: World) -> None:
    office_once.run(_wrong(office_once))


async def _wrong(world: World) -> None:
    filed = file(world, await value_of(world))
    for name in WRONG.values():
        with pytest.raises(HubError) as caught:
            await answer(world, filed, State.CORRECTED, name(world))
        assert caught.value.code in {CorrectionInvalidError.code, "IDENTIFIER_INVALID"}
    assert [each.state for each in listed(world).items] == [State.OPEN]


def test_a_licence_that_was_issued_anew_is_a_correction_too(office_once: World) -> None:
    office_once.run(_anew(office_once))


async def _anew(world: World) -> None:
    filed = file(world, await value_of(world))
    act(world, "withdraw", world.issued[CARD])
    world.clock.advance(hours=1)
    newer = issue(world, CARD, HUSBAND, number="ANEW")
    assert (await answer(world, filed, State.CORRECTED, newer)).correction == newer


HALF: tuple[tuple[State, str | None, str | None], ...] = (
    (State.REJECTED, None, None), (State.REJECTED, "1.2.156", WHY), (State.OPEN, None, WHY), (State.WITHDRAWN, None, WHY),
    (State.REJECTED, None, "错" * 501),
)  # fmt: skip


def test_an_answer_is_whole(office_once: World) -> None:
    office_once.run(_whole(office_once))


async def _whole(world: World) -> None:
    filed = file(world, await value_of(world))
    for state, correction, reason in HALF:
        with pytest.raises(InputInvalidError):
            await answer(world, filed, state, correction, reason=reason)


# -- in time -------------------------------------------------------------------------------------------------------------


def test_ten_working_days_and_then_it_is_overdue(office: World) -> None:
    office.run(_overdue(office))


async def _overdue(world: World) -> None:
    filed = file(world, await value_of(world))  # on a Sunday
    assert filed.due == date(2026, 12, 4)
    world.clock.advance(days=12)
    assert listed(world, overdue=True).items == ()
    world.clock.advance(days=1)
    (late,) = listed(world, overdue=True).items
    assert (late.id, late.overdue) == (filed.id, True)
    await answer(world, late, State.REJECTED)
    assert listed(world, overdue=True).items == ()
    assert [each.overdue for each in listed(world, states=frozenset({State.REJECTED})).items] == [False]


def test_a_dispute_whose_last_day_nobody_can_tell_is_refused(office_once: World) -> None:
    office_once.run(_beyond(office_once))


async def _beyond(world: World) -> None:
    value = await value_of(world)
    world.clock.advance(days=32)
    with pytest.raises(WorkingDaysUnknownError):
        file(world, value)
    assert world.rows("SELECT COUNT(*) FROM value_dispute") == [(0,)]


def test_lists_come_in_pages(office: World) -> None:
    office.run(_pages(office))


async def _pages(world: World) -> None:
    value = await value_of(world)
    ids = []
    for place in range(5):
        filed = file(world, value, key=f"dispute-{place}")
        ids.append(filed.id)
        world.sharing.forms.desk.withdraw(world.caller(), filed.id, f"withdraw-{place}")
    desk, found, after = world.sharing.forms.source, [], None
    while True:
        page = desk.page(source_client(world), Sought(None), replace(EVERYTHING, first=2, after=after), world.pending())
        found += [each.id for each in page.items]
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert found == ids
    last = desk.page(source_client(world), Sought(None), replace(EVERYTHING, first=None, last=2), world.pending())
    assert ([each.id for each in last.items], last.has_previous, last.has_next) == (ids[-2:], True, False)
    with pytest.raises(InputInvalidError):
        desk.page(source_client(world), Sought(None), replace(EVERYTHING, after="bm9uc2Vuc2U"), world.pending())


# -- the holder himself --------------------------------------------------------------------------------------------------


def test_a_holder_disputes_what_was_read_of_him(office: World) -> None:
    office.run(_own(office))


async def _own(world: World) -> None:
    value, desk = await value_of(world), world.sharing.forms.desk
    (seen,) = [each for each in await accesses(world, HUSBAND) if each.record == value.record]
    own = Value(seen.record, "address")
    for row in (WIFE, ELDER):
        with pytest.raises(FieldNotReadError):
            desk.file_own(holder(row), own, Words(RIGHT, WHY))
    with pytest.raises(FieldNotReadError):
        desk.file_own(holder(HUSBAND), replace(own, path="birthDate"), Words(RIGHT, WHY))
    filed = desk.file_own(holder(HUSBAND), own, Words(RIGHT, WHY))
    assert (filed.case_id, filed.authority, filed.source_authority) == (None, None, ISSUER)
    with pytest.raises(DisputeStateError):
        desk.file_own(holder(HUSBAND), own, Words(RIGHT, WHY))
    of_department = file(world, value)
    assert [each.id for each in desk.own(holder(HUSBAND), world.pending())] == [filed.id, of_department.id]
    assert desk.own(holder(WIFE), world.pending()) == ()
    case, _ = await filled(world)
    assert [each.id for each in desk.of_case(world.caller(), case.id, world.pending())] == [of_department.id]
    assert (await answer(world, filed, State.REJECTED)).reply == WHY


def test_what_an_embargo_keeps_from_a_holder_cannot_be_felt_for_by_disputes(office_once: World) -> None:
    office_once.run(_embargoed(office_once))


async def _embargoed(world: World) -> None:
    caller, pending = world.caller(scopes={"licence:read", "case:embargo"}), world.pending()
    embargo = EmbargoWish(world.clock.now() + timedelta(days=30), LEGAL_BASIS)
    case = await world.sharing.open_case(caller, replace(of(number="INQUIRY"), embargo=embargo), pending)
    form = await world.sharing.forms.reading.form(case, (), pending)
    await world.recorder.commit(pending)
    found = named(form, "address").found[0]
    with pytest.raises(FieldNotReadError):
        world.sharing.forms.desk.file_own(holder(HUSBAND), Value(found.origin.record, "address"), Words(RIGHT, WHY))
    file(world, Value(found.origin.record, "address", world.sharing.case_id(case)))
    assert world.sharing.forms.desk.own(holder(HUSBAND), world.pending()) == ()


# -- at rest -------------------------------------------------------------------------------------------------------------


def test_what_is_said_stands_nowhere_in_the_clear(office: World) -> None:
    office.run(_secret(office))
    whole = everything(office)  # type: ignore[arg-type]  # it looks at the database alone
    for secret in (RIGHT, WHY, "990200198708250029"):
        assert not [form for form in encodings(secret) if form in whole], secret


async def _secret(world: World) -> None:
    filed = file(world, await value_of(world))
    await answer(world, filed, State.REJECTED, reason=WHY)


def test_what_was_said_goes_with_its_person_and_that_it_was_said_stays(office: World) -> None:
    office.run(_erased(office))
    handles = [handle for (handle,) in office.rows("SELECT handle FROM value_dispute ORDER BY id")]
    erased = {subject for each in office.records("erasure") for subject in each["subjects"]}
    assert [handle in erased for handle in handles] == [True, False]
    assert office.rows("SELECT COUNT(*) FROM vault_index WHERE kind = 'DISPUTE'") == [(1,)]


async def _erased(world: World) -> None:
    filed = file(world, await value_of(world))
    elders = issue(world, CARD, ELDER)
    case, form = await filled(world, of(applicant=ELDER, number="FORM-2"))
    found = named(form, "address").found[0]
    other = file(world, Value(found.origin.record, "address", world.sharing.case_id(case)), key="dispute-2")
    world.sharing.erase_person("111", HUSBAND["code"])
    world.sharing.refresh()
    gone, kept = listed(world).items
    assert (gone.id, gone.words, gone.state, gone.due) == (filed.id, None, State.OPEN, filed.due)
    assert (kept.id, kept.words, kept.source) == (other.id, Words(RIGHT, WHY), elders)
    answered = await answer(world, gone, State.REJECTED)
    assert (answered.state, answered.reply) == (State.REJECTED, None)
    assert world.sharing.forms.desk.own(holder(HUSBAND), world.pending()) == ()


def test_a_spouses_value_goes_with_either(office_once: World) -> None:
    office_once.grant(["address"], DRIVING, roles=("spouse",))
    office_once.run(_either(office_once))
    assert office_once.rows("SELECT COUNT(*) FROM vault_index WHERE kind = 'DISPUTE'") == [(0,)]


async def _either(world: World) -> None:
    case, form = await filled(world, of(party("spouse", WIFE)))
    found = named(form, "spouseAddress").found[0]
    file(world, Value(found.origin.record, found.path, world.sharing.case_id(case)))
    assert world.rows("SELECT COUNT(*) FROM vault_index WHERE kind = 'DISPUTE'") == [(2,)]
    desk = world.sharing.forms.desk
    words = [desk.own(holder(row), world.pending())[0].words for row in (HUSBAND, WIFE)]
    assert words == [Words(RIGHT, WHY), None], "what was said for him is not shown to her"
    world.sharing.erase_person("111", WIFE["code"])
    assert listed(world).items[0].words is None


def test_records_commit_to_disputes_and_confirmations(office: World) -> None:
    office.run(_committed(office))
    office.log.integrate()
    assert office.log.verify({}).findings == []
    with office.database.transaction() as session:
        session.execute(text("UPDATE value_dispute SET state = 'WITHDRAWN'"))
    found = office.log.verify({}).findings
    assert [(each.kind.value, each.table) for each in found] == [("ROW_CHANGED", "value_dispute")]


async def _committed(world: World) -> None:
    value = await value_of(world)
    world.sharing.forms.desk.confirm(world.caller(), value)
    file(world, value)


# -- steps ---------------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=6))
def test_a_dispute_ends_once_whatever_is_tried(names: list[str]) -> None:
    state: State | None = None
    taken_steps: list[Step] = []
    for step in map(STEPS.__getitem__, names):
        try:
            state = taken(step, state)
            taken_steps.append(step)
        except DisputeStateError:
            continue
    assert len(taken_steps) <= 2
    assert [step.name for step in taken_steps[:1]] in ([], [FILE.name])
    assert state in {None, State.OPEN} or state is taken_steps[-1].after
    assert {CORRECT.side, REJECT.side} == {
        step.side for step in STEPS.values() if step.after in {State.CORRECTED, State.REJECTED}
    }
