"""Keys with which the hub signs in its own name: tokens, receipts, status lists, the trust list. One key for one purpose.

Decides that such a key is made once, whoever is first, and by what others know it. It must never be made anew where it is missing later:
only `make`, at the start, makes one.
"""

from contextlib import suppress
from functools import cached_property
from typing import Any

from keys.contracts import PrivateKey
from keys.errors import KeyExistsError
from keys.store import KeyStore
from keys.suites import suite


class OwnKey:
    """A signing key in the key store."""

    def __init__(self, store: KeyStore, name: str, suite_name: str) -> None:
        """Name the key; call `make` once before the first use."""
        self._store = store
        self._name = name
        self._suite_name = suite_name

    def make(self) -> None:
        """Make the key where there is none; raises KeyStoreError."""
        if self._name not in self._store.names(self._name):
            with suppress(KeyExistsError):  # another process was first
                self._store.add_private(self._name, suite(self._suite_name).generate())

    @cached_property
    def private(self) -> PrivateKey:
        """The key; raises KeyMissingError, KeyStoreError."""
        return self._store.private(f"store:{self._name}")

    @cached_property
    def kid(self) -> str:
        """The thumbprint by which others find it (RFC 7638); raises as `private`."""
        return self.private.public.thumbprint()

    def jwks(self) -> dict[str, Any]:
        """Return the JWK Set by which others verify what it signs (RFC 7517 section 5); raises as `private`."""
        public = self.private.public
        return {"keys": [{**public.to_jwk(), "kid": self.kid, "alg": public.suite.jose_algorithm, "use": "sig"}]}
