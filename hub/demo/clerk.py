"""The demonstration's clerk, who signs in at /counter: an account, a role, and an authenticator that the command line reads."""

import secrets
from base64 import b32decode
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from hub.access.staff.authenticator import DIGITS, STEP
from hub.access.staff.caller import Staff
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import COUNTER_CLERK
from hub.access.staff.sessions import Way
from hub.app import Hub

LOGIN: Final = "clerk"
EARLIER: Final = -STEP  # seconds: a code counts once, so the first sign-in takes that of the step before


@dataclass(frozen=True, slots=True)
class DemoClerk:
    """Who works at the counter: what he types, and the address that his authenticator took."""

    login: str
    password: str = field(repr=False)
    enrolment: str = field(repr=False)

    def code(self, at: float) -> str:
        """Return what his authenticator shows at a time, in seconds."""
        secret = b32decode(parse_qs(urlsplit(self.enrolment).query)["secret"][0])
        return TOTP(secret, DIGITS, SHA1(), STEP).generate(int(at)).decode("ascii")  # noqa: S303 - as every authenticator does


def hire_clerk(hub: Hub, authority: str) -> DemoClerk:
    """Make the hub's first administrator, and let him make a clerk of the authority."""
    boss = _founded(hub)
    made = hub.staff.administration.add(boss, LOGIN, "程示范")
    today = hub.settings.calendar.day(hub.clock.now())
    hub.staff.administration.grant_role(boss, made.id, RoleGrant(COUNTER_CLERK.name, authority, today))
    signed = hub.staff.sign_in(LOGIN, made.password, "", Way.API)
    clerk = DemoClerk(LOGIN, secrets.token_urlsafe(12), signed.enrolment or "")
    now = hub.clock.now().timestamp()
    caller = hub.staff.caller(f"Bearer {signed.session.token}")
    hub.staff.change_password(caller, made.password, clerk.password, clerk.code(now + EARLIER))
    return clerk


def _founded(hub: Hub) -> Staff:
    login, password = "administrator", secrets.token_urlsafe(24)
    founder = hub.staff.founding.begin(login, "管示范", password)
    boss, now = DemoClerk(login, password, founder.enrolment), hub.clock.now().timestamp()
    hub.staff.founding.finish(founder, boss.code(now + EARLIER))
    signed = hub.staff.sign_in(login, password, boss.code(now), Way.API)
    return hub.staff.caller(f"Bearer {signed.session.token}")
