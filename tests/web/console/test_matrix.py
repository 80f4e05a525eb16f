"""Rights on pages: every row of every section's table, sent as every role, by link and by form.

The tables say whose a row is, and the door must hold to it; what is for all staff is written down here a second time (ALL_STAFF), so nobody opens
a page to everybody by leaving its roles out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from starlette.types import Message, Scope

from hub.access.staff.roles import ROLES, Reach, Role
from hub.access.staff.sessions import Way
from hub.app import Offering
from hub.endpoints.errors import status
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.sections import Act
from hub.web.console.table import SECTIONS
from hub.web.pages import Pages
from hub.web.signed_in import SignedIn
from tests.acceptance.small_hub import URL
from tests.web.console.objects import AWAY, EXAMPLES, made, path_of
from tests.web.console.office import HOME, Office
from tests.web.console.same_acts import SAME_ACTS, document
from tests.web.visitor import Visitor

ACCOUNT = {
    "GET /console/account", "POST /console/account/sessions/end", "POST /console/account/sessions/{session_id}/end",
    "GET /console/account/password", "POST /console/account/password", "GET /console/account/authenticator",
    "POST /console/account/authenticator", "POST /console/account/authenticator/finish",
}  # fmt: skip
"""Everybody's own; what is somebody else's answers nobody there."""
ALL_STAFF = {"GET /console", "GET /console/done/{act}", "GET /console/dashboard"} | ACCOUNT
SCRIPT = {"accept": "application/json", "origin": URL, "sec-fetch-site": "same-origin"}
"""Refusals are told as JSON; what is not refused is a page anyway."""
NOBODYS = "00000000000000000000"
"""Stands for whatever a path names: there is none, so nothing can come of it."""
PLACE = re.compile(r"\{[a-z_]+(?::[a-z]+)?\}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status_code: int
    location: str
    text: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody's browser, with the token of its forms. It speaks ASGI itself: there are thousands of requests."""

    visitor: Visitor

    def send(self, act: Act, path: str = "", **fields: str) -> Answer:
        session = self.visitor.session or ""
        form = urlencode({forms.FIELD: forms.token_for(session), **fields}) if act.method == "POST" else ""
        headers = {**SCRIPT, "cookie": f"__Host-session={session}" if session else "", "content-length": str(len(form))}
        headers |= {"content-type": "application/x-www-form-urlencoded"} if form else {}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": act.method, "scheme": "https", "query_string": b"",
            "path": path or PLACE.sub(NOBODYS, act.path), "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1), "server": ("hub.example.gov.cn", 443), "root_path": "",
        }  # fmt: skip
        return self.visitor.runner.run(self._asked(scope, form.encode()))

    async def _asked(self, scope: Scope, body: bytes) -> Answer:
        told: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            told.append(message)

        await self.visitor.app(scope, receive, send)
        headers = {name.lower(): value for name, value in told[0]["headers"]}
        text = b"".join(each.get("body", b"") for each in told[1:]).decode("utf-8", "replace")
        return Answer(told[0]["status"], headers.get(b"location", b"").decode(), text)

    def is_refused(self, act: Act, path: str = "") -> bool:
        """Tell whether he lacks the role; whatever else comes of it, the hub must not fail."""
        answer = self.send(act, path)
        assert answer.status_code < 500, named(act)
        return answer.status_code == 403 and "ROLE_MISSING" in answer.text


def named(act: Act) -> str:
    return f"{act.method} {act.path}"


@pytest.fixture(scope="module")
def acts(office: Office) -> list[Act]:
    pages = Pages.of(office.hub.settings, office.hub.clock, status)
    console = Console(pages, SignedIn(pages, office.hub.staff), office.hub, Offering.of(office.hub))
    return [act for section in SECTIONS for act in section.opened(console).acts()]


def test_only_these_pages_are_for_all_staff(acts: list[Act]) -> None:
    assert {named(act) for act in acts if not act.roles} == ALL_STAFF


def test_what_changes_something_is_a_form(acts: list[Act]) -> None:
    assert {act.method for act in acts} <= {"GET", "POST"}


def test_no_row_stands_twice_and_each_lies_within_its_section(acts: list[Act]) -> None:
    assert len({named(act) for act in acts}) == len(acts)
    assert all(act.path.startswith("/console") for act in acts)
    assert all(isinstance(role, Role) for act in acts for role in act.roles)


@pytest.mark.parametrize("role", ROLES)
def test_a_row_is_reached_by_its_roles_and_by_no_other(office: Office, acts: list[Act], role: str) -> None:
    sender = Sender(office.visitor(role))
    refused = {named(act): sender.is_refused(act) for act in acts}
    assert refused == {named(act): bool(act.roles) and role not in {one.name for one in act.roles} for act in acts}


def test_who_holds_no_role_reaches_what_is_for_all_staff_alone(office: Office, acts: list[Act]) -> None:
    person = office.building.hire("without.a.role")
    visitor = office.building.visitor()
    visitor.bring(person.sign_in().removeprefix("Bearer "))
    sender = Sender(visitor)
    assert {named(act) for act in acts if not sender.is_refused(act)} == ALL_STAFF


def test_who_has_still_to_choose_his_password_is_led_to_do_so_wherever_he_goes(office: Office, acts: list[Act]) -> None:
    person = office.building.hire("newcomer", enrol=False)
    visitor = office.building.visitor()
    visitor.bring(office.hub.staff.sign_in(person.login, person.password, "", Way.PAGE).session.token)
    led = {Sender(visitor).send(act).location for act in acts}
    assert led == {"/sign-in/first"}


def test_who_is_not_signed_in_reaches_nothing(office: Office, acts: list[Act]) -> None:
    stranger = Sender(office.stranger())
    assert {stranger.send(act).status_code for act in acts} == {401}


FORM = {
    "once": "matrix_matrix_matrix", "revision": "1", "version": "1", "reason": "虚构事由", "basis": "虚构条例", "note": "虚构说明",
    "days": "5", "confirmed": "yes",
}  # fmt: skip
"""What forms of acts ask for, so that nothing but the authority is in the way."""
OPEN_TO_STEWARDS = re.compile(r"GET /console/catalogue/.*")
"""The catalogue is one for all: its stewards look at what each other keep."""
NOT_IN_THE_OFFICE = {"/console/catalogue/items/{item}/versions/{version}", "/console/seals/{es_id}/resealing/{job}"}
"""Nothing was published for the item, and nothing is sealed anew."""
NOT_TRIED = {
    "/console/licences/issue/done/{act}", "/console/seals/roots/{suite}",
}  # fmt: skip
"""What is somebody's own, or the whole hub's."""
SAME_FOR_ALL = frozenset(("/console/licences/issue/{type}", "/console/licences/issue/{type}/preview"))
"""Types are nobody's; forms of them know their authority by themselves."""


@pytest.fixture(scope="module")
def objects(office: Office) -> Mapping[str, str]:
    return made(office)


@pytest.fixture(scope="module")
def paths(office: Office, objects: Mapping[str, str], acts: list[Act]) -> dict[str, str]:
    """Give paths of real objects by their templates."""
    found = {act.path: path_of(act.path, objects) for act in acts if "{" in act.path and act.path not in SAME_FOR_ALL}
    examples = {template: path(office) for template, path in EXAMPLES.items() if template not in SAME_FOR_ALL}
    return {**{template: path for template, path in found.items() if path is not None}, **examples}


@pytest.mark.parametrize("role", [name for name, role in ROLES.items() if role.reach is not Reach.HUB])
def test_a_role_for_another_authority_reaches_no_object(
    office: Office, acts: list[Act], paths: dict[str, str], role: str
) -> None:
    sender = Sender(office.visitor(role, AWAY))
    mine = [act for act in acts if act.path in paths and role in {one.name for one in act.roles}]
    answers = {
        named(act): sender.send(act, paths[act.path], **FORM)
        for act in mine if not OPEN_TO_STEWARDS.fullmatch(named(act))
    }  # fmt: skip
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code not in {403, 404}} == {}


def test_objects_of_the_matrix_are_there_for_whoever_holds_the_role_for_them(
    office: Office, acts: list[Act], paths: dict[str, str]
) -> None:
    shown = [act for act in acts if act.method == "GET" and act.path in paths and act.path.endswith("}")]
    whole = {act.roles[0].name: act.roles[0] for act in shown}
    senders = {
        name: Sender(office.visitor(name, None if role.reach is Reach.EITHER else HOME[name]))
        for name, role in whole.items()
    }
    answers = {act.path: senders[act.roles[0].name].send(act, paths[act.path]).status_code for act in shown}
    assert {path for path, status_code in answers.items() if status_code in {403, 404}} == NOT_IN_THE_OFFICE


def test_every_path_with_a_place_is_tried_with_a_real_object(acts: list[Act], paths: dict[str, str]) -> None:
    held = {act.path for act in acts if any(role.reach is not Reach.HUB for role in act.roles)}
    assert {path for path in held if "{" in path} - paths.keys() == NOT_TRIED | SAME_FOR_ALL


REFUSALS = re.compile(r"ROLE_MISSING|SCOPE_MISSING|TOKEN_INVALID|NOT_FOUND|[A-Z_]+_UNKNOWN")
AT_ONCE = 6
"""Acts of one document; a larger one is refused for its cost."""


@pytest.mark.parametrize("role", ROLES)
def test_the_same_acts_are_refused_by_graphql(
    office: Office, acts: list[Act], objects: Mapping[str, str], role: str
) -> None:
    whose = {act.path: {one.name for one in act.roles} for act in acts if act.method == "POST"}
    assert SAME_ACTS.keys() <= whose.keys()
    others = [path for path in SAME_ACTS if role not in whose[path]]
    assert refused(office, role, HOME[role], others, objects) == []
    if ROLES[role].reach is not Reach.HUB:
        assert refused(office, role, AWAY, [path for path in SAME_ACTS if role in whose[path]], objects) == []


def refused(
    office: Office, role: str, authority: str | None, paths: list[str], objects: Mapping[str, str]
) -> list[tuple[str, str | None]]:
    """Ask for acts as who holds a role for an authority; return those that were not refused for that."""
    visitor, found = office.visitor(role, authority), []
    for start in range(0, len(paths), AT_ONCE):
        some = paths[start : start + AT_ONCE]
        answer = visitor.send(
            "POST", "/graphql", json={"query": document(some, objects)},
            headers={"authorization": f"Bearer {visitor.session}", "accept": "application/json"},
        )  # fmt: skip
        told = answer.json()
        assert "data" in told, told
        found += [(path, (told["data"][f"a{place}"] or {}).get("code")) for place, path in enumerate(some)]
    return [(path, code) for path, code in found if not code or not REFUSALS.fullmatch(code)]
