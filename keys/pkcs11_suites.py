"""The suites that a token can compute: which mechanisms and curve each one is in PKCS#11, one row a suite.

SM2-SM3 has no row, on purpose. PKCS#11 names no mechanism for it; a token that takes the SM2 curve would sign plain ECDSA over
it, which verifies nowhere and gives the key a second use. Sources: PKCS#11 3.0 sections 2.3.1, 2.3.3 and 2.3.10.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pkcs11 import KeyType, Mechanism

from keys.contracts import PublicKey, Suite
from keys.ecdsa_form import der_from_raw
from keys.elliptic import ED25519, ES256
from keys.errors import FormatError, TokenSuiteError

_OCTET_STRING: Final = 0x04


@dataclass(frozen=True, slots=True)
class TokenSuite:
    """One row.

    Attributes:
        suite: what is computed.
        key_type: CKA_KEY_TYPE.
        curves: spellings of CKA_EC_PARAMS, the one for new keys first.
        generating: mechanism that makes a key pair.
        signing: mechanism that signs.
        prepared: what of a message the token is given.
        to_der: a signature of the token in X.509 form.
    """

    suite: Suite
    key_type: KeyType
    curves: tuple[bytes, ...]
    generating: Mechanism
    signing: Mechanism
    prepared: Callable[[bytes], bytes]
    to_der: Callable[[bytes], bytes]

    def public(self, point: bytes) -> PublicKey:
        """The public key of a CKA_EC_POINT, which tokens write with or without its OCTET STRING; raises FormatError."""
        size = self.suite.public_size
        wrapped = len(point) == size + 2 and point[:2] == bytes((_OCTET_STRING, size))
        if not wrapped and len(point) != size:
            raise FormatError("the token's public key is not one of its suite")
        return self.suite.load_public(point[-size:])


def _as_it_is(data: bytes) -> bytes:
    return data


TOKEN_SUITES: Final = MappingProxyType(
    {
        ES256.name: TokenSuite(
            suite=ES256,
            key_type=KeyType.EC,
            curves=(bytes.fromhex("06082a8648ce3d030107"),),
            generating=Mechanism.EC_KEY_PAIR_GEN,
            signing=Mechanism.ECDSA,
            prepared=ES256.digest,
            to_der=der_from_raw,
        ),
        ED25519.name: TokenSuite(
            suite=ED25519,
            key_type=KeyType.EC_EDWARDS,
            curves=(bytes.fromhex("06032b6570"), b"\x13\x0cedwards25519"),
            generating=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            signing=Mechanism.EDDSA,
            prepared=_as_it_is,
            to_der=_as_it_is,
        ),
    }
)
_BY_KEY: Final = MappingProxyType({(row.key_type, curve): row for row in TOKEN_SUITES.values() for curve in row.curves})


def token_suite(suite: Suite) -> TokenSuite:
    """The row of a suite; raises TokenSuiteError."""
    try:
        return TOKEN_SUITES[suite.name]
    except KeyError as error:
        raise TokenSuiteError(
            f"PKCS#11 has no mechanism for {suite.name}: keep such a key in the key store, or with its owner"
        ) from error


def suite_of_key(key_type: object, curve: bytes) -> TokenSuite:
    """The row of a key that is on a token; raises TokenSuiteError."""
    try:
        return _BY_KEY[key_type, curve]  # type: ignore[index]
    except KeyError as error:
        raise TokenSuiteError(
            f"the key on the token is of none of the suites {', '.join(TOKEN_SUITES)}: an SM2 key would sign plain ECDSA"
        ) from error
