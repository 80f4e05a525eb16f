"""The closed sets of words about registers, each described. Their names are the hub's own; a test compares them."""

from enum import Enum

import strawberry

from schema.enums import value


@strawberry.enum(description="基础库 · A register.")
class Register(Enum):
    """Registers."""

    NaturalPerson = value("NaturalPerson", description="自然人 · Natural persons, by citizen number.")
    Organisation = value("Organisation", description="法人和其他组织 · Organisations, by credit code.")


@strawberry.enum(description="自然人状态 · What a source knows of a person.")
class PersonStatus(Enum):
    """Statuses of natural persons."""

    NORMAL = value("NORMAL", description="正常 · Registered.")
    DECEASED = value("DECEASED", description="死亡 · Died.")
    CANCELLED = value("CANCELLED", description="注销 · Struck off for another reason.")


@strawberry.enum(description="登记状态 · What a source knows of an organisation.")
class OrganisationStatus(Enum):
    """Statuses of organisations."""

    ACTIVE = value("ACTIVE", description="存续 · Registered.")
    REVOKED = value("REVOKED", description="吊销 · Its licence was taken away.")
    CANCELLED = value("CANCELLED", description="注销 · It ended.")
    WITHDRAWN = value("WITHDRAWN", description="撤销 · Its registration was withdrawn.")
    MOVED_OUT = value("MOVED_OUT", description="迁出 · It is registered elsewhere now.")


@strawberry.enum(description="机构类型 · What an organisation is.")
class OrganisationKind(Enum):
    """Kinds of organisations."""

    ENTERPRISE = value("ENTERPRISE", description="企业 · An enterprise.")
    SELF_EMPLOYED = value("SELF_EMPLOYED", description="个体工商户 · A self-employed person's business.")
    COOPERATIVE = value("COOPERATIVE", description="农民专业合作社 · A farmers' cooperative.")
    PUBLIC_INSTITUTION = value("PUBLIC_INSTITUTION", description="事业单位 · A public institution.")
    SOCIAL_ORGANISATION = value("SOCIAL_ORGANISATION", description="社会组织 · A social organisation.")
    GOVERNMENT_BODY = value("GOVERNMENT_BODY", description="机关 · A government body.")
    OTHER = value("OTHER", description="其他 · Something else.")


@strawberry.enum(description="入库结果 · What became of what a source said.")
class FeedOutcome(Enum):
    """Outcomes of feeding."""

    ADDED = value("ADDED", description="新增 · The entry is new.")
    CHANGED = value("CHANGED", description="更新 · The entry says this now.")
    CONFIRMED = value("CONFIRMED", description="确认 · The same holds as of a later time.")
    UNCHANGED = value("UNCHANGED", description="未变 · The same was said before, as of the same time.")
    OUTDATED = value("OUTDATED", description="已过时 · Something newer is known; nothing was changed.")
    CONTRADICTED = value(
        "CONTRADICTED",
        description="相矛盾 · As of the same time something else is known; say it as of a later one. Nothing was changed.",
    )
    UNKNOWN = value(
        "UNKNOWN", description="无此条目 · A status of somebody who does not stand in the register; send all of it."
    )
    REFUSED = value("REFUSED", description="被拒绝 · It breaks the register's rules; `problem` says which.")


@strawberry.enum(description="入库提示 · What is remarkable about an entry.")
class RegisterWarning(Enum):
    """Warnings."""

    AREA_UNKNOWN = value("AREA_UNKNOWN", description="区划未知 · The code names a province that no list knows.")


@strawberry.enum(description="身份比对结果 · Whether a code and a name belong together.")
class IdentityMatch(Enum):
    """Answers of a comparison."""

    MATCH = value("MATCH", description="一致 · The register has this name under this code.")
    PARTIAL = value(
        "PARTIAL",
        description="基本一致 · Every letter agrees; dots, brackets, hyphens, accents or blanks are written otherwise.",
    )
    NO_MATCH = value(
        "NO_MATCH", description="不一致 · Anything else: another's name, an unknown code, or one that cannot be."
    )
