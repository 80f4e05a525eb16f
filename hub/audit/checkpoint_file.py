"""The newest checkpoint, kept outside the database: what the log had come to before somebody put an older database in its place.

Decides that the file only ever moves forward, whoever writes it, and that it is whole after a kill. It says nothing about whether the database
agrees with it (`hub.audit.continuity`).
"""

from pathlib import Path
from typing import Final

from hub.audit.log_key import LogKey
from hub.audit.refusals import CheckpointFileError, LogBrokenError
from keys import durable_files
from keys.checkpoint import SignedCheckpoint
from keys.errors import KeysError

_LOST: Final = ".lost"


class CheckpointFile:
    """One file; several processes may share it or have one each."""

    def __init__(self, path: Path, key: LogKey) -> None:
        """Keep the checkpoint at a path, and believe those that the log's key signed."""
        self.path: Final = path
        self._key = key
        self._written, self._forwarded = -1, ""

    def text(self) -> str | None:
        """Return the checkpoint that was kept, as it is; None before the first. Raises CheckpointFileError."""
        try:
            return self.path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CheckpointFileError(f"HUB_CHECKPOINT_FILE cannot be read: {error.strerror}.") from error

    def read(self) -> SignedCheckpoint | None:
        """Return the checkpoint that was kept; None before the first.

        Raises:
            CheckpointFileError: it cannot be read, or this log did not sign it.
        """
        note = self.text()
        try:
            return None if note is None else self._key.read(note)
        except KeysError as error:
            raise CheckpointFileError(
                "The checkpoint in HUB_CHECKPOINT_FILE cannot be read, or is another log's; look who has changed it."
            ) from error

    def forward(self, note: str) -> None:
        """Keep a checkpoint, unless a newer one is kept; raises CheckpointFileError, LogBrokenError."""
        if note == self._forwarded:
            return
        try:
            size = self._key.read(note).checkpoint.size
        except KeysError as error:
            raise LogBrokenError("The checkpoint of the log's head was not signed by this log.") from error
        if size <= self._written:
            return
        try:
            durable_files.make_folder(self.path.parent)
            with durable_files.locked(self.path.parent):
                kept = self.read()
                if kept is None or kept.checkpoint.size < size:
                    durable_files.write(self.path, note.encode())
        except OSError as error:
            raise CheckpointFileError(
                f"The checkpoint cannot be written to HUB_CHECKPOINT_FILE: {error.strerror}."
            ) from error
        self._written, self._forwarded = size, note

    def replace(self, note: str) -> None:
        """Keep a checkpoint that does not continue the one before, which stays beside it; raises CheckpointFileError."""
        try:
            with durable_files.locked(self.path.parent):
                if self.path.exists():
                    lost = self.path.with_name(f"{self.path.name}{_LOST}")
                    durable_files.write(lost, self.path.read_bytes())
                durable_files.write(self.path, note.encode())
        except OSError as error:
            raise CheckpointFileError(
                f"The checkpoint cannot be written to HUB_CHECKPOINT_FILE: {error.strerror}."
            ) from error
