"""Commands of staff: `licence-hub staff`, for who signed in here; most of them for hub administrators."""

from datetime import date
from typing import Annotated

import typer

from hub.access.staff.administration import Temporary
from hub.access.staff.members import Member
from hub.access.staff.refusals import StaffUnknownError
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import ROLES
from hub.commands.opening import screen, show
from hub.commands.signing_in import change_password, signed_in

staff = typer.Typer(help="People who sign in: accounts, roles and sessions. Sign in first.", no_args_is_help=True)
role = typer.Typer(help=f"Roles: {', '.join(ROLES)}.", no_args_is_help=True)
staff.add_typer(role, name="role")

Login = Annotated[str, typer.Argument(help="Login name of the account.")]


@staff.command("add")
def staff_add(
    login: Annotated[str, typer.Argument(help="Login name; it stands in records, so it is no number of a person.")],
    name: Annotated[str, typer.Option(help="The person's own name; it is kept encrypted.", prompt=True)],
) -> None:
    """Make an account and print its temporary password, once."""
    with signed_in() as (hub, actor):
        made = hub.staff.administration.add(actor, login, name)
    _print(made)


@staff.command("list")
def staff_list() -> None:
    """List everybody who has an account."""
    with signed_in() as (hub, actor):
        rows = [
            {
                "login": one.login,
                "name": one.name,
                "state": _state(one),
                "roles": "\n".join(f"{held.role} {held.authority or ''}".strip() for held in one.roles),
                "account": one.id,
            }
            for one in hub.staff.members.all(actor)
        ]
    show("Staff", rows)


@role.command("add")
def role_add(
    login: Login,
    name: Annotated[str, typer.Argument(metavar="ROLE", help="Name of the role.")],
    authority: Annotated[
        str | None, typer.Option("--authority", "-a", help="Its credit code; without it for the whole hub.")
    ] = None,
    begin: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD; today without it.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD; no end without it.")] = None,
) -> None:
    """Give somebody a role; nobody gives himself one."""
    with signed_in() as (hub, actor):
        if authority is not None:
            hub.catalogue.authority(authority)
        first = _day(begin) or hub.staff.administration.today()
        wanted = RoleGrant(name, authority, first, _day(until))
        made = hub.staff.administration.grant_role(actor, hub.staff.members.named(actor, login).id, wanted)
    screen.print(f"role grant: {made}")


@role.command("remove")
def role_remove(
    login: Login,
    name: Annotated[str, typer.Argument(metavar="ROLE", help="Name of the role.")],
    authority: Annotated[str | None, typer.Option("--authority", "-a", help="For which authority it is held.")] = None,
) -> None:
    """Take a role from somebody, at once in every process."""
    with signed_in() as (hub, actor):
        held = [
            each
            for each in hub.staff.members.named(actor, login).roles
            if (each.role, each.authority) == (name, authority)
        ]
        if not held:
            raise StaffUnknownError("This account does not hold that role there; `licence-hub staff list` shows roles.")
        for each in held:
            hub.staff.administration.withdraw_role(actor, each.id)
    screen.print("Withdrawn.")


@staff.command("disable")
def staff_disable(login: Login) -> None:
    """Close an account at once; its sessions end."""
    with signed_in() as (hub, actor):
        hub.staff.administration.disable(actor, hub.staff.members.named(actor, login).id)
    screen.print("Disabled.")


@staff.command("enable")
def staff_enable(login: Login) -> None:
    """Open an account again, and lift its lock-out."""
    with signed_in() as (hub, actor):
        hub.staff.administration.enable(actor, hub.staff.members.named(actor, login).id)
    screen.print("Enabled.")


@staff.command("erase")
def staff_erase(login: Login) -> None:
    """Erase a person whose account is disabled: his name, login name and secrets are gone for good. Asks first."""
    with signed_in() as (hub, actor):
        found = hub.staff.members.named(actor, login)
        typer.confirm(f"Erase {login} for good?", abort=True)
        hub.staff.administration.erase(actor, found.id)
    screen.print(f"Erased; records go on naming account {found.id}.")


@staff.command("reset")
def staff_reset(login: Login) -> None:
    """For who lost password or authenticator: print a temporary password; all his sessions end."""
    with signed_in() as (hub, actor):
        made = hub.staff.administration.reset(actor, hub.staff.members.named(actor, login).id)
    _print(made)


@staff.command("password")
def staff_password() -> None:
    """Change your own password."""
    with signed_in() as (hub, actor):
        change_password(hub, actor)
    screen.print("Changed; your other sessions have ended.")


@staff.command("sessions")
def staff_sessions() -> None:
    """List your own open sessions."""
    with signed_in() as (hub, actor):
        rows = [
            {
                "session": one.id,
                "way": one.way.value,
                "began": one.began_at.isoformat(" ", "seconds"),
                "seen": one.seen_at.isoformat(" ", "seconds"),
                "here": "yes" if one.id == actor.session else "",
            }
            for one in hub.staff.sessions(actor)
        ]
    show("Sessions", rows)


@staff.command("end-session")
def staff_end_session(
    session: Annotated[str, typer.Argument(help="Id of the session, as `sessions` shows it.")],
) -> None:
    """End a session: your own, or as a hub administrator anybody's."""
    with signed_in() as (hub, actor):
        hub.staff.administration.end_session(actor, session)
    screen.print("Ended.")


def _state(one: Member) -> str:
    states = {
        "erased": not one.name,
        "disabled": not one.active,
        "locked": one.locked_until is not None,
        "temporary password": not one.enrolled,
    }
    return ", ".join(name for name, holds in states.items() if holds) or "active"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter("A day is written YYYY-MM-DD.") from None


def _print(made: Temporary) -> None:
    screen.print(
        f"account: {made.id}\ntemporary password: {made.password}\n"
        f"good until {made.expires_at.isoformat(' ', 'minutes')}, once; hand it over yourself."
    )
