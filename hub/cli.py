"""`licence-hub`: commands, thin. Those about one noun are in `hub.commands`; here is the hub as a whole."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.audit import audit
from hub.commands.catalogue import authorities, types
from hub.commands.clients import clients
from hub.commands.consents import consents
from hub.commands.demands import demands, negative_list
from hub.commands.disputes import disputes
from hub.commands.evidence import evidence
from hub.commands.grants import erase, grants
from hub.commands.holders import holders
from hub.commands.importing import imports
from hub.commands.items import items
from hub.commands.keys import keys
from hub.commands.offline_packs import offline_pack
from hub.commands.opening import screen
from hub.commands.registers import registers
from hub.commands.renditions import renditions
from hub.commands.resealing import seals
from hub.commands.serving import serve
from hub.commands.signing_in import init, sign_in, sign_out
from hub.commands.staff import staff
from hub.commands.starting import run
from hub.commands.supervision import supervision
from hub.commands.verifying import verify
from hub.commands.webhooks import webhooks
from hub.commands.work import work
from hub.database import Database
from hub.demo.asking import ask as ask_demo
from hub.demo.asking import holder_token as demo_holder_token
from hub.demo.asking import staff_signs_in
from hub.demo.asking import token as demo_token
from hub.demo.command import DemoOptions, run_demo
from hub.settings import read_settings

app = typer.Typer(
    help="Licence Hub: sealed licences in, verified licences out. Start with `licence-hub demo`; a deployment starts with "
    "`licence-hub migrate`, then `licence-hub serve`. Settings are HUB_* variables: HUB_PUBLIC_URL, HUB_DATABASE_URL, "
    "HUB_DATA, HUB_PASSPHRASE_FILE.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
schema = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)
GROUPS = {
    "authority": authorities, "type": types, "item": items, "client": clients, "seal": seals, "grant": grants,
    "keys": keys, "schema": schema, "import": imports, "staff": staff, "audit": audit, "holder": holders,
    "supervision": supervision, "consent": consents, "demand": demands, "negative-list": negative_list, "register": registers,
    "dispute": disputes, "webhook": webhooks, "rendition": renditions,
}  # fmt: skip
for name, group in GROUPS.items():
    app.add_typer(group, name=name)
for one in (init, sign_in, sign_out):
    app.command()(one)
app.command()(erase)
app.command()(serve)
app.command()(work)
app.command()(evidence)
app.command()(verify)
app.command()(offline_pack)


@app.command()
def migrate() -> None:
    """Bring the database's tables to this version; safe to repeat, run it before every start of a new version."""
    Database(read_settings().database_url).migrate()
    screen.print("The tables are those of this version.")


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Where the demonstration lives; made anew at every run.")
    ] = Path("demo-data"),
    port: Annotated[int, typer.Option(help="Port to listen on (0 picks a free one).")] = 8000,
    once: Annotated[bool, typer.Option("--once", help="End after the story instead of serving on.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Build an invented city with 5,000 sealed licences, tell the story over HTTP, and keep serving."""
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


@schema.command("export")
def schema_export(
    output: Annotated[Path | None, typer.Option(help="File to write; standard output without it.")] = None,
) -> None:
    """Write the SDL of the shipped licence types."""
    from hub.app import schema_text  # noqa: PLC0415 - GraphQL and pages take half a second, for few commands only

    if output is None:
        sys.stdout.write(schema_text())
    else:
        output.write_text(schema_text(), encoding="utf-8")


def main() -> None:
    """Run the command line."""
    run(app)
