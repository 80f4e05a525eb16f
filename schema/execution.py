"""Runs a document of a generation, by its plan or else by graphql-core, and gives what may be shown of the result.

Decides nothing about rights. It must never run a document against a schema other than the one it was validated for.
"""

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLError, GraphQLFormattedError, execute

from hub.errors import PolicyChangedError, UnavailableError
from schema import masking
from schema.context import Context
from schema.documents import Prepared
from schema.generation import Generation


class Outcome(NamedTuple):
    """What came of a request. `ran` is False when it was refused before any field was resolved: then there is no data.

    `planned` tells whether a plan ran, or else graphql-core.
    """

    data: dict[str, Any] | None
    errors: tuple[GraphQLFormattedError, ...]
    ran: bool = True
    planned: bool = False

    def body(self) -> dict[str, Any]:
        """Return the response map of the GraphQL specification, section 7.1."""
        if not self.errors:
            return {"data": self.data}
        return {"errors": self.errors, "data": self.data} if self.ran else {"errors": self.errors}


async def run(
    generation: Generation, prepared: Prepared, name: str | None, variables: Mapping[str, Any], context: Context
) -> Outcome:
    """Run one operation of a prepared document; `name` as in Prepared.operation.

    Raises:
        PolicyChangedError: a grant or client changed meanwhile; make the answer again.
    """
    result = await prepared.plans.run(prepared.operation(name), variables, context)
    planned = result is not None
    if result is None:
        result = await _by_core(generation, prepared, name, variables, context)
    if not result.errors:
        return Outcome(result.data, (), planned=planned)
    _require_policy(result.errors, context)
    ran = result.data is not None or any(error.path is not None for error in result.errors)
    return Outcome(result.data, tuple(masking.answered(error) for error in result.errors), ran, planned)


async def run_event(
    generation: Generation,
    prepared: Prepared,
    name: str | None,
    variables: Mapping[str, Any],
    context: Context,
    event: object,
) -> Outcome:
    """Run a subscription for one event, which its field is given as its source; the event's own words are not looked at.

    Raises:
        PolicyChangedError: as in `run`.
        UnavailableError: the database did not answer, or not in time; the same event is to be run again.
    """
    result = await _by_core(generation, prepared, name, variables, context, event)
    errors = result.errors or []
    _require_policy(errors, context)
    for error in errors:
        if isinstance(error.original_error, UnavailableError):
            raise error.original_error
    return Outcome(result.data, tuple(masking.answered(error) for error in errors), ran=result.data is not None)


async def _by_core(
    generation: Generation, prepared: Prepared, name: str | None, variables: Mapping[str, Any], context: Context,
    source: object = None,
) -> ExecutionResult:  # fmt: skip
    found = execute(
        generation.schema,
        prepared.document,
        root_value=source,
        context_value=context,
        variable_values=dict(variables),
        operation_name=name,
        hide_suggestions=True,
    )
    return await found if isawaitable(found) else found


def _require_policy(errors: list[GraphQLError], context: Context) -> None:
    """An answer made under a policy that has changed must not leave, whatever else is in it."""
    for error in errors:
        if isinstance(error.original_error, PolicyChangedError):
            context.pending.stale = True
            raise error.original_error
