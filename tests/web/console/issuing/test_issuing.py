"""Officers issue licences in a browser without script: nothing typed is lost, faults stand at their fields, and it is sealed once."""

import base64
import re
from urllib.parse import urlsplit

import httpx
import pytest

from hub.access.staff.acting import as_officer
from hub.access.staff.roles import LICENCE_OFFICER
from hub.audit.service import Pending
from hub.catalogue.licence_type import shipped_documents
from hub.errors import SealUnusableError
from hub.licences.draft import Draft
from hub.sharing.disclosure import Disclosed
from tests.acceptance.small_hub import ISSUER
from tests.licences.drafts import company_draft, draft_of
from tests.web.console.issuing.officer import FOOD, ISSUE, ORIGIN, Officer, Sheet, allow, food, identifier_of, typed
from tests.web.console.office import OTHER, Office
from tests.web.visitor import text


def stored(office: Office, identifier: str) -> Disclosed:
    """Read a licence as its issuing authority."""
    hub = office.hub

    async def read() -> Disclosed:
        pending = Pending(epoch=hub.epoch())
        found = await hub.sharing.own(as_officer(staff, ISSUER), identifier, None, pending)
        await hub.recorder.commit(pending)
        return found

    staff = office.staff("LICENCE_OFFICER")
    return office.building.runner.run(read())


def says(disclosed: Disclosed, draft: Draft) -> bool:
    return dict(disclosed.values) == draft.document()


def test_a_restaurants_licence_is_issued_once_and_proved(desk: Office, officer: Officer) -> None:
    draft = food("1001")
    preview = officer.fill(draft)
    assert preview.url.path == f"{FOOD}/preview"
    for shown in (draft.number, draft.holders[0].name, draft.data["businessPremises"], draft.reason, draft.legal_basis):
        assert shown in preview.text
    done = officer.confirm(preview)
    assert "The licence is issued" in text(done)
    assert "Record" in text(done)
    assert says(stored(desk, identifier_of(done)), draft)
    again = officer.confirm(preview)
    assert identifier_of(again) == identifier_of(done)
    assert officer.get(str(preview.url)).headers["location"] == f"/console/licences/{identifier_of(done)}"


def test_what_is_sealed_is_what_was_shown(officer: Officer) -> None:
    preview = officer.fill(food("1011"))
    officer.office.building.clock.advance(seconds=1)
    draft = Sheet(preview).fields["draft"]
    other_tab = officer.get(f"{FOOD}?authority={ISSUER}&draft={draft}")
    officer.send(other_tab, FOOD, {"legalRepresentative": "顾清和"}, act="save")
    shown = officer.confirm(preview)
    assert (shown.status_code, "顾清和" in shown.text) == (409, True)
    assert "Somebody else changed this meanwhile" in text(shown)
    assert "The licence is issued" in text(officer.confirm(shown))


# -- what is wrong ---------------------------------------------------------------------------------------------------------


def test_every_fault_is_told_on_top_and_at_its_field_and_nothing_typed_is_lost(officer: Officer) -> None:
    draft = food("1002")
    wrong = {
        "holders[0].code": "91990200MA0001002A",
        "validUntil": "2099-01-01",
        "$legalBasis": "",
        "permittedItems": "饮料\n" + "长" * 201,
    }
    page = officer.fill(draft, wrong)
    assert page.status_code == 400
    for place in ("f-holders-0-code", "f-validUntil", "f-act-legalBasis", "f-permittedItems"):
        assert (
            page.text.count(f'href="#{place}"')
            == page.text.count(f'id="{place}"')
            == page.text.count(f'id="{place}-wrong"')
            == 1
        )
    assert "line 2: may have at most 200 characters" in text(page)
    assert "at most 5 years" in text(page)
    fields = Sheet(page).fields
    expected = {**typed(draft).texts, **wrong}
    assert {name: fields[name] for name in expected} == expected
    mended = officer.send(page, FOOD, typed(draft).texts)
    assert mended.url.path == f"{FOOD}/preview"


def test_what_was_typed_stands_in_no_address_and_is_shown_as_text(officer: Officer) -> None:
    draft = food("1003", reason="<script>alert(1)</script>")
    page = officer.fill(draft, {"holders[0].name": "<img src=x onerror=alert(2)>"})
    assert "<script>alert(1)" not in page.text
    assert "<img src=x" not in page.text
    assert "&lt;img src=x" in page.text
    address = urlsplit(str(page.url)).query
    assert {part.partition("=")[0] for part in address.split("&")} == {"authority", "draft"}


def test_a_live_licence_in_the_way_is_told_at_the_number_with_a_link_to_it(officer: Officer) -> None:
    first = officer.issue(food("1004"))
    again = officer.fill(food("1004"), {"number": "another"})
    assert again.status_code == 409
    assert 'href="#f-number"' in again.text
    assert f'href="/console/licences/{first}"' in again.text
    assert Sheet(again).fields["number"] == "another"


def test_another_authoritys_licence_in_the_way_is_told_without_naming_it(desk: Office) -> None:
    page = Officer(desk, desk.visitor("LICENCE_OFFICER")).fill(company_draft(9))
    assert page.status_code == 409
    assert desk.furniture.foreign not in page.text


# -- lists, holders and photographs ----------------------------------------------------------------------------------------

PHYSICIAN = f"{ISSUE}/PhysicianPracticeCertificate"
PICTURE = base64.b64decode(draft_of("PhysicianPracticeCertificate").data["photo"])


def test_rows_and_a_photograph_outlive_errors_and_are_in_no_hidden_field(desk: Office, officer: Officer) -> None:
    draft = draft_of("PhysicianPracticeCertificate")
    page = officer.fill(draft, {"holders[0].name": ""})
    assert page.status_code == 400
    (kept,) = [value for name, value in Sheet(page).fields.items() if name == "kept:photo"]
    assert len(kept) < 40
    assert '<img src="data:image/svg+xml;base64,' in page.text
    assert base64.b64encode(PICTURE).decode()[:40] not in page.text, "what is shown is written anew"
    preview = officer.send(page, PHYSICIAN, {"holders[0].name": draft.holders[0].name})
    assert preview.text.count('class="document-picture" src="data:') == 1
    assert says(stored(desk, identifier_of(officer.confirm(preview))), draft)


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (b"GIF89a", "is no PNG picture"),
        (PICTURE[:20], "cannot be read as a picture"),
        (PICTURE + bytes(400_000), "is too large"),
    ],
)
def test_a_file_that_is_no_photograph_is_refused_and_the_one_before_stays(
    officer: Officer, picture: bytes, told: str
) -> None:
    page = officer.fill(draft_of("PhysicianPracticeCertificate"), act="save")
    kept = Sheet(page).fields["kept:photo"]
    refused = officer.send(page, PHYSICIAN, {}, {"photo": picture}, act="save")
    assert (refused.status_code, told in text(refused), Sheet(refused).fields["kept:photo"]) == (400, True, kept)


def test_a_photograph_may_be_left_out_again(officer: Officer) -> None:
    page = officer.fill(draft_of("PhysicianPracticeCertificate"), act="save")
    page = officer.send(page, PHYSICIAN, {"drop:photo": "1"}, act="save")
    assert "kept:photo" not in Sheet(page).fields


def test_a_row_is_taken_away_with_what_stands_in_it_and_those_behind_move_up(officer: Officer) -> None:
    path = f"{ISSUE}/HouseholdRegister"
    page = officer.fill(draft_of("HouseholdRegister"), act="add:members")
    rows = len(draft_of("HouseholdRegister").data["members"])
    before = Sheet(page).fields
    assert before[f"members[{rows}].name"] == ""
    page = officer.send(page, path, {}, act="remove:members[0]")
    after = Sheet(page).fields
    assert after["members[0].name"] == before["members[1].name"]
    assert f"members[{rows}].name" not in after
    assert after["holders[0].name"] == before["holders[0].name"]


def test_a_household_of_several_holders_is_issued(desk: Office, officer: Officer) -> None:
    draft = draft_of("HouseholdRegister")
    assert says(stored(desk, officer.issue(draft)), draft)


# -- kept, gone on with, given up --------------------------------------------------------------------------------------------


def test_what_was_saved_is_found_again_after_signing_in_anew_and_can_be_given_up(
    desk: Office, officer: Officer
) -> None:
    officer.fill(food("1005"), act="save")
    later = Officer(desk, desk.visitor("LICENCE_OFFICER"))
    chosen, waiting = later.get(ISSUE), later.get("/console")
    assert "Licence begun, not issued yet" in text(waiting)
    (link,) = re.findall(r'href="(/console/licences/issue/FoodBusinessLicence[?][^"]*draft=[^"]*)"', chosen.text)[:1]
    page = later.get(link.replace("&amp;", "&"))
    assert Sheet(page).fields["number"] == "虚JY1005"
    draft = Sheet(page).fields["draft"]
    given = {name: Sheet(page).fields[name] for name in ("form_token", "authority", "draft")}
    later.visitor.post(f"{ISSUE}/discard", given, headers=ORIGIN)
    assert later.get(f"{FOOD}?authority={ISSUER}&draft={draft}").status_code == 404


def test_another_officer_opens_nothing_of_it(desk: Office, officer: Officer) -> None:
    page = officer.fill(draft_of("PhysicianPracticeCertificate"), act="save")
    fields = Sheet(page).fields
    person = desk.building.hire("another.officer", (LICENCE_OFFICER, ISSUER))
    visitor = desk.building.visitor()
    visitor.bring(person.sign_in().removeprefix("Bearer "))
    other = Officer(desk, visitor)
    for path in (
        f"{PHYSICIAN}?authority={ISSUER}&draft={fields['draft']}",
        f"{PHYSICIAN}/preview?authority={ISSUER}&draft={fields['draft']}",
    ):
        assert other.get(path).status_code == 404
    assert fields["draft"] not in other.get(ISSUE).text


# -- what stands in the way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_key", "told"),
    [
        ("NoSuchType", "no such licence type"),
        ("DriverLicence", "no 21-character code"),
        ("TaxPaymentCertificate", "may not issue this type"),
    ],
)
def test_what_cannot_be_issued_is_said_before_anybody_types(
    desk: Office, officer: Officer, type_key: str, told: str
) -> None:
    documents = {document["key"]: document for document in shipped_documents()}
    for key in ("DriverLicence", "TaxPaymentCertificate"):
        desk.hub.catalogue.publish(documents[key])
    desk.hub.catalogue.allow_issuing(ISSUER, "DriverLicence")
    desk.hub.catalogue.set_type_code("TaxPaymentCertificate", f"{ISSUER}099", synthetic=True)
    page = officer.get(f"{ISSUE}/{type_key}")
    assert (page.status_code, told in text(page), "<textarea" in page.text) == (409, True, False)


def test_without_a_seal_nothing_is_begun_and_what_was_written_waits(
    desk: Office, officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = officer.fill(food("1006"))

    def none(_authority: str) -> None:
        raise SealUnusableError

    monkeypatch.setattr(desk.hub.seals, "sealer", none)
    for page in (officer.get(FOOD), officer.get(str(preview.url)), officer.confirm(preview)):
        assert page.status_code == 409
        assert "suspended, expired or not active" in text(page)
    assert "suspended, expired or not active" in text(officer.get(ISSUE))
    monkeypatch.undo()
    assert "The licence is issued" in text(officer.confirm(preview))


def test_a_type_that_is_retired_meanwhile_is_not_sealed_and_nothing_typed_is_lost(
    desk: Office, officer: Officer
) -> None:
    allow(desk.hub, ISSUER, ["DisabilityCertificate"])
    preview = officer.fill(draft_of("DisabilityCertificate"))
    assert preview.status_code == 200
    desk.hub.catalogue.retire("DisabilityCertificate")
    desk.hub.refresh()
    assert "was retired" in text(officer.confirm(preview))
    page = officer.get(str(preview.url).replace("/preview", ""))
    assert Sheet(page).fields["number"] == draft_of("DisabilityCertificate").number
    assert "was retired" in text(officer.get(f"{ISSUE}/DisabilityCertificate"))


def test_a_role_for_another_authority_is_not_enough(officer: Officer) -> None:
    assert officer.get(f"{FOOD}?authority={OTHER}").status_code == 403


# -- the next edition ------------------------------------------------------------------------------------------------------


def begun(officer: Officer, identifier: str, operation: str) -> httpx.Response:
    page = officer.get(f"/console/licences/{identifier}/{operation}")
    assert page.status_code == 200
    return page


def test_a_licence_is_changed_from_what_it_says_and_the_difference_is_shown(desk: Office, officer: Officer) -> None:
    draft = food("1007")
    first = officer.issue(draft)
    page = begun(officer, first, "change")
    fields = Sheet(page).fields
    assert {name: fields[name] for name in typed(draft).texts if not name.startswith("$")} == {
        name: value for name, value in typed(draft).texts.items() if not name.startswith("$")
    }
    why = {"$legalBasis": "虚构条例第三条", "$reason": "法定代表人变更", "legalRepresentative": "沈知夏"}
    preview = officer.send(page, f"/console/licences/{first}/change", why)
    cells = re.findall(r'<td data-label="[^"]*"><div>(.*?)</div>', preview.text)
    assert cells[:3] == ["Legal representative", draft.data["legalRepresentative"], "沈知夏"]
    assert len(cells) == 3
    second = identifier_of(officer.confirm(preview))
    after = stored(desk, second)
    assert (after.values["legalRepresentative"], after.stored.version, after.stored.supersedes) == ("沈知夏", 2, first)
    refused = officer.get(f"/console/licences/{first}/change")
    assert (refused.status_code, f'href="/console/licences/{second}"' in refused.text) == (409, True)


def test_a_renewal_asks_for_its_period_and_is_gone_on_with(desk: Office, officer: Officer) -> None:
    first = officer.issue(food("1008"))
    page = begun(officer, first, "renew")
    fields, today = Sheet(page).fields, desk.hub.settings.calendar.day(desk.hub.clock.now())
    assert (fields["issuedOn"], fields["validFrom"], fields["validUntil"]) == (today.isoformat(), today.isoformat(), "")
    assert Sheet(begun(officer, first, "renew")).fields["draft"] == fields["draft"], "what was begun is gone on with"
    assert f'href="/console/licences/{first}/renew?draft={fields["draft"]}"' in officer.get("/console").text
    until = today.replace(year=today.year + 4).isoformat()
    texts = {"$legalBasis": "虚构条例第四条", "$reason": "有效期届满", "validUntil": until}
    preview = officer.send(page, f"/console/licences/{first}/renew", texts)
    second = identifier_of(officer.confirm(preview))
    assert stored(desk, second).stored.valid_until == until


def test_the_present_photograph_goes_over_to_the_next_edition(desk: Office, officer: Officer) -> None:
    draft = draft_of("MarriageCertificate")
    first = officer.issue(draft)
    page = begun(officer, first, "change")
    assert "kept:jointPhoto" in Sheet(page).fields
    preview = officer.send(
        page, f"/console/licences/{first}/change", {"$legalBasis": "虚构条例", "$reason": "更正", "registrar": "周望山"}
    )
    second = stored(desk, identifier_of(officer.confirm(preview)))
    assert (second.values["jointPhoto"], second.values["registrar"]) == (draft.data["jointPhoto"], "周望山")


def test_of_two_officers_the_second_sees_what_the_first_changed_and_keeps_what_he_typed(
    desk: Office, officer: Officer
) -> None:
    first = officer.issue(food("1009"))
    why = {"$legalBasis": "虚构条例第三条", "$reason": "变更"}
    path = f"/console/licences/{first}/change"
    mine = officer.send(begun(officer, first, "change"), path, {**why, "domicile": "虚构市西城区"})
    person = desk.building.hire("second.officer", (LICENCE_OFFICER, ISSUER))
    visitor = desk.building.visitor()
    visitor.bring(person.sign_in().removeprefix("Bearer "))
    other = Officer(desk, visitor)
    faster = other.send(
        begun(other, first, "change"), path, {**why, "legalRepresentative": "顾清和", "domicile": "虚构市东城区"}
    )
    second = identifier_of(other.confirm(faster))

    met = officer.confirm(mine)
    assert met.status_code == 409
    assert "Another officer has just changed this licence" in text(met)
    assert "顾清和" in met.text
    fields = Sheet(met).fields
    assert (fields["domicile"], fields["legalRepresentative"], fields["$reason"]) == ("虚构市西城区", "顾清和", "变更")
    preview = officer.send(met, f"/console/licences/{second}/change", {})
    cells = re.findall(r'<td data-label="[^"]*"><div>(.*?)</div>', preview.text)
    assert cells == ["Domicile", "虚构市东城区", "虚构市西城区"]
    third = stored(desk, identifier_of(officer.confirm(preview)))
    assert (third.values["domicile"], third.values["legalRepresentative"], third.stored.version) == (
        "虚构市西城区",
        "顾清和",
        3,
    )


def test_a_licence_that_was_suspended_meanwhile_is_not_changed_and_the_form_waits(
    desk: Office, officer: Officer
) -> None:
    first = officer.issue(food("1010"))
    preview = officer.send(
        begun(officer, first, "change"),
        f"/console/licences/{first}/change",
        {"$legalBasis": "条例", "$reason": "变更", "domicile": "别处"},
    )
    hub = desk.hub
    hub.licences.act(
        as_officer(desk.staff("LICENCE_OFFICER"), ISSUER),
        "suspend",
        first,
        1,
        "核查",
        "条例",
        None,
        "suspend-in-a-test",
    )
    for page in (
        officer.confirm(preview),
        officer.get(f"/console/licences/{first}/change?draft={Sheet(preview).fields['draft']}"),
    ):
        assert page.status_code in {200, 409}
    assert "Only a licence whose status is VALID" in text(officer.confirm(preview))
