"""How a command line is run, and how what it refuses is told; and how one command is run without the others, whose parts would be time and memory."""

from importlib import import_module
from typing import Any

import typer

from hub.commands.table import GROUPS, HIDDEN, SINGLE, Place
from hub.errors import HubError
from keys.errors import KeysError

ABOUT = (
    "Licence Hub: sealed licences in, verified licences out. Start with `licence-hub demo`; a deployment starts with "
    "`licence-hub migrate`, then `licence-hub serve`. Settings are HUB_* variables: HUB_PUBLIC_URL, HUB_DATABASE_URL, "
    "HUB_DATA, HUB_PASSPHRASE_FILE."
)


def run(commands: typer.Typer) -> None:
    """Run a command line; an expected error is one line with its code, and the exit code 1."""
    try:
        commands()
    except (HubError, KeysError) as error:
        typer.echo(f"{typer.style(error.code, fg=typer.colors.RED)} {error}")
        raise SystemExit(1) from None


def command_line(*names: str) -> typer.Typer:
    """Return a command line that knows these commands, by their names as among all."""
    commands = typer.Typer(help=ABOUT, no_args_is_help=True, pretty_exceptions_enable=False)
    commands.callback()(lambda: None)  # without one the name of an only command would be an argument
    for name in names:
        if name in GROUPS:
            commands.add_typer(_at(GROUPS[name]), name=name)
        else:
            commands.command(name)(_at({**SINGLE, **HIDDEN}[name]))
    return commands


def _at(place: Place) -> Any:
    """Return what is at a place."""
    return getattr(import_module(place.module), place.name)
