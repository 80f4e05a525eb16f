"""What staff may look at of seals and of applications for them, page by page.

Decides who: whoever holds, for the authority that looks after them, a role that has to do with its seals. It must never open a picture:
`office` does, for those who take part. Places in lists are numbers, ids and times, never a person's name.
"""

from typing import Final

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import col, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, LICENCE_OFFICER, SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError
from hub.paging import FOREIGN_CURSOR, OpenCursors, Page, Window, cut, page_of
from hub.seals import model
from hub.seals.kinds import Kind
from hub.seals.life import SealStatus
from hub.seals.office import Application, SealOffice
from hub.seals.register import Seal
from hub.seals.service import Seals
from hub.seals.stepping import Taken

READERS: Final = (SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER, LICENCE_OFFICER, AUDITOR)
_SEALS: Final = OpenCursors("seals")
_APPLICATIONS: Final = OpenCursors("seal applications")
_DIGITS: Final = 17  # of microseconds, for the next thousand years


class Inspection:
    """Shows seals and applications to staff."""

    def __init__(self, database: Database, clock: Clock, seals: Seals, office: SealOffice) -> None:
        """Show what `seals` has read and `office` keeps."""
        self._database = database
        self._clock = clock
        self._seals = seals
        self._office = office

    def seal(self, staff: Staff, es_id: str) -> Seal:
        """Return a seal by its number; raises SealMissingError, RoleMissingError."""
        found = self._seals.seal(es_id)
        require_reader(staff, found.authority)
        return found

    def seals(
        self, staff: Staff, authority: str, window: Window, status: SealStatus | None = None, kind: Kind | None = None
    ) -> Page[Seal]:
        """Return a part of the seals that an authority looks after, by number; raises RoleMissingError, InputInvalidError."""
        require_reader(staff, authority)
        fitting = (
            each for each in self._seals.seals(authority) if status in {None, each.status} and kind in {None, each.kind}
        )
        return cut(sorted(fitting, key=_number), lambda each: (_number(each),), window, _SEALS)

    def status(self, seal: Seal) -> SealStatus:
        """Return the status of a seal now."""
        return seal.status_at(to_micros(self._clock.now())) or seal.status  # made by a process whose clock is ahead

    def successor(self, seal: Seal) -> Seal | None:
        """Return the newest seal that takes, or is made to take, the place of a seal."""
        everyone = (each for several in self._seals.register.seals.values() for each in several)
        return max((each for each in everyone if each.remakes == seal.es_id), key=lambda one: one.made_at, default=None)

    def application(self, staff: Staff, application_id: str) -> Application:
        """Return an application; raises SealApplicationUnknownError, RoleMissingError."""
        found = self._office.application(application_id)
        require_reader(staff, found.authority)
        return found

    def applications(
        self, staff: Staff, authority: str, window: Window, status: SealStatus | None = None
    ) -> Page[Application]:
        """Return a part of an authority's applications, oldest first; raises RoleMissingError, InputInvalidError."""
        require_reader(staff, authority)
        applied_at, id_ = col(model.SealApplication.applied_at), col(model.SealApplication.id)
        wanted: list[ColumnElement[bool] | bool] = [model.SealApplication.authority == authority]
        wanted += [model.SealApplication.status == status.value] if status else []
        wanted += [tuple_(applied_at, id_) > _place(window.after)] if window.after is not None else []
        wanted += [tuple_(applied_at, id_) < _place(window.before)] if window.before is not None else []
        order = (applied_at, id_) if window.last is None else (applied_at.desc(), id_.desc())
        statement = select(model.SealApplication).where(*wanted).order_by(*order).limit(window.size + 1)
        with self._database.snapshot() as session:
            found = [Application.of(row) for row in session.exec(statement)]
        return page_of(found, lambda one: (f"{one.applied_at:0{_DIGITS}d}{one.id}",), window, _APPLICATIONS)

    def of_seal(self, staff: Staff, es_id: str) -> Application:
        """Return the application that a seal was made of; raises as `seal`."""
        self.seal(staff, es_id)
        with self._database.snapshot() as session:
            rows = select(model.SealApplication).where(model.SealApplication.es_id == es_id)
            return Application.of(session.exec(rows).one())

    def history(self, staff: Staff, application_id: str) -> tuple[Taken, ...]:
        """Return the steps of an application and its seal, in their order; raises as `application`."""
        self.application(staff, application_id)
        return self._office.history(application_id)


def require_reader(staff: Staff, authority: str) -> None:
    """Refuse who holds no role that has to do with an authority's seals; raises RoleMissingError, PasswordChangeRequiredError."""
    staff.require_any(READERS, authority)


def _number(seal: Seal) -> str:
    return seal.es_id


def _place(cursor: str) -> tuple[int, str]:
    (place,) = _APPLICATIONS.read(cursor)
    applied_at, application_id = place[:_DIGITS], place[_DIGITS:]
    if not (place.isascii() and applied_at.isdecimal() and application_id.isalnum()):
        raise InputInvalidError(FOREIGN_CURSOR)
    return int(applied_at), application_id
