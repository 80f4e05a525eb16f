"""One key on a token: how it is made, read, used and destroyed there.

Decides that a key is made sensitive and not extractable, and that a token which makes it otherwise is of no use. What changes the
token is given a session that may write.
"""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pkcs11 import Attribute, MechanismFlag, ObjectClass

from keys.contracts import PublicKey, Suite
from keys.errors import KeyExistsError, KeyMissingError, KeyNotExportableError, TokenError, TokenSuiteError
from keys.pkcs11_line import Session
from keys.pkcs11_name import KeyName
from keys.pkcs11_sessions import Sessions
from keys.pkcs11_suites import TokenSuite, suite_of_key

_HALVES: Final = (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)
_KEPT_INSIDE: Final = MappingProxyType({Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False})


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


def read(session: Session, name: KeyName) -> tuple[TokenSuite, PublicKey]:
    """The suite and the public half of a key; raises TokenSuiteError, FormatError, PKCS11Error."""
    private, public = session.key(name), session.one(ObjectClass.PUBLIC_KEY, name)
    row = suite_of_key(private[Attribute.KEY_TYPE], public[Attribute.EC_PARAMS])
    return row, row.public(public[Attribute.EC_POINT])


def generate(session: Session, name: KeyName, row: TokenSuite) -> None:
    """Make a pair; raises KeyExistsError, TokenSuiteError, TokenError, PKCS11Error."""
    if row.generating not in session.raw.token.slot.get_mechanisms():
        raise TokenSuiteError(f"the token cannot make keys of {row.suite.name}")
    if session.all(ObjectClass.PRIVATE_KEY, KeyName(name.token, name.label, None)):
        raise KeyExistsError("the token has a key of this name: a key is never overwritten, choose another name")
    curve = session.raw.create_domain_parameters(row.key_type, {Attribute.EC_PARAMS: row.curves[0]}, local=True)
    _, private = curve.generate_keypair(
        id=name.id, label=name.label, store=True, mechanism=row.generating,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY, private_template=dict(_KEPT_INSIDE),
    )  # fmt: skip
    if any(private[attribute] is not value for attribute, value in _KEPT_INSIDE.items()):
        destroy(session, name)
        raise TokenError(
            "the token made a key that could be exported, so it was destroyed: this token is of no use here"
        )


def destroy(session: Session, name: KeyName) -> None:
    """Destroy both halves; raises KeyMissingError, PKCS11Error."""
    found = [half for kind in _HALVES for half in session.all(kind, name)]
    if not found:
        raise KeyMissingError("the token has no such key")
    for half in found:
        half.destroy()
