"""The desk where staff look at grants and change them: sharing stewards of the data's owner, or of the whole hub.

Decides who. Of several owners each may stop what is read of its data (suspend, end); giving it, or giving it again, is then the hub's stewards'. The
command line asks for no role: whoever runs it holds the key store.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import PasswordChangeRequiredError, RoleMissingError
from hub.access.staff.roles import AUDITOR, SHARING_STEWARD
from hub.catalogue.service import Catalogue
from hub.database import Database
from hub.errors import VersionConflictError
from hub.paging import OpenCursors, Page, Window, cut
from hub.sharing.demands.demand import words
from hub.sharing.embargo_desk import Current
from hub.sharing.grants.keeping import read_all
from hub.sharing.grants.service import Grants, GrantWish
from hub.sharing.ownership import owner_of, owners_of, require_steward
from hub.sharing.policy import Grant

STOPS: Final = frozenset({"suspended", "ended"})
READERS: Final = (SHARING_STEWARD, AUDITOR)
_CURSORS: Final = OpenCursors("grants")


@dataclass(frozen=True, slots=True)
class Why:
    """Why a grant is changed, and on which legal basis; both go on record."""

    reason: str
    basis: str

    def facts(self) -> dict[str, str]:
        """Return what the record says of it; raises InputInvalidError."""
        return {"reason": words(self.reason, "The reason"), "change_basis": words(self.basis, "The legal basis")}


class GrantDesk:
    """What staff do about grants."""

    def __init__(
        self, database: Database, grants: Grants, catalogue: Catalogue, *, current: Current, changed: Callable[[], None]
    ) -> None:
        """`current` returns a person as he is now; `changed` is called after a change."""
        self._database = database
        self._grants = grants
        self._catalogue = catalogue
        self._current = current
        self._changed = changed

    def add(self, staff: Staff, wish: GrantWish) -> Grant:
        """Add a grant without a demand.

        Raises:
            RoleMissingError, SessionInvalidError: he is no steward of the owner.
            InputInvalidError: nobody owns it, and as Grants.checked.
        """
        grant = self._grants.checked(wish)
        with self._database.transaction() as session:
            acting = self._current(session, staff)
            require_steward(acting, owner_of(self._catalogue, grant.type_key))
            self._grants.place(session, grant, staff=acting.id)
        self._changed()
        return grant

    def change(
        self, staff: Staff, operation: str, grant_id: str, why: Why | None = None, version: int | None = None
    ) -> Grant:  # fmt: skip
        """Suspend, resume or end a grant (`operation` is a key of CHANGES), if it is in a version that somebody has seen.

        Raises:
            InputInvalidError: reason or basis do not do.
            VersionConflictError: it is in another version by now.
            NotFoundError: no grant has this id.
            RoleMissingError, SessionInvalidError: he is no steward of the owner.
            StatusForbidsError: its state does not lead there.
        """
        with self._database.transaction() as session:
            row = self._grants.held(session, grant_id)
            acting = self._current(session, staff)
            self._require(acting, row.type_key, operation)
            if version is not None and row.version != version:
                raise VersionConflictError("The grant was changed by somebody else meanwhile; look at it again.")
            grant = self._grants.change_in(session, operation, row, staff=acting.id, **(why.facts() if why else {}))
        self._changed()
        return grant

    def may(self, staff: Staff, source: str, operation: str) -> bool:
        """Tell whether somebody may change a grant of a source so, or (operation "added") add one."""
        try:
            self._require(staff, source, operation)
        except (RoleMissingError, PasswordChangeRequiredError):
            return False
        return True

    def _require(self, acting: Staff, source: str, operation: str) -> None:
        owners = owners_of(self._catalogue, source)
        if operation in STOPS and any(acting.holds(SHARING_STEWARD, owner) for owner in owners):
            return
        require_steward(acting, next(iter(owners)) if len(owners) == 1 else None)

    def grants(self, staff: Staff, authority: str, window: Window) -> Page[Grant]:
        """Return a page of the grants that an authority has, or that read what it owns, by id.

        Raises:
            RoleMissingError: he is neither steward nor auditor for it.
            AuthorityUnknownError, InputInvalidError: no such authority; a cursor of another list.
        """
        code = self._catalogue.authority(authority).code
        staff.require_any(READERS, code)
        with self._database.snapshot() as session:
            found = self._concerning(session, code)
        return cut(sorted(found, key=lambda one: one.id), lambda one: (one.id,), window, _CURSORS)

    def _concerning(self, session: Session, code: str) -> list[Grant]:
        every = read_all(session)
        return [each for each in every if code in {each.authority, *owners_of(self._catalogue, each.type_key)}]
