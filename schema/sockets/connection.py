"""One connection: who it is, what he follows, and how it ends.

Decides what a client may do in which state, as graphql-transport-ws says. It must never send data of a licence but through the guard, which holds each
message until its records are durable; nor keep anything for a reader who is slow: he is waited for, for a while, and then let go, and goes on with his cursor.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Final

import orjson
from starlette.types import Receive, Send

from hub import unexpected
from hub.access.allowances import Allowance, Allowances
from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.errors import AccessError, HubError, PolicyChangedError
from hub.excess import PassingError, SlowReaderError, TooManyAtOnceError
from hub.limits import Limits
from schema import masking
from schema.build import Schema
from schema.requests import Asked, MalformedError, checked
from schema.sockets import protocol
from schema.sockets.operation import Operation, RefusedOperationError, make_ready
from schema.sockets.protocol import ClientMessage, ClosedError
from schema.sockets.subscribed import Client, Ground, Subscription
from schema.sockets.watched import Sockets
from schema.trusted import Choice

INIT_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 60.0
_HEADER: Final = "authorization"


class Connection:
    """One client's; `run` serves it to its end and returns its code."""

    def __init__(
        self, ground: Ground, schema: Schema, choice: Choice, allowances: Allowances, sockets: Sockets, limits: Limits,
        receive: Receive, send: Send,
    ) -> None:  # fmt: skip
        """`send` is the guard's."""
        self._ground = ground
        self._schema = schema
        self._choice = choice
        self._allowances = allowances
        self._sockets = sockets
        self._limits = limits
        self._receive = receive
        self._send = send
        self._token: str | None = None
        self._following: dict[str, asyncio.Task[None]] = {}
        self._ended: asyncio.Future[ClosedError] = asyncio.get_running_loop().create_future()
        self._idle_since = time.monotonic()
        self.client_id: str | None = None

    async def run(self, peer: Allowance) -> ClosedError:
        """Serve until the client goes or must go; `peer` is taken from until it is known who he is."""
        with ExitStack() as places:
            try:
                with peer:
                    caller = await self._introduced()
                self.client_id = caller.client_id
                places.enter_context(self._sockets.of_client(caller.client_id))
                await self._say(protocol.ACK)
                while True:
                    await self._answer(protocol.read(await self._next(), self._limits))
            except GoneError as gone:
                return gone
            except ClosedError as closed:
                ending = closed
            except PassingError as error:
                ending = ClosedError(protocol.TRY_AGAIN, error.code)
            finally:
                await self._stop_all()
            with suppress(OSError):  # who is slow holds his place until he reads this, or goes
                await self._send({"type": "websocket.close", "code": ending.code, "reason": ending.reason})
            return ending

    def look(self) -> None:
        """End it if its client may not follow any more, or has asked for nothing for a while."""
        if self._token is None or self._ended.done():
            return
        try:
            self._caller()
        except ClosedError as closed:
            self._end(closed)
        except PolicyChangedError:  # memory is older than the token; it is read again by who looks at the log
            return
        if not self._following and time.monotonic() - self._idle_since > IDLE_SECONDS:
            self._end(ClosedError(protocol.NORMAL, "Nothing is followed here."))

    # -- who it is -------------------------------------------------------------------------------------------------

    async def _introduced(self) -> Caller:
        """Return who has introduced himself in his first message."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                first = protocol.read(await self._next(), self._limits)
        except TimeoutError:
            raise ClosedError(protocol.NO_INIT, "Connection initialisation timeout") from None
        if first.type != protocol.INIT:
            raise ClosedError(protocol.UNAUTHORISED, "Unauthorized")
        header = next((value for name, value in first.payload.items() if name.lower() == _HEADER), None)
        self._token = header if isinstance(header, str) else ""
        try:
            await self._ground.release.follow()
            return self._caller()
        except PolicyChangedError:
            raise ClosedError(protocol.TRY_AGAIN, PolicyChangedError.code) from None
        except HubError as error:
            raise ClosedError(protocol.TRY_AGAIN, error.code) from None

    def _caller(self) -> Caller:
        """Return who follows, as he is now; raises ClosedError when his token is not honoured any more, or PolicyChangedError."""
        try:
            return self._ground.services.access.caller(self._token)
        except AccessError as error:
            raise ClosedError(protocol.FORBIDDEN, error.code) from None

    # -- messages --------------------------------------------------------------------------------------------------

    async def _next(self) -> str:
        """Return the client's next message; raises ClosedError when he has gone, or must go."""
        receiving = asyncio.ensure_future(self._receive())
        waiting: set[asyncio.Future[Any]] = {receiving, self._ended}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not receiving.done():
                receiving.cancel()
        if self._ended.done():
            raise self._ended.result()
        message = receiving.result()
        if message["type"] == "websocket.disconnect":
            raise GoneError(message.get("code"))
        text = message.get("text")
        if text is None:
            raise ClosedError(protocol.MALFORMED, "Messages are texts.")
        return str(text)

    async def _answer(self, message: ClientMessage) -> None:
        await self._ANSWERS[message.type](self, message)

    async def _say(self, kind: str, of: str = "", payload: bytes | None = None, pending: Pending | None = None) -> None:
        """Send a message, and wait until the client has read so many of those before that there is room for it.

        Raises:
            ClosedError: he did not for too long.
        """
        text = protocol.written(kind, of, payload)
        message = {"type": "websocket.send", "text": text, "pending": pending or Pending(durable=True)}
        try:
            async with asyncio.timeout(self._limits.socket_seconds):
                await self._send(message)
        except TimeoutError:
            raise ClosedError(protocol.TRY_AGAIN, SlowReaderError.code) from None
        except OSError:
            raise GoneError(None) from None

    async def _again_introduced(self, _message: ClientMessage) -> None:
        raise ClosedError(protocol.INIT_AGAIN, "Too many initialisation requests")

    async def _pinged(self, _message: ClientMessage) -> None:
        await self._say(protocol.PONG)

    async def _ponged(self, _message: ClientMessage) -> None:
        return

    async def _completed(self, message: ClientMessage) -> None:
        if task := self._following.pop(message.id, None):
            task.cancel()

    async def _subscribed(self, message: ClientMessage) -> None:
        if message.id in self._following:
            raise ClosedError(protocol.ID_TAKEN, "Subscriber for this id already exists")
        if len(self._following) >= self._limits.subscriptions:
            error = masking.of(TooManyAtOnceError(self._limits.subscriptions, figure="subscriptions"))
            await self._say(protocol.ERROR, message.id, orjson.dumps([error]))
            return
        try:
            wanted = checked(dict(message.payload))
        except MalformedError as error:
            await self._say(protocol.ERROR, message.id, orjson.dumps([masking.refused(error.message, error.code)]))
            return
        self._following[message.id] = asyncio.create_task(self._follow(message.id, wanted))

    _ANSWERS: ClassVar[Mapping[str, Callable[["Connection", ClientMessage], Awaitable[None]]]] = MappingProxyType(
        {
            protocol.INIT: _again_introduced,
            protocol.PING: _pinged,
            protocol.PONG: _ponged,
            protocol.SUBSCRIBE: _subscribed,
            protocol.COMPLETE: _completed,
        }
    )

    # -- what is followed ------------------------------------------------------------------------------------------

    async def _follow(self, of: str, wanted: Asked) -> None:
        """Follow until the client has enough, or it cannot go on."""
        self._sockets.subscriptions += 1
        try:
            await self._refused_or(of, self._followed(of, wanted))
        except ClosedError as closed:
            self._end(closed)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the client must hear of it, and can go on with his cursor
            unexpected.tell(error)
            self._end(ClosedError(protocol.BROKEN, masking.INTERNAL))
        finally:
            self._sockets.subscriptions -= 1
            if self._following.get(of) is asyncio.current_task():
                del self._following[of]
            self._idle_since = time.monotonic()

    async def _followed(self, of: str, wanted: Asked) -> None:
        allowance = self._allowances.of_client(self.client_id or "")
        ready = partial(self._ready, wanted, allowance.spend)
        subscription = Subscription(self._ground, Client(self._caller, ready, partial(self._tell, of), allowance))
        await subscription.begin()
        await subscription.follow()

    async def _refused_or(self, of: str, work: Awaitable[None]) -> None:
        """Do it; what refuses it ends this subscription, and leaves the connection as it is."""
        try:
            await work
        except RefusedOperationError as refused:
            await self._say(protocol.ERROR, of, orjson.dumps(refused.errors))
        except HubError as error:
            await self._say(protocol.ERROR, of, orjson.dumps([masking.of(error)]))

    def _ready(self, wanted: Asked, spend: Callable[[int], None], caller: Caller) -> Operation:
        return make_ready(self._schema, self._choice, wanted, caller, spend)

    async def _tell(self, of: str, payload: bytes, pending: Pending) -> None:
        await self._say(protocol.NEXT, of, payload, pending)
        self._sockets.messages += 1

    def _end(self, closed: ClosedError) -> None:
        if not self._ended.done():
            self._ended.set_result(closed)

    async def _stop_all(self) -> None:
        tasks, self._following = list(self._following.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class GoneError(ClosedError):
    """The client has gone; there is nobody to tell."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code or protocol.NORMAL, "")
