"""Operations: the whole table on stored licences, new editions, and officers who act at the same time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from hub.access.caller import Caller
from hub.errors import (
    AuthorityMismatchError,
    HubError,
    IdentifierError,
    InputInvalidError,
    LicenceExistsError,
    NotFoundError,
    PolicyChangedError,
    ScopeMissingError,
    StatusForbidsError,
    VersionConflictError,
)
from hub.licences.identifier import LicenceIdentifier
from hub.licences.service import Issued
from hub.licences.status import MAKING, OPERATIONS, Status
from keys.sd_jwt import peek
from tests.licences.drafts import company_draft, draft_of
from tests.licences.opening import opened
from tests.licences.world import CALENDAR, MARKET, POLICE, World
from tests.seals.made import office_of, people

WAYS: dict[Status, Sequence[str]] = {
    Status.VALID: (),
    Status.SUSPENDED: ("suspend",),
    Status.TRANSFERRED_OUT: ("transferOut",),
    Status.WITHDRAWN: ("withdraw",),
    Status.CANCELLED: ("cancel",),
    Status.REVOKED: ("suspend", "revoke"),
    Status.SUPERSEDED: ("renew",),
}


def do(
    world: World,
    operation: str,
    issued: Issued,
    *,
    key: str = "",
    effective_at: datetime | None = None,
    caller: Caller | None = None,
    draft_place: int = 1,
) -> Issued:
    """Do any operation but issue on an edition, in the name of the market authority."""
    caller, key = caller or world.caller(), key or f"{operation}-{issued.id}-{issued.revision}"
    if operation in MAKING:
        make = world.licences.renew if operation == "renew" else world.licences.change
        return make(caller, issued.identifier, company_draft(draft_place), issued.revision, key)
    return world.licences.act(
        caller, operation, issued.identifier, issued.revision, "依职权", "行政许可法第六十九条", effective_at, key
    )


def bring_to(world: World, status: Status, place: int) -> Issued:
    """Issue the place-th company's licence and lead it to a status; the answer names its present revision."""
    issued = world.licences.issue(world.caller(), company_draft(place), f"issue-of-{place}")
    for operation in WAYS[status]:
        changed = do(world, operation, issued, draft_place=place)
        issued = replace(issued, revision=issued.revision + 1) if operation in MAKING else changed
    assert world.stored(issued.identifier).status is status
    return issued


@pytest.mark.parametrize("status", Status)
def test_every_operation_from_every_status(world: World, status: Status) -> None:
    for place, name in enumerate(sorted(OPERATIONS.keys() - {"issue"})):
        issued, operation = bring_to(world, status, place), OPERATIONS[name]
        if status in operation.from_statuses:
            do(world, name, issued, draft_place=place)
            assert world.stored(issued.identifier).status is operation.to
        else:
            with pytest.raises(StatusForbidsError):
                do(world, name, issued, draft_place=place)
            assert world.stored(issued.identifier).status is status


@pytest.mark.parametrize("name", [*sorted(MAKING), "expire", ""])
def test_only_operations_that_make_no_edition_are_acts(world: World, issued: Issued, name: str) -> None:
    with pytest.raises(InputInvalidError):
        world.licences.act(world.caller(), name, issued.identifier, 1, "依职权", "条例", None, "some-key-1")


def test_an_act_is_an_event_and_a_record(world: World, issued: Issued) -> None:
    world.clock.advance(days=1)
    changed = do(world, "suspend", issued)
    assert changed == Issued(issued.id, issued.identifier, 2)
    with world.database.snapshot() as session:
        first, second = world.licences.events(session, issued.id)
    assert (first.operation, first.status, first.sequence) == ("issue", Status.VALID, 1)
    assert (second.operation, second.status, second.sequence) == ("suspend", Status.SUSPENDED, 2)
    assert (second.actor, second.legal_basis) == ("market-system", "行政许可法第六十九条")
    assert second.effective_at == second.recorded_at == world.clock.now()
    assert "依职权".encode() not in second.reason
    facts = world.entries("licence")[-1]
    assert (facts["operation"], facts["status"], facts["identifier"]) == ("suspend", "SUSPENDED", issued.identifier)
    assert facts["subjects"] == [part.handle for part in world.stored(issued.identifier).parts]


# -- new editions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["renew", "change"])
def test_a_new_edition_keeps_the_serial_raises_the_version_and_links_both_ways(
    world: World, issued: Issued, operation: str
) -> None:
    draft = draft_of("BusinessLicence")
    draft = replace(draft, data={**draft.data, "registeredCapital": "800万元人民币"})
    make = world.licences.renew if operation == "renew" else world.licences.change
    newer = make(world.caller(), issued.identifier, draft, issued.revision, "next-key")
    before, after = world.stored(issued.identifier), world.stored(newer.identifier)
    old, new = LicenceIdentifier.parse(issued.identifier), LicenceIdentifier.parse(newer.identifier)
    assert (new.serial, new.version) == (old.serial, 2)
    assert (before.status, before.superseded_by, before.revision) == (Status.SUPERSEDED, newer.identifier, 2)
    assert (after.status, after.supersedes, after.revision) == (Status.VALID, issued.identifier, 1)
    assert peek(f"{after.sealed}~")[1]["supersedes"] == issued.identifier
    assert opened(world, newer.identifier).values["registeredCapital"] == "800万元人民币"
    assert opened(world, issued.identifier).values == draft_of("BusinessLicence").document()
    assert [facts["operation"] for facts in world.entries("licence")] == ["issue", operation, operation]


def test_a_renewal_sent_twice_makes_one_edition(world: World, issued: Issued) -> None:
    draft = draft_of("BusinessLicence")
    first = world.licences.renew(world.caller(), issued.identifier, draft, 1, "next-key")
    assert world.licences.renew(world.caller(), issued.identifier, draft, 1, "next-key") == first
    assert world.count("licence") == 2


def test_a_new_edition_has_the_type_of_the_old_one(world: World, issued: Issued) -> None:
    with pytest.raises(InputInvalidError):
        world.licences.change(world.caller(), issued.identifier, draft_of("TaxPaymentCertificate"), 1, "next-key")


def test_a_new_edition_leaves_no_days_without_a_licence(world: World, issued: Issued) -> None:
    """The old edition ends when the new one is sealed: one that begins later would leave its holder with none."""
    tomorrow = draft_of("BusinessLicence", valid_from=CALENDAR.day(world.clock.now()) + timedelta(days=1))
    with pytest.raises(InputInvalidError, match="first day"):
        world.licences.renew(world.caller(), issued.identifier, tomorrow, issued.revision, "early-key")
    assert world.stored(issued.identifier).status is Status.VALID


def test_a_refused_new_edition_leaves_the_old_one_valid(world: World, issued: Issued) -> None:
    with pytest.raises(HubError):
        world.licences.renew(world.caller(), issued.identifier, draft_of("BusinessLicence", number=""), 1, "next-key")
    stored = world.stored(issued.identifier)
    assert (stored.status, stored.revision, stored.superseded_by) == (Status.VALID, 1, None)


def test_a_new_edition_may_not_take_another_licences_scope(world: World) -> None:
    first = world.licences.issue(world.caller(), company_draft(1), "issue-1-key")
    world.licences.issue(world.caller(), company_draft(2), "issue-2-key")
    with pytest.raises(LicenceExistsError):
        world.licences.change(world.caller(), first.identifier, company_draft(2), 1, "next-key")
    assert world.stored(first.identifier).status is Status.VALID


# -- who and when --------------------------------------------------------------------------------------------------------


def test_the_second_of_two_officers_is_told_that_the_licence_changed(world: World, issued: Issued) -> None:
    do(world, "suspend", issued)
    with pytest.raises(VersionConflictError):
        do(world, "revoke", issued)
    with pytest.raises(VersionConflictError):
        do(world, "renew", issued)
    assert world.stored(issued.identifier).status is Status.SUSPENDED


def test_another_authority_may_not_act_nor_learn_whether_the_licence_exists(world: World, issued: Issued) -> None:
    other = replace(world.caller(), authority=POLICE)
    unknown = str(replace(LicenceIdentifier.parse(issued.identifier), serial="0" * 20))
    for identifier in (issued.identifier, unknown):
        with pytest.raises(AuthorityMismatchError):
            world.licences.act(other, "suspend", identifier, 1, "依职权", "条例", None, "some-key-1")
        with pytest.raises(AuthorityMismatchError):
            world.licences.renew(other, identifier, draft_of("BusinessLicence"), 1, "some-key-2")
    with pytest.raises(NotFoundError):
        world.licences.act(world.caller(), "suspend", unknown, 1, "依职权", "条例", None, "some-key-3")


def test_each_kind_of_act_needs_its_scope(world: World, issued: Issued) -> None:
    issuer, reader = world.caller(scopes=["licence:issue"]), world.caller(scopes=["licence:status"])
    with pytest.raises(ScopeMissingError):
        do(world, "suspend", issued, caller=issuer)
    with pytest.raises(ScopeMissingError):
        do(world, "renew", issued, caller=reader)


def test_an_act_under_an_old_policy_is_refused(world: World, issued: Issued) -> None:
    caller = world.caller()
    office_of(world).changes.rotate(people(MARKET).maker, world.seals.sealer(MARKET).es_id)
    with pytest.raises(PolicyChangedError):
        do(world, "suspend", issued, caller=caller)


def test_licences_of_a_retired_type_can_still_be_ended(world: World, issued: Issued) -> None:
    world.catalogue.retire("BusinessLicence")
    do(world, "revoke", issued)
    assert world.stored(issued.identifier).status is Status.REVOKED


def test_an_identifier_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(IdentifierError):
        world.licences.act(world.caller(), "suspend", "1.2.3", 1, "依职权", "条例", None, "some-key-1")


def test_the_effective_time_lies_between_the_last_change_and_now(world: World, issued: Issued) -> None:
    start = world.clock.now()
    world.clock.advance(days=10)
    now = world.clock.now()
    for wrong in (now + timedelta(microseconds=1), start - timedelta(microseconds=1), now.replace(tzinfo=None)):
        with pytest.raises(InputInvalidError):
            do(world, "suspend", issued, effective_at=wrong, key=f"wrong-{wrong.isoformat()}")
    beijing = (start + timedelta(days=4)).astimezone(timezone(timedelta(hours=8)))
    suspended = do(world, "suspend", issued, effective_at=beijing)
    with pytest.raises(InputInvalidError):
        do(world, "resume", suspended, effective_at=start + timedelta(days=3), key="too-early")
    do(world, "resume", suspended, effective_at=start + timedelta(days=4))


def test_a_clock_that_lags_behind_never_turns_history_round(world: World, issued: Issued) -> None:
    world.clock.advance(seconds=-2)
    suspended = do(world, "suspend", issued)
    do(world, "resume", suspended)
    with world.database.snapshot() as session:
        events = world.licences.events(session, issued.id)
    assert [event.recorded_at for event in events] == sorted(event.recorded_at for event in events)
    assert world.licences.status_at(issued.identifier, events[-1].effective_at) == "VALID"


def test_a_repeated_act_is_answered_alike_and_done_once(world: World, issued: Issued) -> None:
    first = do(world, "suspend", issued, key="same-key")
    assert do(world, "suspend", issued, key="same-key") == first
    assert world.count("licence_event") == 2
