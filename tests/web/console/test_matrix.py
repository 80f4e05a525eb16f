"""Rights on pages: every row of every section's table, sent as every role, by link and by form.

The tables say whose a row is, and the door must hold to it; what is for all staff is written down here a second time (ALL_STAFF), so nobody opens
a page to everybody by leaving its roles out.
"""

import re
from dataclasses import dataclass

import httpx
import pytest

from hub.access.staff.roles import ROLES, Role
from hub.access.staff.sessions import Way
from hub.endpoints.errors import status
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.sections import Act
from hub.web.console.table import SECTIONS
from hub.web.pages import Pages
from hub.web.signed_in import SignedIn
from tests.acceptance.small_hub import URL
from tests.web.console.office import Office
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
class Sender:
    """Somebody's browser, with the token of its forms."""

    visitor: Visitor

    def send(self, act: Act, path: str = "") -> httpx.Response:
        address = path or PLACE.sub(NOBODYS, act.path)
        given = {forms.FIELD: forms.token_for(self.visitor.session or "")} if act.method == "POST" else None
        return self.visitor.send(act.method, address, data=given, headers=SCRIPT)

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
    console = Console(pages, SignedIn(pages, office.hub.staff), office.hub)
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
    led = {Sender(visitor).send(act).headers.get("location") for act in acts}
    assert led == {"/sign-in/first"}


def test_who_is_not_signed_in_reaches_nothing(office: Office, acts: list[Act]) -> None:
    stranger = Sender(office.stranger())
    assert {stranger.send(act).status_code for act in acts} == {401}
