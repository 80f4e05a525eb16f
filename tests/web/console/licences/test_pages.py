"""Licences in the console: found, looked at, changed once and with proof, by officers of their own authority alone."""

import base64
import re
from dataclasses import replace

import httpx
import pytest

from hub.access.staff.acting import as_officer
from hub.access.staff.roles import LICENCE_OFFICER
from hub.catalogue.licence_type import shipped_documents
from tests.acceptance.small_hub import ISSUER
from tests.licences.drafts import company_draft, draft_of
from tests.web.console.office import OTHER, Office
from tests.web.visitor import Visitor, fields, text

LICENCES = "/console/licences"
BASIS = "虚构条例第十二条"


@pytest.fixture(scope="module")
def officer(office: Office) -> Visitor:
    return office.visitor("LICENCE_OFFICER")


def page_of(identifier: str, step: str = "") -> str:
    return f"{LICENCES}/{identifier}{'/' if step else ''}{step}"


def do(visitor: Visitor, identifier: str, step: str, **given: str) -> httpx.Response:
    wanted = {"reason": "伪造材料", "basis": BASIS, **given}
    return visitor.fill(page_of(identifier, step), **wanted)


def search(visitor: Visitor, **given: str) -> httpx.Response:
    return visitor.fill(LICENCES, **{"by": "number", "of_type": "", **given})


def issued(office: Office, place: int) -> str:
    return office.hub.licences.issue_many(ISSUER, "desk", [company_draft(place)])[0].identifier


def test_the_list_shows_the_own_authority_s_licences_and_nothing_of_anybody(office: Office, officer: Visitor) -> None:
    page = officer.get(LICENCES)
    assert all(each in page.text for each in office.furniture.licences)
    assert office.furniture.foreign not in page.text
    assert company_draft(1).number not in page.text
    assert company_draft(1).holders[0].name not in page.text
    none = officer.get(LICENCES, params={"status": "REVOKED"})
    assert "No licence is like this" in text(none)
    assert officer.get(LICENCES, params={"authority": OTHER}).status_code == 403


def test_a_list_is_walked_page_by_page(office: Office) -> None:
    office.hub.licences.issue_many(OTHER, "desk", [company_draft(place) for place in range(100, 130)])
    visitor, seen = office.visitor("LICENCE_OFFICER", OTHER), list[str]()
    address = LICENCES
    while address:
        page = visitor.get(address)
        seen += re.findall(r'href="/console/licences/(1\.2\.156[^"/]+)"', page.text)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 31


def test_a_number_and_a_holder_find_licences(officer: Visitor) -> None:
    draft = company_draft(1)
    for given in ({"term": draft.number}, {"by": "001", "term": draft.holders[0].code.lower()}):
        found = search(officer, **given)
        assert found.status_code == 200
        assert draft.number in text(found)
        assert draft.holders[0].name in text(found)  # an organisation's name is public
        assert found.text.count('<a href="/console/licences/1.2.156') == 1
    missed = search(officer, term="没有这个编号")
    assert "Nothing was found" in text(missed)
    assert "没有这个编号" in missed.text  # what was typed stays


def test_an_identifier_leads_to_its_licence_and_what_is_none_is_told_at_the_field(
    officer: Visitor, office: Office
) -> None:
    identifier = office.furniture.licences[0]
    led = search(officer, by="identifier", term=f" {identifier} ")
    assert (led.status_code, led.headers["location"]) == (303, page_of(identifier))
    for by, term in (("identifier", "1.2.3"), ("111", "110101199003070000"), ("number", "  ")):
        wrong = search(officer, by=by, term=term)
        assert wrong.status_code == 400
        assert 'href="#term"' in wrong.text


def test_a_licence_is_shown_whole_with_history_and_proofs(office: Office, officer: Visitor) -> None:
    office.hub.log.integrate()
    page = officer.get(page_of(office.furniture.licences[1]))
    draft = company_draft(1)
    assert page.status_code == 200
    assert all(each in text(page) for each in (draft.number, draft.holders[0].name, draft.data["address"]))
    assert all(each in text(page) for each in (draft.reason, draft.legal_basis, "desk", "leaf "))
    assert page.text.count('data-outcome="PASSED"') == 9
    assert 'src="data:image/png;base64,' in page.text
    assert "img-src 'self' data:" in page.headers["content-security-policy"]
    assert "~" in page.text


@pytest.fixture(scope="module")
def of_people(office: Office) -> dict[str, str]:
    """Issue licences of natural persons: one with a photograph, one of two holders; return their identifiers by type."""
    documents = {document["key"]: document for document in shipped_documents()}
    found = {}
    for place, key in enumerate(("ResidentIdentityCard", "RealEstateTitle")):
        office.hub.catalogue.publish(documents[key])
        office.hub.catalogue.set_type_code(key, f"{ISSUER}{700 + place}", synthetic=True)
        office.hub.catalogue.allow_issuing(ISSUER, key)
        found[key] = office.hub.licences.issue_many(ISSUER, "desk", [draft_of(key)])[0].identifier
    office.hub.refresh()
    return found


def test_photographs_and_several_holders_are_shown_in_the_page_itself(
    officer: Visitor, of_people: dict[str, str]
) -> None:
    card, title = (officer.get(page_of(of_people[key])) for key in ("ResidentIdentityCard", "RealEstateTitle"))
    photograph = re.search(r'class="document-picture" src="data:image/svg\+xml;base64,([^"]+)"', card.text)
    assert photograph
    assert b"data:image/jpeg;base64," in base64.b64decode(photograph[1])
    assert all(
        holder.name in title.text and holder.code in title.text for holder in draft_of("RealEstateTitle").holders
    )


def test_what_is_found_masks_natural_persons(officer: Visitor, of_people: dict[str, str]) -> None:
    holder = draft_of("ResidentIdentityCard").holders[0]
    found = search(officer, by=holder.code_type, term=holder.code)
    assert all(page_of(identifier) in found.text for identifier in of_people.values())
    assert f"{holder.name[0]}*{holder.name[-1]}" in found.text
    assert holder.name not in found.text
    asked = officer.get(page_of(of_people["ResidentIdentityCard"], "revoke"))
    assert f"{holder.name[0]}*{holder.name[-1]}" in asked.text
    assert holder.name not in asked.text


def test_another_authority_s_officer_reads_and_does_nothing(office: Office) -> None:
    foreign, stranger = office.furniture.licences[0], office.visitor("LICENCE_OFFICER", OTHER)
    for step in ("", "history", "revoke", "copy"):
        assert stranger.get(page_of(foreign, step)).status_code == 403
    token = fields(stranger.get(LICENCES)).hidden["form_token"]
    for step in ("pdf", "code", "presentation", "copy", "revoke"):
        sent = stranger.post(
            page_of(foreign, step),
            {"form_token": token, "reason": "x", "basis": "x", "revision": "1", "deadline": "2026-12-01"},
        )
        assert sent.status_code == 403, step


def test_each_change_is_done_by_its_form_and_proved(office: Office, officer: Visitor) -> None:
    identifier = issued(office, 20)
    for step, after, next_step in (
        ("suspend", "Suspended", "resume"), ("resume", "Valid", "transfer-out"), ("transfer-out", "Transferred out", "cancel-transfer"),
        ("cancel-transfer", "Valid", "revoke"), ("revoke", "Revoked", ""),
    ):  # fmt: skip
        done = do(officer, identifier, step)
        assert done.status_code == 303, text(done)
        proof = officer.get(done.headers["location"])
        assert proof.status_code == 200
        assert page_of(identifier) in proof.text
        page = officer.get(page_of(identifier))
        assert f"<strong>{after}</strong>" in page.text
        offered = set(re.findall(rf'href="{re.escape(page_of(identifier))}/([a-z-]+)"', page.text))
        assert (next_step in offered) is bool(next_step)
    assert offered == {"copy", "history"}
    assert "Only a valid licence" not in page.text
    assert text(page).count("licence.officer") >= 5  # who did it, by the name he signs in with


def test_a_role_that_is_withdrawn_stops_the_form_that_is_open(office: Office) -> None:
    identifier, boss = issued(office, 30), office.building.boss
    person, visitor = office.building.hire("leaver", (LICENCE_OFFICER, ISSUER)), office.building.visitor()
    visitor.bring(person.sign_in().removeprefix("Bearer "))
    hidden = fields(visitor.get(page_of(identifier, "revoke"))).hidden
    (held,) = office.hub.staff.members.of(person.id).roles
    office.hub.staff.administration.withdraw_role(boss.calls(), held.id)
    refused = visitor.post(page_of(identifier, "revoke"), {**hidden, "reason": "x", "basis": BASIS})
    assert (refused.status_code, "ROLE_MISSING" in refused.text) == (403, True)
    assert office.hub.licences.status_at(identifier, office.building.clock.now()) == "VALID"


def test_the_same_form_sent_twice_is_done_once(office: Office, officer: Visitor) -> None:
    identifier = issued(office, 21)
    hidden = fields(officer.get(page_of(identifier, "suspend"))).hidden
    sent = {**hidden, "reason": "核查", "basis": BASIS, "effective_at": ""}
    first, second = (officer.post(page_of(identifier, "suspend"), sent) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert officer.get(page_of(identifier)).text.count(">Suspend</a>") == 0


def test_of_two_officers_the_second_sees_how_it_stands_now(office: Office, officer: Visitor) -> None:
    identifier = issued(office, 22)
    slow = fields(officer.get(page_of(identifier, "suspend"))).hidden
    assert do(officer, identifier, "suspend").status_code == 303
    assert do(officer, identifier, "resume").status_code == 303
    late = officer.post(page_of(identifier, "suspend"), {**slow, "reason": "核查", "basis": BASIS, "effective_at": ""})
    assert late.status_code == 409
    assert "Somebody else changed this meanwhile" in text(late)
    assert "核查" in late.text
    again = {**fields(late).hidden, "reason": "核查", "basis": BASIS, "effective_at": ""}
    assert officer.post(page_of(identifier, "suspend"), again).status_code == 303
    gone = officer.post(
        page_of(identifier, "suspend"), {**slow, "once": "another_key_of_a_form", "reason": "x", "basis": BASIS}
    )
    assert "This cannot be done now" in text(gone)


def test_what_a_form_lacks_is_told_at_its_field_and_nothing_is_done(office: Office, officer: Visitor) -> None:
    identifier = issued(office, 23)
    for given, field in (
        ({"reason": " "}, "reason"), ({"basis": ""}, "basis"), ({"effective_at": "soon"}, "effective_at"),
        ({"effective_at": "2099-01-01T00:00"}, "effective_at"), ({"effective_at": "2001-01-01T00:00"}, "effective_at"),
        ({"basis": "经 110101199003074610 同意"}, "basis"),
    ):  # fmt: skip
        wrong = do(officer, identifier, "cancel", **given)
        assert wrong.status_code == 400, given
        assert f'href="#{field}"' in wrong.text, given
    assert "<strong>Valid</strong>" in officer.get(page_of(identifier)).text


def test_history_answers_how_it_stood_as_known_at_another_time(office: Office, officer: Visitor) -> None:
    identifier = issued(office, 24)
    office.building.clock.advance(minutes=10)
    assert do(officer, identifier, "suspend").status_code == 303
    for as_of, known, answer in (
        ("2026-01-01T00:00", "", "There was no such licence yet"), ("2099-01-01T00:00", "", "Suspended"),
        ("2099-01-01T00:00", "2026-01-01T00:00", "There was no such licence yet"),
    ):  # fmt: skip
        page = officer.get(page_of(identifier, "history"), params={"as_of": as_of, "known_at": known})
        notice = re.search(r'<section class="notice".*?</section>', page.text, re.DOTALL)
        assert notice
        assert answer in notice[0]
    wrong = officer.get(page_of(identifier, "history"), params={"as_of": "yesterday"})
    assert (wrong.status_code, 'href="#as_of"' in wrong.text) == (400, True)


def test_what_leaves_is_a_file_and_a_use_of_the_seal(office: Office, officer: Visitor) -> None:
    identifier = issued(office, 25)
    token = {"form_token": fields(officer.get(LICENCES)).hidden["form_token"]}
    pdf = officer.post(page_of(identifier, "pdf"), token)
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["content-disposition"] == f'attachment; filename="{identifier}.pdf"'
    code = officer.post(page_of(identifier, "code"), token)
    assert code.status_code == 200
    assert "<svg" in code.text
    sealed = officer.post(page_of(identifier, "presentation"), token)
    assert sealed.text.endswith("~")
    assert company_draft(25).number not in sealed.text  # it stands there encoded
    copy = officer.fill(page_of(identifier, "copy"), purpose="年度检查", deadline="2026-12-20")
    assert (copy.status_code, copy.content[:5]) == (200, b"%PDF-")
    for given, field in (
        ({"deadline": "2020-01-01"}, "deadline"),
        ({"deadline": ""}, "deadline"),
        ({"purpose": " "}, "purpose"),
    ):
        wrong = officer.fill(page_of(identifier, "copy"), **{"purpose": "年度检查", "deadline": "2026-12-20", **given})
        assert (wrong.status_code, f'href="#{field}"' in wrong.text) == (400, True)


def test_what_is_over_is_not_handed_out_as_an_original(office: Office, officer: Visitor) -> None:
    identifier = issued(office, 26)
    assert do(officer, identifier, "revoke").status_code == 303
    token = {"form_token": fields(officer.get(LICENCES)).hidden["form_token"]}
    refused = officer.post(page_of(identifier, "pdf"), token)
    assert refused.status_code == 409
    assert "make an annotated copy instead" in text(refused)
    assert officer.post(page_of(identifier, "code"), token).status_code == 409
    copy = officer.fill(page_of(identifier, "copy"), purpose="执法证据", deadline="2026-12-20")
    assert copy.content.startswith(b"%PDF-")


def test_editions_lead_to_each_other(office: Office, officer: Visitor) -> None:
    old = issued(office, 27)
    caller = as_officer(office.staff("LICENCE_OFFICER"), ISSUER)
    new = office.hub.licences.renew(caller, old, company_draft(27), 1, "renew-27").identifier
    assert page_of(new) in officer.get(page_of(old)).text
    assert page_of(old) in officer.get(page_of(new)).text


def test_an_erased_person_s_licence_is_still_shown_and_can_be_ended(office: Office, officer: Visitor) -> None:
    identifier, holder = issued(office, 28), company_draft(28).holders[0]
    office.hub.sharing.erase_person(holder.code_type, holder.code)
    page = officer.get(page_of(identifier))
    assert "data was erased" in text(page)
    assert holder.name not in page.text
    assert do(officer, identifier, "cancel").status_code == 303


HOSTILE = '<script>document.title="x"</script>"\'{{7*7}}{% raw %}\u200f&amp;${1}'


def test_what_licences_say_is_text_and_nothing_else(office: Office, officer: Visitor) -> None:
    draft = company_draft(29)
    hostile = {**draft.data, "businessScope": HOSTILE, "address": HOSTILE, "name": f'"><img src=x onerror=1>{HOSTILE}'}
    wicked = replace(
        draft, data=hostile, reason=HOSTILE, legal_basis=HOSTILE, holders=(replace(draft.holders[0], name=HOSTILE),)
    )
    identifier = office.hub.licences.issue_many(ISSUER, "desk", [wicked])[0].identifier
    token = {"form_token": fields(officer.get(LICENCES)).hidden["form_token"]}
    for page in (
        officer.get(page_of(identifier)), officer.get(page_of(identifier, "history")), officer.get(page_of(identifier, "revoke")),
        search(officer, term=draft.number), officer.post(page_of(identifier, "code"), token),
    ):  # fmt: skip
        assert page.status_code == 200
        assert "<script>document" not in page.text
        assert "<img src=x" not in page.text
    shown = officer.get(page_of(identifier)).text.count("&lt;script&gt;document")
    assert shown
    assert officer.post(page_of(identifier, "pdf"), token).content.startswith(b"%PDF-")
    done = do(officer, identifier, "revoke", reason=HOSTILE, basis=HOSTILE)
    proof, after = officer.get(done.headers["location"]), officer.get(page_of(identifier))
    assert "<script>document" not in proof.text + after.text
    assert after.text.count("&lt;script&gt;document") > shown


def test_a_promise_of_a_read_is_kept(office: Office, officer: Visitor) -> None:
    """Whoever opens a licence in the console is on record as its reader."""
    identifier = office.furniture.licences[2]
    officer.get(page_of(identifier))
    with office.hub.database.snapshot() as session:
        newest = office.hub.audit.newest(session, "access")
    assert newest is not None
    assert (newest["licence"], newest["client"].split()[0], newest["outcome"]) == (identifier, "staff", "DISCLOSED")
