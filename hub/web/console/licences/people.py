"""Whom an officer works for, and by which names those are shown who did something to a licence.

Decides that an officer has the authorities for which he holds the role, and no others; services ask for it again.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from hub.access.caller import Caller
from hub.access.service import Access
from hub.access.staff.acting import as_officer, staff_of
from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.access.staff.service import StaffAccess
from hub.licences.identifier import LicenceIdentifier

OFFICERS: Final = (LICENCE_OFFICER,)


def authorities_of(staff: Staff) -> Sequence[str]:
    """Return the credit codes of the authorities whose licences somebody handles."""
    return sorted(scope for scope, held in staff.roles.items() if scope and LICENCE_OFFICER.name in held)


def officer_of(staff: Staff, identifier: str) -> Caller:
    """Return somebody as an officer of the authority that issued a licence; raises IdentifierError, RoleMissingError."""
    return as_officer(staff, LicenceIdentifier.parse(identifier).issuer)


def names_of(actors: Collection[str], staff: StaffAccess, access: Access) -> Mapping[str, str]:
    """Return the login names of people and the names of client systems, as far as they are known; asks the database."""
    people = {actor: person for actor in set(actors) if (person := staff_of(actor))}
    logins = staff.members.logins(people.values())
    others = set(actors) - people.keys()
    systems = {each.client_id: each.name for each in access.clients()} if others else {}
    return {
        **{actor: systems.get(actor, actor) for actor in others},
        **{actor: logins.get(person, actor) for actor, person in people.items()},
    }
