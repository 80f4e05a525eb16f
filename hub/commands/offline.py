"""Verifying a sealed file where there is no hub: by a trust list and the keys of its hub, which somebody fetched before.

Decides what is believed: a list that one of the given keys signed and that speaks for now, and nothing else. It reads no setting, opens no
database and asks no network, so that a counter that is cut off, or a court years later, gets the answer that the hub would give.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.clock import SystemClock
from hub.commands.opening import screen
from hub.commands.whole_files import read_small
from hub.errors import InputInvalidError
from hub.seals.file_forms import form_in
from keys import strict_json, trust_list
from keys.digests import Digests
from keys.report import Report
from keys.timestamp_trust import Authorities

TrustListOption = Annotated[
    Path | None,
    typer.Option(help="Verify without a hub: its trust list, as it was fetched.", exists=True, dir_okay=False),
]
TrustKeyOption = Annotated[
    Path | None,
    typer.Option(help="The hub's keys (its jwks.json), got by a second way.", exists=True, dir_okay=False),
]
TimestampRootsOption = Annotated[
    Path | None,
    typer.Option(help="Roots (PEM) of the timestamp authorities that you believe.", exists=True, dir_okay=False),
]


def verify_offline(
    signature: bytes, digests: Digests, listed: Path | None, hub_keys: Path | None, timestamp_roots: Path | None
) -> Report:
    """Examine a detached signature of a document, given by its digests, as of now, by a trust list alone.

    Raises:
        InputInvalidError: a file is missing, cannot be read, or is not what it must be.
        FormatError: this is no signature at all, or no trust list.
        VerificationError, UncheckableError: the list is not the hub's, or not of now.
    """
    if listed is None or hub_keys is None:
        raise InputInvalidError(
            "Give --trust-list and --trust-key, both: without the hub's keys its list proves nothing."
        )
    keys = keys_in(hub_keys)
    now = SystemClock().now()
    found = trust_list.read(read_small(listed, trust_list.MOST_BYTES), keys, now)
    edition = found.edition
    told = f"By trust list {edition.sequence} of {edition.issuer}, which holds until {edition.next_update:%Y-%m-%d %H:%M:%S}Z."
    screen.print(told, markup=False, highlight=False)
    authorities = Authorities.load(read_small(timestamp_roots)) if timestamp_roots else None
    return form_in(signature).verify(signature, digests, found.seal_trust(authorities), now, existed_at=None)


def keys_in(file: Path) -> list[dict[str, Any]]:
    """Return the keys of a hub from its JWK Set; raises InputInvalidError, FormatError."""
    keys = strict_json.loads_object(read_small(file)).get("keys")
    if not isinstance(keys, list) or not all(isinstance(each, dict) for each in keys):
        raise InputInvalidError(f"{file} is no JWK Set; take the hub's /.well-known/jwks.json.")
    return keys
