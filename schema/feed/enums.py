"""The closed sets of words of the change feed and of webhooks, each described. Their names are the hub's own; a test compares them."""

from enum import Enum

import strawberry

from schema.enums import value


@strawberry.enum(description="变更类型 · What was done to a licence.")
class ChangeKind(Enum):
    """Kinds of events of the change feed."""

    ISSUED = value("ISSUED", description="签发 · It was issued.")
    RENEWED = value("RENEWED", description="延续 · A new edition for a new period.")
    CHANGED = value("CHANGED", description="变更 · A new edition with other data.")
    SUSPENDED = value("SUSPENDED", description="暂扣 · It was taken out of force until it is resumed.")
    RESUMED = value("RESUMED", description="恢复 · It is in force again.")
    WITHDRAWN = value("WITHDRAWN", description="撤销 · It should not have been issued.")
    REVOKED = value("REVOKED", description="吊销 · It was taken away as a sanction.")
    CANCELLED = value("CANCELLED", description="注销 · It was ended without fault.")
    TRANSFERRED_OUT = value("TRANSFERRED_OUT", description="办理转出 · It was moved to another authority.")
    TRANSFER_CANCELLED = value("TRANSFER_CANCELLED", description="取消转出 · Its transfer was undone.")
    RESEALED = value(
        "RESEALED", description="重新签章 · It bears a new seal; keep the new proof in place of the old one."
    )


@strawberry.enum(description="网络钩子状态 · Whether a webhook is sent anything.")
class WebhookState(Enum):
    """States of a webhook."""

    ACTIVE = value("ACTIVE", description="启用 · It is sent what changes.")
    PAUSED = value("PAUSED", description="暂停 · Somebody paused it; what changes waits for it.")
    DISABLED = value("DISABLED", description="停用 · The hub disabled it, and says why; what changes waits for it.")
    REMOVED = value("REMOVED", description="已移除 · It is gone for good.")


@strawberry.enum(description="投递结果 · What came of an attempt to deliver.")
class WebhookResult(Enum):
    """Results of attempts."""

    DELIVERED = value("DELIVERED", description="已送达 · It was answered with a status of 200 to 299.")
    GONE = value(
        "GONE", description="已撤销 · It was answered with 410: the receiver wants nothing more, and was disabled."
    )
    REDIRECTED = value("REDIRECTED", description="被转向 · It was answered with a redirect, which is not followed.")
    REFUSED = value("REFUSED", description="被拒绝 · The receiver answers, and does not take this change.")
    BUSY = value("BUSY", description="繁忙 · The receiver asks to be left alone for a while.")
    FAILED = value("FAILED", description="出错 · The receiver failed.")
    TIMED_OUT = value("TIMED_OUT", description="超时 · It was not answered in time.")
    UNREACHABLE = value("UNREACHABLE", description="不可达 · There was no connection, or no trusted certificate.")
    ADDRESS_REFUSED = value(
        "ADDRESS_REFUSED", description="地址被拒 · Its name does not resolve, or into an internal network."
    )
