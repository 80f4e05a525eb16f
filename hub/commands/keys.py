"""Commands of the keys under which data is stored, and of the token that holds seals' keys: `licence-hub keys`."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.progress import Progress

from hub.commands.opening import opened, screen
from hub.commands.passphrase import passphrase
from hub.errors import SettingsError
from hub.rotating import rotate
from hub.settings import read_settings
from keys.pkcs11_token import HardwareToken
from keys.store import KeyStore

keys = typer.Typer(help="The keys under which data is stored, and the token.", no_args_is_help=True)


class Kind(StrEnum):
    """The vault's two keys."""

    WRAPPING = "wrapping"
    INDEX = "index"


@keys.command("rotate")
def keys_rotate(
    kind: Annotated[Kind, typer.Argument(help="wrapping (wraps the data keys) or index (keys the blind indexes).")],
) -> None:
    """Replace a key of the vault by a job: all that is under the old edition moves to the new; run again after a kill."""
    with opened() as hub, Progress(console=screen) as progress:
        bar = progress.add_task(f"Rotating {kind}", total=None)
        rotated = rotate(hub, kind, lambda now: progress.update(bar, completed=now.done, total=now.total or None))
    screen.print(f"Rotated: {rotated.done} rows moved to the new edition.")


@keys.command("token")
def keys_token() -> None:
    """Log in to the token of the settings and tell what is there: its name, serial number, suites, how many keys."""
    access = read_settings().token_access()
    if access is None:
        raise SettingsError("This hub has no token: set HUB_PKCS11_MODULE, HUB_PKCS11_TOKEN and HUB_PKCS11_PIN_FILE.")
    facts = HardwareToken(access).facts()
    screen.print(
        f"token: {facts.label}\nserial: {facts.serial}\nsuites: {', '.join(facts.suites)}\nprivate keys: {facts.keys}"
    )


@keys.command("passphrase")
def keys_passphrase() -> None:
    """Change the passphrase of the key store; asks for both. The hub reads the new one at its next start."""
    settings = read_settings()
    old = passphrase(settings)
    new = typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True).encode()
    KeyStore.open(settings.key_store, old).change_passphrase(old, new)
    screen.print("Changed. Put the new passphrase into its file before the next start.")
