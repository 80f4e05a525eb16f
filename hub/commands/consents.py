"""Commands of consents: `licence-hub consent list`."""

import typer

from hub.commands.opening import AuthorityOption, opened, show

consents = typer.Typer(help="What holders let authorities read, case by case.", no_args_is_help=True)


@consents.command("list")
def consent_list(authority: AuthorityOption) -> None:
    """List the consents given to an authority; neither persons nor cases are shown."""
    with opened() as hub:
        now, calendar = hub.clock.now(), hub.settings.calendar
        rows = [
            {
                "id": each.id,
                "item": each.terms.item,
                "types": " ".join(each.terms.types),
                "given": calendar.day(each.given_at),
                "until": calendar.day(each.terms.expires_at),
                "in force": each.in_force(now),
                "record": each.record,
            }
            for each in hub.sharing.consents.of_authority(authority)
        ]
    show("Consents", rows)
