"""`licence-hub`: commands, thin. Each reads the settings, opens the hub, calls one service and prints what came of it."""

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from hub.app import Hub, create_app, open_hub, schema_text
from hub.database import Database
from hub.demo.asking import ask as ask_demo
from hub.demo.command import DemoOptions, run_demo
from hub.errors import HubError
from hub.settings import Settings, read_settings
from keys.errors import KeysError
from keys.suites import load_public_jwk, load_public_pem

app = typer.Typer(
    help="Licence Hub: sealed licences in, verified licences out. Start with `licence-hub demo`; a deployment starts with "
    "`licence-hub migrate`, then `licence-hub serve`. Settings are HUB_* variables: HUB_PUBLIC_URL, HUB_DATABASE_URL, "
    "HUB_DATA, HUB_PASSPHRASE_FILE.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
screen = Console()
ACTOR = "console"

AuthorityOption = Annotated[str, typer.Option("--authority", "-a", help="18-character credit code of the authority.")]


def group(name: str, about: str) -> typer.Typer:
    """Return a group of commands, added to `licence-hub`."""
    commands = typer.Typer(help=about, no_args_is_help=True)
    app.add_typer(commands, name=name)
    return commands


authorities = group("authority", "Government bodies, known by their credit codes.")
types = group("type", "Licence types: published from files, with this deployment's codes and issuers.")
items = group("item", "Service items that authorities handle.")
clients = group("client", "Department systems that call the hub, and their public keys.")
seals = group("seal", "Electronic seals of authorities.")
grants = group("grant", "What an authority may read, of which type, for which item.")
schema_commands = group("schema", "The GraphQL schema.")
key_commands = group("keys", "The keys under which data is stored.")


def passphrase(settings: Settings) -> bytes:
    """Return the key store's passphrase: from its file, or typed where a person sits at the terminal."""
    if settings.passphrase_file is None and sys.stdin.isatty():
        return getpass.getpass("Passphrase of the key store: ").encode()
    return settings.passphrase()


@contextmanager
def opened() -> Iterator[Hub]:
    """Open the hub that the settings name; close its database at the end."""
    settings = read_settings()
    hub = open_hub(settings, passphrase(settings))
    try:
        yield hub
    finally:
        hub.database.close()


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table, or that there are none."""
    if not rows:
        screen.print(f"{title}: none yet.")
        return
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    screen.print(table)


# -- the hub ---------------------------------------------------------------------------------------------------------


@app.command()
def migrate() -> None:
    """Bring the database's tables to this version; safe to repeat, run it before every start of a new version."""
    database = Database(read_settings().database_url)
    database.migrate()
    screen.print("The tables are those of this version.")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve GraphQL and the machine endpoints; one process. On PostgreSQL start as many as you have cores."""
    settings = read_settings()
    hub = open_hub(settings, passphrase(settings))
    uvicorn.run(create_app(hub), host=host, port=port, access_log=False, log_level="warning", server_header=False)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where the demonstration lives; made anew at every run.")] = Path("demo-data"),
    port: Annotated[int, typer.Option(help="Port to listen on (0 picks a free one).")] = 8000,
    once: Annotated[bool, typer.Option("--once", help="End after the story instead of serving on.")] = False,
) -> None:
    """Build an invented city with 5,000 sealed licences, tell the story over HTTP, and keep serving."""
    run_demo(DemoOptions(folder=folder, port=port, once=once), screen)


@app.command()
def ask(folder: Annotated[Path, typer.Argument(help="Folder of a demonstration that serves.")] = Path("demo-data")) -> None:
    """Send the demonstration's ready query, as its first client would, and print the answer."""
    screen.print_json(data=ask_demo(folder))


@app.command()
def erase(
    code_type: Annotated[str, typer.Option(help="Holder code type, such as 111 (citizen number) or 001 (credit code).")],
) -> None:
    """Erase a person everywhere: destroys his data keys and indexes. Asks for his code; it cannot be undone."""
    code = typer.prompt("Code of the person", hide_input=True)
    typer.confirm("All licences and case entries of this person become unreadable for ever. Go on?", abort=True)
    with opened() as hub:
        erased = hub.erase_person(code_type, code)
    screen.print(f"Erased: {erased} data keys destroyed and recorded.")


@schema_commands.command("export")
def schema_export(
    output: Annotated[Path | None, typer.Option(help="File to write; standard output without it.")] = None,
) -> None:
    """Write the SDL of the shipped licence types."""
    text = schema_text()
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


@key_commands.command("rotate")
def keys_rotate(
    kind: Annotated[str, typer.Argument(help="wrapping (key-encryption key) or index (blind indexes).")],
) -> None:
    """Replace a key of the vault by a job: everything under the old edition moves to the new; safe to repeat after a kill."""
    with opened() as hub, screen.status("Rotating ...") as status:
        done = hub.rotate(kind, lambda done, total: status.update(f"Rotating: {done} of {total}"))
    screen.print(f"Rotated: {done} rows moved to the new edition.")


# -- the catalogue ---------------------------------------------------------------------------------------------------


@authorities.command("add")
def authority_add(
    code: Annotated[str, typer.Argument(help="18-character credit code.")],
    name_zh: Annotated[str, typer.Option(help="Chinese name.")],
    name_en: Annotated[str, typer.Option(help="English name.")],
    division: Annotated[str, typer.Option(help="6-digit division code.")],
    level: Annotated[str, typer.Option(help="NATION, PROVINCE, CITY, COUNTY, TOWNSHIP or VILLAGE.")],
    parent: Annotated[str | None, typer.Option(help="Credit code of the parent authority.")] = None,
) -> None:
    """Add a government body."""
    with opened() as hub:
        hub.catalogue.add_authority(code, name_zh, name_en, division, level, parent)
    screen.print(f"Added {name_zh}.")


@authorities.command("list")
def authority_list() -> None:
    """List the government bodies."""
    with opened() as hub:
        rows = [{"code": each.code, "name": each.name_zh, "level": each.level} for each in hub.catalogue.authorities()]
    show("Authorities", rows)


@items.command("add")
def item_add(
    code: Annotated[str, typer.Argument(help="Code of the item (实施编码).")],
    name_zh: Annotated[str, typer.Option(help="Chinese name.")],
    name_en: Annotated[str, typer.Option(help="English name.")],
    authority: AuthorityOption,
) -> None:
    """Add a service item to the authority that handles it."""
    with opened() as hub:
        hub.catalogue.add_item(code, name_zh, name_en, authority)
    screen.print(f"Added {name_zh}.")


@types.command("publish")
def type_publish(
    file: Annotated[Path | None, typer.Argument(help="Type file (JSON); without one, all shipped types.", exists=True)] = None,
) -> None:
    """Publish a licence type, or all shipped ones; a version that is already published stays as it is."""
    with opened() as hub:
        published = hub.catalogue.publish_shipped() if file is None else [hub.catalogue.publish(json.loads(file.read_bytes()))]
    screen.print(f"Published: {len(published)}.")


@types.command("list")
def type_list() -> None:
    """List the published licence types."""
    with opened() as hub:
        rows = [
            {"key": each.key, "version": each.version, "name": each.name.zh, "class": each.sharing_class.value}
            for each in hub.catalogue.types()
        ]
    show("Licence types", rows)


@types.command("code")
def type_code(
    key: Annotated[str, typer.Argument(help="Key of the type, such as BusinessLicence.")],
    code: Annotated[str, typer.Argument(help="Its 21-character code (GB/T 36904).")],
) -> None:
    """Set the 21-character code under which this deployment issues a type."""
    with opened() as hub:
        hub.catalogue.set_type_code(key, code)
    screen.print(f"{key} is issued under {code}.")


@types.command("allow")
def type_allow(key: Annotated[str, typer.Argument(help="Key of the type.")], authority: AuthorityOption) -> None:
    """Let an authority issue licences of a type."""
    with opened() as hub:
        hub.catalogue.allow_issuing(authority, key)
    screen.print(f"{authority} may issue {key}.")


# -- clients, seals, grants ------------------------------------------------------------------------------------------


@clients.command("add")
def client_add(
    name: Annotated[str, typer.Argument(help="Name of the department's system.")],
    authority: AuthorityOption,
    key: Annotated[Path, typer.Option(help="Its public key: PEM or JWK file.", exists=True)],
    scope: Annotated[list[str], typer.Option(help="licence:read, licence:issue or licence:status; repeat for several.")],
) -> None:
    """Let a department's system call the hub; it authenticates by private_key_jwt with this key."""
    with opened() as hub:
        hub.catalogue.authority(authority)
        jwk = read_public_jwk(key)
        client_id = hub.access.add_client(name, authority, scope, jwk)
    screen.print(f"client_id: {client_id}\nkid: {jwk['kid']}\nissuer (the audience of assertions): {hub.settings.public_url}")


@clients.command("list")
def client_list() -> None:
    """List the client systems."""
    with opened() as hub:
        rows = [{"client_id": c.client_id, "name": c.name, "authority": c.authority, "scopes": " ".join(sorted(c.scopes)), "active": c.active} for c in hub.access.clients()]
    show("Clients", rows)


@clients.command("suspend")
def client_suspend(client_id: str) -> None:
    """Stop a client at once; its tokens end with it."""
    with opened() as hub:
        hub.access.set_active(client_id, active=False)
    screen.print("Suspended; its tokens are refused from now on.")


@clients.command("resume")
def client_resume(client_id: str) -> None:
    """Let a suspended client call again."""
    with opened() as hub:
        hub.access.set_active(client_id, active=True)
    screen.print("Resumed.")


@clients.command("add-key")
def client_add_key(client_id: str, key: Annotated[Path, typer.Argument(help="PEM or JWK file.", exists=True)]) -> None:
    """Add a public key to a client, beside those it has."""
    with opened() as hub:
        kid = hub.access.add_key(client_id, read_public_jwk(key))
    screen.print(f"kid: {kid}")


@clients.command("retire-key")
def client_retire_key(client_id: str, kid: str) -> None:
    """Retire a client's key; never its last one."""
    with opened() as hub:
        hub.access.retire_key(client_id, kid)
    screen.print("Retired.")


@seals.command("make")
def seal_make(
    authority: AuthorityOption,
    name: Annotated[str, typer.Option(help="Name of the seal, as it would be engraved.")],
    suite: Annotated[str, typer.Option(help="ES256, Ed25519 or SM2-SM3.")] = "ES256",
    years: Annotated[int, typer.Option(help="Validity in years.", min=1, max=10)] = 5,
) -> None:
    """Make a seal for an authority: root (once per suite), signer certificate, esID and key; publishes its keys."""
    with opened() as hub:
        made = hub.seals.make(authority, name, suite=suite, years=years)
    screen.print(f"esID: {made.es_id}\nkid: {made.kid}\nkeys: {hub.settings.public_url}/.well-known/jwt-vc-issuer/authorities/{authority}")


@seals.command("rotate")
def seal_rotate(es_id: str) -> None:
    """Give a seal a new key; what the old one sealed stays verifiable."""
    with opened() as hub:
        made = hub.seals.rotate(es_id)
    screen.print(f"kid: {made.kid}")


@grants.command("add")
def grant_add(
    authority: AuthorityOption,
    item: Annotated[str, typer.Option(help="Code of the service item.")],
    type_key: Annotated[str, typer.Option("--type", help="Key of the licence type.")],
    path: Annotated[list[str], typer.Option(help="Field path, such as legalRepresentative or holders; repeat.")],
    basis: Annotated[str, typer.Option(help="Legal basis.")],
    approver: Annotated[str, typer.Option(help="Who approved it.")],
    role: Annotated[list[str] | None, typer.Option(help="Role of parties it reaches besides the applicant; repeat.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD; one year from today without it.")] = None,
) -> None:
    """Let an authority read fields of a licence type for a service item."""
    with opened() as hub:
        today = hub.settings.calendar.day(hub.clock.now())
        last = date.fromisoformat(until) if until else today + timedelta(days=365)
        made = hub.sharing.add_grant(
            authority, item, type_key, path, roles=role or (), legal_basis=basis,
            valid_from=today, valid_until=last, approver=approver,
        )  # fmt: skip
    screen.print(f"grant: {made}")


@grants.command("list")
def grant_list() -> None:
    """List the grants."""
    with opened() as hub:
        rows = [
            {"id": g.id, "authority": g.authority, "item": g.item, "type": g.type_key, "until": g.valid_until, "active": g.active}
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


def read_public_jwk(file: Path) -> dict[str, Any]:
    """Return the public key of a PEM or JWK file as a JWK."""
    content = file.read_bytes()
    key = load_public_pem(content) if content.startswith(b"-----") else load_public_jwk(json.loads(content))
    return {**key.to_jwk(), "kid": key.thumbprint()}


def main() -> None:
    """Run the command line; an expected error is one line with its code, and the exit code 1."""
    try:
        app()
    except (HubError, KeysError) as error:
        screen.print(f"[red]{error.code}[/red] {error}")
        raise SystemExit(1) from None
