"""A signed-in person, as services see him: who he is and which roles he holds, as of one policy epoch.

He is made from a session (hub.access.staff.service) and from nothing else. He carries no name: records speak of him by his id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hub.access.staff.refusals import PasswordChangeRequiredError, RoleMissingError
from hub.access.staff.roles import Role

NO_ROLES: Mapping[str | None, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is calling: a person with an account of this hub.

    Attributes:
        id: the account; records name him by it.
        login: the name he signs in with.
        roles: the names of the roles he holds now, by the credit code of the authority; None is the whole hub.
        epoch: the policy epoch under which he was accepted; an answer must not leave under another.
        session: the session he calls in.
        must_change: whether he has to change his password and set up his authenticator first; until then he holds no role.
    """

    id: str
    login: str
    roles: Mapping[str | None, frozenset[str]]
    epoch: int
    session: str = field(default="", repr=False)
    must_change: bool = False

    def holds(self, role: Role, authority: str | None = None) -> bool:
        """Tell whether he holds a role for an authority, or for the whole hub; None asks for the whole hub."""
        return any(role.name in self.roles.get(scope, frozenset()) for scope in (authority, None))

    def require(self, role: Role, authority: str | None = None) -> None:
        """Refuse an act whose role he does not hold; None asks for the whole hub.

        Raises:
            PasswordChangeRequiredError: he has to change his password first.
            RoleMissingError: he does not hold the role there; the message names it.
        """
        if self.must_change:
            raise PasswordChangeRequiredError
        if not self.holds(role, authority):
            where = "for this authority" if authority else "for the whole hub"
            raise RoleMissingError(f"This takes the role {role.name} {where}; a hub administrator gives roles.")
