"""`licence-hub seal reseal`: licences sealed anew after a theft, with progress, rate and a report, and what to do when it stops."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hub.commands.opening import screen
from hub.commands.sealing import seals
from hub.commands.signing_in import signed_in
from hub.composition import Hub
from hub.errors import HubError
from hub.jobs.service import Progress as JobProgress
from hub.licences.resealing import REFUSED, outcome

__all__ = ["seals"]

INTERRUPTED: Final = 130
_SHORTEST: Final = 1e-3  # seconds, so that a job that had nothing to do has a rate


@seals.command("reseal")
def seal_reseal(
    kid: Annotated[
        str, typer.Argument(help="The key whose licences are sealed anew; `licence-hub seal list` shows it.")
    ],
    basis: Annotated[str, typer.Option(help="Legal basis, for the licences' histories.")],
    reason: Annotated[str, typer.Option(help="Why, for the licences' histories.")],
) -> None:
    """Seal every live licence under a key anew, under the authority's present seal; goes on where it stopped."""
    with signed_in() as (hub, staff):
        job = hub.resealing.start(staff, kid, basis, reason)
        screen.print(f"job: {job}")
        before, started = hub.jobs.progress(job), time.monotonic()
        with _telling(hub, job), _bar(before) as told:
            done = hub.resealing.run(job, f"{socket.gethostname()}:{os.getpid()}", told)
        seconds = max(time.monotonic() - started, _SHORTEST)
    _report(done, (done.done - before.done) / seconds)


def _report(done: JobProgress, rate: float) -> None:
    came = outcome(done)
    passed = done.done - came.resealed - came.refused
    screen.print(f"{came.resealed:,} licences sealed anew, {came.refused:,} refused, {rate:,.0f} a second.")
    if came.refused:
        screen.print(
            f"Refused is what the key has not sealed, or another digest holds; each is on record as {REFUSED}."
        )
    if passed:
        screen.print(f"{passed:,} more needed nothing: under another key of the seal, or ended meanwhile.")


@contextmanager
def _bar(before: JobProgress) -> Iterator[Callable[[JobProgress], None]]:
    """Show a progress bar with rate and time left; yields what is called with each progress."""
    columns = (
        TextColumn("Sealing anew"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:,.0f} /s"),
        TextColumn("[red]{task.fields[refused]:,} refused"), TimeRemainingColumn(),
    )  # fmt: skip
    started = time.monotonic()
    with Progress(*columns, console=screen) as progress:
        bar = progress.add_task("", total=before.total or None, completed=before.done, rate=0.0, refused=0)

        def told(now: JobProgress) -> None:
            rate = (now.done - before.done) / max(time.monotonic() - started, _SHORTEST)
            progress.update(bar, completed=now.done, total=now.total or None, rate=rate, refused=outcome(now).refused)

        yield told


@contextmanager
def _telling(hub: Hub, job: str) -> Iterator[None]:
    """Say, when it stops, what is done and how it goes on."""
    try:
        yield
    except (HubError, KeyboardInterrupt) as error:
        try:
            screen.print(f"Stopped. Sealed anew so far: {outcome(hub.jobs.progress(job)).resealed:,} licences.")
        except HubError:  # the database is gone; what it has said before stands
            screen.print("Stopped.")
        screen.print("Each licence is wholly under the old seal or the new one. The same command goes on from there.")
        if isinstance(error, KeyboardInterrupt):
            raise typer.Exit(INTERRUPTED) from None
        raise
