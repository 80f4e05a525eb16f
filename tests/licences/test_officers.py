"""Licence officers as callers: what department systems do with licences, people do too, each under his own name and only while he may."""

import pytest

from hub.access.staff.acting import as_officer, client_of
from hub.access.staff.roles import LICENCE_OFFICER
from hub.errors import AuthorityMismatchError, PolicyChangedError
from hub.licences.service import Issued
from tests.access.staff.office import Office, open_office
from tests.licences.drafts import company_draft, draft_of
from tests.licences.world import MARKET, POLICE, World

BASIS = "虚构省电子证照管理办法第十二条"


@pytest.fixture
def office(world: World) -> Office:
    """Give the staff of a furnished hub."""
    return open_office(world.database, world.store, world.clock)


def test_an_officer_issues_changes_renews_and_acts_under_his_name(world: World, office: Office) -> None:
    staff = office.hire("officer", (LICENCE_OFFICER, MARKET)).calls()
    caller, draft = as_officer(staff, MARKET), company_draft(1)
    first = world.licences.issue(caller, draft, "key-00001")
    again = world.licences.issue(caller, draft, "key-00001")
    assert again == first
    second = world.licences.change(caller, first.identifier, draft, first.revision, "key-00002")
    third = world.licences.renew(caller, second.identifier, draft, second.revision, "key-00003")
    world.licences.act(caller, "revoke", third.identifier, third.revision, "伪造材料", BASIS, None, "key-00004")
    told = [(entry["operation"], entry["client"]) for entry in world.entries("licence")]
    me = client_of(staff.id)
    assert told == [("issue", me), ("change", me), ("change", me), ("renew", me), ("renew", me), ("revoke", me)]
    with world.database.snapshot() as session:
        assert {event.actor for event in world.licences.events(session, third.id)} == {me}


def test_two_officers_keys_do_not_meet(world: World, office: Office) -> None:
    people = [office.hire(login, (LICENCE_OFFICER, MARKET)).calls() for login in ("first", "second")]
    issued = [
        world.licences.issue(
            as_officer(office.staff.standing(staff.id), MARKET), company_draft(place), "one-key-for-both"
        )
        for place, staff in enumerate(people)
    ]
    assert issued[0].identifier != issued[1].identifier


def test_a_role_withdrawn_while_he_acts_stops_the_act_in_its_commit(
    world: World, office: Office, issued: Issued
) -> None:
    caller = as_officer(office.hire("officer", (LICENCE_OFFICER, MARKET)).calls(), MARKET)
    (held,) = office.staff.members.of(caller.client_id.split()[1]).roles
    office.staff.administration.withdraw_role(office.boss.calls(), held.id)
    with pytest.raises(PolicyChangedError):
        world.licences.act(caller, "suspend", issued.identifier, issued.revision, "核查", BASIS, None, "late-key")
    with pytest.raises(PolicyChangedError):
        world.licences.issue(caller, draft_of("MarriageCertificate"), "late-issue")
    assert world.stored(issued.identifier).revision == issued.revision


def test_an_officer_of_another_authority_touches_nothing(world: World, office: Office, issued: Issued) -> None:
    caller = as_officer(office.hire("officer", (LICENCE_OFFICER, POLICE)).calls(), POLICE)
    with pytest.raises(AuthorityMismatchError):
        world.licences.act(caller, "revoke", issued.identifier, issued.revision, "越权", BASIS, None, "other-key")
