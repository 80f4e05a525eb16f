"""Sealing data at rest: AES-256-GCM (NIST SP 800-38D), HKDF (RFC 5869) and blind indexes by HMAC-SHA-256.

A sealed value is nonce (12 bytes) || ciphertext || tag (16 bytes). Associated data is never optional in meaning: it
says where the value belongs, so that a value moved to another row does not open. One key seals fewer than 2**32 values
(SP 800-38D section 8.3, random nonces). Never logs or reports what it seals.
"""

import hmac
import secrets
from collections.abc import Callable
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
        data_key = _opened(self._cipher, wrapped, associated)
        if len(data_key) != KEY_SIZE:
            raise DecryptionError("the wrapped value is not a data key")
        return data_key


def derive(secret: bytes, domain: str) -> bytes:
    """A 32-byte key for one domain, by HKDF-SHA-256 with the domain as `info`; the secret has 32 bytes."""
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=domain.encode()).derive(_sized(secret))


def blind_index(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA-256 over the parts, each preceded by its length, so that ("a", "bc") is not ("ab", "c"); 32 bytes."""
    return IndexKey(key).index(*parts)


class IndexKey:
    """A key of blind indexes made ready, for whoever computes many with it."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        """`key` has 32 bytes."""
        self._keyed = hmac.new(_sized(key), digestmod="sha256")

    def index(self, *parts: str) -> bytes:
        """See `blind_index`."""
        keyed = self._keyed.copy()
        for part in parts:
            encoded = part.encode()
            keyed.update(len(encoded).to_bytes(_LENGTH, "big") + encoded)
        return keyed.digest()


def _sized(key: bytes) -> bytes:
    if len(key) != KEY_SIZE:
        raise FormatError(f"a key here has {KEY_SIZE} bytes")
    return key


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_sized(key))


def _opened(cipher: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    if len(sealed) < _NONCE + _TAG:
        raise DecryptionError("the sealed value is too short")
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], associated)
    except InvalidTag as error:
        raise DecryptionError("the sealed value does not open with this key in this place") from error
