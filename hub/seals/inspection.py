"""What staff may look at of seals and of applications for them, page by page.

Decides who: whoever holds, for the authority that looks after them, a role that has to do with its seals. It must never open a picture:
`office` does, for those who take part. Places in lists are numbers, ids and times, never a person's name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

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
from hub.seals.listing import entry
from hub.seals.office import Application, SealOffice
from hub.seals.possibilities import Possible, possible
from hub.seals.register import Seal
from hub.seals.service import Seals
from hub.seals.stepping import Taken

READERS: Final = (SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER, LICENCE_OFFICER, AUDITOR)
_SEALS: Final = OpenCursors("seals")
_APPLICATIONS: Final = OpenCursors("seal applications")
_DIGITS: Final = 17  # of microseconds, for the next thousand years


WAITS: Final = ("APPROVE", "MAKE", "FILE", "CONFIRM_COMPROMISE")
"""Steps that somebody has to take before anything goes on."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody: an application, or that of a seal, and the step."""

    application: Application
    step: str


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
        return self._cut(self._seals.seals(authority), window, status, kind)

    def seals_in_reach(
        self, staff: Staff, window: Window, authority: str | None = None, status: SealStatus | None = None
    ) -> Page[Seal]:
        """Return a part of all seals that he may look at, by number; raises RoleMissingError, InputInvalidError."""
        wanted = within(staff, authority)
        seals = self._seals.register.seals
        return self._cut(
            [each for code in seals if wanted is None or code in wanted for each in seals[code]], window, status
        )

    def _cut(
        self, seals: Sequence[Seal], window: Window, status: SealStatus | None, kind: Kind | None = None
    ) -> Page[Seal]:
        fitting = (each for each in seals if status in {None, self.status(each)} and kind in {None, each.kind})
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
        return self._applications(frozenset((authority,)), window, (status,) if status else ())

    def applications_in_reach(
        self, staff: Staff, window: Window, authority: str | None = None, statuses: Sequence[SealStatus] = ()
    ) -> Page[Application]:
        """Return a part of all applications that he may look at, oldest first; raises RoleMissingError, InputInvalidError."""
        return self._applications(within(staff, authority), window, statuses)

    def _applications(
        self, authorities: frozenset[str] | None, window: Window, statuses: Sequence[SealStatus]
    ) -> Page[Application]:
        applied_at, id_ = col(model.SealApplication.applied_at), col(model.SealApplication.id)
        wanted: list[ColumnElement[bool] | bool] = []
        wanted += [] if authorities is None else [col(model.SealApplication.authority).in_(authorities)]
        wanted += [col(model.SealApplication.status).in_(statuses)] if statuses else []
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

    def entry(self, seal: Seal, public_url: str) -> dict[str, Any]:
        """Return what the trust list of this hub says of a seal, now or at its next edition."""
        return entry(self._seals.register, seal, public_url)

    def waiting(self, staff: Staff, most: int) -> tuple[Waiting, ...]:
        """Return what waits for him and nothing stops him from doing, at most so much; raises RoleMissingError."""
        found = (self._waits(staff, each) for each in self._open(staff, most))
        return tuple(islice((each for each in found if each is not None), most))

    def _waits(self, staff: Staff, application: Application) -> Waiting | None:
        free = {each.step for each in self.possible(staff, application) if each.obstacle is None}
        step = next((each for each in WAITS if each in free), None)
        return None if step is None else Waiting(application, step)

    def _open(self, staff: Staff, most: int) -> Iterator[Application]:
        """Yield what is not over: applications that nobody has decided or made, seals that nobody has filed, reports without an answer."""
        undecided = (SealStatus.APPLIED, SealStatus.APPROVED)
        yield from self.applications_in_reach(staff, Window(first=most), statuses=undecided).items
        reach, seals = reach_of(staff), self._seals.register.seals
        for seal in (each for code in seals if reach is None or code in reach for each in seals[code]):
            if seal.status is SealStatus.MADE or seal.is_reported:
                yield self.of_seal(staff, seal.es_id)

    def possible(self, staff: Staff, application: Application) -> tuple[Possible, ...]:
        """Return what he may do next about an application and its seal; raises as `application`."""
        seal = self._seals.register.known(application.es_id) if application.es_id else None
        status, expired = application.status, False
        if seal is not None:
            status, expired = seal.status, self.status(seal) is SealStatus.EXPIRED
        return possible(staff, application.authority, status, self.history(staff, application.id), expired=expired)

    def history(self, staff: Staff, application_id: str) -> tuple[Taken, ...]:
        """Return the steps of an application and its seal, in their order; raises as `application`."""
        self.application(staff, application_id)
        return self._office.history(application_id)


def reach_of(staff: Staff) -> frozenset[str] | None:
    """Return the authorities whose seals he may look at, by role; None is every one. Raises as `require_reader`."""
    names = {role.name for role in READERS}
    scopes = {scope for scope, held in staff.roles.items() if names & held}
    if None in scopes or not scopes or staff.must_change:
        staff.require_any(READERS)
        return None
    return frozenset(scope for scope in scopes if scope)


def within(staff: Staff, authority: str | None) -> frozenset[str] | None:
    """Return the part of his reach that is one authority, or all of it; raises as `require_reader`."""
    if authority is None:
        return reach_of(staff)
    require_reader(staff, authority)
    return frozenset((authority,))


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
