"""How settings and tables name a key without holding it: a URI, as `store:seals/32010600000001`.

Decides which schemes exist and how a name may look. A scheme is one row: PKCS#11 (RFC 7512) follows as another.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from keys.contracts import PrivateKey
from keys.errors import KeyMissingError

_SEGMENT: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_STORE_NAME: Final = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,3}}", re.ASCII)

SCHEMES: Final = MappingProxyType({"store": _STORE_NAME})
"""Scheme of a reference, and the names it allows."""


class KeyHolder(Protocol):
    """Whatever keeps keys and hands them out by reference."""

    def private(self, uri: str) -> PrivateKey:
        """The private key; raises KeyStoreError."""

    def secret(self, uri: str) -> bytes:
        """The symmetric key; raises KeyStoreError."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed reference."""

    scheme: str
    name: str

    @classmethod
    def parse(cls, uri: str) -> "Reference":
        """Take a URI apart; raises KeyMissingError when no key can have it."""
        scheme, _, name = uri.partition(":")
        allowed = SCHEMES.get(scheme)
        if allowed is None or not allowed.fullmatch(name):
            raise KeyMissingError("not the reference of a key: expected store:FOLDER/NAME")
        return cls(scheme, name)

    @property
    def uri(self) -> str:
        """Its text."""
        return f"{self.scheme}:{self.name}"
