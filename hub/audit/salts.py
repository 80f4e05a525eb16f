"""Salts of records and marks of leaves: drawn from a secret of the key store and the bytes that they belong to.

So whoever can write to the database and not open the key store can write no record and no leaf, nor move one: salt or mark would not be that of its
bytes and place. To everybody else a salt is random: bytes never repeat, for each record has an id of its own. Keyed BLAKE2b (RFC 7693), a third of
what HMAC-SHA-256 takes.
"""

import hmac
import secrets
from contextlib import suppress
from functools import cached_property
from hashlib import blake2b
from typing import Final

from keys.errors import KeyExistsError
from keys.store import KeyStore

SALT_BYTES: Final = 16
_NAME: Final = "hub/records-1"
_SECRET_BYTES: Final = 32


class Salts:
    """Makes and compares salts."""

    def __init__(self, store: KeyStore) -> None:
        """Use the secret of this key store; nothing is read yet."""
        self._store = store

    def make(self) -> None:
        """Make the secret where there is none; raises KeyStoreError."""
        with suppress(KeyExistsError):
            self._store.add_secret(_NAME, secrets.token_bytes(_SECRET_BYTES))

    def exist(self) -> bool:
        """Tell whether there is a secret; raises KeyStoreError."""
        return _NAME in self._store.names(_NAME)

    def require(self) -> None:
        """Read the secret; raises KeyMissingError when there is none."""
        self._secret  # noqa: B018 - a cached property

    @cached_property
    def _secret(self) -> bytes:
        return self._store.secret(f"store:{_NAME}")

    def of(self, body: bytes) -> bytes:
        """Return the salt of a record's canonical bytes."""
        return blake2b(body, key=self._secret, person=b"salt", digest_size=SALT_BYTES).digest()

    def are(self, salt: bytes, body: bytes) -> bool:
        """Tell whether this hub gave a record its salt."""
        return hmac.compare_digest(salt, self.of(body))

    def mark(self, place: int, sequence: int, commitment: bytes) -> bytes:
        """Return the mark of a leaf: it stands for this record at this place."""
        numbers = place.to_bytes(8, "big") + sequence.to_bytes(8, "big", signed=True)
        return blake2b(numbers + commitment, key=self._secret, person=b"leaf", digest_size=SALT_BYTES).digest()


def random_salt(_body: bytes) -> bytes:
    """Return a salt of a hub without a log: tests of other nouns have none."""
    return secrets.token_bytes(SALT_BYTES)
