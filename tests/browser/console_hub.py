"""A serving hub that is furnished as tests/web/console/office.py says, with a session for a person of every role; and visits of theirs.

    with console.visit(browser, NARROW, "en", "LICENCE_OFFICER") as visit:
        visit.open("/console")
        visit.look("work")          # axe, nothing wider than the window, and a picture for whoever wants to look

Passwords are stretched cheaply, and nobody types one: the browser gets the cookie.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hub.access.staff import service
from hub.access.staff.caller import Staff
from hub.access.staff.passwords import Passwords
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import ROLES
from hub.access.staff.sessions import Way
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from hub.database import Database
from hub.settings import Settings
from tests.acceptance.serving_hub import ServingHub, free_port, serving
from tests.acceptance.small_hub import PASSPHRASE
from tests.access.staff.office import CHEAP, PASSWORD, Person
from tests.browser.pages_hub import Visit, code_now
from tests.web.console.office import HOME, Furniture, furnish_office

Furnishing = Callable[[Hub], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ConsoleHub:
    """The hub; `sessions` are tokens by the name of the role that their person holds, for HOME[role]."""

    serving: ServingHub
    furniture: Furniture
    sessions: Mapping[str, str]
    folder: Path

    @property
    def url(self) -> str:
        return self.serving.url

    @contextmanager
    def visit(
        self, browser: Browser, size: tuple[int, int], language: str, role: str, authority: str | None = None
    ) -> Iterator["ConsoleVisit"]:
        """Yield the visit of whoever holds a role for HOME[role], or for an authority for which somebody `more` was hired."""
        with ConsoleVisit.of(browser, self.url, size, language) as visit:
            assert isinstance(visit, ConsoleVisit)
            visit.page.context.add_cookies(
                [{"name": "session", "value": self.sessions[_name(role, authority)], "url": self.url}]
            )
            yield visit


class ConsoleVisit(Visit):
    """A visit to pages of the console."""

    def look(self, name: str) -> None:
        """Say that everybody can use what is shown, keep a picture of it, and that no policy was violated."""
        self.expect_accessible()
        self.expect_no_scrolling_sideways()
        assert self.page.evaluate("violations") == []
        self.shot(name)


@contextmanager
def console_hub(
    folder: Path, furnish: Furnishing | None = None, more: Sequence[tuple[str, str]] = (), **variables: str
) -> Iterator[ConsoleHub]:  # fmt: skip
    """Yield a hub that serves from the folder, on a free port of loopback; `furnish` adds to it before, `more` are roles for authorities."""
    port = free_port()
    url, data, passphrase = f"http://127.0.0.1:{port}", folder / "data", folder / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    data.mkdir()
    settings = Settings(public_url=url, data=data, database_url=f"sqlite:///{data / 'hub.db'}")
    Database(settings.database_url).migrate()
    with ThreadPoolExecutor(1) as elsewhere:  # Playwright's event loop is this thread's
        furniture, sessions = elsewhere.submit(asyncio.run, _furnished(settings, furnish, more)).result()
    environment = {"HUB_PUBLIC_URL": url, "HUB_DATA": str(data), "HUB_PASSPHRASE_FILE": str(passphrase)}
    served = ServingHub(url, {**os.environ, **environment, **variables}, port)
    with serving(served, folder / "log"):
        yield ConsoleHub(served, furniture, sessions, folder)


async def _furnished(
    settings: Settings, furnish: Furnishing | None, more: Sequence[tuple[str, str]]
) -> tuple[Furniture, Mapping[str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "Passwords", lambda _cost: Passwords(CHEAP))
        hub = open_hub(settings, PASSPHRASE)
    try:
        furniture = await asyncio.to_thread(furnish_office, hub)
        if furnish is not None:
            await furnish(hub)
        return furniture, await asyncio.to_thread(_sessions, hub, more)
    finally:
        await hub.close()


def _sessions(hub: Hub, more: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Found the hub's staff, hire a person for every role and let each sign in."""
    clock = SetClock(hub.clock.now())
    founder = hub.staff.founding.begin("boss", "虚构人甲", PASSWORD)
    boss = Person(hub.staff, clock, "boss", PASSWORD)
    boss.takes(founder.enrolment)
    hub.staff.founding.finish(founder, code_now(boss, -1))
    token = hub.staff.sign_in(boss.login, PASSWORD, code_now(boss), Way.API).session.token
    acting = hub.staff.caller(f"Bearer {token}")
    hired = [*((role, None) for role in ROLES), *more]
    return {_name(role, where): _session(hub, acting, clock, role, where) for role, where in hired}


def _name(role: str, authority: str | None) -> str:
    return f"{role} {authority}" if authority else role


def _session(hub: Hub, acting: Staff, clock: SetClock, role: str, authority: str | None) -> str:
    login = role.lower().replace("_", ".") + (f".{authority[-4:].lower()}" if authority else "")
    made = hub.staff.administration.add(acting, login, f"虚构人{login}")
    wanted = RoleGrant(role, authority or HOME[role], hub.settings.calendar.day(clock.now()))
    hub.staff.administration.grant_role(acting, made.id, wanted)
    person = Person(hub.staff, clock, login, made.password, made.id)
    signed = hub.staff.sign_in(login, made.password, "", Way.API)
    person.takes(signed.enrolment or "")
    limited = hub.staff.caller(f"Bearer {signed.session.token}")
    hub.staff.change_password(limited, made.password, PASSWORD, code_now(person, -1))
    return hub.staff.sign_in(login, PASSWORD, code_now(person), Way.PAGE).session.token
