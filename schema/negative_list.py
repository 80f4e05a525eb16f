"""The negative list in GraphQL: anybody reads it, the owners' sharing stewards keep it."""

from datetime import date, datetime
from functools import partial
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.paging import Window
from hub.sharing.demands import negative
from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last


@strawberry.type(description="负面清单条目 · That data is not shared, why, and when that is reviewed.")
class NegativeEntry:
    """An entry."""

    entry: strawberry.ID = strawberry.field(description="条目编号 · Its id.")
    owner: str | None = strawberry.field(
        description="数源部门 · Whose data it is, by credit code; null where several authorities supply it."
    )
    source: str = strawberry.field(description="类型键 · The licence type or register.")
    paths: list[str] = strawberry.field(description="字段路径 · Which fields; none is all of them.")
    service_item: str | None = strawberry.field(description="事项编码 · For this item only; null is for every item.")
    reason: str = strawberry.field(description="原因 · Why it is not shared.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis.")
    review_on: date = strawberry.field(description="复核日期 · When it is looked at again.")
    listed_at: datetime = strawberry.field(description="列入时间 · Since when it is listed.")

    @classmethod
    def of(cls, one: negative.Listed) -> "NegativeEntry":
        """Show an entry."""
        return cls(
            entry=strawberry.ID(one.id), owner=one.owner, source=one.source, paths=list(one.paths),
            service_item=one.item, reason=one.reason, legal_basis=one.legal_basis, review_on=one.review_on,
            listed_at=one.listed_at,
        )  # fmt: skip


@strawberry.input(description="负面清单条目 · What an owner does not share.")
class NegativeEntryInput:
    """An entry that is wished for."""

    source: str = strawberry.field(description="类型键 · The licence type or register.")
    paths: list[str] | None = strawberry.field(default=None, description="字段路径 · Which fields; null is all.")
    service_item: str | None = strawberry.field(default=None, description="事项编码 · For this item only.")
    reason: str = strawberry.field(description="原因 · Why.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis.")
    review_on: date = strawberry.field(description="复核日期 · When it is looked at again.")


NegativeEntryResult = Annotated[
    NegativeEntry | Problem,
    strawberry.union("NegativeEntryResult", description="An entry, or why nothing was changed."),
]


@strawberry.type
class NegativeListQuery:
    """The public list; `Query` takes it over."""

    @resolved("负面清单 · What is not shared, why and on which basis, the oldest first.")
    async def negative_list(
        self,
        info: Info,
        type_: Annotated[str | None, argument("类型键 · Of this licence type or register only.", "type")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[NegativeEntry] | None:
        """List entries."""
        window, look = Window(first, after, last, before), info.context.sharing.negative_list.entries
        return Connection[NegativeEntry].of(await to_thread.run_sync(look, window, type_), NegativeEntry.of)


@strawberry.type
class NegativeListMutation:
    """Changes of the list; `Mutation` takes them over."""

    @resolved("列入负面清单 · List what is not shared; for sharing stewards of the data's owner.", NegativeEntryResult)
    async def add_negative_entry(
        self,
        info: Info,
        input: Annotated[NegativeEntryInput, argument("条目 · The entry.")],  # noqa: A002 - GraphQL's word
    ) -> NegativeEntry | Problem:
        """Add."""
        add, staff = info.context.sharing.negative_list.add, info.context.required_staff()
        said = (input.source, input.paths or (), input.reason, input.legal_basis, input.review_on, input.service_item)
        return NegativeEntry.of(await to_thread.run_sync(partial(add, staff, *said)))

    @resolved("移出负面清单 · Take an entry off the list after a review.", NegativeEntryResult)
    async def remove_negative_entry(
        self,
        info: Info,
        entry: Annotated[strawberry.ID, argument("条目编号 · The entry.")],
        reason: Annotated[str, argument("原因 · Why.")],
    ) -> NegativeEntry | Problem:
        """Remove."""
        remove, staff = info.context.sharing.negative_list.remove, info.context.required_staff()
        return NegativeEntry.of(await to_thread.run_sync(remove, staff, str(entry), reason))
