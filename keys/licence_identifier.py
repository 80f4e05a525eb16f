"""The licence identifier of GB/T 36904-2018 as formats need it: its check character, and its packed form.

Decides whether a text has the shape of an identifier and ends in the check character of ISO/IEC 7064 MOD 37,36, and how it stands in few
bytes. Whether its codes obey their own standards is for who knows those (`hub.licences.identifier`). It is never lenient: one identifier
has one spelling and one packed form.
"""

import re
from typing import Final

from keys.errors import FormatError

ROOT: Final = "1.2.156.3005.2"
ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHAPE: Final = re.compile(
    rf"{re.escape(ROOT)}\.([0-9A-Z]{{21}})\.([0-9A-Z]{{18}})\.([0-9A-Z]{{1,64}})\.([0-9]{{3}})\.([0-9A-Z])"
)

_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_PAIRS: Final = tuple(first + second for first in ALPHABET for second in ALPHABET)
_COMPACT: Final = re.compile(r"([0-9A-Z]{21})([0-9A-Z]{18})([0-9A-Z]{1,64})([0-9]{3})([0-9A-Z])")
_FIRST_PRODUCT: Final = 36
_FRONT: Final = "1"  # before the first digit, which may be 0
_LONGEST_PACKED: Final = 70


def product(body: str, before: int = _FIRST_PRODUCT) -> int:
    """Carry the product of the hybrid system MOD 37,36 over text of ALPHABET."""
    for character in body:
        before = ((before + _VALUES[character]) % 36 or 36) * 2 % 37
    return before


def check_character(body: str, before: int = _FIRST_PRODUCT) -> str:
    """The MOD 37,36 check character of text over ALPHABET, that `before` has been carried to (ISO/IEC 7064)."""
    return ALPHABET[(37 - product(body, before)) % 36]


def pack(identifier: str) -> bytes:
    """The identifier without root and dots, with a 1 in front, as a number in base 36, big-endian; raises FormatError."""
    shape = SHAPE.fullmatch(identifier)
    if shape is None:
        raise FormatError("not a licence identifier")
    number = int(_FRONT + _checked("".join(shape.groups())), 36)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def unpack(data: bytes) -> str:
    """The identifier that `pack` made this of; raises FormatError for anything else."""
    if not 0 < len(data) <= _LONGEST_PACKED or not data[0]:
        raise FormatError("not a packed licence identifier")
    digits = _digits(int.from_bytes(data, "big"))
    shape = _COMPACT.fullmatch(_checked(digits[1:]))
    if shape is None or digits[0] != _FRONT:
        raise FormatError("not a packed licence identifier")
    return ".".join((ROOT, *shape.groups()))


def parts(identifier: str) -> tuple[str, str, int]:
    """Type code, issuer's credit code and version of an identifier that was checked."""
    type_code, issuer, _, version, _ = identifier.rsplit(".", 5)[1:]
    return type_code, issuer, int(version)


def _checked(compact: str) -> str:
    if not compact or check_character(compact[:-1]) != compact[-1]:
        raise FormatError("the check character of the licence identifier is wrong")
    return compact


def _digits(number: int) -> str:
    found = []
    while number:
        number, pair = divmod(number, len(_PAIRS))
        found.append(_PAIRS[pair])
    return "".join(reversed(found)).lstrip("0")
