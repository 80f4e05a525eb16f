"""What an officer is about: a new licence of a type, or the next edition of one; for which authority, and whether it can be done at all.

Decides what is said before anybody types: no seal, no type code, no right to issue, a retired type, a licence that is not valid. It must never let
anybody begin what could not be sealed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from hub.access.caller import Caller
from hub.access.staff.acting import as_officer
from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.catalogue.licence_type import LicenceType
from hub.errors import HubError
from hub.licences.identifier import LicenceIdentifier
from hub.licences.unfinished.service import Begun
from hub.web.console.hub import ConsoleHub

LICENCES: Final = "/console/licences"
ISSUE: Final = f"{LICENCES}/issue"
OBSTACLES: Final = (
    "TYPE_UNKNOWN", "TYPE_CODE_MISSING", "AUTHORITY_MISMATCH", "SEAL_MISSING", "SEAL_UNUSABLE", "SEAL_CUSTODY",
    "SEAL_KEY_UNAVAILABLE", "STATUS_FORBIDS",
)  # fmt: skip
"""Codes of what stands in the way; words `issuing.obstacle.CODE` say what to do."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done: an operation of `hub.licences`, where its pages are, and (None: a new licence) on which edition.

    Attributes:
        caller: the officer, as services of licences know him.
    """

    operation: str
    path: str
    caller: Caller
    type_key: str
    identifier: str | None = None

    @property
    def preview(self) -> str:
        """Return where it is looked at before it is sealed."""
        return f"{self.path}/preview"

    def at(self, draft: str, *, preview: bool = False) -> str:
        """Return the address of a page of it: what is written stands behind its random id."""
        named = {} if self.identifier else {"authority": self.caller.authority}
        return f"{self.preview if preview else self.path}?{urlencode({**named, 'draft': draft})}"


def to_issue(staff: Staff, authority: str, type_key: str) -> Errand:
    """Return the errand of a new licence; raises RoleMissingError."""
    return Errand("issue", f"{ISSUE}/{type_key}", as_officer(staff, authority), type_key)


def of_edition(staff: Staff, operation: str, identifier: str, type_key: str = "") -> Errand:
    """Return the errand of a renewal or change; raises RoleMissingError, IdentifierError."""
    authority = LicenceIdentifier.parse(identifier).issuer
    path = f"{LICENCES}/{identifier}/{operation}"
    return Errand(operation, path, as_officer(staff, authority), type_key, identifier)


def address(begun: Begun) -> str:
    """Return where somebody goes on with what he has begun."""
    if begun.identifier is not None:
        return f"{LICENCES}/{begun.identifier}/{begun.operation}?{urlencode({'draft': begun.id})}"
    return f"{ISSUE}/{begun.type_key}?{urlencode({'authority': begun.authority, 'draft': begun.id})}"


def moved(errand: Errand, identifier: str) -> Errand:
    """Return the errand on another edition of the same licence."""
    return replace(errand, identifier=identifier, path=f"{LICENCES}/{identifier}/{errand.operation}")


def authorities(staff: Staff) -> list[str]:
    """Return the authorities for which somebody may issue, by code."""
    return sorted(code for code, held in staff.roles.items() if code and LICENCE_OFFICER.name in held)


@dataclass(frozen=True, slots=True)
class Offered:
    """A type that an authority may issue, and (None: nothing) what stands in the way now."""

    licence_type: LicenceType
    obstacle: str | None


def offered(hub: ConsoleHub, authority: str) -> Iterator[Offered]:
    """Yield the types that an authority may issue, in the catalogue's order."""
    seal = _refusal(lambda: hub.seals.sealer(authority))
    known = sorted(hub.catalogue.types(), key=lambda each: (each.order or 0, each.key))
    for each in known:
        if hub.catalogue.may_issue(authority, each.key):
            yield Offered(each, seal or _no_code(hub, each.key))


def obstacle(hub: ConsoleHub, errand: Errand) -> str | None:
    """Return the code of what stands in the way of an errand now; None: nothing does."""
    return _refusal(lambda: hub.licences.ready(errand.caller, errand.type_key))


def _no_code(hub: ConsoleHub, type_key: str) -> str | None:
    return _refusal(lambda: hub.catalogue.type_code(type_key))


def _refusal(work: Callable[[], object]) -> str | None:
    try:
        work()
    except HubError as error:
        if error.code in OBSTACLES:
            return error.code
        raise
    return None
