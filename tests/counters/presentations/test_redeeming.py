"""Redeeming: exactly one of all who scan a code, in the right case, while it is good; what stays open and what is told otherwise. On both databases."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from hub import answering
from hub.access.staff.roles import AUDITOR, COUNTER_CLERK
from hub.counters.presentations.code import Code
from hub.counters.presentations.presentation import Made
from hub.errors import DamagedError, PolicyChangedError, ScopeMissingError
from tests.catalogue.examples import HUSBAND, WIFE
from tests.counters.presentations.counter import REGISTER, SECONDS, TITLE, Desk, purpose
from tests.counters.presentations.counter import clerk as clerk_of
from tests.sharing.world import (
    ASKER,
    ITEM,
    OTHER,
    OTHER_ITEM,
    SECOND_ITEM,
    STRANGER,
    TODAY,
    URL,
    party,
    person,
)
from tests.sharing.world import purpose as case_of

SCANNERS = 8


def test_of_many_at_once_exactly_one_redeems(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.run(_many(desk))


async def _many(desk: Desk) -> None:
    for number in ("CASE-1", None):  # all in one case, and each in another one
        made = await desk.show(HUSBAND, REGISTER)
        at_once = [desk.outcome(made, case_number=number or f"CASE-{place}") for place in range(SCANNERS)]
        words = sorted(await asyncio.gather(*at_once))
        assert words == [*["CODE_USED"] * (SCANNERS - 1), "VALID"]
    assert len(desk.records("REDEEMED")) == 2
    assert len(desk.records("REFUSED")) == 2 * (SCANNERS - 1)
    # Who lost has opened no case: one in each of two rounds, at the most.
    assert len(desk.world.rows("SELECT id FROM sharing_case")) <= 2


def test_a_code_is_good_for_its_time_and_no_longer(desk: Desk) -> None:
    desk.world.grant(["address"], valid_until=TODAY + timedelta(days=60))
    desk.world.run(_time(desk))


async def _time(desk: Desk) -> None:
    clock = desk.world.clock
    last, late = await desk.show(HUSBAND, REGISTER), await desk.show(HUSBAND, REGISTER)
    clock.advance(seconds=SECONDS, microseconds=-1)
    assert await desk.outcome(last) == "VALID"
    clock.advance(microseconds=1)
    assert await desk.outcome(late) == "CODE_EXPIRED"
    redeemed_at = clock.now() - timedelta(microseconds=1)
    clock.advance(days=2)
    desk.presentations.forget_expired()
    assert await desk.outcome(late) == "CODE_UNKNOWN"
    scan = await desk.scan(last)
    assert (scan.verdict.word, scan.used_at, scan.used_by) == ("CODE_USED", redeemed_at, ASKER)
    clock.advance(days=29)
    desk.presentations.forget_expired()
    assert await desk.outcome(last) == "CODE_UNKNOWN"
    assert desk.rows() == []
    places = "SELECT count(*) FROM vault_index WHERE place LIKE 'presentation:%'"
    assert desk.world.rows(places) == [(0,)]


def test_to_others_a_code_says_nothing_until_it_is_used(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.grant(["address"], item=SECOND_ITEM)
    desk.world.grant(["address"], authority=OTHER, item=OTHER_ITEM)
    desk.world.run(_others(desk))


async def _others(desk: Desk) -> None:
    made = await desk.show(HUSBAND, REGISTER)
    stranger = {"caller": desk.world.caller(OTHER), "item": OTHER_ITEM}
    unknown = await desk.scan(Code.make().text(URL), **stranger)
    assert await desk.scan(made, **stranger) == unknown
    assert unknown.verdict.word == "CODE_UNKNOWN"
    assert (
        await desk.outcome(made, item=SECOND_ITEM) == "NOT_GRANTED"
    )  # it was made for another item of the same authority
    assert await desk.outcome(made) == "VALID"
    used = await desk.scan(made, **stranger)
    assert (used.verdict.word, used.used_at, used.used_by) == ("CODE_USED", desk.world.clock.now(), None)


Change = Callable[[Desk, Made], Any]
STAYS_OPEN: dict[str, tuple[dict[str, Any], str]] = {
    "the case has another applicant": ({"case_number": "OF-WIFE", "applicant": person(HUSBAND)}, "CASE_MISMATCH"),
    "the case is somebody else's": ({"case_number": "OF-STRANGER"}, "OTHER_PERSON"),
    "the case is for somebody else": ({"applicant": person(STRANGER)}, "OTHER_PERSON"),
    "a code as a case number": ({"case_number": HUSBAND["code"]}, "INPUT_INVALID"),
    "a relative of himself": ({"parties": (party("spouse", HUSBAND),)}, "PARTY_CIRCULAR"),
    "no such item": ({"item": "NOSUCH"}, "ITEM_UNKNOWN"),
    "another authority's item": ({"item": OTHER_ITEM}, "NOT_GRANTED"),
    "an item without grants": ({"item": SECOND_ITEM}, "NOT_GRANTED"),
}  # fmt: skip


def test_where_it_cannot_be_redeemed_a_code_stays_open(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.run(_stays_open(desk))


async def _stays_open(desk: Desk) -> None:
    world = desk.world
    await world.open(case_of(WIFE, number="OF-WIFE"))
    await world.open(case_of(STRANGER, number="OF-STRANGER"))
    for place, (name, (changes, outcome)) in enumerate(STAYS_OPEN.items()):
        cases, number = world.rows("SELECT count(*) FROM sharing_case"), f"CASE-{place}"
        made = await desk.show(HUSBAND, REGISTER)
        assert (name, await desk.outcome(made, **{"case_number": number, **changes})) == (name, outcome)
        assert world.rows("SELECT count(*) FROM sharing_case") == cases
        assert len(desk.records("REDEEMED")) == place
        assert await desk.outcome(made, case_number=number) == "VALID"


def test_who_may_not_scan_learns_nothing_and_uses_nothing_up(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.run(_may_not(desk))


async def _may_not(desk: Desk) -> None:
    made = await desk.show(HUSBAND, REGISTER)
    no_scope = desk.world.caller(scopes={"licence:issue"})
    assert await desk.outcome(made, no_scope) == "SCOPE_MISSING"
    other_purposes = desk.world.caller().serving(frozenset({SECOND_ITEM}))
    assert await desk.outcome(made, other_purposes) == "PURPOSE_NOT_DECLARED"
    for role, authority in ((COUNTER_CLERK, OTHER), (AUDITOR, ASKER)):
        assert await desk.outcome(made, clerk_of(desk, role, authority)) == "ROLE_MISSING"
    desk.revoked = True
    assert await desk.outcome(made, clerk_of(desk)) == "ROLE_MISSING"  # withdrawn since the request began
    desk.revoked = False
    assert desk.rows() == [(made.presentation.id, "OPEN")]
    assert await desk.outcome(made, clerk_of(desk)) == "VALID"
    (redeemed,), reads = desk.records("REDEEMED"), desk.world.records("access")
    assert redeemed["client"] == "staff clerk-1"
    assert reads[-1]["client"] == "staff clerk-1"
    with pytest.raises(ScopeMissingError):
        await desk.counters.scan(no_scope, made.code.text(URL), None, desk.world.pending())


def test_without_a_case_a_displayed_code_is_not_redeemed(desk_once: Desk) -> None:
    desk_once.world.grant(["address"])
    desk_once.world.run(_without(desk_once))


async def _without(desk: Desk) -> None:
    made, counters = await desk.show(HUSBAND, REGISTER), desk.counters
    for who in (desk.world.caller(), clerk_of(desk)):
        scan = await counters.scan(who, made.code.text(URL), None, desk.world.pending())
        assert (scan.verdict.word, scan.verdict.colour) == ("CANNOT_CONFIRM", "AMBER")
    assert await desk.outcome(made) == "VALID"


SPELLED: tuple[Callable[[str], str], ...] = (
    str.lower,
    lambda text: f"  {text}\r\n",
    lambda text: text.partition("#")[2],
    lambda text: text.partition("#")[2].lower(),
    lambda text: text.replace("HTTPS://HUB", "https://elsewhere"),
    lambda text: f"{text[:40]} {text[40:]}",
)
NO_CODES = ("", "#", "/P/#", "/P/#AAAA", "A" * 26 + "=", "亮" * 26, "A" * 5000, "B" * 26 + "\0")


def test_scanners_spell_codes_in_their_own_way_and_what_is_none_is_none(desk_once: Desk) -> None:
    desk_once.world.grant(["address"])
    desk_once.world.run(_spelled(desk_once))


async def _spelled(desk: Desk) -> None:
    for spell in SPELLED:
        made = await desk.show(HUSBAND, REGISTER)
        assert await desk.outcome(spell(made.code.text(URL))) == "VALID"
    for text in NO_CODES:
        assert (text, await desk.outcome(text)) == (text, "NOT_A_CODE")
    assert desk.records("REFUSED") == []


def test_an_answer_that_is_made_again_finds_what_it_redeemed(desk: Desk) -> None:
    grant = desk.world.grant(["address"])
    desk.world.grant(["use"], TITLE)
    desk.world.run(_again(desk, grant))


async def _again(desk: Desk, grant: str) -> None:
    world = desk.world
    made = await desk.show(HUSBAND, REGISTER)
    answering.begin([])
    pending = world.pending()
    scan = await desk.counters.scan(world.caller(), made.code.text(URL), purpose(), pending)
    assert scan.licences[0].disclosed is not None
    world.sharing.suspend_grant(grant)
    with pytest.raises(
        PolicyChangedError
    ):  # so the guard throws the answer away, and makes it anew under the policy of now
        await world.recorder.commit(pending)
    pending = world.pending()
    scan = await desk.counters.scan(world.caller(), made.code.text(URL), purpose(), pending)
    assert (scan.verdict.word, scan.licences[0].disclosed) == ("NOT_GRANTED", None)
    # The same code once more in one answer is used, and so it is in another request.
    second = await desk.counters.scan(world.caller(), made.code.text(URL), purpose(case_number="CASE-2"), pending)
    assert second.verdict.word == "CODE_USED"
    answering.begin([])
    assert await desk.outcome(made) == "CODE_USED"
    assert len(desk.records("REDEEMED")) == 1


TAMPERED = {
    "a longer life": "UPDATE presentation SET expires_at = expires_at + 60000000 WHERE id = :mine",
    "another item": "UPDATE presentation SET item = 'ITEM2' WHERE id = :mine",
    "another's choice": "UPDATE presentation SET sealed = (SELECT sealed FROM presentation WHERE id = :other) WHERE id = :mine",
    "another code": "UPDATE presentation SET digest = :digest WHERE id = :mine",
}


def test_a_row_that_was_changed_behind_the_hubs_back_stands_for_nothing(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.grant(["address"], item=SECOND_ITEM)
    desk.world.run(_tampered(desk))


async def _tampered(desk: Desk) -> None:
    for statement in TAMPERED.values():
        desk.world.change("DELETE FROM presentation")
        mine, other, code = await desk.show(HUSBAND, REGISTER), await desk.show(WIFE, REGISTER), Code.make()
        values = {"mine": mine.presentation.id, "other": other.presentation.id, "digest": code.digest}
        desk.world.change(statement, **{name: value for name, value in values.items() if f":{name}" in statement})
        shown = code if ":digest" in statement else mine.code
        item = SECOND_ITEM if "ITEM2" in statement else ITEM
        with pytest.raises(DamagedError):
            await desk.scan(shown.text(URL), item=item)
        assert dict(desk.rows())[mine.presentation.id] == "OPEN"


def test_a_redemption_that_cannot_be_recorded_does_not_happen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.world.grant(["address"])
    desk.world.run(_unrecorded(desk, monkeypatch))


async def _unrecorded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made, append = await desk.show(HUSBAND, REGISTER), desk.world.audit.append

    def fail(session: Any, entry: Any) -> str:
        if entry.kind == "presentation":
            raise SQLAlchemyError
        return append(session, entry)

    monkeypatch.setattr(desk.world.audit, "append", fail)
    assert await desk.outcome(made) == "DATABASE_UNAVAILABLE"
    monkeypatch.undo()
    assert desk.rows() == [(made.presentation.id, "OPEN")]
    assert desk.world.rows("SELECT count(*) FROM sharing_case") == [(0,)]
    assert await desk.outcome(made) == "VALID"
