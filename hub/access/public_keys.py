"""Public keys as people hand them in: PEM or JWK, pasted or in a file.

Decides that a private key is refused with a word of its own, before anything else is done with it: it is nobody's secret any more once it has left
its owner, and he must be told. It must never keep, log or repeat what was handed in.
"""

from typing import Any, Final

import orjson

from hub.errors import InputInvalidError
from keys import jwk as jwk_form
from keys.errors import KeysError
from keys.suites import load_public_jwk, load_public_pem

LONGEST: Final = 16 * 1024
_ARMOUR: Final = b"-----BEGIN"


class PrivateKeyGivenError(InputInvalidError):
    """This is a private key: it was not kept, but it has left its place. Make a new pair, and hand in the public half alone."""

    code = "PRIVATE_KEY_GIVEN"


class PublicKeyInvalidError(InputInvalidError):
    """This is no public key: hand in one key, as PEM (BEGIN PUBLIC KEY) or as a JWK, of ES256, Ed25519 or SM2."""

    code = "PUBLIC_KEY_INVALID"


def read_public_key(content: bytes) -> dict[str, Any]:
    """Return a public key as a JWK with its kid: the JWK's own, or else its thumbprint (RFC 7638).

    Raises:
        PrivateKeyGivenError: it is a private one, or there is a private one in it.
        PublicKeyInvalidError: it is no key of a suite this hub knows.
    """
    if len(content) > LONGEST:
        raise PublicKeyInvalidError
    text = content.strip()
    return _of_pem(text) if _ARMOUR in text else _of_jwk(text)


def _of_pem(text: bytes) -> dict[str, Any]:
    if b"PRIVATE KEY-----" in text:
        raise PrivateKeyGivenError
    try:
        key = load_public_pem(text)
    except KeysError:
        raise PublicKeyInvalidError from None
    return {**key.to_jwk(), "kid": key.thumbprint()}


def _of_jwk(text: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except ValueError:
        raise PublicKeyInvalidError from None
    if isinstance(found, dict) and (jwk_form.PRIVATE & found.keys() or _holds_private(found.get("keys"))):
        raise PrivateKeyGivenError
    try:
        key = load_public_jwk(found if isinstance(found, dict) else {})
    except KeysError:
        raise PublicKeyInvalidError from None
    return {**key.to_jwk(), "kid": found.get("kid", key.thumbprint())}


def _holds_private(listed: object) -> bool:
    return isinstance(listed, list) and any(
        isinstance(each, dict) and jwk_form.PRIVATE & each.keys() for each in listed
    )
