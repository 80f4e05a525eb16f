"""The licence identifier of GB/T 36904-2018 (电子证照标识): how one is made, spelled and checked.

Decides whether a text is an identifier and what its parts are. It must never be lenient: lower case, blanks and a wrong
check character are refused, and nothing about the holder or the number goes in. The check character is ISO/IEC 7064
MOD 37,36 over type code, issuer, serial and version, without the root OID and without dots (`keys.licence_identifier`).
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from hub.catalogue.codes import check_credit_code, check_type_code
from hub.errors import CodeError, IdentifierError, StatusForbidsError
from keys.licence_identifier import ALPHABET, ROOT, SHAPE, check_character, product

__all__ = ["ALPHABET", "ROOT", "SERIAL_LENGTH", "LicenceIdentifier", "check_character", "new_serial"]

SERIAL_LENGTH = 20
LAST_VERSION = 999

_SERIAL = re.compile(r"[0-9A-Z]{1,64}")


@lru_cache(maxsize=1024)
def _known(type_code: str, issuer: str) -> int:
    """Check what all identifiers of one type and issuer share, and return its part of their check character.

    Raises:
        CodeError: one of them breaks its own rule.
    """
    check_type_code(type_code)
    check_credit_code(issuer)
    return product(type_code + issuer)


def new_serial(random: Callable[[int], int] = secrets.randbelow) -> str:
    """Return 20 random characters; `random(n)` gives an integer below n and is asked once, for all of them."""
    number, characters = random(len(ALPHABET) ** SERIAL_LENGTH), []
    for _ in range(SERIAL_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[place])
    return "".join(characters)


@dataclass(frozen=True, slots=True)
class LicenceIdentifier:
    """One edition of one licence: type code (21), issuer's credit code (18), serial, version 1 to 999."""

    type_code: str
    issuer: str
    serial: str
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse parts that break their own rule.

        Raises:
            IdentifierError: always this class, whichever part it is.
        """
        try:
            _known(self.type_code, self.issuer)
        except CodeError as error:
            raise IdentifierError from error
        if not _SERIAL.fullmatch(self.serial) or not 1 <= self.version <= LAST_VERSION:
            raise IdentifierError

    def __str__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        version = f"{self.version:03d}"
        check = check_character(self.serial + version, _known(self.type_code, self.issuer))
        return f"{ROOT}.{self.type_code}.{self.issuer}.{self.serial}.{version}.{check}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an identifier, strictly.

        Raises:
            IdentifierError: shape, a credit code or the check character is wrong.
        """
        shape = SHAPE.fullmatch(text)
        if shape is None:
            raise IdentifierError
        type_code, issuer, serial, version, check = shape.groups()
        if check_character(f"{type_code}{issuer}{serial}{version}") != check:
            raise IdentifierError
        return cls(type_code, issuer, serial, int(version))

    def next_version(self) -> Self:
        """Return the identifier of the next edition: same serial, version one higher.

        Raises:
            StatusForbidsError: three digits hold no higher version.
        """
        if self.version == LAST_VERSION:
            raise StatusForbidsError("The licence has reached version 999; cancel it and issue a new one.")
        return replace(self, version=self.version + 1)
