"""`licence-hub`: the whole command line. Commands about one noun are in `hub.commands`; here is the demonstration."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.opening import screen
from hub.commands.starting import command_line, run
from hub.commands.table import GROUPS, SINGLE
from hub.demo.asking import ask as ask_demo
from hub.demo.asking import holder_token as demo_holder_token
from hub.demo.asking import staff_signs_in
from hub.demo.asking import token as demo_token

app = command_line(*GROUPS, *SINGLE)


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Where the demonstration lives; made anew at every run.")
    ] = Path("demo-data"),
    port: Annotated[int, typer.Option(help="Port to listen on (0 picks a free one).")] = 8000,
    once: Annotated[bool, typer.Option("--once", help="End after the story instead of serving on.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Build an invented city with 5,000 sealed licences, tell the story over HTTP, and keep serving."""
    from hub.demo.command import DemoOptions, run_demo  # noqa: PLC0415 - it serves, and so takes everything that a server does

    run_demo(DemoOptions(folder=folder, port=port, once=once), screen)


@app.command()
def ask(
    folder: Annotated[Path, typer.Argument(help="Folder of a demonstration that serves.")] = Path("demo-data"),
) -> None:
    """Send the demonstration's ready query, as its first client would, and print the answer."""
    screen.print_json(data=ask_demo(folder))


@app.command()
def token(
    folder: Annotated[Path, typer.Argument(help="Folder of a demonstration that serves.")] = Path("demo-data"),
    holder: Annotated[bool, typer.Option("--holder", help="That of its holder, by its identity platform.")] = False,  # noqa: FBT002 - a flag
    staff: Annotated[str | None, typer.Option(help="What one of its staff types at /sign-in, such as officer.")] = None,
) -> None:
    """Print an access token of the demonstration's first client, to paste into the explorer; or what somebody signs in with."""
    printed = partial(staff_signs_in, login=staff) if staff else demo_holder_token if holder else demo_token
    sys.stdout.write(f"{printed(folder)}\n")


def main() -> None:
    """Run the command line."""
    run(app)
