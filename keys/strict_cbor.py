"""CBOR (RFC 8949) as signed formats need it: one meaning per byte string, and one byte string per meaning.

Refused when read: tags, floats, undefined and other simple values, lengths that are indefinite or longer than what is there,
integers not in their shortest form, members that come twice or are named by anything but numbers and text, deep nesting,
bytes left over. So nothing is built before its size is known, and no tag makes the library compute. Never repairs what it is
given.
"""

from typing import Any, Final

import cbor2

from keys.errors import FormatError

_DEEPEST: Final = 8
_SHORT: Final = 24  # smaller arguments stand in the head itself
_ARGUMENT_BYTES: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_BYTES, _TEXT, _ARRAY, _MAP, _SIMPLE = 2, 3, 4, 5, 7
_PLAIN_SIMPLE: Final = frozenset({20, 21, 22})  # false, true, null
_ITEMS: Final = {_ARRAY: 1, _MAP: 2}
_NAMES: Final = frozenset({0, 1, _TEXT})


def loads(data: bytes) -> Any:
    """Read one CBOR item; raises FormatError."""
    if _end(data, 0, _DEEPEST) != len(data):
        raise FormatError("bytes are left over after the CBOR item")
    try:
        value = cbor2.loads(data)
        spelt = cbor2.dumps(value)
    except (cbor2.CBORError, ValueError, TypeError) as error:
        raise FormatError("not well-formed CBOR") from error
    if spelt != data:  # a member came twice, or a number was longer than it needs to be
        raise FormatError("not the one spelling of this CBOR item")
    return value


def loads_map(data: bytes) -> dict[Any, Any]:
    """Read one CBOR map; raises FormatError."""
    value = loads(data)
    if not isinstance(value, dict):
        raise FormatError("not a CBOR map")
    return value


def dumps(value: Any) -> bytes:
    """Write CBOR in the order given; raises FormatError for what `loads` would not read."""
    try:
        data = cbor2.dumps(value)
    except (cbor2.CBOREncodeError, ValueError, TypeError) as error:
        raise FormatError("not expressible as CBOR") from error
    _end(data, 0, _DEEPEST)
    return data


def _end(data: bytes, start: int, depth: int) -> int:
    """Return where the item that begins at `start` ends, having looked at the head of everything in it."""
    major, argument, place = _head(data, start)
    if major in (_BYTES, _TEXT):
        if argument > len(data) - place:
            raise FormatError("a CBOR string is longer than what is there")
        return place + argument
    if major not in _ITEMS:
        return place
    for item in _inside(major, argument, len(data) - place, depth):
        if major == _MAP and item % 2 == 0 and _head(data, place)[0] not in _NAMES:
            raise FormatError("a name in a CBOR map is neither a number nor text")
        place = _end(data, place, depth - 1)
    return place


def _inside(major: int, argument: int, room: int, depth: int) -> range:
    """Number the items inside one; each takes a byte at least."""
    count = _ITEMS[major] * argument
    if count > room or (count and not depth):
        raise FormatError("a CBOR item holds more than what is there, or is nested too deeply")
    return range(count)


def _head(data: bytes, start: int) -> tuple[int, int, int]:
    """Return major type, argument and the place after the head (RFC 8949 section 3)."""
    if start >= len(data):
        raise FormatError("a CBOR item is cut off")
    major, argument, place = data[start] >> 5, data[start] & 31, start + 1
    if argument < _SHORT and major <= _MAP:
        return major, argument, place
    size = _ARGUMENT_BYTES.get(argument, 0)
    known = argument in _PLAIN_SIMPLE if major == _SIMPLE else major <= _MAP and size
    if not known or place + size > len(data):
        raise FormatError("a CBOR item is cut off, indefinite, tagged or of a kind that is not read here")
    if size:
        argument = int.from_bytes(data[place : place + size], "big")
    return major, argument, place + size
