"""Consents: who may be read of once he consented, and every way in which a consent is none, on both databases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.catalogue.licence_type import shipped_documents
from hub.errors import (
    AuthorityUnknownError,
    CodeError,
    HubError,
    InputInvalidError,
    ItemUnknownError,
    PolicyChangedError,
)
from hub.jobs.service import Jobs
from hub.paging import Window
from hub.reading import Loader
from hub.sharing.consents import service
from hub.sharing.purpose import Party
from hub.sharing.reading import LicenceKey
from hub.sharing.refusals import ConsentLimitError, ConsentNeededError, ConsentStateError, ConsentUnknownError
from hub.vault.rotation import Rotation
from tests.catalogue.examples import EXAMPLES, HUSBAND, WIFE
from tests.sharing.consents import HOME, give, holder, outcome, withdraw
from tests.sharing.test_holders import accesses
from tests.sharing.world import (
    ASKER,
    ISSUER,
    ITEM,
    NOW,
    OTHER,
    OTHER_ITEM,
    SECOND_ITEM,
    STRANGER,
    World,
    party,
    purpose,
)

DAYS = 90
REGISTER = "HouseholdRegister"
Act = Callable[[World], object]


def test_with_consent_it_is_read_and_the_record_names_the_consent(world: World) -> None:
    world.grant(["location", "owners.name"], HOME)
    world.run(_named(world))


async def _named(world: World) -> None:
    of = purpose(HUSBAND)
    assert await outcome(world, of) == "CONSENT_NEEDED"
    world.clock.advance(seconds=1)
    consent = give(world, HUSBAND)
    assert await outcome(world, of) == "DISCLOSED"
    refused, read = world.records("access")
    assert (refused["outcome"], refused["reason"], refused["licence"]) == ("REFUSED", "CONSENT_NEEDED", None)
    assert (read["consents"], read["official_duty"]) == ([consent.id], False)
    newest, oldest = await accesses(world, HUSBAND)
    assert (newest.consents, newest.official_duty, set(newest.disclosed)) == (
        (consent.id,),
        False,
        {"location", "owners.name"},
    )
    assert (oldest.consents, oldest.reason) == ((), "CONSENT_NEEDED")
    withdraw(world, HUSBAND, consent)
    assert await outcome(world, of) == "CONSENT_NEEDED"
    case = await world.open(of)
    with pytest.raises(ConsentNeededError):
        await case.licences([HOME], None, Window(), None, world.pending())


def test_official_duty_reads_without_and_says_so(world: World) -> None:
    world.grant(["location"], HOME, official_duty=True)
    world.grant(["use"], HOME)
    world.grant(["address"])
    world.run(_official_duty(world))


async def _official_duty(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    without = await case.licence(LicenceKey(HOME), None, pending)
    assert without.disclosed == ("location",)
    assert without.entry.facts["official_duty"] is True
    # What the other grant lets out takes his consent.
    assert ("use", "NOT_GRANTED") in {(each.path, each.reason) for each in without.withheld}
    consent = give(world, HUSBAND)
    assert (await case.licence(LicenceKey(HOME), None, pending)).disclosed == ("location", "use")
    assert pending.entries[-1].facts["consents"] == [consent.id]
    (other,) = (await case.licences([REGISTER], None, Window(), None, pending)).items
    assert not {"consents", "official_duty"} & other.entry.facts.keys()


def _over(world: World) -> None:
    give(world, HUSBAND, expires_at=world.clock.now() + timedelta(hours=1))
    world.clock.advance(hours=1)


def _erased(world: World) -> None:
    give(world, HUSBAND)
    world.sharing.erase_person(HUSBAND["codeType"], HUSBAND["code"])


NO_CONSENT: dict[str, Act] = {
    "none": lambda _world: None,
    "for another case": lambda world: give(world, HUSBAND, number="CASE-2"),
    "for a case of another spelling": lambda world: give(world, HUSBAND, number="case-1"),
    "for another item": lambda world: give(world, HUSBAND, item=SECOND_ITEM),
    "to another authority": lambda world: give(world, HUSBAND, authority=OTHER, item=OTHER_ITEM),
    "to other types": lambda world: give(world, HUSBAND, types=("MarriageCertificate",)),
    "of a party only": lambda world: give(world, WIFE),
    "of somebody else": lambda world: give(world, STRANGER),
    "withdrawn": lambda world: withdraw(world, HUSBAND, give(world, HUSBAND)),
    "replaced": lambda world: [give(world, HUSBAND), give(world, HUSBAND, types=("MarriageCertificate",))],
    "replaced and withdrawn": lambda world: [give(world, HUSBAND), withdraw(world, HUSBAND, give(world, HUSBAND))],
    "over": _over,
    "erased": _erased,
}  # fmt: skip


def publish_marriage(world: World) -> None:
    """Publish a second type that asks for consent."""
    (document,) = (each for each in shipped_documents() if each["key"] == "MarriageCertificate")
    world.catalogue.publish(document)
    world.sharing.refresh()


@pytest.mark.parametrize("name", NO_CONSENT)
def test_what_is_no_consent_for_this_read_is_none(world: World, name: str) -> None:
    world.grant(["location"], HOME)
    publish_marriage(world)
    NO_CONSENT[name](world)
    world.sharing.refresh()
    world.run(_refused(world))


async def _refused(world: World) -> None:
    # Every way of asking is refused alike, and before any licence is looked up.
    looked = _count_looks(world)
    by_number = LicenceKey(HOME, number=EXAMPLES[HOME].number)
    for key in (None, by_number, world.key(HOME), LicenceKey(HOME, number="不存在")):
        assert await outcome(world, purpose(HUSBAND), key) == "CONSENT_NEEDED"
    case = await world.open(purpose(HUSBAND))
    pending = world.pending()
    with pytest.raises(ConsentNeededError):
        await case.licences([HOME], None, Window(), None, pending)
    assert (await case.licences(None, None, Window(), None, pending)).items == ()
    assert [entry.facts["outcome"] for entry in pending.entries] == ["REFUSED", "NOT_FOUND"]
    assert looked == []


def _count_looks(world: World) -> list[object]:
    looked: list[object] = []
    finder = world.licences.finder
    for name in ("_by_index", "_by_identifier"):
        setattr(finder, name, _Seen(getattr(finder, name), looked))
    return looked


class _Seen:
    def __init__(self, loader: Loader, looked: list[object]) -> None:
        self._loader, self._looked = loader, looked

    async def load(self, key: Any) -> Any:
        self._looked.append(key)
        return await self._loader.load(key)


# Rows as somebody who can write to the database would put them in; what is sealed he cannot make.
_EXACT = "(SELECT value FROM vault_index WHERE kind = 'CONSENT_CASE' AND place = 'consent:{mine}')"
FORGERIES = {
    "moved to this case": f"UPDATE vault_index SET value = {_EXACT} WHERE kind = 'CONSENT_CASE' AND place = 'consent:{{other}}'",
    "other types": """UPDATE holder_consent SET types = '["RealEstateTitle"]' WHERE id = '{mine}'""",
    "longer": "UPDATE holder_consent SET expires_at = expires_at + 86400000000 WHERE id = '{mine}'",
    "another's seal": "UPDATE holder_consent SET sealed = (SELECT sealed FROM holder_consent WHERE id = '{other}') WHERE id = '{mine}'",
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_consent_that_was_forged_in_the_tables_is_none(world: World, name: str) -> None:
    world.grant(["location"], HOME)
    publish_marriage(world)
    types = (HOME,) if name == "longer" else ("MarriageCertificate",)
    mine = give(world, HUSBAND, types=types, expires_at=world.clock.now() + timedelta(hours=1))
    other = give(world, HUSBAND, number="CASE-2")
    if name == "longer":
        world.clock.advance(hours=2)
    world.change(FORGERIES[name].format(mine=mine.id, other=other.id))

    async def read() -> None:
        assert await outcome(world, purpose(HUSBAND)) in {"CONSENT_NEEDED", "STORED_DATA_DAMAGED"}
        assert all(record["outcome"] != "DISCLOSED" for record in world.records("access"))

    world.run(read())


def test_each_person_of_a_case_consents_for_himself(world: World) -> None:
    world.grant(["location", "owners.name"], HOME, roles=("seller",))
    world.run(_each_for_himself(world))


async def _each_for_himself(world: World) -> None:
    of = purpose(STRANGER, party("seller", HUSBAND), party("seller", WIFE), Party("agent", "111", HUSBAND["code"]))
    case = await world.open(of)
    needed = await case.consents_needed(world.pending())
    assert {key: [each.role for each in several] for key, several in needed.items()} == {HOME: ["", "seller", "seller"]}
    consent = give(world, HUSBAND)
    pending = world.pending()
    read = await case.licence(world.key(HOME), None, pending)
    owners = [each["name"] for each in read.values["owners"]]
    assert owners == [HUSBAND["name"]]
    assert ("owners.name", "OTHER_PERSON") in {(each.path, each.reason) for each in read.withheld}
    assert pending.entries[-1].facts["consents"] == [consent.id]
    # The applicant has not consented: his newest is not looked for.
    with pytest.raises(ConsentNeededError):
        await case.licence(LicenceKey(HOME), None, pending)
    second = give(world, WIFE)
    read = await case.licence(world.key(HOME), None, pending)
    assert len(read.values["owners"]) == 2
    assert pending.entries[-1].facts["consents"] == sorted([consent.id, second.id])
    needed = await case.consents_needed(world.pending())
    assert [each.role for each in needed[HOME]] == [""]
    withdraw(world, HUSBAND, consent)
    read = await case.licence(world.key(HOME), None, pending)
    assert [each["name"] for each in read.values["owners"]] == [WIFE["name"]]


def test_node_ids_repeat_the_question_too(world: World) -> None:
    world.grant(["location"], HOME)

    async def scenario() -> None:
        consent = give(world, HUSBAND)
        pending = world.pending()
        case = await world.open(purpose(HUSBAND), pending)
        node = world.sharing.node_id(await case.licence(LicenceKey(HOME), None, pending))
        await world.sharing.node(world.caller(), node, None, world.pending())
        withdraw(world, HUSBAND, consent)
        pending = world.pending()
        with pytest.raises(ConsentNeededError):
            await world.sharing.node(world.caller(), node, None, pending)
        assert [entry.facts["reason"] for entry in pending.entries] == ["CONSENT_NEEDED"]

    world.run(scenario())


def test_a_type_that_asks_from_now_on_is_asked_for_at_once(world: World) -> None:
    world.grant(["address"])

    async def scenario() -> None:
        case = await world.open(purpose(HUSBAND))
        await case.licence(world.key(), None, world.pending())
        (document,) = (each for each in shipped_documents() if each["key"] == REGISTER)
        world.catalogue.publish({**document, "version": 2, "holderConsent": True})
        world.sharing.refresh()
        with pytest.raises(ConsentNeededError):
            await (await world.open(purpose(HUSBAND))).licence(world.key(), None, world.pending())

    world.run(scenario())


WRONG: tuple[tuple[dict[str, Any], type[HubError]], ...] = (
    ({"authority": "11990102MB0000009X"}, AuthorityUnknownError),
    ({"item": "NOWHERE"}, ItemUnknownError),
    ({"item": OTHER_ITEM}, InputInvalidError),
    ({"number": ""}, InputInvalidError),
    ({"number": "a" * 65}, InputInvalidError),
    ({"number": f"C-{HUSBAND['code']}"}, InputInvalidError),
    ({"types": ()}, InputInvalidError),
    ({"types": (REGISTER,)}, InputInvalidError),
    ({"types": ("NoSuchType",)}, InputInvalidError),
    ({"expires_at": NOW}, InputInvalidError),
    ({"expires_at": NOW + timedelta(days=DAYS, seconds=1)}, InputInvalidError),
    ({"expires_at": datetime(2026, 12, 1)}, InputInvalidError),  # noqa: DTZ001 - that is what is wrong with it
)


def test_what_may_not_be_consented_to_is_not(empty_world: World) -> None:
    for changes, error in WRONG:
        with pytest.raises(error):
            give(empty_world, HUSBAND, **changes)
    with pytest.raises(CodeError):
        give(empty_world, {"codeType": "111", "code": "123"})
    stale = empty_world.pending()
    empty_world.change("UPDATE policy_epoch SET value = value + 1")
    with pytest.raises(PolicyChangedError):
        empty_world.sharing.consents.give(
            holder(HUSBAND), service.ConsentWish(ASKER, ITEM, "CASE-1", (HOME,)), stale
        )  # fmt: skip
    assert empty_world.records("consent") == []
    assert empty_world.rows("SELECT * FROM holder_consent") == []


def test_a_holder_sees_and_withdraws_his_own_and_nobody_elses(empty_world: World) -> None:
    world = empty_world
    given = []
    for number in ("CASE-1", "CASE-2", "CASE-3"):
        world.clock.advance(seconds=1)
        given.append(give(world, HUSBAND, number=number).id)
    give(world, WIFE)
    consents = world.sharing.consents
    first = consents.consents(holder(HUSBAND), Window(2))
    assert [each.id for each in first.items] == given[:0:-1]
    rest = consents.consents(holder(HUSBAND), Window(2, first.cursors[-1]))
    assert [each.id for each in rest.items] == given[:1]
    assert consents.consents(holder(STRANGER), Window()).items == ()
    mine = first.items[0]
    assert mine.terms.expires_at == mine.given_at + timedelta(days=DAYS)
    for who, consent in ((WIFE, mine.id), (STRANGER, mine.id), (HUSBAND, "nothing")):
        with pytest.raises(ConsentUnknownError):
            consents.withdraw(holder(who), consent)
    assert withdraw(world, HUSBAND, mine).withdrawn_at == world.clock.now()
    with pytest.raises(ConsentStateError):
        withdraw(world, HUSBAND, mine)
    with pytest.raises(InputInvalidError):
        consents.consents(holder(HUSBAND), Window(2, "bm9uZQ"))
    said = [(each["operation"], each["consent"]) for each in world.records("consent")]
    assert said[-1] == ("WITHDRAWN", mine.id)
    assert len(said) == 5


def test_consents_are_bounded(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_IN_FORCE", 2)
    give(empty_world, HUSBAND, number="CASE-1")
    second = give(empty_world, HUSBAND, number="CASE-2")
    with pytest.raises(ConsentLimitError):
        give(empty_world, HUSBAND, number="CASE-3")
    give(empty_world, HUSBAND, number="CASE-2")  # takes the place of the second
    give(empty_world, HUSBAND, authority=OTHER, item=OTHER_ITEM)
    (now,) = [each for each in empty_world.records("consent") if each["operation"] == "REPLACED"]
    assert now["consent"] == second.id
    empty_world.clock.advance(days=DAYS)
    give(empty_world, HUSBAND, number="CASE-3")


def test_nothing_of_the_holder_or_the_case_stands_in_the_clear(world: World) -> None:
    give(world, HUSBAND, number="CASE-SECRET")
    withdraw(world, HUSBAND, give(world, HUSBAND, number="CASE-SECRET"))
    kept = repr(world.rows("SELECT * FROM holder_consent")) + repr(world.records("consent"))
    assert [text for text in (HUSBAND["code"], HUSBAND["name"], "CASE-SECRET") if text in kept] == []
    assert ISSUER not in kept
    handles = {tuple(each["subjects"]) for each in world.records("consent")}
    assert len(handles) == 2  # each consent has its own: records do not link them


def test_erasure_reaches_consents(world: World) -> None:
    give(world, HUSBAND)
    hers = give(world, WIFE)
    before = world.rows("SELECT handle FROM holder_consent WHERE id <> :hers", hers=hers.id)
    world.sharing.erase_person(HUSBAND["codeType"], HUSBAND["code"])
    erased = {handle for record in world.records("erasure") for handle in record["subjects"]}
    assert before[0][0] in erased
    assert world.sharing.consents.consents(holder(HUSBAND), Window()).items == ()
    assert [each.id for each in world.sharing.consents.consents(holder(WIFE), Window()).items] == [hers.id]
    left = world.rows("SELECT DISTINCT place FROM vault_index WHERE kind LIKE 'CONSENT%'")
    assert left == [(f"consent:{hers.id}",)]
    with pytest.raises(ConsentUnknownError):
        world.sharing.consents.withdraw(holder(HUSBAND), world.records("consent")[0]["consent"])


def test_consents_are_asked_for_only_where_a_type_asks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.grant(["address"])
    world.grant(["location"], HOME)
    give(world, HUSBAND)
    asked: list[str] = []
    finder = world.sharing._reading._consents
    original = finder.of_case

    async def of_case(case: Any, type_key: str) -> Any:
        asked.append(type_key)
        return await original(case, type_key)

    monkeypatch.setattr(type(finder), "of_case", lambda _self, case, key: of_case(case, key))

    async def scenario() -> None:
        case = await world.open(purpose(HUSBAND))
        await case.licence(world.key(), None, world.pending())
        assert asked == []
        page = await case.licences(None, None, Window(), None, world.pending())
        assert [each.stored.type_key for each in page.items] == [REGISTER, HOME]
        assert asked == [HOME]

    world.run(scenario())


def test_both_keys_of_the_vault_rotate_under_consents(world: World) -> None:
    world.grant(["location"], HOME)
    consent = give(world, HUSBAND)
    rotation = Rotation(
        world.database, world.vault, Jobs(world.database, world.clock), world.clock, changed=world.audit.advance_epoch
    )
    rotation.rotate_wrapping("test")
    rotation.rotate_index("test")
    world.sharing.refresh()

    async def scenario() -> None:
        assert await outcome(world, purpose(HUSBAND)) == "DISCLOSED"
        assert [each.id for each in world.sharing.consents.consents(holder(HUSBAND), Window()).items] == [consent.id]

    world.run(scenario())
