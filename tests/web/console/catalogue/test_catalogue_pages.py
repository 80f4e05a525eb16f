"""The catalogue's pages: a type is published and queried, acts are done and proved, and nobody does what is another's."""

import copy
import json
from html import unescape
from typing import Any

import httpx
import pytest

from hub.catalogue.codes import credit_check_character
from hub.catalogue.desk import Why
from hub.catalogue.licence_type import shipped_documents
from hub.catalogue.service import Authority, Level
from hub.web.console.catalogue.browsing import EACH_PAGE, cut, tree
from tests.acceptance.small_hub import ISSUER, ITEM, READER
from tests.catalogue.items.described import material, small
from tests.catalogue.test_document_example import _document as permit
from tests.web.console.catalogue.browsers import FROM_HERE, form, send, upload
from tests.web.console.catalogue.examples import EXAMPLES
from tests.web.console.office import OTHER, Office
from tests.web.visitor import Visitor, text

HOME = "/console/catalogue"
EDITOR, PUBLISH = f"{HOME}/editor", f"{HOME}/publish"
GIVEN = {"reason": "机构改革", "basis": "电子证照管理办法第三条"}
WHY = Why("机构改革", "电子证照管理办法第三条")
ADDED = "11990100MB0000009" + credit_check_character("11990100MB0000009")


@pytest.fixture
def steward(office: Office) -> Visitor:
    return office.visitor("CATALOGUE_STEWARD")


def document_of(page: httpx.Response, action: str = EDITOR) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(form(page, action)["document"])
    return found


def done(visitor: Visitor, answer: httpx.Response) -> str:
    """Return what the page says that proves an act."""
    assert answer.status_code == 303, text(answer)
    return text(visitor.get(answer.headers["location"]))


def fields_in_graphql(visitor: Visitor, name: str) -> set[str]:
    query = f'{{__type(name: "{name}") {{fields {{name}}}}}}'
    told = visitor.send("POST", "/graphql", json={"query": query}).json()["data"]["__type"]
    return {each["name"] for each in told["fields"]} if told else set()


def published(office: Office, key: str, version: int = 1, **changes: Any) -> dict[str, Any]:
    """Publish a type under a name of its own."""
    document = {**copy.deepcopy(permit()), "key": key, "version": version, **changes}
    office.hub.catalogue.publish(document)
    return document


# -- types -----------------------------------------------------------------------------------------------------------


def test_a_document_that_is_uploaded_is_checked_published_and_queried_at_once(office: Office, steward: Visitor) -> None:
    content = json.dumps(permit()).encode()
    shown = upload(steward, steward.get(f"{HOME}/types/new"), EDITOR, content)
    assert "Nothing is wrong" in text(shown)
    assert document_of(shown) == permit()
    asked = send(steward, shown, EDITOR, "publish")
    proof = done(steward, send(steward, asked, PUBLISH, **GIVEN))
    assert "The licence type is published" in proof
    assert {"premises", "capacity", "keepers"} <= fields_in_graphql(steward, "PetBoardingPermit")
    record = office.hub.catalogue.current.history[-1]
    assert (record.key, record.version) == ("PetBoardingPermit", 1)
    page = text(steward.get(f"{HOME}/types/PetBoardingPermit"))
    assert "The 21-character type code is not set" in page
    assert "Nobody may issue it yet" in page


def test_a_next_version_says_what_changes_before_it_is_published(office: Office, steward: Visitor) -> None:
    published(office, "NextPermit")
    page = steward.get(f"{HOME}/types/NextPermit/next")
    page = send(steward, page, EDITOR, "field /schema/properties/capacity")
    page = send(steward, page, EDITOR, "save", most="500")
    assert "/schema/properties/capacity/maximum 1000 500" in text(page)
    asked = send(steward, page, EDITOR, "publish")
    assert done(steward, send(steward, asked, PUBLISH, **GIVEN))
    kept = steward.get(f"{HOME}/types/NextPermit/versions/2")
    assert "/schema/properties/capacity/maximum 1000 500" in text(kept)
    file = steward.get(f"{HOME}/types/NextPermit/versions/2/file")
    assert file.json()["schema"]["properties"]["capacity"]["maximum"] == 500
    assert file.headers["content-disposition"] == 'attachment; filename="NextPermit.2.json"'


def test_what_the_version_before_forbids_is_told_at_its_field_and_not_published(
    office: Office, steward: Visitor
) -> None:
    published(office, "KindPermit")
    page = steward.get(f"{HOME}/types/KindPermit/next")
    page = send(steward, page, EDITOR, "field /schema/properties/capacity")
    page = send(steward, page, EDITOR, "shape", shape="TEXT")
    page = send(steward, page, EDITOR, "save", longest="9")
    refused = send(steward, page, EDITOR, "publish")
    assert refused.status_code == 400
    assert "capacity: changes from INTEGER to STRING; give the new field a new name" in text(refused)
    assert '<tr id="row-4" class="has-error">' in refused.text
    assert (
        "has-error" in send(steward, refused, EDITOR, "up /schema/properties/capacity").text
    )  # told until it is mended


def test_of_two_who_write_the_same_version_the_second_goes_on_from_the_newer_one(
    office: Office, steward: Visitor
) -> None:
    published(office, "TwicePermit")
    asked = send(steward, steward.get(f"{HOME}/types/TwicePermit/next"), EDITOR, "publish", name_en="Mine")
    published(office, "TwicePermit", 2, name={"zh": "他的", "en": "Theirs"})
    refused = send(steward, asked, PUBLISH, **GIVEN)
    assert "Version 2 cannot be published: the next one is 3" in text(refused)
    assert document_of(refused)["name"]["en"] == "Mine"
    again = send(steward, refused, EDITOR, "renumber 3")
    assert "/name/en Theirs Mine" in text(again)
    asked = send(steward, again, EDITOR, "publish")
    assert "The licence type is published" in done(steward, send(steward, asked, PUBLISH, **GIVEN))
    assert office.hub.catalogue.type("TwicePermit").version == 3


def test_a_name_that_graphql_has_already_is_told_before_it_is_published(steward: Visitor) -> None:
    content = json.dumps({**permit(), "key": "Case"}).encode()
    page = upload(steward, steward.get(f"{HOME}/types/new"), EDITOR, content)
    assert page.status_code == 400
    assert "GraphQL has a type" in text(page)
    assert send(steward, page, EDITOR, "publish").status_code == 400


@pytest.mark.parametrize("key", ["TaxPaymentCertificate", "HouseholdRegister", "PetBoardingPermit"])
def test_a_draft_can_be_looked_at_as_a_licence_and_as_a_form(steward: Visitor, key: str) -> None:
    document = next((dict(each) for each in shipped_documents() if each["key"] == key), permit())
    content = json.dumps({**document, "key": "LookedAt", "version": 1}).encode()
    page = send(steward, upload(steward, steward.get(f"{HOME}/types/new"), EDITOR, content), EDITOR, "look")
    assert page.status_code == 200
    assert document["name"]["en"] in text(page)
    titles = [each["x-title-en"] for each in document["schema"]["properties"].values()]
    assert all(unescape(text(page)).count(title) >= 2 for title in titles)  # on the licence, and in the form
    assert document_of(page)["key"] == "LookedAt"


def test_a_draft_keeps_what_is_typed_and_can_be_taken_away(steward: Visitor) -> None:
    page = send(steward, steward.get(f"{HOME}/types/new"), EDITOR)
    page = send(
        steward,
        page,
        EDITOR,
        "add",
        name_zh="试",
        name_en="<script>alert(1)</script>",
        holder_person="yes",
        several="yes",
    )
    page = send(steward, page, EDITOR, "save", name="x", title_zh="<b>甲</b>", longest="many")
    assert page.status_code == 400
    assert form(page, EDITOR)["longest"] == "many"
    assert "<b>甲</b>" not in page.text
    page = send(steward, page, EDITOR, "keep")
    assert "<script>alert" not in page.text
    kept = send(steward, page, EDITOR, "download")
    assert kept.headers["content-disposition"].startswith("attachment")
    draft = kept.json()
    assert (draft["name"]["zh"], draft["holderKinds"], draft["severalHolders"]) == (
        "试",
        ["ORGANISATION", "PERSON"],
        True,
    )
    assert draft["schema"]["properties"]["x"]["maxLength"] == "many"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n", b"[]", b'{"key":1,"key":2}', b'{"a":' * 99])
def test_a_file_that_is_no_document_is_refused_kindly(steward: Visitor, content: bytes) -> None:
    page = upload(steward, steward.get(f"{HOME}/types/new"), EDITOR, content)
    assert page.status_code == 400
    assert "The document cannot be read" in text(page)
    assert "New licence type" in text(page)


def test_json_that_is_mistyped_stays_as_it_was_typed(steward: Visitor) -> None:
    page = send(steward, send(steward, steward.get(f"{HOME}/types/new"), EDITOR), EDITOR, "json")
    page = send(steward, page, EDITOR, "check", document='{"key": "A",}')
    assert page.status_code == 400
    assert form(page, EDITOR)["document"] == '{"key": "A",}'


# -- rights ----------------------------------------------------------------------------------------------------------


def test_a_steward_of_one_authority_changes_what_is_its_alone(office: Office) -> None:
    document = published(office, "OwnPermit")
    office.hub.catalogue.allow_issuing(ISSUER, "OwnPermit")
    own, stranger = (office.visitor("CATALOGUE_STEWARD", authority) for authority in (ISSUER, OTHER))
    assert f"{HOME}/types/OwnPermit/next" in own.get(f"{HOME}/types/OwnPermit").text
    assert f"{HOME}/types/OwnPermit/next" not in stranger.get(f"{HOME}/types/OwnPermit").text
    asked = send(own, own.get(f"{HOME}/types/OwnPermit/next"), EDITOR, "publish", name_en="Our permit")
    sent = form(asked, PUBLISH)
    elsewhere = form(stranger.get(f"{HOME}/types/new"), EDITOR)["form_token"]
    refused = stranger.post(PUBLISH, {**sent, **GIVEN, "form_token": elsewhere}, headers=FROM_HERE)
    assert (refused.status_code, "ROLE_MISSING" in refused.text) == (403, True)
    assert "The licence type is published" in done(own, send(own, asked, PUBLISH, **GIVEN))
    assert office.hub.catalogue.type("OwnPermit").version == document["version"] + 1


def test_a_new_type_and_one_that_several_issue_are_the_hubs(office: Office) -> None:
    own = office.visitor("CATALOGUE_STEWARD", ISSUER)
    checked = upload(own, own.get(f"{HOME}/types/new"), EDITOR, json.dumps({**permit(), "key": "NewPermit"}).encode())
    assert "Somebody else publishes this" in text(checked)
    assert send(own, checked, EDITOR, "publish").status_code == 403
    assert own.get(f"{HOME}/authorities/new").status_code == 403
    assert "NewPermit" not in office.hub.catalogue.current.types


@pytest.mark.parametrize("template", EXAMPLES)
def test_what_is_another_authoritys_is_not_even_asked_about(office: Office, template: str) -> None:
    path = EXAMPLES[template](office)
    assert office.visitor("CATALOGUE_STEWARD").get(path).status_code == 200
    assert office.visitor("CATALOGUE_STEWARD", OTHER).get(path).status_code == 403


def test_every_act_is_refused_to_whoever_makes_up_its_form(office: Office) -> None:
    own = office.visitor("CATALOGUE_STEWARD", ISSUER)
    token = form(own.get(f"{HOME}/types/new"), EDITOR)["form_token"]
    before = office.hub.catalogue.current
    acts = (
        f"types/BusinessLicence/issuers/{OTHER}", "types/BusinessLicence/retire", f"authorities/{READER}/change",
        f"authorities/{READER}/types", "registers/Organisation/sources", f"items/{ITEM}/rename",
    )  # fmt: skip
    for number, path in enumerate(acts):
        page = office.visitor("CATALOGUE_STEWARD").get(f"{HOME}/{path}")
        sent = {**form(page, f"{HOME}/{path}"), **GIVEN, "authority": ISSUER, "key": "BusinessLicence", "name_en": "X"}
        answer = own.post(
            f"{HOME}/{path}", {**sent, "form_token": token, "once": f"made-up-key-{number:012}"}, headers=FROM_HERE
        )
        assert answer.status_code == 403, path
    assert office.hub.catalogue.current == before


# -- acts ------------------------------------------------------------------------------------------------------------


def act(visitor: Visitor, path: str, **typed: str) -> httpx.Response:
    return send(visitor, visitor.get(f"{HOME}/{path}"), f"{HOME}/{path}", **{**GIVEN, **typed})


def test_each_act_is_done_once_and_proved(office: Office, steward: Visitor) -> None:
    published(office, "ActPermit")
    catalogue = office.hub.catalogue
    code = "11990000DE0000006G901"
    body = {"name_zh": "新局", "name_en": "New bureau", "division": "990100", "level": "CITY", "parent": ISSUER}
    steps: tuple[tuple[str, dict[str, str], str, Any], ...] = (
        ("types/ActPermit/code", {"code": code}, "The type code is set", lambda: catalogue.type_code("ActPermit") == code),
        ("types/ActPermit/issuers", {"authority": OTHER}, "may issue it", lambda: catalogue.may_issue(OTHER, "ActPermit")),
        (f"types/ActPermit/issuers/{OTHER}", {}, "is taken", lambda: not catalogue.may_issue(OTHER, "ActPermit")),
        (f"authorities/{READER}/types", {"key": "ActPermit"}, "may issue the type", lambda: catalogue.may_issue(READER, "ActPermit")),
        ("authorities/new", {"code": ADDED, **body}, "is added", lambda: catalogue.authority(ADDED).parent == ISSUER),
        (f"authorities/{ADDED}/change", {"name_en": "Newer", "parent": ""}, "is changed", lambda: catalogue.authority(ADDED).parent is None),
        ("registers/Organisation/sources", {"authority": ADDED}, "a source", lambda: catalogue.may_feed(ADDED, "Organisation")),
        (f"registers/Organisation/sources/{ADDED}", {}, "no source", lambda: not catalogue.may_feed(ADDED, "Organisation")),
        ("items/new", {"code": f"{ADDED}1", "name_zh": "事", "name_en": "Item", "authority": ADDED}, "is added", lambda: catalogue.item(f"{ADDED}1")),
        (f"items/{ADDED}1/rename", {"name_en": "Renamed"}, "is renamed", lambda: catalogue.item(f"{ADDED}1").name_en == "Renamed"),
        ("types/ActPermit/retire", {}, "is retired", lambda: "ActPermit" in catalogue.current.retired),
    )  # fmt: skip
    for path, typed, told, holds in steps:
        assert told in done(steward, act(steward, path, **typed)), path
        assert holds(), path
    assert "retired" in text(steward.get(f"{HOME}/types/ActPermit"))


def test_whoever_decided_upon_an_older_state_sees_the_newer_one_and_keeps_what_he_typed(
    office: Office, steward: Visitor
) -> None:
    path = f"{HOME}/authorities/{READER}/change"
    page = steward.get(path)
    seen = office.hub.catalogue.authority(READER)
    office.hub.catalogue.desk.change_authority(
        office.staff("CATALOGUE_STEWARD"),
        seen,
        type(seen)(seen.code, "改名局", seen.name_en, seen.division, seen.level, None),
        WHY,
    )
    refused = send(steward, page, path, name_en="Mine", **GIVEN)
    assert refused.status_code == 409
    assert "Somebody else changed this meanwhile" in text(refused)
    assert form(refused, path)["name_en"] == "Mine"
    assert "is changed" in done(steward, send(steward, refused, path))


@pytest.mark.parametrize(
    ("path", "typed", "control"),
    [
        ("types/BusinessLicence/code", {"code": "11100000MB0143028R0001"}, "code"),
        ("types/BusinessLicence/issuers", {"authority": ADDED[:-1] + "0"}, "authority"),
        (
            "authorities/new",
            {"code": "1", "name_zh": "局", "name_en": "B", "division": "990100", "level": "CITY"},
            "code",
        ),
        ("items/new", {"code": "X1", "name_zh": "事", "name_en": "I", "authority": "nobody"}, "authority"),
    ],
)
def test_what_is_mistyped_is_told_at_its_control(
    steward: Visitor, path: str, typed: dict[str, str], control: str
) -> None:
    refused = act(steward, path, **typed)
    assert refused.status_code in {400, 404}
    assert f'id="{control}-wrong"' in refused.text
    assert form(refused, f"{HOME}/{path}")[control] == typed[control]


def test_no_reason_no_act(office: Office, steward: Visitor) -> None:
    refused = act(steward, "types/BusinessLicence/retire", reason=" ")
    assert refused.status_code == 400
    assert "BusinessLicence" not in office.hub.catalogue.current.retired


# -- items -----------------------------------------------------------------------------------------------------------


def item_editor(item: str) -> str:
    return f"{HOME}/items/{item}/editor"


def test_a_material_is_written_by_form_and_its_item_published(office: Office) -> None:
    steward, here = office.visitor("CATALOGUE_STEWARD", READER), item_editor(ITEM)
    page = upload(
        steward,
        steward.get(f"{HOME}/items/{ITEM}/next"),
        here,
        json.dumps(small(materials=[], requirements={})).encode(),
    )
    assert "name what the item asks for" in text(page)
    page = send(steward, page, here, "add")
    page = send(
        steward,
        page,
        here,
        "alternative",
        key="subject",
        name_zh="营业执照",
        name_en="Business licence",
        law="虚构条例",
    )
    page = send(steward, page, here, "save", source_0="DriverLicence")
    page = send(steward, page, here, "check")
    assert "DriverLicence is no licence type or register of this hub" in text(page)
    assert '<tr id="row-1" class="has-error">' in page.text
    page = send(steward, page, here, "material /materials/0")
    page = send(steward, page, here, "save", source_0="BusinessLicence", rest='{"deferral": {"days": 5')
    assert form(page, here)["rest"] == '{"deferral": {"days": 5'
    deferral = {"deferral": {"days": 5, "basis": {"law": "虚构条例", "grade": "local"}}}
    page = send(steward, page, here, "save", rest=json.dumps(deferral))
    asked = send(steward, page, here, "publish")
    assert "The document is published" in done(steward, send(steward, asked, f"{HOME}/items/{ITEM}/publish", **GIVEN))
    (found,) = office.hub.catalogue.documents.of(ITEM).materials
    assert (found.key, found.satisfied_by[0].source, found.deferral is not None) == ("subject", "BusinessLicence", True)
    shown = text(steward.get(f"{HOME}/items/{ITEM}"))
    assert "Deferral of 5 working days" in shown
    assert "Business licence" in shown


def test_an_item_is_edited_by_its_authoritys_steward_alone(office: Office) -> None:
    stranger = office.visitor("CATALOGUE_STEWARD", OTHER)
    assert stranger.get(f"{HOME}/items/{ITEM}").status_code == 200
    assert stranger.get(f"{HOME}/items/{ITEM}/next").status_code == 403
    token = form(stranger.get(f"{HOME}/types/new"), EDITOR)["form_token"]
    sent = {"form_token": token, "document": json.dumps(small(materials=[material()])), **GIVEN}
    for path in ("editor", "publish"):
        assert stranger.post(f"{HOME}/items/{ITEM}/{path}", sent, headers=FROM_HERE).status_code == 403


def test_shipped_types_that_are_not_published_are_offered(office: Office, steward: Visitor) -> None:
    page = steward.get(f"{HOME}/types/new")
    offered = {each["key"] for each in shipped_documents()} - office.hub.catalogue.current.types.keys()
    assert all(f'value="{key}"' in page.text for key in offered)
    token = form(page, EDITOR)["form_token"]
    begun = steward.post(EDITOR, {"form_token": token, "shipped": "TaxPaymentCertificate"}, headers=FROM_HERE)
    assert document_of(begun) == next(each for each in shipped_documents() if each["key"] == "TaxPaymentCertificate")


# -- lists -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "shown", "hidden"),
    [
        ("?q=business", "BusinessLicence", 'types/PetBoardingPermit"'),
        ("/authorities?q=990300", OTHER, READER),
        ("/authorities?level=CITY", ISSUER, OTHER),
        (f"/items?q={READER}", ITEM, "There are no items"),
        ("/items?q=nothing-of-the-kind", "There are no items", ITEM),
        ("?q=business&page=999", "BusinessLicence", "There is no such licence type"),
        ("?q=business&page=-1", "BusinessLicence", "There is no such licence type"),
    ],
)
def test_lists_show_what_is_looked_for(steward: Visitor, path: str, shown: str, hidden: str) -> None:
    page = steward.get(f"{HOME}{path}")
    assert page.status_code == 200
    assert shown in page.text
    assert hidden not in page.text


def test_authorities_stand_under_their_parents() -> None:
    rows = (("3", Level.COUNTY, "2"), ("1", Level.NATION, None), ("4", Level.CITY, None), ("2", Level.CITY, "1"))
    found = tree([Authority(code, "局", "Bureau", "990100", level, parent) for code, level, parent in rows])
    assert [(one.code, depth) for one, depth in found] == [("1", 0), ("2", 1), ("3", 2), ("4", 0)]


def test_a_long_list_is_cut_into_pages() -> None:
    rows = list(range(2 * EACH_PAGE + 1))
    pages = [cut(rows, number) for number in ("1", "2", "3", "4", "x")]
    assert [each.rows[0] for each in pages] == [0, EACH_PAGE, 2 * EACH_PAGE, 2 * EACH_PAGE, 0]
    assert [each.more for each in pages] == [True, True, False, False, True]
    assert cut([], "7").rows == []
