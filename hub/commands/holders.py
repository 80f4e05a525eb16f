"""Commands about holders: `licence-hub holder`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.access.holders.refusals import HolderKeysUnavailableError, HolderTokenInvalidError
from hub.access.holders.service import keys_of
from hub.access.holders.tokens import LONGEST, HolderTokens
from hub.access.published_tokens import UnknownKeyError
from hub.commands.opening import screen
from hub.errors import SettingsError
from hub.fetching import FetchError
from hub.settings import read_settings
from keys.errors import KeysError

holders = typer.Typer(help="Holders, who sign in with tokens of the identity platform.", no_args_is_help=True)


@holders.command("check-platform")
def check_platform(
    token: Annotated[
        Path | None, typer.Option(help="File with a token to try (- is standard input); whose it is is not shown.")
    ] = None,
) -> None:
    """Fetch the identity platform's keys as the settings say, and try a token on them; needs no database."""
    platform = read_settings().platform
    if platform is None:
        raise SettingsError(
            "This hub has no identity platform: set HUB_HOLDER_ISSUER, HUB_HOLDER_AUDIENCE and HUB_HOLDER_JWKS."
        )
    try:
        keys = keys_of(platform).fetched().keys
    except (FetchError, OSError, KeysError) as error:
        why = str(error) if isinstance(error, FetchError | KeysError) else type(error).__name__
        raise HolderKeysUnavailableError(f"The keys cannot be had: {why}.") from error
    screen.print(f"issuer: {platform.issuer}\naudience: {platform.audience}\nkeys: {len(keys)}")
    for kid, key in keys.items():
        screen.print(f"  {kid}: {', '.join(sorted(key.algorithms))}", highlight=False)
    if token is not None:
        text = (sys.stdin.read(LONGEST + 1) if str(token) == "-" else token.read_text("utf-8")).strip()
        try:
            found = HolderTokens(platform).read(text, keys, datetime.now(UTC).timestamp())
        except UnknownKeyError as error:
            raise HolderTokenInvalidError("None of the published keys signed this token.") from error
        until = datetime.fromtimestamp(found.good_until, UTC).isoformat(timespec="seconds")
        screen.print(f"token: good until {until}, for a code of type {found.code_type}")
