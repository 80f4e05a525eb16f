"""The text of a printed code: the hub's address in capitals, `/V/#`, and the token in base32.

Decides where a token is in what a scanner typed: a whole address, a bare token, in capitals or not, with blanks or line ends around or
within. The address in front is never believed: nobody signed it, and the token says which hub it is from. What is behind `#` never
reaches a server's log.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from keys import base32
from keys.errors import FormatError

MARK: Final = "/V/#"
LONGEST: Final = 4096
"""Characters that are looked at; the longest code that is printed has some 500."""

_BLANKS: Final = re.compile(r"[ \t\r\n\f\v]+")


@dataclass(frozen=True, slots=True)
class CodeText:
    """The address that stands in front, empty for a bare token, and the token's bytes."""

    address: str
    token: bytes


def write(public_url: str, token: bytes) -> str:
    """The whole text. Scheme and host in capitals, which mean the same; a path as it is."""
    return f"{address(public_url)}{MARK}{base32.encode(token)}"


def address(public_url: str) -> str:
    """The hub's address as codes have it."""
    parts = urlsplit(public_url)
    return f"{parts.scheme.upper()}://{parts.netloc.upper()}{parts.path}"


def read(text: str) -> CodeText:
    """Find the token in a text; raises FormatError."""
    if len(text) > LONGEST or not text.isascii():
        raise FormatError("not the text of a printed code")
    bare = _BLANKS.sub("", text)
    start = bare.upper().rfind(MARK)
    front, code = ("", bare) if start < 0 else (bare[:start], bare[start + len(MARK) :])
    if not code:
        raise FormatError("a code without a token")
    return CodeText(front, base32.decode(code.upper()))
