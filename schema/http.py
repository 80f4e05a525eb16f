"""The GraphQL endpoint: one POST, one JSON document, one answer; catalogue queries over GET too.

Decides how the outcome of a request reads in HTTP (GraphQL over HTTP specification). It must never answer outside the
disclosure guard: without `request.state.pending` there is no answer.
"""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any, Final

import orjson
from graphql import GraphQLFormattedError, OperationDefinitionNode, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from hub.access.allowances import Allowance, Allowances
from hub.answering import Reply
from hub.audit.service import Pending
from hub.errors import AccessError
from hub.excess import LimitError, PassingError
from schema import masking
from schema.build import Schema
from schema.context import Services
from schema.documents import Prepared, RefusedDocumentError
from schema.execution import Outcome, run
from schema.queries import OPEN
from schema.requests import FORMS, JSON, Asked, Incoming, MalformedError, answer_form, asked
from schema.signed_in import NOBODY, SignedIn, signed_in
from schema.trusted import Choice
from schema.weights import REQUEST

METHODS: Final = ("GET", "POST")
_CHALLENGE: Final = b'Bearer realm="licence-hub", error="invalid_token"'
_HEADERS: Final = (b"cache-control", b"no-store"), (b"vary", b"Accept, Authorization")
_FORMS: Final = {form: (b"content-type", f"{form}; charset=utf-8".encode()) for form in FORMS}
_QUERY: Final = OperationType.QUERY
_SUBSCRIPTION: Final = OperationType.SUBSCRIPTION
_NO_PLACE: Final = nullcontext()
Confirm = Callable[[Pending], Awaitable[None]]


class GraphQLEndpoint:
    """Answers GraphQL requests."""

    def __init__(
        self, schema: Schema, services: Services, allowances: Allowances, *, trusted_only: bool = False
    ) -> None:
        """Answer by the generation that `schema` holds, resolve by `services`; `trusted_only` refuses every free text.

        Who asks for much waits as `allowances` says.
        """
        self._schema = schema
        self._services = services
        self._allowances = allowances
        self._choice = Choice(services.access, trusted_only)
        self.planned = {True: 0, False: 0}
        """How many operations ran by a plan, and how many by graphql-core."""

    async def answer(self, request: Request) -> Response:
        """Answer as `reply` does where a table of routes leads here, behind the disclosure guard, which has confirmed the policy; for METHODS."""
        reply = await self.reply(request.scope, await request.body(), request.state.pending, _confirmed)
        response = Response(reply.body, reply.status)
        response.raw_headers = reply.headers
        return response

    async def reply(self, scope: Scope, body: bytes, pending: Pending, confirm: Confirm) -> Reply:
        """Answer one request, whose `body` was read; `confirm` is awaited before anything is changed.

        Raises:
            PolicyChangedError: make the answer again.
        """
        form, request = JSON, Incoming.of(scope, body)  # until it is known what is accepted
        try:
            form = answer_form(request.headers.get(b"accept"))
            who = await signed_in(self._services, request, pending)
            allowance = who.allowance(self._allowances, request.peer)
            with allowance if who is not NOBODY else _NO_PLACE:  # the guard holds one for each address
                outcome = await self._outcome(request, who, pending, allowance, confirm)
        except MalformedError as error:
            return _refusal(error.status, masking.refused(error.message, error.code), form)
        except AccessError as error:
            return _refusal(401, masking.of(error), form, (b"www-authenticate", _CHALLENGE))
        except PassingError as error:
            return _refusal(429, masking.of(error), form, (b"retry-after", b"%d" % error.wait))
        return _reply(outcome.body(), 200 if outcome.ran or form == JSON else 400, form)

    async def _outcome(
        self, request: Incoming, who: SignedIn, pending: Pending, allowance: Allowance, confirm: Confirm
    ) -> Outcome:
        generation = self._schema.current  # to the last byte, whatever is published meanwhile
        limits = generation.documents.limits
        try:
            wanted = asked(request, limits)
            prepared, caller = self._choice.choose(wanted, who.caller, generation, allowance.spend)
            operation = _checked_operation(prepared, wanted, request.method)
            if operation.operation is not _QUERY:
                await confirm(pending)
            allowance.spend(REQUEST + prepared.demand(operation).units(wanted.variables, limits))
        except RefusedDocumentError as refused:
            return Outcome(None, tuple(masking.as_it_is(error) for error in refused.errors), ran=False)
        except PassingError:
            raise
        except LimitError as error:
            return Outcome(None, (masking.of(error),), ran=False)
        context = self._services.context(caller, who.staff, who.holder, pending)
        outcome = await run(generation, prepared, wanted.operation, wanted.variables, context)
        self.planned[outcome.planned] += 1
        return outcome


async def _confirmed(_pending: Pending) -> None:
    """Nothing is left to confirm."""


def _checked_operation(prepared: Prepared, wanted: Asked, method: str) -> OperationDefinitionNode:
    """Return the operation to run. Only the catalogue may be asked over GET: a URL is logged, and may hold no personal data."""
    operation = prepared.operation(wanted.operation)
    if operation.operation is _SUBSCRIPTION:
        raise MalformedError("Subscriptions are followed over WebSocket, by graphql-transport-ws.", "OVER_WEBSOCKET")
    changes = operation.operation is not _QUERY
    if method != "POST" and (changes or not prepared.root_fields(operation) <= OPEN):
        raise MalformedError("Only the catalogue can be asked over GET; send this by POST.", "GET_NOT_ALLOWED", 405)
    return operation


def _refusal(status: int, error: GraphQLFormattedError, form: str, *headers: tuple[bytes, bytes]) -> Reply:
    if status == 405:  # noqa: PLR2004 - RFC 9110 section 15.5.6 wants the methods that are allowed
        headers = (*headers, (b"allow", b"POST"))
    return _reply({"errors": [error]}, status, form, *headers)


def _reply(body: dict[str, Any], status: int, form: str, *headers: tuple[bytes, bytes]) -> Reply:
    content = orjson.dumps(body)
    length = b"content-length", b"%d" % len(content)
    return Reply(status, [*_HEADERS, length, _FORMS[form], *headers], content)
