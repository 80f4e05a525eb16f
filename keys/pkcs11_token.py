"""Keys in hardware: a token of PKCS#11 as a holder of keys, beside the key store.

Decides that a key is made on the token, cannot leave it and is found by label and id; that it is the hub's own token; and that both
halves of a key belong together before it is used. Symmetric keys stay in the key store, because the hub opens data with them
faster than any token could.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from pkcs11 import Attribute, MechanismFlag, ObjectClass

from keys.contracts import PublicKey, Suite
from keys.errors import (
    KeyExistsError,
    KeyMissingError,
    KeyNotExportableError,
    KeysError,
    TokenError,
    TokenSuiteError,
    VerificationError,
)
from keys.pkcs11_line import Session
from keys.pkcs11_name import KeyName, TokenAccess
from keys.pkcs11_sessions import Sessions
from keys.pkcs11_suites import TOKEN_SUITES, TokenSuite, suite_of_key, token_suite
from keys.references import STORE, Reference

_ID_SIZE: Final = 16
_PROBE: Final = b"licence-hub: do the halves of this key belong together?"
_HALVES: Final = (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)
_KEPT_INSIDE: Final = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}


@dataclass(frozen=True, slots=True)
class HardwareKey:
    """A private key on a token: what is signed goes in, a signature comes out."""

    name: KeyName
    public: PublicKey
    row: TokenSuite = field(repr=False)
    sessions: Sessions = field(repr=False, compare=False)

    @property
    def suite(self) -> Suite:
        """The suite of the key."""
        return self.row.suite

    def sign(self, message: bytes) -> bytes:
        """The raw 64 bytes, as the token gives them; raises TokenError, KeyMissingError."""
        data = self.row.prepared(message)
        return self.sessions.run(lambda session: bytes(session.key(self.name).sign(data, mechanism=self.row.signing)))

    def sign_der(self, message: bytes) -> bytes:
        """The same in X.509 form."""
        return self.row.to_der(self.sign(message))

    def to_pkcs8(self, passphrase: bytes | None) -> bytes:  # noqa: ARG002 - what every private key is asked
        """Refuse: the key never leaves its token."""
        raise KeyNotExportableError(
            "this key was made in hardware and never leaves it: make a new one elsewhere instead"
        )


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
        self._sessions.alone(lambda session: _generate(session, wanted, row))
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
        self._sessions.alone(lambda session: _destroy(session, name))
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
        row, public = self._sessions.run(lambda session: _read(session, name))
        key = HardwareKey(name, public, row, self._sessions)
        try:
            public.verify(key.sign(_PROBE), _PROBE)
        except VerificationError as error:
            raise TokenError("the halves of this key on the token do not belong together: it is not used") from error
        return key


def _read(session: Session, name: KeyName) -> tuple[TokenSuite, PublicKey]:
    private, public = session.key(name), session.one(ObjectClass.PUBLIC_KEY, name)
    row = suite_of_key(private[Attribute.KEY_TYPE], public[Attribute.EC_PARAMS])
    return row, row.public(public[Attribute.EC_POINT])


def _generate(session: Session, name: KeyName, row: TokenSuite) -> None:
    if row.generating not in session.raw.token.slot.get_mechanisms():
        raise TokenSuiteError(f"the token cannot make keys of {row.suite.name}")
    if session.all(ObjectClass.PRIVATE_KEY, KeyName(name.token, name.label, None)):
        raise KeyExistsError("the token has a key of this name: a key is never overwritten, choose another name")
    curve = session.raw.create_domain_parameters(row.key_type, {Attribute.EC_PARAMS: row.curves[0]}, local=True)
    _, private = curve.generate_keypair(
        id=name.id, label=name.label, store=True, mechanism=row.generating,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY, private_template=_KEPT_INSIDE,
    )  # fmt: skip
    if any(private[attribute] is not value for attribute, value in _KEPT_INSIDE.items()):
        _destroy(session, name)
        raise TokenError(
            "the token made a key that could be exported, so it was destroyed: this token is of no use here"
        )


def _destroy(session: Session, name: KeyName) -> None:
    found = [half for kind in _HALVES for half in session.all(kind, name)]
    if not found:
        raise KeyMissingError("the token has no such key")
    for half in found:
        half.destroy()


def _facts(session: Session) -> TokenFacts:
    token = session.raw.token
    mechanisms = token.slot.get_mechanisms()
    suites = tuple(name for name, row in TOKEN_SUITES.items() if {row.generating, row.signing} <= mechanisms)
    keys = list(session.raw.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
    return TokenFacts(token.label, token.serial.decode("ascii", "replace"), suites, len(keys))
