"""Commands of imports: `licence-hub import`. The file comes first; words such as `jobs` in its place are other commands."""

import hashlib
import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from io import BufferedReader
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.progress import BarColumn, Progress, TextColumn
from typer.core import TyperGroup
from typing_extensions import override

from hub.commands.opening import AuthorityOption, opened, screen, show
from hub.commands.report import print_report
from hub.commands.whole_files import PRIVATE, written
from hub.composition import Hub
from hub.errors import HubError, InputInvalidError
from hub.jobs.service import JobState
from hub.licences.importing.importer import COMMAND
from hub.licences.importing.plans import Plan
from hub.licences.importing.progress import ImportProgress, Tally
from hub.licences.importing.sealing import Order
from hub.tabular.formats import FORMATS, format_of
from hub.tabular.rows import Options

SOME_REJECTED = 3
INTERRUPTED = 130


class FileFirst(TyperGroup):
    """A group whose first word may be a file: then the command is `file`."""

    first = "file"

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in front of a file, or of options that come before it."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = [self.first, *args]
        return super().parse_args(ctx, args)


_KEPT = "What an import rejected is in the hub: licence-hub import rejects JOB."
imports = typer.Typer(
    cls=FileFirst,
    help="Take licences in from a file: `licence-hub import FILE --type TYPE --authority CODE`. CSV, JSON Lines, XLSX and "
    "Parquet. Good rows are sealed and stored, bad ones are kept to be mended and fed again. Running the same command again "
    "after a stop goes on where it stopped.",
    no_args_is_help=True,
)

JobArgument = Annotated[str, typer.Argument(help="The job's id; `licence-hub import jobs` lists them.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write, for you alone; standard output without it.")
]


@imports.command("file")
def import_file(
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    type_key: Annotated[str, typer.Option("--type", help="Key of the licence type.")],
    authority: AuthorityOption,
    mapping: Annotated[
        str | None, typer.Option("--map", help="Which column fills which field: a JSON file, or the JSON itself. Without it, as the columns' names say.")
    ] = None,
    basis: Annotated[str | None, typer.Option(help="Legal basis of every row that names none.")] = None,
    reason: Annotated[str | None, typer.Option(help="Reason of every row that names none.")] = None,
    kind: Annotated[str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; without it, as the file's name says.")] = None,
    encoding: Annotated[str | None, typer.Option(help="utf-8, utf-16 or gb18030; found out without it.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="What parts the cells of a CSV file; found out without it.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Name of the worksheet.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, max=64, help="Processes that seal; as many as cores without it.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Also write the bad rows into this file, sealed; `import mend` opens it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge every row, seal and store nothing.")] = False,  # noqa: FBT002 - a flag
    again: Annotated[bool, typer.Option("--again", help="Import the file though it was imported before.")] = False,  # noqa: FBT002 - a flag
) -> None:  # fmt: skip
    """Import a file. Ends with 0 if every row is good, with 3 if some were rejected."""
    words = {"$legalBasis": basis, "$reason": reason}
    defaults = {path: text for path, text in words.items() if text is not None}
    writing = nullcontext() if rejects is None else written(rejects, PRIVATE, hint=_KEPT)
    with opened() as hub, file.open("rb") as source, writing as sink:
        chosen = format_of(source, file.name, kind)
        plan = Plan(type_key, chosen, _map(mapping), defaults, Options(encoding, delimiter, sheet))
        run = rehearsed if dry_run else imported
        progress, tally = run(hub, authority, plan, source, sink, workers, again=again)
    print_report(screen, progress, tally)
    raise typer.Exit(SOME_REJECTED if progress.bad else 0)


Outcome = tuple[ImportProgress, Tally]


def imported(
    hub: Hub,
    authority: str,
    plan: Plan,
    source: BufferedReader,
    sink: BinaryIO | None,
    workers: int | None,
    *,
    again: bool,
) -> Outcome:
    """Import a file by a job, and write its rejects into the sink."""
    hub.imports.importer.check(plan, source)
    job_id = hub.imports.enrol(authority, plan, hashlib.file_digest(_begun(source), "sha256").digest(), again=again)
    screen.print(f"job: {job_id}")
    worker = f"{socket.gethostname()}:{os.getpid()}"
    tally = Tally()
    with telling(hub, job_id), bar() as show_progress:

        def told(progress: ImportProgress, counted: Tally) -> None:
            nonlocal tally
            tally = counted
            show_progress(progress)

        progress = hub.imports.run(job_id, worker, told, source=source, workers=workers)
    if sink is not None:
        sink.writelines(hub.imports.sealed_file(job_id))
    return progress, tally


def rehearsed(
    hub: Hub,
    authority: str,
    plan: Plan,
    source: BufferedReader,
    sink: BinaryIO | None,
    workers: int | None,
    *,
    again: bool,
) -> Outcome:
    """Judge a file without a job, and write what would be rejected into the sink."""
    del again
    imports, key = hub.imports, None
    table = imports.importer.check(plan, source)
    if sink is not None:
        key, _ = hub.vault.make_key()
    order = Order(plan, authority, COMMAND, "", dry_run=True, columns=table.columns, key=key)
    if sink is not None and key is not None:
        sink.write(imports.files.header(order, key, kept=False))
    tally = Tally()
    with bar() as show_progress:

        def told(progress: ImportProgress, counted: Tally) -> None:
            nonlocal tally
            tally = counted
            show_progress(progress)

        def keep(bad: Any) -> None:
            if sink is not None:
                sink.write(imports.files.dry_line(bad))

        progress = imports.importer.rehearse(order, source, told, keep, workers=workers)
    return progress, tally


@imports.command("jobs")
def import_jobs(
    authority: Annotated[str | None, typer.Option("--authority", "-a", help="Only this authority's.")] = None,
) -> None:
    """List the imports, newest first."""
    with opened() as hub:
        rows = [
            {
                "job": one.id, "type": one.type_key, "authority": one.authority,
                "state": f"{one.state} {one.error or ''}".strip(), "dry run": one.dry_run, "good": one.good, "bad": one.bad,
                "read": f"{100 * one.read // one.amount}%" if one.amount else "",
            }
            for one in hub.imports.register.all(authority)
        ]  # fmt: skip
    show("Imports", rows)


@imports.command("rejects")
def import_rejects(job: JobArgument, output: OutputOption = None) -> None:
    """Write the rejected rows of an import as a file to be mended and fed again; it holds personal data, delete it when done."""
    with opened() as hub:
        _, content = hub.imports.mendable(job)
        _write(output, content)


@imports.command("mend")
def import_mend(
    file: Annotated[Path, typer.Argument(help="A sealed file that `--rejects` wrote.", exists=True, dir_okay=False)],
    output: OutputOption = None,
) -> None:
    """Open a sealed file of rejected rows, to be mended and fed again; what comes out holds personal data, delete it when done."""
    with opened() as hub, file.open("rb") as lines:
        _write(output, hub.imports.mend(iter(lines)))


@imports.command("cancel")
def import_cancel(job: JobArgument) -> None:
    """End an import; what it stored stands. The same command for the same file would go on with it."""
    with opened() as hub:
        hub.imports.register.cancel(job, COMMAND)
    screen.print("Cancelled; what was stored stands.")


# -- what the commands share -----------------------------------------------------------------------------------------


def _map(given: str | None) -> Any:
    if given is None:
        return None
    try:
        return json.loads(given if given.lstrip().startswith("{") else Path(given).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputInvalidError("--map must be a JSON file, or a JSON object.") from error


def _begun(source: BufferedReader) -> BufferedReader:
    source.seek(0)
    return source


def _write(path: Path | None, content: Iterable[bytes]) -> None:
    if path is None:
        typer.get_binary_stream("stdout").writelines(content)
        return
    with written(path, PRIVATE, hint=_KEPT) as sink:
        sink.writelines(content)


@contextmanager
def telling(hub: Hub, job_id: str) -> Iterator[None]:
    """Say, when an import stops, what is kept and how it goes on."""
    try:
        yield
    except (HubError, KeyboardInterrupt) as error:
        try:
            found = hub.imports.register.progress(job_id)
        except HubError:  # the database is gone; what it has said before stands
            found = None
        if found is not None and found.state is not JobState.FINISHED:
            screen.print(f"Stopped. Kept so far: {found.good} licences, {found.bad} rejected rows of job {job_id}.")
        screen.print("Nothing is doubled: run the same command again, and it goes on behind the last row that is kept.")
        if isinstance(error, KeyboardInterrupt):
            raise typer.Exit(INTERRUPTED) from None
        raise


@contextmanager
def bar() -> Iterator[Any]:
    """Show a progress bar with rows, rate and time left; yields what is called with each progress."""
    columns = (
        BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("[green]{task.fields[good]:,} good"), TextColumn("[red]{task.fields[bad]:,} bad"),
        TextColumn("{task.fields[rate]:,.0f} /s"), TextColumn("{task.fields[left]}"),
    )  # fmt: skip
    with Progress(*columns, console=screen) as progress:
        task = progress.add_task("", total=None, rows=0, good=0, bad=0, rate=0.0, left="")

        def told(now: ImportProgress) -> None:
            left = now.seconds_left
            progress.update(
                task, total=now.amount or None, completed=now.read, rows=now.done, good=now.good, bad=now.bad,
                rate=now.rate, left="" if left is None else f"{left // 60}:{left % 60:02d} left",
            )  # fmt: skip

        yield told
