"""Structures of Thrift's compact protocol, as Parquet writes its metadata.

Decides nothing: fields by number, values as they are. It must never read past its bytes, or go deeper than metadata does.
"""

from typing import Any

_DEEPEST = 16
_LONGEST_VARINT = 10
# Kinds of value: 1 and 2 true and false, 3 a byte, 4 to 6 integers, 7 a double, 8 bytes, 9 and 10 lists, 12 a structure.
_TRUTHS, _INTEGERS, _LISTS, _STRUCT = frozenset({1, 2}), frozenset({4, 5, 6}), frozenset({9, 10}), 12
_BYTES = {3: 1, 7: 8, 8: 0}

Struct = dict[int, Any]


class MalformedError(Exception):
    """The bytes are no structure of this protocol."""


class Compact:
    """Reads structures one after another; `place` is where the next begins."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def struct(self, depth: int = 0) -> Struct:
        """Return a structure's fields; raises MalformedError."""
        if depth > _DEEPEST:
            raise MalformedError
        found: Struct = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            found[number] = self._value(head & 15, depth)
        return found

    def _value(self, kind: int, depth: int, *, in_list: bool = False) -> Any:
        if kind in _TRUTHS:
            return self._byte() == 1 if in_list else kind == 1
        if kind in _INTEGERS:
            return self._zigzag()
        if kind in _BYTES:
            return self._bytes(_BYTES[kind] or self._varint())
        if kind in _LISTS:
            return self._list(depth)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise MalformedError  # maps are not in Parquet's metadata

    def _list(self, depth: int) -> list[Any]:
        if depth > _DEEPEST:
            raise MalformedError
        head = self._byte()
        length = head >> 4 if head >> 4 < 15 else self._varint()  # noqa: PLR2004 - fifteen says that the length follows
        if length > len(self._data) - self.place:
            raise MalformedError
        return [self._value(head & 15, depth + 1, in_list=True) for _ in range(length)]

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _bytes(self, length: int) -> bytes:
        end = self.place + length
        if end > len(self._data):
            raise MalformedError
        found = self._data[self.place : end]
        self.place = end
        return found

    def _varint(self) -> int:
        number = 0
        for place in range(_LONGEST_VARINT):
            part = self._byte()
            number |= (part & 127) << 7 * place
            if part < 128:  # noqa: PLR2004 - the eighth bit says that more follows
                return number
        raise MalformedError

    def _zigzag(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)
