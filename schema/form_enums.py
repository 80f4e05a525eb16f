"""The closed sets of words of parties, forms and disputes in GraphQL, each described; a test compares their names with the hub's own."""

from enum import Enum

import strawberry

from schema.enums import value


@strawberry.enum(description="关系依据 · How it is known that somebody is a party of a case.")
class PartyEvidence(Enum):
    """Evidence of a party."""

    DECLARED = value("DECLARED", description="声明 · The authority says so; reached where a grant names the role.")
    PROVED = value("PROVED", description="已证明 · A licence that is valid today proves it.")
    NOT_PROVED = value("NOT_PROVED", description="未证明 · A licence would have to prove it, and none does.")


@strawberry.enum(description="申请表字段状态 · How a field of a form stands.")
class FormFieldState(Enum):
    """States of a form's field."""

    FILLED = value("FILLED", description="已预填 · Sources agree; to be checked.")
    CONTRADICTED = value("CONTRADICTED", description="来源不一致 · Sources say different things.")
    MISSING = value("MISSING", description="无数据 · No source says anything; to be filled in.")
    TO_FILL = value("TO_FILL", description="待填写 · No source is asked; to be filled in.")
    CONFIRMED = value("CONFIRMED", description="已确认 · The applicant found it right.")
    DISPUTED = value("DISPUTED", description="有异议 · The applicant says it is wrong, and the answer is awaited.")


@strawberry.enum(description="缺项原因 · Why a source gives no value.")
class FormGapReason(Enum):
    """Gaps."""

    NOT_GRANTED = value("NOT_GRANTED", description="未授权 · No grant in force lets it out.")
    NOT_SHARED = value("NOT_SHARED", description="不予共享 · The type forbids to share it.")
    CONSENT_NEEDED = value("CONSENT_NEEDED", description="须经同意 · The holder has to consent.")
    RELATION_NOT_PROVED = value(
        "RELATION_NOT_PROVED", description="关系未证明 · No licence proves the party's relation."
    )
    NO_PARTY = value("NO_PARTY", description="无此相关人 · The case has nobody in this role.")
    NOT_FOUND = value("NOT_FOUND", description="未查到 · There is no such licence or entry.")
    NOT_VALID = value("NOT_VALID", description="无有效证照 · There is one, and it is not valid today.")
    SEVERAL = value("SEVERAL", description="有多份 · There are several; name one by `licences`.")
    OTHER_PERSON = value("OTHER_PERSON", description="属他人 · It stands in another person's part.")
    EMPTY = value("EMPTY", description="来源未载明 · The source does not say.")
    DAMAGED = value("DAMAGED", description="数据损坏 · The source does not verify.")


@strawberry.enum(description="异议状态 · How a dispute stands.")
class DisputeState(Enum):
    """States of a dispute."""

    OPEN = value("OPEN", description="待答复 · The answer is awaited.")
    CORRECTED = value("CORRECTED", description="已更正 · The source corrected it.")
    REJECTED = value("REJECTED", description="不予更正 · The source stands by it.")
    WITHDRAWN = value("WITHDRAWN", description="已撤回 · Whoever filed it took it back.")


@strawberry.enum(description="异议答复 · What the source answers.")
class DisputeAnswer(Enum):
    """Answers."""

    CORRECTED = value("CORRECTED", description="已更正 · It was wrong, and is corrected.")
    REJECTED = value("REJECTED", description="不予更正 · It is right.")
