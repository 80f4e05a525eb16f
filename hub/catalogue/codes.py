"""The codes that name people, organisations, places and licence types.

Decides whether a code obeys its own standard: GB 32100-2015 (credit code), GB 11643-1999 (citizen number), the
21-character type code of GB/T 36902 and six-digit division codes of GB/T 2260. It must never look a code up, and never
put one into a message: a code is personal data. Areas are checked for six digits only, since lists of divisions lag.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from operator import mul
from types import MappingProxyType

from hub.catalogue.code_types import CITIZEN_NUMBER, CREDIT_CODE, HOLDER_CODE_TYPES, NAMES_PERSON
from hub.errors import CodeError

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = bytes.maketrans(CREDIT_ALPHABET.encode(), bytes(range(len(CREDIT_ALPHABET))))
_CREDIT_WEIGHTS = tuple(3**position % 31 for position in range(17))
# Positions 1-2 (registrar and kind) may be letters: agriculture, the military and others; positions 3-8 are a division.
_CREDIT_SHAPE = re.compile(rf"[{CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{CREDIT_ALPHABET}]{{10}}")

_CITIZEN_CHARACTERS = "10X98765432"
_CITIZEN_WEIGHTS = tuple(2 ** (17 - position) % 11 for position in range(17))
_CITIZEN_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_CITIZEN_ANYWHERE = re.compile(r"(?=([0-9]{17}[0-9X]))")
_CITIZEN_ALONE = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
_CITIZEN_DIGITS = 17
_SHORTEST_TELLING = 6
_NO_ALPHANUMERICS = re.compile(r"[\W_]+")
_DIGIT = re.compile(r"\d")
_DIGITS = b"0123456789"
_DIGIT_VALUES = bytes.maketrans(_DIGITS, bytes(range(10)))
_OTHER_DIGITS = re.compile(r"(?![0-9])\d")

_AREA_AT: Mapping[str, int] = MappingProxyType({CITIZEN_NUMBER: 0, CREDIT_CODE: 2})
# 10 is what the nation's own registrars write; 83 begins the numbers of residents from Taiwan.
_PROVINCES = frozenset(
    [
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)

_TYPE_SHAPE = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_DIVISION_SHAPE = re.compile(r"[0-9]{6}")
_OTHER_CODE_LENGTH = 64


def credit_check_character(body: str) -> str:
    """Return the 18th character of a credit code from its first 17 (GB 32100-2015, weights 3^i modulo 31)."""
    return CREDIT_ALPHABET[-sum(map(mul, _CREDIT_WEIGHTS, body.encode().translate(_CREDIT_VALUES))) % 31]


def citizen_check_character(body: str) -> str:
    """Return the 18th character of a citizen number from its first 17 (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CITIZEN_CHARACTERS[sum(map(mul, _CITIZEN_WEIGHTS, body.encode().translate(_DIGIT_VALUES))) % 11]


def check_credit_code(code: str, _today: date | None = None) -> None:
    """Refuse what is not an upper-case unified social credit code of GB 32100-2015; raises CodeError."""
    if not _CREDIT_SHAPE.fullmatch(code):
        raise CodeError(
            "A credit code has 18 characters: digits and capital letters without I, O, S, V and Z, digits at 3-8."
        )
    if credit_check_character(code[:17]) != code[17]:
        raise CodeError(
            "The last character of the credit code does not match the first 17; compare it with the licence."
        )


def check_citizen_number(code: str, today: date | None = None) -> None:
    """Refuse what is not a citizen number of GB 11643-1999; raises CodeError.

    `today` is the hub's legal day; without it a birth date in the future is not noticed.
    """
    if not _CITIZEN_SHAPE.fullmatch(code):
        raise CodeError("A citizen number has 17 digits and a last character 0-9 or X.")
    try:
        born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        raise CodeError("Characters 7-14 of the citizen number are not a date.") from None
    if today is not None and born > today:
        raise CodeError("The birth date in the citizen number lies in the future.")
    if citizen_check_character(code[:17]) != code[17]:
        raise CodeError(
            "The last character of the citizen number does not match the first 17; compare it with the card."
        )


def area_known(code_type: str, code: str) -> bool:
    """Tell whether a well-formed code names a province that exists (GB/T 2260); of other code types there is nothing to tell.

    Only the province: lists of counties lag, and a code may outlive its county. So it is for warnings, never for refusals.
    """
    start = _AREA_AT.get(code_type)
    return start is None or code[start : start + 2] in _PROVINCES


def check_type_code(code: str) -> None:
    """Refuse what is not a licence type code: the definer's credit code and a three-digit number; raises CodeError."""
    if not _TYPE_SHAPE.fullmatch(code):
        raise CodeError("A licence type code has 21 characters: the definer's credit code and three digits.")
    check_credit_code(code[:18])


def check_division_code(code: str) -> None:
    """Refuse what is not six digits (GB/T 2260); raises CodeError."""
    if not _DIVISION_SHAPE.fullmatch(code):
        raise CodeError("A division code has six digits.")


def _check_other_code(code: str, today: date | None) -> None:
    del today
    if not 1 <= len(code) <= _OTHER_CODE_LENGTH or not code.isprintable():
        raise CodeError(f"A holder code has 1 to {_OTHER_CODE_LENGTH} printable characters.")


_HOLDER_CHECKS: Mapping[str, Callable[[str, date | None], None]] = MappingProxyType(
    {CREDIT_CODE: check_credit_code, CITIZEN_NUMBER: check_citizen_number}
)


def normalise_holder_code(code_type: str, code: str, today: date | None = None) -> str:
    """Return the one spelling of a holder code that look-ups use: NFKC, upper case, no blanks around it.

    `code_type` is a key of HOLDER_CODE_TYPES; `today` as in `check_citizen_number`. Raises CodeError.
    """
    if code_type not in HOLDER_CODE_TYPES:
        raise CodeError("The holder code type is not in the list; 001 is a credit code, 111 a citizen number.")
    if code.isascii():  # of which every spelling is normal
        spelled = code.upper().strip()
    else:  # upper-casing can leave a decomposed letter behind, so the form is normalised again before the ends are trimmed
        spelled = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", code).upper()).strip()
    _HOLDER_CHECKS.get(code_type, _check_other_code)(spelled, today)
    return spelled


def holds_citizen_number(text: str, *, alone: bool = False) -> bool:
    """Tell whether a valid citizen number stands in a text, however it is spaced, punctuated or wide.

    For texts that are stored in the clear. `alone` seeks none inside a longer row of digits: case numbers of 43
    characters hold dates and serials, and every eleventh window of such a row would pass for somebody's number.
    """
    if text.isascii() and len(text) - len(text.encode().translate(None, _DIGITS)) < _CITIZEN_DIGITS:
        return False
    spelled = unicodedata.normalize("NFKC", text).upper()
    if len(spelled) < _CITIZEN_DIGITS or len(_DIGIT.findall(spelled)) < _CITIZEN_DIGITS:
        return False
    sought = _CITIZEN_ALONE if alone else _CITIZEN_ANYWHERE
    return any(_is_citizen_number(number) for each in (spelled, _bare(text)) for number in sought.findall(each))


def holds_code(text: str, code_type: str, code: str) -> bool:
    """Tell whether a natural person's code of six characters or more stands in a text, however it is written."""
    if code_type not in NAMES_PERSON:
        return False
    bare = _bare(code)
    return len(bare) >= _SHORTEST_TELLING and bare in _bare(text)


def _bare(text: str) -> str:
    """Return the letters and digits of a text in one spelling, digits of every script as 0-9."""
    spelled = unicodedata.normalize("NFKC", text).upper()
    if spelled.isascii():
        return _NO_ALPHANUMERICS.sub("", spelled)
    return _OTHER_DIGITS.sub(lambda digit: str(unicodedata.decimal(digit[0])), _NO_ALPHANUMERICS.sub("", spelled))


def _is_citizen_number(code: str) -> bool:
    try:
        check_citizen_number(code)
    except CodeError:
        return False
    return True
