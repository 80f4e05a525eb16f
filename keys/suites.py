"""The signature suites: one table, one row each; and the way from stored bytes to a key of the right suite.

Decides which suite a name, a key file, a certificate or a JWK belongs to. Never guesses: an unknown algorithm could
not be checked, and a key is never used under a suite other than its own.
"""

from types import MappingProxyType
from typing import Any, Final

from asn1crypto import pem as pem_form
from asn1crypto.core import Sequence

from keys import jwk as jwk_form
from keys import pkcs8
from keys.contracts import PrivateKey, PublicKey, Suite
from keys.elliptic import ED25519, ES256
from keys.errors import FormatError, UncheckableError
from keys.sm2 import SM2_SM3

__all__ = [
    "SUITES",
    "PrivateKey",
    "PublicKey",
    "Suite",
    "load_private",
    "load_public_jwk",
    "load_public_pem",
    "load_public_spki",
    "suite",
    "suite_of_jose",
]

SUITES: Final = MappingProxyType({row.name: row for row in (ES256, ED25519, SM2_SM3)})
_BY_JOSE: Final = MappingProxyType({name: row for row in SUITES.values() for name in row.jose_accepted})
_BY_JWK: Final = MappingProxyType({(row.jwk_type, row.jwk_curve): row for row in SUITES.values()})
_BY_KEY: Final = MappingProxyType({row.key_algorithm: row for row in SUITES.values()})


def suite(name: str) -> Suite:
    """The suite of that name; raises UncheckableError."""
    try:
        return SUITES[name]
    except KeyError as error:
        raise UncheckableError("no such signature suite") from error


def suite_of_jose(algorithm: str) -> Suite:
    """The suite of a JOSE `alg` (RFC 7515 section 4.1.1); raises UncheckableError."""
    try:
        return _BY_JOSE[algorithm]
    except KeyError as error:
        raise UncheckableError("no suite for this JOSE algorithm") from error


def load_private(pem: bytes, passphrase: bytes | None) -> PrivateKey:
    """The key in a PKCS#8 PEM; raises FormatError, WrongPassphraseError, UncheckableError."""
    der = pkcs8.disarm(pem, passphrase)
    row = _BY_KEY.get(pkcs8.algorithm_of(der))
    if row is None:
        raise UncheckableError("no suite for this private key")
    return row.load_private(der)


def load_public_spki(der: bytes) -> PublicKey:
    """The key in a DER SubjectPublicKeyInfo, in the one form its suite has; raises FormatError, UncheckableError."""
    for row in SUITES.values():
        if der.startswith(row.spki_prefix) and len(der) == len(row.spki_prefix) + row.public_size:
            return row.load_public(der[len(row.spki_prefix) :])
    try:
        Sequence.load(der, strict=True)
    except (ValueError, TypeError) as error:
        raise FormatError("not a SubjectPublicKeyInfo") from error
    raise UncheckableError("no suite for this public key, or not in its usual form")


def load_public_pem(pem: bytes) -> PublicKey:
    """The key in a PEM of kind PUBLIC KEY; raises FormatError, UncheckableError."""
    try:
        kind, _, der = pem_form.unarmor(pem)
    except (ValueError, TypeError) as error:
        raise FormatError("not a PEM file") from error
    if kind != "PUBLIC KEY":
        raise FormatError("not a public key in PEM")
    return load_public_spki(der)


def load_public_jwk(jwk: dict[str, Any]) -> PublicKey:
    """The key in a public JWK; other members (kid, x5c) are the caller's; raises FormatError, UncheckableError."""
    kind, curve, algorithm = jwk.get("kty"), jwk.get("crv"), jwk.get("alg", "")
    if not isinstance(kind, str) or not isinstance(curve, str) or not isinstance(algorithm, str):
        raise FormatError("a JWK needs kty and crv, and its alg is text")
    row = _BY_JWK.get((kind, curve))
    if row is None:
        raise UncheckableError("no suite for this JWK")
    if algorithm and algorithm not in row.jose_accepted:
        raise FormatError("the JWK's alg is not that of its curve")
    return row.load_public(jwk_form.public_bytes(jwk))
