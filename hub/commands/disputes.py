"""Commands of disputes: `licence-hub dispute`. What people say is right, and why, is shown to the two sides of a dispute alone, and not here."""

import sys
from typing import Annotated, Any

import orjson
import typer

from hub.commands.opening import opened, show
from hub.composition import Hub
from hub.paging import LARGEST_PAGE, Window
from hub.sharing.forms.disputes import Dispute, Sought
from hub.sharing.forms.steps import State

disputes = typer.Typer(help="Values that applicants say are wrong, and what became of that.", no_args_is_help=True)


@disputes.callback()
def _group() -> None:
    """Keep `list` a command of its own."""


@disputes.command("list")
def dispute_list(
    authority: Annotated[
        str | None, typer.Option("--authority", "-a", help="Only of what this authority said, by its credit code.")
    ] = None,
    state: Annotated[list[State] | None, typer.Option(help="Only in this state; repeat.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only open ones whose last day is over.")] = False,  # noqa: FBT002 - a flag
    last: Annotated[int, typer.Option(min=1, max=LARGEST_PAGE, help="How many, the newest last.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """List disputes in the order in which they were filed: which field of which licence, who answers, until when."""
    sought = Sought(authority, frozenset(state) if state else None, overdue)
    with opened() as hub:
        rows = [_row(hub, one) for one in hub.sharing.forms.source.every(sought, Window(last=last)).items]
    if as_json:
        sys.stdout.write(orjson.dumps(rows).decode() + "\n")
    else:
        show("Disputes", rows)


def _row(hub: Hub, one: Dispute) -> dict[str, Any]:
    return {
        "id": one.id, "state": one.state.value, "overdue": one.overdue, "due": one.due.isoformat(),
        "filed": hub.settings.calendar.day(one.filed_at).isoformat(), "source": one.source_authority,
        "type": one.type_key, "licence": one.source, "path": one.path, "by": one.authority or "holder",
        "correction": one.correction,
    }  # fmt: skip
