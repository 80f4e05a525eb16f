"""Embargoes in GraphQL: what auditors see of them and of the reads they keep back, and what two sharing stewards decide.

Decides only how it reads; who may look or decide is judged in the service.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.access.staff.caller import Staff
from hub.paging import Window
from hub.sharing.embargo_desk import CaseEmbargo, EmbargoDesk
from hub.sharing.embargoes import Act, Decision
from hub.sharing.purpose import EmbargoWish
from schema.accesses import Access
from schema.context import Info
from schema.enums import EmbargoAct
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last

_Id = Annotated[strawberry.ID, argument("暂缓告知编号 · The embargo.")]


@strawberry.type(description="暂缓告知决定 · One decision about an embargo.")
class EmbargoDecision:
    """A decision."""

    act: EmbargoAct = strawberry.field(description="决定 · What was decided.")
    until: datetime = strawberry.field(description="解除时间 · Until when reads are kept back by it.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis.")
    by: str = strawberry.field(description="决定人 · The client that opened the case, else the account of staff.")
    at: datetime = strawberry.field(description="决定时间 · When.")
    record: strawberry.ID = strawberry.field(description="记录编号 · The record of it.")

    @classmethod
    def of(cls, decision: Decision) -> "EmbargoDecision":
        """Show a decision."""
        return cls(
            act=EmbargoAct(decision.act.value), until=decision.until, legal_basis=decision.legal_basis,
            by=decision.by, at=decision.at, record=strawberry.ID(decision.record),
        )  # fmt: skip


@strawberry.type(description="暂缓告知 · That the reads of a case are shown to the persons they are about later.")
class Embargo:
    """An embargo."""

    embargo: strawberry.ID = strawberry.field(description="暂缓告知编号 · Its id.")
    authority: str = strawberry.field(description="机构 · Whose case it is, by its credit code.")
    service_item: str = strawberry.field(description="事项编码 · The case's service item.")
    case_number: str = strawberry.field(description="办件编号 · The case's number.")
    holds: bool = strawberry.field(description="是否生效 · Whether reads are kept back now.")
    until: datetime | None = strawberry.field(description="解除时间 · The release date; null before it ever held.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis.")
    decisions: list[EmbargoDecision] = strawberry.field(description="决定 · Every decision, oldest first.")

    @classmethod
    def of(cls, found: CaseEmbargo) -> "Embargo":
        """Show an embargo."""
        kept = found.embargo
        return cls(
            embargo=strawberry.ID(kept.case_id), authority=kept.authority, service_item=found.item,
            case_number=found.case_number, holds=found.holds, until=kept.until, legal_basis=kept.legal_basis,
            decisions=[EmbargoDecision.of(each) for each in kept.decisions],
        )  # fmt: skip

    @resolved("用证记录 · The reads of the case, the newest first; that somebody looked is recorded.")
    async def accesses(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Access] | None:
        """Read a page of reads."""
        window, context = Window(first, after, last, before), info.context
        look, staff = context.sharing.embargoes.accesses, context.required_staff()
        page = await to_thread.run_sync(look, staff, str(self.embargo), window, context.pending)
        return Connection[Access].of(page, Access.of)


@strawberry.input(description="暂缓告知申请 · An embargo for a case that was opened before, or a longer one.")
class EmbargoProposalInput:
    """A proposal."""

    authority: str = strawberry.field(description="机构 · Whose case it is, by its credit code.")
    service_item: str = strawberry.field(description="事项编码 · The case's service item.")
    case_number: str = strawberry.field(description="办件编号 · The case's number.")
    until: datetime = strawberry.field(
        description="解除时间 · The release date; later than that of the present embargo."
    )
    legal_basis: str = strawberry.field(description="法律依据 · On what basis; names no person.")


EmbargoResult = Annotated[
    Embargo | Problem, strawberry.union("EmbargoResult", description="An embargo, or why nothing was decided.")
]


async def _decided(info: Info, decide: Callable[[EmbargoDesk, Staff], CaseEmbargo]) -> Embargo:
    desk, staff = info.context.sharing.embargoes, info.context.required_staff()
    return Embargo.of(await to_thread.run_sync(decide, desk, staff))


@strawberry.type
class EmbargoQuery:
    """Reads of embargoes; `Query` takes them over."""

    @resolved(
        "暂缓告知 · One embargo, and with `accesses` the reads under it; for auditors and sharing stewards.",
        EmbargoResult,
    )
    async def embargo(self, info: Info, embargo: _Id) -> Embargo | Problem:
        """Find an embargo."""
        look, staff = info.context.sharing.embargoes.embargo, info.context.required_staff()
        return Embargo.of(await to_thread.run_sync(look, staff, str(embargo)))

    @resolved("暂缓告知 · An authority's embargoes, those that are over too; for auditors and sharing stewards.")
    async def embargoes(
        self,
        info: Info,
        authority: Annotated[str, argument("机构 · Whose cases, by its credit code.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Embargo] | None:
        """List embargoes."""
        window, context = Window(first, after, last, before), info.context
        look, staff = context.sharing.embargoes.embargoes, context.required_staff()
        return Connection[Embargo].of(await to_thread.run_sync(look, staff, authority, window), Embargo.of)


@strawberry.type
class EmbargoMutation:
    """Decisions about embargoes; `Mutation` takes them over."""

    @resolved(
        "提出暂缓告知 · Propose an embargo, or a longer one; it holds once another person confirms it.", EmbargoResult
    )
    async def propose_embargo(
        self,
        info: Info,
        input: Annotated[EmbargoProposalInput, argument("申请 · What is proposed.")],  # noqa: A002 - GraphQL's word
    ) -> Embargo | Problem:
        """Propose."""
        wish, case = (
            EmbargoWish(input.until, input.legal_basis),
            (input.authority, input.service_item, input.case_number),
        )
        return await _decided(info, lambda desk, staff: desk.propose(staff, *case, wish))

    @resolved("确认暂缓告知 · Confirm another's proposal.", EmbargoResult)
    async def confirm_embargo(self, info: Info, embargo: _Id) -> Embargo | Problem:
        """Confirm."""
        return await _decided(info, lambda desk, staff: desk.answer(staff, str(embargo), Act.CONFIRMED))

    @resolved("否决暂缓告知 · Reject a proposal.", EmbargoResult)
    async def reject_embargo(self, info: Info, embargo: _Id) -> Embargo | Problem:
        """Reject."""
        return await _decided(info, lambda desk, staff: desk.answer(staff, str(embargo), Act.REJECTED))

    @resolved("解除暂缓告知 · End an embargo now: what it kept back is shown from this moment.", EmbargoResult)
    async def lift_embargo(self, info: Info, embargo: _Id) -> Embargo | Problem:
        """Lift."""
        return await _decided(info, lambda desk, staff: desk.lift(staff, str(embargo)))
