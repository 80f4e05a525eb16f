"""Where the session token of a command line lies between two commands: a file of the person's own, mode 0600, never an argument.

One file for each hub, in XDG_STATE_HOME (or ~/.local/state), named by the hub's address. A file that others may read is not used.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from hub.access.staff.refusals import SessionInvalidError

_OTHERS: Final = 0o077


def place(public_url: str) -> Path:
    """Return the file of a hub's session."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "licence-hub" / f"session-{hashlib.sha256(public_url.encode()).hexdigest()[:16]}"


def keep(public_url: str, token: str) -> Path:
    """Keep a session's token, in the place of the one before, and return the file."""
    file = place(public_url)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, beside = tempfile.mkstemp(dir=file.parent)  # mode 0600 from its first moment
    with os.fdopen(handle, "w", encoding="ascii") as written:
        written.write(token)
    Path(beside).replace(file)
    return file


def authorization(public_url: str) -> str:
    """Return the Authorization header of the session that is kept.

    Raises:
        SessionInvalidError: nobody signed in here, or others may read the file.
    """
    file = place(public_url)
    try:
        if file.stat().st_mode & _OTHERS:
            raise SessionInvalidError(f"{file} is open to others, so its session is not used: sign in again.")
        return f"Bearer {file.read_text('ascii').strip()}"
    except FileNotFoundError:
        raise SessionInvalidError("Nobody is signed in here; use `licence-hub sign-in`.") from None


def forget(public_url: str) -> None:
    """Remove the token."""
    with suppress(FileNotFoundError):
        place(public_url).unlink()
