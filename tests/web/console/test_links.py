"""Every page of the console that a role's links lead to: none is dead or refused, all are of one make, forms are taken from their own page alone."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import httpx
import pytest
from starlette.routing import compile_path
from typing_extensions import override

from hub.access.staff.roles import ROLES
from hub.app import Offering
from hub.endpoints.errors import status
from hub.web.console.frame import Console
from hub.web.console.sections import Act
from hub.web.console.table import SECTIONS
from hub.web.pages import Pages
from hub.web.policy import HEADERS
from hub.web.signed_in import SignedIn
from tests.acceptance.small_hub import COMPANY, URL
from tests.web.console.office import Office
from tests.web.visitor import Visitor

MOST_OF_A_KIND: Final = 3
"""How many pages of one route are looked at: a list of fifty leads to fifty pages of one template."""
POLICY: Final = "Content-Security-Policy"
LEAD: Final = re.compile(r'<p class="lead[^"]*">\s*[^<\s]')
HANDLERS: Final = re.compile(r"on[a-z]+")
PERSONAL: Final = (
    COMPANY.number,
    *(each["code"] for each in COMPANY.holders),
    *(each["name"] for each in COMPANY.holders),
)


class Seen(HTMLParser):
    """What matters here of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.fields: list[set[str]] = []
        self.ids: Counter[str] = Counter()
        self.headings = 0
        self.forbidden: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.headings += tag == "h1"
        self.ids.update([given["id"]] if "id" in given else [])
        self.forbidden += [f"{tag} {name}" for name in given if name == "style" or HANDLERS.fullmatch(name)]
        self.forbidden += [tag] if tag == "style" or (tag == "script" and not _harmless(given)) else []
        self.forbidden += [
            value for name, value in given.items() if name in {"href", "src", "action"} and _elsewhere(value)
        ]
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self.forms.append(given)
            self.fields.append(set())
        if tag in {"input", "select", "textarea", "button"} and self.fields and "name" in given:
            self.fields[-1].add(given["name"])


def _harmless(script: dict[str, str]) -> bool:
    return script.get("type") == "application/json" or "src" in script


def _elsewhere(address: str) -> bool:
    parts = urlsplit(urljoin(URL, address))
    return parts.scheme not in {"https", "data"} or (parts.scheme == "https" and f"https://{parts.netloc}" != URL)


@dataclass
class Walk:
    """A walk through everything that links lead somebody to."""

    visitor: Visitor
    kinds: list[re.Pattern[str]]
    pages: dict[str, httpx.Response] = field(default_factory=dict)
    _of_a_kind: Counter[int] = field(default_factory=Counter)

    def go(self) -> None:
        waiting = ["/console"]
        while waiting:
            path = waiting.pop(0)
            if path in self.pages or not self._is_new(path):
                continue
            self.pages[path] = answer = self.visitor.get(path)
            if answer.headers.get("content-type", "").startswith("text/html"):
                links = (urljoin(path, each.partition("#")[0]) for each in Seen(answer.text).links)
                waiting += [each for each in links if urlsplit(each).path.startswith("/console")]

    def _is_new(self, path: str) -> bool:
        kind = self.kind(path)
        self._of_a_kind[kind] += 1
        return self._of_a_kind[kind] <= MOST_OF_A_KIND

    def kind(self, path: str) -> int:
        found = (place for place, each in enumerate(self.kinds) if each.fullmatch(urlsplit(path).path))
        return next(found, -1)


@pytest.fixture(scope="module")
def acts(office: Office) -> list[Act]:
    pages = Pages.of(office.hub.settings, office.hub.clock, status)
    console = Console(pages, SignedIn(pages, office.hub.staff), office.hub, Offering.of(office.hub))
    return [act for section in SECTIONS for act in section.opened(console).acts()]


@pytest.fixture(scope="module")
def walks(office: Office, acts: list[Act]) -> dict[str, Walk]:
    kinds = [compile_path(path)[0] for path in sorted({act.path for act in acts}, key=lambda path: "{" in path)]
    made = {role: Walk(office.visitor(role), kinds) for role in ROLES}
    for walk in made.values():
        walk.go()
    return made


def pages_of(walk: Walk) -> dict[str, Seen]:
    return {
        path: Seen(answer.text)
        for path, answer in walk.pages.items()
        if answer.headers.get("content-type", "").startswith("text/html")
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_link_that_somebody_sees_is_good_for_him(walks: dict[str, Walk], role: str) -> None:
    assert {path: answer.status_code for path, answer in walks[role].pages.items() if answer.status_code != 200} == {}


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_is_kept_or_guessed_at_and_pages_run_the_hubs_own_files_alone(
    walks: dict[str, Walk], role: str
) -> None:
    for path, answer in walks[role].pages.items():
        assert "no-store" in answer.headers["cache-control"], path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        if answer.headers["content-type"].startswith("text/html"):
            policy = dict(each.partition(" ")[::2] for each in answer.headers["content-security-policy"].split("; "))
            assert (policy["default-src"], policy["script-src"], policy["style-src"]) == (
                "'none'",
                "'self'",
                "'self'",
            ), path
            assert {name: answer.headers.get(name) for name in HEADERS} | {POLICY: ""} == {**HEADERS, POLICY: ""}, path


@pytest.mark.parametrize("role", ROLES)
def test_pages_are_well_made(walks: dict[str, Walk], role: str) -> None:
    for path, seen in pages_of(walks[role]).items():
        assert seen.forbidden == [], path
        assert seen.headings == 1, path
        assert LEAD.search(walks[role].pages[path].text), path  # one line says what a page is for
        assert [name for name, times in seen.ids.items() if times > 1] == [], path
        sending = [names for form, names in zip(seen.forms, seen.fields, strict=True) if form.get("method") == "post"]
        assert all("form_token" in names for names in sending), path


@pytest.mark.parametrize("role", ROLES)
def test_no_address_tells_of_a_person(walks: dict[str, Walk], role: str) -> None:
    for path, seen in pages_of(walks[role]).items():
        addresses = [unquote(each) for each in (path, *seen.links, *(form.get("action", "") for form in seen.forms))]
        assert [each for each in addresses if any(said in each for said in PERSONAL)] == [], path


@pytest.mark.parametrize("role", ROLES)
def test_a_form_that_comes_from_elsewhere_is_not_taken(walks: dict[str, Walk], role: str) -> None:
    walk = walks[role]
    sent = {
        urljoin(path, form["action"] or path).partition("?")[0]
        for path, seen in pages_of(walk).items()
        for form in seen.forms
        if form.get("method") == "post" and form["action"] != "/sign-out"
    }
    for action in sorted(sent):
        forged = walk.visitor.post(action, {"reason": "x", "form_token": "x"}, headers={"origin": URL})
        assert (forged.status_code, "FORM_REFUSED" in forged.text) == (403, True), action
        elsewhere = walk.visitor.post(action, {"reason": "x"}, headers={"origin": "https://elsewhere.example"})
        assert (elsewhere.status_code, "FORM_REFUSED" in elsewhere.text) == (403, True), action


def test_every_page_is_reached_by_a_link(walks: dict[str, Walk], acts: list[Act]) -> None:
    seen = {urlsplit(path).path for walk in walks.values() for path in walk.pages}
    wanted = {act.path for act in acts if act.method == "GET" and "{" not in act.path}
    assert sorted(wanted - seen) == []
