"""How settings and tables name a key without holding it: a URI, as `store:seals/32010600000001`.

Decides which schemes exist and how a name may look; a scheme is one row. `pkcs11:` is the path of RFC 7512 and never its
query, where that standard puts PINs and modules: what those attributes say is for `keys.pkcs11_name`.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from keys.contracts import PrivateKey, Suite
from keys.errors import KeyMissingError

_SEGMENT: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_STORE_NAME: Final = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,3}}", re.ASCII)
_ATTRIBUTE: Final = r"[a-z-]{1,32}=(?:[A-Za-z0-9._~:\[\]@!$'()*+,=&-]|%[0-9A-Fa-f]{2}){1,256}"
_PKCS11_PATH: Final = re.compile(rf"{_ATTRIBUTE}(?:;{_ATTRIBUTE}){{0,7}}", re.ASCII)

STORE: Final = "store"
PKCS11: Final = "pkcs11"
SCHEMES: Final = MappingProxyType({STORE: _STORE_NAME, PKCS11: _PKCS11_PATH})
"""Scheme of a reference, and the names it allows."""


class KeyHolder(Protocol):
    """Whatever keeps keys and hands them out by reference."""

    def private(self, uri: str) -> PrivateKey:
        """The private key; raises KeyStoreError."""

    def secret(self, uri: str) -> bytes:
        """The symmetric key; raises KeyStoreError."""

    def make_private(self, name: str, suite: Suite) -> str:
        """Make a key pair under a name and return its reference; raises KeyExistsError, KeyStoreError."""


class KeyPlaces(Protocol):
    """All places of a hub where private keys are and can be made."""

    def private(self, uri: str) -> PrivateKey:
        """The private key; raises KeyStoreError."""

    def make_private(self, name: str, suite: Suite, place: str = STORE) -> str:
        """Make a key pair in the place of that scheme and return its reference; raises KeyExistsError, KeyStoreError."""


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
            raise KeyMissingError(
                "not the reference of a key: expected store:FOLDER/NAME or pkcs11:token=TOKEN;object=LABEL;id=%01, "
                "and nothing behind a question mark"
            )
        return cls(scheme, name)

    @property
    def uri(self) -> str:
        """Its text."""
        return f"{self.scheme}:{self.name}"
