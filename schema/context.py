"""What resolvers may reach: the hub's services, who is calling, and the records this request has promised."""

from dataclasses import dataclass

import strawberry

from hub.access.caller import Caller
from hub.access.service import Access
from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError, SessionInvalidError
from hub.access.staff.service import StaffAccess
from hub.audit.service import Pending
from hub.catalogue.service import Catalogue
from hub.clock import Clock
from hub.errors import ScopeMissingError, TokenInvalidError
from hub.licences.importing.service import Imports
from hub.licences.resealing import Resealing
from hub.licences.service import Licences
from hub.licences.verification import Verification
from hub.seals.files import FileSealing
from hub.seals.inspection import Inspection
from hub.seals.office import SealOffice
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
    accounts: StaffAccess
    office: SealOffice
    inspection: Inspection
    file_sealing: FileSealing
    resealing: Resealing


@dataclass(frozen=True, slots=True)
class Context(Services):
    """The services, for one request. `caller` is a client system, `staff` a person; both are None when nobody signed in."""

    caller: Caller | None
    staff: Staff | None
    pending: Pending

    @classmethod
    def of(cls, services: Services, caller: Caller | None, staff: Staff | None, pending: Pending) -> "Context":
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
            services.accounts,
            services.office,
            services.inspection,
            services.file_sealing,
            services.resealing,
            caller,
            staff,
            pending,
        )

    def required_caller(self) -> Caller:
        """Return the client system that calls; TokenInvalidError when nobody signed in, ScopeMissingError when staff did."""
        if self.staff is not None:
            raise ScopeMissingError("This is for client systems; a session of staff has no scope for it.")
        if self.caller is None:
            raise TokenInvalidError
        return self.caller

    def required_staff(self) -> Staff:
        """Return the person who calls; SessionInvalidError when nobody signed in, RoleMissingError when a client did."""
        if self.caller is not None:
            raise RoleMissingError("This is for staff; a client system has no role.")
        if self.staff is None:
            raise SessionInvalidError
        return self.staff


Info = strawberry.Info[Context, None]
