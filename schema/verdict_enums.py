"""The words and colours of verdicts at counters, as GraphQL says them."""

from enum import Enum

import strawberry

from schema.enums import value


@strawberry.enum(description="验码结论 · What a code at a counter is worth.")
class VerdictWord(Enum):
    """Words of verdicts."""

    VALID = value("VALID", description="有效 · Genuine, and the licence is valid now.")
    NOT_YET_VALID = value("NOT_YET_VALID", description="未生效 · Genuine; the licence is not valid yet.")
    EXPIRED = value("EXPIRED", description="失效 · Genuine; the licence is over.")
    SUSPENDED = value("SUSPENDED", description="暂扣 · Genuine; the licence is suspended.")
    TRANSFERRED_OUT = value("TRANSFERRED_OUT", description="办理转出 · Genuine; the licence has gone to another hub.")
    SUPERSEDED = value("SUPERSEDED", description="已更新 · Genuine; a newer edition took its place.")
    REVOKED = value("REVOKED", description="吊销 · Genuine; the licence was revoked.")
    WITHDRAWN = value("WITHDRAWN", description="撤销 · Genuine; the licence was withdrawn.")
    CANCELLED = value("CANCELLED", description="注销 · Genuine; the licence was cancelled.")
    NOT_GENUINE = value("NOT_GENUINE", description="不真实 · Forged, altered, or under a seal that did not count.")
    CANNOT_CONFIRM = value("CANNOT_CONFIRM", description="无法确认 · Something could not be checked; it is no pass.")
    CODE_USED = value("CODE_USED", description="已使用 · A displayed code that was used before.")
    CODE_EXPIRED = value("CODE_EXPIRED", description="码已过期 · A displayed code whose time is over.")
    CODE_UNKNOWN = value("CODE_UNKNOWN", description="未知的码 · A displayed code that this hub does not know.")
    OTHER_HUB = value("OTHER_HUB", description="其他证照库 · A code of another hub; have it checked there.")
    NOT_A_CODE = value("NOT_A_CODE", description="不是证照码 · No code of a licence.")
    NOT_GRANTED = value("NOT_GRANTED", description="未授权 · Nothing may be shown for this item.")
    OTHER_PERSON = value("OTHER_PERSON", description="非本人 · The licence is not the applicant's.")


@strawberry.enum(description="颜色 · How a verdict is shown.")
class VerdictColour(Enum):
    """Colours of verdicts."""

    GREEN = value("GREEN", description="绿 · Valid.")
    AMBER = value("AMBER", description="黄 · It could not be checked, or is no code of this hub.")
    RED = value("RED", description="红 · It is known not to be valid.")
