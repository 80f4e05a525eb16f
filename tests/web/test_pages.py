"""What all pages have in common: what a browser may do with them, that no cache keeps them, and that every failure is one of them."""

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, COUNTER_CLERK, SEAL_MAKER
from hub.app import create_app
from hub.audit.service import Pending
from hub.endpoints.errors import status
from hub.errors import NotFoundError, UnavailableError
from hub.limits import Limits
from hub.web.files import StaticFiles, static_files
from hub.web.pages import PageRoute, Pages
from hub.web.places import Places
from hub.web.policy import HEADERS, allowing
from hub.web.signed_in import SignedIn
from hub.web.start import StartPages
from tests.acceptance.small_hub import URL
from tests.access.staff.office import AUTHORITY
from tests.web.visitor import Building, Visitor, fields, text

ANSWERS = (
    ("GET", "/", 200), ("HEAD", "/", 200), ("GET", "/sign-in", 200), ("GET", "/sign-in/first", 303), ("GET", "/sign-out", 405),
    ("PUT", "/sign-in", 405), ("POST", "/sign-in", 400), ("GET", "/language/xx", 400), ("GET", "/language/en", 303),
    ("GET", "/nowhere", 404), ("GET", "/static/nothing.css", 404), ("DELETE", "/", 405),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path", "expected"), ANSWERS)
def test_every_answer_of_a_page_keeps_the_browser_on_a_short_lead(
    visitor: Visitor, method: str, path: str, expected: int
) -> None:
    answer = visitor.send(method, path)
    assert answer.status_code == expected
    held_close(answer)
    if expected != 404 or not path.startswith("/static"):
        assert answer.headers["cache-control"] == "no-store"
    if expected == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_body_that_nobody_asked_for_changes_nothing(visitor: Visitor, method: str) -> None:
    answer = visitor.send(
        method,
        "/sign-in",
        content=b"login=a&form_token=b",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 200
    held_close(answer)


@pytest.mark.parametrize("host", ["[", "evil.example", "", "a b"])
def test_whatever_host_is_named_pages_lead_within_this_hub(visitor: Visitor, host: str) -> None:
    for path in ("/", "/sign-in", "/language/en", "/nowhere"):
        answer = visitor.get(path, headers={"host": host})
        assert answer.status_code in {200, 303, 404}
        assert "evil.example" not in answer.text + answer.headers.get("location", "")


@pytest.mark.parametrize("tag", ["en%0d%0aset-cookie:%20a=b", "EN", "en%00", "zh-CN%20"])
def test_only_a_language_that_there_is_is_kept(visitor: Visitor, tag: str) -> None:
    answer = visitor.get(f"/language/{tag}")
    assert answer.status_code in {400, 404}
    assert "set-cookie" not in answer.headers


def held_close(answer: httpx.Response) -> None:
    """Assert that a browser runs the hub's own files only, and tells no other host anything."""
    rules = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert {rules[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert {rules[name] for name in ("frame-ancestors", "base-uri", "trusted-types")} == {"'none'"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]


def test_a_page_that_needs_more_says_what() -> None:
    more = allowing({"script-src": "'self' 'wasm-unsafe-eval'", "trusted-types": ""}, "camera")
    assert "script-src 'self' 'wasm-unsafe-eval';" in more["Content-Security-Policy"]
    assert "trusted-types 'none'" not in more["Content-Security-Policy"]
    assert "camera=(self), microphone=()" in more["Permissions-Policy"]
    assert {name: value for name, value in more.items() if HEADERS[name] == value}.keys() == HEADERS.keys() - {
        "Content-Security-Policy",
        "Permissions-Policy",
    }


def test_a_page_is_written_in_the_readers_language_and_he_may_choose_another(house: Building) -> None:
    visitor = house.visitor()
    assert '<html lang="en">' in visitor.get("/").text
    chosen = visitor.get("/language/zh-CN", params={"next": "/sign-in"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/sign-in")
    page = visitor.get("/sign-in")
    assert '<html lang="zh-CN">' in page.text
    assert 'href="/language/en?next=/sign-in"' in page.text
    assert {"accept-language", "cookie"} == {each.strip().lower() for each in page.headers["vary"].split(",")}


def test_a_hub_under_a_path_of_its_host_leads_within_that_path(house: Building) -> None:
    pages = Pages.of(replace(house.hub.settings, public_url=f"{URL}/licences"), house.clock, status)
    start = StartPages(pages, house.hub.staff, Places(), explorer=False)
    inside = Starlette(
        routes=[Route(path, PageRoute(pages, path, methods)) for path, methods in start.routes().items()]
    )
    visitor = Visitor(house.runner, inside)
    page = visitor.get("/")
    led = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text)
    assert led
    assert [each for each in led if not each.startswith("/licences/")] == []
    assert visitor.get("/language/en").headers["location"] == "/licences/"
    assert pages.origin == URL  # browsers name no path


def test_files_are_named_by_their_content_and_kept_for_ever(visitor: Visitor) -> None:
    path = static_files().path("hub.css")
    assert path in visitor.get("/").text
    answer = visitor.get(path)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert visitor.get("/static/hub.css").status_code == 404
    for path in ("/static/../pages.py", "/static/..%2Fpages.py", "/static/%2e%2e/pages.py"):
        assert visitor.get(path).status_code == 404


def test_scripts_name_each_other_by_the_names_they_are_served_under(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text('import { a } from "./two.js";')
    (tmp_path / "two.js").write_text("export const a = 1;")
    (tmp_path / "notes.txt").write_text("not served")
    files = StaticFiles(tmp_path)
    assert f'"./{files.path("two.js").rpartition("/")[2]}"' in files.text("one.js")
    assert set(files.names()) == {"one.js", "two.js"}


def test_the_start_page_leads_to_the_counter_whoever_may_go_there(house: Building) -> None:
    auditor, clerk = (
        house.hire("auditor-of-start", (AUDITOR, None)),
        house.hire("clerk-of-start", (COUNTER_CLERK, AUTHORITY)),
    )
    pages, places = Pages.of(house.hub.settings, house.clock, status), Places()
    start = StartPages(pages, house.hub.staff, places, explorer=False)
    inside = Starlette(routes=[Route("/", PageRoute(pages, "/", start.routes()["/"]))])
    visitor = Visitor(house.runner, under_policy(house, inside))
    assert 'href="/counter"' not in visitor.get("/").text  # before there is one
    places.add(["/counter"])
    assert 'href="/counter"' in visitor.get("/").text
    for person, led in ((auditor, False), (clerk, True)):
        door = house.visitor()
        door.sign_in(person)
        visitor.bring(str(door.session))
        assert ('href="/counter"' in visitor.get("/").text) is led


# -- failures ------------------------------------------------------------------------------------------------------------


class Pretended:
    """Pages of which each fails in its own way."""

    def __init__(self, house: Building, error: Exception) -> None:
        self.error = error
        pages = Pages.of(house.hub.settings, house.clock, status)
        self.app = Starlette(routes=[Route("/page", PageRoute(pages, "/page", {"GET": self.fail}))])

    async def fail(self, _request: Request) -> Response:
        raise self.error


@pytest.mark.parametrize(
    ("error", "expected", "said"),
    [
        (NotFoundError(), 404, "no such page"),
        (UnavailableError(), 503, "cannot answer just now"),
        (ValueError("13900000000 <script>"), 500, "Something went wrong"),
    ],
)
def test_whatever_a_page_raises_becomes_a_page_without_its_text(
    house: Building, error: Exception, expected: int, said: str
) -> None:
    visitor = Visitor(house.runner, Pretended(house, error).app)
    answer = visitor.get("/page")
    assert answer.status_code == expected
    assert said in text(answer)
    assert "13900000000" not in answer.text
    held_close(answer)
    told = visitor.get("/page", headers={"accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (expected, getattr(error, "code", "INTERNAL"))
    assert "13900000000" not in told.text
    held_close(told)


def test_what_the_guard_refuses_is_a_page_for_a_browser_and_json_for_a_machine(house: Building) -> None:
    small = replace(
        house.hub, settings=replace(house.hub.settings, limits=Limits(body_bytes=64 * 1024, document_bytes=1024))
    )
    visitor = Visitor(house.runner, create_app(small))
    told = visitor.post("/sign-in", {"login": "x" * 70_000})
    assert told.status_code == 413
    assert "too large" in text(told)
    held_close(told)
    machine = visitor.post("/sessions", {"login": "x" * 70_000}, headers={"accept": "application/json"})
    assert (machine.status_code, machine.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_a_machine_is_told_plainly_that_nothing_is_there(visitor: Visitor) -> None:
    answer = visitor.get("/nowhere", headers={"accept": "application/json"})
    assert (answer.status_code, answer.text) == (404, "Not Found")


# -- pages for staff -----------------------------------------------------------------------------------------------------


def under_policy(house: Building, inside: ASGIApp) -> ASGIApp:
    """Give an application what the guard gives: the policy of the moment, for each request."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        house.hub.refresh()
        scope.setdefault("state", {})["pending"] = Pending(epoch=house.hub.epoch())
        await inside(scope, receive, send)

    return app


@pytest.fixture(scope="module")
def guarded(house: Building) -> ASGIApp:
    """Give pages for clerks and makers of seals, behind what the real application stands behind."""
    pages = Pages.of(house.hub.settings, house.clock, status)
    signed_in = SignedIn(pages, house.hub.staff)

    async def show(_request: Request, staff: Staff) -> Response:
        return Response(f"welcome {staff.login}")

    handler = signed_in.page(show, COUNTER_CLERK, SEAL_MAKER)
    inside = Starlette(routes=[Route("/counter", PageRoute(pages, "/counter", {"GET": handler, "POST": handler}))])

    return under_policy(house, inside)


def test_a_guarded_page_leads_nobody_to_sign_in_and_tells_a_stranger_which_role_it_takes(
    house: Building, guarded: ASGIApp
) -> None:
    clerk, auditor = house.hire("clerk-two", (COUNTER_CLERK, AUTHORITY)), house.hire("auditor", (AUDITOR, None))
    nobody = Visitor(house.runner, guarded)
    assert nobody.get("/counter").headers["location"] == "/sign-in?next=%2Fcounter"
    assert nobody.post("/counter", {"a": "b"}).status_code == 401
    script = nobody.get("/counter", headers={"accept": "application/json"})
    assert (script.status_code, script.json()["code"]) == (401, "SESSION_INVALID")
    for person, expected in ((clerk, 200), (auditor, 403)):
        door = house.visitor()
        door.sign_in(person)
        nobody.bring(str(door.session))
        answer = nobody.get("/counter")
        assert answer.status_code == expected
        if expected == 403:
            assert "Counter clerk" in text(answer)
            assert "Seal maker" in text(answer)
            assert "Hub administrators give roles" in text(answer)
        token = fields(door.get("/")).hidden["form_token"]
        assert nobody.post("/counter", {"a": "b"}).status_code == 403
        assert nobody.post("/counter", {"form_token": token}).status_code == expected
        by_script = nobody.post(
            "/counter", None, json={}, headers={"x-form-token": token, "accept": "application/json"}
        )
        assert by_script.status_code == expected


def test_a_role_that_was_withdrawn_is_gone_with_the_next_request(house: Building, guarded: ASGIApp) -> None:
    clerk = house.hire("clerk-three", (COUNTER_CLERK, AUTHORITY))
    door = house.visitor()
    door.sign_in(clerk)
    visitor = Visitor(house.runner, guarded)
    visitor.bring(str(door.session))
    assert visitor.get("/counter").status_code == 200
    house.hub.staff.administration.disable(house.boss.calls(), clerk.id)
    assert visitor.get("/counter").status_code == 303
