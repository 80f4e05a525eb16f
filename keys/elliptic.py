"""The suites that `cryptography` computes: ES256 (RFC 7518) and Ed25519 (RFC 8032, RFC 9864).

Decides nothing: it gives the library's keys the package's shape and keeps the library's exceptions inside.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from keys import jwk, pkcs8
from keys.contracts import PrivateKey, PublicKey, Suite
from keys.ecdsa_form import RAW_SIZE, der_from_raw, raw_from_der
from keys.errors import FormatError, VerificationError

_ECDSA: Final = ECDSA(SHA256())
_REFUSED: Final = "the signature does not verify under the key"


@dataclass(frozen=True, slots=True)
class P256Public:
    """A P-256 point."""

    point: bytes
    key: EllipticCurvePublicKey = field(repr=False, compare=False)

    @property
    def suite(self) -> Suite:
        """ES256."""
        return ES256

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check r||s."""
        self.verify_der(der_from_raw(signature), message)

    def verify_der(self, signature: bytes, message: bytes) -> None:
        """Check SEQUENCE{r,s}."""
        try:
            self.key.verify(signature, message, _ECDSA)
        except InvalidSignature as error:
            raise VerificationError(_REFUSED) from error

    def to_jwk(self) -> dict[str, str]:
        """RFC 7518 section 6.2."""
        return jwk.elliptic_jwk(ES256.jwk_curve, self.point)

    def to_spki(self) -> bytes:
        """RFC 5480 section 2."""
        return ES256.spki_prefix + self.point

    def thumbprint(self) -> str:
        """RFC 7638."""
        return jwk.thumbprint(self.to_jwk())


@dataclass(frozen=True, slots=True)
class P256Private:
    """A P-256 private key."""

    key: EllipticCurvePrivateKey = field(repr=False)
    public: P256Public

    @property
    def suite(self) -> Suite:
        """ES256."""
        return ES256

    def sign(self, message: bytes) -> bytes:
        """R||s over SHA-256 of the message."""
        return raw_from_der(self.sign_der(message))

    def sign_der(self, message: bytes) -> bytes:
        """SEQUENCE{r,s} over SHA-256 of the message."""
        return self.key.sign(message, _ECDSA)

    def to_pkcs8(self, passphrase: bytes | None) -> bytes:
        """PEM PKCS#8."""
        return pkcs8.armour(self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), passphrase)


@dataclass(frozen=True, slots=True)
class Ed25519Public:
    """An Ed25519 public key of 32 bytes."""

    octets: bytes
    key: Ed25519PublicKey = field(repr=False, compare=False)

    @property
    def suite(self) -> Suite:
        """Ed25519."""
        return ED25519

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check 64 bytes of signature."""
        if len(signature) != RAW_SIZE:
            raise VerificationError(f"the signature is not {RAW_SIZE} bytes long")
        try:
            self.key.verify(signature, message)
        except InvalidSignature as error:
            raise VerificationError(_REFUSED) from error

    def verify_der(self, signature: bytes, message: bytes) -> None:
        """The same bytes in X.509 (RFC 8410 section 6)."""
        self.verify(signature, message)

    def to_jwk(self) -> dict[str, str]:
        """RFC 8037 section 2."""
        return jwk.octet_jwk(ED25519.jwk_curve, self.octets)

    def to_spki(self) -> bytes:
        """RFC 8410 section 4."""
        return ED25519.spki_prefix + self.octets

    def thumbprint(self) -> str:
        """RFC 7638."""
        return jwk.thumbprint(self.to_jwk())


@dataclass(frozen=True, slots=True)
class Ed25519Private:
    """An Ed25519 private key."""

    key: Ed25519PrivateKey = field(repr=False)
    public: Ed25519Public

    @property
    def suite(self) -> Suite:
        """Ed25519."""
        return ED25519

    def sign(self, message: bytes) -> bytes:
        """64 bytes (RFC 8032 section 5.1.6)."""
        return self.key.sign(message)

    def sign_der(self, message: bytes) -> bytes:
        """The same bytes in X.509 (RFC 8410 section 6)."""
        return self.key.sign(message)

    def to_pkcs8(self, passphrase: bytes | None) -> bytes:
        """PEM PKCS#8."""
        return pkcs8.armour(self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), passphrase)


def _p256_public(point: bytes) -> PublicKey:
    try:
        return P256Public(point, EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point))
    except ValueError as error:
        raise FormatError("not a point of P-256") from error


def _ed25519_public(octets: bytes) -> PublicKey:
    try:
        return Ed25519Public(octets, Ed25519PublicKey.from_public_bytes(octets))
    except ValueError as error:
        raise FormatError("not an Ed25519 public key") from error


def _p256(key: EllipticCurvePrivateKey) -> PrivateKey:
    public = key.public_key()
    return P256Private(key, P256Public(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), public))


def _ed25519(key: Ed25519PrivateKey) -> PrivateKey:
    public = key.public_key()
    return Ed25519Private(key, Ed25519Public(public.public_bytes_raw(), public))


def _private(der: bytes) -> PrivateKey:
    try:
        key = load_der_private_key(der, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise FormatError("not a usable private key") from error
    match key:
        case EllipticCurvePrivateKey() if isinstance(key.curve, SECP256R1):
            return _p256(key)
        case Ed25519PrivateKey():
            return _ed25519(key)
        case _:
            raise FormatError("not a private key of the suite it names")


def _always() -> bool:
    return True


def _sha256(data: bytes) -> bytes:
    return sha256(data).digest()


ES256: Final = Suite(
    name="ES256",
    jose_algorithm="ES256",
    jose_accepted=frozenset({"ES256"}),
    cose_algorithm=-7,
    digest_name="sha-256",
    jwk_type="EC",
    jwk_curve="P-256",
    public_size=65,
    spki_prefix=bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200"),
    key_algorithm=("1.2.840.10045.2.1", "1.2.840.10045.3.1.7"),
    signature_algorithm="1.2.840.10045.4.3.2",
    digest=_sha256,
    generate=lambda: _p256(generate_private_key(SECP256R1())),
    available=_always,
    load_public=_p256_public,
    load_private=_private,
)

ED25519: Final = Suite(
    name="Ed25519",
    jose_algorithm="Ed25519",
    jose_accepted=frozenset({"Ed25519", "EdDSA"}),  # EdDSA is the older, polymorphic name; RFC 9864 deprecates it
    cose_algorithm=-19,
    digest_name="sha-256",
    jwk_type="OKP",
    jwk_curve="Ed25519",
    public_size=32,
    spki_prefix=bytes.fromhex("302a300506032b6570032100"),
    key_algorithm=("1.3.101.112", None),
    signature_algorithm="1.3.101.112",
    digest=_sha256,
    generate=lambda: _ed25519(Ed25519PrivateKey.generate()),
    available=_always,
    load_public=_ed25519_public,
    load_private=_private,
)
