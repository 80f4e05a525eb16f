"""One subscription: from where its client was, through what has happened since, to what happens now.

Decides the order: that of the log, one message after the other, so a reader who is slow holds up himself and nobody else, and nothing is kept for him. Each
message is made anew under the rights of its moment; until the hub can make it, it is tried again, and never passed over.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import orjson

from hub.access.allowances import Allowance
from hub.access.caller import Caller
from hub.audit.release import Release, Released
from hub.audit.service import Pending
from hub.changes.event import Change
from hub.changes.feed import Look
from hub.changes.following import Follower
from hub.errors import PolicyChangedError, UnavailableError
from hub.excess import PassingError, ResponseTooLargeError
from hub.sharing.feed import Receiver
from schema import masking
from schema.context import Services
from schema.execution import run_event
from schema.feed.changes import Occasion
from schema.sockets.once import Shared
from schema.sockets.operation import Operation
from schema.weights import REQUEST

AGAIN_SECONDS: Final = 1.0
_LOOK_AGAIN_SECONDS: Final = 60.0  # whoever waits is woken; this is for one who was not
Message = Released[bytes | None]


@dataclass(frozen=True, slots=True)
class Ground:
    """What all subscriptions of a process share."""

    services: Services
    release: Release
    shared: Shared[Message]


@dataclass(frozen=True, slots=True)
class Client:
    """Who follows: `caller` tells who he is now, or refuses; `ready` makes his operation ready for now; `send` waits until he reads."""

    caller: Callable[[], Caller]
    ready: Callable[[Caller], Operation]
    send: Callable[[bytes, Pending], Awaitable[None]]
    allowance: Allowance


class Subscription:
    """Follows for one client, until it is cancelled."""

    def __init__(self, ground: Ground, client: Client) -> None:
        """Nothing is asked before `begin`."""
        self._ground = ground
        self._client = client
        self._operation: Operation
        self._follower: Follower
        self._place = 0

    async def begin(self) -> None:
        """Find out what is followed, and from where.

        Raises:
            HubError, RefusedOperationError: nothing can be followed so.
        """
        await self._ground.release(self._begin)

    async def _begin(self, pending: Pending) -> None:
        self._operation = self._client.ready(self._client.caller())
        following, given = self._ground.services.changes.following, self._operation.arguments
        self._follower = following.follower(self._operation.caller, given["item"], given.get("types"), pending)
        place = await following.place(self._follower, given.get("after"))
        self._place = await self._ground.services.changes.feed.now() if place is None else place

    async def follow(self) -> None:
        """Send every change that is to be told, for ever.

        Raises:
            HubError, RefusedOperationError: it cannot be followed any more.
        """
        may_concern = self._ground.services.changes.following.may_concern
        while True:
            look = await self._look()
            for change in look.changes:
                if may_concern(self._follower, change):
                    await self._tell(change)
                self._place = change.place + 1
            self._place = look.end
            if not look.more:
                await self._ground.services.changes.feed.grown(self._place, _LOOK_AGAIN_SECONDS)

    async def _look(self) -> Look:
        while True:
            with suppress(UnavailableError):
                return await self._ground.services.changes.feed.since(self._place)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _tell(self, change: Change) -> None:
        """Make the message of a change and send it; it is made again if it could not be, or if the policy has changed since."""
        while True:
            message = await self._made(change)
            if message is not None and message.pending.epoch == self._ground.release.epoch:
                break
        if message.value is not None:
            await self._client.send(message.value, message.pending)

    async def _made(self, change: Change) -> Message | None:
        """Return the message; None, after a while, if it could not be made now."""
        try:
            operation = self._up_to_date()
            key = (*operation.key, change.place, operation.caller.epoch)
            return await self._ground.shared(
                key, lambda: self._ground.release(lambda pending: self._make(change, pending))
            )
        except PassingError as error:
            await asyncio.sleep(error.wait)
        except (PolicyChangedError, UnavailableError):
            await asyncio.sleep(AGAIN_SECONDS)
        return None

    def _up_to_date(self) -> Operation:
        """Return the operation as it is under the policy, and in the schema, of now."""
        caller = self._client.caller()
        if caller.epoch != self._operation.caller.epoch:
            self._operation = self._client.ready(caller)
            receiver = Receiver(self._operation.caller, self._follower.receiver.item)
            self._follower = replace(self._follower, receiver=receiver)
        return self._operation

    async def _make(self, change: Change, pending: Pending) -> bytes | None:
        """Return the result of running the operation for a change, as JSON; None when there is nothing to tell."""
        operation = self._up_to_date()
        if operation.caller.epoch != pending.epoch:
            raise PolicyChangedError
        self._client.allowance.spend(REQUEST + operation.units)
        context = self._ground.services.context(operation.caller, None, None, pending)
        generation, prepared = operation.generation, operation.prepared
        event = Occasion(self._follower, change)
        outcome = await run_event(generation, prepared, operation.name, operation.variables, context, event)
        if not outcome.errors and not any((outcome.data or {}).values()):
            return None
        body, most = orjson.dumps(outcome.body()), generation.documents.limits.response_bytes
        if len(body) > most:
            return orjson.dumps({"errors": [masking.of(ResponseTooLargeError(most, len(body)))], "data": None})
        return body
