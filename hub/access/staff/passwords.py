"""Passwords: how they are stretched and kept, and which are refused.

Argon2id (RFC 9106) with the costs of its second recommended option, those of the key store: 64 MiB and about 0.15 s of one core for
a guess, so that a stolen and opened table is guessed slowly; a hash tells its own costs, and is made anew when they have grown. Rules by NIST
SP 800-63B section 3.1.1: length, and what attackers try first; no composition, no expiry. It must never log, repeat or keep a password.
"""

import base64
import re
import secrets
import unicodedata
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hub.access.staff.refusals import PasswordRefusedError
from keys.store_lid import STRONG, Cost

SHORTEST: Final = 12  # beside a second factor NIST asks for 8
LONGEST: Final = 128
FEWEST_DIFFERENT: Final = 5
_AT_ONCE: Final = 2  # of all threads of a process: each holds 64 MiB
_HASH_BYTES: Final = 32
_SALT_BYTES: Final = 16
_TRIMMINGS: Final = re.compile(r"[\W\d_]+")
_WELL_KNOWN: Final = Path(__file__).parent / "well_known_passwords.txt"


class Passwords:
    """Stretches passwords and compares them with what is kept."""

    def __init__(self, cost: Cost = STRONG) -> None:
        """Stretch at this cost from now on; older hashes keep theirs until `outgrown` says so."""
        self._cost = cost
        self._places = BoundedSemaphore(_AT_ONCE)
        # A hash of nothing, of the present cost: whoever names no account is compared with it.
        salt, digest = (_text(secrets.token_bytes(length)) for length in (_SALT_BYTES, _HASH_BYTES))
        self.decoy = f"{self._prefix}{salt}${digest}"

    @property
    def _prefix(self) -> str:
        return f"$argon2id$v=19$m={self._cost.memory_kib},t={self._cost.iterations},p={self._cost.lanes}$"

    def stretch(self, password: str) -> str:
        """Return what is kept of a password: the PHC string of its hash."""
        made = Argon2id(
            salt=secrets.token_bytes(_SALT_BYTES), length=_HASH_BYTES, iterations=self._cost.iterations,
            lanes=self._cost.lanes, memory_cost=self._cost.memory_kib,
        )  # fmt: skip
        with self._places:
            return made.derive_phc_encoded(folded(password).encode())

    def matches(self, password: str, kept: str) -> bool:
        """Tell whether a password is the one that is kept."""
        try:
            with self._places:
                Argon2id.verify_phc_encoded(folded(password).encode(), kept)
        except InvalidKey:
            return False
        return True

    def outgrown(self, kept: str) -> bool:
        """Tell whether a hash was made at other costs than the present ones."""
        return not kept.startswith(self._prefix)


def folded(password: str) -> str:
    """Return the one spelling of a password, however a keyboard composed its characters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, login: str) -> None:
    """Refuse a password that is easily guessed.

    Raises:
        PasswordRefusedError: the message says which rule it breaks.
    """
    plain = folded(password).casefold()
    if not SHORTEST <= len(folded(password)) <= LONGEST:
        raise PasswordRefusedError(f"A password has {SHORTEST} to {LONGEST} characters; several words make a good one.")
    if login.casefold() in plain:
        raise PasswordRefusedError("A password must not hold the login name.")
    if len(set(plain)) < FEWEST_DIFFERENT:
        raise PasswordRefusedError(f"A password has {FEWEST_DIFFERENT} different characters or more.")
    if _is_well_known(plain):
        raise PasswordRefusedError("This password is among the first that are guessed; choose several unrelated words.")


def _is_well_known(plain: str) -> bool:
    """Tell whether it is a well-known word, once or over and over, whatever digits and signs stand around it."""
    units = (_once(plain), _once(_TRIMMINGS.sub("", plain)))
    return any(not unit or unit in well_known() for unit in units)


def _once(text: str) -> str:
    """Return what a text repeats from its beginning to its end; itself if it repeats nothing."""
    return text[: (text + text).find(text, 1)] if text else ""


@cache
def well_known() -> frozenset[str]:
    """Return the words of the shipped list."""
    return frozenset(_WELL_KNOWN.read_text("utf-8").split())


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
