"""Delivering: each receiver is sent, one after the other in the order of the log, what changed and is for him.

Decides what an attempt is: the change is made anew under the rights of the moment, its record is durable, then it is sent, and what came of it is noted. It must never keep a
payload, nor send anything that could not be read now: a grant that was suspended stops the next attempt. Receivers are apart: who is slow holds up himself.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final

from hub import unexpected
from hub.access.caller import READ, Caller
from hub.audit.release import Release
from hub.audit.service import Pending
from hub.catalogue.service import Catalogue
from hub.changes.event import Change
from hub.changes.feed import Feed
from hub.changes.following import Follower, Following
from hub.changes.webhooks import signing
from hub.changes.webhooks.progress import DeadLetter, Progress, Turn
from hub.changes.webhooks.sending import Attempt, Result, Sender
from hub.clock import Clock
from hub.errors import AccessError, HubError, PolicyChangedError, UnavailableError
from hub.sharing.facts import Channel
from hub.sharing.feed import FeedReading, Receiver
from hub.threads import run_to_end

AT_ONCE: Final = 32
"""Receivers that one process delivers to at one time."""

MOST_OF_TURN: Final = 200
_HEARD_OF: Final = 200
"""After so many changes, which may all have been for others, the lease is renewed."""

_PAUSE: Final = timedelta(minutes=1)
_LOOK_SECONDS: Final = 1.0
_log: Final = logging.getLogger("hub.changes")


class Deliveries:
    """Delivers. One a process, for one event loop."""

    def __init__(
        self, feed: Feed, following: Following, sharing: FeedReading, catalogue: Catalogue, progress: Progress,
        sender: Sender, clock: Clock, *, standing: Callable[[str], Caller], public_url: str,
    ) -> None:  # fmt: skip
        """`standing` returns a client as a caller, or refuses one that may not call any more."""
        self._feed = feed
        self._following = following
        self._sharing = sharing
        self._catalogue = catalogue
        self._progress = progress
        self._sender = sender
        self._clock = clock
        self._standing = standing
        self._source = public_url
        self.results: Counter[str] = Counter()
        """How many attempts of this process ended how."""

    async def keep_delivering(self, release: Release) -> None:
        """Deliver for ever, whatever becomes of single turns."""
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                with suppress(UnavailableError):
                    for of in await self._taken(AT_ONCE - len(running)):
                        turn = asyncio.create_task(self._one_turn(of, release))
                        running.add(turn)
                        turn.add_done_callback(running.discard)
                await self._feed.grown(self._feed.newest + 1, _LOOK_SECONDS)
        finally:
            for turn in running:
                turn.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self._sender.close()

    async def deliver_due(self, release: Release) -> int:
        """Deliver once to every receiver for whom there may be something now, and return how many those were."""
        taken = await self._taken(AT_ONCE)
        await asyncio.gather(*(self._one_turn(of, release) for of in taken))
        return len(taken)

    async def _taken(self, most: int) -> list[str]:
        return await run_to_end(self._progress.take, self._feed.newest, most) if most > 0 else []

    async def _one_turn(self, of: str, release: Release) -> None:
        """Take a receiver's turn; what fails here is the hub's trouble, not his, and he has his turn again in a minute."""
        try:
            turn = await run_to_end(self._progress.turn, of)
            if turn is not None:
                await self._deliver(turn, release)
            await run_to_end(self._progress.let_go, of)
        except HubError as error:
            _log.warning("a turn of webhook %s ended: %s", of, error.code)
        except Exception as error:  # noqa: BLE001 - other receivers must not suffer
            unexpected.tell(error)

    async def _deliver(self, turn: Turn, release: Release) -> None:
        of, place = turn.receiving.id, turn.place
        for letter in turn.wanted:
            await self._send_again(turn, letter, release)
        for _ in range(MOST_OF_TURN):
            look = await self._feed.since(place)
            for number, change in enumerate(look.changes, 1):
                if not await self._told(turn, change, release):
                    return
                if number % _HEARD_OF == 0 and not await run_to_end(self._progress.passed, of, change.place + 1):
                    return
            place = look.end
            if not await run_to_end(self._progress.passed, of, place) or not look.more:
                return

    async def _told(self, turn: Turn, change: Change, release: Release) -> bool:
        """Tell of a change what is to be told; return whether to go on with the next."""
        attempt = await self._attempted(turn, change, release)
        if attempt is None:
            return True
        of, note = turn.receiving.id, self._progress
        if attempt.result is Result.DELIVERED:
            return await run_to_end(note.delivered, of, change)
        return await run_to_end(note.failed, of, change, attempt)

    async def _send_again(self, turn: Turn, letter: DeadLetter, release: Release) -> None:
        change = await self._feed.at(letter.place)
        attempt = Attempt(Result.REFUSED)
        if change is not None and change.record == letter.record:
            made = await self._attempted(turn, change, release)
            attempt = made or Attempt(Result.DELIVERED)  # there is nothing to tell any more
        await run_to_end(self._progress.sent_again, letter, attempt)

    async def _attempted(self, turn: Turn, change: Change, release: Release) -> Attempt | None:
        """Make a delivery and send it; None when there is nothing to tell.

        Raises:
            AccessError: the client may not call any more.
            PolicyChangedError, UnavailableError: it could not be made now.
        """
        of = signing.delivery_id(turn.receiving.id, change.record)
        try:
            made = await release(partial(self._made, turn, change, of))
        except AccessError:
            await run_to_end(self._progress.postpone, turn.receiving.id, _PAUSE)
            raise
        if made.value is None:
            return None
        at = int(self._clock.now().timestamp())
        attempt = await self._sender.post(
            turn.receiving.url, signing.headers(of, at, made.value, turn.secrets), made.value
        )
        self.results[attempt.result.value] += 1
        return attempt

    async def _made(self, turn: Turn, change: Change, of: str, pending: Pending) -> bytes | None:
        receiving = turn.receiving
        caller = self._standing(receiving.client_id)
        if caller.epoch != pending.epoch:
            raise PolicyChangedError
        caller.require(READ.name)
        receiver = Receiver(caller, receiving.item)
        follower = Follower(receiver, receiving.types, self._sharing.cursors(caller.client_id))
        type_key = self._sharing.type_of(change.identifier)
        wanted = receiving.wanted(self._catalogue.current.types[type_key]) if type_key else None
        told = await self._following.tell(follower, change, wanted, pending, Channel.WEBHOOK)
        return None if told is None else signing.body_of(told, of, self._source, receiving.item)
