"""All keys of a hub behind one holder: each reference goes where its scheme says, to the key store or to a token.

Decides which scheme is kept by whom: one row each. Symmetric keys are always in the store, which is `store`; new private keys go where they
are wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from keys.contracts import PrivateKey, Suite
from keys.errors import KeyMissingError, TokenMissingError
from keys.pkcs11_name import TokenAccess
from keys.references import PKCS11, SCHEMES, STORE, KeyHolder
from keys.store import KeyStore, Lent

if TYPE_CHECKING:
    from keys.pkcs11_token import HardwareToken


@dataclass(frozen=True, slots=True)
class LentRing:
    """A key ring as another process of the same hub takes it over: whoever has this has, or uses, every key.

    It may go through a pipe between the two, and nowhere else.
    """

    store: Lent
    token: TokenAccess | None


class KeyRing:
    """The key store and, where the hub was given one, a token."""

    def __init__(self, store: KeyStore, token: "HardwareToken | None" = None) -> None:
        """Keep the holders; nothing is opened."""
        self.store, self.token = store, token
        holders: dict[str, KeyHolder] = {STORE: store}
        if token is not None:
            holders[PKCS11] = token
        self._holders: Mapping[str, KeyHolder] = MappingProxyType(holders)

    def private(self, uri: str) -> PrivateKey:
        """The private key of a reference; raises KeyMissingError, KeyStoreError."""
        return self._holder(uri.partition(":")[0]).private(uri)

    def secret(self, uri: str) -> bytes:
        """The symmetric key of a reference; raises KeyMissingError, KeyStoreError."""
        return self._holder(uri.partition(":")[0]).secret(uri)

    def make_private(self, name: str, suite: Suite, place: str = STORE) -> str:
        """Make a key pair in the place of a scheme and return its reference.

        Raises:
            KeyExistsError: the name is taken there.
            TokenMissingError: the hub has no token, or it is not there.
            TokenSuiteError: the token cannot compute the suite.
            SuiteUnavailableError: this machine lacks the library for the suite.
            KeyStoreError: another refusal of the store or the token.
        """
        return self._holder(place).make_private(name, suite)

    def close(self) -> None:
        """Log out of the token; the next use of one of its keys logs in again."""
        if self.token is not None:
            self.token.close()

    def lent(self) -> LentRing:
        """What opens the same keys in a process that this one starts."""
        return LentRing(self.store.lent(), self.token.access if self.token is not None else None)

    @classmethod
    def borrowed(cls, lent: LentRing) -> "KeyRing":
        """The keys that another process has opened; the token is logged in to at its first use."""
        return cls.of(KeyStore.borrowed(lent.store), lent.token)

    @classmethod
    def of(cls, store: KeyStore, access: TokenAccess | None) -> "KeyRing":
        """The key store and, where there is something to open one with, a token; its first use logs in."""
        if access is None:
            return cls(store)
        from keys.pkcs11_token import HardwareToken  # noqa: PLC0415 - memory that a hub without hardware does without

        return cls(store, HardwareToken(access))

    def _holder(self, scheme: str) -> KeyHolder:
        holder = self._holders.get(scheme)
        if holder is None and scheme in SCHEMES:
            raise TokenMissingError(
                "this key is in hardware, and the hub was given no token: set module, token and PIN file"
            )
        if holder is None:
            raise KeyMissingError(f"not a place of keys: one of {', '.join(SCHEMES)} was expected")
        return holder
