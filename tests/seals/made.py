"""Seals as tests need them: applied for, approved, made and filed by three invented people, in one call."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, Protocol

from PIL import Image, ImageDraw

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER, Role
from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import Clock
from hub.database import Database
from hub.seals.changes import MadeSeal
from hub.seals.kinds import Kind
from hub.seals.office import SealOffice, Upload, Wish
from hub.seals.service import Seals
from hub.vault.service import Vault

MILLIMETRES = 20


class Composed(Protocol):
    """What a hub, or a test's part of one, has."""

    @property
    def database(self) -> Database: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def seals(self) -> Seals: ...


def person(name: str, roles: Iterable[Role], authority: str | None) -> Staff:
    """Return somebody who holds roles for an authority, or for the whole hub."""
    return Staff(name, name, {authority: frozenset(role.name for role in roles)}, 1, f"session of {name}")


@dataclass(frozen=True, slots=True)
class People:
    """Three people with a part in an authority's seals."""

    applicant: Staff
    approver: Staff
    maker: Staff


def people(authority: str) -> People:
    """Return the three of an authority."""
    return People(
        person("applicant", [SEAL_APPLICANT], authority), person("approver", [SEAL_APPROVER], None),
        person("maker", [SEAL_MAKER], None),
    )  # fmt: skip


@cache
def picture() -> Upload:
    """Return a picture that can be a seal's, the same for all: drawing one takes a tenth of a second."""
    image = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((10, 10, 110, 110), outline=(230, 0, 18, 255), width=8)
    out = BytesIO()
    image.save(out, "PNG")
    return Upload(out.getvalue(), MILLIMETRES, MILLIMETRES)


def office_of(composed: Composed) -> SealOffice:
    """Return the seal office of a hub, which believes what it is told about people."""
    return SealOffice(
        composed.database, composed.audit, composed.seals._store, composed.vault, composed.clock, composed.catalogue,
        composed.seals, current=lambda _session, staff: staff,
    )  # fmt: skip


def wish_of(composed: Composed, authority: str, purpose: str = "电子证照专用章", **changes: Any) -> Wish:
    """Return the wish for a special seal of an authority."""
    text = f"{composed.catalogue.authority(authority).name_zh}{purpose}"
    return Wish(
        **{
            "authority": authority,
            "kind": Kind.SPECIAL,
            "text": text,
            "reason": "新设印章",
            "upload": picture(),
            **changes,
        }
    )


def make_seal(
    composed: Composed, authority: str, purpose: str = "电子证照专用章", suite: str = "ES256", **changes: Any
) -> MadeSeal:
    """Make a special seal of an authority that seals licences from now on."""
    changing, three = office_of(composed).changes, people(authority)
    application = changing.apply(three.applicant, wish_of(composed, authority, purpose, suite=suite, **changes))
    changing.approve(three.approver, application)
    made = changing.make(three.maker, application)
    changing.file(three.maker, made.es_id)
    return made
