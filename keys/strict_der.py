"""DER (X.690) read as signed structures need it: one spelling for one meaning, in place, so that the signed bytes stay as they are.

Refused: lengths that are indefinite, longer than they need to be or than what is there; integers not in their shortest form;
truth values other than 00 and FF; bit strings that end within a byte; text outside its alphabet; times not in UTC; anything
left over, because whoever opens an element (`inside`) has it closed for him. Never re-encodes and never repairs: `since` gives
the original bytes. What is read costs its size and no more.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import Final, TypeVar

from keys.errors import FormatError

Read = TypeVar("Read")


class Tag(IntEnum):
    """The first byte of an element: class, form and number together; no structure here has a tag of more bytes."""

    BOOLEAN = 0x01
    INTEGER = 0x02
    BIT_STRING = 0x03
    OCTET_STRING = 0x04
    OBJECT_IDENTIFIER = 0x06
    UTF8_STRING = 0x0C
    PRINTABLE_STRING = 0x13
    IA5_STRING = 0x16
    UTC_TIME = 0x17
    GENERALIZED_TIME = 0x18
    SEQUENCE = 0x30
    CONTEXT_0_PRIMITIVE = 0x80
    CONTEXT_0 = 0xA0


LONGEST_IDENTIFIER: Final = 128
_LONG: Final = 0x80  # from here on the length stands in bytes of its own
_MOST_LENGTH_BYTES: Final = 4
_LONGEST_TIME: Final = 32
_LONGEST_INTEGER: Final = 8
_TRUTH: Final = {b"\x00": False, b"\xff": True}
_PRINTABLE: Final = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*")
_GENERALIZED: Final = re.compile(rb"(\d{4})(\d{10})(?:\.(\d{0,5}[1-9]))?Z")
_UTC: Final = re.compile(rb"(\d{2})(\d{10})Z")
_PIVOT: Final = 50  # RFC 5280 section 4.1.2.5.1


class Reader:
    """A place within one element; every read moves it on and raises FormatError for anything but what is asked for."""

    __slots__ = ("_data", "_end", "place")

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data, self.place, self._end = data, start, end

    def coming(self) -> int | None:
        """The tag of what comes next; None at the end."""
        return self._data[self.place] if self.place < self._end else None

    def since(self, place: int) -> bytes:
        """The original bytes from a place up to here."""
        return self._data[place : self.place]

    def whole(self, tag: Tag) -> bytes:
        """The next element as the bytes it is; only its head is looked at."""
        place = self.place
        self._next(tag)
        return self.since(place)

    def inside(self, tag: Tag, reading: Callable[["Reader"], Read]) -> Read:
        """What `reading` makes of the next element's content, all of it."""
        start, end = self._next(tag)
        inner = Reader(self._data, start, end)
        value = reading(inner)
        if inner.place != end:
            raise FormatError(f"something is left over in the DER element before byte {end}")
        return value

    def each(self, tag: Tag, reading: Callable[["Reader"], Read], most: int) -> tuple[Read, ...]:
        """What `reading` makes of each element within the next one, `most` at most."""
        return self.inside(tag, lambda inner: inner.rest(reading, most))

    def rest(self, reading: Callable[["Reader"], Read], most: int) -> tuple[Read, ...]:
        """What `reading` makes of each element up to the end, `most` at most."""
        found: list[Read] = []
        while self.place < self._end:
            if len(found) == most:
                raise FormatError(f"the DER element at byte {self.place} is one too many: at most {most}")
            found.append(reading(self))
        return tuple(found)

    def integer(self, least: int, most: int) -> int:
        """An INTEGER from `least` (0 or more) to `most`."""
        content = self._content(Tag.INTEGER, _LONGEST_INTEGER)
        value = int.from_bytes(content, "big", signed=True)
        if len(content) != value.bit_length() // 8 + 1 or not least <= value <= most:
            raise FormatError(f"the INTEGER before byte {self.place} is out of range or not in its shortest form")
        return value

    def boolean(self) -> bool:
        """A BOOLEAN."""
        value = _TRUTH.get(self._content(Tag.BOOLEAN, 1))
        if value is None:
            raise FormatError(f"the BOOLEAN before byte {self.place} is neither 00 nor FF")
        return value

    def octets(self, most: int) -> bytes:
        """An OCTET STRING of `most` bytes at most."""
        return self._content(Tag.OCTET_STRING, most)

    def bits(self, most: int, tag: Tag = Tag.BIT_STRING) -> bytes:
        """A BIT STRING of whole bytes, `most` at most."""
        content = self._content(tag, most + 1)
        if content[:1] != b"\x00":
            raise FormatError(f"the BIT STRING before byte {self.place} does not hold whole bytes")
        return content[1:]

    def identifier(self) -> str:
        """An OBJECT IDENTIFIER, dotted."""
        return _dotted(self._content(Tag.OBJECT_IDENTIFIER, LONGEST_IDENTIFIER))

    def utf8(self, most: int) -> str:
        """A UTF8String of `most` bytes at most."""
        return _decoded(self._content(Tag.UTF8_STRING, most), "utf-8")

    def ia5(self, most: int) -> str:
        """An IA5String, that is ASCII."""
        return _decoded(self._content(Tag.IA5_STRING, most), "ascii")

    def printable(self, most: int) -> str:
        """A PrintableString (X.680 section 41.4)."""
        text = _decoded(self._content(Tag.PRINTABLE_STRING, most), "ascii")
        if not _PRINTABLE.fullmatch(text):
            raise FormatError(f"the PrintableString before byte {self.place} has a character outside its alphabet")
        return text

    def generalized_time(self) -> datetime:
        """A GeneralizedTime as DER allows it (X.690 section 11.7), to the microsecond."""
        found = _GENERALIZED.fullmatch(self._content(Tag.GENERALIZED_TIME, _LONGEST_TIME))
        if found is None:
            raise FormatError(f"the GeneralizedTime before byte {self.place} is not YYYYMMDDhhmmssZ")
        return _moment(int(found[1]), found[2], found[3] or b"0")

    def utc_time(self) -> datetime:
        """A UTCTime as DER allows it (X.690 section 11.8)."""
        found = _UTC.fullmatch(self._content(Tag.UTC_TIME, _LONGEST_TIME))
        if found is None:
            raise FormatError(f"the UTCTime before byte {self.place} is not YYMMDDhhmmssZ")
        year = int(found[1])
        return _moment(year + (2000 if year < _PIVOT else 1900), found[2], b"0")

    def _content(self, tag: Tag, most: int) -> bytes:
        start, end = self._next(tag)
        if end - start > most:
            raise FormatError(f"the DER element before byte {end} is too long: at most {most} bytes")
        return self._data[start:end]

    def _next(self, tag: Tag) -> tuple[int, int]:
        """Where the content of the next element begins and ends; moves behind it."""
        at, data = self.place, self._data
        if at + 2 > self._end or data[at] != tag:
            raise FormatError(f"the DER element at byte {at} is not the {tag.name} that belongs there")
        length, start = data[at + 1], at + 2
        if length >= _LONG:
            length, start = self._long_length(start, length - _LONG)
        if length > self._end - start:
            raise FormatError(f"the DER element at byte {at} is longer than what is there")
        self.place = start + length
        return start, self.place

    def _long_length(self, start: int, size: int) -> tuple[int, int]:
        """X.690 section 10.1: definite, in as few bytes as it can be."""
        octets = self._data[start : start + size]
        length = int.from_bytes(octets, "big")
        if size > _MOST_LENGTH_BYTES or octets[:1] in {b"", b"\x00"} or length < _LONG:
            raise FormatError(f"the DER length before byte {start} is indefinite, cut off or not in its shortest form")
        return length, start + size


def read(data: bytes, reading: Callable[[Reader], Read], most: int) -> Read:
    """What `reading` makes of DER of `most` bytes at most, all of it; raises FormatError."""
    if len(data) > most:
        raise FormatError(f"larger than any such structure: at most {most} bytes")
    reader = Reader(data, 0, len(data))
    value = reading(reader)
    if reader.coming() is not None:
        raise FormatError("bytes are left over after the DER element")
    return value


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"a text in DER is not {encoding}") from error


def _moment(year: int, rest: bytes, fraction: bytes) -> datetime:
    month, day, hour, minute, second = (int(rest[at : at + 2]) for at in range(0, len(rest), 2))
    try:
        return datetime(year, month, day, hour, minute, second, int(fraction.ljust(6, b"0")), tzinfo=UTC)
    except ValueError as error:
        raise FormatError("a time in DER is not on the calendar") from error


@lru_cache(maxsize=256)
def _dotted(content: bytes) -> str:
    """X.690 section 8.19; each number in as few bytes as it can be."""
    if not content or content[-1] & 0x80:
        raise FormatError("an OBJECT IDENTIFIER is cut off")
    numbers, value, first = [], 0, True
    for octet in content:
        if first and octet == 0x80:  # noqa: PLR2004 - a leading zero
            raise FormatError("an OBJECT IDENTIFIER is not in its shortest form")
        value, first = value << 7 | octet & 0x7F, not octet & 0x80
        if first:
            numbers.append(value)
            value = 0
    root = min(numbers[0] // 40, 2)
    return ".".join(map(str, (root, numbers[0] - 40 * root, *numbers[1:])))
