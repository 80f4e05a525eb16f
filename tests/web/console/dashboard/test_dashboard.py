"""The dashboard in the console: plots of what somebody may see, how fresh they are, and expected numbers."""

from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from tests.acceptance.small_hub import ISSUER, READER
from tests.supervision.watched import access, judged
from tests.web.console.office import OTHER, Office
from tests.web.visitor import Visitor, text


@pytest.fixture(scope="module")
def figures(office: Office) -> Office:
    """Put some reads on record, and count everything."""
    with office.hub.database.transaction() as session:
        for entry in (
            access(authority=READER),
            access("NOT_GRANTED", authority=READER),
            judged(licence="EXEMPT"),
            access(authority=ISSUER),
        ):
            office.hub.audit.append(session, entry)
    office.hub.log.integrate()
    office.hub.supervision.keep_up()
    return office


@pytest.fixture(scope="module")
def auditor(figures: Office) -> Visitor:
    return figures.visitor("AUDITOR")


def test_it_draws_what_was_counted_and_says_as_of_when(figures: Office, auditor: Visitor) -> None:
    page = auditor.get("/console/dashboard")
    told = text(page)
    assert "1 of 3 reads were refused (33.3%)" in told
    assert "Applicants did not have to hand in 1 papers in twelve months" in told
    assert "Seals were used 7 times" in told
    assert "Nobody has said yet how many licences the authorities should keep" in told
    assert "Records are counted up to" in told
    assert "still to be counted" not in told
    assert page.text.count("<svg") >= 6
    assert page.text.count("<details>") >= 5
    with figures.hub.database.transaction() as session:
        figures.hub.audit.append(session, access(authority=READER))
    figures.hub.log.integrate()
    assert "records are still to be counted" in text(auditor.get("/console/dashboard"))
    figures.hub.supervision.catch_up()


@pytest.mark.parametrize(
    "query", ["period=quarter", "period=year", f"authority={READER}&period=month", "authority=unknown"]
)
def test_it_is_narrowed_by_authority_and_period(auditor: Visitor, query: str) -> None:
    assert auditor.get(f"/console/dashboard?{query}").status_code == 200


def test_whoever_holds_a_role_for_an_authority_sees_that_one_alone(figures: Office) -> None:
    clerk = figures.visitor("COUNTER_CLERK")
    told = text(clerk.get("/console/dashboard"))
    assert "refused" in told
    foreign = text(clerk.get(f"/console/dashboard?authority={ISSUER}"))
    assert "Nobody read anything in this period" in foreign
    assert f'value="{ISSUER}"' not in clerk.get("/console/dashboard").text
    maker = figures.visitor("SEAL_MAKER", None)
    assert "ask a hub administrator for a role" in text(maker.get("/console/dashboard"))
    assert clerk.get("/console/dashboard?period=century").status_code == 400
    assert "/console/audit/alerts" not in clerk.get("/console/dashboard").text


def test_an_expected_number_is_said_once_and_coverage_follows(figures: Office) -> None:
    steward = figures.visitor("CATALOGUE_STEWARD", None)
    path, today = "/console/dashboard/expected", figures.hub.settings.calendar.day(figures.hub.clock.now())
    said = {
        "authority": ISSUER,
        "type": "BusinessLicence",
        "number": "12",
        "as_of": today.isoformat(),
        "source": "a catalogue",
    }
    for wrong in (
        {"number": "many"},
        {"number": "-1"},
        {"number": "99999999999"},
        {"as_of": "today"},
        {"source": "x" * 201},
        {"number": ""},
        {"authority": "none"},
    ):
        refused = steward.fill(path, **{**said, **wrong})
        assert refused.status_code in {400, 404}, wrong
        assert "a catalogue" in refused.text or "source" in wrong
    assert "number is on record" in text(steward.get(steward.fill(path, **said).headers["location"]))
    assert "a catalogue" in steward.get(path).text
    told = text(figures.visitor("AUDITOR").get(f"/console/dashboard?authority={ISSUER}"))
    assert "1 of 1 licence types keep less than 90 %" in told
    assert "50% · 6 / 12" in told


def test_a_steward_of_one_authority_says_nothing_of_another(figures: Office) -> None:
    steward = figures.visitor("CATALOGUE_STEWARD", OTHER)
    path, today = "/console/dashboard/expected", figures.hub.settings.calendar.day(figures.hub.clock.now())
    assert f'value="{ISSUER}"' not in steward.get(path).text
    said = {
        "authority": ISSUER,
        "type": "BusinessLicence",
        "number": "12",
        "as_of": (today - timedelta(days=1)).isoformat(),
        "source": "mine",
    }
    assert steward.fill(path, **said).status_code == 403
    assert figures.visitor("AUDITOR").get(path).status_code == 403


def test_before_anything_was_counted_it_says_so(figures: Office, auditor: Visitor) -> None:
    with figures.hub.database.transaction() as session:
        session.execute(sql("DELETE FROM supervision_counting"))
        session.execute(sql("DELETE FROM supervision_standing"))
    assert "Licences and deadlines are being counted" in text(auditor.get("/console/dashboard"))
    figures.hub.supervision.keep_up()
    assert "Licences and deadlines were counted at" in text(auditor.get("/console/dashboard"))
