"""Asking a timestamp authority over HTTP (RFC 3161 section 3.4): the bytes of a query out, the bytes of a reply in.

Decides how long an authority may take and how much of its answer is read. It must never believe the answer: `keys.timestamp` makes
the query and says what a reply proves. A digest and a nonce leave the hub, nothing else.
"""

import logging
from typing import Final

from hub.errors import TimestampUnavailableError
from hub.fetching import FetchError, Service
from keys.timestamp_trust import MOST_BYTES

SECONDS: Final = 10.0
_QUERY: Final = "application/timestamp-query"
_REPLY: Final = "application/timestamp-reply"

_log = logging.getLogger("hub.seals")


class TimestampAuthority:
    """An authority at an address, which `hub.settings` has checked."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        """Wait at most so many seconds for a whole reply, and no longer than who waits for the answer."""
        self._service = Service(url, (_REPLY,), MOST_BYTES, seconds)

    def reply(self, query: bytes) -> bytes:
        """Send a query and return the reply, both in DER; for threads without an event loop, as all units of work are.

        Raises:
            TimestampUnavailableError: no whole reply came in time; the log says why.
        """
        try:
            return self._service.post(query, _QUERY)
        except FetchError as error:
            _log.error("the timestamp authority did not answer: %s", error)
            raise TimestampUnavailableError from error
