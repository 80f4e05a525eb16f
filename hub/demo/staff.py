"""The demonstration's staff, one person a role, who sign in at its pages: accounts, roles, and authenticators that the command line reads."""

import secrets
from base64 import b32decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from hub.access.staff import roles
from hub.access.staff.authenticator import DIGITS, STEP
from hub.access.staff.caller import Staff
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import Role
from hub.access.staff.sessions import Way
from hub.composition import Hub

EARLIER: Final = -STEP  # seconds: a code counts once, so the first sign-in takes that of the step before
FOUNDER: Final = ("administrator", "管示范")


@dataclass(frozen=True, slots=True)
class Post:
    """One row: who has which role; `desk` is whose desk it is, None the whole hub's."""

    login: str
    name: str
    role: Role
    desk: str | None = None


ISSUING: Final = "issuing"
COUNTER: Final = "counter"
OWNING: Final = "owning"
POSTS: Final = (
    Post("officer", "经示范", roles.LICENCE_OFFICER, ISSUING),
    Post("clerk", "程示范", roles.COUNTER_CLERK, COUNTER),
    Post("applicant", "申示范", roles.SEAL_APPLICANT, ISSUING),
    Post("approver", "审示范", roles.SEAL_APPROVER),
    Post("maker", "制示范", roles.SEAL_MAKER),
    Post("catalogue", "目示范", roles.CATALOGUE_STEWARD),
    Post("sharing", "享示范", roles.SHARING_STEWARD),
    Post("owner", "数示范", roles.SHARING_STEWARD, OWNING),
    Post("auditor", "计示范", roles.AUDITOR),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the staff: what he types, and the address that his authenticator took; `authority` None is the whole hub."""

    login: str
    role: str
    authority: str | None
    password: str = field(repr=False)
    enrolment: str = field(repr=False)

    def code(self, at: float) -> str:
        """Return what his authenticator shows at a time, in seconds."""
        secret = b32decode(parse_qs(urlsplit(self.enrolment).query)["secret"][0])
        return TOTP(secret, DIGITS, SHA1(), STEP).generate(int(at)).decode("ascii")  # noqa: S303 - as every authenticator does


@dataclass(frozen=True, slots=True)
class Hired:
    """The staff as people, and the same, signed in, by their logins."""

    people: list[DemoPerson]
    signed_in: Mapping[str, Staff]

    def sign_out(self, hub: Hub) -> None:
        """End their sessions: people begin their own."""
        for each in self.signed_in.values():
            hub.staff.sign_out(each)


def hire_staff(hub: Hub, desks: Mapping[str, str]) -> Hired:
    """Found the hub's staff and hire somebody for each role; `desks` are the authorities' codes, by the names in POSTS."""
    administrator, boss = _founded(hub)
    hired = [_hired(hub, boss, post, desks.get(post.desk or "")) for post in POSTS]
    signed_in = {person.login: staff for person, staff in [(administrator, boss), *hired]}
    return Hired([administrator, *(person for person, _ in hired)], signed_in)


def _hired(hub: Hub, boss: Staff, post: Post, authority: str | None) -> tuple[DemoPerson, Staff]:
    made = hub.staff.administration.add(boss, post.login, post.name)
    today = hub.settings.calendar.day(hub.clock.now())
    hub.staff.administration.grant_role(boss, made.id, RoleGrant(post.role.name, authority, today))
    signed = hub.staff.sign_in(post.login, made.password, "", Way.API)
    password = secrets.token_urlsafe(12)
    person = DemoPerson(post.login, post.role.name, authority, password, signed.enrolment or "")
    caller = hub.staff.caller(f"Bearer {signed.session.token}")
    code = person.code(hub.clock.now().timestamp() + EARLIER)
    return person, hub.staff.change_password(caller, made.password, password, code)


def _founded(hub: Hub) -> tuple[DemoPerson, Staff]:
    (login, name), password = FOUNDER, secrets.token_urlsafe(12)
    founder = hub.staff.founding.begin(login, name, password)
    person = DemoPerson(login, roles.HUB_ADMINISTRATOR.name, None, password, founder.enrolment)
    now = hub.clock.now().timestamp()
    hub.staff.founding.finish(founder, person.code(now + EARLIER))
    signed = hub.staff.sign_in(login, password, person.code(now), Way.API)
    return person, hub.staff.caller(f"Bearer {signed.session.token}")
