"""The closed sets of words about grants and demands in GraphQL, each described. Their names are the hub's own; a test compares them."""

from enum import Enum

import strawberry

from schema.enums import value


@strawberry.enum(description="授权状态 · Whether a grant is in force, within its period.")
class GrantState(Enum):
    """States of grants."""

    ACTIVE = value("ACTIVE", description="有效 · In force within its period.")
    SUSPENDED = value("SUSPENDED", description="暂停 · Nothing is read under it until it is resumed.")
    ENDED = value("ENDED", description="终止 · Ended for good.")


@strawberry.enum(description="需求状态 · What has become of a demand.")
class DemandState(Enum):
    """States of demands."""

    FILED = value("FILED", description="已提出 · It waits for the owner's answer.")
    INCOMPLETE = value("INCOMPLETE", description="待补正 · The department was told what is missing.")
    EXTENSION_ASKED = value("EXTENSION_ASKED", description="申请延期 · The owner asked for more time.")
    EXTENDED = value("EXTENDED", description="已延期 · It waits for the answer until a later day.")
    GRANTED = value("GRANTED", description="同意共享 · A grant answers it; the data is to be supplied.")
    SUPPLIED = value("SUPPLIED", description="已提供 · The data is in the hub.")
    REFUSED = value("REFUSED", description="不予共享 · It was refused, with its reason.")
    WITHDRAWN = value("WITHDRAWN", description="已撤回 · The department withdrew it.")


@strawberry.enum(description="需求步骤 · What was done about a demand.")
class DemandStepName(Enum):
    """Steps of demands."""

    FILE = value("FILE", description="提出 · It was filed.")
    GRANT_BY_CLASS = value("GRANT_BY_CLASS", description="无条件共享 · Its class granted it.")
    REFUSE_BY_LIST = value("REFUSE_BY_LIST", description="不予共享 · Its class or the negative list refused it.")
    ASK_COMPLETION = value("ASK_COMPLETION", description="告知补正 · The department was told what is missing.")
    COMPLETE = value("COMPLETE", description="补正 · The department completed it.")
    ASK_EXTENSION = value("ASK_EXTENSION", description="申请延期 · The owner asked for more time.")
    ALLOW_EXTENSION = value("ALLOW_EXTENSION", description="同意延期 · The sharing authority allowed it.")
    DENY_EXTENSION = value("DENY_EXTENSION", description="不同意延期 · The sharing authority denied it.")
    GRANT = value("GRANT", description="同意共享 · The owner granted it.")
    REFUSE = value("REFUSE", description="不予共享 · The owner refused it.")
    WITHDRAW = value("WITHDRAW", description="撤回 · The department withdrew it.")
    SUPPLY = value("SUPPLY", description="提供 · The owner said that the data is in the hub.")


@strawberry.enum(description="期限类别 · What has a deadline.")
class DeadlineKind(Enum):
    """Kinds of deadlines."""

    DEMAND = value("DEMAND", description="数据需求 · A demand to be answered by the owner.")
    SUPPLY = value("SUPPLY", description="数据提供 · Data to be supplied by the owner, as it agreed to.")
    PROMISE = value("PROMISE", description="承诺与容缺 · A promise to be checked by the department that took it.")
    DISPUTE = value("DISPUTE", description="数据异议 · A dispute to be answered by the source.")
