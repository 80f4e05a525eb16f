"""What people are told of item documents: roles, natures and operators in both languages.

Decides words only. What it has no word for is told by its name.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hub.catalogue.items.outline import APPLICANT
from hub.catalogue.licence_type import Term

ROLES: Final[Mapping[str, Term]] = MappingProxyType(
    {
        APPLICANT: Term("申请人", "the applicant"),
        "representative": Term("法定代表人（负责人）", "the legal representative"),
        "agent": Term("代理人", "the agent"),
        "spouse": Term("配偶", "the spouse"),
        "fiance": Term("对方", "the other of the couple"),
        "otherParent": Term("父母另一方", "the other parent"),
        "appointee": Term("拟任法定代表人", "who is to be the legal representative"),
        "organisation": Term("所代表的组织", "the organisation represented"),
        "guardian": Term("监护人", "the guardian"),
        "parent": Term("父母", "the parents"),
        "child": Term("子女", "the child"),
        "seller": Term("出卖人", "the sellers"),
        "buyer": Term("买受人", "the buyers"),
        "lessor": Term("出租人", "the lessor"),
        "driver": Term("驾驶员", "the drivers"),
        "contractor": Term("施工单位", "the contractor"),
        "employer": Term("聘用机构", "the employing institution"),
        "shareholder": Term("自然人股东", "the shareholders who are persons"),
        "corporateShareholder": Term("法人股东", "the corporate shareholders"),
        "qualityManager": Term("质量负责人", "the quality manager"),
    }
)


def role(name: str) -> Term:
    """Return what a role is called."""
    return ROLES.get(name) or Term(name, name)
