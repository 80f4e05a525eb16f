"""graphql-transport-ws: which messages there are, how they are read and written, and with which codes a connection ends.

Decides that only. It must never repeat what was sent: a reason names the mistake. Messages are JSON as strict as bodies of requests are.
GraphQL over WebSocket protocol; close codes below 4000 are those of RFC 6455.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from hub.excess import LimitError
from hub.limits import Limits
from schema import values

SUBPROTOCOL: Final = "graphql-transport-ws"

INIT, ACK, PING, PONG = "connection_init", "connection_ack", "ping", "pong"
SUBSCRIBE, NEXT, ERROR, COMPLETE = "subscribe", "next", "error", "complete"
_SENT_BY_CLIENTS: Final = frozenset({INIT, PING, PONG, SUBSCRIBE, COMPLETE})
_NAMED: Final = frozenset({SUBSCRIBE, COMPLETE})
_LONGEST_ID: Final = 128

NORMAL: Final = 1000
GOING_AWAY: Final = 1012
TRY_AGAIN: Final = 1013
MALFORMED: Final = 4400
UNAUTHORISED: Final = 4401
FORBIDDEN: Final = 4403
NO_SUBPROTOCOL: Final = 4406
NO_INIT: Final = 4408
ID_TAKEN: Final = 4409
INIT_AGAIN: Final = 4429
BROKEN: Final = 4500


class ClosedError(Exception):
    """The connection ends, with a code and a reason of up to 123 bytes."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """One message of a client; `id` is empty where the type has none."""

    type: str
    id: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)
    size: int = 0


def read(text: str, limits: Limits) -> ClientMessage:
    """Read a message.

    Raises:
        ClosedError: it is none of the protocol.
    """
    body = text.encode("utf-8", "surrogatepass")
    try:
        given = values.read(body, limits)
    except (values.NotJsonError, values.RepeatedKeyError):
        raise ClosedError(MALFORMED, "A message is one JSON object that names each key once.") from None
    except LimitError as error:
        raise ClosedError(MALFORMED, error.code) from None
    if not isinstance(given, dict) or given.get("type") not in _SENT_BY_CLIENTS:
        raise ClosedError(MALFORMED, "This is no message of graphql-transport-ws.")
    kind, payload = given["type"], given.get("payload")
    if not isinstance(payload, dict | None) or (kind == SUBSCRIBE and payload is None):
        raise ClosedError(MALFORMED, "The payload of a message is an object.")
    return ClientMessage(kind, _id(given) if kind in _NAMED else "", payload or {}, len(body))


def _id(given: Mapping[str, Any]) -> str:
    found = given.get("id")
    if not isinstance(found, str) or not 1 <= len(found) <= _LONGEST_ID:
        raise ClosedError(MALFORMED, f"The id of an operation is a text of 1 to {_LONGEST_ID} characters.")
    return found


def written(kind: str, of: str = "", payload: bytes | None = None) -> str:
    """Return a message of the hub; `payload` is JSON."""
    parts = [b'{"type":"', kind.encode(), b'"']
    if of:
        parts += [b',"id":', orjson.dumps(of)]
    if payload is not None:
        parts += [b',"payload":', payload]
    return b"".join((*parts, b"}")).decode()
