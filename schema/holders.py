"""What holders ask in GraphQL: their licences, and who read what of them.

Decides only how it reads. Whose it is follows from the token alone: no argument names a person, and no cursor or id tells one. Reads by
others of the same licence are not his; what the service leaves out is left out here uncounted.
"""

from datetime import datetime
from typing import Annotated, cast

import strawberry
from anyio import to_thread

from hub.access.holders.caller import HolderCaller
from hub.paging import Window
from schema.accesses import Access
from schema.catalogue import Authority, ServiceItem
from schema.consents import Consent
from schema.context import Info
from schema.disputes import Dispute
from schema.enums import LicenceStatus
from schema.fields import argument, resolved, selected
from schema.licences import Licence, answer
from schema.presentations import Presentable, PresentableLicence, Presentation, PresentationResult
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last


@strawberry.type(description="持证主体本人 · What the holder who is signed in sees of himself.")
class HolderView:
    """A holder's own view."""

    holder: strawberry.Private[HolderCaller]
    complete_to: datetime = strawberry.field(
        description="完整截至 · Up to this moment no read is missing. Later ones may be kept back under an embargo; it is the same moment for everybody."
    )

    @resolved("我的证照 · His licences by type, without SUPERSEDED unless asked; others' parts of them stay hidden.")
    async def licences(
        self,
        info: Info,
        types: Annotated[list[str] | None, argument("类型键 · Only these types; null is all.")] = None,
        statuses: Annotated[list[LicenceStatus] | None, argument("证照状态 · Only these statuses.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Licence] | None:
        """Read a page of licences."""
        window, wanted = Window(first, after, last, before), selected(info, "edges", "node")
        asked = frozenset(status.value for status in statuses) if statuses is not None else None
        holders, pending = info.context.sharing.holders, info.context.pending
        page = await holders.licences(self.holder, types, asked, window, wanted, pending)
        return Connection[Licence].of(page, lambda one: cast("Licence", answer(one, info)))

    @resolved(
        "谁用过我的证照 · Every read of what is his, the newest first: by whom, for which case, when, and what came of it."
    )
    async def accesses(
        self,
        info: Info,
        own: Annotated[bool, argument("含本人查看 · What he read himself, too.")] = True,  # noqa: FBT002 - GraphQL names it
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Access] | None:
        """Read a page of reads."""
        window, holders = Window(first, after, last, before), info.context.sharing.holders
        page = await holders.accesses(self.holder, window, info.context.pending, own=own)
        return Connection[Access].of(page, Access.of)

    @resolved("我的授权 · The consents that he gave, the newest first, those that are over too.")
    async def consents(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Consent] | None:
        """Read a page of consents."""
        window, look = Window(first, after, last, before), info.context.sharing.consents.consents
        page = await to_thread.run_sync(look, self.holder, window)
        return Connection[Consent].of(page, lambda one: Consent.of(one, info))

    @resolved("数据异议 · Disputes about his data, by himself or on his behalf, with their answers, the oldest first.")
    async def disputes(self, info: Info) -> list[Dispute]:
        """List the disputes."""
        own = info.context.sharing.forms.desk.own
        return [Dispute.of(each) for each in await to_thread.run_sync(own, self.holder, info.context.pending)]

    @resolved(
        "可出示证照 · What he may show an authority for an item of it at a counter, and which fields: to be read before he confirms."
    )
    async def presentable(
        self,
        info: Info,
        authority: Annotated[str, argument("机构 · The authority that asks, by its credit code.")],
        service_item: Annotated[str, argument("事项编码 · The service item; it must be the authority's.")],
    ) -> Presentable | None:
        """List what may be shown."""
        context, wanted = info.context, selected(info, "licences", "licence")
        offered = context.sharing.presenting.offered
        found = await offered(self.holder, authority, service_item, wanted, context.pending)
        return Presentable(
            authority=Authority.of(context.catalogue.authority(authority)),
            service_item=ServiceItem.of(context.catalogue.item(service_item)),
            licences=[PresentableLicence.of(each, info) for each in found],
        )

    @resolved(
        "我的亮证 · What he showed, or may show now, the newest first; forgotten a day after its time, or 30 days after it was redeemed."
    )
    async def presentations(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Presentation] | None:
        """Read a page of presentations."""
        window, look = Window(first, after, last, before), info.context.counters.presentations.of_holder
        page = await to_thread.run_sync(look, self.holder, window)
        return Connection[Presentation].of(page, lambda one: Presentation.of(self.holder, one, info))

    @resolved("亮证 · One of his presentations, by its id.", PresentationResult)
    async def presentation(
        self, info: Info, id_: Annotated[strawberry.ID, argument("亮证编号 · Its id.", "id")]
    ) -> Presentation | Problem:
        """Find a presentation."""
        one = await to_thread.run_sync(info.context.counters.presentations.one, self.holder, str(id_))
        return Presentation.of(self.holder, one, info)


HolderResult = Annotated[
    HolderView | Problem, strawberry.union("HolderViewResult", description="A holder's own view, or why there is none.")
]


@strawberry.type
class HolderQuery:
    """Reads of holders; `Query` takes them over."""

    @resolved("持证主体本人 · What the holder sees whose token of the identity platform is shown.", HolderResult)
    async def holder(self, info: Info) -> HolderView | Problem:
        """Show a holder what is his."""
        context = info.context
        return HolderView(holder=context.required_holder(), complete_to=context.sharing.holders.complete_to)
