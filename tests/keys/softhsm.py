"""Hardware for the tests: SoftHSM2, as Debian packages it, with tokens in a folder of their own."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from keys.pkcs11_name import TokenAccess
from keys.pkcs11_token import HardwareToken

PIN: Final = "made-up-PIN-4711"
SEALS, SPARE, TWINS = "Seals of the tests", "Spare", "Twins"
_PLACES: Final = ("usr/lib/softhsm", "usr/lib/*/softhsm", "usr/lib64", "usr/lib64/pkcs11", "usr/local/lib/softhsm")


@dataclass(frozen=True, slots=True)
class Hardware:
    """A module and its tokens, all under one PIN."""

    module: Path
    tokens: Path

    def access(self, token: str = SEALS, pin: str = PIN) -> TokenAccess:
        """What opens a token."""
        return TokenAccess(self.module, token, pin)

    def token(self, name: str = SEALS) -> HardwareToken:
        """A token, not logged in to yet."""
        return HardwareToken(self.access(name))

    def place(self, name: str) -> Path:
        """The folder of a token: what is elsewhere is not plugged in."""
        label = name.encode()
        return next(each.parent for each in self.tokens.glob("*/token.object") if label in each.read_bytes())


def make_hardware(folder: Path) -> Hardware:
    """Make tokens, and let this process and its children see these alone; skip where SoftHSM2 is missing."""
    module = next((each for place in _PLACES for each in sorted(Path("/").glob(f"{place}/libsofthsm2.so"))), None)
    if module is None:
        pytest.skip("softhsm2 is not installed: make hsm")
    tokens, configuration = folder / "tokens", folder / "softhsm2.conf"
    tokens.mkdir()
    configuration.write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n", "utf-8"
    )
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    for label in (SEALS, SPARE, TWINS, TWINS):
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", PIN[::-1]]
        subprocess.run(command, check=True, capture_output=True)
    return Hardware(module, tokens)
