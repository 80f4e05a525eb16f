"""A draft: what an officer wants sealed, before anything is sealed; and whether it may be.

Decides whether holders, dates and face data fit the licence type, telling every broken rule at once. It must never
repeat a value: a violation names the field, not what stood in it. Codes are normalised here, once, so that what is
sealed is what look-ups compute (GB/T 36903 base fields).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from hub.catalogue import face_data
from hub.catalogue.code_types import HOLDER_CODE_TYPES
from hub.catalogue.codes import holds_citizen_number, holds_code, normalise_holder_code
from hub.catalogue.licence_type import LicenceType, ValidityKind
from hub.errors import CodeError, FaceDataError, InputInvalidError, Violation

MOST_HOLDERS = 100
LONGEST_TEXT = 200
LONGEST_REASON = 1000
_NAMES_A_PERSON = "The legal basis must not hold a person's code; persons belong in the reason, which is sealed."

_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_EARLIEST, _LATEST = date(1000, 1, 1), date(9998, 12, 31)  # the midnights around any of them are instants in every zone


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or organisation the licence is issued to: code type (three digits), code, name as printed."""

    code_type: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sealed. Dates are legal days; `valid_until` None is long-term; `data` is decoded JSON of the face."""

    type_key: str
    number: str
    holders: tuple[Holder, ...]
    issued_on: date
    valid_from: date
    valid_until: date | None
    data: dict[str, Any]
    legal_basis: str
    reason: str

    def document(self) -> dict[str, Any]:
        """Return everything that is disclosed by choice: base fields and face data, flat at the top level."""
        holders = [{"codeType": one.code_type, "code": one.code, "name": one.name} for one in self.holders]
        return {"number": self.number, "holders": holders, "issuedOn": self.issued_on.isoformat(), **self.data}


def spelling(text: str) -> str:
    """Return the one spelling under which numbers are looked up: NFKC, upper case, no blanks."""
    shown = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    return unicodedata.normalize("NFKC", "".join(shown.split()))  # an accent may have stood on a blank


def holder_of(code: str, holders: Sequence[Holder]) -> int | None:
    """Return the position of the holder whose code this is; None when it is nobody's."""
    return next(
        (place for place, holder in enumerate(holders) if _spelled(holder.code_type, code) == holder.code), None
    )


def _spelled(code_type: str, code: str) -> str | None:
    try:
        return normalise_holder_code(code_type, code)
    except CodeError:
        return None


def check_words(legal_basis: str, reason: str) -> None:
    """Refuse a legal basis or reason that is blank, too long, unreadable; the basis, stored clear, names no person.

    Raises:
        InputInvalidError: says which.
    """
    for name, text in (("legal basis", legal_basis), ("reason", reason)):
        if not _showable(text, LONGEST_REASON):
            raise InputInvalidError(f"The {name} must be a text of 1 to {LONGEST_REASON} characters.")
    if holds_citizen_number(legal_basis):
        raise InputInvalidError(_NAMES_A_PERSON)


def check(draft: Draft, licence_type: LicenceType, today: date | None = None) -> Draft:
    """Return the draft with its holders' codes normalised.

    `today` is the hub's legal day, against which birth dates inside citizen numbers are checked.

    Raises:
        FaceDataError: every rule the draft breaks, RFC 6901 pointers into the document.
        InputInvalidError: the legal basis or the reason is not acceptable.
    """
    check_words(draft.legal_basis, draft.reason)
    broken = [*_number(draft, licence_type), *_holders(draft, licence_type, today), *_validity(draft, licence_type)]
    try:
        face_data.validate(licence_type, draft.data)
    except FaceDataError as error:
        broken += error.violations
    if broken:
        raise FaceDataError(broken)
    checked = replace(draft, holders=tuple(_normalised(holder, today) for holder in draft.holders))
    if any(holds_code(checked.legal_basis, holder.code_type, holder.code) for holder in checked.holders):
        raise InputInvalidError(_NAMES_A_PERSON)
    if strangers := list(_strangers(checked, licence_type)):
        raise FaceDataError(strangers)
    return checked


def _normalised(holder: Holder, today: date | None) -> Holder:
    return replace(holder, code=normalise_holder_code(holder.code_type, holder.code, today))


def _showable(text: str, longest: int) -> bool:
    return 1 <= len(text) <= longest and bool(text.strip()) and not _UNSHOWABLE.search(text.replace("\n", " "))


def _violation(licence_type: LicenceType, pointer: str, path: str, zh: str, en: str) -> Violation:
    return Violation(pointer, licence_type.title(path, "zh"), licence_type.title(path, "en"), zh, en)


def _number(draft: Draft, licence_type: LicenceType) -> Iterator[Violation]:
    if not _showable(draft.number, LONGEST_TEXT) or "\n" in draft.number:
        yield _violation(licence_type, "/number", "number", *_TEXT)


def _holders(draft: Draft, licence_type: LicenceType, today: date | None) -> Iterator[Violation]:
    most = MOST_HOLDERS if licence_type.several_holders else 1
    if not 1 <= len(draft.holders) <= most:
        yield _violation(
            licence_type, "/holders", "holders", f"持证主体须为 1 至 {most} 个", f"must be 1 to {most} holders"
        )
        return
    seen: set[str] = set()
    for place, holder in enumerate(draft.holders):
        yield from _holder(holder, f"/holders/{place}", licence_type, today)
        code = _spelled(holder.code_type, holder.code)
        if code in seen:
            yield _violation(
                licence_type, f"/holders/{place}/code", "holders.code", "与另一持证主体重复", "is another holder's too"
            )
        seen |= {code} if code else set()


def _holder(holder: Holder, pointer: str, licence_type: LicenceType, today: date | None) -> Iterator[Violation]:
    row = HOLDER_CODE_TYPES.get(holder.code_type)
    if row is None or row.kind not in licence_type.holder_kinds:
        yield _violation(
            licence_type, f"{pointer}/codeType", "holders.codeType",
            "该证照类型不允许此类持证主体", "is not a holder code type that this licence type allows",
        )  # fmt: skip
        return
    try:
        normalise_holder_code(holder.code_type, holder.code, today)
    except CodeError as error:
        yield _violation(
            licence_type, f"{pointer}/code", "holders.code", "代码不合规则，请与证件原件核对", error.message
        )
    if not _showable(holder.name, LONGEST_TEXT) or "\n" in holder.name:
        yield _violation(licence_type, f"{pointer}/name", "holders.name", *_TEXT)


def _validity(draft: Draft, licence_type: LicenceType) -> Iterator[Violation]:
    start, end, validity = draft.valid_from, draft.valid_until, licence_type.validity
    if not _EARLIEST <= start <= _LATEST:
        yield _violation(licence_type, "/validFrom", "validFrom", *_OFF_CALENDAR)
    if reason := _END_RULES[validity.kind](end is not None):
        yield _violation(licence_type, "/validUntil", "validUntil", *reason)
    elif end is not None and end > _LATEST:
        yield _violation(licence_type, "/validUntil", "validUntil", *_OFF_CALENDAR)
    elif end is not None and end < start:
        yield _violation(licence_type, "/validUntil", "validUntil", "早于有效期起始日期", "lies before the first day")
    elif end is not None and validity.years is not None and end > _years_after(start, validity.years):
        yield _violation(
            licence_type, "/validUntil", "validUntil",
            f"有效期最长 {validity.years} 年", f"may be at most {validity.years} years after the first day",
        )  # fmt: skip


def _years_after(day: date, years: int) -> date:
    year = min(day.year + years, date.max.year)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 3, 1)


def _strangers(draft: Draft, licence_type: LicenceType) -> Iterator[Violation]:
    """Yield the elements of per-person lists that belong to no holder: nobody could ever be shown them."""
    for path, member in licence_type.per_person.items():
        for place, element in enumerate(draft.data.get(path, ())):
            if holder_of(element[member], draft.holders) is None:
                pointer = f"/{path}/{place}/{member}"
                yield _violation(
                    licence_type, pointer, f"{path}.{member}", "不是任何持证主体的代码", "is no holder's code"
                )


Reason = tuple[str, str]
_TEXT: Reason = (
    f"须为 1 至 {LONGEST_TEXT} 个可显示的字符",
    f"must be 1 to {LONGEST_TEXT} characters that can be shown",
)
_OFF_CALENDAR: Reason = (
    f"须在 {_EARLIEST} 至 {_LATEST} 之间；长期有效的请将截止日期留空",
    f"must be from {_EARLIEST} to {_LATEST}; a licence without an end has no last day",
)
_NO_END: Reason = ("该证照类型没有截止日期，请留空", "this licence type has no last day; leave it out")
_NEEDS_END: Reason = ("必填，不能缺少", "is required and missing")

_END_RULES: Mapping[ValidityKind, Callable[[bool], Reason | None]] = MappingProxyType(
    {
        ValidityKind.LONG_TERM: lambda given: _NO_END if given else None,
        ValidityKind.NONE: lambda given: _NO_END if given else None,
        ValidityKind.YEARS: lambda given: None if given else _NEEDS_END,
        ValidityKind.DATED: lambda _given: None,
    }
)
