"""Seals of the demonstration: applied for, approved, made and filed by three invented people, with a picture drawn for each.

Their accounts are left out: nobody signs in while a city is built, so this office believes what it is told about their roles. A hub that
serves asks `hub.access.staff`.
"""

from typing import Final

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER, Role
from hub.composition import Hub
from hub.seals.kinds import Kind
from hub.seals.office import MadeSeal, SealOffice, Wish
from hub.seals.pictures.purposes import PURPOSES

_SUFFIX: Final = PURPOSES["ELECTRONIC_LICENCE"].suffix


def _person(name: str, role: Role) -> Staff:
    return Staff(f"demonstration-{name}", name, {None: frozenset({role.name})}, 0)


APPLICANT: Final = _person("applicant", SEAL_APPLICANT)
APPROVER: Final = _person("approver", SEAL_APPROVER)
MAKER: Final = _person("maker", SEAL_MAKER)


def office_of(hub: Hub) -> SealOffice:
    """Return the seal office of a hub, which believes what it is told about people."""
    return SealOffice(
        hub.database, hub.audit, hub.keys, hub.vault, hub.clock, hub.catalogue, hub.seals,
        current=lambda _session, staff: staff,
    )  # fmt: skip


def make_seal(hub: Hub, authority: str, suite: str) -> MadeSeal:
    """Make the seal under which an authority issues its licences."""
    office = office_of(hub)
    text = f"{hub.catalogue.authority(authority).name_zh}{_SUFFIX}"
    application = office.changes.apply(APPLICANT, Wish(authority, Kind.SPECIAL, text, "签发电子证照", suite=suite))
    office.changes.approve(APPROVER, application)
    made = office.changes.make(MAKER, application)
    office.changes.file(MAKER, made.es_id)
    return made
