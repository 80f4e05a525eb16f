"""What was said of the values of a case, confirmed or disputed: the hot look-up that materials and form share; one query for both.

It carries no rights, and knows no value: only of which licence or register entry which field is meant, in which edition.
"""

from asyncio import Future
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from hub.audit.service import Pending
from hub.clock import from_micros
from hub.reading import Loader, Reader
from hub.sharing.forms.steps import State

_OF_CASE: Final = """
    SELECT s.case_id, s.source, s.version, s.path, s.record, s.at, s.state FROM (
        SELECT case_id, source, version, path, record, at, NULL AS state FROM value_confirmation
        UNION ALL SELECT case_id, source, version, path, record, filed_at, state FROM value_dispute
    ) s WHERE s.case_id {keys}
"""
Place = tuple[str, int, str]
"""A licence's identifier or a register entry's id, its edition, and a field."""


class Confirmed(NamedTuple):
    """A value that was confirmed, and when."""

    place: Place
    record: str
    at: datetime


class Said(NamedTuple):
    """What was said in a case: what was confirmed, whether anything was disputed, and of which editions an answer is awaited."""

    confirmed: Mapping[Place, Confirmed]
    is_disputed: bool
    awaited: frozenset[tuple[str, int]]

    def confirmed_at(self, place: Place) -> datetime | None:
        """Return when a value was confirmed."""
        return self.confirmed[place].at if place in self.confirmed else None


class Sayings:
    """Looks up what was said. One per process."""

    def __init__(self, reader: Reader) -> None:
        """Read through the hot reader."""
        self._of_case = Loader(reader, _OF_CASE)

    def of_case(self, case_id: str, pending: Pending) -> Future[Said]:
        """Begin to look up what was said in a case, once a request; whoever waits for it is told UnavailableError."""
        return pending.begun(("said", case_id), lambda: self._said(case_id))

    async def _said(self, case_id: str) -> Said:
        rows = await self._of_case.load(case_id)
        if not rows:
            return NOTHING
        confirmed = {
            (source, version, path): Confirmed((source, version, path), record, from_micros(at))
            for source, version, path, record, at, state in rows
            if state is None
        }
        disputed = [(source, version, state) for source, version, *_, state in rows if state is not None]
        awaited = frozenset((source, version) for source, version, state in disputed if state == State.OPEN)
        return Said(confirmed, bool(disputed), awaited)


NOTHING: Final = Said({}, is_disputed=False, awaited=frozenset())
