"""What a list says of one licence: nothing when it is old, early or another one; never a pass by mistake."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.errors import FormatError, SubIndication, VerificationError
from keys.listed_status import Reference, reference, status_in_list
from keys.report import Outcome, Report, Result
from keys.verification import verify_presentation
from tests.keys.authorities import Authority
from tests.keys.lists import EXAMPLE, URI, statuses

ISSUED = datetime(2026, 3, 2, tzinfo=UTC)
LATER = ISSUED + timedelta(minutes=5)
LIST = replace(
    EXAMPLE, issued_at=int(ISSUED.timestamp()), expires_at=int(ISSUED.timestamp()) + 3600, statuses=statuses({})
)


def verified(authority: Authority, at: datetime = LATER, value: int = 0, fetched_at: datetime | None = None) -> Report:
    presentation, listed = authority.presentation(), replace(LIST, statuses=statuses({7: value}))
    status = status_in_list(listed, presentation, at, fetched_at=fetched_at)
    return verify_presentation(presentation, authority.trust(), status, at)


def test_a_fresh_list_makes_a_valid_licence_pass(authority: Authority) -> None:
    report = verified(authority)
    assert report.result is Result.TOTAL_PASSED
    assert report.checks[-1].detail == f"VALID at {ISSUED.isoformat()}"


@pytest.mark.parametrize("value", [1, 2, 3])
def test_every_other_value_fails(es256: Authority, value: int) -> None:
    report = verified(es256, value=value)
    assert (report.result, report.checks[-1].sub_indication) == (Result.TOTAL_FAILED, SubIndication.REVOKED)


def test_only_the_licences_own_place_counts(es256: Authority) -> None:
    others = replace(LIST, statuses=statuses({6: 1, 8: 3, 5: 2}))
    answer = status_in_list(others, es256.presentation(), LATER)
    assert answer is not None
    assert answer.status == "VALID"


@pytest.mark.parametrize(
    ("at", "fetched_at"),
    [
        (ISSUED + timedelta(hours=1), None),  # it expires
        (ISSUED - timedelta(minutes=2), None),  # of later than what is asked about
        (LATER, LATER - timedelta(seconds=20)),  # ttl is over: fetch a fresh one
    ],
)
@pytest.mark.parametrize("value", [0, 1])
def test_a_list_that_does_not_speak_of_the_moment_leaves_it_open(
    es256: Authority, at: datetime, fetched_at: datetime | None, value: int
) -> None:
    report = verified(es256, at, value, fetched_at)
    assert report.result is Result.INDETERMINATE
    assert (report.checks[-1].outcome, report.checks[-1].sub_indication) == (
        Outcome.INDETERMINATE, SubIndication.TRY_LATER
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "fetched_at"),
    [
        (ISSUED + timedelta(seconds=3599), None),
        (ISSUED - timedelta(seconds=30), None),  # the verifier's clock is a little late
        (LATER, LATER - timedelta(seconds=19)),
    ],
)
def test_until_then_it_speaks(es256: Authority, at: datetime, fetched_at: datetime | None) -> None:
    assert verified(es256, at, 0, fetched_at).result is Result.TOTAL_PASSED


def test_another_list_says_nothing_of_this_licence(es256: Authority) -> None:
    with pytest.raises(VerificationError, match="not the licence's"):
        status_in_list(replace(LIST, uri=f"{URI}0"), es256.presentation(), LATER)


def test_a_place_that_the_list_does_not_have_is_refused(es256: Authority) -> None:
    presentation = es256.presentation(status={"status_list": {"idx": 256, "uri": URI}})
    with pytest.raises(FormatError):
        status_in_list(LIST, presentation, LATER)


def test_a_time_without_a_zone_is_refused(es256: Authority) -> None:
    for times in ((LATER.replace(tzinfo=None), None), (LATER, LATER.replace(tzinfo=None))):
        with pytest.raises(FormatError):
            status_in_list(LIST, es256.presentation(), times[0], fetched_at=times[1])


def test_a_presentation_names_its_place(es256: Authority) -> None:
    assert reference(es256.presentation()) == Reference(URI, 7)


@pytest.mark.parametrize(
    "status",
    [
        None, "x", {}, {"status_list": []}, {"status_list": {"idx": 7}}, {"status_list": {"uri": URI}},
        {"status_list": {"idx": "7", "uri": URI}}, {"status_list": {"idx": True, "uri": URI}},
        {"status_list": {"idx": -1, "uri": URI}}, {"status_list": {"idx": 7, "uri": 1}},
    ],
)  # fmt: skip
def test_a_presentation_without_a_place_is_refused(es256: Authority, status: Any) -> None:
    with pytest.raises(FormatError):
        reference(es256.presentation(status=status))
