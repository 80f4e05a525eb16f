"""Keys in hardware: a token of PKCS#11 as a holder of keys, beside the key store.

Decides that it is the hub's own token, that a key is found by label and id, and that both halves of it belong together before it is used. Symmetric keys stay in the key store, because the hub opens data with them
faster than any token could.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pkcs11 import Attribute, ObjectClass

from keys.contracts import Suite
from keys.errors import KeyMissingError, KeysError, TokenError, VerificationError
from keys.pkcs11_key import HardwareKey, destroy, generate, read
from keys.pkcs11_line import Session
from keys.pkcs11_name import KeyName, TokenAccess
from keys.pkcs11_sessions import Sessions
from keys.pkcs11_suites import TOKEN_SUITES, token_suite
from keys.references import STORE, Reference

_ID_SIZE: Final = 16
_PROBE: Final = b"licence-hub: do the halves of this key belong together?"


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a token says of itself, and how many private keys are on it."""

    label: str
    serial: str
    suites: tuple[str, ...]
    keys: int


class HardwareToken:
    """A token; making this does not touch it, the first use logs in."""

    def __init__(
        self,
        access: TokenAccess,
        *,
        sessions: Sessions | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Open the token that `access` names, whenever it is needed."""
        self.access = access
        self._sessions = sessions or Sessions(access)
        self._random = random
        self._opened: dict[str, HardwareKey] = {}

    def private(self, uri: str) -> HardwareKey:
        """The private key of a reference, remembered for the next time; raises KeyMissingError, TokenError."""
        found = self._opened.get(uri)
        if found is None:
            found = self._opened[uri] = self._found(self._named(uri))
        return found

    def secret(self, uri: str) -> bytes:  # noqa: ARG002 - what every holder is asked
        """Refuse: a token here holds signature keys only."""
        raise KeyMissingError("a token holds signature keys only: symmetric keys are in the key store")

    def make_private(self, name: str, suite: Suite) -> str:
        """Make a key pair on the token and return its reference; raises KeyExistsError, TokenSuiteError, TokenError."""
        label = Reference.parse(f"{STORE}:{name}").name  # names are alike wherever a key is
        wanted, row = KeyName(self.access.token, label, self._random(_ID_SIZE)), token_suite(suite)
        self._sessions.alone(lambda session: generate(session, wanted, row))
        try:
            self.private(wanted.uri)
        except KeysError:
            with suppress(KeysError):
                self.remove(wanted.uri)
            raise
        return wanted.uri

    def remove(self, uri: str) -> None:
        """Destroy a key for ever; raises KeyMissingError, TokenError."""
        name = self._named(uri)
        self._sessions.alone(lambda session: destroy(session, name))
        self._opened.pop(uri, None)

    def facts(self) -> TokenFacts:
        """Log in and look; raises TokenError."""
        return self._sessions.run(_facts)

    def close(self) -> None:
        """Log out; the next use logs in again."""
        self._sessions.close()

    def _named(self, uri: str) -> KeyName:
        name = KeyName.parse(uri)
        if name.token != self.access.token:
            raise KeyMissingError("this key is on another token than the one that the hub was given")
        return name

    def _found(self, name: KeyName) -> HardwareKey:
        try:
            row, public = self._sessions.run(lambda session: read(session, name))
            key = HardwareKey(name, public, row, self._sessions)
            public.verify(key.sign(_PROBE), _PROBE)
        except VerificationError as error:  # or not even a point of its curve
            raise TokenError("the halves of this key on the token do not belong together: it is not used") from error
        return key


def _facts(session: Session) -> TokenFacts:
    token = session.raw.token
    mechanisms = token.slot.get_mechanisms()
    suites = tuple(name for name, row in TOKEN_SUITES.items() if {row.generating, row.signing} <= mechanisms)
    keys = list(session.raw.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
    return TokenFacts(token.label, token.serial.decode("ascii", "replace"), suites, len(keys))
