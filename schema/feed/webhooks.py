"""Webhooks in GraphQL: a client system's receivers, how far each is, and what it can do about them.

Decides only how it reads. Whose they are follows from the token; who registers one or replaces its secret proves his key besides, for a stolen token alone
must not send anything anywhere.
"""

from datetime import datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.changes.webhooks import signing
from hub.changes.webhooks.progress import DeadLetter
from hub.changes.webhooks.register import Receiving, Registered, Wish
from hub.clock import from_micros
from schema.context import Info
from schema.feed.enums import WebhookResult, WebhookState
from schema.fields import argument, resolved
from schema.problems import Problem

_MOST_LETTERS = 100
_ASSERTION = "客户端断言 · A fresh client assertion, as for a token, by a key the client has."
_ID = "编号 · The webhook's id."
_AFTER = "A cursor of the change feed: begin behind it; null begins now."


@strawberry.type(
    description="未送达 · A change that was given up. It holds nothing of the licence: sent again, it is read again."
)
class WebhookDeadLetter:
    """A dead letter."""

    id: strawberry.ID = strawberry.field(description="编号 · Its id, for `resendWebhook`.")
    result: WebhookResult = strawberry.field(description="结果 · What came of the last attempt.")
    attempts: int = strawberry.field(description="次数 · How many attempts there were.")
    died_at: datetime = strawberry.field(description="时间 · When it was given up.")
    expires_at: datetime = strawberry.field(description="有效期至 · Until when it can be sent again.")
    wanted: bool = strawberry.field(description="待重发 · Whether it is to be sent again now.")

    @classmethod
    def of(cls, letter: DeadLetter) -> "WebhookDeadLetter":
        """Show a dead letter."""
        return cls(
            id=strawberry.ID(letter.id),
            result=WebhookResult(letter.result),
            attempts=letter.attempts,
            died_at=from_micros(letter.died_at),
            expires_at=from_micros(letter.expires_at),
            wanted=letter.wanted_at is not None,
        )


@strawberry.type(description="投递情况 · How far a webhook is.")
class WebhookProgress:
    """How far a receiver is."""

    behind: int = strawberry.field(description="落后 · How many places of the log it has not looked at yet.")
    delivered: int = strawberry.field(description="已送达 · How many changes were delivered.")
    delivered_at: datetime | None = strawberry.field(description="最近送达 · When the last one was.")
    failed: int = strawberry.field(description="失败次数 · How many attempts failed.")
    attempts: int = strawberry.field(description="当前次数 · How many attempts the change it is at has had.")
    failing_since: datetime | None = strawberry.field(
        description="失败自 · Since when nothing was taken; null while all is well."
    )
    next_at: datetime = strawberry.field(description="下次投递 · When the next attempt may be.")
    last_result: WebhookResult | None = strawberry.field(description="最近结果 · What came of the last attempt.")
    dead_letters: int = strawberry.field(
        description="未送达数 · How many changes were given up, and can be sent again."
    )


@strawberry.type(description="网络钩子 · A receiver of changes of your client system.")
class Webhook:
    """A receiver."""

    receiving: strawberry.Private[Receiving]
    id: strawberry.ID = strawberry.field(description=_ID)
    url: str = strawberry.field(description="地址 · Where deliveries go.")
    item: str = strawberry.field(description="事项编码 · The service item whose permits follow.")
    types: list[str] | None = strawberry.field(
        description="类型键 · Only changes of these types; null is all that are granted."
    )
    paths: list[str] | None = strawberry.field(
        description="字段路径 · Only these fields; null is all that are granted."
    )
    state: WebhookState = strawberry.field(description="状态 · Whether it is sent anything.")
    reason: str | None = strawberry.field(description="停用原因 · Why the hub disabled it.")
    created_at: datetime = strawberry.field(description="登记时间 · When it was registered.")
    changed_at: datetime = strawberry.field(description="变更时间 · When it was last changed.")

    @classmethod
    def of(cls, receiving: Receiving) -> "Webhook":
        """Show a receiver."""
        return cls(
            receiving=receiving,
            id=strawberry.ID(receiving.id),
            url=receiving.url,
            item=receiving.item,
            types=None if receiving.types is None else sorted(receiving.types),
            paths=None if receiving.paths is None else sorted(receiving.paths),
            state=WebhookState(receiving.state),
            reason=receiving.reason,
            created_at=from_micros(receiving.created_at),
            changed_at=from_micros(receiving.changed_at),
        )

    @resolved("投递情况 · How far it is.")
    async def progress(self, info: Info) -> WebhookProgress:
        """Tell how far it is."""
        changes = info.context.changes
        of = await to_thread.run_sync(changes.progress.standing, self.receiving.id)
        size = await changes.feed.now()
        return WebhookProgress(
            behind=max(0, size - of.place),
            delivered=of.delivered,
            delivered_at=from_micros(of.delivered_at) if of.delivered_at else None,
            failed=of.failed,
            attempts=of.attempts,
            failing_since=from_micros(of.failing_since) if of.failing_since else None,
            next_at=from_micros(of.next_at),
            last_result=WebhookResult(of.last_result) if of.last_result else None,
            dead_letters=of.dead_letters,
        )

    @resolved(f"未送达 · Changes that were given up, oldest first, up to {_MOST_LETTERS}.")
    async def dead_letters(self, info: Info) -> list[WebhookDeadLetter]:
        """List what was given up."""
        found = await to_thread.run_sync(info.context.changes.progress.dead_letters, self.receiving.id, _MOST_LETTERS)
        return [WebhookDeadLetter.of(each) for each in found]


@strawberry.type(description="网络钩子及密钥 · A webhook, and its secret, which is shown this once.")
class WebhookSecret:
    """A receiver with its secret."""

    webhook: Webhook = strawberry.field(description="网络钩子 · The webhook.")
    secret: str = strawberry.field(
        description="密钥 · whsec_ and base64 (Standard Webhooks); keep it as you keep a key."
    )

    @classmethod
    def of(cls, registered: Registered) -> "WebhookSecret":
        """Show it."""
        return cls(webhook=Webhook.of(registered.receiving), secret=signing.shown(registered.secret.key))


WebhookAnswer = Annotated[
    Webhook | Problem, strawberry.union("WebhookAnswer", description="A webhook, or why nothing was changed.")
]
SecretResult = Annotated[
    WebhookSecret | Problem,
    strawberry.union("WebhookSecretAnswer", description="A webhook with its secret, or why there is none."),
]


@strawberry.input(description="登记网络钩子 · A receiver of changes.")
class WebhookInput:
    """A wish."""

    url: str = strawberry.field(
        description="地址 · https, port 443 or above 1023, without user, query and fragment; not in an internal network."
    )
    item: str = strawberry.field(
        description="事项编码 · The service item whose permits follow; it must be your authority's."
    )
    types: list[str] | None = strawberry.field(
        default=None, description="类型键 · Only changes of these types; null is all that are granted."
    )
    paths: list[str] | None = strawberry.field(
        default=None, description="字段路径 · Only these fields of the types; null is all that are granted."
    )
    after: str | None = strawberry.field(default=None, description=_AFTER)
    assertion: str = strawberry.field(description=_ASSERTION)


@strawberry.type
class WebhookQuery:
    """Reads of webhooks; `Query` takes them over."""

    @resolved("网络钩子 · The webhooks of the calling client system, oldest first.")
    async def webhooks(self, info: Info) -> list[Webhook] | None:
        """List them."""
        caller = info.context.required_caller()
        return [
            Webhook.of(each)
            for each in await to_thread.run_sync(info.context.changes.register.of_client, caller.client_id)
        ]


@strawberry.type
class WebhookMutation:
    """Changes of webhooks; `Mutation` takes them over."""

    @resolved("登记网络钩子 · Register a receiver of changes for the calling client system.", SecretResult)
    async def add_webhook(
        self,
        info: Info,
        input: Annotated[WebhookInput, argument("登记网络钩子 · The receiver.")],  # noqa: A002 - GraphQL's word
    ) -> WebhookSecret | Problem:
        """Register one."""
        context = info.context
        wish = Wish(input.url, input.item, input.types, input.paths)
        caller, pending = context.required_caller(), context.pending
        return WebhookSecret.of(await context.changes.add_webhook(caller, input.assertion, wish, input.after, pending))

    @resolved("更换密钥 · Replace a webhook's secret; for a day deliveries are signed by both.", SecretResult)
    async def replace_webhook_secret(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, argument(_ID, "id")],
        assertion: Annotated[str, argument(_ASSERTION)],
    ) -> WebhookSecret | Problem:
        """Replace a secret."""
        caller = info.context.required_caller()
        return WebhookSecret.of(await info.context.changes.replace_secret(caller, assertion, str(id_)))

    @resolved("暂停 · Send nothing more to a webhook until it is resumed; nothing is lost.", WebhookAnswer)
    async def pause_webhook(self, info: Info, id_: Annotated[strawberry.ID, argument(_ID, "id")]) -> Webhook | Problem:
        """Pause one."""
        caller = info.context.required_caller()
        return Webhook.of(await to_thread.run_sync(info.context.changes.register.pause, caller.client_id, str(id_)))

    @resolved(
        "恢复 · Send to a webhook again, from where it was; with `after` from there, also if it is active.",
        WebhookAnswer,
    )
    async def resume_webhook(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, argument(_ID, "id")],
        after: Annotated[str | None, argument("A cursor of the change feed: go on behind it.")] = None,
    ) -> Webhook | Problem:
        """Resume one."""
        context = info.context
        return Webhook.of(await context.changes.resume(context.required_caller(), str(id_), after, context.pending))

    @resolved("移除 · Remove a webhook for good, its secret and dead letters with it.", WebhookAnswer)
    async def remove_webhook(self, info: Info, id_: Annotated[strawberry.ID, argument(_ID, "id")]) -> Webhook | Problem:
        """Remove one."""
        caller = info.context.required_caller()
        return Webhook.of(await to_thread.run_sync(info.context.changes.register.remove, caller.client_id, str(id_)))

    @resolved(
        "重发 · Send dead letters again, once, as the licences are now; all of them if none is named.", WebhookAnswer
    )
    async def resend_webhook(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, argument(_ID, "id")],
        letters: Annotated[list[strawberry.ID] | None, argument("编号 · Ids of dead letters.")] = None,
    ) -> Webhook | Problem:
        """Send again what was given up."""
        changes, caller = info.context.changes, info.context.required_caller()
        found = await to_thread.run_sync(changes.register.find, caller.client_id, str(id_))
        named = None if letters is None else [str(each) for each in letters]
        await to_thread.run_sync(changes.progress.want_again, found.id, named)
        return Webhook.of(found)
