"""An office for tests of the console: a hub with two issuing authorities, one that reads, some licences, and a person for every role.

    def test_it(office: Office) -> None:
        visitor = office.visitor("LICENCE_OFFICER")          # a browser in which he is signed in
        page = visitor.get("/console")
        visitor.fill("/console/...", reason="...")           # opens the page, fills its form in, sends it
        staff = office.staff("SEAL_APPROVER", None)          # the same person, as services see him

`authority` None is the whole hub; where none is given, the role is held for HOME[role]. The fixture `office` is one for a module.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from hub.access.staff.caller import Staff
from hub.access.staff.roles import COUNTER_CLERK, ROLES, Reach
from hub.composition import Hub
from tests.acceptance.small_hub import ISSUER, ITEM, READER, furnish
from tests.access.staff.office import Person
from tests.licences.drafts import company_draft
from tests.seals.made import make_seal
from tests.web.visitor import Building, Visitor

OTHER: Final = "11990300MB0000003B"
"""A second authority that issues business licences."""
HOME: Final[Mapping[str, str | None]] = {
    name: READER if role is COUNTER_CLERK else ISSUER if role.reach is Reach.AUTHORITY or name.startswith("SEAL_") else None
    for name, role in ROLES.items()
}  # fmt: skip
"""For which authority a role is held, unless a test says otherwise; None is the whole hub."""
AT_HOME: Final = "where HOME says"


@dataclass(frozen=True, slots=True)
class Furniture:
    """What stands in the office: identifiers of licences of the issuer, and one of the other authority."""

    licences: tuple[str, ...]
    foreign: str


def furnish_office(hub: Hub) -> Furniture:
    """Fill a hub: authorities ISSUER, OTHER and READER, an item of the READER and what it may read of business licences, which are there, too."""
    first = furnish(hub, whole=False)
    hub.catalogue.add_authority(OTHER, "虚构县行政审批局", "Invented Approval Bureau", "990300", "COUNTY", None)
    hub.catalogue.allow_issuing(OTHER, "BusinessLicence")
    make_seal(hub, OTHER)
    mine = hub.licences.issue_many(ISSUER, "desk", [company_draft(place) for place in range(1, 6)])
    foreign = hub.licences.issue_many(OTHER, "desk", [company_draft(9)])[0].identifier
    today = hub.sharing.today()
    hub.sharing.add_grant(
        READER, ITEM, "BusinessLicence", ("number", "name"), legal_basis="虚构条例", approver="数据主管处",
        valid_from=today, valid_until=today + timedelta(days=30),
    )  # fmt: skip
    hub.refresh()
    return Furniture((first, *(each.identifier for each in mine)), foreign)


@dataclass
class Office:
    """A furnished hub with its pages, and whoever works there."""

    building: Building
    furniture: Furniture
    people: dict[tuple[str, str | None], Person] = field(default_factory=dict)

    @property
    def hub(self) -> Hub:
        return self.building.hub

    def person(self, role: str, authority: str | None = AT_HOME) -> Person:
        """Return who holds a role; he is hired when first asked for."""
        scope = HOME[role] if authority == AT_HOME else authority
        key = (role, scope)
        if key not in self.people:
            login = f"{role.lower().replace('_', '.')}.{len(self.people)}"
            self.people[key] = self.building.hire(login, (ROLES[role], scope))
        return self.people[key]

    def staff(self, role: str, authority: str | None = AT_HOME) -> Staff:
        """Return him as services see him, in a new session, under the present policy."""
        person = self.person(role, authority)
        self.hub.refresh()
        return person.calls()

    def visitor(self, role: str, authority: str | None = AT_HOME) -> Visitor:
        """Return his browser, in which he has just signed in."""
        person = self.person(role, authority)
        visitor = self.building.visitor()
        visitor.bring(person.sign_in().removeprefix("Bearer "))
        return visitor

    def stranger(self) -> Visitor:
        """Return the browser of somebody who is not signed in."""
        return self.building.visitor()
