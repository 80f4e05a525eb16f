"""Public keys as JWK (RFC 7517, RFC 8037) and their thumbprints (RFC 7638).

Decides which members a public key may have. Never reads or writes a private member.
"""

import hashlib
from typing import Any, Final

from keys import base64url, strict_json
from keys.errors import FormatError

_COORDINATE: Final = 32
_UNCOMPRESSED: Final = b"\x04"
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def elliptic_jwk(curve: str, point: bytes) -> dict[str, str]:
    """The JWK of an uncompressed point: 04 || x || y."""
    x, y = point[1 : 1 + _COORDINATE], point[1 + _COORDINATE :]
    return {"kty": "EC", "crv": curve, "x": base64url.encode(x), "y": base64url.encode(y)}


def octet_jwk(curve: str, key: bytes) -> dict[str, str]:
    """The JWK of an octet key pair's public half (RFC 8037 section 2)."""
    return {"kty": "OKP", "crv": curve, "x": base64url.encode(key)}


def thumbprint(jwk: dict[str, str]) -> str:
    """SHA-256 over the required members in the order of RFC 7638 section 3."""
    return base64url.encode(hashlib.sha256(strict_json.dumps(dict(sorted(jwk.items())))).digest())


def public_bytes(jwk: dict[str, Any]) -> bytes:
    """The key's own bytes (04||x||y, or x for OKP); raises FormatError for anything but a public signature key."""
    if PRIVATE & jwk.keys():
        raise FormatError("a JWK for verifying carries private members")
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise FormatError("the JWK is not for verifying signatures")
    if jwk.get("kty") == "OKP":
        return _coordinate(jwk, "x")
    return _UNCOMPRESSED + _coordinate(jwk, "x") + _coordinate(jwk, "y")


def _coordinate(jwk: dict[str, Any], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise FormatError(f"the JWK lacks {name}")
    value = base64url.decode(text)
    if len(value) != _COORDINATE:
        raise FormatError(f"the JWK's {name} is not {_COORDINATE} bytes")
    return value
