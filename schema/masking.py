"""What an answer says of an error, and what the log does.

Decides what leaves: the hub's own refusals with their codes, and for everything else "Internal error". It must never show or
log a value: messages of libraries quote what was sent (GraphQL coercion above all), and so do tracebacks' last lines.
"""

import re
from typing import Any

from graphql import GraphQLError, GraphQLFormattedError, VariableDefinitionNode, print_ast

from hub import answering, unexpected
from hub.errors import DamagedError, HubError, PolicyChangedError, UnavailableError
from hub.seals.pictures.refusals import FontMissingError
from hub.seals.refusals import TimestampInvalidError
from schema.problems import EXPECTED

INTERNAL = "INTERNAL"
SPEAKABLE = (
    *EXPECTED, UnavailableError, DamagedError, PolicyChangedError, FontMissingError, TimestampInvalidError,
)  # fmt: skip

_PLACE = re.compile(r"Variable '\$\w+' has invalid value at ([\w.\[\]]+):")


def answered(error: GraphQLError) -> GraphQLFormattedError:
    """Return an error of execution as the answer shows it."""
    cause = error.original_error
    if isinstance(cause, SPEAKABLE):
        return _formatted(error, cause.message, **cause.extensions)
    if isinstance(error.nodes and error.nodes[0], VariableDefinitionNode):
        return _formatted(error, _variable(error), code="INPUT_INVALID")
    if cause is None:
        return _formatted(error, "An argument does not fit its type; values are not repeated.", code="INPUT_INVALID")
    unexpected.tell(cause)
    return _formatted(error, "Internal error", code=INTERNAL)


def as_it_is(error: GraphQLError) -> GraphQLFormattedError:
    """Return an error of ours about the document as a whole."""
    answering.note((error.extensions or {}).get("code", INTERNAL))
    return error.formatted


def refused(message: str, code: str) -> GraphQLFormattedError:
    """Return an error that is about the request as a whole."""
    answering.note(code)
    return {"message": message, "extensions": {"code": code}}


def of(error: HubError) -> GraphQLFormattedError:
    """Return a refusal of the hub that is about the request as a whole."""
    answering.note(error.code)
    return {"message": error.message, "extensions": error.extensions}


def _formatted(error: GraphQLError, message: str, **extensions: object) -> GraphQLFormattedError:
    answering.note(str(extensions["code"]))
    shown: Any = {"message": message, "extensions": extensions}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    return shown  # type: ignore[no-any-return]


def _variable(error: GraphQLError) -> str:
    """Say which variable is wrong, and where inside it; the place is made of names from the schema and list positions."""
    node: Any = error.nodes[0] if error.nodes else None
    found = _PLACE.match(error.message)
    place = f" at {found.group(1).lstrip('.')}" if found else ""
    return f"Variable ${node.variable.name.value} does not fit {print_ast(node.type)}{place}; values are not repeated."
