"""Commands of sharing: `licence-hub grant`, and `licence-hub erase`."""

from datetime import date, timedelta
from typing import Annotated

import typer

from hub.commands.opening import AuthorityOption, opened, screen, show

grants = typer.Typer(help="What an authority may read, of which type, for which item.", no_args_is_help=True)


@grants.command("add")
def grant_add(
    authority: AuthorityOption,
    item: Annotated[str, typer.Option(help="Code of the service item.")],
    type_key: Annotated[str, typer.Option("--type", help="Key of the licence type.")],
    basis: Annotated[str, typer.Option(help="Legal basis.")],
    approver: Annotated[str, typer.Option(help="Who approved it.")],
    path: Annotated[
        list[str] | None, typer.Option(help="Field path to disclose, such as legalRepresentative or holders; repeat.")
    ] = None,
    check: Annotated[
        list[str] | None, typer.Option(help="Field path that may be judged only, never disclosed; repeat.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="Role of parties it reaches besides the applicant; repeat.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD; one year from today without it.")] = None,
    official_duty: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--official-duty", help="Read without the holder's consent, where the type asks for it.")
    ] = False,
    feed: Annotated[bool, typer.Option("--feed", help="Deliver changes, without a case.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Let an authority read fields of a licence type for a service item."""
    with opened() as hub:
        today = hub.settings.calendar.day(hub.clock.now())
        last = date.fromisoformat(until) if until else today + timedelta(days=365)
        made = hub.sharing.add_grant(
            authority, item, type_key, path or (), roles=role or (), legal_basis=basis,
            valid_from=today, valid_until=last, approver=approver, checks=check or (),
            official_duty=official_duty, feed=feed,
        )  # fmt: skip
    screen.print(f"grant: {made}")


@grants.command("list")
def grant_list() -> None:
    """List the grants."""
    with opened() as hub:
        rows = [
            {
                "id": g.id,
                "authority": g.authority,
                "item": g.item,
                "type": g.type_key,
                "until": g.valid_until,
                "state": g.state,
                "version": g.version,
            }
            for g in hub.sharing.grants()
        ]
    show("Grants", rows)


@grants.command("suspend")
def grant_suspend(grant_id: str) -> None:
    """Suspend a grant; reads under it stop at once."""
    with opened() as hub:
        hub.sharing.suspend_grant(grant_id)
    screen.print("Suspended.")


@grants.command("resume")
def grant_resume(grant_id: str) -> None:
    """Put a suspended grant in force again."""
    with opened() as hub:
        hub.sharing.resume_grant(grant_id)
    screen.print("In force again.")


@grants.command("end")
def grant_end(grant_id: str) -> None:
    """End a grant for ever; reads under it stop at once."""
    with opened() as hub:
        hub.sharing.end_grant(grant_id)
    screen.print("Ended.")


def erase(
    code_type: Annotated[
        str, typer.Option(help="Holder code type, such as 111 (citizen number) or 001 (credit code).")
    ],
) -> None:
    """Erase a person everywhere: destroys his data keys and indexes. Asks for his code; it cannot be undone."""
    code = typer.prompt("Code of the person", hide_input=True)
    typer.confirm(
        "All licences, register and case entries of this person become unreadable for ever. Go on?", abort=True
    )
    with opened() as hub:
        erased = hub.sharing.erase_person(code_type, code)
    screen.print(
        f"Erased and recorded: {erased} places at which this person stood."
        if erased
        else "Nothing is kept of this person."
    )
