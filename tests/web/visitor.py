"""A hub's application with visitors, who have a browser's cookies and no script, and staff with devices that show codes."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp
from typing_extensions import override

from hub.access.staff import service
from hub.access.staff.passwords import Passwords
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import Role
from hub.access.staff.sessions import Way
from hub.app import create_app
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from tests.acceptance.small_hub import PASSPHRASE, URL, settings
from tests.access.staff.office import CHEAP, NOW, PASSWORD, Person

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "en"}


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.names: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name"):
            self.names.append(str(given["name"]))
            if given.get("type") == "hidden":
                self.hidden[str(given["name"])] = given.get("value") or ""


@dataclass
class Visitor:
    """Somebody with a browser."""

    runner: asyncio.Runner
    app: ASGIApp
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url=URL, headers=HTML)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self.http.get(path, **more))

    def post(self, path: str, given: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        return self.runner.run(self.http.post(path, data=given, **more))

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self.http.request(method, path, **more))

    def fill(self, path: str, action: str = "", **given: str) -> httpx.Response:
        """Open a page, fill its form in and send it, as a browser does."""
        hidden = fields(self.get(path)).hidden
        return self.post(action or path, {**hidden, **given}, headers={"origin": URL, "sec-fetch-site": "same-origin"})

    def sign_in(self, person: Person, code: str | None = None, path: str = "/sign-in") -> httpx.Response:
        person.clock.advance(seconds=30)
        shown = person.code() if code is None else code
        return self.fill(path, "/sign-in", login=person.login, password=person.password, code=shown)

    def bring(self, token: str) -> None:
        """Put a session's token into the browser."""
        self.http.cookies.set("__Host-session", token, domain="hub.example.gov.cn", path="/")

    @property
    def session(self) -> str | None:
        return self.http.cookies.get("__Host-session")


def fields(page: httpx.Response) -> _Fields:
    found = _Fields()
    found.feed(page.text)
    return found


def text(page: httpx.Response) -> str:
    """Return what a reader sees of a page, roughly."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


@dataclass
class Building:
    """A hub with pages, its administrator, and whoever comes."""

    hub: Hub
    clock: SetClock
    app: ASGIApp
    runner: asyncio.Runner
    boss: Person

    def visitor(self) -> Visitor:
        return Visitor(self.runner, self.app)

    def hire(self, login: str, *roles: tuple[Role, str | None], enrol: bool = True) -> Person:
        """Let the administrator add somebody with roles, who then chooses his password."""
        acting = self.boss.calls()
        administration = self.hub.staff.administration
        made = administration.add(acting, login, f"虚构人{login}")
        for role, authority in roles:
            today = self.hub.settings.calendar.day(self.clock.now())
            administration.grant_role(acting, made.id, RoleGrant(role.name, authority, today))
        person = Person(self.hub.staff, self.clock, login, made.password, made.id)
        if enrol:
            signed = self.hub.staff.sign_in(login, made.password, "", Way.API)
            person.takes(signed.enrolment or "")
            limited = self.hub.staff.caller(f"Bearer {signed.session.token}")
            self.hub.staff.change_password(limited, made.password, PASSWORD, person.code())
            person.password = PASSWORD
        return person


@contextmanager
def building(folder: Path, database_url: str, now: datetime = NOW, **changes: Any) -> Iterator[Building]:
    """Yield a hub that is founded, at some moment and with other settings; its passwords are stretched cheaply."""
    clock = SetClock(now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "Passwords", lambda _cost: Passwords(CHEAP))
        hub = open_hub(replace(settings(folder, database_url), **changes), PASSPHRASE, clock)
    boss = Person(hub.staff, clock, "boss", PASSWORD)
    founder = hub.staff.founding.begin(boss.login, "虚构人甲", boss.password)
    boss.takes(founder.enrolment)
    boss.id = hub.staff.founding.finish(founder, boss.code())
    with asyncio.Runner() as runner:
        yield Building(hub, clock, create_app(hub), runner, boss)
        runner.run(hub.close())
