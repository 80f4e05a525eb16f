"""What a signature suite and its keys offer, whoever computes them.

A suite is one row of the registry in `keys.suites`; keys are handed round as these shapes only, so that a key in
hardware can stand beside a key in a file. Signatures have two forms: raw r||s (JOSE and COSE, RFC 7518 section 3.4)
and DER SEQUENCE{r,s} (X.509 and GB/T 38540); for Ed25519 both are the same 64 bytes (RFC 8032).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


class PublicKey(Protocol):
    """A key that verifies; equal keys compare equal."""

    @property
    def suite(self) -> "Suite":
        """The suite this key belongs to; a key is never used under another."""

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if the raw 64-byte signature is good; else VerificationError (or UncheckableError)."""

    def verify_der(self, signature: bytes, message: bytes) -> None:
        """Return if the signature in X.509 form is good; else VerificationError (or UncheckableError)."""

    def to_jwk(self) -> dict[str, str]:
        """The required members of the JWK (RFC 7517) and no others."""

    def to_spki(self) -> bytes:
        """The DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)."""

    def thumbprint(self) -> str:
        """The JWK thumbprint, SHA-256, base64url (RFC 7638)."""


class PrivateKey(Protocol):
    """A key that signs."""

    @property
    def suite(self) -> "Suite":
        """The suite this key belongs to."""

    @property
    def public(self) -> PublicKey:
        """The other half."""

    def sign(self, message: bytes) -> bytes:
        """The raw 64-byte signature of the message."""

    def sign_der(self, message: bytes) -> bytes:
        """The signature of the message in X.509 form."""

    def to_pkcs8(self, passphrase: bytes | None) -> bytes:
        """PEM PKCS#8, encrypted under the passphrase; None is for callers that encrypt it themselves."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One row: the names a suite has in every format, and what computes it.

    `spki_prefix` is all of a SubjectPublicKeyInfo before the key's own `public_size` bytes: each suite has one form.
    """

    name: str
    jose_algorithm: str
    jose_accepted: frozenset[str]
    cose_algorithm: int
    digest_name: str
    jwk_type: str
    jwk_curve: str
    public_size: int
    spki_prefix: bytes = field(repr=False)
    key_algorithm: tuple[str, str | None]
    signature_algorithm: str
    digest: Callable[[bytes], bytes] = field(repr=False)
    generate: Callable[[], PrivateKey] = field(repr=False)
    available: Callable[[], bool] = field(repr=False)
    load_public: Callable[[bytes], PublicKey] = field(repr=False)
    load_private: Callable[[bytes], PrivateKey] = field(repr=False)
