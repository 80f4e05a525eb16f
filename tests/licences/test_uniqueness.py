"""At most one live licence in each uniqueness scope, for any day."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import HubError, LicenceExistsError
from hub.licences.draft import Draft, Holder
from hub.licences.service import Issued
from hub.licences.uniqueness import Claim, Rival, Uniqueness, _crowded
from tests.licences.drafts import company_draft, draft_of
from tests.licences.world import MARKET, POLICE, World, open_world

ROUNDS = 6
days = st.dates(date(2024, 1, 1), date(2024, 2, 15))


def issue(world: World, draft: Draft, key: str) -> Issued:
    return world.licences.issue(world.caller(), draft, f"{key}-of-a-test")


def act(world: World, operation: str, issued: Issued) -> Issued:
    key = f"{operation}-{issued.revision}-of-a-test"
    return world.licences.act(
        world.caller(), operation, issued.identifier, issued.revision, "依职权", "条例", None, key
    )


@given(days, st.none() | days, days, st.none() | days)
def test_periods_meet_when_they_share_a_day(
    start: date, end: date | None, other_start: date, other_end: date | None
) -> None:
    horizon = [date(2024, 1, 1) + timedelta(days=day) for day in range(60)]
    one = {day for day in horizon if start <= day and (end is None or day <= end)}
    other = {day for day in horizon if other_start <= day and (other_end is None or day <= other_end)}
    if not one or not other:
        return
    claim = Claim(frozenset({b"x"}), start.isoformat(), end.isoformat() if end else None)
    assert claim.meets(other_start.isoformat(), other_end.isoformat() if other_end else None) == bool(one & other)


def test_a_second_live_licence_of_one_holder_is_refused(world: World, issued: Issued) -> None:
    with pytest.raises(LicenceExistsError):
        issue(world, draft_of("BusinessLicence", number="another"), "second")
    assert world.count("licence") == 1
    assert issued.revision == 1


def test_what_a_licence_would_collide_with_is_known_before_it_is_sealed(world: World) -> None:
    draft = draft_of("FoodBusinessLicence", valid_from=date(2024, 1, 1), valid_until=date(2024, 6, 30))
    first = issue(world, draft, "first")
    assert world.licences.rivals(draft) == [Rival(first.identifier, MARKET)]
    assert world.licences.rivals(draft, superseded=first.identifier) == []
    later = replace(draft, valid_from=date(2024, 7, 1), valid_until=date(2024, 12, 31))
    assert world.licences.rivals(later) == world.licences.rivals(draft_of("TaxPaymentCertificate")) == []
    act(world, "revoke", first)
    assert world.licences.rivals(draft) == []


def test_who_could_issue_a_type_now_is_told_under_which_seal_and_who_could_not_why(world: World) -> None:
    (issued, me) = (issue(world, draft_of("BusinessLicence"), "first"), world.caller())
    assert world.licences.ready(me, "FoodBusinessLicence") == world.stored(issued.identifier).es_id
    for caller, type_key, code in (
        (world.caller(scopes={"licence:status"}), "FoodBusinessLicence", "SCOPE_MISSING"),
        (world.caller(POLICE), "FoodBusinessLicence", "AUTHORITY_MISMATCH"),
        (me, "DrivingLicence", "TYPE_UNKNOWN"),
    ):
        with pytest.raises(HubError) as refused:
            world.licences.ready(caller, type_key)
        assert refused.value.code == code


def test_another_holder_and_another_type_are_other_scopes(world: World) -> None:
    issue(world, draft_of("BusinessLicence"), "first")
    issue(world, company_draft(1), "other-holder")
    issue(world, draft_of("FoodBusinessLicence"), "other-type")
    assert world.count("licence") == 3


def test_periods_that_do_not_overlap_may_follow_each_other(world: World) -> None:
    draft = draft_of("FoodBusinessLicence", valid_from=date(2024, 1, 1), valid_until=date(2024, 6, 30))
    issue(world, draft, "first")
    for start in (date(2024, 6, 30), date(2023, 12, 31)):
        with pytest.raises(LicenceExistsError):
            issue(world, replace(draft, valid_from=start, valid_until=start + timedelta(days=1)), f"overlaps-{start}")
    issue(world, replace(draft, valid_from=date(2024, 7, 1), valid_until=date(2024, 12, 31)), "second")
    issue(world, replace(draft, valid_from=date(2023, 7, 1), valid_until=date(2023, 12, 31)), "third")


@pytest.mark.parametrize(
    ("operation", "allowed"),
    [("suspend", False), ("cancel", True), ("revoke", True), ("withdraw", True), ("transferOut", True)],
)
def test_only_valid_and_suspended_licences_are_in_the_way(
    world: World,
    issued: Issued,
    operation: str,
    allowed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    act(world, operation, issued)
    if allowed:
        issue(world, draft_of("BusinessLicence"), "second")
    else:
        with pytest.raises(LicenceExistsError):
            issue(world, draft_of("BusinessLicence"), "second")


def test_a_transferred_licence_cannot_come_back_beside_its_successor(world: World, issued: Issued) -> None:
    transferred = act(world, "transferOut", issued)
    successor = issue(world, draft_of("BusinessLicence"), "second")
    with pytest.raises(LicenceExistsError):
        act(world, "cancelTransfer", transferred)
    act(world, "cancel", successor)
    act(world, "cancelTransfer", transferred)
    assert world.stored(issued.identifier).status == "VALID"


def test_fields_of_the_face_are_part_of_a_scope_in_one_spelling(world: World) -> None:
    draft = draft_of("FoodBusinessLicence")
    issue(world, draft, "first")
    same = f" {draft.data['businessPremises']} ".replace("2", "２")
    with pytest.raises(LicenceExistsError):
        issue(world, replace(draft, data={**draft.data, "businessPremises": same}), "same-place")
    issue(world, replace(draft, data={**draft.data, "businessPremises": "虚构市西城区"}), "other-place")


def test_a_number_scope_takes_no_second_holder(world: World) -> None:
    draft = draft_of("MedicalInstitutionLicence")
    issue(world, draft, "first")
    other = (replace(draft.holders[0], code=company_draft(5).holders[0].code, name="虚构市第二医院"),)
    with pytest.raises(LicenceExistsError):
        issue(world, replace(draft, holders=other), "second")


def test_each_of_several_holders_has_a_scope_of_his_own(world: World) -> None:
    draft = draft_of("MarriageCertificate")
    issue(world, draft, "first")
    stranger = Holder("111", "990200199202190043", "顾清和")
    for holder in draft.holders:
        with pytest.raises(LicenceExistsError):
            issue(
                world, replace(draft, number="J990200-2026-000077", holders=(stranger, holder)), f"again-{holder.code}"
            )


def test_a_type_without_a_scope_is_not_limited(world: World) -> None:
    for turn in range(3):
        issue(world, draft_of("TaxPaymentCertificate"), f"tax-{turn}")
    assert world.count("licence") == 3


def test_a_batch_may_not_collide_with_itself_nor_with_what_is_there(world: World) -> None:
    issue(world, company_draft(3), "there")
    for drafts in ([company_draft(1), company_draft(2), company_draft(1)], [company_draft(1), company_draft(3)]):
        with pytest.raises(LicenceExistsError):
            world.licences.issue_many(MARKET, "import", drafts)
    assert world.count("licence") == 1


def test_of_a_batch_only_those_are_refused_that_nothing_else_makes_room_for(world: World) -> None:
    issue(world, company_draft(3), "there")
    uniqueness = Uniqueness(world.database, world.vault)
    type_ = world.catalogue.type("BusinessLicence")
    companies = (company_draft(each) for each in (1, 2, 1, 3, 3, 4, 2))
    claims = [uniqueness.claim_of(draft, type_) for draft in companies]
    with world.database.transaction() as session:
        assert uniqueness.take_free(session, claims) == {2, 3, 4, 6}
        assert uniqueness.take_free(session, []) == frozenset()


def test_who_is_refused_is_in_nobodys_way() -> None:
    def claim(*indexes: bytes) -> Claim:
        return Claim(frozenset(indexes), "2026-01-01", None)

    household = [claim(b"father"), claim(b"father", b"mother"), claim(b"mother")]
    assert _crowded(household, ()) == {1}
    assert _crowded(household, {0}) == {2}


def test_a_renewal_is_not_in_its_own_way(world: World, issued: Issued) -> None:
    newer = world.licences.renew(world.caller(), issued.identifier, draft_of("BusinessLicence"), 1, "next-key")
    with pytest.raises(LicenceExistsError):
        issue(world, draft_of("BusinessLicence"), "second")
    assert world.stored(newer.identifier).status == "VALID"


def test_a_rotating_index_does_not_open_a_gap(world: World, issued: Issued) -> None:
    with world.database.transaction() as session:
        world.vault.editions.begin(session, "index")
    world.vault.refresh()
    with pytest.raises(LicenceExistsError):
        issue(world, draft_of("BusinessLicence"), "second")
    assert issued.revision == 1


# -- at one moment -------------------------------------------------------------------------------------------------------


def race(tasks: list[Callable[[], object]]) -> list[object]:
    """Run tasks at one moment on threads and return what each gave or raised."""
    outcomes: list[object] = [None] * len(tasks)
    start = Barrier(len(tasks))

    def run(place: int) -> None:
        start.wait()
        try:
            outcomes[place] = tasks[place]()
        except HubError as error:
            outcomes[place] = error

    threads = [Thread(target=run, args=(place,)) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def other(world: World, tmp_path: Path) -> Iterator[World]:
    """Give a second process's hub on the same database: nothing is shared but the tables and the key store."""
    other = open_world(world.database.url, tmp_path / "keys")
    yield other
    other.database.close()


def test_of_two_processes_issuing_to_one_holder_exactly_one_succeeds(world: World, other: World) -> None:
    for place in range(ROUNDS):
        draft = company_draft(place)
        outcomes = race([
            lambda draft=draft, hub=hub, key=f"{name}-{place}": issue(hub, draft, key)  # type: ignore[misc]
            for name, hub in (("one", world), ("other", other))
        ])  # fmt: skip
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Issued", "LicenceExistsError"]
    assert world.count("licence") == ROUNDS


def test_of_two_renewals_exactly_one_succeeds(world: World, other: World) -> None:
    for place in range(ROUNDS):
        draft = company_draft(place)
        issued = issue(world, draft, f"first-{place}")
        callers = [(hub, hub.caller()) for hub in (world, other)]
        outcomes = race([
            lambda hub=hub, caller=caller, issued=issued, draft=draft, key=f"renew-of-{place}-{turn}": (  # type: ignore[misc]
                hub.licences.renew(caller, issued.identifier, draft, 1, key)
            )
            for turn, (hub, caller) in enumerate(callers)
        ])  # fmt: skip
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Issued", "VersionConflictError"]
    assert world.count("licence") == 2 * ROUNDS


def test_one_request_sent_by_two_threads_at_once_is_done_once(world: World, other: World) -> None:
    for place in range(ROUNDS):
        draft, caller = company_draft(place), world.caller()
        outcomes = race([
            lambda hub=hub, caller=caller, draft=draft, place=place: (  # type: ignore[misc]
                hub.licences.issue(caller, draft, f"one-request-{place}")
            )
            for hub in (world, other)
        ])  # fmt: skip
        assert outcomes[0] == outcomes[1]
        assert isinstance(outcomes[0], Issued)
    assert world.count("licence") == ROUNDS
