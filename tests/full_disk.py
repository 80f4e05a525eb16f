"""Disks that are really full: a file system of a few megabytes in memory, mounted for one test, with a file that takes all but some room.

Mounting takes root and a system that lets it; elsewhere the tests that need it are skipped, with the reason.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A mounted file system."""

    path: Path

    def leave(self, kibibytes: int) -> None:
        """Fill it until so much room is left."""
        free = os.statvfs(self.path)
        self._filler.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - kibibytes * 1024)))

    def clear(self) -> None:
        """Make room again."""
        self._filler.unlink()

    @property
    def _filler(self) -> Path:
        return self.path / "filler"


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk of its own, through which other users may pass; skip the test where that cannot be done."""
    with tempfile.TemporaryDirectory(prefix="hub-disk-") as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", folder]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            pytest.skip(f"there is no command to mount a small disk: {error.strerror}")
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")
        try:
            yield SmallDisk(Path(folder))
        finally:
            # Lazily: a server may still look at what was in it.
            subprocess.run(["umount", "--lazy", folder], check=True, capture_output=True)
