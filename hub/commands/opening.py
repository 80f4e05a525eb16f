"""What every command needs: the hub that the settings name, opened and closed, and tables on the screen."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from hub.commands.passphrase import passphrase
from hub.settings import read_settings

if TYPE_CHECKING:
    from hub.app import Offering
    from hub.composition import Hub

# A row of a table is one line where no person reads: in a file or another program, whatever it holds.
UNBROKEN = 10_000

screen = Console(width=None if sys.stdout.isatty() else UNBROKEN)

AuthorityOption = Annotated[str, typer.Option("--authority", "-a", help="18-character credit code of the authority.")]


@contextmanager
def opened() -> Iterator["Hub"]:
    """Open the hub that the settings name; close its database at the end."""
    from hub.composition import open_hub  # noqa: PLC0415 - it takes most of a command's time, and some need none

    settings = read_settings()
    hub = open_hub(settings, passphrase(settings))
    try:
        yield hub
    finally:
        hub.database.close()


def offered_by(hub: "Hub") -> "Offering":
    """Return what a hub offers over GraphQL."""
    from hub.app import Offering  # noqa: PLC0415 - GraphQL and pages take half a second and 25 MB, for few commands only

    return Offering.of(hub)


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table, or that there are none."""
    if not rows:
        screen.print(f"{title}: none yet.")
        return
    table = Table(title=title)
    for place, name in enumerate(rows[0]):
        table.add_column(name, overflow="fold", no_wrap=place == 0)  # the first is what other commands are told
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    screen.print(table)
