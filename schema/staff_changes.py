"""What staff change in GraphQL: their own password and sessions; hub administrators, accounts and roles.

Decides only how a change is asked for; rights are judged in the service, in the change's own unit of work. Passwords and codes come as
variables: a document is kept in memory, variables are not.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.access.staff.administration import Administration, Temporary
from hub.access.staff.caller import Staff
from hub.access.staff.role_grants import RoleGrant
from schema.context import Context, Info
from schema.enums import StaffRole
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.staff import Me, MeResult, StaffMember, shown

_ACCOUNT = "账号编号 · The account."
_Account = Annotated[strawberry.ID, argument(_ACCOUNT)]


@strawberry.type(description="已结束的会话 · A session that was ended.")
class EndedSession:
    """An ended session."""

    session: strawberry.ID = strawberry.field(description="会话编号 · The session's id.")


@strawberry.type(description="临时密码 · Good once, to choose another; nobody sees it again.")
class TemporaryPassword:
    """A temporary password."""

    member: StaffMember = strawberry.field(description="账号 · Whose it is.")
    password: str = strawberry.field(description="临时密码 · Hand it over yourself, and write it down nowhere.")
    expires_at: datetime = strawberry.field(description="失效时间 · When it stops being good.")


@strawberry.input(description="授予角色 · A role for somebody.")
class RoleInput:
    """A role that is wanted."""

    account: strawberry.ID = strawberry.field(description=_ACCOUNT)
    role: StaffRole = strawberry.field(description="角色 · The role.")
    authority: str | None = strawberry.field(
        default=None, description="机构 · For which authority, by its credit code; null is the whole hub."
    )
    valid_from: date | None = strawberry.field(default=None, description="有效期自 · The first day; null is today.")
    valid_until: date | None = strawberry.field(default=None, description="有效期至 · The last day; null has no end.")

    def wanted(self, today: date) -> RoleGrant:
        """Return what is wanted."""
        return RoleGrant(self.role.value, self.authority, self.valid_from or today, self.valid_until)


StaffResult = Annotated[
    StaffMember | Problem, strawberry.union("StaffResult", description="An account, or why nothing was changed.")
]
TemporaryPasswordResult = Annotated[
    TemporaryPassword | Problem,
    strawberry.union("TemporaryPasswordResult", description="A temporary password, or why there is none."),
]
EndedSessionResult = Annotated[
    EndedSession | Problem,
    strawberry.union("EndedSessionResult", description="An ended session, or why none was ended."),
]


async def _changed(info: Info, change: Callable[[Administration, Staff], str]) -> StaffMember:
    """Change an account and show it as it is now."""
    context, actor = info.context, info.context.required_staff()

    def work() -> StaffMember:
        staff_id = change(context.accounts.administration, actor)
        return StaffMember.of(context.accounts.members.of(staff_id))

    return await to_thread.run_sync(work)


async def _temporary(info: Info, change: Callable[[Administration, Staff], Temporary]) -> TemporaryPassword:
    context, actor = info.context, info.context.required_staff()

    def work() -> TemporaryPassword:
        made = change(context.accounts.administration, actor)
        member = StaffMember.of(context.accounts.members.of(made.id))
        return TemporaryPassword(member=member, password=made.password, expires_at=made.expires_at)

    return await to_thread.run_sync(work)


async def _ended(context: Context, session_id: str) -> EndedSession:
    end = context.accounts.administration.end_session
    await to_thread.run_sync(end, context.required_staff(), session_id)
    return EndedSession(session=strawberry.ID(session_id))


@strawberry.type
class StaffMutation:
    """Changes of staff; `Mutation` takes them over."""

    @resolved("退出登录 · End the session that asks.", EndedSessionResult)
    async def sign_out(self, info: Info) -> EndedSession | Problem:
        """Sign out."""
        return await _ended(info.context, info.context.required_staff().session)

    @resolved("结束会话 · End a session: your own, or as a hub administrator anybody's.", EndedSessionResult)
    async def end_session(
        self, info: Info, session: Annotated[strawberry.ID, argument("会话编号 · The session's id.")]
    ) -> EndedSession | Problem:
        """End a session."""
        return await _ended(info.context, str(session))

    @resolved("更改密码 · Choose another password; with a temporary one this also sets up the authenticator.", MeResult)
    async def change_password(
        self,
        info: Info,
        password: Annotated[str, argument("现密码 · The present one; send it as a variable.")],
        new_password: Annotated[str, argument("新密码 · The new one: 12 to 128 characters; send it as a variable.")],
        code: Annotated[str, argument("验证码 · A fresh code of your authenticator.")],
    ) -> Me | Problem:
        """Change the password."""
        change, staff = info.context.accounts.change_password, info.context.required_staff()
        changed = await to_thread.run_sync(change, staff, password, new_password, code)
        return await to_thread.run_sync(shown, info.context.accounts, changed)

    @resolved("新增账号 · Make an account with a temporary password and no role.", TemporaryPasswordResult)
    async def add_staff(
        self,
        info: Info,
        login: Annotated[str, argument("登录名 · It stands in records: no name, no number of a person.")],
        name: Annotated[str, argument("姓名 · The person's name; it is kept encrypted.")],
    ) -> TemporaryPassword | Problem:
        """Add an account."""
        return await _temporary(info, lambda kept, actor: kept.add(actor, login, name))

    @resolved(
        "重置账号 · For who lost password or authenticator: both are made anew, all sessions end.",
        TemporaryPasswordResult,
    )
    async def reset_staff(self, info: Info, account: _Account) -> TemporaryPassword | Problem:
        """Reset an account."""
        return await _temporary(info, lambda kept, actor: kept.reset(actor, str(account)))

    @resolved("授予角色 · Give somebody a role; nobody gives himself one.", StaffResult)
    async def grant_role(
        self,
        info: Info,
        input: Annotated[RoleInput, argument("角色 · What is given to whom.")],  # noqa: A002 - GraphQL's word
    ) -> StaffMember | Problem:
        """Give a role."""
        if input.authority is not None:
            info.context.catalogue.authority(input.authority)
        wanted = input.wanted(info.context.accounts.administration.today())
        staff_id = str(input.account)

        def give(kept: Administration, actor: Staff) -> str:
            kept.grant_role(actor, staff_id, wanted)
            return staff_id

        return await _changed(info, give)

    @resolved("撤回角色 · Take a role from somebody, at once.", StaffResult)
    async def withdraw_role(
        self, info: Info, grant: Annotated[strawberry.ID, argument("授予编号 · The role grant.")]
    ) -> StaffMember | Problem:
        """Withdraw a role."""
        return await _changed(info, lambda kept, actor: kept.withdraw_role(actor, str(grant)))

    @resolved("停用账号 · Close an account at once, in every process.", StaffResult)
    async def disable_staff(self, info: Info, account: _Account) -> StaffMember | Problem:
        """Disable an account."""
        return await _changed(info, partial(_switch, "disable", str(account)))

    @resolved("启用账号 · Open an account again, and lift its lock-out.", StaffResult)
    async def enable_staff(self, info: Info, account: _Account) -> StaffMember | Problem:
        """Enable an account."""
        return await _changed(info, partial(_switch, "enable", str(account)))

    @resolved(
        "清除个人信息 · Erase the name, login name and secrets of a person whose account is disabled, for good.",
        StaffResult,
    )
    async def erase_staff(self, info: Info, account: _Account) -> StaffMember | Problem:
        """Erase a person."""
        return await _changed(info, partial(_switch, "erase", str(account)))


def _switch(act: str, staff_id: str, kept: Administration, actor: Staff) -> str:
    getattr(kept, act)(actor, staff_id)
    return staff_id
