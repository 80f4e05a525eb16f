"""JSON (RFC 8259) as signed formats need it: one meaning per text.

Refused when read: duplicate members, numbers that are not finite, lone surrogates, bytes that are not UTF-8.
Refused when written: anything that JSON cannot carry unchanged. Never repairs what it is given.
"""

import json
import math
import sys
from decimal import Decimal, InvalidOperation
from typing import Any, Never

import orjson

from keys.errors import FormatError

_PLAIN = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormatError("a JSON object names a member twice")
    return found


def _constant(_: str) -> Never:
    raise FormatError("a JSON number is not finite")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise FormatError("a JSON number is not finite")
    return number


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise FormatError("a JSON number is out of reach") from error
    if abs(number.adjusted()) > sys.float_info.max_10_exp:  # written out, it would fill the memory
        raise FormatError("a JSON number is out of reach")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
_EXACT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_decimal)


def loads(data: bytes, *, exact: bool = False) -> Any:
    """Read one JSON text; `exact` makes decimals of numbers with a fraction or exponent. Raises FormatError."""
    if exact:
        return _slowly(data, _EXACT)
    try:
        value = orjson.loads(data)
        # What is written again as it was read names no member twice, and no number lost a digit.
        compact = orjson.dumps(value) == data
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        compact = False
    return value if compact else _slowly(data, _DECODER)


def _slowly(data: bytes, decoder: json.JSONDecoder) -> Any:
    """Read a text in any form, looking at every member and number."""
    try:
        text = data.decode("utf-8")
        value = decoder.decode(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")  # an escaped lone surrogate fails here
    except (ValueError, RecursionError) as error:
        raise FormatError("not well-formed JSON") from error
    return value


def loads_object(data: bytes) -> dict[str, Any]:
    """Read one JSON object; raises FormatError."""
    value = loads(data)
    if not isinstance(value, dict):
        raise FormatError("not a JSON object")
    return value


def dumps(value: Any) -> bytes:
    """Write compact UTF-8 JSON in the order given; raises FormatError for what JSON cannot carry."""
    try:
        data = orjson.dumps(value, option=_PLAIN)
    except orjson.JSONEncodeError as error:
        raise FormatError("not expressible as JSON") from error
    # The writer turns NaN and infinity into null; a look at the values is only needed when a null came out.
    if b"null" in data and not _finite(value):
        raise FormatError("a JSON number is not finite")
    return data


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)
