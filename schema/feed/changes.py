"""The change feed in GraphQL: a page of changes, the cursor of now, and the subscription.

Decides only how it reads. Who is told of what is decided by the services for each change anew; what must not be told is left out without a
trace. A subscription's field gives null where there is nothing to tell, and then no message is sent.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, cast

import strawberry

from hub.changes.event import Change as Event
from hub.changes.following import Follower, Told, ToldPage
from hub.clock import from_micros
from hub.sharing.facts import Channel
from schema.context import Info
from schema.enums import LicenceStatus
from schema.feed.enums import ChangeKind
from schema.fields import argument, resolved, selected
from schema.licences import Answer, Licence, answer

ItemArgument = Annotated[
    str, argument("事项编码 · The service item whose permits follow; it must be your authority's.")
]
TypesArgument = Annotated[
    list[str] | None, argument("类型键 · Only changes of these types; null is all that are granted.")
]
AfterArgument = Annotated[str | None, argument("Only what stands behind this cursor.")]


@strawberry.type(description="证照变更 · Something happened to a licence that your permits may need.")
class Change:
    """An event."""

    told: strawberry.Private[Told]
    shown: strawberry.Private[Callable[[], Answer]]
    cursor: str = strawberry.field(
        description="Where to go on behind this change; opaque, and of your client system alone."
    )
    kind: ChangeKind = strawberry.field(description="变更类型 · What was done.")
    type: str = strawberry.field(description="类型键 · The licence type's key.")
    at: datetime = strawberry.field(description="时间 · When it was recorded.")
    identifier: str = strawberry.field(description="电子证照标识 · The edition that the change made, or was done to.")
    status: LicenceStatus = strawberry.field(description="变更后状态 · The status of that edition after the change.")
    supersedes: str | None = strawberry.field(description="原证照标识 · The edition that it took the place of.")

    @resolved("证照 · The licence as it is now: its newest edition, with the granted fields.")
    def licence(self) -> Licence:
        """Show the licence."""
        return cast("Licence", self.shown())

    @classmethod
    def of(cls, told: Told, info: Info) -> "Change":
        """Show what a receiver is told."""
        event = told.change
        return cls(
            told=told,
            shown=lambda: answer(told.disclosed, info),
            cursor=told.cursor,
            kind=ChangeKind(event.kind),
            type=told.disclosed.stored.type_key,
            at=from_micros(event.at),
            identifier=event.identifier,
            status=LicenceStatus(event.status),
            supersedes=event.supersedes,
        )


@strawberry.type(description="变更分页 · Changes in the order in which they were recorded.")
class ChangePage:
    """A page of the feed."""

    changes: list[Change] = strawberry.field(
        description="证照变更 · The changes; a page may be short, or empty, and others follow."
    )
    cursor: str = strawberry.field(description="Give it as `after` to go on, now or later.")
    more: bool = strawberry.field(description="Whether the log goes on there now.")

    @classmethod
    def of(cls, page: ToldPage, info: Info) -> "ChangePage":
        """Show a page."""
        return cls(changes=[Change.of(one, info) for one in page.changes], cursor=page.cursor, more=page.more)


@strawberry.type
class ChangesQuery:
    """Reads of the feed; `Query` takes them over."""

    @resolved("证照变更 · Changes of licences, oldest first; without `after` from the first one.")
    async def changes(
        self,
        info: Info,
        item: ItemArgument,
        after: AfterArgument = None,
        first: Annotated[int | None, argument("How many changes at the most.")] = None,
        types: TypesArgument = None,
    ) -> ChangePage | None:
        """Read a page of changes."""
        context = info.context
        following, pending = context.changes.following, context.pending
        follower = following.follower(context.required_caller(), item, types, pending)
        wanted = selected(info, "changes", "licence")
        return ChangePage.of(await following.page(follower, after, first, wanted, pending), info)

    @resolved(
        "变更末尾 · The cursor behind everything that has happened by now: where to begin if the past does not matter."
    )
    async def changes_end(self, info: Info, item: ItemArgument) -> str | None:
        """Return the cursor of now."""
        context = info.context
        following = context.changes.following
        follower = following.follower(context.required_caller(), item, None, context.pending)
        return follower.cursor(await context.changes.feed.now())


@strawberry.type(description="Subscriptions, over graphql-transport-ws.")
class Subscription:
    """What is followed."""

    @resolved("证照变更 · Changes of licences as they happen; with `after` first those since. Never null in a message.")
    async def changes(
        self,
        info: Info,
        item: ItemArgument,
        after: AfterArgument = None,
        types: TypesArgument = None,
    ) -> Change | None:
        """Tell of one change."""
        del item, after, types  # whoever follows was asked for them when he began
        source: object = self
        assert isinstance(source, Occasion)  # noqa: S101 - schema.sockets runs this, nobody else
        context, wanted = info.context, selected(info, "licence")
        told = await context.changes.following.tell(
            source.follower, source.event, wanted, context.pending, Channel.SUBSCRIPTION
        )
        return None if told is None else Change.of(told, info)


class Occasion:
    """What a subscription is run for: one event, and who follows it."""

    __slots__ = ("event", "follower")

    def __init__(self, follower: Follower, event: Event) -> None:
        """Tell this follower of this event."""
        self.follower = follower
        self.event = event
