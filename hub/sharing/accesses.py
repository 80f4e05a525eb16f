"""Reads on record, as people are shown them: by whom, for which case, when, which fields, allowed or not and why.

Decides what of an access record is told, and leaves out what an embargo keeps back. It must never tell of another person: records name none,
and only those that speak of the handles asked for are read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from hub.audit import subjects
from hub.audit.subjects import Found, Sought
from hub.clock import from_micros, to_micros
from hub.paging import Page, Window
from hub.sharing.basis import PRESENTED
from hub.sharing.cases import Cases
from hub.sharing.consents.consented import CONSENTS, OFFICIAL_DUTY
from hub.sharing.embargoes import Embargo, Embargoes
from hub.sharing.facts import MATCHED
from hub.sharing.records import CHECKED, JUDGED, PARTIES

_MOST_OF_CASE: Final = 1_000  # reads of one person in one case


@dataclass(frozen=True, slots=True)
class Access:
    """A read that is on record.

    `authority` None: the person read it himself. `item` and `case_number` are those of the case, if it was read in one; `disclosed` and
    `withheld` (path, reason) stand in the type's order; `reason` is the code of a refusal; `embargo` the one that kept it back;
    `relations` (role, evidence) are those in which the person was a party, or, of a check of relations (`checked`), the one that was checked;
    `consents` are those it was read under, `official_duty` is whether consent was asked for and official duty did without it;
    `compared` is whether his code and name were compared with a register, and nothing was disclosed;
    `judged` are names of the item's requirements, answered without disclosing the field; `presentation` is that by which he showed it.
    """

    record: str
    at: datetime
    authority: str | None
    item: str | None
    case_number: str | None
    type_key: str | None
    licence: str | None
    disclosed: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]
    outcome: str
    reason: str | None
    legal_basis: str | None
    receipt: bool
    embargo: Embargo | None
    relations: tuple[tuple[str, str], ...]
    checked: bool
    consents: tuple[str, ...] = ()
    official_duty: bool = False
    compared: bool = False
    judged: tuple[str, ...] = ()
    presentation: str | None = None


class Accesses:
    """Reads them, within units of work of its callers."""

    def __init__(self, cases: Cases, embargoes: Embargoes) -> None:
        """Cases have numbers, and may be under embargo."""
        self._cases = cases
        self._embargoes = embargoes

    def shown(self, session: Session, handles: Collection[str], window: Window, *, own: bool) -> Page[Access]:
        """Return a page, the newest first, without what is kept back now. Raises InputInvalidError, DamagedError."""
        sought = Sought(handles, shown_to=to_micros(self._embargoes.shown_to), own=own)
        maybe = self._embargoes.maybe(session)
        hidden = self._embargoes.hidden(session, subjects.scopes(session, sought, maybe) if maybe else ())
        while True:
            page = subjects.page(session, replace(sought, hidden=hidden), window)
            # A case that was opened under embargo since: its embargo was there before its first read.
            new = self._embargoes.hidden(session, _cases_of(page, since=sought.shown_to)) - hidden
            if not new:
                return self._page(session, page, handles)
            hidden |= new

    def of_case(self, session: Session, case_id: str, handles: Collection[str], window: Window) -> Page[Access]:
        """Return a page of the reads of one case, the newest first, those that are kept back too."""
        return self._page(session, subjects.page(session, Sought(handles, only=case_id), window), handles)

    def presented(
        self, session: Session, handles: Collection[str], case_id: str, presentation: str
    ) -> tuple[Access, ...]:
        """Return the reads of a case by which a presentation left, the oldest first; none while the case is under embargo."""
        if self._embargoes.hidden(session, {case_id}):
            return ()
        found = [
            each
            for each in subjects.of_case(session, case_id, handles, _MOST_OF_CASE)
            if each.facts.get(PRESENTED) == presentation
        ]
        numbers = self._cases.numbers(session, {case_id})
        return tuple(self._access(each, numbers, {}, handles) for each in found)

    def _page(self, session: Session, page: Page[Found], handles: Collection[str]) -> Page[Access]:
        cases = _cases_of(page)
        numbers, embargoes = self._cases.numbers(session, cases), self._embargoes.of_cases(session, cases)
        items = tuple(self._access(each, numbers, embargoes, handles) for each in page.items)
        return Page(items, page.cursors, page.has_previous, page.has_next)

    def _access(
        self,
        found: Found,
        numbers: Mapping[str, tuple[str, str]],
        embargoes: Mapping[str, Embargo],
        handles: Collection[str],
    ) -> Access:
        facts, at = found.facts, from_micros(found.recorded_at)
        item, number = numbers.get(facts["case"], (facts["item"], None))
        embargo = embargoes.get(facts["case"])
        return Access(
            record=found.id, at=at, authority=facts["authority"], item=item, case_number=number,
            type_key=facts["type"], licence=facts["licence"], disclosed=tuple(facts["disclosed"]),
            withheld=tuple((path, reason) for path, reason in facts["withheld"]), outcome=facts["outcome"],
            reason=facts["reason"], legal_basis=facts["legal_basis"], receipt=facts["receipt"],
            embargo=embargo if embargo and self._kept_back(embargo, at) else None,
            relations=_relations(facts, handles), checked=CHECKED in facts,
            judged=tuple(facts.get(JUDGED, ())),
            consents=tuple(facts.get(CONSENTS, ())), official_duty=facts.get(OFFICIAL_DUTY, False),
            compared=MATCHED in facts, presentation=facts.get(PRESENTED),
        )  # fmt: skip

    def _kept_back(self, embargo: Embargo, at: datetime) -> bool:
        """Tell whether a read was kept back by an embargo that is over: one that holds is told of no read."""
        return embargo.until is not None and at < embargo.until and not self._embargoes.holds(embargo)


def _relations(facts: Mapping[str, Any], handles: Collection[str]) -> tuple[tuple[str, str], ...]:
    told = facts.get(PARTIES, ())
    return tuple((role, evidence) for handle, role, evidence in told if CHECKED in facts or handle in handles)


def _cases_of(page: Page[Found], since: int = 0) -> set[str]:
    return {each.facts["case"] for each in page.items if each.facts["case"] and each.recorded_at > since}
