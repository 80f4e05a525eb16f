"""How a command line is run, and how what it refuses is told. One that runs on is run without the others, whose parts would be memory to its end."""

from collections.abc import Callable

import typer

from hub.errors import HubError
from keys.errors import KeysError


def run(commands: typer.Typer) -> None:
    """Run a command line; an expected error is one line with its code, and the exit code 1."""
    try:
        commands()
    except (HubError, KeysError) as error:
        typer.echo(f"{typer.style(error.code, fg=typer.colors.RED)} {error}")
        raise SystemExit(1) from None


def alone(command: Callable[..., None]) -> typer.Typer:
    """Return a command line that knows one command, by its name as among the others."""
    commands = typer.Typer(pretty_exceptions_enable=False)
    commands.callback()(lambda: None)  # without one the name would be an argument
    commands.command()(command)
    return commands
