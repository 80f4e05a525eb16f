"""Relations that a licence proves: checked before anything of the party is read, on record, and never taken for granted."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import DamagedError, HubError, NotFoundError
from hub.paging import Window
from hub.sharing.purpose import Party, Purpose
from hub.sharing.reading import LicenceKey, OpenCase
from hub.sharing.refusals import PartyCircularError
from hub.sharing.relations import RELATIONS, names_parent, names_representative, require_direct
from tests.catalogue.examples import CHILD, COMPANY, ELDER, EXAMPLES, FORMER_WIFE, HUSBAND, NEWBORN, PHARMACY, WIFE
from tests.licences.drafts import draft_of
from tests.sharing.family import (
    BIRTH,
    BUSINESS,
    CARD,
    DIVORCE,
    DRIVING,
    MARRIAGE,
    Row,
    act,
    issue,
    with_family,
)
from tests.sharing.test_holders import accesses
from tests.sharing.world import ISSUER, ITEM, LEGAL_BASIS, STRANGER, World, party, person

SIBLING = {**NEWBORN, "name": "林小苗"}
BORN = EXAMPLES[BIRTH].data
OLD = date(2010, 9, 1)


@pytest.fixture
def family(empty_world: World) -> World:
    """Give a hub with the family's licences."""
    return with_family(empty_world)


@pytest.fixture
def family_once(empty_world_once: World) -> World:
    """Give the same on SQLite, where the engine makes no difference."""
    return with_family(empty_world_once)


def purpose(applicant: Row, *parties: Party, number: str = "CASE-1") -> Purpose:
    return Purpose(ITEM, number, person(applicant), parties, LEGAL_BASIS)


@dataclass(frozen=True)
class Related:
    """Who declares whom as what, and a licence of the party's that is then read."""

    applicant: Row
    role: str
    party: Row
    reads: str
    issued: str

    def open(self) -> Purpose:
        return purpose(
            self.applicant,
            party(self.role, self.party),
            number=f"{self.role}-{self.applicant['code'][-5:]}-{self.party['code'][-5:]}",
        )


SPOUSE = Related(HUSBAND, "spouse", WIFE, DRIVING, "of the wife")
HIS_CHILD = Related(HUSBAND, "child", NEWBORN, BIRTH, BIRTH)
PARENT = Related(NEWBORN, "parent", HUSBAND, DRIVING, DRIVING)
REPRESENTATIVE = Related(COMPANY, "representative", HUSBAND, DRIVING, DRIVING)
ORGANISATION = Related(HUSBAND, "organisation", COMPANY, BUSINESS, BUSINESS)
RELATED = (
    SPOUSE, replace(SPOUSE, applicant=WIFE, party=HUSBAND, issued=DRIVING), HIS_CHILD, replace(HIS_CHILD, applicant=WIFE), PARENT,
    replace(PARENT, party=WIFE, issued="of the wife"), REPRESENTATIVE, ORGANISATION,
)  # fmt: skip


async def reads(world: World, related: Related) -> list[str]:
    """Read the party's licence, list it and tell how he is known; return what came of it, on record."""
    pending, outcomes, wanted = world.pending(), [], world.issued[related.issued]
    case = await world.open(related.open(), pending)
    try:
        outcomes.append(
            f"READ {(await case.licence(LicenceKey(related.reads, identifier=wanted), None, pending)).stored.type_key}"
        )
    except HubError as error:
        outcomes.append(error.code)
    page = await case.licences([related.reads], None, Window(10), None, pending)
    outcomes.append("LISTED" if wanted in [one.stored.identifier for one in page.items] else "NOT LISTED")
    shown = (await case.parties(pending))[-1]
    outcomes.append(f"{shown.evidence} {shown.proved_by}")
    await world.recorder.commit(pending)
    return outcomes


def checks(world: World) -> list[dict[str, Any]]:
    return [each for each in world.records("access") if "checked" in each]


def test_every_role_has_a_row_that_says_how_it_is_proved() -> None:
    assert {row.role: row.source for row in RELATIONS.values()} == {
        "spouse": MARRIAGE, "parent": BIRTH, "child": BIRTH, "representative": BUSINESS, "organisation": BUSINESS,
    }  # fmt: skip
    assert {related.role for related in RELATED} == set(RELATIONS)


def test_a_relation_that_a_licence_proves_opens_the_way(family: World) -> None:
    _all_granted(family)
    family.run(_proved(family))


async def _proved(world: World) -> None:
    for related in RELATED:
        before = len(world.records("access"))
        source = RELATIONS[related.role].source
        assert await reads(world, related) == [f"READ {related.reads}", "LISTED", f"PROVED {source}"]
        (check,) = [each for each in world.records("access")[before:] if "checked" in each]
        handles = dict(world.rows("SELECT role, handle FROM case_party WHERE case_id = :id", id=check["case"]))
        assert (check["type"], check["licence"], check["outcome"]) == (source, world.issued[source], "DISCLOSED")
        assert (check["disclosed"], check["withheld"], check["presentation"]) == ([], [], None)
        assert check["subjects"] == sorted(handles.values())
        assert check["parties"] == [[handles[related.role], related.role, "PROVED"]]
        read = next(each for each in world.records("access")[before:] if each["disclosed"])
        assert read["parties"] == check["parties"]


def _divorced(world: World) -> None:
    issue(world, DIVORCE, HUSBAND, WIFE, valid_from=date(2020, 1, 1), data=_parted(WIFE))


def _parted(wife: Row) -> dict[str, Any]:
    data = EXAMPLES[DIVORCE].data
    return {
        **data,
        "parties": [data["parties"][0], {**data["parties"][1], "name": wife["name"], "idNumber": wife["code"]}],
    }


def _sibling_of_another(world: World) -> None:
    father = {**BORN["father"], "name": ELDER["name"], "idNumber": ELDER["code"]}
    issue(world, BIRTH, SIBLING, number="Z990000099", data={**BORN, "childName": SIBLING["name"], "father": father})


def _another_document(world: World) -> None:
    act(world, "revoke", world.issued[BIRTH])
    father = {**BORN["father"], "idType": "护照"}
    issue(world, BIRTH, NEWBORN, number="Z990000098", data={**BORN, "childName": SIBLING["name"], "father": father})


def _new_representative(world: World) -> None:
    draft = draft_of(BUSINESS, data={**EXAMPLES[BUSINESS].data, "legalRepresentative": STRANGER["name"]})
    caller = world.caller(ISSUER, {"licence:issue"})
    world.licences.change(caller, world.issued[BUSINESS], draft, 1, "change-of-representative")


def _ends(operation: str, key: str) -> Callable[[World], None]:
    return lambda world: act(world, operation, world.issued[key])


def _erased(row: Row) -> Callable[[World], None]:
    def erase(world: World) -> None:
        world.sharing.erase_person(row["codeType"], row["code"])

    return erase


UNPROVED: dict[str, tuple[Related, Callable[[World], None]]] = {
    "divorced since": (SPOUSE, _divorced),
    "marriage revoked": (SPOUSE, _ends("revoke", MARRIAGE)),
    "marriage cancelled": (SPOUSE, _ends("cancel", MARRIAGE)),
    "marriage transferred": (SPOUSE, _ends("transferOut", MARRIAGE)),
    "spouse erased": (SPOUSE, _erased(WIFE)),
    "birth certificate withdrawn": (PARENT, _ends("withdraw", BIRTH)),
    "a sibling under the code has another father": (HIS_CHILD, _sibling_of_another),
    "a sibling of the applicant has another father": (PARENT, _sibling_of_another),
    "named by another document": (HIS_CHILD, _another_document),
    "child erased": (PARENT, _erased(NEWBORN)),
    "no longer its representative": (REPRESENTATIVE, _new_representative),
    "business licence revoked": (REPRESENTATIVE, _ends("revoke", BUSINESS)),
}  # fmt: skip


STRANGERS = (
    replace(SPOUSE, applicant=ELDER), replace(SPOUSE, party={**WIFE, "codeType": "414"}), replace(HIS_CHILD, applicant=ELDER),
    replace(REPRESENTATIVE, party=WIFE, issued="of the wife"), replace(REPRESENTATIVE, applicant=PHARMACY),
)  # fmt: skip
PROVED_BY = ((SPOUSE, MARRIAGE), (HIS_CHILD, BIRTH), (ORGANISATION, BUSINESS), (REPRESENTATIVE, CARD))


def _all_granted(world: World) -> None:
    for role in RELATIONS:
        for key in (DRIVING, BIRTH, BUSINESS):
            world.grant(["number", "issuedOn"], key, roles=(role,))


def test_whoever_is_no_relative_opens_nothing(family: World) -> None:
    _all_granted(family)
    family.run(_strangers(family))


async def _strangers(world: World) -> None:
    for related in STRANGERS:
        await _unproved(world, related)


def test_what_is_suspended_proves_nothing_until_it_is_resumed(family: World) -> None:
    _all_granted(family)
    family.run(_suspended(family))


async def _suspended(world: World) -> None:
    for related, key in PROVED_BY:
        act(world, "suspend", world.issued[key])
        await _unproved(world, related)
        act(world, "resume", world.issued[key], 2)
        assert (await reads(world, related))[-1] == f"PROVED {RELATIONS[related.role].source}"


@pytest.mark.parametrize("name", UNPROVED)
def test_a_relation_that_no_licence_proves_today_opens_nothing(family_once: World, name: str) -> None:
    related, happens = UNPROVED[name]
    happens(family_once)
    family_once.sharing.refresh()
    family_once.grant(["number", "issuedOn"], related.reads, roles=(related.role,))
    family_once.run(_unproved(family_once, related))


async def _unproved(world: World, related: Related) -> None:
    before = len(checks(world))
    assert await reads(world, related) == ["NOT_FOUND", "NOT LISTED", "NOT_PROVED None"]
    (check,) = checks(world)[before:]
    assert (check["outcome"], check["reason"], check["licence"]) == ("NOT_FOUND", "RELATION_NOT_PROVED", None)
    assert len(check["subjects"]) == 2
    (handle, *told) = check["parties"][0]
    assert (handle in check["subjects"], told) == (True, [related.role, "NOT_PROVED"])


def test_an_older_divorce_from_another_person_and_a_resumed_certificate_change_nothing(family_once: World) -> None:
    issue(family_once, DIVORCE, HUSBAND, FORMER_WIFE, valid_from=OLD, data=_parted(FORMER_WIFE))
    issue(family_once, DIVORCE, HUSBAND, WIFE, valid_from=OLD, number="OLDER", data=_parted(WIFE))
    act(family_once, "suspend", family_once.issued[MARRIAGE])
    act(family_once, "resume", family_once.issued[MARRIAGE], 2)
    family_once.grant(["number"], DRIVING, roles=("spouse",))
    family_once.run(_again_married(family_once))


async def _again_married(world: World) -> None:
    assert (await reads(world, SPOUSE))[-1] == "PROVED MarriageCertificate"


def test_a_child_with_a_citizen_number_is_proved_by_it(family_once: World) -> None:
    issue(family_once, BIRTH, CHILD, data={**BORN, "childName": CHILD["name"]})
    _sibling_of_another(family_once)
    family_once.issued["of the child"] = issue(family_once, DRIVING, CHILD)
    family_once.grant(["number"], DRIVING, roles=("child",))
    family_once.run(_linked(family_once))


async def _linked(world: World) -> None:
    outcomes = await reads(world, Related(HUSBAND, "child", CHILD, DRIVING, "of the child"))
    assert (outcomes[0], outcomes[-1]) == ("READ DriverLicence", "PROVED BirthMedicalCertificate")


def test_what_is_stored_of_a_party_proves_nothing(family: World) -> None:
    family.grant(["number"], DRIVING, roles=("spouse",))
    family.run(_forged(family))


async def _forged(world: World) -> None:
    case = await world.open(purpose(ELDER, party("spouse", WIFE)))
    world.change("UPDATE case_party SET evidence = 'PROVED'")
    again = await world.open(purpose(ELDER, party("spouse", WIFE)))
    for each in (case, again):
        with pytest.raises(NotFoundError):
            await each.licence(LicenceKey(DRIVING, identifier=world.issued["of the wife"]), None, world.pending())


def test_one_request_checks_once_and_the_next_one_anew(family: World) -> None:
    family.grant(["number"], DRIVING, roles=("spouse", "child"))
    family.grant(["number"], CARD, roles=("spouse",))
    family.run(_once(family))


async def _once(world: World) -> None:
    pending = world.pending()
    case = await world.open(
        purpose(HUSBAND, party("spouse", WIFE), party("child", NEWBORN), party("seller", ELDER)), pending
    )
    statements = _counted(world)
    await asyncio.gather(*(_read(case, world, key, pending) for key in (DRIVING, CARD, DRIVING)))
    relations = [entry for entry in pending.entries if "checked" in entry.facts]
    assert len(relations) == 2
    assert len([keys for keys in statements if len(keys) > 1]) == 1, "both relations are one look-up"
    act(world, "suspend", world.issued[MARRIAGE])
    later = world.pending()
    with pytest.raises(NotFoundError):
        await case.licence(LicenceKey(DRIVING, identifier=world.issued["of the wife"]), None, later)
    anew = {each.facts["parties"][0][1]: each.facts["outcome"] for each in later.entries if "checked" in each.facts}
    assert anew == {"spouse": "NOT_FOUND", "child": "DISCLOSED"}


async def _read(case: OpenCase, world: World, key: str, pending: Any) -> None:
    identifier = world.issued["of the wife"] if key == DRIVING else world.issued[key]
    await case.licence(LicenceKey(key, identifier=identifier), None, pending)


def _counted(world: World) -> list[list[Any]]:
    """Note the keys of every look-up by blind index from now on."""
    seen: list[list[Any]] = []
    rows = world.reader.rows

    async def noting(statement: str, keys: Any) -> Any:
        if "vault_index v" in statement:
            seen.append(list(keys))
        return await rows(statement, keys)

    world.reader.rows = noting  # type: ignore[method-assign]
    return seen


def test_nothing_is_checked_of_a_party_whom_no_grant_reaches(family_once: World) -> None:
    family_once.grant(["number"], DRIVING, roles=("seller",))
    family_once.run(_not_asked(family_once))


async def _not_asked(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND, party("spouse", WIFE), party("seller", ELDER)), pending)
    statements = _counted(world)
    assert [(each.role, each.evidence) for each in await case.parties(pending)] == [
        ("spouse", "DECLARED"), ("seller", "DECLARED"),
    ]  # fmt: skip
    with pytest.raises(NotFoundError):
        await case.licence(LicenceKey(DRIVING, identifier=world.issued["of the wife"]), None, pending)
    assert statements == []
    assert [entry for entry in pending.entries if "checked" in entry.facts] == []


DECLARED = ("seller", "buyer", "spouses", "Spouse", "spouse-parent")


def test_a_role_without_a_row_is_reached_only_where_the_grant_names_it(family_once: World) -> None:
    family_once.run(_declared(family_once))


async def _declared(world: World) -> None:
    for role in DECLARED:
        for roles, expected in (((), "NOT_FOUND"), (("tenant",), "NOT_FOUND"), ((role,), "READ DriverLicence")):
            world.grant(["number"], DRIVING, roles=roles)
            outcomes = await reads(world, Related(ELDER, role, WIFE, DRIVING, "of the wife"))
            assert (outcomes[0], outcomes[-1]) == (expected, "DECLARED None"), (role, roles)
    assert checks(world) == []
    told = {tuple(told) for each in world.records("access") for _, *told in each.get("parties", ())}
    assert told == {(role, "DECLARED") for role in DECLARED}


CIRCLES = {
    "of oneself": [("spouse", HUSBAND)],
    "of oneself, spelled otherwise": [("parent", {**HUSBAND, "code": f" {HUSBAND['code'].lower()} "})],
    "one person in two relations": [("spouse", WIFE), ("child", WIFE)],
    "one after the other": [("spouse", WIFE), ("parent", WIFE)],
}


def test_circles_are_refused(family: World) -> None:
    family.grant(["number"], DRIVING, roles=tuple(RELATIONS))
    family.run(_circles(family))


async def _circles(world: World) -> None:
    for place, circle in enumerate(CIRCLES.values()):
        *before, last = [Party(role, row["codeType"], row["code"]) for role, row in circle]
        with pytest.raises(PartyCircularError):
            await world.open(purpose(HUSBAND, *before, last, number=f"AT-ONCE-{place}"))
        if before:
            await world.open(purpose(HUSBAND, *before, number=f"LATER-{place}"))
        pending = world.pending()
        with pytest.raises(PartyCircularError):
            await world.open(purpose(HUSBAND, last, number=f"LATER-{place}"), pending)
        assert pending.entries[-1].facts["reason"] == "PARTY_CIRCULAR"
    assert world.rows("SELECT COUNT(*) FROM case_party WHERE part > 0") == [(2,)]


def test_relations_start_from_the_applicant(family_once: World) -> None:
    """A chain: the wife's child by another man, and the spouse of a party, are nobody's of the applicant's."""
    father = {**BORN["father"], "name": ELDER["name"], "idNumber": ELDER["code"]}
    issue(family_once, BIRTH, CHILD, data={**BORN, "childName": CHILD["name"], "father": father})
    family_once.issued["of the child"] = issue(family_once, DRIVING, CHILD)
    family_once.grant(["number"], DRIVING, roles=("spouse", "child", "parent"))
    family_once.run(_chain(family_once))


async def _chain(world: World) -> None:
    pending = world.pending()
    case = await world.open(
        purpose(HUSBAND, party("spouse", WIFE), party("child", CHILD), party("parent", ELDER)), pending
    )
    assert [each.evidence for each in await case.parties(pending)] == ["PROVED", "NOT_PROVED", "NOT_PROVED"]
    with pytest.raises(NotFoundError):
        await case.licence(LicenceKey(DRIVING, identifier=world.issued["of the child"]), None, pending)


def test_a_certificate_that_does_not_verify_stops_the_read(family_once: World) -> None:
    family_once.grant(["number"], BIRTH, roles=("child",))
    family_once.change("UPDATE licence_part SET data = :data", data=b"\x00" * 40)
    family_once.run(_damaged(family_once))


async def _damaged(world: World) -> None:
    case = await world.open(HIS_CHILD.open())
    with pytest.raises(DamagedError):
        await case.licence(LicenceKey(BIRTH, identifier=world.issued[BIRTH]), None, world.pending())


def test_both_are_shown_the_check_and_the_party_how_he_was_read(family: World) -> None:
    family.grant(["number"], DRIVING, roles=("spouse",))
    family.run(_shown(family))


async def _shown(world: World) -> None:
    await reads(world, SPOUSE)
    await reads(world, replace(SPOUSE, applicant=STRANGER, party=ELDER))
    for row, expected in ((HUSBAND, "PROVED"), (WIFE, "PROVED"), (ELDER, "NOT_PROVED")):
        (check,) = [each for each in await accesses(world, row) if each.checked]
        assert (check.relations, check.disclosed) == ((("spouse", expected),), ())
    of_wife = [each for each in await accesses(world, WIFE) if each.disclosed]
    assert {each.relations for each in of_wife} == {(("spouse", "PROVED"),)}
    assert all(each.relations == () for each in await accesses(world, HUSBAND) if not each.checked)


def test_no_number_and_no_name_is_in_the_records_of_checks(family_once: World) -> None:
    for key, role in ((DRIVING, "spouse"), (BIRTH, "child"), (BUSINESS, "organisation")):
        family_once.grant(["issuedOn"], key, roles=(role,))
    family_once.run(_secret(family_once))


async def _secret(world: World) -> None:
    for related in (SPOUSE, HIS_CHILD, ORGANISATION):
        await reads(world, related)
    bodies = b"".join(bytes(body) for (body,) in world.rows("SELECT body FROM audit_record"))
    for row in (HUSBAND, WIFE, NEWBORN, COMPANY):
        assert row["code"].encode() not in bodies
        assert row["name"].encode() not in bodies


PEOPLE = [person(row).value for row in (HUSBAND, WIFE, CHILD, ELDER)]


@given(
    st.sampled_from(PEOPLE),
    st.lists(st.tuples(st.sampled_from([*RELATIONS, "seller", "agent"]), st.sampled_from(PEOPLE)), max_size=6),
)
def test_relations_are_a_star_around_the_applicant(applicant: str, parties: list[tuple[str, str]]) -> None:
    edges = {(role, value) for role, value in parties if role in RELATIONS}
    is_star = applicant not in {value for _, value in edges} and len(edges) == len({value for _, value in edges})
    if is_star:
        require_direct(applicant, parties)
    else:
        with pytest.raises(PartyCircularError):
            require_direct(applicant, parties)


@pytest.mark.parametrize(
    ("face", "named"),
    [
        ({"mother": {"idType": "居民身份证", "idNumber": WIFE["code"]}}, True),
        ({"father": {"idType": "居民身份证", "idNumber": WIFE["code"].lower()}}, True),
        ({"mother": {"idType": "护照", "idNumber": WIFE["code"]}}, False),
        ({"mother": {"idType": "居民身份证"}}, False),
        ({"mother": {"idType": "居民身份证", "idNumber": "不详"}}, False),
        ({}, False),
    ],
)
def test_a_parent_is_named_by_citizen_number(face: dict[str, Any], *, named: bool) -> None:
    assert names_parent(WIFE["code"])([face]) is named


@pytest.mark.parametrize(
    ("printed", "known", "named"),
    [
        ("林若川", "林若川", True), (" 林 若川", "林若川", True), ("Ｌｉｎ", "Lin", True), ("林若川", "林若山", False), ("", "", False),
        (None, "", False), ("林若川、沈知夏", "林若川", False),
    ],
)  # fmt: skip
def test_a_representative_is_named_by_his_whole_name(printed: str | None, known: str, *, named: bool) -> None:
    assert names_representative([{"legalRepresentative": printed}, {"holders": [{"name": known}]}]) is named
    assert not names_representative([{"legalRepresentative": printed}, {}])
