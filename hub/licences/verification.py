"""Verifies a presentation from anywhere: the seal's keys from the trust of this hub, the status from its records.

The report is that of `keys.verification`, the same as offline; only the status row differs, because the hub knows it now.
A status that cannot be read makes the result INDETERMINATE (TRY_LATER), never a pass.
"""

from anyio import to_thread

from hub.clock import Calendar, Clock
from hub.errors import IdentifierError, UnavailableError
from hub.licences.finding import Finder
from hub.licences.identifier import LicenceIdentifier
from hub.licences.status import effective_status
from hub.seals.service import Seals
from keys.errors import KeysError
from keys.sd_jwt import peek
from keys.verification import Report, StatusAnswer, verify_presentation

__all__ = ["Report", "Verification"]


class Verification:
    """Checks presentations against this hub's seals and statuses."""

    def __init__(self, seals: Seals, finder: Finder, clock: Clock, calendar: Calendar) -> None:
        """Use the hub's trust, its records and its time."""
        self._seals = seals
        self._finder = finder
        self._clock = clock
        self._calendar = calendar

    async def verify(self, presentation: str) -> Report:
        """Return the report of ETSI EN 319 102-1 terms, one row a check."""
        status = await self._status(presentation)
        # Anybody may send a large one; on a thread of its own it keeps nobody else waiting.
        return await to_thread.run_sync(
            verify_presentation, presentation, self._seals.trust(), status, self._clock.now()
        )

    async def _status(self, presentation: str) -> StatusAnswer | None:
        try:
            # Nobody has vouched for it yet: what is no identifier must not reach a look-up that others share.
            identifier = LicenceIdentifier.parse(str(peek(presentation)[1].get("licence_identifier")))
            stored = await self._finder.by_identifier(str(identifier))
        except (KeysError, IdentifierError, UnavailableError):
            return None
        if stored is None:
            return None
        now = self._clock.now()
        status = effective_status(stored.status, stored.valid_from, stored.valid_until, self._calendar.day(now))
        return StatusAnswer(status, now)
