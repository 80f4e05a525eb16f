"""Opening a case: a caller says for which purpose he reads, before he reads anything.

Decides whether this caller may work on this item and whether the case is his and this applicant's. What the trusted
document that runs was registered for, and grants, are checked before the case is looked up. It must never say whose a case is: another applicant is a mismatch and no more. Every
refusal is recorded.
"""

from collections.abc import Callable
from datetime import date

from anyio import to_thread

from hub.access.caller import EMBARGO, READ, Caller
from hub.audit.service import Pending
from hub.catalogue.generation import ServiceItem
from hub.catalogue.service import Catalogue
from hub.errors import CaseMismatchError, NotFoundError, NotGrantedError
from hub.sharing.cases import CaseRecord, Cases
from hub.sharing.disclosure import Funnel
from hub.sharing.policy import Grant
from hub.sharing.purpose import Purpose, normalise
from hub.sharing.reading import CaseReading, OpenCase
from hub.sharing.records import REFUSALS, Outcome, refusal_entry
from hub.sharing.refusals import EmbargoLateError


class Opening:
    """Opens cases, makes them at their first opening, and reopens them by id."""

    def __init__(
        self, cases: Cases, catalogue: Catalogue, reading: CaseReading, funnel: Funnel, today: Callable[[], date]
    ) -> None:
        """`today` gives the legal day."""
        self._cases = cases
        self._catalogue = catalogue
        self._reading = reading
        self._funnel = funnel
        self._today = today

    async def open(self, caller: Caller, purpose: Purpose, pending: Pending) -> OpenCase:
        """Open the case of a purpose; see Sharing.open_case."""
        found: CaseRecord | None = None
        try:
            granted = self.check(caller, purpose.item, pending)
            if purpose.embargo:
                caller.require(EMBARGO.name)
            purpose = normalise(purpose, self._today())
            found = await self._cases.find(caller.authority, purpose.item, purpose.case_number)
            if found is None or purpose.embargo or (purpose.parties and found.lacks(purpose.parties)):
                found = await to_thread.run_sync(
                    self._cases.ensure, caller.authority, caller.client_id, purpose, pending.epoch, granted
                )
            applicant = found.applicant
            if applicant is None or applicant.person != purpose.applicant:
                raise CaseMismatchError
        except (*REFUSALS, EmbargoLateError) as error:
            if purpose.embargo:  # whom a refused embargo was meant for is told to nobody who may be shown the record
                found = None
            item = purpose.item if purpose.item in self._catalogue.current.items else None
            pending.record(refusal_entry(caller, Outcome.REFUSED, error.code, case=found, item=item))
            raise
        return OpenCase(caller, found, purpose.legal_basis, self._reading)

    def check(self, caller: Caller, item: str, pending: Pending) -> tuple[Grant, ...]:
        """Return the grants for an item; refuse whoever may read nothing for it, before any look-up.

        Raises:
            ScopeMissingError, PurposeNotDeclaredError, ItemUnknownError, NotGrantedError: as Sharing.open_case.
            PolicyChangedError: make the answer again.
        """
        self._funnel.require_policy(pending)
        caller.require(READ.name)
        caller.require_purpose(item)
        return self._require_granted(caller, self._catalogue.item(item))

    def _require_granted(self, caller: Caller, item: ServiceItem | None) -> tuple[Grant, ...]:
        if item is None or item.authority != caller.authority:
            raise NotGrantedError
        if not (granted := self._reading.granted(caller.authority, item.code)):
            raise NotGrantedError
        return granted

    async def reopen(self, caller: Caller, case_id: str, pending: Pending) -> OpenCase:
        """Open a case again that this caller's authority opened before, for the applicant it has.

        Raises:
            ScopeMissingError, PurposeNotDeclaredError, NotGrantedError: he may read nothing for its item now.
            NotFoundError: the case is not his authority's, or its applicant was erased.
        """
        self._funnel.require_policy(pending)
        caller.require(READ.name)
        caller.require_purpose()
        record = await self._cases.by_id(case_id)
        if record is None or record.authority != caller.authority or record.applicant is None:
            raise NotFoundError
        caller.require_purpose(record.item)
        self._require_granted(caller, self._catalogue.current.items.get(record.item))
        return OpenCase(caller, record, record.legal_basis, self._reading)
