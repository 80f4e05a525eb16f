"""Demands in GraphQL: the lists of what was asked for and of what has to be supplied, and every step of a demand.

Decides only how it reads; who may take a step is judged in the service.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.access.staff.caller import Staff
from hub.paging import Window
from hub.sharing.demands import demand as kept
from hub.sharing.demands import life
from hub.sharing.demands.lists import Asked
from hub.sharing.demands.service import Demands
from schema.context import Info
from schema.demand_wishes import DemandAnswerInput, DemandInput, DemandRefusalInput
from schema.enums import SharingClass
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last
from schema.sharing_enums import DemandState, DemandStepName

_Id = Annotated[strawberry.ID, argument("需求编号 · The demand.")]
_Note = Annotated[str, argument("说明 · In words, in at most 200 characters; names no person.")]


@strawberry.type(description="需求步骤 · A step of a demand.")
class DemandStep:
    """A step."""

    step: DemandStepName = strawberry.field(description="步骤 · What was done.")
    by: str | None = strawberry.field(description="经办人 · The account; null where the sharing class decided.")
    at: datetime = strawberry.field(description="时间 · When.")
    note: str = strawberry.field(description="说明 · What was said.")


@strawberry.type(description="共享需求 · What a department asks for, and what has become of it.")
class Demand:
    """A demand."""

    demand: strawberry.ID = strawberry.field(description="需求编号 · Its id.")
    version: int = strawberry.field(description="版本 · It grows with every step.")
    state: DemandState = strawberry.field(description="状态 · How it stands.")
    authority: str = strawberry.field(description="需求部门 · Who asks, by credit code.")
    service_item: str = strawberry.field(description="事项编码 · For which service item.")
    source: str = strawberry.field(description="类型键 · Which licence type or register.")
    owner: str | None = strawberry.field(
        description="数源部门 · Who answers, by credit code; null where several supply it: the hub's stewards do."
    )
    sharing_class: SharingClass = strawberry.field(description="共享属性 · Of the source, when it was filed.")
    paths: list[str] = strawberry.field(description="字段路径 · Fields to read.")
    checks: list[str] = strawberry.field(description="仅核验字段 · Fields to judge only.")
    roles: list[str] = strawberry.field(description="角色 · Roles of parties besides the applicant.")
    official_duty: bool = strawberry.field(description="依职权 · Whether without the holder's consent.")
    feed: bool = strawberry.field(description="变更推送 · Whether changes are to be delivered without a case.")
    legal_basis: str = strawberry.field(description="使用依据 · On what basis it is used.")
    scene: str = strawberry.field(description="应用场景 · For what it is used.")
    valid_from: date = strawberry.field(description="起始日期 · From when.")
    valid_until: date = strawberry.field(description="截止日期 · Until when.")
    filed_at: datetime = strawberry.field(description="提出时间 · When it was filed.")
    due_on: date = strawberry.field(description="答复期限 · The last day for an answer.")
    supply_on: date | None = strawberry.field(description="提供期限 · The last day for the supply of what was granted.")
    overdue: bool = strawberry.field(description="是否逾期 · Whether answer or supply is late.")
    grant: strawberry.ID | None = strawberry.field(description="授权编号 · The grant that answers it.")
    conditions: str | None = strawberry.field(description="使用条件 · Under which conditions it was granted.")
    refusal: str | None = strawberry.field(description="不予共享原因 · Why it was refused.")
    refusal_basis: str | None = strawberry.field(description="不予共享依据 · On which basis.")
    negative_entry: strawberry.ID | None = strawberry.field(
        description="负面清单条目 · By which entry of the negative list."
    )
    steps: list[DemandStep] = strawberry.field(description="步骤 · Every step, the oldest first.")

    @classmethod
    def of(cls, one: kept.Demand, today: date) -> "Demand":
        """Show a demand as it stands today."""
        wish = one.wish
        return cls(
            demand=strawberry.ID(one.id), version=one.version, state=DemandState(one.state.value),
            authority=wish.authority, service_item=wish.item, source=wish.source, owner=one.owner,
            sharing_class=SharingClass(one.sharing_class), paths=list(wish.paths), checks=list(wish.checks),
            roles=list(wish.roles), official_duty=wish.official_duty, feed=wish.feed, legal_basis=wish.legal_basis,
            scene=wish.scene, valid_from=wish.valid_from, valid_until=wish.valid_until, filed_at=one.filed_at,
            due_on=one.due_on, supply_on=one.supply_on, overdue=one.is_overdue(today),
            grant=strawberry.ID(one.grant) if one.grant else None, conditions=one.conditions, refusal=one.refusal,
            refusal_basis=one.refusal_basis, negative_entry=strawberry.ID(one.entry) if one.entry else None,
            steps=[DemandStep(step=DemandStepName(each.step), by=each.staff, at=each.at, note=each.note) for each in one.steps],
        )  # fmt: skip


DemandResult = Annotated[
    Demand | Problem, strawberry.union("DemandResult", description="A demand, or why nothing was changed.")
]


async def _taken(info: Info, step: Callable[[Demands, Staff], kept.Demand]) -> Demand:
    sharing, staff = info.context.sharing, info.context.required_staff()
    return Demand.of(await to_thread.run_sync(step, sharing.demands, staff), sharing.today())


@strawberry.type
class DemandQuery:
    """Reads of demands; `Query` takes them over."""

    @resolved("共享需求 · One demand, for stewards and auditors of who asks or answers.", DemandResult)
    async def demand(self, info: Info, demand: _Id) -> Demand | Problem:
        """Find a demand."""
        sharing, staff = info.context.sharing, info.context.required_staff()
        return Demand.of(await to_thread.run_sync(sharing.demand_lists.demand, staff, str(demand)), sharing.today())

    @resolved("需求清单 · The demands that an authority filed or answers, the oldest first.")
    async def demands(
        self,
        info: Info,
        authority: Annotated[str | None, argument("机构 · The authority; null is the whole hub.")] = None,
        states: Annotated[list[DemandState] | None, argument("状态 · Only those of these states.")] = None,
        overdue: Annotated[bool, argument("逾期 · Only those that are late.")] = False,  # noqa: FBT002 - GraphQL names it
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Demand] | None:
        """List demands."""
        words = None if states is None else frozenset(life.DemandState(each.value) for each in states)
        window, sharing, staff = (
            Window(first, after, last, before),
            info.context.sharing,
            info.context.required_staff(),
        )
        look, today = sharing.demand_lists.demands, sharing.today()
        page = await to_thread.run_sync(look, staff, authority, Asked(words, overdue), today, window)
        return Connection[Demand].of(page, lambda one: Demand.of(one, today))

    @resolved("责任清单 · What an owner has to supply: the demands that were granted, the oldest first.")
    async def responsibilities(
        self,
        info: Info,
        owner: Annotated[str | None, argument("数源部门 · The owner; null is the whole hub.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Demand] | None:
        """List duties."""
        window, sharing, staff = (
            Window(first, after, last, before),
            info.context.sharing,
            info.context.required_staff(),
        )
        page = await to_thread.run_sync(sharing.demand_lists.duties, staff, owner, window)
        return Connection[Demand].of(page, lambda one: Demand.of(one, sharing.today()))


@strawberry.type
class DemandMutation:
    """Steps of demands; `Mutation` takes them over."""

    @resolved("提出需求 · File a demand; its class decides what it decides at once.", DemandResult)
    async def file_demand(
        self,
        info: Info,
        input: Annotated[DemandInput, argument("需求 · What is asked for.")],  # noqa: A002 - GraphQL's word
    ) -> Demand | Problem:
        """File."""
        return await _taken(info, lambda demands, staff: demands.file(staff, input.wish()))

    @resolved("补正需求 · Say what was missing: the scene and the legal basis anew.", DemandResult)
    async def complete_demand(
        self,
        info: Info,
        demand: _Id,
        scene: Annotated[str, argument("应用场景 · For what it is used.")],
        legal_basis: Annotated[str, argument("使用依据 · On what basis.")],
    ) -> Demand | Problem:
        """Complete."""
        return await _taken(info, lambda demands, staff: demands.complete(staff, str(demand), scene, legal_basis))

    @resolved("撤回需求 · Withdraw a demand that was not answered.", DemandResult)
    async def withdraw_demand(self, info: Info, demand: _Id, note: _Note) -> Demand | Problem:
        """Withdraw."""
        return await _taken(info, lambda demands, staff: demands.withdraw(staff, str(demand), note))

    @resolved("告知补正 · Tell the department, once, what is missing.", DemandResult)
    async def ask_demand_completion(self, info: Info, demand: _Id, note: _Note) -> Demand | Problem:
        """Ask for completion."""
        return await _taken(info, lambda demands, staff: demands.ask_completion(staff, str(demand), note))

    @resolved("申请延期 · Ask the hub's stewards, once, for up to ten more working days.", DemandResult)
    async def ask_demand_extension(
        self, info: Info, demand: _Id, days: Annotated[int, argument("工作日 · How many.")], note: _Note
    ) -> Demand | Problem:
        """Ask for more time."""
        return await _taken(info, lambda demands, staff: demands.ask_extension(staff, str(demand), days, note))

    @resolved("同意延期 · Allow the extension, as another steward of the whole hub.", DemandResult)
    async def allow_demand_extension(self, info: Info, demand: _Id) -> Demand | Problem:
        """Allow."""
        return await _taken(info, lambda demands, staff: demands.allow_extension(staff, str(demand)))

    @resolved("不同意延期 · Deny the extension; the time limit stays.", DemandResult)
    async def deny_demand_extension(self, info: Info, demand: _Id, note: _Note) -> Demand | Problem:
        """Deny."""
        return await _taken(info, lambda demands, staff: demands.deny_extension(staff, str(demand), note))

    @resolved("同意共享 · Grant what was asked for, or less of it with a reason; not who filed it.", DemandResult)
    async def grant_demand(
        self,
        info: Info,
        demand: _Id,
        input: Annotated[DemandAnswerInput, argument("答复 · What is granted.")],  # noqa: A002 - GraphQL's word
    ) -> Demand | Problem:
        """Grant."""
        return await _taken(info, lambda demands, staff: demands.grant(staff, str(demand), input.answer()))

    @resolved("不予共享 · Refuse by an entry of the negative list; not who filed it.", DemandResult)
    async def refuse_demand(
        self,
        info: Info,
        demand: _Id,
        input: Annotated[DemandRefusalInput, argument("答复 · Why nothing is shared.")],  # noqa: A002 - GraphQL's word
    ) -> Demand | Problem:
        """Refuse."""
        return await _taken(info, lambda demands, staff: demands.refuse(staff, str(demand), input.refusal()))

    @resolved("确认提供 · Say that what was granted is in the hub.", DemandResult)
    async def supply_demand(self, info: Info, demand: _Id, note: _Note) -> Demand | Problem:
        """Supply."""
        return await _taken(info, lambda demands, staff: demands.supply(staff, str(demand), note))
