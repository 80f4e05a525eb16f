"""Sealing data at rest: AES-256-GCM (NIST SP 800-38D), HKDF (RFC 5869) and blind indexes by HMAC-SHA-256.

A sealed value is nonce (12 bytes) || ciphertext || tag (16 bytes). Associated data is never optional in meaning: it
says where the value belongs, so that a value moved to another row does not open. One key seals fewer than 2**32 values
(SP 800-38D section 8.3, random nonces). Never logs or reports what it seals.
"""

import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.errors import DecryptionError, FormatError

KEY_SIZE: Final = 32
_NONCE: Final = 12
_TAG: Final = 16
_LENGTH: Final = 4
_WRAPPED: Final = _NONCE + KEY_SIZE + _TAG
_BLOCK: Final = 64
_INNER, _OUTER = bytes(each ^ 0x36 for each in range(256)), bytes(each ^ 0x5C for each in range(256))

_TOO_SHORT: Final = "the sealed value is too short"
_CLOSED: Final = "the sealed value does not open with this key in this place"

Randomness = Callable[[int], bytes]


def new_data_key(random: Randomness = secrets.token_bytes) -> bytes:
    """A fresh AES-256 key."""
    return random(KEY_SIZE)


def seal(key: bytes, plaintext: bytes, associated: bytes, random: Randomness = secrets.token_bytes) -> bytes:
    """Encrypt under a 32-byte key, bound to the associated data."""
    nonce = random(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, plaintext, associated)


def open_sealed(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt; raises DecryptionError, which never says which of the three was wrong."""
    return _opened(_cipher(key), sealed, associated)


def wrap(kek: bytes, data_key: bytes, associated: bytes, random: Randomness = secrets.token_bytes) -> bytes:
    """Seal a data key under a key-encryption key; 60 bytes."""
    return seal(kek, _sized(data_key), associated, random)


def unwrap(kek: bytes, wrapped: bytes, associated: bytes) -> bytes:
    """Open a wrapped data key; raises DecryptionError."""
    return WrappingKey(kek).unwrap(wrapped, associated)


class WrappingKey:
    """A key-encryption key made ready, for whoever opens many data keys with it."""

    __slots__ = ("_cipher",)

    def __init__(self, kek: bytes) -> None:
        """`kek` has 32 bytes."""
        self._cipher = _cipher(kek)

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """Open a wrapped data key; raises DecryptionError."""
        if len(wrapped) != _WRAPPED:
            raise DecryptionError("the wrapped value is not a data key")
        return _opened(self._cipher, wrapped, associated)

    def open_sealed(self, wrapped: bytes, of_key: bytes, sealed: bytes, associated: bytes) -> bytes:
        """Decrypt under a data key that is given wrapped, each with what it is bound to; raises DecryptionError."""
        if len(wrapped) != _WRAPPED or len(sealed) < _NONCE + _TAG:
            raise DecryptionError(_TOO_SHORT)
        try:
            data_key = self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], of_key)
            return AESGCM(data_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], associated)
        except InvalidTag as error:
            raise DecryptionError(_CLOSED) from error


def derive(secret: bytes, domain: str) -> bytes:
    """A 32-byte key for one domain, by HKDF-SHA-256 with the domain as `info`; the secret has 32 bytes."""
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=domain.encode()).derive(_sized(secret))


def blind_index(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA-256 over the parts, each preceded by its length, so that ("a", "bc") is not ("ab", "c"); 32 bytes."""
    return IndexKey(key).index(*parts)


class IndexKey:
    """A key of blind indexes made ready, for whoever computes many with it: the inner and the outer hash of RFC 2104, which have read the key."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """`key` has 32 bytes."""
        block = _sized(key).ljust(_BLOCK, b"\0")
        self._inner, self._outer = sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))

    def index(self, *parts: str) -> bytes:
        """See `blind_index`."""
        inner, outer = self._inner.copy(), self._outer.copy()
        for part in parts:
            encoded = part.encode()
            inner.update(len(encoded).to_bytes(_LENGTH, "big") + encoded)
        outer.update(inner.digest())
        return outer.digest()


def _sized(key: bytes) -> bytes:
    if len(key) != KEY_SIZE:
        raise FormatError(f"a key here has {KEY_SIZE} bytes")
    return key


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_sized(key))


def _opened(cipher: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    if len(sealed) < _NONCE + _TAG:
        raise DecryptionError(_TOO_SHORT)
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], associated)
    except InvalidTag as error:
        raise DecryptionError(_CLOSED) from error
