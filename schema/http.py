"""The GraphQL endpoint: one POST, one JSON document, one answer; catalogue queries over GET too.

Decides how the outcome of a request reads in HTTP (GraphQL over HTTP specification). It must never answer outside the
disclosure guard: without `request.state.pending` there is no answer.
"""

from typing import Any, Final

import orjson
from graphql import GraphQLFormattedError, OperationDefinitionNode, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.access.allowances import Allowance, Allowances
from hub.audit.service import Pending
from hub.errors import AccessError
from hub.excess import LimitError, PassingError
from schema import masking
from schema.build import Schema
from schema.context import Context, Services
from schema.documents import Prepared, RefusedDocumentError
from schema.execution import Outcome, run
from schema.queries import OPEN
from schema.requests import JSON, Asked, MalformedError, answer_form, asked
from schema.signed_in import SignedIn, signed_in
from schema.trusted import Choice
from schema.weights import REQUEST

METHODS: Final = ("GET", "POST")
_CHALLENGE: Final = 'Bearer realm="licence-hub"'


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI application; raises as `answer`."""
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """Answer one request; register it for METHODS, behind the disclosure guard.

        Raises:
            PolicyChangedError: make the answer again.
        """
        pending: Pending = request.state.pending
        form = JSON  # until it is known what is accepted
        try:
            form = answer_form(request.headers.get("accept"))
            who = await signed_in(self._services, request, pending)
            allowance = who.allowance(self._allowances, request)
            with who.place(allowance):
                outcome = await self._outcome(request, who, pending, allowance)
        except MalformedError as error:
            return _refusal(error.status, masking.refused(error.message, error.code), form)
        except AccessError as error:
            return _challenge(error, form)
        except PassingError as error:
            return _postponed(error, form)
        status = 200 if outcome.ran or form == JSON else 400
        return _response(outcome.body(), status, form)

    async def _outcome(self, request: Request, who: SignedIn, pending: Pending, allowance: Allowance) -> Outcome:
        generation = self._schema.current  # to the last byte, whatever is published meanwhile
        documents = generation.documents
        try:
            wanted = await asked(request, documents.limits)
            prepared, caller = self._choice.choose(wanted, who.caller, generation, allowance.spend)
            operation = _checked_operation(prepared, wanted, request.method)
            allowance.spend(REQUEST + prepared.demand(operation).units(wanted.variables, documents.limits))
        except RefusedDocumentError as refused:
            return Outcome(None, tuple(masking.as_it_is(error) for error in refused.errors), ran=False)
        except PassingError:
            raise
        except LimitError as error:
            return Outcome(None, (masking.of(error),), ran=False)
        context = Context.of(self._services, caller, who.staff, who.holder, pending)
        outcome = await run(generation, prepared, wanted.operation, wanted.variables, context)
        self.planned[outcome.planned] += 1
        return outcome


def _checked_operation(prepared: Prepared, wanted: Asked, method: str) -> OperationDefinitionNode:
    """Return the operation to run. Only the catalogue may be asked over GET: a URL is logged, and may hold no personal data."""
    operation = prepared.operation(wanted.operation)
    if operation.operation is OperationType.SUBSCRIPTION:
        raise MalformedError("Subscriptions are followed over WebSocket, by graphql-transport-ws.", "OVER_WEBSOCKET")
    changes = operation.operation is not OperationType.QUERY
    if method != "POST" and (changes or not prepared.root_fields(operation) <= OPEN):
        raise MalformedError("Only the catalogue can be asked over GET; send this by POST.", "GET_NOT_ALLOWED", 405)
    return operation


def _challenge(error: AccessError, form: str) -> Response:
    response = _refusal(401, masking.of(error), form)
    response.headers["WWW-Authenticate"] = f'{_CHALLENGE}, error="invalid_token"'
    return response


def _postponed(error: PassingError, form: str) -> Response:
    response = _refusal(429, masking.of(error), form)
    response.headers["Retry-After"] = str(error.wait)
    return response


def _refusal(status: int, error: GraphQLFormattedError, form: str) -> Response:
    response = _response({"errors": [error]}, status, form)
    if status == 405:  # noqa: PLR2004 - RFC 9110 section 15.5.6 wants the methods that are allowed
        response.headers["Allow"] = "POST"
    return response


def _response(body: dict[str, Any], status: int, form: str) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Authorization"}
    return Response(orjson.dumps(body), status, headers, f"{form}; charset=utf-8")
