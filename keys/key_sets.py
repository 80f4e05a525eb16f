"""Finding the key that a token names among keys that somebody publishes (JWK Set, RFC 7517 section 5).

Decides which of the given keys a token may be checked under: the one with its `kid`. The token never brings a key along.
"""

from collections.abc import Iterable
from typing import Any

from keys import jws
from keys.contracts import PublicKey
from keys.errors import FormatError, UncheckableError
from keys.suites import load_public_jwk


def named(kid: object, keys: Iterable[dict[str, Any]]) -> PublicKey:
    """The key of that id; raises UncheckableError when none has it, FormatError when it is not a public key."""
    jwk = next((each for each in keys if isinstance(kid, str) and each.get("kid") == kid), None)
    if jwk is None:
        raise UncheckableError("none of the published keys signed this; fetch them again")
    return load_public_jwk(jwk)


def claims_of(token: bytes, keys: Iterable[dict[str, Any]], *, typ: str, most: int) -> dict[str, Any]:
    """What a JWS of at most so many bytes says, once it is proven to be of the type and signed under one of a publisher's JWKs.

    Raises FormatError, VerificationError, UncheckableError.
    """
    if len(token) > most:
        raise FormatError("what a hub signed is larger than any that is read here")
    try:
        parsed = jws.parse(token.decode("ascii"))
    except UnicodeDecodeError as error:
        raise FormatError("not a compact JWS") from error
    jws.check(parsed, named(parsed.header.get("kid"), keys), typ=typ)
    return parsed.claims()
