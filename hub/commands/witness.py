"""`licence-hub audit witness`: countersign a log's checkpoints from another machine, which needs nothing of the hub but its address and key."""

import time
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer

from hub.audit.following import LARGEST_ANSWER, Fetch, Follower
from hub.audit.refusals import LogUnreachableError
from hub.audit.witnessing import Witness
from hub.clock import SystemClock
from hub.commands.opening import screen
from hub.settings import read_verifiers
from keys.signed_note import ED25519_SIGNATURE

SECONDS: Final = 30
_HandIn = Annotated[bool, typer.Option("--hand-in", help="Hand it in to the hub, whose HUB_LOG_WITNESSES names you.")]


def witness(
    address: Annotated[str, typer.Argument(help="The log's address: the hub's public URL and /log.")],
    key: Annotated[
        Path, typer.Option(help="File with the log's verifier keys (from /.well-known/licence-hub/log-keys, compared).")
    ],
    name: Annotated[str, typer.Option(help="The witness's name, such as witness.example.org/one.")],
    folder: Annotated[Path, typer.Option(help="Where the witness keeps his key and what he has seen.")] = Path(
        "witness"
    ),
    output: Annotated[Path | None, typer.Option(help="Write the countersigned checkpoint to this file.")] = None,
    hand_in: _HandIn = False,  # noqa: FBT002 - a flag
    every: Annotated[int | None, typer.Option(min=1, help="Look again every so many seconds; once without it.")] = None,
) -> None:
    """See whether the log only grew, and countersign its newest checkpoint. Ends with code 1 when it did not."""
    one = Witness(folder, name, SystemClock())
    screen.print(f"witness: {one.verifier.to_text()}", soft_wrap=True)
    logs = read_verifiers(key, ED25519_SIGNATURE)
    with httpx.Client(base_url=address.rstrip("/") + "/", timeout=SECONDS) as http:
        follower = Follower(fetching(http), logs)
        while True:
            seen = one.look(follower)
            if output is not None:
                output.write_text(seen.note, encoding="utf-8")
            if hand_in:
                answered(http, "POST", "cosignatures", seen.note.encode())
            screen.print(f"countersigned: {seen.size} leaves, {seen.size - seen.before} more than before")
            if every is None:
                return
            time.sleep(every)


def fetching(http: httpx.Client) -> Fetch:
    """Return what fetches from a log."""
    return lambda path: answered(http, "GET", path)


def answered(http: httpx.Client, method: str, path: str, body: bytes | None = None) -> bytes:
    """Return the answer to a request.

    Raises:
        LogUnreachableError: there is none, or it says no.
    """
    try:
        response = http.request(method, path, content=body)
    except httpx.HTTPError as error:
        raise LogUnreachableError from error
    if response.status_code != httpx.codes.OK or len(response.content) > LARGEST_ANSWER:
        raise LogUnreachableError(f"The log answered {response.status_code}.")
    return response.content
