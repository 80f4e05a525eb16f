"""Staff in GraphQL: who I am, and for hub administrators everybody who has an account.

Decides only how they read. Who may see them is judged in the service. No answer holds a secret, but a temporary password where it is made.
"""

from datetime import date, datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.access.staff.caller import Staff
from hub.access.staff.members import Member
from hub.access.staff.role_grants import HeldRole
from hub.access.staff.service import StaffAccess
from hub.access.staff.sessions import OpenSession
from hub.paging import Window
from schema.context import Info
from schema.enums import SessionWay, StaffRole
from schema.fields import resolved
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last


@strawberry.type(description="角色授予 · A role that somebody holds on the days of its period.")
class StaffRoleGrant:
    """A role grant."""

    grant: strawberry.ID = strawberry.field(description="授予编号 · For `withdrawRole`.")
    role: StaffRole = strawberry.field(description="角色 · The role.")
    authority: str | None = strawberry.field(description="机构 · For which authority; null is the whole hub.")
    valid_from: date = strawberry.field(description="有效期自 · The first day.")
    valid_until: date | None = strawberry.field(description="有效期至 · The last day; null has no end.")
    given_by: strawberry.ID | None = strawberry.field(
        description="授予人 · Account of who gave it; null at the hub's founding."
    )

    @classmethod
    def of(cls, held: HeldRole) -> "StaffRoleGrant":
        """Show a role grant."""
        by = None if held.given_by is None else strawberry.ID(held.given_by)
        return cls(
            grant=strawberry.ID(held.id), role=StaffRole(held.role), authority=held.authority,
            valid_from=held.valid_from, valid_until=held.valid_until, given_by=by,
        )  # fmt: skip


@strawberry.type(description="工作人员 · A person with an account of this hub.")
class StaffMember:
    """A member of staff."""

    account: strawberry.ID = strawberry.field(description="账号编号 · By which records name him.")
    login: str = strawberry.field(description="登录名 · What he signs in with.")
    name: str = strawberry.field(description="姓名 · His name; kept encrypted, empty once he was erased.")
    active: bool = strawberry.field(description="是否启用 · Whether he may sign in.")
    enrolled: bool = strawberry.field(
        description="是否完成登记 · Whether he chose his password and has an authenticator."
    )
    locked_until: datetime | None = strawberry.field(
        description="锁定至 · Until when no try to sign in is taken; null: one is."
    )
    roles: list[StaffRoleGrant] = strawberry.field(description="角色 · Roles that were not withdrawn.")

    @classmethod
    def of(cls, member: Member) -> "StaffMember":
        """Show a person."""
        return cls(
            account=strawberry.ID(member.id), login=member.login, name=member.name, active=member.active,
            enrolled=member.enrolled, locked_until=member.locked_until,
            roles=[StaffRoleGrant.of(held) for held in member.roles],
        )  # fmt: skip


@strawberry.type(description="会话 · A session that is open.")
class StaffSession:
    """A session."""

    session: strawberry.ID = strawberry.field(description="会话编号 · For `endSession`; it is not its token.")
    way: SessionWay = strawberry.field(description="登录方式 · How it was begun.")
    began_at: datetime = strawberry.field(description="开始时间 · When.")
    seen_at: datetime = strawberry.field(description="最近活动时间 · When something was last asked in it, to a minute.")
    ends_at: datetime = strawberry.field(description="结束时间 · When it ends at the latest.")
    current: bool = strawberry.field(description="是否当前会话 · Whether it is the one that asks.")

    @classmethod
    def of(cls, shown: OpenSession, current: str) -> "StaffSession":
        """Show a session."""
        return cls(
            session=strawberry.ID(shown.id), way=SessionWay(shown.way.value), began_at=shown.began_at,
            seen_at=shown.seen_at, ends_at=shown.ends_at, current=shown.id == current,
        )  # fmt: skip


@strawberry.type(description="本人 · The person who is signed in.")
class Me:
    """Who is calling."""

    must_change_password: bool = strawberry.field(
        description="须更改密码 · The password is a temporary one: nothing but `changePassword` is allowed."
    )
    member: StaffMember = strawberry.field(description="账号 · His account.")
    sessions: list[StaffSession] = strawberry.field(description="会话 · His open sessions, the newest first.")


MeResult = Annotated[Me | Problem, strawberry.union("MeResult", description="Who is signed in, or why nobody is.")]


def shown(accounts: StaffAccess, staff: Staff) -> Me:
    """Show who is calling; asks the database."""
    sessions = [StaffSession.of(one, staff.session) for one in accounts.sessions(staff)]
    member = StaffMember.of(accounts.me(staff))
    return Me(must_change_password=staff.must_change, member=member, sessions=sessions)


@strawberry.type
class StaffQuery:
    """Reads of staff; `Query` takes them over."""

    @resolved("本人 · Who is signed in, with roles and sessions.", MeResult)
    async def me(self, info: Info) -> Me | Problem:
        """Tell who is calling."""
        return await to_thread.run_sync(shown, info.context.accounts, info.context.required_staff())

    @resolved("工作人员 · Everybody who has an account, by login name; for hub administrators.")
    async def staff(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[StaffMember] | None:
        """List the staff."""
        window, context = Window(first, after, last, before), info.context
        page = await to_thread.run_sync(context.accounts.members.page, context.required_staff(), window)
        return Connection[StaffMember].of(page, StaffMember.of)
