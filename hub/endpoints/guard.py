"""The disclosure guard: no byte of an answer leaves before the records it promised are durable.

Pure ASGI. It reads the request, runs the application with an empty `scope["state"]["pending"]`, holds the whole
response, makes the promised records durable, and only then lets the response go. If that fails, nothing of the answer
leaves. If a grant or client changed meanwhile, the answer is thrown away and made again from the same request. What
takes too long is stopped: then nothing leaves either, but what was read by then is recorded. It decides nothing about what
may be read; it only makes sure that what was read is on record, and that nobody holds more than his places. Over WebSocket each message is held
by itself: it comes with the records it promised (`pending`), or it does not leave.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import answering, deadline, unexpected
from hub.access.allowances import Allowances
from hub.audit.service import Pending
from hub.endpoints import bodies
from hub.endpoints.bodies import ClientGoneError
from hub.endpoints.errors import INTERNAL, NO_STORE, headers, refusal, status
from hub.endpoints.held_response import HeldResponse
from hub.errors import HubError, PolicyChangedError, UnavailableError
from hub.excess import BodyTooLargeError, LimitError, ResponseTooLargeError, TimeExceededError
from hub.limits import Limits

T = TypeVar("T")
RERUNS: Final = 8  # the request's time ends sooner, or the policy never rests
GRAPHQL: Final = "/graphql"
UNGUARDED: Final = frozenset({"/health"})  # the process answers for itself, whatever its database does
# Files of imports are larger than any memory; their routes read and write in pieces, and record by themselves.
STREAMED: Final = re.compile(r"/imports(?:/[^/]+/rejects)?|/console/imports/(?:send|[^/]+/rejects)")


class CommitsRecords(Protocol):
    """Makes promised records durable (hub.audit.recorder.Recorder)."""

    async def commit(self, pending: Pending) -> None:
        """Return when they are durable; raise RecordUnavailableError or PolicyChangedError."""


class DisclosureGuard:
    """Wraps an ASGI application whose answers promise access records."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        recorder: CommitsRecords,
        current_epoch: Callable[[], int],
        durable_epoch: Callable[[], Awaitable[int]],
        refresh: Callable[[], Awaitable[None]],
        limits: Limits,
        allowances: Allowances,
        page: Callable[[HubError, Scope], Response | None] = lambda _error, _scope: None,
    ) -> None:
        """Compare epochs: `current_epoch` is that of what is in memory, `durable_epoch` that of the database.

        `refresh` reads clients, grants, seals, catalogue and vault keys again. `allowances` are the process's. `page` answers a
        browser what is refused here; None: no browser asks.
        """
        self._app = app
        self._recorder = recorder
        self._current_epoch = current_epoch
        self._durable_epoch = durable_epoch
        self._refresh = refresh
        self._limits = limits
        self._allowances = allowances
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer under guard."""
        if scope["type"] == "http" and STREAMED.fullmatch(scope["path"]):
            await self._stream(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] not in UNGUARDED:
            await self._guard(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, self._holding(send))
        else:
            await self._app(scope, receive, send)

    def _holding(self, send: Send) -> Send:
        """Return a channel that holds each message until the records are durable that it comes with; one without any never leaves."""

        async def held(message: Message) -> None:
            if message["type"] == "websocket.send":
                pending: Pending = message["pending"]
                if pending.entries and not pending.durable:
                    await self._recorder.commit(pending)
                    pending.durable = True
                message = {name: value for name, value in message.items() if name != "pending"}
            await send(message)

        return held

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._allowances.everybody, self._allowances.of_peer(scope.get("client")):
                body = await bodies.read(scope, receive, self._limits)
                outcome = await self._settle(scope, body, receive)
        except ClientGoneError:
            return
        except LimitError as error:
            rest = receive if isinstance(error, BodyTooLargeError) else None
            await _hang_up(self._refused(error, scope), rest, send)
            return
        with suppress(OSError):  # the client has gone; its record stands
            await (outcome.release(send) if isinstance(outcome, HeldResponse) else outcome(scope, receive, send))

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a body or an answer pass that is too large to hold; its route records before it answers (STREAMED)."""
        try:
            with self._allowances.everybody, self._allowances.of_peer(scope.get("client")):
                await self._catch_up(self._ends())
                scope["state"] = {**scope.get("state", {}), "pending": Pending(epoch=self._current_epoch())}
                with suppress(OSError):
                    await self._app(scope, receive, _hanging_up(send))
        except (
            LimitError,
            PolicyChangedError,
        ) as error:  # before anything was answered; a body that has passed is not run again
            await _hang_up(self._refused(error, scope), None, send)

    async def _settle(self, scope: Scope, body: bytes, receive: Receive) -> HeldResponse | Response:
        """Run until an answer was made, and recorded, under the policy in force."""
        state = scope.get("state", {})
        ends = self._ends()
        try:
            with deadline.within(self._limits.seconds):
                await self._catch_up(ends)
                for _ in range(RERUNS):
                    with suppress(PolicyChangedError):
                        return await self._run(scope, state, body, receive, ends)
                    await self._follow(ends, anyway=True)
                return await self._run(scope, state, body, receive, ends)
        except (UnavailableError, PolicyChangedError) as error:
            return self._refused(error, scope)

    def _ends(self) -> float:
        return asyncio.get_running_loop().time() + self._limits.seconds

    async def _in_time(self, work: Awaitable[T], ends: float) -> T:
        """Return what comes of the work; cancel it and raise TimeExceededError when the loop's time comes."""
        bound = asyncio.timeout_at(ends)
        try:
            async with bound:
                return await work
        except TimeoutError:
            if bound.expired():
                raise TimeExceededError(self._limits.seconds) from None
            raise

    async def _run(
        self, scope: Scope, state: dict[str, Any], body: bytes, receive: Receive, ends: float
    ) -> HeldResponse | Response:
        # Each run starts from the state before the first: a caller accepted by an older policy must not be found in it.
        pending = Pending(epoch=self._current_epoch())
        scope["state"] = {**state, "pending": pending}
        answering.forget()
        held = HeldResponse(pending, self._limits.response_bytes)
        failure = await self._call(dict(scope), bodies.replay(body, receive), held, ends)
        if pending.stale:
            raise PolicyChangedError
        if pending.entries:
            await self._record(pending)  # refused attempts too, even if the answer has failed
        if failure is None and held.too_large:
            return self._refused(ResponseTooLargeError(self._limits.response_bytes, held.size), scope)
        return failure or held

    def _refused(self, error: HubError, scope: Scope) -> Response:
        return self._page(error, scope) or _refused(error, scope)

    async def _record(self, pending: Pending) -> None:
        """Make the records durable, with a time of their own: what was read in time is recorded though the time is over."""
        await self._in_time(self._recorder.commit(pending), self._ends())

    async def _catch_up(self, ends: float) -> None:
        """Read again what another process has changed, before the application runs: not every answer promises a record.

        A database that does not answer leaves it as it is: without it nothing of a person can be read.
        """
        try:
            await self._follow(ends, anyway=False)
        except TimeExceededError:
            raise  # what is in memory is old, and known to be
        except UnavailableError:
            return

    async def _follow(self, ends: float, *, anyway: bool) -> None:
        """Bring what is in memory to the policy that is in the database now, or read it again `anyway`."""
        durable = await self._durable_epoch()
        if anyway or durable != self._current_epoch():
            await self._in_time(self._refresh(), ends)
        if durable > self._current_epoch():  # that refresh was shared, and had begun before the change
            await self._in_time(self._refresh(), ends)

    async def _call(self, scope: Scope, receive: Receive, held: HeldResponse, ends: float) -> Response | None:
        """Run the application; return what to answer if it failed."""
        try:
            await self._in_time(self._app(scope, receive, held.take), ends)
        except PolicyChangedError:
            raise
        except UnavailableError as error:
            return self._refused(error, scope)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the promised records come first
            unexpected.tell(error)
            return _problem(500, "Internal error", {"code": INTERNAL})
        return _problem(500, "Internal error", {"code": INTERNAL}) if held.is_empty else None


def _hanging_up(send: Send) -> Send:
    """Return a channel that ends the connection with a refusal, for the body may not have been read."""

    async def hang_up(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:  # noqa: PLR2004 - RFC 9110, section 15
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return hang_up


async def _hang_up(answer: Response, rest: Receive | None, send: Send) -> None:
    """Answer a request whose body was not read to its end: the connection is of no further use, after the `rest` of it."""
    start = {"type": "http.response.start", "status": answer.status_code}
    with suppress(OSError):
        await send({**start, "headers": [*answer.raw_headers, (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})
        if rest is not None:
            await bodies.throw_away(rest)
        await send({"type": "http.response.body", "body": b""})


def _refused(error: HubError, scope: Scope) -> Response:
    """Return a refusal as the client of this address expects it; of GraphQL with errors and no data (over HTTP, section 6.4.1)."""
    if scope["path"] != GRAPHQL:
        return refusal(error)
    scope.setdefault("state", {})["route"] = GRAPHQL  # for the access log
    return _problem(status(error), error.message, error.extensions, headers(error))


def _problem(
    status_code: int, message: str, told: Mapping[str, Any], with_headers: Mapping[str, str] = NO_STORE
) -> Response:
    answering.note(told["code"])
    body = {"errors": [{"message": message, "extensions": told}]}
    return Response(orjson.dumps(body), status_code, with_headers, "application/json")
