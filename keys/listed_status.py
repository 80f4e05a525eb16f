"""The status of a licence as a status list tells it: which place is its own, and whether the list still speaks.

Decides what a verified list says of one presentation at one moment. It must never make a pass of a list that is too old, too
new or another one: then no status could be had, and the verification is INDETERMINATE (TRY_LATER). Token Status List, 8.3
and 13.7.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from keys.errors import FormatError, SubIndication, VerificationError
from keys.moments import CLOCKS_DIFFER, require_zones
from keys.sd_jwt import peek
from keys.status_list import StatusList
from keys.verification import StatusAnswer

WORDS: Final = MappingProxyType({0: "VALID", 1: "INVALID", 2: "SUSPENDED", 3: "APPLICATION_SPECIFIC"})
"""What the draft calls the values (section 7.1); 3 is TRANSFERRED_OUT or SUPERSEDED here."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a licence stands: the list's address and the index in it."""

    uri: str
    index: int


def reference(presentation: str) -> Reference:
    """The place that a presentation names, to know which list to fetch; nothing of it is believed yet.

    Raises FormatError: it names none.
    """
    status = peek(presentation)[1].get("status")
    listed = status.get("status_list") if isinstance(status, dict) else None
    uri, index = (listed.get("uri"), listed.get("idx")) if isinstance(listed, dict) else (None, None)
    if not isinstance(uri, str) or type(index) is not int or index < 0:
        raise FormatError("the licence names no place in a status list")
    return Reference(uri, index)


def status_in_list(
    status_list: StatusList, presentation: str, at: datetime, *, fetched_at: datetime | None = None
) -> StatusAnswer | None:
    """What a verified list (`status_list.read`) says of a presentation at a moment; None when it does not speak of it.

    `fetched_at` is when the copy was got from its publisher: from `ttl` seconds later on a fresh one is to be fetched. None is
    for who has no network: then the list speaks until it expires.

    Raises:
        VerificationError: it is another list than the presentation's.
        FormatError: the presentation names no place, or one that the list does not have; a time has no zone.
    """
    return status_at(status_list, reference(presentation), at, fetched_at=fetched_at)


def status_at(
    status_list: StatusList, place: Reference, at: datetime, *, fetched_at: datetime | None = None
) -> StatusAnswer | None:
    """The same of a place, which a printed code tells in another way (`keys.qr_verification`)."""
    require_zones(at, fetched_at)
    if status_list.uri != place.uri:
        raise VerificationError("the status list is not the licence's", SubIndication.SIG_CONSTRAINTS_FAILURE)
    value = status_list.value(place.index)
    issued = datetime.fromtimestamp(status_list.issued_at, UTC)
    stale = fetched_at is not None and at >= fetched_at + timedelta(seconds=status_list.ttl)
    if stale or at < issued - CLOCKS_DIFFER or at.timestamp() >= status_list.expires_at:
        return None
    return StatusAnswer(WORDS.get(value, "UNREGISTERED"), issued)
