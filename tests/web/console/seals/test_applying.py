"""Applying for a seal by a page: the picture before anything is sent, what is told at which field, and uploads that are not what they say."""

import base64
import re
from html import unescape
from io import BytesIO

import pytest
from PIL import Image

from hub.demo.codes import credit_code
from hub.seals.kinds import Custody, Kind
from tests.acceptance.small_hub import ISSUER
from tests.seals.made import MILLIMETRES, picture
from tests.web.console.office import OTHER, Office
from tests.web.console.seals.desk import APPLY, NAME, SAME, WANTED, led_to, upload, wanted
from tests.web.visitor import Visitor, fields, text

PREVIEW = f"{APPLY}/preview"
JSON = {**SAME, "accept": "application/json"}
COMPANY = credit_code("91", "990100", "MA9Y0000")


@pytest.fixture(scope="module")
def applicant(office: Office) -> Visitor:
    return office.visitor("SEAL_APPLICANT")


@pytest.fixture(scope="module")
def token(applicant: Visitor) -> str:
    return fields(applicant.get(APPLY)).hidden["form_token"]


def test_the_form_begins_with_the_seal_that_is_usually_wanted(applicant: Visitor) -> None:
    page = applicant.get(APPLY)
    drawn = base64.b64decode(re.search(r"data:image/svg\+xml;base64,([^\"]+)", unescape(page.text))[1])  # type: ignore[index]
    assert drawn.startswith(b"<svg")
    assert "img-src 'self' data:" in page.headers["content-security-policy"]
    assert "data:" not in applicant.get("/console/seals").headers["content-security-policy"]


def test_a_preview_is_drawn_from_what_is_there_and_nothing_is_kept(
    office: Office, applicant: Visitor, token: str
) -> None:
    given, before = (
        {**WANTED, "form_token": token, "purpose": "INVOICE", "reason": ""},
        office.hub.seal_office.applications(ISSUER),
    )
    told = applicant.post(PREVIEW, given, headers=JSON).json()
    assert (told["width"], told["height"]) == (45, 30)
    assert set(told["faults"]) == {"reason"}
    assert told["picture"].startswith("data:image/svg+xml;base64,")
    other = applicant.post(PREVIEW, {**given, "purpose": "CUSTOMS"}, headers=JSON).json()
    assert other["picture"] != told["picture"]
    without = text(applicant.post(PREVIEW, given, headers=SAME))  # no script: the page itself
    assert "45 × 30 mm" in without
    assert office.hub.seal_office.applications(ISSUER) == before


@pytest.mark.parametrize(
    ("given", "at", "said"),
    [
        ({"purpose": "", "text": NAME + "青山分局合同专用章"}, "text", "one of the purposes of the list"),
        ({"text": "别的局合同专用章"}, "text", "The text is not the owner"),
        ({"kind": "STATUTORY", "whose": "OTHER", "owner": COMPANY, "owner_name": "虚" * 41}, "text", "does not fit the seal"),
        ({"kind": "PERSONAL", "text": "王", "representative": "王"}, "text", "his whole name"),
        ({"number": "12"}, "number", "13 or 14 digits"),
        ({"kind": "PERSONAL", "text": "王小明\ue000", "representative": "王小明\ue000"}, "text", "counted from 1: 4"),
        ({"whose": "OTHER", "owner": "91", "owner_name": "云帆公司"}, "owner", "no credit code"),
        ({"whose": "OTHER", "owner": OTHER, "owner_name": "虚构县行政审批局"}, "owner", "under its own name"),
        ({"whose": "OTHER", "owner": COMPANY, "owner_name": "云帆公司", "division": "12"}, "division", "six digits"),
        ({"years": "11"}, "years", "1 to 10 years"),
        ({"years": "١"}, "years", "1 to 10 years"),
        ({"reason": "一\n二"}, "reason", "1 to 200 characters"),
        ({"suite": "RSA"}, "suite", "one of the suites"),
        ({"kind": "<b>"}, "", "not one of the choices"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_field_and_what_was_typed_is_kept(
    applicant: Visitor, token: str, given: dict[str, str], at: str, said: str
) -> None:
    typed = {**WANTED, "purpose": "REGISTRATION", **given}
    told = applicant.post(APPLY, {"form_token": token, "once": "k" * 24, **typed}, headers=SAME)
    assert told.status_code == 400
    assert said in text(told)
    if at:
        assert f'href="#{at}"' in told.text
        assert f'id="{at}-wrong"' in told.text
    assert "<b>" not in told.text
    if "owner_name" in given:
        assert given["owner_name"] in told.text


def _png(**changes: object) -> bytes:
    image = Image.new("RGBA", (120, 120), (0, 0, 0, 255))
    out = BytesIO()
    image.save(out, "PNG", **changes)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "size", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 20, "no PNG picture"),
        (b"%PDF-1.7", 20, "no PNG picture"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 40, 20, "damaged"),
        (picture().png + b"MZ", 20, "hidden behind"),
        (picture().png[:-30], 20, "damaged"),
        (picture().png, 60, "do not fit the millimetres"),
        (_png(), 20, "not transparent"),
        (b"\x89PNG\r\n\x1a\n" + bytes(600_000), 20, "more than 512 KiB"),
    ],
)
def test_an_upload_that_is_not_what_it_says_is_told_at_its_field(
    applicant: Visitor, content: bytes, size: int, said: str
) -> None:
    given = {**WANTED, "purpose": "REGISTRATION", "width": str(size), "height": str(size)}
    told = upload(applicant, APPLY, given, {"picture": content})
    assert told.status_code == 400
    assert said in text(told)
    assert 'href="#picture"' in told.text
    assert "alert(1)" not in told.text


def test_an_uploaded_picture_is_shown_before_and_is_what_is_approved(office: Office, applicant: Visitor) -> None:
    sent = picture()
    given = {**wanted("BUSINESS"), "width": str(MILLIMETRES), "height": str(MILLIMETRES)}
    seen = upload(applicant, APPLY, given, {"picture": sent.png}, PREVIEW)
    assert "data:image/png;base64," in seen.text
    application = led_to(applicant, upload(applicant, APPLY, given, {"picture": sent.png}))
    approver = office.visitor("SEAL_APPROVER")
    page = approver.get(application)
    assert f'width="{round(MILLIMETRES * 96 / 25.4)}"' in page.text
    look = approver.get(f"{application}/picture")
    assert look.headers["content-type"] == "image/png"
    assert look.headers["cache-control"] == "no-store"
    assert look.headers["x-content-type-options"] == "nosniff"


def test_a_persons_seal_is_listed_by_its_kind_and_his_name_stands_in_the_picture_alone(
    office: Office, applicant: Visitor
) -> None:
    given = {**WANTED, "kind": "PERSONAL", "text": "李凌欢印", "representative": "李凌欢", "custody": "OWNER"}
    application = led_to(applicant, applicant.fill(APPLY, **given))
    found = office.hub.seal_office.application(application.rpartition("/")[2])
    assert (found.kind, found.custody) == (Kind.PERSONAL, Custody.OWNER)
    for path in ("/console/seals/applications", application):
        assert "李凌欢" not in applicant.get(path).text


def test_who_previews_too_much_waits_and_keeps_what_he_typed(
    office: Office, applicant: Visitor, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.web.console.seals import applying  # noqa: PLC0415 - patched here

    monkeypatch.setattr(applying, "PREVIEW_UNITS", office.hub.settings.limits.budget)
    given = {**WANTED, "form_token": token, "purpose": "REGISTRATION", "reason": "保留这段话"}
    applicant.post(PREVIEW, given, headers=JSON)
    busy = applicant.post(PREVIEW, given, headers=JSON)
    assert busy.status_code == 429
    assert int(busy.headers["retry-after"]) > 0
    page = applicant.post(PREVIEW, given, headers=SAME)
    assert (page.status_code, "保留这段话" in page.text, "wait a little" in text(page)) == (429, True, True)
    form = applicant.get(APPLY)  # the picture waits, the form does not
    assert (form.status_code, "data:image/" in form.text, fields(form).hidden["form_token"]) == (200, False, token)


def test_a_seal_that_is_there_is_not_applied_for_again_but_remade(office: Office, applicant: Visitor) -> None:
    old = office.hub.seals.seals(ISSUER)[0]
    told = applicant.fill(APPLY, **{**WANTED, "purpose": "ELECTRONIC_LICENCE"})
    assert told.status_code == 409
    assert "Remake that one" in text(told)
    address = f"{APPLY}?remakes={old.es_id}"
    assert old.name in applicant.get(address).text
    application = led_to(applicant, applicant.fill(address, APPLY, **{**WANTED, "text": old.name}))
    assert office.hub.seal_office.application(application.rpartition("/")[2]).remakes == old.es_id


def test_he_applies_for_no_other_authority(office: Office, applicant: Visitor, token: str) -> None:
    given = {**WANTED, "authority": OTHER, "purpose": "REGISTRATION", "form_token": token, "once": "o" * 24}
    for path in (APPLY, PREVIEW):
        assert applicant.post(path, given, headers=SAME).status_code == 403
    assert office.hub.seal_office.applications(OTHER)[1:] == ()
