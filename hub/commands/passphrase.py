"""The passphrase of the key store."""

import getpass
import sys

from hub.settings import Settings


def passphrase(settings: Settings) -> bytes:
    """Return it: from its file, or typed where a person sits at the terminal."""
    if settings.passphrase_file is None and sys.stdin.isatty():
        return getpass.getpass("Passphrase of the key store: ").encode()
    return settings.passphrase()
