"""The disclosure guard: no byte of an answer leaves before the records it promised are durable.

Pure ASGI. It reads the request, runs the application with an empty `scope["state"]["pending"]`, holds the whole
response, makes the promised records durable, and only then lets the response go. If that fails, nothing of the answer
leaves. If a grant or client changed meanwhile, the answer is thrown away and made again from the same request. It
decides nothing about what may be read; it only makes sure that what was read is on record.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Protocol

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.audit.service import Pending
from hub.endpoints import bodies
from hub.endpoints.bodies import BodyTooLargeError, BodyTooSlowError, ClientGoneError
from hub.endpoints.errors import INTERNAL, NO_STORE, note, told
from hub.endpoints.held_response import LARGEST_RESPONSE, HeldResponse
from hub.errors import HubError, PolicyChangedError, UnavailableError

RERUNS: Final = 3
UNGUARDED: Final = frozenset({"/health"})  # the process answers for itself, whatever its database does
POLICY_VIOLATION: Final = 1008  # RFC 6455 section 7.4.1


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
    ) -> None:
        """Compare epochs: `current_epoch` is that of what is in memory, `durable_epoch` that of the database.

        `refresh` reads clients, grants, seals, catalogue and vault keys again.
        """
        self._app = app
        self._recorder = recorder
        self._current_epoch = current_epoch
        self._durable_epoch = durable_epoch
        self._refresh = refresh

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer under guard; WebSockets are refused, as there are no subscriptions yet."""
        if scope["type"] == "http" and scope["path"] not in UNGUARDED:
            await self._guard(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await self._app(scope, receive, send)

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await bodies.read(scope, receive)
        except ClientGoneError:
            return
        except BodyTooLargeError:
            large = told(413, "BODY_TOO_LARGE", f"Send {bodies.LARGEST_BODY} bytes at most.")
            await _hang_up(large, scope, receive, send)
            return
        except BodyTooSlowError:
            slow = told(408, "REQUEST_MALFORMED", f"Send the whole body within {bodies.SLOWEST_BODY} seconds.")
            await _hang_up(slow, scope, receive, send)
            return
        outcome = await self._settle(scope, body, receive)
        with suppress(OSError):  # the client has gone; its record stands
            await (outcome.release(send) if isinstance(outcome, HeldResponse) else outcome(scope, receive, send))

    async def _settle(self, scope: Scope, body: bytes, receive: Receive) -> HeldResponse | Response:
        """Run until an answer was made, and recorded, under the policy in force."""
        state = scope.get("state", {})
        try:
            await self._catch_up()
            for _ in range(RERUNS):
                with suppress(PolicyChangedError):
                    return await self._run(scope, state, body, receive)
                await self._refresh()
            return await self._run(scope, state, body, receive)
        except (UnavailableError, PolicyChangedError) as error:
            return _withheld(error)

    async def _run(self, scope: Scope, state: dict[str, Any], body: bytes, receive: Receive) -> HeldResponse | Response:
        # Each run starts from the state before the first: a caller accepted by an older policy must not be found in it.
        pending = Pending(epoch=self._current_epoch())
        scope["state"] = {**state, "pending": pending}
        held = HeldResponse(pending)
        failure = await self._call(dict(scope), bodies.replay(body, receive), held)
        if pending.stale:
            raise PolicyChangedError
        if pending.entries:
            await self._recorder.commit(pending)  # refused attempts too, even if the answer has failed
        if held.too_large:
            return _problem(422, "RESPONSE_TOO_LARGE", f"Ask for less at once; {LARGEST_RESPONSE} bytes is the most.")
        return failure or held

    async def _catch_up(self) -> None:
        """Read again what another process has changed, before the application runs: not every answer promises a record.

        A database that does not answer leaves it as it is: without it nothing of a person can be read.
        """
        with suppress(UnavailableError):
            durable = await self._durable_epoch()
            if durable != self._current_epoch():
                await self._refresh()
            if durable > self._current_epoch():  # that refresh was shared, and had begun before the change
                await self._refresh()

    async def _call(self, scope: Scope, receive: Receive, held: HeldResponse) -> Response | None:
        """Run the application; return what to answer if it failed."""
        try:
            await self._app(scope, receive, held.take)
        except PolicyChangedError:
            raise
        except UnavailableError as error:
            return _withheld(error)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the promised records come first
            note(error)
            return _problem(500, INTERNAL, "Internal error")
        return _problem(500, INTERNAL, "Internal error") if held.is_empty else None


async def _hang_up(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request whose body was not read to its end: the connection is of no further use."""
    answer.headers["Connection"] = "close"
    with suppress(OSError):
        await answer(scope, receive, send)


def _withheld(error: HubError) -> Response:
    answer = _problem(503, error.code, error.message)
    answer.headers["Retry-After"] = "1"
    return answer


def _problem(status: int, code: str, message: str) -> Response:
    """Return a GraphQL answer with an error and no data (GraphQL over HTTP, section 6.4.1)."""
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return Response(orjson.dumps(body), status, NO_STORE, "application/json")
