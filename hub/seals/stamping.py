"""Timestamps over what seals sign: asked for where an authority is set, and believed where a trusted one made them.

Decides that no token is taken unchecked: it must be the answer to this request, over this value, under the policy that was asked for,
by a trusted authority. It must never let a signature pass as stamped because nobody looked (RFC 3161 section 2.2).
"""

import logging

from hub.clock import Clock
from hub.errors import TimestampUnavailableError
from hub.seals.refusals import TimestampInvalidError
from hub.seals.timestamping import TimestampAuthority
from keys.errors import KeysError, SubIndication, VerificationError
from keys.timestamp_trust import Authorities, Timestamp

_log = logging.getLogger("hub.seals")


class Stamping:
    """Stamps signature values, and tells which authorities are believed."""

    def __init__(
        self, clock: Clock, authorities: Authorities | None = None, url: str | None = None, policy: str | None = None
    ) -> None:
        """`authorities` are those whose tokens are believed; one that answers at `url` stamps, under `policy`."""
        self.authorities = authorities
        self._clock = clock
        self._authority = None if url is None else TimestampAuthority(url)
        self._policy = policy

    @property
    def stamps(self) -> bool:
        """Whether an authority is set that stamps."""
        return self._authority is not None

    def stamp(self, value: bytes) -> Timestamp | None:
        """Return a timestamp over a signature value; None where no authority is set.

        Raises:
            TimestampUnavailableError: the authority did not answer in time, or granted none.
            TimestampInvalidError: its answer proves nothing; the log says why.
        """
        if self._authority is None:
            return None
        from keys import timestamp  # noqa: PLC0415 - a library that hubs without an authority do without

        sent = timestamp.request(value, self._policy)
        reply = self._authority.reply(sent.der)
        try:
            return timestamp.check_reply(reply, sent, value, self.authorities or Authorities(()), self._clock.now())
        except KeysError as error:
            _log.error("the timestamp authority's answer is refused: %s", error)
            passing = isinstance(error, VerificationError) and error.sub_indication is SubIndication.TRY_LATER
            raise (TimestampUnavailableError if passing else TimestampInvalidError) from error
