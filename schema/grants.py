"""Grants in GraphQL: what staff see of them, and what sharing stewards of the data's owner change.

Decides only how it reads; who may is judged in the service.
"""

from datetime import date
from functools import partial
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.access.staff.acting import client_of
from hub.paging import Window
from hub.sharing import policy
from hub.sharing.grants.service import GrantWish
from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last
from schema.sharing_enums import GrantState

_Id = Annotated[strawberry.ID, argument("授权编号 · The grant.")]


@strawberry.type(
    description="共享授权 · What an authority may read of one licence type or register for one service item."
)
class SharingGrant:
    """A grant."""

    grant: strawberry.ID = strawberry.field(description="授权编号 · Its id.")
    version: int = strawberry.field(description="版本 · It grows with every change; records name it.")
    authority: str = strawberry.field(description="机构 · Who may read, by credit code.")
    service_item: str = strawberry.field(description="事项编码 · For which service item.")
    source: str = strawberry.field(description="类型键 · Of which licence type or register.")
    paths: list[str] = strawberry.field(description="字段路径 · Fields that may be read.")
    checks: list[str] = strawberry.field(description="仅核验字段 · Fields that may be judged only.")
    roles: list[str] = strawberry.field(description="角色 · Roles of parties it reaches besides the applicant.")
    official_duty: bool = strawberry.field(description="依职权 · Whether it needs no holder's consent.")
    feed: bool = strawberry.field(description="变更推送 · Whether changes are delivered without a case.")
    demand: strawberry.ID | None = strawberry.field(description="需求编号 · The demand that it answers.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis.")
    approver: str = strawberry.field(description="审批人 · Who approved it; staff by their accounts.")
    valid_from: date = strawberry.field(description="起始日期 · Its first day.")
    valid_until: date = strawberry.field(description="截止日期 · Its last day.")
    state: GrantState = strawberry.field(description="状态 · Whether it is suspended or ended.")

    @classmethod
    def of(cls, one: policy.Grant) -> "SharingGrant":
        """Show a grant."""
        return cls(
            grant=strawberry.ID(one.id), version=one.version, authority=one.authority, service_item=one.item,
            source=one.type_key, paths=sorted(one.paths), checks=sorted(one.checks), roles=sorted(one.roles),
            official_duty=one.official_duty, feed=one.feed, demand=strawberry.ID(one.demand) if one.demand else None,
            legal_basis=one.legal_basis, approver=one.approver, valid_from=one.valid_from,
            valid_until=one.valid_until, state=GrantState(one.state.value),
        )  # fmt: skip


@strawberry.input(description="共享授权 · A grant without a demand.")
class GrantInput:
    """A grant that is wished for."""

    authority: str = strawberry.field(description="机构 · Who may read, by credit code.")
    service_item: str = strawberry.field(description="事项编码 · Its service item.")
    source: str = strawberry.field(description="类型键 · The licence type or register.")
    paths: list[str] = strawberry.field(description="字段路径 · Fields; of an object or list all its leaves.")
    checks: list[str] | None = strawberry.field(default=None, description="仅核验字段 · Fields to be judged only.")
    roles: list[str] | None = strawberry.field(default=None, description="角色 · Roles of parties it reaches.")
    official_duty: bool = strawberry.field(default=False, description="依职权 · Without the holder's consent.")
    feed: bool = strawberry.field(default=False, description="变更推送 · Deliver changes without a case.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis; names no person.")
    valid_from: date = strawberry.field(description="起始日期 · Its first day.")
    valid_until: date = strawberry.field(description="截止日期 · Its last day.")

    def wish(self, approver: str) -> GrantWish:
        """Return the wish of a person of staff."""
        return GrantWish(
            self.authority, self.service_item, self.source, self.paths, self.legal_basis, approver, self.valid_from,
            self.valid_until, roles=self.roles or (), checks=self.checks or (), official_duty=self.official_duty,
            feed=self.feed,
        )  # fmt: skip


GrantResult = Annotated[
    SharingGrant | Problem, strawberry.union("GrantResult", description="A grant, or why nothing was changed.")
]


async def _changed(info: Info, operation: str, grant: str) -> SharingGrant:
    desk, staff = info.context.sharing.grant_desk, info.context.required_staff()
    return SharingGrant.of(await to_thread.run_sync(desk.change, staff, operation, grant))


@strawberry.type
class GrantQuery:
    """Reads of grants; `Query` takes them over."""

    @resolved("共享授权 · The grants that an authority has, or that read its data; for its stewards and auditors.")
    async def grants(
        self,
        info: Info,
        authority: Annotated[str, argument("机构 · The authority, by its credit code.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SharingGrant] | None:
        """List grants."""
        window, look = Window(first, after, last, before), info.context.sharing.grant_desk.grants
        page = await to_thread.run_sync(look, info.context.required_staff(), authority, window)
        return Connection[SharingGrant].of(page, SharingGrant.of)


@strawberry.type
class GrantMutation:
    """Changes of grants; `Mutation` takes them over."""

    @resolved("新增授权 · Add a grant without a demand; for sharing stewards of the data's owner.", GrantResult)
    async def add_grant(
        self,
        info: Info,
        input: Annotated[GrantInput, argument("授权 · The grant.")],  # noqa: A002 - GraphQL's word
    ) -> SharingGrant | Problem:
        """Add."""
        desk, staff = info.context.sharing.grant_desk, info.context.required_staff()
        add = partial(desk.add, staff, input.wish(client_of(staff.id)))
        return SharingGrant.of(await to_thread.run_sync(add))

    @resolved("暂停授权 · Suspend a grant: reads under it stop at once.", GrantResult)
    async def suspend_grant(self, info: Info, grant: _Id) -> SharingGrant | Problem:
        """Suspend."""
        return await _changed(info, "suspended", str(grant))

    @resolved("恢复授权 · Put a suspended grant in force again.", GrantResult)
    async def resume_grant(self, info: Info, grant: _Id) -> SharingGrant | Problem:
        """Resume."""
        return await _changed(info, "resumed", str(grant))

    @resolved("终止授权 · End a grant for good.", GrantResult)
    async def end_grant(self, info: Info, grant: _Id) -> SharingGrant | Problem:
        """End."""
        return await _changed(info, "ended", str(grant))
