"""The verdict on what was shown at a counter: one word, one colour, one reason, and what may be said of the licence.

Decides, in tables, which word a report comes to and which colour a word has. Green is VALID alone, and VALID only for a report that passed in
full; red is what is known to be bad; amber is what could not be checked, or is no code of ours. It must never turn a doubt into a pass, nor
show a licence whose origin is not proven. It says nothing of who carries the code.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from keys.errors import SubIndication
from keys.report import Check, Outcome, Report, Result


class Word(StrEnum):
    """What it is worth."""

    VALID = "VALID"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    TRANSFERRED_OUT = "TRANSFERRED_OUT"
    SUPERSEDED = "SUPERSEDED"
    REVOKED = "REVOKED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    NOT_GENUINE = "NOT_GENUINE"
    CANNOT_CONFIRM = "CANNOT_CONFIRM"
    CODE_USED = "CODE_USED"
    CODE_EXPIRED = "CODE_EXPIRED"
    CODE_UNKNOWN = "CODE_UNKNOWN"
    OTHER_HUB = "OTHER_HUB"
    NOT_A_CODE = "NOT_A_CODE"
    NOT_GRANTED = "NOT_GRANTED"
    OTHER_PERSON = "OTHER_PERSON"


class Colour(StrEnum):
    """How it is shown."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"


class Why(StrEnum):
    """The reason, where the word alone does not say it; every word is a reason, too."""

    MALFORMED = "MALFORMED"
    ALTERED = "ALTERED"
    UNKNOWN_SEAL = "UNKNOWN_SEAL"
    SEAL_NOT_VALID = "SEAL_NOT_VALID"
    WRONG_AUTHORITY = "WRONG_AUTHORITY"
    STOLEN_KEY = "STOLEN_KEY"
    NO_STATUS = "NO_STATUS"
    NOT_CHECKABLE = "NOT_CHECKABLE"
    NEEDS_HUB = "NEEDS_HUB"
    STALE = "STALE"
    ENDED = "ENDED"
    REPLACED_OR_MOVED = "REPLACED_OR_MOVED"
    FOR_COUNTERS = "FOR_COUNTERS"
    SEVERAL_CODES = "SEVERAL_CODES"
    NOTHING_FOUND = "NOTHING_FOUND"
    UNREADABLE = "UNREADABLE"
    ENCRYPTED = "ENCRYPTED"
    TOO_LARGE = "TOO_LARGE"


COLOURS: Final[Mapping[Word, Colour]] = MappingProxyType(
    {
        **dict.fromkeys(Word, Colour.RED),
        Word.VALID: Colour.GREEN,
        **dict.fromkeys(
            (Word.CANNOT_CONFIRM, Word.OTHER_HUB, Word.NOT_A_CODE, Word.CODE_UNKNOWN, Word.NOT_GRANTED), Colour.AMBER
        ),
    }
)
"""The one table of colours."""

_Said = tuple[Word, str]

_FAILED: Final[Mapping[str, _Said]] = MappingProxyType(
    {
        "FORMAT": (Word.NOT_GENUINE, Why.MALFORMED),
        "CERTIFICATE": (Word.NOT_GENUINE, Why.SEAL_NOT_VALID),
        "SIGNATURE": (Word.NOT_GENUINE, Why.ALTERED),
        "ISSUER": (Word.NOT_GENUINE, Why.WRONG_AUTHORITY),
        "SEAL": (Word.NOT_GENUINE, Why.SEAL_NOT_VALID),
    }
)
"""What a row says that failed; status and dates have tables of their own."""

_OPEN: Final[Mapping[str, _Said]] = MappingProxyType(
    {
        "HUB": (Word.OTHER_HUB, Word.OTHER_HUB),
        "SEAL_KEY": (Word.CANNOT_CONFIRM, Why.UNKNOWN_SEAL),
        "CERTIFICATE": (Word.CANNOT_CONFIRM, Why.UNKNOWN_SEAL),
        "SEAL": (Word.CANNOT_CONFIRM, Why.STOLEN_KEY),
        "STATUS": (Word.CANNOT_CONFIRM, Why.NO_STATUS),
    }
)
"""What a row says that could not be checked; any other is NOT_CHECKABLE, or NEEDS_HUB where the hub is not asked."""

_STATUS: Final[Mapping[str, _Said]] = MappingProxyType(
    {
        **{
            word: (word, word)
            for word in (
                Word.NOT_YET_VALID, Word.EXPIRED, Word.SUSPENDED, Word.TRANSFERRED_OUT, Word.SUPERSEDED, Word.REVOKED,
                Word.WITHDRAWN, Word.CANCELLED,
            )
        },
        "INVALID": (Word.REVOKED, Why.ENDED),
        "APPLICATION_SPECIFIC": (Word.SUPERSEDED, Why.REPLACED_OR_MOVED),
    }
)  # fmt: skip
"""By the hub's own words, and by those of a status list, which tells some apart no further."""

_ORDER: Final = (
    "FORMAT",
    "HUB",
    "SEAL_KEY",
    "CERTIFICATE",
    "SIGNATURE",
    "DISCLOSURES",
    "ISSUER",
    "SEAL",
    "STATUS",
    "VALIDITY",
)
"""What is said first where several rows did not pass: that a licence was revoked matters more than that it is over, too."""


@dataclass(frozen=True, slots=True)
class Names:
    """One thing named in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ShownLicence:
    """What anybody may know of a licence. Dates are legal days, None until is long-term; the holder is masked, or None."""

    identifier: str
    type: str
    type_names: Names
    issuer: str
    issuer_names: Names
    holder: str | None = field(repr=False)
    valid_from: str | None
    valid_until: str | None
    seal: str
    seal_names: Names


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field that left for this case: its path, what the face calls it, and its value as JSON."""

    path: str
    label: Names
    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one scan. `as_of` is when the status was true; `fields` are there only inside a case."""

    word: Word
    reason: str
    checks: tuple[Check, ...] = ()
    licence: ShownLicence | None = None
    as_of: datetime | None = None
    online: bool = True
    fields: tuple[ShownField, ...] | None = None

    @property
    def colour(self) -> Colour:
        """Return the colour of its word."""
        return COLOURS[self.word]

    def json(self) -> dict[str, Any]:
        """Return it as JSON, in camel case."""
        told = _camel(asdict(self))
        told["checks"] = [_camel(one._asdict()) for one in self.checks]
        told["asOf"] = self.as_of and self.as_of.isoformat()
        return {"word": told.pop("word"), "colour": self.colour, **told}


def said(word: Word) -> Verdict:
    """Return a verdict that needs no report: its word says everything."""
    return Verdict(word, word)


def word_of(report: Report, status: str | None, *, online: bool) -> _Said:
    """Return the word and the reason that a report comes to.

    `status` is what was found of the licence's status, in the hub's words or a status list's. `online` is whether the hub itself asks: then
    a seal that is not known here does not exist.
    """
    if report.result is Result.TOTAL_PASSED:
        return Word.VALID, Word.VALID
    unpassed = {one.name: one for one in report.checks if one.outcome is not Outcome.PASSED}
    failed = next(
        (unpassed[name] for name in _ORDER if name in unpassed and unpassed[name].outcome is Outcome.FAILED), None
    )
    if failed is not None:
        return _of_failed(failed, status)
    name = next((name for name in _ORDER if name in unpassed), "")
    if name == "SEAL_KEY" and online:
        return Word.NOT_GENUINE, Why.UNKNOWN_SEAL
    otherwise = (Word.CANNOT_CONFIRM, Why.NOT_CHECKABLE if online else Why.NEEDS_HUB)
    return otherwise if unpassed[name].sub_indication == SubIndication.GENERIC else _OPEN.get(name, otherwise)


def may_show(report: Report) -> bool:
    """Tell whether what was signed may be shown: whose it is is proven, and the seal was good."""
    return report.claims is not None and any(
        one.name == "SEAL" and one.outcome is Outcome.PASSED for one in report.checks
    )


def _of_failed(check: Check, status: str | None) -> _Said:
    if check.name == "STATUS":
        return _STATUS.get(status or "", (Word.CANNOT_CONFIRM, Why.NO_STATUS))
    if check.name == "VALIDITY":
        return _STATUS.get(check.sub_indication or "", (Word.NOT_GENUINE, Why.MALFORMED))
    return _FAILED.get(check.name, (Word.NOT_GENUINE, Why.ALTERED))


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {_name(name): _camel(each) for name, each in value.items()}
    return value


def _name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(each.capitalize() for each in rest)
