"""Auditors search the records and look at single ones.

Decides who may: an auditor of the whole hub everything, an auditor of an authority what is that authority's by its record, one authority at a time. A list tells who did
what, when and how it ended, and links nobody to anything. What does, a record that speaks of somebody's licence or case, and a search for one, is itself on
record, with who looked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR
from hub.audit.searching import FoundPage, Searching, Sought
from hub.audit.service import Entry, Pending
from hub.audit.terms import Name, Term
from hub.clock import Calendar, to_micros
from hub.database import Database
from hub.errors import InputInvalidError

KIND: Final = "inspection"
LOOKED: Final = "LOOKED"
SOUGHT: Final = "SOUGHT"
LINKS: Final = (Name.LICENCE, Name.CASE)
"""Terms that lead to what was done with one person's licence or case."""

SPEAKING: Final = ("subjects", "case", "licence", "identifier", "parties")
"""Facts of records that do."""

LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class RecordWish:
    """Which records are sought: of one authority (None: of the whole hub), with these terms, from one legal day through another."""

    authority: str | None
    terms: Mapping[Name, str]
    first: date | None = None
    last: date | None = None


class RecordDesk:
    """Lets auditors look."""

    def __init__(self, database: Database, calendar: Calendar) -> None:
        """`calendar` says when a legal day begins."""
        self._searching = Searching(database)
        self._calendar = calendar

    def search(self, staff: Staff, wish: RecordWish, cursor: str | None, size: int, pending: Pending) -> FoundPage:
        """Return a page of records, the newest first, and promise a record of a search for a licence or case.

        Raises:
            RoleMissingError: he is no auditor of that authority, or of the whole hub.
            InputInvalidError: a term, a day or the cursor is not acceptable.
        """
        staff.require(AUDITOR, wish.authority)
        page = self._searching.page(self._sought(wish), cursor, size)
        links = {name.value: wish.terms[name] for name in LINKS if name in wish.terms}
        if links:
            facts = {"operation": SOUGHT, "staff": staff.id, "authority": wish.authority, "found": len(page.records)}
            pending.record(Entry(KIND, {**facts, **links}))
        return page

    def look(self, staff: Staff, record_id: str, facts: Mapping[str, Any], pending: Pending) -> bool:
        """Promise a record that somebody looks at a record which speaks of somebody; return whether it does. Whoever shows it has decided that he may see it."""
        if not speaks(facts):
            return False
        told = {"operation": LOOKED, "staff": staff.id, "authority": facts.get("authority"), "record": record_id}
        pending.record(Entry(KIND, told))
        return True

    def _sought(self, wish: RecordWish) -> Sought:
        if any(not 1 <= len(value) <= LONGEST or not value.isprintable() for value in wish.terms.values()):
            raise InputInvalidError(f"What is sought has 1 to {LONGEST} printable characters.")
        if wish.first and wish.last and wish.last < wish.first:
            raise InputInvalidError("The first day comes first.")
        terms: list[Term] = list(wish.terms.items())
        if wish.authority is not None:
            terms.append((Name.AUTHORITY, wish.authority))
        first = None if wish.first is None else to_micros(self._calendar.start(wish.first))
        return Sought(terms, first, None if wish.last is None else to_micros(self._calendar.end(wish.last)))


def speaks(facts: Mapping[str, Any]) -> bool:
    """Tell whether a record speaks of somebody's licence or case."""
    return any(facts.get(name) for name in SPEAKING)
