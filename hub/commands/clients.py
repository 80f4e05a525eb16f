"""Commands of access: `licence-hub client`; its documents have a module of their own."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.access.caller import SCOPES
from hub.access.public_keys import read_public_key
from hub.commands.documents import documents
from hub.commands.opening import AuthorityOption, opened, screen, show
from keys.suites import load_public_jwk

clients = typer.Typer(help="Department systems that call the hub, and their public keys.", no_args_is_help=True)
clients.add_typer(documents, name="documents")


@clients.command("add")
def client_add(
    name: Annotated[str, typer.Argument(help="Name of the department's system.")],
    authority: AuthorityOption,
    key: Annotated[Path, typer.Option(help="Its public key: PEM or JWK file.", exists=True)],
    scope: Annotated[
        list[str],
        typer.Option(help=f"What its tokens may ask for: {', '.join(SCOPES)}; repeat for several."),
    ],
) -> None:
    """Let a department's system call the hub; it authenticates by private_key_jwt with this key."""
    with opened() as hub:
        hub.catalogue.authority(authority)
        jwk = read_public_jwk(key)
        client_id = hub.access.add_client(name, authority, scope, jwk)
    screen.print(
        f"client_id: {client_id}\nkid: {jwk['kid']}\nissuer (the audience of assertions): {hub.settings.public_url}"
    )


@clients.command("list")
def client_list() -> None:
    """List the client systems."""
    with opened() as hub:
        rows = [
            {
                "client_id": c.client_id,
                "name": c.name,
                "authority": c.authority,
                "scopes": " ".join(sorted(c.scopes)),
                "active": c.active,
            }
            for c in hub.access.clients()
        ]
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


def read_public_jwk(file: Path) -> dict[str, Any]:
    """Return the public key of a PEM or JWK file as a JWK, by its thumbprint."""
    found = read_public_key(file.read_bytes())
    return {**found, "kid": load_public_jwk(found).thumbprint()}
