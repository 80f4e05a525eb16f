"""A hub's staff on a real database, and people who sign in: each has a password and a device that shows codes."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import orjson
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import text

from hub.access.staff.caller import Staff
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import Role
from hub.access.staff.service import StaffAccess
from hub.access.staff.sessions import Way
from hub.audit.service import Audit
from hub.clock import Calendar, SetClock
from hub.database import Database
from hub.vault.service import Vault
from keys.store import KeyStore
from keys.store_lid import Cost

URL = "https://hub.example.gov.cn"
AUTHORITY, ELSEWHERE = "11990100MB0000001T", "11990200MB00000023"
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
CHEAP = Cost(1, 1, 8)
CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))


@dataclass
class Person:
    """Somebody with an account: what he knows and what he has."""

    staff: StaffAccess
    clock: SetClock
    login: str
    password: str
    id: str = ""
    secret: bytes = field(default=b"", repr=False)

    def takes(self, uri: str) -> None:
        """Let the device take a secret from an otpauth address, as a person scans it."""
        self.secret = base64.b32decode(parse_qs(urlsplit(uri).query)["secret"][0])

    def code(self, seconds: int = 0) -> str:
        """What the device shows now, or some seconds later or earlier."""
        return TOTP(self.secret, 6, SHA1(), 30).generate(int(self.clock.now().timestamp()) + seconds).decode()  # noqa: S303 - as people's devices do

    def sign_in(self, peer: tuple[str, int] | None = None) -> str:
        """Sign in with a fresh code and return the Authorization header."""
        self.clock.advance(seconds=30)
        return f"Bearer {self.staff.sign_in(self.login, self.password, self.code(), Way.API, peer).session.token}"

    def calls(self) -> Staff:
        """Sign in and return who he is."""
        return self.staff.caller(self.sign_in())


@dataclass
class Office:
    """The staff of one hub, its first administrator, and other processes on the same database."""

    database: Database
    audit: Audit
    clock: SetClock
    make: Callable[[], StaffAccess]
    staff: StaffAccess
    boss: Person

    def hire(self, login: str, *roles: tuple[Role, str | None], enrol: bool = True) -> Person:
        """Let the administrator add somebody with roles, and let him choose his password."""
        acting = self.boss.calls()
        made = self.staff.administration.add(acting, login, f"虚构人{login}")
        for role, authority in roles:
            wanted = RoleGrant(role.name, authority, CALENDAR.day(self.clock.now()))
            self.staff.administration.grant_role(acting, made.id, wanted)
        person = Person(self.staff, self.clock, login, made.password, made.id)
        if enrol:
            self.enrol(person)
        return person

    def enrol(self, person: Person) -> None:
        """Let somebody who has a temporary password choose his own."""
        signed = self.staff.sign_in(person.login, person.password, "", Way.API)
        assert signed.enrolment is not None
        person.takes(signed.enrolment)
        limited = self.staff.caller(f"Bearer {signed.session.token}")
        self.staff.change_password(limited, person.password, PASSWORD, person.code())
        person.password = PASSWORD

    def records(self) -> list[dict[str, Any]]:
        """Return the records of staff, in order."""
        with self.database.snapshot() as session:
            rows = session.execute(text("SELECT body FROM audit_record WHERE kind = 'staff' ORDER BY sequence"))
            return [orjson.loads(bytes(row[0])) for row in rows]

    def operations(self) -> list[str]:
        """Return what the records of staff say was done, in order."""
        return [record["operation"] for record in self.records()]


def open_office(database: Database, store: KeyStore, clock: SetClock) -> Office:
    """Found a hub's staff: the first administrator is `boss`."""
    audit, vault = Audit(database, clock), Vault(database, store)
    audit.prepare()
    vault.prepare()

    def make() -> StaffAccess:
        other = Vault(database, store)
        other.refresh()
        return StaffAccess(database, other, audit, clock, CALENDAR, public_url=URL, cost=CHEAP)

    staff = make()
    boss = Person(staff, clock, "boss", PASSWORD)
    founder = staff.founding.begin(boss.login, "虚构人甲", boss.password)
    boss.takes(founder.enrolment)
    boss.id = staff.founding.finish(founder, boss.code())
    return Office(database, audit, clock, make, staff, boss)
