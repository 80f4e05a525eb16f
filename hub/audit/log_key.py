"""The log's own key: it signs checkpoints and nothing else, and how others know it.

Decides the log's origin and under which keys a checkpoint is signed: the newest and the one before, so that whoever knows either can follow a
rotation; and by which keys one is believed that was signed here at any time. It must never forget an older key: old checkpoints
stay verifiable. C2SP signed-note, tlog-checkpoint.
"""

from contextlib import suppress
from typing import Final

from keys import checkpoint
from keys.checkpoint import Checkpoint, SignedCheckpoint
from keys.contracts import PrivateKey
from keys.errors import KeyExistsError, KeyMissingError
from keys.signed_note import Verifier
from keys.store import KeyStore
from keys.suites import suite

SUITE: Final = "Ed25519"
_SIGNING: Final = 2


class LogKey:
    """All keys that the log has had, the oldest first."""

    def __init__(self, store: KeyStore, public_url: str) -> None:
        """The origin is the hub's address; call `require` once before the first use."""
        self._store = store
        self._keys: tuple[PrivateKey, ...] = ()
        self.origin: Final = f"{public_url.partition('://')[2]}/log"
        self.verifiers: tuple[Verifier, ...] = ()

    def make(self) -> None:
        """Make the first key where there is none; raises KeyStoreError."""
        self.refresh()
        if not self._keys:
            self._add()

    def require(self) -> None:
        """Take up the keys that there are; raises KeyMissingError when there is none."""
        self._store.private(f"store:{_name(1)}")
        self.refresh()

    def refresh(self) -> None:
        """Take up keys that other processes have made since; raises KeyStoreError."""
        while True:
            try:
                key = self._store.private(f"store:{_name(len(self._keys) + 1)}")
            except KeyMissingError:
                return
            self._keys = (*self._keys, key)
            self.verifiers = tuple(Verifier(self.origin, each.public) for each in self._keys)

    def rotate(self) -> int:
        """Make a new key, under which the next checkpoint is signed too, and return its number; raises KeyStoreError."""
        self.refresh()
        self._add()
        return len(self._keys)

    def sign(self, tree: Checkpoint) -> str:
        """Return the checkpoint as a note."""
        return checkpoint.sign(tree, *reversed(self._keys[-_SIGNING:]))

    def read(self, note: str) -> SignedCheckpoint:
        """Read a checkpoint that was signed here; raises FormatError, VerificationError."""
        return checkpoint.read(note, self.verifiers)

    def _add(self) -> None:
        with suppress(KeyExistsError):  # another process was first
            self._store.add_private(_name(len(self._keys) + 1), suite(SUITE).generate())
        self.refresh()


def _name(number: int) -> str:
    return f"hub/log-{number}"
