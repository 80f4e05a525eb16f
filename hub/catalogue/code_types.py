"""The holder code types of GB/T 36903 Annex A (持证主体代码类型): which kind of code names a holder.

Decides whether a code type is known and whether it names an organisation or a natural person. It must never judge a
code itself: `hub.catalogue.codes` does. The list is the one seen in running systems; whether it is complete is unconfirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class HolderKind(StrEnum):
    """What a holder is."""

    ORGANISATION = "ORGANISATION"
    PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class HolderCodeType:
    """One row of the list: three digits, two names, and the kind of holder that bears such a code."""

    code: str
    name_zh: str
    name_en: str
    kind: HolderKind


CREDIT_CODE = "001"
CITIZEN_NUMBER = "111"

_ORGANISATION, _PERSON = HolderKind.ORGANISATION, HolderKind.PERSON
_ROWS = (
    HolderCodeType(CREDIT_CODE, "统一社会信用代码", "Unified social credit code", _ORGANISATION),
    HolderCodeType("099", "其他法人或其他组织有效证件", "Other document of an organisation", _ORGANISATION),
    HolderCodeType(CITIZEN_NUMBER, "公民身份号码", "Citizen identity number", _PERSON),
    HolderCodeType("114", "解放军军官证", "PLA officer card", _PERSON),
    HolderCodeType("115", "武警警官证", "Armed police officer card", _PERSON),
    HolderCodeType("118", "解放军士兵证", "PLA soldier card", _PERSON),
    HolderCodeType("119", "武警士兵证", "Armed police soldier card", _PERSON),
    HolderCodeType("120", "解放军文职人员证", "PLA civilian staff card", _PERSON),
    HolderCodeType("122", "武警文职人员证", "Armed police civilian staff card", _PERSON),
    HolderCodeType("411", "外交护照", "Diplomatic passport", _PERSON),
    HolderCodeType("412", "公务护照", "Service passport", _PERSON),
    HolderCodeType("413", "公务普通护照", "Passport for public affairs", _PERSON),
    HolderCodeType("414", "普通护照", "Ordinary passport", _PERSON),
    HolderCodeType("511", "台湾居民来往大陆通行证", "Mainland travel permit for Taiwan residents", _PERSON),
    HolderCodeType(
        "516", "港澳居民来往内地通行证", "Mainland travel permit for Hong Kong and Macao residents", _PERSON
    ),
    HolderCodeType("999", "其他自然人有效证件", "Other document of a natural person", _PERSON),
)

HOLDER_CODE_TYPES: Mapping[str, HolderCodeType] = MappingProxyType({row.code: row for row in _ROWS})
NAMES_PERSON: frozenset[str] = frozenset(row.code for row in _ROWS if row.kind is HolderKind.PERSON)
"""The types whose codes name a natural person."""
