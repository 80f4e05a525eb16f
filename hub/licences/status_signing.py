"""What is signed of a status list, and under which key: the hub's status key, which signs nothing else.

Decides a list's address, size and claims. It must never sign a list that is shorter than others or names a licence: each has
all its places from the first day on, and those where no licence stands say the same as a valid licence.
"""

from typing import Any, Final

from hub.errors import DamagedError
from hub.licences.status_places import PLACES
from keys.errors import KeysError
from keys.own_key import OwnKey
from keys.status_bits import put
from keys.status_list import StatusList, read, sign
from keys.status_list_form import CWT_MEDIA
from keys.store import KeyStore

NAME: Final = "hub/status-1"
SUITE: Final = "ES256"
PATH: Final = "status-lists"
TTL: Final = 20
"""Seconds for which a verifier may use the copy that it has fetched."""

_BITS: Final = 2


class StatusSigner:
    """Signs status lists."""

    def __init__(self, store: KeyStore, public_url: str) -> None:
        """Call `prepare` once before the first use."""
        self._key = OwnKey(store, NAME, SUITE)
        self.address = f"{public_url}/{PATH}"

    def prepare(self) -> None:
        """Make the status key where there is none."""
        self._key.make()

    def jwks(self) -> dict[str, Any]:
        """Return the public status keys as a JWK Set (RFC 7517 section 5)."""
        return self._key.jwks()

    def uri(self, number: int) -> str:
        """Return the address of a list, as the licences in it have it."""
        return f"{self.address}/{number}"

    def sign(self, number: int, statuses: bytes, issued_at: int, expires_at: int, ttl: int = TTL) -> dict[str, bytes]:
        """Return a list in both forms, by media type; times in seconds."""
        uri = self.uri(number)
        return sign(
            StatusList(uri, issued_at, expires_at, ttl, statuses, _BITS, self.address), self._key.private, self._key.kid
        )  # fmt: skip

    def statuses(self, number: int, issued_at: int, cwt: bytes) -> bytearray:
        """Return what a list says that was signed here at that second.

        Raises:
            DamagedError: it was not, or is another list.
        """
        try:
            found = read(cwt, CWT_MEDIA, self.jwks()["keys"])
        except KeysError as error:
            raise DamagedError from error
        if (found.uri, found.issued_at) != (self.uri(number), issued_at):
            raise DamagedError
        return bytearray(found.statuses)


def empty() -> bytearray:
    """Return a list in which every licence is valid."""
    return bytearray(PLACES * _BITS // 8)


def show(statuses: bytearray, index: int, value: int) -> None:
    """Let a list show a licence's value."""
    put(statuses, index, value, _BITS)
