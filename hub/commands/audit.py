"""Commands of the audit: `licence-hub audit`. They open a hub as it is: what is verified must not be prepared, or refused, before.

Nothing is written but by `accept-loss` and `rotate-key`, both on record, and by `reindex`, which derives what searches go along.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import Progress

from hub.audit.verifying import Report, Told
from hub.clock import SystemClock
from hub.commands.opening import opened, screen
from hub.commands.passphrase import passphrase
from hub.commands.whole_files import read_small
from hub.commands.witness import witness
from hub.composition import Hub, compose
from hub.opening import check_tables, open_store
from hub.settings import read_settings

audit = typer.Typer(help="The transparency log: verify it, witness it, go on after a loss.", no_args_is_help=True)
audit.command("witness")(witness)
_NO = 1


@contextmanager
def as_it_is() -> Iterator[Hub]:
    """Compose the hub that the settings name, without preparing or checking anything."""
    settings = read_settings()
    check_tables(settings)
    hub = compose(settings, open_store(settings, passphrase(settings)), SystemClock())
    try:
        yield hub
    finally:
        hub.database.close()


@audit.command("verify")
def audit_verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint that was seen elsewhere, such as a witness's; may come again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Recompute the whole log, and compare records and rows with it; ends with code 1 and the first that was changed behind the hub's back."""
    seen = {str(path): read_small(path).decode("utf-8", errors="replace") for path in checkpoint or ()}
    with as_it_is() as hub:
        if as_json:
            report = hub.log.verify(seen)
            typer.echo(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode())
        else:
            with Progress(console=screen, transient=True) as bar:
                report = hub.log.verify(seen, _progress(bar))
            _tell(report)
    if report.wrong:
        raise typer.Exit(_NO)


def _progress(bar: Progress) -> Told:
    task = bar.add_task("records", total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _tell(report: Report) -> None:
    """Say what came of it, in both languages."""
    verdict = "不一致 · not intact" if report.wrong else "一致 · intact"
    screen.print(
        f"{verdict}: {report.records} records in the log, {report.waiting} on their way, {report.rows} rows; {report.rate:.0f} records/s"
    )
    for source in report.checkpoints:
        screen.print(f"checkpoint: {source}", soft_wrap=True)
    for place, finding in enumerate(report.findings, 1):
        screen.print(f"{place}. {finding}", soft_wrap=True, markup=False)
    if report.wrong > len(report.findings):
        screen.print(f"and {report.wrong - len(report.findings)} more")


@audit.command("accept-loss")
def audit_accept_loss(
    reason: Annotated[str, typer.Option(help="What happened; it is recorded and names no person.")],
) -> None:
    """Go on with a database that is behind the checkpoint kept outside it, or another one, because the right one is lost for good."""
    with as_it_is() as hub:
        hub.log.prepare()
        lost = hub.log.accept_loss(reason)
    if lost is None:
        screen.print("Nothing is lost: the log continues the checkpoint that was kept.")
    else:
        screen.print(
            f"Accepted, on record: the log no longer continues its checkpoint of {lost.size} leaves. Tell auditors and witnesses."
        )


@audit.command("rotate-key")
def audit_rotate_key() -> None:
    """Make a new key for the log; checkpoints are signed by it and by the one before, and older ones stay verifiable."""
    with opened() as hub:
        number = hub.log.rotate_key()
        screen.print(f"Key {number}: {hub.log.published.verifier_keys()[0]}", soft_wrap=True)
    screen.print("Give it to witnesses and auditors; it signs from the next record on.")


@audit.command("reindex")
def audit_reindex() -> None:
    """Make what auditors find records by again, from the records; nothing else changes."""
    with opened() as hub:
        hub.log.integrate()
        count = hub.supervision.find_again()
    screen.print(f"{count} records can be found again.")
