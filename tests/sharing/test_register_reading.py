"""Reading registers in a case: field by field, of the persons of the case alone, and every read on record and shown to its person."""

from datetime import timedelta

import pytest

from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION
from hub.errors import DamagedError, HubError, InputInvalidError, NotFoundError, NotGrantedError, ScopeMissingError
from hub.jobs.service import Jobs
from hub.sharing.purpose import Person, Purpose
from hub.sharing.rebuilding import Wish
from hub.sharing.refusals import NothingAnsweredError
from hub.sharing.register_disclosure import DisclosedEntry
from hub.sharing.register_reading import Whom
from hub.sharing.withholding import Reason, Withheld
from hub.vault.purposes import FACE, REGISTER
from hub.vault.rotation import Rotation
from tests.catalogue.examples import CHILD, HUSBAND, WIFE
from tests.sharing.registers import COMPANY, COMPANY_NAME, YESTERDAY, fed_family, feed, feeder, of_person
from tests.sharing.test_holders import accesses
from tests.sharing.world import (
    ASKER,
    ISSUER,
    ITEM,
    LEGAL_BASIS,
    NOW,
    OTHER,
    STRANGER,
    World,
    party,
    purpose,
)

ALL = ("number", "name", "status")
APPLICANT = Whom()


async def read(
    world: World, of: Purpose, whom: Whom = APPLICANT, register: str = NATURAL_PERSON, wanted: frozenset[str] | None = None
) -> DisclosedEntry:  # fmt: skip
    """Read an entry in a case; whatever comes of it is on record."""
    pending = world.pending()
    try:
        case = await world.open(of, pending)
        return await world.sharing.registers.of_case(case, register, whom, wanted, pending)
    finally:
        await world.recorder.commit(pending)


def company_case() -> Purpose:
    """Return a case of the company."""
    return Purpose(ITEM, "CASE-C", Person("001", COMPANY), (), LEGAL_BASIS)


def test_what_is_granted_leaves_with_source_time_and_age_and_the_rest_says_why(world: World) -> None:
    fed_family(world)
    world.grant(["name"], NATURAL_PERSON)
    world.run(_granted(world))


async def _granted(world: World) -> None:
    found = await read(world, purpose(WIFE))
    assert found.values == {"name": WIFE["name"]}
    assert found.withheld == (Withheld("number", Reason.NOT_GRANTED), Withheld("status", Reason.NOT_GRANTED))
    assert (found.authority, found.as_of, found.edition, found.age) == (ISSUER, YESTERDAY, 1, timedelta(days=1))
    assert found.arrived_at == NOW
    (*_, record) = world.records("access")
    assert (record["type"], record["outcome"], record["disclosed"]) == (NATURAL_PERSON, "DISCLOSED", ["name"])
    assert (record["source"], record["version"], record["licence"]) == (ISSUER, 1, None)
    assert WIFE["name"] not in str(record)
    nothing = await read(world, purpose(WIFE), wanted=frozenset({"status"}))
    assert (nothing.values, nothing.disclosed) == ({}, ())


def test_an_item_with_grants_of_registers_alone_can_be_worked_on(world: World) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON)
    world.run(_alone(world))


async def _alone(world: World) -> None:
    assert (await read(world, purpose(WIFE))).values["number"] == WIFE["code"]
    assert (await world.open(purpose(WIFE))).granted_types == ()
    with pytest.raises(NotGrantedError):
        await read(world, company_case(), register=ORGANISATION)


def test_organisations_are_read_in_cases_of_their_own(world: World) -> None:
    fed_family(world)
    world.grant(["name", "status", "legalRepresentative"], ORGANISATION)
    world.run(_organisation(world))


async def _organisation(world: World) -> None:
    found = await read(world, company_case(), register=ORGANISATION)
    assert found.values == {"name": COMPANY_NAME, "status": "ACTIVE", "legalRepresentative": "李凌欢"}
    with pytest.raises(NotFoundError):
        await read(world, purpose(WIFE), register=ORGANISATION)


def test_parties_are_reached_in_granted_roles_only_and_nobody_else_at_all(world: World) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON, roles=["seller"])
    world.run(_parties(world))


async def _parties(world: World) -> None:
    case = purpose(WIFE, party("seller", HUSBAND), party("agent", CHILD))
    assert (await read(world, case, Whom("seller"))).values["name"] == HUSBAND["name"]
    assert (await read(world, case, Whom(code=HUSBAND["code"]))).values["name"] == HUSBAND["name"]
    refused = []
    for whom in (Whom("agent"), Whom("buyer"), Whom(code=STRANGER["code"]), Whom("seller", WIFE["code"])):
        with pytest.raises(NotFoundError) as error:
            await read(world, case, whom)
        refused.append(error.value.code)
    assert set(refused) == {"NOT_FOUND"}
    both = purpose(WIFE, party("seller", HUSBAND), party("seller", CHILD), number="CASE-2")
    with pytest.raises(InputInvalidError):
        await read(world, both, Whom("seller"))
    assert (await read(world, both, Whom("seller", CHILD["code"]))).values["name"] == CHILD["name"]


def test_somebody_out_of_the_register_and_somebody_out_of_reach_read_alike(world: World) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON)
    world.run(_alike(world))


async def _alike(world: World) -> None:
    said = []
    for of, whom in (
        (purpose(STRANGER, number="CASE-S"), APPLICANT),
        (purpose(WIFE, party("seller", HUSBAND)), Whom("seller")),
    ):
        with pytest.raises(NotFoundError) as error:
            await read(world, of, whom)
        said.append(error.value.message)
    assert len(set(said)) == 1
    outcomes = [(each["outcome"], each["reason"], each["disclosed"]) for each in world.records("access")]
    assert len(set(map(str, outcomes))) == 1


def test_a_suspended_grant_stops_the_next_read_of_an_open_case(world: World) -> None:
    fed_family(world)
    grant = world.grant(ALL, NATURAL_PERSON)
    world.run(_suspended(world, grant))


async def _suspended(world: World, grant: str) -> None:
    case = await world.open(purpose(WIFE))
    world.sharing.suspend_grant(grant)
    with pytest.raises(NotGrantedError):
        await world.sharing.registers.of_case(case, NATURAL_PERSON, APPLICANT, None, world.pending())


def test_a_source_reads_back_its_own_word_and_nobody_elses(world: World) -> None:
    fed_family(world)
    world.run(_own(world))


async def _own(world: World) -> None:
    own = world.sharing.registers.own
    pending = world.pending()
    found = await own(feeder(world), NATURAL_PERSON, WIFE["code"].lower(), None, pending)
    assert found.values == {"number": WIFE["code"], "name": WIFE["name"], "status": "NORMAL"}
    (entry,) = pending.entries
    assert (entry.facts["case"], entry.facts["authority"]) == (None, ISSUER)
    for caller, code in ((feeder(world, OTHER), WIFE["code"]), (feeder(world), STRANGER["code"])):
        with pytest.raises(NotFoundError):
            await own(caller, NATURAL_PERSON, code, None, world.pending())
    with pytest.raises(ScopeMissingError):
        await own(world.caller(ISSUER), NATURAL_PERSON, WIFE["code"], None, world.pending())


def test_the_newest_word_is_read_whether_status_or_name_is_new(world: World) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON)
    world.run(_newest(world))


async def _newest(world: World) -> None:
    feed(world, of_person(WIFE, NOW, status="CANCELLED"))
    assert (await read(world, purpose(WIFE))).values["status"] == "CANCELLED"
    world.clock.advance(hours=1)
    feed(world, of_person(WIFE, world.clock.now(), name="沈知秋"))
    found = await read(world, purpose(WIFE))
    assert (found.values["name"], found.values["status"], found.edition) == ("沈知秋", "NORMAL", 3)
    destroyed = world.rows("SELECT count(*) FROM vault_key WHERE wrapped IS NULL")
    assert destroyed == [(1,)]  # what was said before cannot be read any more, from no copy of the table


def test_holders_see_who_read_what_of_their_entries(world: World) -> None:
    fed_family(world)
    world.grant(["name", "status"], NATURAL_PERSON, roles=["seller"])
    world.run(_seen(world))


async def _seen(world: World) -> None:
    await read(world, purpose(WIFE, party("seller", HUSBAND)), Whom("seller"))
    world.clock.advance(days=91)
    (seen,) = await accesses(world, HUSBAND)
    assert (seen.authority, seen.type_key, seen.disclosed) == (ASKER, NATURAL_PERSON, ("name", "status"))
    assert seen.case_number == "CASE-1"
    assert await accesses(world, CHILD) == ()


def test_an_erased_person_is_gone_until_a_source_says_him_again(world: World) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON)
    world.run(_erased(world))


async def _erased(world: World) -> None:
    handles = {row[-1] for row in world.rows("SELECT handle FROM register_entry")}
    world.sharing.erase_person("111", WIFE["code"])
    world.sharing.refresh()
    assert handles & {each for record in world.records("erasure") for each in record["subjects"]}
    with pytest.raises(NotFoundError):
        await read(world, purpose(WIFE))
    assert (await read(world, purpose(HUSBAND, number="CASE-H"))).values["name"] == HUSBAND["name"]
    feed(world, of_person(WIFE, NOW))
    assert (await read(world, purpose(WIFE, number="CASE-N"))).values["name"] == WIFE["name"]


def test_both_keys_of_the_vault_rotate_under_the_registers(world: World) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON)
    before = world.rows("SELECT value FROM vault_index WHERE kind IN ('REGISTER', 'REGISTER_NAME')")
    rotation = Rotation(
        world.database, world.vault, Jobs(world.database, world.clock), world.clock, changed=world.audit.advance_epoch
    )
    rotation.rotate_wrapping("test")
    rotation.rotate_index("test")
    world.sharing.refresh()
    after = world.rows("SELECT value FROM vault_index WHERE kind IN ('REGISTER', 'REGISTER_NAME')")
    assert len(after) == len(before)
    assert not {bytes(value) for (value,) in before} & {bytes(value) for (value,) in after}
    feed(world, of_person(WIFE, NOW, status="DECEASED"))
    world.run(_rotated(world))


async def _rotated(world: World) -> None:
    assert (await read(world, purpose(WIFE))).values["status"] == "DECEASED"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE register_entry SET status = data, data = status", "DAMAGED"),
        ("UPDATE register_entry SET data = (SELECT o.data FROM register_entry o WHERE o.register_key = 'Organisation')", "DAMAGED"),
        ("UPDATE register_entry SET as_of = as_of + 1", "READABLE"),
        ("UPDATE register_entry SET authority = '11990102MB0000003X'", "READABLE"),
        ("DELETE FROM register_entry", "GONE"),
    ],
)  # fmt: skip
def test_what_is_changed_behind_the_hubs_back_is_found(world: World, change: str, kind: str) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON)
    world.log.integrate()
    assert world.log.verify({}).wrong == 0
    world.change(change)
    found = world.log.verify({}).findings
    assert {each.table for each in found} == {"register_entry"}
    assert len(found) >= 3
    world.run(_tampered(world, kind))


async def _tampered(world: World, kind: str) -> None:
    refused: type[HubError] | None = {"DAMAGED": DamagedError, "GONE": NotFoundError}.get(kind)
    if refused is None:
        await read(world, purpose(WIFE))
        return
    with pytest.raises(refused):
        await read(world, purpose(WIFE))


def test_an_index_that_was_put_in_anothers_place_opens_nothing(world: World) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON)
    places = world.rows(
        "SELECT place FROM vault_index WHERE kind = 'REGISTER' AND scope = 'NaturalPerson' ORDER BY place"
    )
    world.change(
        "UPDATE vault_index SET place = :new || place WHERE kind = 'REGISTER' AND scope = 'NaturalPerson'", new="x"
    )
    for (place,), (other,) in zip(places, [*places[1:], places[0]], strict=True):
        world.change("UPDATE vault_index SET place = :other WHERE place = :place", other=other, place=f"x{place}")
    world.run(_swapped(world))


async def _swapped(world: World) -> None:
    for row in (WIFE, HUSBAND, CHILD):
        with pytest.raises(DamagedError):
            await read(world, purpose(row, number=f"CASE-{row['code'][-4:]}"))


def test_vault_marks_die_with_their_key(world: World) -> None:
    one, other = world.vault.key_row()[0], world.vault.key_row()[0]
    marks = {world.vault.mark(purpose, key, b"x") for purpose in (FACE, REGISTER) for key in (one, other)}
    assert len(marks) == 4


def test_evidence_packages_leave_out_what_registers_said(world: World) -> None:
    fed_family(world)
    world.grant(ALL, NATURAL_PERSON)
    world.grant(["name"], "DriverLicence")
    world.run(_evidence(world))


async def _evidence(world: World) -> None:
    wish = Wish(ASKER, ITEM, "CASE-1")
    await read(world, purpose(HUSBAND))
    with pytest.raises(NothingAnsweredError):
        await world.sharing.rebuilding.of_client(world.caller(), wish, world.pending())
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    await case.licence(world.key("DriverLicence"), None, pending)
    await world.recorder.commit(pending)
    (answer,) = await world.sharing.rebuilding.of_client(world.caller(), wish, world.pending())
    assert answer.licence == world.issued["DriverLicence"]
