"""JWS in compact form (RFC 7515) and JWT (RFC 7519), under the rules of RFC 8725.

Decides whether the original bytes of a token were signed by the key the caller names. The token never chooses its key
or its algorithm: `alg` must be that of the key's suite, `crit` is refused as nothing critical is understood here, and
`jwk`, `jku`, `x5u` and `x5c` are never followed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from keys import base64url, strict_json
from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError, SubIndication, VerificationError

_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Jws:
    """A token taken apart; believe it only when `verify` returned it."""

    header: dict[str, Any]
    payload: bytes
    signing_input: bytes
    signature: bytes

    def claims(self) -> dict[str, Any]:
        """The payload as one strict JSON object; raises FormatError."""
        return strict_json.loads_object(self.payload)


def sign(header: Mapping[str, Any], payload: bytes | Mapping[str, Any], key: PrivateKey) -> str:
    """Sign a payload; `alg` comes from the key. Raises FormatError when the header claims another."""
    algorithm = key.suite.jose_algorithm
    if header.get("alg", algorithm) != algorithm or "crit" in header:
        raise FormatError("the header names another algorithm than the key's, or critical members")
    data = payload if isinstance(payload, bytes) else strict_json.dumps(dict(payload))
    head = strict_json.dumps({"alg": algorithm, **header})
    signing_input = f"{base64url.encode(head)}.{base64url.encode(data)}"
    return f"{signing_input}.{base64url.encode(key.sign(signing_input.encode('ascii')))}"


def parse(token: str) -> Jws:
    """Take a token apart without believing it; raises FormatError."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise FormatError("a compact JWS has three parts")
    header, payload, signature = parts
    return Jws(
        header=_header(base64url.decode(header)),
        payload=base64url.decode(payload),
        signing_input=f"{header}.{payload}".encode("ascii"),
        signature=base64url.decode(signature),
    )


def verify(token: str, key: PublicKey, *, typ: str | Collection[str] | None) -> Jws:
    """Check a token under one key and one or more media types (None: any, only where the format has none).

    Raises FormatError, VerificationError (SIG_CRYPTO_FAILURE, SIG_CONSTRAINTS_FAILURE) or UncheckableError.
    """
    jws = parse(token)
    check(jws, key, typ=typ)
    return jws


def check(jws: Jws, key: PublicKey, *, typ: str | Collection[str] | None) -> None:
    """Check a token that `parse` took apart; raises as `verify` does."""
    if jws.header["alg"] not in key.suite.jose_accepted:
        raise VerificationError("the token's algorithm is not that of the key")
    expected = (typ,) if isinstance(typ, str) else typ
    if expected is not None and jws.header.get("typ") not in expected:
        raise VerificationError("the token is of another type", SubIndication.SIG_CONSTRAINTS_FAILURE)
    key.verify(jws.signature, jws.signing_input)


def sign_jwt(claims: Mapping[str, Any], key: PrivateKey, kid: str, typ: str) -> str:
    """Sign a claims set under an explicit type (RFC 8725 section 3.11)."""
    return sign({"typ": typ, "kid": kid}, claims, key)


def verify_jwt(
    token: str,
    key: PublicKey,
    *,
    typ: str | Collection[str] | None,
    now: int,
    audience: str | None,
    leeway: int = 0,
    required: Collection[str] = ("exp",),
) -> dict[str, Any]:
    """The claims of a good token at `now` (seconds since 1970); `leeway` in seconds.

    `audience` None means that this reader has no name: then a token addressed to anyone is refused.
    Raises FormatError, or VerificationError with EXPIRED, NOT_YET_VALID, SIG_CONSTRAINTS_FAILURE, SIG_CRYPTO_FAILURE.
    """
    claims = verify(token, key, typ=typ).claims()
    missing = [name for name in required if name not in claims]
    if missing:
        raise VerificationError(f"the token lacks {', '.join(missing)}", SubIndication.SIG_CONSTRAINTS_FAILURE)
    check_times(claims, now, leeway)
    _check_audience(claims.get("aud"), audience)
    return claims


def check_times(claims: Mapping[str, Any], now: float, leeway: int = 0) -> None:
    """Check exp, nbf and iat where present (RFC 7519 section 4.1); raises FormatError or VerificationError."""
    expiry, start, issued = (numeric_date(claims, name) for name in ("exp", "nbf", "iat"))
    if expiry is not None and now >= expiry + leeway:
        raise VerificationError("it has expired", SubIndication.EXPIRED)
    if start is not None and now < start - leeway:
        raise VerificationError("it is not valid yet", SubIndication.NOT_YET_VALID)
    if issued is not None and now < issued - leeway:
        raise VerificationError("it was issued in the future", SubIndication.NOT_YET_VALID)


def numeric_date(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate claim (RFC 7519 section 2), or None when absent; raises FormatError."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(f"{name} is not a NumericDate")
    return value


def _header(data: bytes) -> dict[str, Any]:
    header = strict_json.loads_object(data)
    if not isinstance(header.get("alg"), str) or not isinstance(header.get("typ", ""), str):
        raise FormatError("the header names no algorithm, or its type is not text")
    if "crit" in header:
        raise FormatError("the header has critical members that are not understood")
    return header


def _check_audience(found: Any, audience: str | None) -> None:
    addressed = [found] if isinstance(found, str) else found
    if addressed is not None and not (isinstance(addressed, list) and all(isinstance(one, str) for one in addressed)):
        raise FormatError("aud is neither a string nor a list of strings")
    if (audience is None) != (addressed is None) or (addressed is not None and audience not in addressed):
        raise VerificationError("the token is for another audience", SubIndication.SIG_CONSTRAINTS_FAILURE)
