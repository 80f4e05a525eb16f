"""Following changes: a page of them for who asks, or one after the other for who listens; each as far as the receiver may be told.

Decides where a receiver begins and how far a page goes. Its cursors are places in the log, sealed for one client system of this hub; one that was
made elsewhere, for somebody else or by nobody is refused. What must not be told leaves no trace but a place further on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.changes.event import Change
from hub.changes.feed import Feed
from hub.changes.refusals import CursorForeignError
from hub.errors import InputInvalidError
from hub.paging import LARGEST_PAGE, USUAL_PAGE
from hub.sharing.disclosure import Disclosed
from hub.sharing.facts import Channel
from hub.sharing.feed import FeedReading, Receiver
from hub.sharing.node import CaseCursors
from hub.sharing.reading import WantedByType

_LOOKS: Final = 5
"""How many looks at the log one page takes at the most; it may then be short, or empty, and says where to go on."""


@dataclass(frozen=True, slots=True)
class Told:
    """A change as a receiver is told of it, and the cursor that goes on behind it."""

    change: Change
    disclosed: Disclosed
    cursor: str


@dataclass(frozen=True, slots=True)
class ToldPage:
    """Changes in the order of the log; `cursor` goes on behind all that was looked at, `more` is whether the log goes on there."""

    changes: tuple[Told, ...]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class Follower:
    """A receiver, the types he wants to hear of (None: all that he may), and his cursors."""

    receiver: Receiver
    types: frozenset[str] | None
    cursors: CaseCursors

    def cursor(self, place: int) -> str:
        """Return the cursor that goes on at a place."""
        return self.cursors.make((str(place),))


class Following:
    """Lets receivers follow."""

    def __init__(self, feed: Feed, sharing: FeedReading) -> None:
        """`feed` has the changes, `sharing` says what may be told of them."""
        self._feed = feed
        self._sharing = sharing

    def follower(self, caller: Caller, item: str, types: Collection[str] | None, pending: Pending) -> Follower:
        """Return who follows; raises as `FeedReading.receiver`."""
        receiver = self._sharing.receiver(caller, item, pending)
        return Follower(receiver, None if types is None else frozenset(types), self._sharing.cursors(caller.client_id))

    async def place(self, follower: Follower, cursor: str | None) -> int | None:
        """Return the place at which a cursor goes on; None without one.

        Raises:
            CursorForeignError: it was not given by this hub to this client, or its log does not reach so far.
        """
        if cursor is None:
            return None
        try:
            (text,) = follower.cursors.read(cursor)
            place = int(text)
        except (InputInvalidError, ValueError):
            raise CursorForeignError from None
        if place < 0 or (place > self._feed.end and place > await self._feed.now()):
            raise CursorForeignError
        return place

    async def page(
        self, follower: Follower, cursor: str | None, first: int | None, wanted: WantedByType, pending: Pending
    ) -> ToldPage:
        """Return the changes behind a cursor, from the beginning of the log without one, that the receiver may be told of.

        Raises:
            InputInvalidError: `first` is not 1 to LARGEST_PAGE.
            CursorForeignError: as `place`.
            PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        most = USUAL_PAGE if first is None else first
        if not 1 <= most <= LARGEST_PAGE:
            raise InputInvalidError(f"first must be 1 to {LARGEST_PAGE}.")
        place, told, more = await self.place(follower, cursor) or 0, list[Told](), True
        for _ in range(_LOOKS):
            look = await self._feed.since(place)
            place, more = look.end, look.more
            for change in look.changes:
                if len(told) == most:
                    place, more = change.place, True
                    break
                one = await self.tell(follower, change, wanted, pending, Channel.QUERY)
                told += [] if one is None else [one]
            if len(told) == most or not more:
                break
        return ToldPage(tuple(told), follower.cursor(place), more)

    def may_concern(self, follower: Follower, change: Change) -> bool:
        """Tell, without looking anything up, whether a change is of a type that the receiver follows."""
        type_key = self._sharing.type_of(change.identifier)
        return type_key is not None and (follower.types is None or type_key in follower.types)

    async def tell(
        self, follower: Follower, change: Change, wanted: WantedByType, pending: Pending, channel: Channel
    ) -> Told | None:
        """Return a change as its receiver is told of it; None when there is nothing to tell him. Raises as FeedReading.tell."""
        if not self.may_concern(follower, change):
            return None
        disclosed = await self._sharing.tell(
            follower.receiver, change.identifier, change.record, wanted, pending, channel
        )
        return None if disclosed is None else Told(change, disclosed, follower.cursor(change.place + 1))
