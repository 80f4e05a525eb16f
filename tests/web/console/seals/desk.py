"""What tests of pages about seals do: people at their browsers, and forms that they fill in or make up."""

import re
import secrets
from dataclasses import dataclass
from itertools import count

import httpx

from hub.access.staff.roles import ROLES
from hub.seals.pictures.purposes import PURPOSES
from hub.seals.service import Seal
from hub.web import forms
from tests.acceptance.small_hub import ISSUER, URL
from tests.access.staff.office import Person
from tests.seals.made import MILLIMETRES, picture
from tests.web.console.office import Office
from tests.web.visitor import Visitor, fields

SAME = {"origin": URL, "sec-fetch-site": "same-origin"}
APPLY = "/console/seals/apply"
NAME = "虚构市市场监督管理局"
WANTED = {
    "authority": ISSUER, "kind": "SPECIAL", "whose": "OWN", "suite": "ES256", "years": "5", "custody": "HUB", "reason": "新设印章",
}  # fmt: skip


SIZE = {"width": str(MILLIMETRES), "height": str(MILLIMETRES)}
NUMBERS = count(1)


def wanted(purpose: str) -> dict[str, str]:
    """Return what a form asks for that no other test has asked for: seals of one purpose are numbered."""
    return {**WANTED, "purpose": purpose, "text": f"{NAME}{PURPOSES[purpose].suffix}({next(NUMBERS)})"}


@dataclass
class Desk:
    """Three people with a part in the issuer's seals, each at his browser."""

    office: Office
    applicant: Visitor
    approver: Visitor
    maker: Visitor

    @classmethod
    def of(cls, office: Office) -> "Desk":
        return cls(office, *(office.visitor(role) for role in ("SEAL_APPLICANT", "SEAL_APPROVER", "SEAL_MAKER")))

    def apply(self, purpose: str, **more: str) -> str:
        """Apply for a special seal, with a picture, for drawing takes a while, and return the application's address."""
        given, sent = {**wanted(purpose), **SIZE, **more}, {"picture": ("seal.png", picture().png, "image/png")}
        given |= {"form_token": forms.token_for(self.applicant.session or ""), "once": secrets.token_urlsafe(18)}
        return led_to(self.applicant, self.applicant.send("POST", APPLY, data=given, files=sent, headers=SAME))

    def approve(self, application: str) -> str:
        return led_to(self.approver, self.approver.fill(application, f"{application}/approve"))

    def make(self, application: str, **more: str) -> str:
        """Make a seal and return its address."""
        return led_to(self.maker, self.maker.fill(f"{application}/make", **{"source": "STORE", **more}))

    def seal(self, purpose: str) -> str:
        """Have a seal applied for, approved, made and filed; return its address."""
        application = self.apply(purpose)
        self.approve(application)
        seal = self.make(application)
        led_to(self.maker, self.maker.fill(f"{seal}/file"))
        return seal

    def kept(self, seal: str) -> Seal:
        self.office.hub.seals.refresh()
        return self.office.hub.seals.seal(seal.rpartition("/")[2])


def led_to(visitor: Visitor, done: httpx.Response) -> str:
    """Follow to the page that proves an act; return the address that it leads on to."""
    assert done.status_code == 303, done.text
    proof = visitor.get(done.headers["location"])
    assert proof.status_code == 200
    assert re.search(r"\b[0-9a-f]{32}\b", proof.text)  # the record
    found = re.findall(r'href="(/console/seals/[^"]+)"', proof.text.partition("<main")[2])
    return str(found[-1])


def send(visitor: Visitor, page: str, action: str, **given: str) -> httpx.Response:
    """Send a made-up form with the token of a page that he may open."""
    hidden = fields(visitor.get(page)).hidden
    return visitor.post(action, {**hidden, **given}, headers=SAME)


def upload(
    visitor: Visitor, page: str, given: dict[str, str], files: dict[str, bytes], action: str = ""
) -> httpx.Response:
    """Fill in a form with a file."""
    hidden = fields(visitor.get(page)).hidden
    parts = {name: (f"{name}.bin", content, "application/octet-stream") for name, content in files.items()}
    return visitor.send("POST", action or page, data={**hidden, **given}, files=parts, headers=SAME)


def hired(office: Office, login: str, *roles: str) -> tuple[Person, Visitor]:
    """Hire somebody with several roles for the issuer, and give him a browser."""
    person = office.building.hire(login, *((ROLES[role], ISSUER) for role in roles))
    visitor = office.building.visitor()
    visitor.bring(person.sign_in().removeprefix("Bearer "))
    return person, visitor
