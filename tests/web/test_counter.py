"""The counter as the hub serves it: for clerks alone, plain without script, and a kept page that holds nothing of anybody."""

import json
from pathlib import Path

import httpx
import pytest

from hub.access.staff.roles import AUDITOR, COUNTER_CLERK
from hub.web.built import BuiltFront
from hub.web.counter.installing import POLICY
from hub.web.words.catalogues import words
from hub.web.words.languages import ENGLISH
from tests.acceptance.small_hub import ISSUER, ITEM, READER, URL, furnish
from tests.access.staff.office import Person
from tests.web.visitor import Building, Visitor, fields, text

JSON = {"accept": "application/json", "origin": URL, "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def clerk(house: Building) -> Person:
    furnish(house.hub, whole=False)
    house.hub.refresh()
    return house.hire("mei.lan", (COUNTER_CLERK, READER))


@pytest.fixture
def desk(visitor: Visitor, clerk: Person) -> Visitor:
    visitor.sign_in(clerk)
    return visitor


def scan(desk: Visitor, token: str | None = None, **given: str) -> httpx.Response:
    shown = fields(desk.get("/counter")).hidden["form_token"] if token is None else token
    headers = {**JSON, "x-form-token": shown, "content-type": "application/json"}
    return desk.runner.run(desk.http.post("/counter/scan", content=json.dumps(given), headers=headers))


def test_who_is_not_signed_in_is_led_to_sign_in_and_who_is_no_clerk_is_told(visitor: Visitor, house: Building) -> None:
    led = visitor.get("/counter")
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=%2Fcounter")
    assert visitor.get("/counter/state", headers=JSON).json()["code"] == "SESSION_INVALID"
    visitor.sign_in(house.hire("auditor", (AUDITOR, None)))
    assert visitor.get("/counter").status_code == 403
    assert 'href="/counter"' not in visitor.get("/").text


def test_a_clerk_finds_the_page_and_what_he_may_work_on(desk: Visitor) -> None:
    assert 'href="/counter"' in desk.get("/").text
    page = desk.get("/counter")
    assert page.headers["cache-control"] == "no-store"
    assert {"wasm-unsafe-eval", "trusted-types counter"} <= {
        each.strip("' ")
        for rule in page.headers["content-security-policy"].split(";")
        for each in (rule, *rule.split(" '"))
    }
    assert "camera=(self)" in page.headers["permissions-policy"]
    state = desk.get("/counter/state", headers=JSON).json()
    assert [each["code"] for each in state["items"]] == [ITEM]
    assert set(state) == {"token", "session", "login", "items"}


def test_the_kept_page_holds_nothing_of_anybody(desk: Visitor, clerk: Person) -> None:
    shell = desk.get("/counter/shell").text
    desk.http.cookies.clear()
    assert shell.count(clerk.login) == 0
    assert fields(desk.get("/counter/shell")).hidden["form_token"] == ""
    assert '<script type="application/json" id="counter-state">null</script>' in shell


def test_a_form_without_script_gets_the_verdict_as_a_page(desk: Visitor) -> None:
    shown = desk.fill("/counter", "/counter/scan", code="https://pay.example/one-cent", item="", caseNumber="")
    assert 'data-colour="AMBER"' in shown.text
    assert words(ENGLISH)("verdict.word.NOT_A_CODE") in text(shown)


def test_a_script_gets_it_as_json_and_the_form_token_is_asked_for(desk: Visitor) -> None:
    told = scan(desk, code="nothing").json()
    assert (told["verdict"]["word"], told["materials"], told["licences"]) == ("NOT_A_CODE", [], [])
    refused = scan(desk, "another", code="nothing")
    assert (refused.status_code, refused.json()["code"]) == (403, "FORM_REFUSED")


@pytest.mark.parametrize("given", [{"code": 1}, {"code": "A", "more": "B"}, ["A"], "A"])
def test_what_is_not_of_the_shape_is_refused(desk: Visitor, given: object) -> None:
    token = fields(desk.get("/counter")).hidden["form_token"]
    headers = {**JSON, "x-form-token": token, "content-type": "application/json"}
    refused = desk.runner.run(desk.http.post("/counter/scan", content=json.dumps(given), headers=headers))
    assert (refused.status_code, refused.json()["code"]) == (400, "INPUT_INVALID")


def test_a_case_of_another_authority_is_not_his(desk: Visitor, house: Building) -> None:
    house.hub.catalogue.add_item("11990100MB0000001T4000199904111", "餐饮", "Catering", ISSUER)
    house.hub.refresh()
    refused = scan(desk, code="nothing", item="11990100MB0000001T4000199904111", caseNumber="1")
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE_MISSING")


def test_it_can_be_installed(visitor: Visitor) -> None:
    manifest = visitor.get("/counter/manifest.webmanifest")
    described = manifest.json()
    assert (described["start_url"], described["scope"], described["lang"]) == ("/counter", "/counter", "en")
    assert {(each["sizes"], each["purpose"]) for each in described["icons"]} >= {
        ("512x512", "any"),
        ("192x192", "maskable"),
    }
    for icon in described["icons"]:
        drawn = visitor.get(icon["src"])
        assert drawn.content.startswith(b"\x89PNG")
        assert int.from_bytes(drawn.content[16:20]) == int(icon["sizes"].partition("x")[0])
    assert visitor.get("/counter/icons/any-9999.png").status_code == 404


def test_built_files_are_kept_by_caches_and_the_service_worker_is_not(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"script": "counter-A.js"}')
    (tmp_path / "counter-A.js").write_text("export {};")
    (tmp_path / "reader-B.wasm").write_bytes(b"\0asm")
    front = BuiltFront(tmp_path, POLICY)
    wasm = front.answer("reader-B.wasm", "immutable")
    assert (wasm.headers["content-type"], wasm.headers["cache-control"]) == ("application/wasm", "immutable")
    assert front.answer("manifest.json", "").status_code == 404
    missing = BuiltFront(tmp_path / "missing", POLICY)
    assert (missing.begins, missing.answer("counter-A.js", "").status_code) == ({}, 404)
