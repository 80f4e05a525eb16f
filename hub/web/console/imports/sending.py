"""A form with a file that is larger than any memory: its fields first, then the file piece by piece, none of it on a disk (RFC 7578).

Decides that fields come before the file and are few and short, and that no more than the largest file is taken. Where the file is refused, the rest
of the body is taken and thrown away, within the same bound, for a browser that is cut off while it sends shows no page.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from hub.access.staff.refusals import FormRefusedError
from hub.errors import InputInvalidError
from hub.excess import BodyTooSlowError, UploadTooLargeError

PAUSE: Final = 60  # seconds between two pieces
_MOST_FIELDS: Final = 20
_LONGEST: Final = 4096  # bytes of a field, or of the headers of a part
_AROUND: Final = 64 * 1024  # bytes of a form around its file


@dataclass(slots=True)
class _Part:
    """The part that is being read."""

    headers: dict[str, str] = field(default_factory=dict)
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    data: bytearray = field(default_factory=bytearray)

    @property
    def named(self) -> dict[bytes, bytes]:
        """Return the options of Content-Disposition."""
        return parse_options_header(self.headers.get("content-disposition", ""))[1]


class SentFile:
    """The form of a request: `fields` once the file has begun, then the file's name and its pieces."""

    def __init__(self, request: Request, largest: int) -> None:
        """`largest` is the most bytes of the file.

        Raises:
            FormRefusedError: it is no such form; none of this hub's pages sends it.
        """
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise FormRefusedError
        self.fields: dict[str, str] = {}
        self.name = ""
        self._largest = largest
        self._stream = aiter(request.stream())
        self._part = _Part()
        self._pieces: list[bytes] = []
        self._in_file = self._over = False
        self._taken = 0
        self._parser = MultipartParser(options[b"boundary"], self._callbacks())

    async def begin(self) -> None:
        """Read as far as the file's beginning; raises InputInvalidError, BodyTooSlowError when it does not come."""
        while not self._in_file and await self._further():
            pass

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the file; raises UploadTooLargeError, InputInvalidError (it did not come whole), BodyTooSlowError."""
        more = True
        while more or self._pieces:
            while self._pieces:
                yield self._pieces.pop(0)
            more = more and await self._further()
        if not self._over:
            raise InputInvalidError("The file did not come whole; nothing of it is kept.")

    async def throw_away(self) -> None:
        """Take what still comes, within the bound, so that the browser reads the answer."""
        try:
            async for _ in self.pieces():
                pass
        except (InputInvalidError, UploadTooLargeError, BodyTooSlowError):
            return

    # -- reading -----------------------------------------------------------------------------------------------------

    async def _further(self) -> bool:
        """Read on; return whether anything came."""
        try:
            async with asyncio.timeout(PAUSE):
                piece = await anext(self._stream)
        except (StopAsyncIteration, ClientDisconnect):
            return False
        except TimeoutError:
            raise BodyTooSlowError(PAUSE) from None
        self._taken += len(piece)
        if self._taken > self._largest + _AROUND:
            raise UploadTooLargeError(self._largest)
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise InputInvalidError("The form cannot be read.") from error
        return True

    def _callbacks(self) -> Any:
        return {
            "on_part_begin": self._begun, "on_header_field": self._header, "on_header_value": self._value,
            "on_header_end": self._header_ended, "on_headers_finished": self._headed, "on_part_data": self._data,
            "on_part_end": self._ended, "on_end": self._finished,
        }  # fmt: skip

    def _begun(self) -> None:
        self._part = _Part()

    def _header(self, data: bytes, start: int, end: int) -> None:
        self._grow(self._part.header, data[start:end])

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._grow(self._part.value, data[start:end])

    def _header_ended(self) -> None:
        part = self._part
        part.headers[part.header.decode("latin-1").lower()] = part.value.decode("latin-1")
        part.header, part.value = bytearray(), bytearray()

    def _headed(self) -> None:
        name = self._part.named.get(b"filename")
        if name is not None and not self._in_file:
            self._in_file, self.name = True, name.decode("utf-8", "replace")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            if not self._over:  # what stands behind the file is not read
                self._pieces.append(data[start:end])
            return
        self._grow(self._part.data, data[start:end])

    def _ended(self) -> None:
        if self._in_file:
            self._over = True
            return
        name = self._part.named.get(b"name", b"").decode("utf-8", "replace")
        if len(self.fields) >= _MOST_FIELDS or name in self.fields:
            raise InputInvalidError("The form has too many fields, or one twice.")
        self.fields[name] = self._part.data.decode("utf-8", "replace")

    def _finished(self) -> None:
        """Be told that the form has ended."""

    def _grow(self, kept: bytearray, piece: bytes) -> None:
        if len(kept) + len(piece) > _LONGEST:
            raise InputInvalidError("A field of the form is too long.")
        kept += piece
