"""People who work at a hub of a benchmark: its founder, and whoever is measured as."""

import base64
import time
from typing import Final
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import Role
from hub.access.staff.sessions import Way
from hub.composition import Hub

PASSWORD: Final = "nine blue kites over water"  # noqa: S105 - of a hub that ends with the benchmark


def session_of(hub: Hub, login: str, *held: tuple[Role, str | None]) -> str:
    """Found the hub's staff, and let somebody begin with these roles, each for an authority or the whole hub; return the token of his session."""
    founder = hub.staff.founding.begin("boss", "虚构人甲", PASSWORD)
    hub.staff.founding.finish(founder, _code(founder.enrolment, -1))
    boss = hub.staff.caller(
        f"Bearer {hub.staff.sign_in('boss', PASSWORD, _code(founder.enrolment), Way.PAGE).session.token}"
    )
    made = hub.staff.administration.add(boss, login, "虚构人乙")
    today = hub.settings.calendar.day(hub.clock.now())
    for role, authority in held:
        hub.staff.administration.grant_role(boss, made.id, RoleGrant(role.name, authority, today))
    first = hub.staff.sign_in(login, made.password, "", Way.PAGE)
    limited = hub.staff.caller(f"Bearer {first.session.token}")
    hub.staff.change_password(limited, made.password, PASSWORD, _code(first.enrolment or ""))
    return first.session.token


def _code(enrolment: str, steps: int = 0) -> str:
    """Return what an authenticator shows now, or some steps later."""
    secret = base64.b32decode(parse_qs(urlsplit(enrolment).query)["secret"][0])
    return TOTP(secret, 6, SHA1(), 30).generate(int(time.time()) + 30 * steps).decode()  # noqa: S303 - as people's devices do
