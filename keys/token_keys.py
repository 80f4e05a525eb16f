"""Keys that an outside issuer publishes for its tokens (JWK Set, RFC 7517 section 5), and what each may be used with.

Decides under which key and algorithm a token may be checked: a key counts for the algorithms of its own kind that the reader allows,
narrowed by its `alg`; the token names it by `kid` and brings none along. RS256 and PS256 (RFC 7518 sections 3.3 and 3.5) are verified here
only, for that is what identity platforms sign with; the hub signs nothing by them. Symmetric keys and keys of other kinds are passed over,
a set with a private key or with one `kid` twice is refused as a whole.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from keys import base64url, jwk, strict_json
from keys.errors import FormatError, UncheckableError, VerificationError
from keys.jws import Jws
from keys.suites import SUITES, load_public_jwk

MOST_KEYS: Final = 64
_LEAST_BITS: Final = 2048
_MOST_BITS: Final = 8192
_EXPONENT: Final = 65537
_LONGEST_KID: Final = 256

_PADDINGS: Final[Mapping[str, PKCS1v15 | PSS]] = MappingProxyType(
    {"RS256": PKCS1v15(), "PS256": PSS(MGF1(SHA256()), SHA256.digest_size)}
)
ALGORITHMS: Final = frozenset(_PADDINGS).union(*(row.jose_accepted for row in SUITES.values()))
"""Every algorithm that a reader may allow; each has a key of its own kind, so none can be taken for another."""

Verify = Callable[[str, bytes, bytes], None]


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A published key: with which algorithms it may be used; `verify` takes algorithm, signature and message."""

    algorithms: frozenset[str]
    verify: Verify = field(repr=False)


def read_set(data: bytes, allowed: Collection[str]) -> Mapping[str, TokenKey]:
    """Return the keys of a JWK Set that may be used with the algorithms allowed, by `kid`; those that may not are left out.

    Raises:
        FormatError: it is no JWK Set, holds too many keys, a private one, or two of one `kid`.
    """
    listed = strict_json.loads_object(data).get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS or not all(isinstance(each, dict) for each in listed):
        raise FormatError(f"a JWK Set is an object with up to {MOST_KEYS} keys")
    named = [each.get("kid") for each in listed if "kid" in each]
    if not all(isinstance(kid, str) and 0 < len(kid) <= _LONGEST_KID for kid in named) or len(set(named)) < len(named):
        raise FormatError("a JWK Set names a key by something else than a text, or two by the same")
    found = {each["kid"]: _key(each, frozenset(allowed)) for each in listed if "kid" in each and _is_of_interest(each)}
    return MappingProxyType({kid: key for kid, key in found.items() if key.algorithms})


def check(token: Jws, keys: Mapping[str, TokenKey]) -> None:
    """Return if the token was signed by the key that it names, with one of that key's algorithms.

    Raises:
        UncheckableError: no key has its `kid`; fetch the set again.
        VerificationError: it does not verify.
    """
    kid, algorithm = token.header.get("kid"), token.header["alg"]
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise UncheckableError("none of the published keys signed this; fetch them again")
    if algorithm not in key.algorithms:
        raise VerificationError("the token's algorithm is not one of the key's")
    key.verify(algorithm, token.signature, token.signing_input)


def _is_of_interest(found: Mapping[str, Any]) -> bool:
    """Tell whether it is a key for verifying signatures, of a kind that is read here; raises FormatError for a private one."""
    if found.get("kty") != "oct" and jwk.PRIVATE & found.keys():
        raise FormatError("a JWK Set that is published holds a private key")
    operations = found.get("key_ops", ["verify"])
    for_signatures = found.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
    return for_signatures and (found.get("kty") == "RSA" or _has_suite(found))


def _has_suite(found: Mapping[str, Any]) -> bool:
    return any((found.get("kty"), found.get("crv")) == (row.jwk_type, row.jwk_curve) for row in SUITES.values())


def _key(found: dict[str, Any], allowed: frozenset[str]) -> TokenKey:
    algorithms, verify = _rsa(found) if found["kty"] == "RSA" else _of_suite(found)
    own = found.get("alg")
    return TokenKey(frozenset(algorithms) & allowed & ({own} if own is not None else algorithms), verify)


def _of_suite(found: dict[str, Any]) -> tuple[frozenset[str], Verify]:
    public = load_public_jwk({name: value for name, value in found.items() if name != "alg"})
    return public.suite.jose_accepted, lambda _, signature, message: public.verify(signature, message)


def _rsa(found: Mapping[str, Any]) -> tuple[frozenset[str], Verify]:
    modulus, exponent = _number(found.get("n")), _number(found.get("e"))
    if not _LEAST_BITS <= modulus.bit_length() <= _MOST_BITS or exponent != _EXPONENT:
        raise FormatError(f"an RSA key has {_LEAST_BITS} to {_MOST_BITS} bits and the exponent {_EXPONENT}")
    try:
        public = RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as error:
        raise FormatError("not an RSA public key") from error
    return frozenset(_PADDINGS), lambda algorithm, signature, message: _verify(public, algorithm, signature, message)


def _verify(public: RSAPublicKey, algorithm: str, signature: bytes, message: bytes) -> None:
    try:
        public.verify(signature, message, _PADDINGS[algorithm], SHA256())
    except InvalidSignature as error:
        raise VerificationError("the signature does not verify under the key") from error


def _number(text: object) -> int:
    """Read a Base64urlUInt (RFC 7518 section 2), which has no leading zero."""
    octets = base64url.decode(text) if isinstance(text, str) else b""
    if not octets or not octets[0]:
        raise FormatError("a number of the JWK is missing, or not in its one form")
    return int.from_bytes(octets, "big")
