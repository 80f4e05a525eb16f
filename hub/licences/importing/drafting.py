"""A row becomes a draft, or everything that is wrong with it.

Decides which values stand in the draft. It must never stop at the first fault: what can be read is still judged by the type's
own rules. Blank is missing; blank places in a list close up; without a first day, a licence holds from its day of issue.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from hub.catalogue.licence_type import LicenceType
from hub.clock import Calendar
from hub.errors import FaceDataError, InputInvalidError
from hub.licences import draft as drafts
from hub.licences.draft import Draft, Holder
from hub.licences.importing.filling import Filling
from hub.licences.importing.fitting import fit
from hub.licences.importing.mapping import Map
from hub.licences.importing.shapes import LEGAL_BASIS, NO_END, REASON
from hub.tabular.faults import Fault
from hub.tabular.rows import RawRow

# What stands for a value at fault while the rest is judged; what is said of it is not told.
_SOME_DAY = date(2000, 1, 1)
_SOME_WORDS = "-"


class Drafter:
    """Makes drafts of the rows of one file; may be used by several threads."""

    def __init__(
        self, plan: Map, licence_type: LicenceType, calendar: Calendar, columns: tuple[str, ...] | None = None
    ) -> None:
        """Fit the map to the type, and to the columns of a file when every row has just these.

        Raises:
            ImportMapError: a path is no field, two columns fill one, a column or a needed field is left out.
        """
        self._type = licence_type
        self._fitting = fit(plan, licence_type, calendar, columns)

    def checked(self, row: RawRow, today: date | None) -> Draft | tuple[Fault, ...]:
        """Return the row as a draft that has passed `draft.check`, or every fault. `today` as there."""
        filling = Filling(row, self._fitting, self._type)
        draft = self._judge(filling, self._draft(filling), today)
        return tuple(filling.faults) if filling.faults else draft

    def _judge(self, filling: Filling, draft: Draft, today: date | None) -> Draft:
        """Return the draft as `draft.check` has it; what it says is added to the faults."""
        try:
            return drafts.check(draft, self._type, today)
        except FaceDataError as error:
            self._told(filling, error)
        except InputInvalidError as error:
            self._told(filling, error)
            if (draft.legal_basis, draft.reason) != (_SOME_WORDS, _SOME_WORDS):
                self._judge(filling, replace(draft, legal_basis=_SOME_WORDS, reason=_SOME_WORDS), today)
        return draft

    def _told(self, filling: Filling, error: FaceDataError | InputInvalidError) -> None:
        if isinstance(error, FaceDataError):
            for violation in error.violations:
                filling.refuse(violation)
        elif not filling.covered((LEGAL_BASIS,)) and not filling.covered((REASON,)):
            filling.add((LEGAL_BASIS,), "WORDS")

    def _draft(self, filling: Filling) -> Draft:
        """Return the draft that was filled; what is missing and needed is a fault."""
        data = filling.whole()
        number, issued_on = data.pop("number", None), data.pop("issuedOn", None)
        legal_basis, reason = data.pop(LEGAL_BASIS, None), data.pop(REASON, None)
        holders = data.pop("holders", [])
        valid_from, valid_until = data.pop("validFrom", issued_on), data.pop("validUntil", None)
        filling.need({"number": number, "issuedOn": issued_on, LEGAL_BASIS: legal_basis, REASON: reason})
        if self._fitting.needs_end:
            filling.need({"validUntil": valid_until})
        filling.need_of_holders(holders)
        return Draft(
            type_key=self._type.key,
            number=number or "",
            holders=tuple(_holder(each) for each in holders),
            issued_on=issued_on or _SOME_DAY,
            valid_from=valid_from or _SOME_DAY,
            valid_until=None if valid_until is NO_END else valid_until,
            data=data,
            legal_basis=legal_basis or _SOME_WORDS,
            reason=reason or _SOME_WORDS,
        )


def _holder(found: dict[str, Any]) -> Holder:
    return Holder(found.get("codeType", ""), found.get("code", ""), found.get("name", ""))
