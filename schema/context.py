"""What resolvers may reach: the hub's services, who is calling, and the records this request has promised."""

from dataclasses import dataclass

import strawberry

from hub.access.caller import Caller
from hub.access.service import Access
from hub.audit.service import Pending
from hub.catalogue.service import Catalogue
from hub.clock import Clock
from hub.errors import TokenInvalidError
from hub.licences.importing.service import Imports
from hub.licences.service import Licences
from hub.licences.verification import Verification
from hub.seals.service import Seals
from hub.sharing.service import Sharing


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one hub, composed once."""

    access: Access
    catalogue: Catalogue
    seals: Seals
    licences: Licences
    sharing: Sharing
    verification: Verification
    clock: Clock
    imports: Imports


@dataclass(frozen=True, slots=True)
class Context(Services):
    """The services, for one request. `caller` is None when nobody signed in."""

    caller: Caller | None
    pending: Pending

    @classmethod
    def of(cls, services: Services, caller: Caller | None, pending: Pending) -> "Context":
        """Return the context of one request."""
        return cls(
            services.access,
            services.catalogue,
            services.seals,
            services.licences,
            services.sharing,
            services.verification,
            services.clock,
            services.imports,
            caller,
            pending,
        )

    def required_caller(self) -> Caller:
        """Return who is calling; TokenInvalidError when nobody signed in."""
        if self.caller is None:
            raise TokenInvalidError
        return self.caller


Info = strawberry.Info[Context, None]
