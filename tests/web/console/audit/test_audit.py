"""The audit in the console: what is found, what a record's page says and proves, alerts, and that nobody sees what is not his."""

import html
import re
from typing import Any

import pytest
from sqlalchemy import text as sql

from hub.audit.service import Entry
from tests.acceptance.small_hub import ISSUER, READER, URL
from tests.supervision.watched import access as read_entry
from tests.web.console.office import Office
from tests.web.visitor import Visitor, text

ACCESS: dict[str, Any] = {
    "disclosed": ["name"],
    "withheld": [["capital", "NOT_GRANTED"]],
    "presentation": "cHJlc2VudGF0aW9u",
    "legal_basis": "a basis",
}
PERSON = "1a2b3c4d5e6f"


@pytest.fixture(scope="module", autouse=True)
def records(office: Office) -> dict[str, str]:
    """Put reads on record, some of which a rule finds unusual; return ids by what they are."""
    entries = {
        "read": read_entry(authority=READER, licence=office.furniture.licences[0], subjects=[PERSON], **ACCESS),
        "refused": read_entry("REFUSED", authority=READER, client="staff nobody", reason="SCOPE_MISSING"),
        "foreign": read_entry(authority=ISSUER, case="case-9"),
        "grant": Entry("grant", {"operation": "approve", "authority": READER, "odd": {"deep": [1]}, "type": 7}),
    }
    with office.hub.database.transaction() as session:
        for entry in entries.values():
            office.hub.audit.append(session, entry)
        for place in range(20):
            office.hub.audit.append(
                session, read_entry("NOT_FOUND", authority=READER, client="eager", case=f"case-{place}")
            )
    office.hub.log.integrate()
    office.hub.supervision.catch_up()
    return {name: entry.id for name, entry in entries.items()}


@pytest.fixture(scope="module")
def auditor(office: Office) -> Visitor:
    return office.visitor("AUDITOR")


@pytest.fixture(scope="module")
def own(office: Office) -> Visitor:
    """An auditor of the reading authority alone."""
    return office.visitor("AUDITOR", READER)


def newest(office: Office, kind: str) -> dict[str, object] | None:
    with office.hub.database.snapshot() as session:
        return office.hub.audit.newest(session, kind)


def test_records_are_found_by_what_is_asked_for(
    office: Office, auditor: Visitor, own: Visitor, records: dict[str, str]
) -> None:
    page = auditor.get(f"/console/audit?kind=access&authority={READER}&outcome=REFUSED")
    assert f"/console/audit/records/{records['refused']}" in page.text
    assert records["read"] not in page.text
    assert PERSON not in page.text
    login = office.person("AUDITOR").login
    page = auditor.get(f"/console/audit?who={login}&kind=staff")
    assert "Account" not in page.text
    assert login in text(page)
    found = own.get("/console/audit").text
    assert records["foreign"] not in found
    assert records["foreign"] not in own.get("/console/audit?case=case-9").text
    assert records["foreign"] in auditor.get(f"/console/audit?case=case-9&authority={ISSUER}").text
    sought = newest(office, "inspection") or {}
    assert (sought["operation"], sought["case"], sought["authority"], sought["found"]) == (
        "SOUGHT",
        "case-9",
        ISSUER,
        1,
    )


def test_pages_follow_each_other_and_a_record_is_opened_by_its_number(
    auditor: Visitor, records: dict[str, str]
) -> None:
    first = auditor.get("/console/audit")
    older = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = auditor.get(older.removeprefix(URL))
    assert "The newest" in second.text
    shown = [set(re.findall("/records/([0-9a-f]+)", page.text)) for page in (first, second)]
    assert len(shown[0]) == 25
    assert not shown[0] & shown[1]
    led = auditor.get(f"/console/audit?record={records['read']}")
    assert (led.status_code, led.headers["location"]) == (303, f"/console/audit/records/{records['read']}")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("after=x", 400), ("first=tomorrow", 400), ("first=2026-02-01&last=2026-01-01", 400), ("who=" + "x" * 201, 400), ("record=../x", 400),
        (f"authority={ISSUER}", 403), ("authority=", 200),
    ],
)  # fmt: skip
def test_what_makes_no_sense_or_is_anothers_is_refused(own: Visitor, query: str, status: int) -> None:
    assert own.get(f"/console/audit?{query}").status_code == status


def test_a_record_says_everything_in_words_and_proves_itself(
    office: Office, auditor: Visitor, records: dict[str, str]
) -> None:
    page = auditor.get(f"/console/audit/records/{records['read']}")
    told = text(page)
    for words in (
        "Read of licences",
        "Disclosed",
        "capital · NOT_GRANTED",
        "1 random handles",
        "a basis",
        "Written by this hub",
        "In the log",
        "is on record",
    ):
        assert words in told, words
    assert told.count("verified now") == 5
    assert "does not verify" not in told
    looked = newest(office, "inspection") or {}
    assert (looked["operation"], looked["record"], looked["authority"]) == ("LOOKED", records["read"], READER)
    assert office.furniture.licences[0] in page.text
    plain = auditor.get(f"/console/audit/records/{records['grant']}")
    assert "is on record" not in text(plain)
    assert "{&#34;deep&#34;:[1]}" in plain.text


def test_whose_record_it_is_not_does_not_see_it(own: Visitor, records: dict[str, str]) -> None:
    assert own.get(f"/console/audit/records/{records['read']}").status_code == 200
    assert own.get(f"/console/audit/records/{records['foreign']}").status_code == 403
    assert (
        own.get("/console/audit/records/none").status_code == 404
        or own.get("/console/audit/records/none").status_code == 400
    )


def test_an_evidence_package_is_offered_where_something_left_and_refused_where_it_is_not_there(
    auditor: Visitor, records: dict[str, str]
) -> None:
    path = f"/console/audit/records/{records['read']}"
    assert f'action="{path}/evidence"' in auditor.get(path).text
    assert "/evidence" not in auditor.get(f"/console/audit/records/{records['refused']}").text
    assert auditor.fill(path, f"/console/audit/records/{records['grant']}/evidence").status_code in {403, 404, 409, 400}


def test_a_record_that_was_changed_is_shown_with_the_steps_that_fail(
    office: Office, auditor: Visitor, records: dict[str, str]
) -> None:
    changed = sql("UPDATE audit_record SET body = :body WHERE id = :id")
    with office.hub.database.snapshot() as session:
        body = session.execute(
            sql("SELECT body FROM audit_record WHERE id = :id"), {"id": records["grant"]}
        ).scalar_one()
    try:
        for other in (bytes(body).replace(b"approve", b"xpprove"), b"no JSON"):
            with office.hub.database.transaction() as session:
                session.execute(changed, {"body": other, "id": records["grant"]})
            page = auditor.get(f"/console/audit/records/{records['grant']}")
            assert page.status_code == 200
            assert text(page).count("does not verify") == 3
    finally:
        with office.hub.database.transaction() as session:
            session.execute(changed, {"body": body, "id": records["grant"]})


def test_an_alert_is_looked_into_and_closed_once_with_a_note(auditor: Visitor, own: Visitor) -> None:
    listed = auditor.get("/console/audit/alerts?rule=MISSES&state=RAISED")
    alert = "/console/audit/alerts/" + listed.text.split("/console/audit/alerts/")[1].split('"')[0]
    assert "Many misses in a row" in text(auditor.get(alert))
    assert auditor.fill(alert, f"{alert}/acknowledge", note=" ").status_code == 400
    done = auditor.fill(alert, f"{alert}/acknowledge", note="calls the department")
    assert "The alert is taken on" in text(auditor.get(done.headers["location"]))
    again = own.fill(alert, f"{alert}/acknowledge", note="me too")
    assert (again.status_code, "dealt with this alert" in text(again)) == (409, True)
    assert own.fill(alert, f"{alert}/close", note="a test").status_code == 303
    assert "a test" in text(auditor.get(alert))
    assert "<textarea" not in auditor.get(alert).text
    for unknown in ("/console/audit/alerts/0f", "/console/audit/alerts/nothing"):
        assert auditor.get(unknown).status_code in {400, 404}
    for query in ("after=x", "before=x"):
        assert auditor.get(f"/console/audit/alerts?{query}").status_code == 400


def test_another_authoritys_auditor_sees_no_alert_of_it(office: Office, auditor: Visitor) -> None:
    alert = (
        "/console/audit/alerts/"
        + auditor.get("/console/audit/alerts").text.split("/console/audit/alerts/")[1].split('"')[0]
    )
    other = office.visitor("AUDITOR", ISSUER)
    assert (
        "/console/audit/alerts/" not in other.get("/console/audit/alerts").text.split("<main")[1].split("</nav>", 1)[1]
    )
    assert other.get(alert).status_code in {400, 404}


def test_the_log_says_how_it_stands_and_how_to_verify_it_elsewhere(auditor: Visitor) -> None:
    told = text(auditor.get("/console/audit/log"))
    assert told.count("verified now") == 2
    assert "No witness is set" in told
    assert "licence-hub audit witness https://hub.example.gov.cn/log" in told


def test_the_log_proves_that_it_only_grew(office: Office, auditor: Visitor) -> None:
    note = office.hub.log.published.checkpoint().splitlines()
    with office.hub.database.transaction() as session:
        office.hub.audit.append(session, Entry("grant", {"operation": "later"}))
    office.hub.log.integrate()
    page = auditor.get(f"/console/audit/log?size={note[1]}")
    assert f"the first {int(note[1]):,} leaves are the beginning of these" in text(page)
    assert html.escape(note[2]) in page.text
    for size in ("0x1", "-1", "9" * 18, "9" * 19):
        assert auditor.get(f"/console/audit/log?size={size}").status_code in {400, 404}


def test_nobody_else_reaches_any_of_it(office: Office, records: dict[str, str]) -> None:
    for visitor in (office.visitor("HUB_ADMINISTRATOR"), office.visitor("LICENCE_OFFICER")):
        for path in (
            "/console/audit",
            f"/console/audit/records/{records['read']}",
            "/console/audit/alerts",
            "/console/audit/log",
        ):
            assert visitor.get(path).status_code == 403
