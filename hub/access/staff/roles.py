"""Roles of staff: what each allows, and how far it reaches. One frozen row a role.

Decides which acts a person may ask for, never which data he sees: that is each service's own. A role is held for one authority, or for the
whole hub where its reach says so. Deny by default: an act that names no role of this table is a programming error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class Reach(Enum):
    """For what a role may be held."""

    AUTHORITY = "AUTHORITY"  # one authority, always named
    EITHER = "EITHER"  # one authority, or the whole hub
    HUB = "HUB"  # the whole hub, and nothing less


@dataclass(frozen=True, slots=True)
class Role:
    """One row: the role's name, its Chinese name, its reach and what it allows."""

    name: str
    title: str
    reach: Reach
    allows: str


SEAL_APPLICANT: Final = Role("SEAL_APPLICANT", "印章申请人", Reach.AUTHORITY, "apply for seals of the authority")
SEAL_APPROVER: Final = Role("SEAL_APPROVER", "印章审批人", Reach.EITHER, "review and approve applications for seals")
SEAL_MAKER: Final = Role("SEAL_MAKER", "印章制作人", Reach.EITHER, "make, file and activate approved seals")
LICENCE_OFFICER: Final = Role(
    "LICENCE_OFFICER", "证照经办人", Reach.AUTHORITY, "issue licences and change their status"
)
CATALOGUE_STEWARD: Final = Role(
    "CATALOGUE_STEWARD", "目录管理员", Reach.EITHER, "keep licence types, authorities, service items and materials"
)
SHARING_STEWARD: Final = Role(
    "SHARING_STEWARD", "共享管理员", Reach.EITHER, "decide demands, grants, embargoes and the negative list"
)
COUNTER_CLERK: Final = Role("COUNTER_CLERK", "窗口工作人员", Reach.AUTHORITY, "check what is shown at the counter")
AUDITOR: Final = Role("AUDITOR", "审计员", Reach.EITHER, "read records; change nothing")
HUB_ADMINISTRATOR: Final = Role("HUB_ADMINISTRATOR", "平台管理员", Reach.HUB, "keep accounts of staff and their roles")

ROLES: Final[Mapping[str, Role]] = MappingProxyType(
    {
        role.name: role
        for role in (
            SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER, LICENCE_OFFICER, CATALOGUE_STEWARD, SHARING_STEWARD,
            COUNTER_CLERK, AUDITOR, HUB_ADMINISTRATOR,
        )
    }
)  # fmt: skip
