"""The desk where staff decide on embargoes, and where auditors look at them and at the reads that they keep back.

Decides who: a sharing steward of the case's authority proposes, confirms, rejects and lifts; he and auditors look. Two different people make
an embargo, or a longer one; one is enough to end it. Whoever looks at the reads of a case leaves a record of that.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, SHARING_STEWARD
from hub.audit.service import Entry, Pending
from hub.catalogue.service import Catalogue
from hub.database import Database
from hub.paging import OpenCursors, Page, Window, cut
from hub.sharing.accesses import Access, Accesses
from hub.sharing.cases import Cases
from hub.sharing.embargoes import KIND, Act, Embargo, Embargoes
from hub.sharing.handles import Handles
from hub.sharing.model import EmbargoDecision
from hub.sharing.ownership import reach_of
from hub.sharing.purpose import EmbargoWish
from hub.sharing.refusals import EmbargoUnknownError

READERS: Final = (AUDITOR, SHARING_STEWARD)
Current = Callable[[Session, Staff], Staff]
_CURSORS: Final = OpenCursors("embargoes")


@dataclass(frozen=True, slots=True)
class CaseEmbargo:
    """An embargo with the item and number of its case, and whether it holds now."""

    embargo: Embargo
    item: str
    case_number: str
    holds: bool


class EmbargoDesk:
    """What staff do about embargoes."""

    def __init__(
        self, database: Database, embargoes: Embargoes, cases: Cases, accesses: Accesses, handles: Handles,
        catalogue: Catalogue, *, current: Current,
    ) -> None:  # fmt: skip
        """`current` returns a person as he is now, held until the unit of work ends."""
        self._database = database
        self._embargoes = embargoes
        self._cases = cases
        self._accesses = accesses
        self._handles = handles
        self._catalogue = catalogue
        self._current = current

    # -- decisions ---------------------------------------------------------------------------------------------------

    def propose(self, staff: Staff, authority: str, item: str, number: str, wish: EmbargoWish) -> CaseEmbargo:
        """Propose an embargo on a case that was opened before, or a longer one.

        Raises:
            RoleMissingError, SessionInvalidError: he may not.
            EmbargoUnknownError: there is no such case.
            InputInvalidError, EmbargoStateError: as Embargoes.propose.
        """
        with self._database.transaction() as session:
            self._current(session, staff).require(SHARING_STEWARD, authority)
            case_id = self._cases.named(session, authority, item, number)
            if case_id is None:
                raise EmbargoUnknownError("The authority has opened no case of this item and number.")
            self._hold(session, case_id)
            self._embargoes.propose(session, staff, case_id, authority, wish)
            return self._shown(session, [self._embargo(session, case_id)])[0]

    def answer(self, staff: Staff, case_id: str, act: Act) -> CaseEmbargo:
        """Confirm or reject a proposal; raises as Embargoes.answer, EmbargoUnknownError, RoleMissingError."""
        return self._act(staff, case_id, lambda session, known: self._embargoes.answer(session, staff, known, act))

    def lift(self, staff: Staff, case_id: str) -> CaseEmbargo:
        """End an embargo now; raises as Embargoes.lift, EmbargoUnknownError, RoleMissingError."""
        return self._act(staff, case_id, lambda session, known: self._embargoes.lift(session, staff, known))

    def _act(self, staff: Staff, case_id: str, act: Callable[[Session, Embargo], None]) -> CaseEmbargo:
        with self._database.transaction() as session:
            self._hold(session, case_id)
            known = self._embargo(session, case_id)
            self._current(session, staff).require(SHARING_STEWARD, known.authority)
            act(session, known)
            return self._shown(session, [self._embargo(session, case_id)])[0]

    def _hold(self, session: Session, case_id: str) -> None:
        """Let decisions on one case follow each other."""
        self._database.lock(session, f"embargo {case_id}".encode())

    # -- looking -----------------------------------------------------------------------------------------------------

    def embargoes(self, staff: Staff, authority: str, window: Window) -> Page[CaseEmbargo]:
        """Return a page of an authority's embargoes, those that are over too, in the order of their cases' ids.

        Raises:
            RoleMissingError: he is neither auditor nor sharing steward for it.
            AuthorityUnknownError, InputInvalidError: no such authority, or a cursor is not one of this list.
        """
        staff.require_any(READERS, self._catalogue.authority(authority).code)
        with self._database.snapshot() as session:
            ids = select(EmbargoDecision.case_id).where(EmbargoDecision.authority == authority).distinct()
            return self._page(session, session.exec(ids), window)

    def proposals(self, staff: Staff, window: Window) -> Page[CaseEmbargo]:
        """Return a page of the embargoes that wait for another person's answer, of the authorities whose he is; raises RoleMissingError, InputInvalidError."""
        reach, later = reach_of(staff, READERS), aliased(EmbargoDecision)
        waiting = select(EmbargoDecision.case_id).where(
            EmbargoDecision.act == Act.PROPOSED.value,
            ~exists().where(
                col(later.case_id) == EmbargoDecision.case_id, col(later.sequence) > EmbargoDecision.sequence
            ),
        )  # fmt: skip
        if reach is not None:
            waiting = waiting.where(col(EmbargoDecision.authority).in_(reach))
        with self._database.snapshot() as session:
            return self._page(session, session.exec(waiting), window)

    def _page(self, session: Session, case_ids: Iterable[str], window: Window) -> Page[CaseEmbargo]:
        page = cut(sorted(case_ids), lambda one: (one,), window, _CURSORS)
        known = self._embargoes.of_cases(session, page.items)
        items = self._shown(session, [known[each] for each in page.items if each in known])
        return Page(tuple(items), page.cursors, page.has_previous, page.has_next)

    def embargo(self, staff: Staff, case_id: str) -> CaseEmbargo:
        """Return one embargo; raises EmbargoUnknownError, RoleMissingError."""
        with self._database.snapshot() as session:
            known = self._embargo(session, case_id)
            staff.require_any(READERS, known.authority)
            return self._shown(session, [known])[0]

    def accesses(self, staff: Staff, case_id: str, window: Window, pending: Pending) -> Page[Access]:
        """Return a page of the reads of a case that is or was under embargo, and promise a record of the look.

        Reads that speak of erased persons alone are not found any more. Raises EmbargoUnknownError, RoleMissingError, InputInvalidError.
        """
        with self._database.snapshot() as session:
            known = self._embargo(session, case_id)
            staff.require_any(READERS, known.authority)
            persons = self._cases.persons(session, case_id)
            handles = {each.handle for each in persons}.union(
                *(self._handles.of(session, each.person) for each in persons)
            )
            page = self._accesses.of_case(session, case_id, handles, window)
        told = {"operation": "LOOKED", "case": case_id, "authority": known.authority, "staff": staff.id}
        pending.record(Entry(KIND, {**told, "shown": len(page.items)}))
        return page

    def _embargo(self, session: Session, case_id: str) -> Embargo:
        known = self._embargoes.of_cases(session, [case_id]).get(case_id)
        if known is None:
            raise EmbargoUnknownError
        return known

    def _shown(self, session: Session, several: Sequence[Embargo]) -> list[CaseEmbargo]:
        numbers = self._cases.numbers(session, [each.case_id for each in several])
        return [CaseEmbargo(each, *numbers[each.case_id], self._embargoes.holds(each)) for each in several]
