"""Writing small files so that a kill at any moment leaves either the old content or the new, never a part.

Temporary file, fsync, rename, fsync of the folder. What could not be written whole is removed again. Files are readable by their owner only (0600), folders 0700.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_OTHERS: Final = 0o077
_UNFINISHED: Final = ".unfinished-"
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""How the system says that a disk is full, or somebody's share of it."""


def make_folder(path: Path) -> None:
    """Make a private folder and all its parents, durably."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    _sync_folder(path.parent)


def write(path: Path, data: bytes) -> None:
    """Replace the file's content, durably; the caller holds the lock."""
    unfinished = path.with_name(_UNFINISHED + path.name)
    unfinished.unlink(missing_ok=True)  # left by a kill
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove the file, durably."""
    path.unlink()
    _sync_folder(path.parent)


def is_unfinished(path: Path) -> bool:
    """Whether a kill left this file; it means nothing."""
    return path.name.startswith(_UNFINISHED)


def is_private(path: Path) -> bool:
    """Whether nobody but the owner (and root) has any right on it."""
    return not path.stat().st_mode & _OTHERS


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other writers of this folder out, in this process and in others; a kill releases the lock."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
