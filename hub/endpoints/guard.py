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
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import answering, deadline, unexpected
from hub.access.allowances import Allowances
from hub.answering import Reply
from hub.audit.service import Pending
from hub.endpoints import bodies, refusals
from hub.endpoints.bodies import ClientGoneError
from hub.endpoints.held_response import HeldResponse
from hub.endpoints.timekeeper import Timekeeper, Work
from hub.errors import HubError, PolicyChangedError, UnavailableError
from hub.excess import BodyTooLargeError, LimitError, ResponseTooLargeError, TimeExceededError
from hub.limits import Limits

Made = Reply | HeldResponse
Confirm = Callable[[Pending], Awaitable[None]]
Make = Callable[[Scope, bytes, Pending, Confirm], Awaitable[Made]]
RERUNS: Final = 8  # the request's time ends sooner, or the policy never rests
UNGUARDED: Final = frozenset({"/health"})  # the process answers for itself, whatever its database does
# Files of imports are larger than any memory; their routes read and write in pieces, and record by themselves.
STREAMED: Final = re.compile(r"/imports(?:/[^/]+/rejects)?|/console/imports/(?:send|[^/]+/rejects)")


class CommitsRecords(Protocol):
    """Makes promised records durable (hub.audit.recorder.Recorder)."""

    async def commit(self, pending: Pending) -> None:
        """Return when they are durable; raise RecordUnavailableError or PolicyChangedError."""


class Direct(Protocol):
    """Answers one path in one piece (schema.http.GraphQLEndpoint): it is asked all the time, and a table of routes, its middleware and messages cost as much as its policy.

    What reads only is run at once; its epoch is compared when the records it promised are committed, or else before it leaves.
    """

    async def reply(self, scope: Scope, body: bytes, pending: Pending, confirm: Confirm) -> Reply:
        """Answer; await `confirm` before anything is changed, for that is not run again.

        Raises:
            PolicyChangedError: make the answer again.
        """
        ...


NO_DIRECT: Final[Mapping[tuple[str, str], Direct]] = MappingProxyType({})


class _Asked(NamedTuple):
    """One request whose body was read: its state before it was run, what runs it, whether that finds its policy compared, and until when."""

    scope: Scope
    state: Mapping[str, Any]
    body: bytes
    make: Make
    compared_before: bool
    work: Work
    ends: float


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
        direct: Mapping[tuple[str, str], Direct] = NO_DIRECT,
    ) -> None:
        """Compare epochs: `current_epoch` is that of what is in memory, `durable_epoch` that of the database.

        `refresh` reads clients, grants, seals, catalogue and vault keys again. `allowances` are the process's. `page` answers a
        browser what is refused here; None: no browser asks. `direct` answers methods and paths that do not go to `app`.
        """
        self._app = app
        self._recorder = recorder
        self._current_epoch = current_epoch
        self._durable_epoch = durable_epoch
        self._refresh = refresh
        self._limits = limits
        self._allowances = allowances
        self._page = page
        self._direct = direct
        self._keeper = Timekeeper()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Answer under guard."""
        if scope["type"] == "http":
            path = scope["path"]
            direct = self._direct.get((scope.get("method", ""), path))
            if direct is None and STREAMED.fullmatch(path):
                return self._stream(scope, receive, send)
            if path not in UNGUARDED:
                return self._guard(scope, receive, send, direct)
        elif scope["type"] == "websocket":
            send = self._holding(send)
        return self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
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

    async def _guard(self, scope: Scope, receive: Receive, send: Send, direct: Direct | None) -> None:
        try:
            place = self._allowances.admit(scope.get("client"))
            work = Work(self._keeper)
            try:
                body = await bodies.read(scope, receive, self._limits, work)
                state, make = scope.get("state", {}), partial(self._hold, receive) if direct is None else direct.reply
                if direct is not None:
                    state = {**state, "route": scope["path"]}  # for the access log
                made = await self._settle(_Asked(scope, state, body, make, direct is None, work, self._ends()))
            finally:
                work.end()
                self._allowances.leave(place)
        except ClientGoneError:
            return
        except LimitError as error:
            rest = receive if isinstance(error, BodyTooLargeError) else None
            await refusals.hang_up(self._refused(error, scope), rest, send)
            return
        try:
            for message in made.messages:
                await send(message)
        except OSError:  # the client has gone; its record stands
            return

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a body or an answer pass that is too large to hold; its route records before it answers (STREAMED)."""
        try:
            place = self._allowances.admit(scope.get("client"))
            try:
                await self._catch_up(self._ends())
                scope["state"] = {**scope.get("state", {}), "pending": Pending(epoch=self._current_epoch())}
                with suppress(OSError):
                    await self._app(scope, receive, refusals.hanging_up(send))
            finally:
                self._allowances.leave(place)
        except (
            LimitError,
            PolicyChangedError,
        ) as error:  # before anything was answered; a body that has passed is not run again
            await refusals.hang_up(self._refused(error, scope), None, send)

    def _ends(self) -> float:
        return time.monotonic() + self._limits.seconds

    def _late(self) -> TimeExceededError:
        return TimeExceededError(self._limits.seconds)

    async def _settle(self, asked: _Asked) -> Made:
        """Run until an answer was made, and recorded, under the policy in force."""
        token = deadline.begin(self._limits.seconds, asked.ends)
        try:
            if asked.compared_before:
                asked.work.end()  # comparing has a time of its own
                await self._catch_up(asked.ends)
            for rerun in range(RERUNS + 1):
                if rerun:
                    answering.forget()
                    asked.work.end()
                    await self._follow(asked.ends, anyway=True)
                # Each run starts from the state before the first: a caller accepted by an older policy must not be found in it.
                pending = Pending(epoch=self._current_epoch())
                asked.scope["state"] = {**asked.state, "pending": pending}
                asked.work.until(asked.ends)
                try:
                    made = await asked.make(asked.scope, asked.body, pending, self._confirm)
                    if not pending.entries and not pending.confirmed:
                        await self._confirm(pending)  # else the commit compares, or nothing may be run twice
                except PolicyChangedError:
                    continue
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - whatever went wrong, the promised records come first
                    made = self._failed(error, asked)
                if (recorded := await self._recorded(made, pending, asked)) is not None:
                    return recorded
            return self._refused(PolicyChangedError(), asked.scope)
        except UnavailableError as error:
            return self._refused(error, asked.scope)
        finally:
            deadline.end(token)

    def _failed(self, error: BaseException, asked: _Asked) -> Made:
        """Return what to answer if the application failed."""
        if isinstance(error, asyncio.CancelledError):
            if not asked.work.is_late():
                raise error
            error = self._late()
        if isinstance(error, UnavailableError):
            return self._refused(error, asked.scope)
        unexpected.tell(error)
        return refusals.internal()

    async def _hold(self, receive: Receive, scope: Scope, body: bytes, pending: Pending, _confirm: Confirm) -> Made:
        """Run the application, whose policy was compared before."""
        pending.confirmed = True
        held = HeldResponse(pending, self._limits.response_bytes)
        await self._app(dict(scope), bodies.replay(body, receive), held.take)
        return refusals.internal() if held.is_empty else held

    async def _recorded(self, made: Made, pending: Pending, asked: _Asked) -> Made | None:
        """Return what may leave once the promised records are durable, refused attempts too; None if the policy has changed.

        They have a time of their own: what was read in time is recorded though the time is over.
        """
        if pending.stale:
            return None
        if not pending.entries:
            return made
        asked.work.until(self._ends())
        try:
            await self._recorder.commit(pending)
        except PolicyChangedError:
            return None
        except asyncio.CancelledError:
            if asked.work.is_late():
                raise self._late() from None
            raise
        if made.size > self._limits.response_bytes:
            return self._refused(ResponseTooLargeError(self._limits.response_bytes, made.size), asked.scope)
        return made

    async def _confirm(self, pending: Pending) -> None:
        """Refuse to go on under a policy that is not the database's any more; raises PolicyChangedError.

        A database that does not answer leaves it as it is: without it nothing of a person can be read.
        """
        pending.confirmed = True
        with suppress(UnavailableError):
            if await self._durable_epoch() != pending.epoch:
                raise PolicyChangedError

    def _refused(self, error: HubError, scope: Scope) -> Reply:
        return refusals.piece(self._page(error, scope) or refusals.refused(error, scope))

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
        with self._keeper.until(ends, self._late):
            if anyway or durable != self._current_epoch():
                await self._refresh()
            if durable > self._current_epoch():  # that refresh was shared, and had begun before the change
                await self._refresh()
