"""Files that commands read and write: small ones read within a bound, large ones only hashed, and written ones whole or not at all.

Decides that nothing half-made gets a name, and that no file is replaced: what stands there may be somebody's only copy.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from hub.errors import InputInvalidError, UnavailableError
from keys.digests import NAMES, Digests, digests_in

PRIVATE: Final = 0o600
SHARED: Final = 0o666  # less what the umask takes
LARGEST_SMALL: Final = 4 << 20  # more than any seal or signature has


class FileUnwritableError(UnavailableError):
    """The file could not be written, and nothing is left of it. Make room, or name another place; then the same again."""

    code = "FILE_UNWRITABLE"


@contextmanager
def written(path: Path, mode: int = SHARED, *, hint: str = "") -> Iterator[BinaryIO]:
    """Open a file that takes its name when it is whole; `hint` says what is not lost if it cannot.

    Raises:
        InputInvalidError: something stands there already.
        FileUnwritableError: it cannot be written, or not to the end.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        if path.exists():
            raise InputInvalidError(f"{path} exists; name another file, or remove it.")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        part.replace(path)
    except OSError as error:
        raise FileUnwritableError(f"{path} cannot be written: {error.strerror}. {hint}".rstrip()) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def read_small(path: Path, largest: int = LARGEST_SMALL) -> bytes:
    """Return what a seal's or signature's file holds; raises InputInvalidError for what can be none, or cannot be read."""
    with _reading(path) as file:
        content = file.read(largest + 1)
    if not content or len(content) > largest:
        raise InputInvalidError(f"{path} is empty, or larger than anything of its kind.")
    return content


def hashed(path: Path, names: Iterable[str] = NAMES) -> Digests:
    """Return the digests of a file of any size; raises InputInvalidError when it cannot be read."""
    with _reading(path) as file:
        return digests_in(file, names)


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputInvalidError(f"{path} cannot be read: {error.strerror}.") from error
