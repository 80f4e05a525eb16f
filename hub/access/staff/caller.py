"""A signed-in person, as services see him: who he is and which roles he holds, as of one policy epoch.

He is made from a session (hub.access.staff.service) and from nothing else. He carries no name: records speak of him by his id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
        idle_at: when his session ends unless he asks for something; ends_at: when it ends in any case.
        must_change: whether he has to change his password and set up his authenticator first; until then he holds no role.
    """

    id: str
    login: str
    roles: Mapping[str | None, frozenset[str]]
    epoch: int
    session: str = field(default="", repr=False)
    must_change: bool = False
    idle_at: datetime | None = field(default=None, compare=False)
    ends_at: datetime | None = field(default=None, compare=False)

    def holds(self, role: Role, authority: str | None = None) -> bool:
        """Tell whether he holds a role for an authority, or for the whole hub; None asks for the whole hub."""
        return any(role.name in self.roles.get(scope, frozenset()) for scope in (authority, None))

    def require(self, role: Role, authority: str | None = None) -> None:
        """Refuse an act whose role he does not hold; None asks for the whole hub. Raises as `require_any`."""
        self.require_any((role,), authority)

    def require_any(self, roles: Sequence[Role], authority: str | None = None) -> None:
        """Refuse an act when he holds none of its roles; None asks for the whole hub.

        Raises:
            PasswordChangeRequiredError: he has to change his password first.
            RoleMissingError: he does not hold them there; the message names them.
        """
        if self.must_change:
            raise PasswordChangeRequiredError
        if not any(self.holds(role, authority) for role in roles):
            names = " or ".join(role.name for role in roles)
            where = "for this authority" if authority else "for the whole hub"
            raise RoleMissingError(f"This takes the role {names} {where}; a hub administrator gives roles.")
