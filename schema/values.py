"""The values of a request: JSON within bounds, each key once.

Decides how much text, how many values and how deep an object a request may hold, whatever its types say; and that an object names each
key once, for of two values a proxy, a log and the hub might each take another. RFC 8259, section 4.
"""

import json
from collections.abc import Sequence
from typing import Any

import orjson

from hub.excess import NestingError, ValuesError, VariablesBytesError
from hub.limits import Limits

_ESCAPED_COLON = b"\\u003"
_TOO_DEEP = "depth limit exceeded"  # orjson tells its own limit by its message only


class NotJsonError(Exception):
    """The text is not JSON."""


class RepeatedKeyError(Exception):
    """An object of the text names a key twice."""


def read(text: bytes, limits: Limits) -> Any:
    """Return the value of a JSON text.

    Raises:
        NotJsonError, RepeatedKeyError: it is not a JSON text in which each object names each key once.
        NestingError, ValuesError: it holds too much.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if str(error).startswith(_TOO_DEEP):
            raise NestingError(limits.nesting) from None
        raise NotJsonError from None
    try:
        compact = orjson.dumps(value)
    except orjson.JSONEncodeError:  # it nests more deeply than may ever be allowed
        _require_within(value, limits)
        raise
    # There are no more levels than brackets that open, and of the values in a bracket all but the first stand behind a comma.
    opened = compact.count(b"{") + compact.count(b"[")
    if opened > limits.nesting or (len(compact) > limits.values and opened + compact.count(b",") > limits.values):
        _require_within(value, limits)
    # Outside of texts there is one colon for each key; a value that was dropped for its twin's sake takes its own along.
    if text.count(b":") != compact.count(b":") or (b"\\" in text and _ESCAPED_COLON in text):
        _require_distinct_keys(text)
    return value


def require_small(variables: Any, body: bytes, limits: Limits) -> None:
    """Return when the variables are no larger than they may be; raises VariablesBytesError."""
    if len(body) > limits.variables_bytes and (size := len(orjson.dumps(variables))) > limits.variables_bytes:
        raise VariablesBytesError(limits.variables_bytes, size)


def _require_within(value: Any, limits: Limits) -> None:
    """Count values and levels, looking at one level after the other."""
    count, depth, level = 0, 0, [value]
    while level:
        depth += 1
        if depth > limits.nesting + 1:  # what lies inside the innermost object is no level of its own
            raise NestingError(limits.nesting)
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        count += len(level)
        if count > limits.values:
            raise ValuesError(limits.values)


def _require_distinct_keys(text: bytes) -> None:
    json.loads(text.decode(), object_pairs_hook=_distinct, parse_int=len, parse_float=len)  # numbers are not looked at


def _distinct(pairs: Sequence[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        raise RepeatedKeyError
