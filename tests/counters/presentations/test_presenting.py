"""Licences shown at a counter: chosen and granted leave, as consent for this case and no more; who sees it, and who is forgotten. On both databases."""

from typing import Any

import pytest

from hub.access.caller import Caller
from hub.counters.presentations import making
from hub.counters.presentations.making import PresentationWish
from hub.counters.presentations.presentation import State
from hub.counters.verdict import Names, ShownLicence, Verdict, Word
from hub.errors import HubError
from hub.paging import Window
from hub.sharing.presenting import Choice
from hub.sharing.reading import LicenceKey
from hub.sharing.rebuilding import Wish
from tests.catalogue.examples import HUSBAND, WIFE
from tests.counters.presentations.counter import DRIVER, REGISTER, SECONDS, TITLE, Desk
from tests.counters.presentations.counter import clerk as clerk_of
from tests.sharing.consents import give, holder, outcome, withdraw
from tests.sharing.materials.asking import alternative, asks, predicate, publish, results
from tests.sharing.test_holders import accesses
from tests.sharing.world import (
    ASKER,
    ISSUER,
    ITEM,
    OTHER,
    OTHER_ITEM,
    STRANGER,
    party,
    person,
    purpose,
)


def test_what_was_chosen_and_is_granted_leaves_once(desk: Desk) -> None:
    desk.world.grant(["location", "use", "owners.name"], TITLE)
    desk.world.grant(["address"])
    desk.world.run(_once(desk))


async def _once(desk: Desk) -> None:
    made = await desk.show(HUSBAND, TITLE, REGISTER, RealEstateTitle=["location", "owners.name"])
    scan = await desk.scan(made)
    title, register = scan.licences
    assert (scan.verdict.word, scan.verdict.colour) == ("VALID", "GREEN")
    assert title.disclosed is not None
    assert title.disclosed.disclosed == ("owners.name", "location")
    assert title.disclosed.withheld[0].reason == "OTHER_PERSON"
    shown = {each.path: (each.label.zh, each.value) for each in title.verdict.fields or ()}
    assert shown["owners.name"][1] == HUSBAND["name"]
    assert title.verdict.licence is not None
    assert (title.verdict.licence.type, title.verdict.licence.issuer) == (TITLE, ISSUER)
    assert {each.path for each in register.verdict.fields or ()} == {"address"}
    assert {check.outcome for check in title.verdict.checks} == {"PASSED"}
    assert scan.case is not None
    assert scan.case.record.applicant is not None
    assert scan.case.record.applicant.person == person(HUSBAND)
    # A screenshot of it, shown again: to the same authority it is told when, and that it was its own.
    again = await desk.scan(made)
    assert (again.verdict.word, again.used_at, again.used_by) == ("CODE_USED", desk.world.clock.now(), ASKER)
    assert again.licences == ()
    (redeemed,) = desk.records("REDEEMED")
    assert redeemed["case"] == scan.case.id
    assert [each["reason"] for each in desk.records("REFUSED")] == ["CODE_USED"]
    reads = desk.world.records("access")
    assert {each["presented"] for each in reads} == {made.presentation.id}
    assert [each["disclosed"] for each in reads if each["type"] == TITLE] == [["owners.name", "location"]]
    # He sees in his list that he showed it, and another owner of the same home sees nothing of it.
    assert {each.presentation for each in await accesses(desk.world, HUSBAND)} == {made.presentation.id}
    assert await accesses(desk.world, WIFE) == ()


# -- what became of it between showing and scanning ------------------------------------------------------------------------


def _act(desk: Desk, operation: str, revision: int) -> None:
    caller = Caller("desk", ISSUER, frozenset({"licence:status"}), desk.world.sharing.policy.epoch)
    words = ("依职权", "虚构条例", None, f"{operation}-it-now")
    desk.world.licences.act(caller, operation, desk.world.issued[REGISTER], revision, *words)


def test_a_licence_says_what_it_is_worth_now(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.run(_worth_now(desk))


async def _worth_now(desk: Desk) -> None:
    for operation, revision, word in (("suspend", 1, "SUSPENDED"), ("revoke", 2, "REVOKED")):
        made = await desk.show(HUSBAND, REGISTER)
        _act(desk, operation, revision)
        scan = await desk.scan(made)
        assert (scan.verdict.word, scan.verdict.colour) == (word, "RED")
        assert scan.licences[0].verdict.fields is not None


def test_a_grant_that_is_suspended_stops_it_and_one_that_narrows_narrows(desk: Desk) -> None:
    grant = desk.world.grant(["address"])
    kept = desk.world.grant(["location"], TITLE)
    dropped = desk.world.grant(["use"], TITLE)
    desk.world.run(_stopped(desk, grant, kept, dropped))


async def _stopped(desk: Desk, grant: str, kept: str, dropped: str) -> None:
    sharing = desk.world.sharing
    made, both = await desk.show(HUSBAND, REGISTER), await desk.show(HUSBAND, REGISTER, TITLE)
    sharing.suspend_grant(grant)
    assert await desk.outcome(made) == "NOT_GRANTED"
    sharing.suspend_grant(dropped)
    scan = await desk.scan(both)  # one of the two still may be read, less than he chose
    assert [each.verdict.word for each in scan.licences] == ["NOT_GRANTED", "VALID"]
    assert scan.verdict.colour == "AMBER"
    title = scan.licences[1].disclosed
    assert title is not None
    assert (title.disclosed, [(each.path, each.reason) for each in title.withheld]) == (
        ("location",),
        [("use", "NOT_GRANTED")],
    )
    sharing.resume_grant(grant)
    assert await desk.outcome(made) == "VALID"  # nothing of it had been let out, so it is good while its time lasts
    sharing.end_grant(kept)


def test_fields_that_may_be_checked_only_are_not_shown(desk: Desk) -> None:
    desk.world.grant([], checks=["address"])
    desk.world.run(_checked_only(desk))


async def _checked_only(desk: Desk) -> None:
    scan = await desk.scan(await desk.show(HUSBAND, REGISTER))
    (seen,) = scan.licences
    assert (seen.verdict.word, seen.verdict.fields) == ("VALID", ())
    assert seen.disclosed is not None
    assert seen.disclosed.values == {}


# -- showing it is consent -------------------------------------------------------------------------------------------------


def test_showing_is_consent_to_what_was_shown_and_to_no_more(desk: Desk) -> None:
    desk.world.grant(["location", "use"], TITLE, checks=["area"])
    publish(
        desk.world,
        asks("home", alternative(TITLE, "applicant", "homely")),
        asks("area", alternative(TITLE, "applicant", "large")),
        homely=predicate("use", "equals", "城镇住宅用地/住宅", TITLE),
        large=predicate("area", "equals", "其他", TITLE),
    )
    desk.world.run(_consent(desk))


async def _consent(desk: Desk) -> None:
    world, of = desk.world, purpose(HUSBAND)
    assert (await results(world, of))["home"] == ("CONSENT_NEEDED", "CONSENT_NEEDED")
    made = await desk.show(HUSBAND, TITLE, RealEstateTitle=["use"])
    scan = await desk.scan(made)
    (consent,) = world.sharing.consents.consents(holder(HUSBAND), Window()).items
    assert scan.licences[0].disclosed is not None
    assert scan.licences[0].disclosed.entry.facts["consents"] == [consent.id]
    # The case's material is exempt by it; of what he did not choose nothing is looked at.
    assert await results(world, of) == {"home": ("EXEMPT", "PRESENTED"), "area": ("PAPER_REQUIRED", "NOT_JUDGED")}
    pending = world.pending()
    read = await (await world.open(of, pending)).licence(LicenceKey(TITLE), None, pending)
    assert read.disclosed == ("use",)
    assert ("location", "NOT_GRANTED") in {(each.path, each.reason) for each in read.withheld}
    assert await outcome(world, purpose(HUSBAND, number="CASE-2")) == "CONSENT_NEEDED"
    # Shown again with more, it is one consent still, which one withdrawal ends.
    await desk.scan(await desk.show(HUSBAND, TITLE, RealEstateTitle=["location"]))
    read = await (await world.open(of, pending)).licence(LicenceKey(TITLE), None, pending)
    assert read.disclosed == ("location", "use")
    (newest,) = [
        each
        for each in world.sharing.consents.consents(holder(HUSBAND), Window()).items
        if each.in_force(world.clock.now())
    ]
    withdraw(world, HUSBAND, newest)
    assert await outcome(world, of) == "CONSENT_NEEDED"
    assert [each["operation"] for each in world.records("consent")] == ["GIVEN", "REPLACED", "GIVEN", "WITHDRAWN"]
    assert world.records("consent")[0]["presented"] == [made.presentation.id]


def test_what_was_consented_to_before_does_not_become_less(desk_once: Desk) -> None:
    desk_once.world.grant(["location", "use"], TITLE)
    desk_once.world.run(_not_less(desk_once))


async def _not_less(desk: Desk) -> None:
    world = desk.world
    give(world, HUSBAND)
    await desk.scan(await desk.show(HUSBAND, TITLE, RealEstateTitle=["use"]))
    pending = world.pending()
    read = await (await world.open(purpose(HUSBAND), pending)).licence(LicenceKey(TITLE), None, pending)
    assert read.disclosed == ("location", "use")
    give(world, HUSBAND, types=(TITLE,))  # and an ordinary one takes the place of all
    assert (await world.open(purpose(HUSBAND), pending)) is not None


def test_of_what_asks_for_no_consent_none_is_kept(desk_once: Desk) -> None:
    desk_once.world.grant(["address"])

    async def shown() -> None:
        await desk_once.scan(await desk_once.show(HUSBAND, REGISTER))

    desk_once.world.run(shown())
    assert desk_once.world.rows("SELECT count(*) FROM holder_consent") == [(0,)]


# -- parties ---------------------------------------------------------------------------------------------------------------


def test_a_party_of_the_case_shows_his_own_part(desk: Desk) -> None:
    desk.world.grant(["location", "owners.name"], TITLE, roles=("seller", "spouse"))
    desk.world.run(_party(desk))


async def _party(desk: Desk) -> None:
    await desk.world.open(purpose(STRANGER, party("seller", WIFE), number="SALE"))
    scan = await desk.scan(await desk.show(WIFE, TITLE), case_number="SALE")
    assert scan.verdict.word == "VALID"
    shown = {each.path: each.value for each in scan.verdict.fields or ()}
    assert shown["owners.name"] == WIFE["name"]
    # Declared with the scan itself; a relation that a licence can prove is believed no sooner than it is proved.
    declared = {"case_number": "SALE-2", "applicant": person(STRANGER)}
    assert await desk.outcome(await desk.show(WIFE, TITLE), parties=(party("seller", WIFE),), **declared) == "VALID"
    spouse = {"case_number": "LOAN", "applicant": person(STRANGER), "parties": (party("spouse", WIFE),)}
    assert await desk.outcome(await desk.show(WIFE, TITLE), **spouse) == "NOT_GRANTED"
    # A role that no grant reaches.
    witness = {"case_number": "SALE-3", "applicant": person(STRANGER), "parties": (party("witness", HUSBAND),)}
    assert await desk.outcome(await desk.show(HUSBAND, TITLE), **witness) == "NOT_GRANTED"


# -- what may be chosen ----------------------------------------------------------------------------------------------------


def test_a_holder_is_offered_what_the_authority_may_read_of_his(desk: Desk) -> None:
    desk.world.grant(["location"], TITLE, checks=["use"])
    desk.world.grant(["address"], valid_until=desk.world.clock.now().date())
    desk.world.grant(["name"], DRIVER, authority=OTHER, item=OTHER_ITEM)
    desk.world.run(_offered(desk))


async def _offered(desk: Desk) -> None:
    presenting = desk.world.sharing.presenting
    offered = {
        each.licence.stored.type_key: (each.disclosed, each.judged)
        for each in await presenting.offered(holder(HUSBAND), ASKER, ITEM, None, desk.world.pending())
    }
    assert offered == {TITLE: (("location",), ("use",)), REGISTER: (("address",), ())}
    assert await presenting.offered(holder(STRANGER), ASKER, ITEM, None, desk.world.pending()) == ()


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing": ("INPUT_INVALID", {"choices": ()}),
    "one twice": ("INPUT_INVALID", {"choices": (TITLE, TITLE)}),
    "another's": ("NOT_FOUND", {"row": STRANGER}),
    "a field that is not granted": ("INPUT_INVALID", {"paths": ("use",)}),
    "a field that there is not": ("INPUT_INVALID", {"paths": ("nosuch",)}),
    "no field": ("INPUT_INVALID", {"paths": ()}),
    "a licence that is not granted": ("NOT_GRANTED", {"choices": (DRIVER,)}),
    "an authority without grants": ("NOT_GRANTED", {"authority": OTHER, "item": OTHER_ITEM}),
    "another authority's item": ("INPUT_INVALID", {"item": OTHER_ITEM}),
    "no such authority": ("AUTHORITY_UNKNOWN", {"authority": "11990100MB000000XX"}),
    "a code that is none": ("CODE_INVALID", {"row": {**HUSBAND, "code": "1"}}),
}  # fmt: skip


def test_what_is_not_offered_cannot_be_chosen(desk_once: Desk) -> None:
    desk_once.world.grant(["location"], TITLE)
    desk_once.world.run(_refused(desk_once))


async def _refused(desk: Desk) -> None:
    for name, (code, changes) in REFUSED.items():
        types, paths = changes.get("choices", (TITLE,)), changes.get("paths")
        choices = tuple(Choice(desk.world.issued[key], paths) for key in types)
        wish = PresentationWish(changes.get("authority", ASKER), changes.get("item", ITEM), choices)
        with pytest.raises(HubError) as refused:
            await desk.presentations.make(holder(changes.get("row", HUSBAND)), wish, desk.world.pending())
        assert (name, refused.value.code) == (name, code)
    assert desk.rows() == []


# -- what holders see and do -----------------------------------------------------------------------------------------------


def test_a_holder_sees_his_own_and_cancels_what_is_open(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.run(_own(desk))


async def _own(desk: Desk) -> None:
    presentations, now = desk.presentations, desk.world.clock.now
    made = await desk.show(HUSBAND, REGISTER)
    with pytest.raises(HubError, match="no such presentation"):
        presentations.cancel(holder(WIFE), made.presentation.id)
    assert presentations.cancel(holder(HUSBAND), made.presentation.id).state(now()) is State.CANCELLED
    assert await desk.outcome(made) == "CODE_EXPIRED"
    redeemed = await desk.show(HUSBAND, REGISTER)
    await desk.scan(redeemed)
    expired = await desk.show(HUSBAND, REGISTER)
    desk.world.clock.advance(seconds=SECONDS)
    for each in (made, redeemed, expired):
        with pytest.raises(HubError, match="nothing can be done"):
            presentations.cancel(holder(HUSBAND), each.presentation.id)
    seen = presentations.of_holder(holder(HUSBAND), Window()).items
    assert {each.id: each.state(now()) for each in seen} == {
        made.presentation.id: State.CANCELLED,
        redeemed.presentation.id: State.REDEEMED,
        expired.presentation.id: State.EXPIRED,
    }
    assert presentations.of_holder(holder(WIFE), Window()).items == ()
    assert presentations.one(holder(HUSBAND), redeemed.presentation.id).client == desk.world.caller().client_id
    with pytest.raises(HubError, match="no such presentation"):
        presentations.one(holder(WIFE), redeemed.presentation.id)


def test_nobody_has_more_codes_open_than_he_can_show(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_KNOWN", 7)
    desk.world.grant(["address"])
    desk.world.run(_bounded(desk))


async def _bounded(desk: Desk) -> None:
    made = [await desk.show(HUSBAND, REGISTER) for _ in range(making.MOST_OPEN)]
    with pytest.raises(HubError, match="Too many"):
        await desk.show(HUSBAND, REGISTER)
    await desk.show(WIFE, REGISTER)
    desk.presentations.cancel(holder(HUSBAND), made[0].presentation.id)
    await desk.scan(made[1])
    for _ in range(2):
        await desk.show(HUSBAND, REGISTER)
    desk.world.clock.advance(seconds=SECONDS)
    with pytest.raises(HubError, match="Too many"):  # as many as are known of him, whatever became of them
        await desk.show(HUSBAND, REGISTER)


def test_an_erased_person_shows_nothing_and_leaves_nothing(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.run(_erased(desk))


async def _erased(desk: Desk) -> None:
    redeemed, made = await desk.show(HUSBAND, REGISTER), await desk.show(HUSBAND, REGISTER)
    of_wife = await desk.show(WIFE, REGISTER)
    await desk.scan(redeemed)
    handles = {each.presentation.handle for each in (redeemed, made)}
    desk.world.sharing.erase_person(HUSBAND["codeType"], HUSBAND["code"])
    assert handles in [set(each["subjects"]) for each in desk.world.records("erasure")]
    keys = desk.world.rows(
        "SELECT p.id FROM presentation p JOIN vault_key k ON k.id = p.key_id WHERE k.wrapped IS NOT NULL"
    )
    assert keys == [(of_wife.presentation.id,)]
    assert await desk.outcome(made, case_number="CASE-2") == "CODE_UNKNOWN"
    assert await desk.outcome(of_wife, case_number="CASE-2") == "VALID"
    assert desk.presentations.of_holder(holder(HUSBAND), Window()).items == ()


def test_nothing_personal_and_no_code_stands_in_the_clear(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.run(_clear(desk))


async def _clear(desk: Desk) -> None:
    made = await desk.show(HUSBAND, REGISTER)
    await desk.scan(made)
    tables = ("presentation", "audit_record", "holder_consent", "vault_index")
    kept = repr([row for table in tables for row in desk.world.rows(f"SELECT * FROM {table}")])
    told = repr(desk.world.records("presentation"))
    for secret in (
        HUSBAND["code"],
        HUSBAND["name"],
        made.code.text("").partition("#")[2],
        made.code.bits.hex(),
        repr(made.code.bits)[2:-1],
    ):
        assert secret not in kept + told + repr(made)
    assert desk.world.issued[REGISTER] not in told


# -- evidence, and printed codes in a case ---------------------------------------------------------------------------------


def test_what_was_shown_is_evidence_as_what_was_read(desk_once: Desk) -> None:
    desk_once.world.grant(["location", "owners.name"], TITLE)
    desk_once.world.run(_evidence(desk_once))


async def _evidence(desk: Desk) -> None:
    scan = await desk.scan(await desk.show(HUSBAND, TITLE))
    (seen,) = scan.licences
    assert seen.disclosed is not None
    found = await desk.world.sharing.rebuilding.of_client(
        desk.world.caller(), Wish(ASKER, ITEM, "CASE-1"), desk.world.pending()
    )
    (rebuilt,) = (each for each in found if each.disclosed)
    assert rebuilt.disclosed is not None
    assert rebuilt.disclosed.presentation == seen.disclosed.presentation


def test_a_printed_licence_shows_its_granted_fields_in_its_own_case_alone(desk: Desk) -> None:
    desk.world.grant(["address"])
    desk.world.run(_printed(desk))


async def _printed(desk: Desk) -> None:
    world, names = desk.world, Names("户口簿", "register")
    shown = ShownLicence(
        world.issued[REGISTER], REGISTER, names, ISSUER, names, None, "2026-01-05", None, "seal", names
    )  # fmt: skip
    desk.printed["PRINTED"] = Verdict(Word.VALID, Word.VALID, licence=shown)
    desk.printed["REVOKED"] = Verdict(Word.REVOKED, Word.REVOKED, licence=shown)
    assert await desk.outcome("PRINTED") == "INPUT_INVALID"  # no case, and nobody named
    for who in (world.caller(), clerk_of(desk)):
        scan = await desk.scan("PRINTED", who, applicant=person(HUSBAND))
        assert scan.verdict.word == "VALID"
        assert {each.path for each in scan.verdict.fields or ()} == {"address"}
    assert await desk.outcome("PRINTED") == "VALID"  # by now the case says whose it is
    assert await desk.outcome("PRINTED", case_number="CASE-2", applicant=person(STRANGER)) == "OTHER_PERSON"
    assert await desk.outcome("PRINTED", applicant=person(WIFE)) == "CASE_MISMATCH"
    world.grant(["name"], DRIVER)
    driver = ShownLicence(world.issued[TITLE], TITLE, names, ISSUER, names, None, None, None, "seal", names)
    desk.printed["TITLE"] = Verdict(Word.VALID, Word.VALID, licence=driver)
    assert await desk.outcome("TITLE") == "NOT_GRANTED"
    assert await desk.outcome("REVOKED") == "REVOKED"
    plain = await desk.counters.scan(world.caller(), "PRINTED", None, world.pending())
    assert (plain.verdict.word, plain.verdict.fields, plain.case) == ("VALID", None, None)
