"""DER (X.690) written: the elements that seal structures are made of, each in its one spelling.

What is written here is what `keys.strict_der` reads. Values that have no such spelling raise FormatError.
"""

import re
from datetime import UTC, datetime
from typing import Final

from keys.errors import FormatError
from keys.strict_der import LONGEST_IDENTIFIER, Tag

_SHORT: Final = 0x80
_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_IDENTIFIER: Final = re.compile(rf"(?:[01]\.[1-3]?[0-9]|2\.{_NUMBER})(?:\.{_NUMBER})*")
_LONGEST_DOTTED: Final = 4 * LONGEST_IDENTIFIER


def element(tag: Tag, *parts: bytes) -> bytes:
    """One element: its head, and the parts one after another."""
    content = b"".join(parts)
    return bytes((tag,)) + length_of(content) + content


def length_of(content: bytes) -> bytes:
    """The length that stands before a content, in as few bytes as it can be."""
    size = len(content)
    if size < _SHORT:
        return bytes((size,))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((_SHORT | len(length),)) + length


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of what is written already."""
    return element(Tag.SEQUENCE, *parts)


def integer(value: int) -> bytes:
    """An INTEGER of 0 or more."""
    if value < 0:
        raise FormatError("a number in a seal is not negative")
    return element(Tag.INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """An OCTET STRING."""
    return element(Tag.OCTET_STRING, value)


def bits(value: bytes) -> bytes:
    """A BIT STRING of whole bytes."""
    return element(Tag.BIT_STRING, b"\x00", value)


def identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    if len(dotted) > _LONGEST_DOTTED or not _IDENTIFIER.fullmatch(dotted):
        raise FormatError("not a dotted object identifier, or a very long one")
    root, second, *rest = map(int, dotted.split("."))
    content = b"".join(map(_base_128, (40 * root + second, *rest)))
    if len(content) > LONGEST_IDENTIFIER:
        raise FormatError("a very long object identifier")
    return element(Tag.OBJECT_IDENTIFIER, content)


def utf8(text: str) -> bytes:
    """A UTF8String."""
    return element(Tag.UTF8_STRING, _encoded(text, "utf-8"))


def ia5(text: str) -> bytes:
    """An IA5String."""
    return element(Tag.IA5_STRING, _encoded(text, "ascii"))


def printable(text: str) -> bytes:
    """A PrintableString; its alphabet is checked when it is read."""
    return element(Tag.PRINTABLE_STRING, _encoded(text, "ascii"))


def generalized_time(moment: datetime) -> bytes:
    """A GeneralizedTime in UTC, to the second."""
    if moment.tzinfo is None or moment.microsecond:
        raise FormatError("times in a seal have a zone and no fraction of a second")
    try:
        text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
    except OverflowError as error:
        raise FormatError("a time is out of range") from error
    return element(Tag.GENERALIZED_TIME, text.rjust(15, "0").encode("ascii"))


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise FormatError(f"a text of a seal is not {encoding}") from error


def _base_128(number: int) -> bytes:
    """X.690 section 8.19.2."""
    octets_ = [number & 0x7F]
    while number := number >> 7:
        octets_.append(number & 0x7F | 0x80)
    return bytes(reversed(octets_))
