"""What resolvers may reach: the hub's services, who is calling, and the records this request has promised."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import strawberry

from hub.access.caller import Caller
from hub.access.holders.caller import HolderCaller
from hub.access.holders.refusals import HolderTokenInvalidError
from hub.access.holders.service import HolderAccess
from hub.access.service import Access
from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError, SessionInvalidError
from hub.access.staff.service import StaffAccess
from hub.audit.service import Pending
from hub.catalogue.service import Catalogue
from hub.changes.service import Changes
from hub.clock import Clock
from hub.counters.codes import Codes
from hub.counters.service import Counters
from hub.errors import ScopeMissingError, TokenInvalidError
from hub.evidence.service import Evidence
from hub.identities.importing.service import RegisterImports
from hub.identities.service import Identities
from hub.licences.importing.service import Imports
from hub.licences.resealing import Resealing
from hub.licences.service import Licences
from hub.licences.verification import Verification
from hub.renditions.service import Renditions
from hub.seals.files import FileSealing
from hub.seals.inspection import Inspection
from hub.seals.office import SealOffice
from hub.seals.service import Seals
from hub.sharing.service import Sharing
from hub.supervision.service import Supervision

if TYPE_CHECKING:
    from schema.selection import Place


@dataclass(frozen=True)
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
    evidence: Evidence
    holders: HolderAccess | None
    supervision: Supervision
    identities: Identities
    register_imports: RegisterImports
    changes: Changes
    codes: Codes
    counters: Counters
    renditions: Renditions

    @cached_property
    def context(self) -> "Callable[[Caller | None, Staff | None, HolderCaller | None, Pending], Context]":
        """What makes the contexts of requests: a class that has the services as its own, so that none of them is set for each request."""
        return type("BoundContext", (Context,), {**self.__dict__, "__init__": _begin})


@dataclass(frozen=True)
class Context(Services):
    """The services, for one request. `caller` is a client system, `staff` a person of the hub's staff, `holder` whose licences they are.

    All are None when nobody signed in, and never two of them are given.
    """

    caller: Caller | None
    staff: Staff | None
    holder: HolderCaller | None
    pending: Pending

    def required_caller(self) -> Caller:
        """Return the client system that calls; TokenInvalidError when nobody signed in, ScopeMissingError when somebody else did."""
        if self.staff is not None or self.holder is not None:
            raise ScopeMissingError("This is for client systems; nobody else has a scope for it.")
        if self.caller is None:
            raise TokenInvalidError
        return self.caller

    def required_staff(self) -> Staff:
        """Return the person who calls; SessionInvalidError when nobody signed in, RoleMissingError when somebody else did."""
        if self.caller is not None or self.holder is not None:
            raise RoleMissingError("This is for staff; nobody else has a role.")
        if self.staff is None:
            raise SessionInvalidError
        return self.staff

    def required_counter(self) -> Caller | Staff:
        """Return the client system or person of staff that calls; TokenInvalidError, or ScopeMissingError, when neither does."""
        return self.staff or self.required_caller()

    def required_holder(self) -> HolderCaller:
        """Return the holder who calls; HolderTokenInvalidError when nobody or somebody else signed in."""
        if self.holder is None:
            raise HolderTokenInvalidError("This is for holders: sign in with a token of the identity platform.")
        return self.holder


def _begin(
    context: Context, caller: Caller | None, staff: Staff | None, holder: HolderCaller | None, pending: Pending
) -> None:
    own = context.__dict__
    own["caller"], own["staff"], own["holder"], own["pending"] = caller, staff, holder, pending


class Info(strawberry.Info[Context, None]):
    """What a resolver is told: the context of its request, and its field's place in the operation. Of Strawberry's it has nothing else."""

    __slots__ = ("context", "place")
    context: Context
    place: "Place"

    def __init__(self, context: Context, place: "Place") -> None:
        self.context = context
        self.place = place
