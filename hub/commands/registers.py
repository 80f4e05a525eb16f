"""Commands of the registers: `licence-hub register`. No name and no code of a person is typed or shown: files hold them, figures do not."""

import csv
import hashlib
import io
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn

from hub.catalogue.registers import REGISTERS
from hub.commands.opening import AuthorityOption, opened, screen, show
from hub.commands.whole_files import SHARED, written
from hub.errors import InputInvalidError
from hub.identities.importing.service import RegisterProgress, Rejected, Wanted
from hub.tabular.formats import FORMATS, format_of
from hub.tabular.rows import Options

SOME_REFUSED = 3

registers = typer.Typer(
    help=f"The registers ({', '.join(REGISTERS)}): who feeds them, files fed into them, how much they hold.",
    no_args_is_help=True,
)
RegisterOption = Annotated[str, typer.Option("--register", "-r", help=f"{' or '.join(REGISTERS)}.")]
JobArgument = Annotated[str, typer.Argument(help="The job's id; `licence-hub register jobs` lists them.")]


@registers.command("allow")
def register_allow(register: RegisterOption, authority: AuthorityOption) -> None:
    """Make an authority a source of a register: its systems (scope register:feed) and files feed it from now on."""
    with opened() as hub:
        hub.catalogue.allow_feeding(authority, register)
    screen.print("Allowed.")


@registers.command("end")
def register_end(register: RegisterOption, authority: AuthorityOption) -> None:
    """Let an authority feed a register no more; what it said stays."""
    with opened() as hub:
        hub.catalogue.end_feeding(authority, register)
    screen.print("Ended; what it said stays.")


@registers.command("import")
def register_import(
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    register: RegisterOption,
    authority: AuthorityOption,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The time for which the file says so, such as 2026-11-26T08:00:00+08:00; else its column asOf does.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; without it, as the file's name says.")] = None,
    encoding: Annotated[str | None, typer.Option(help="utf-8, utf-16 or gb18030; found out without it.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="What parts the cells of a CSV file; found out without it.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Name of the worksheet.")] = None,
    only_known: Annotated[bool, typer.Option("--only-known", help="Leave out columns that no field has.")] = False,  # noqa: FBT002 - a flag
) -> None:  # fmt: skip
    """Feed a file. Run the same again after a stop, and it goes on. Ends with 0 if every row was taken, with 3 if some were refused."""
    with opened() as hub, file.open("rb") as source:
        options = Options(encoding, delimiter, sheet)
        wanted = Wanted(authority, register, _instant(as_of), format_of(source, file.name, kind), options, only_known)
        imports = hub.register_imports
        imports.check(wanted, source)
        source.seek(0)
        job = imports.enrol(wanted, hashlib.file_digest(source, "sha256").digest())
        screen.print(f"job: {job}")
        with _bar() as told:
            progress = imports.run(job, f"{socket.gethostname()}:{os.getpid()}", wanted, source, told)
    for outcome, count in sorted(progress.outcomes.items()):
        screen.print(f"{outcome.lower()}: {count:,}")
    if progress.bad:
        screen.print(f"What is wrong with them: licence-hub register rejects {job}")
    raise typer.Exit(SOME_REFUSED if progress.bad else 0)


@registers.command("jobs")
def register_jobs() -> None:
    """List the imports, the newest first."""
    with opened() as hub:
        rows = [
            {
                "job": one.id, "register": one.register, "authority": one.authority, "state": one.state.value,
                "taken": one.good, "refused": one.bad, "read": f"{100 * one.read // one.amount}%" if one.amount else "",
            }
            for one in hub.register_imports.all()
        ]  # fmt: skip
    show("Imports into registers", rows)


@registers.command("rejects")
def register_rejects(
    job: JobArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output without it.")
    ] = None,
) -> None:
    """Write which rows of a file were refused and why, as CSV without any value: the row's number leads back to the file."""
    with opened() as hub:
        lines = _report(hub.register_imports.rejects(job))
        if output is None:
            sys.stdout.writelines(lines)
            return
        with written(output, SHARED) as sink:
            sink.writelines(line.encode() for line in lines)


@registers.command("show")
def register_show() -> None:
    """Show the sources of each register, how much each has said, and as of when."""
    with opened() as hub:
        said = {(each.register, each.authority): each for each in hub.identities.figures()}
        sources = {(register, authority) for authority, register in hub.catalogue.current.feeding_rights}
        rows = [
            {
                "register": register, "authority": authority, "may feed": (register, authority) in sources,
                "entries": found.entries if (found := said.get((register, authority))) else 0,
                "oldest as of": found.oldest.isoformat() if found else "",
                "newest as of": found.newest.isoformat() if found else "",
            }
            for register, authority in sorted(sources | said.keys())
        ]  # fmt: skip
    show("Registers", rows)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InputInvalidError("--as-of is a time with its offset, such as 2026-11-26T08:00:00+08:00.")
    return found


def _report(rejects: Iterator[Rejected]) -> Iterator[str]:
    yield _line("row", "field", "reason")
    for one in rejects:
        for fault in one.faults:
            yield _line(
                one.number, fault.pointer.removeprefix("/"),
                f"{fault.field_zh}{fault.reason_zh} · {fault.field_en} {fault.reason_en}",
            )  # fmt: skip


def _line(*cells: object) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


@contextmanager
def _bar() -> Iterator[Any]:
    """Show how much of the file is done; yields what is called with each progress."""
    columns = (
        BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("[red]{task.fields[bad]:,} refused"),
    )  # fmt: skip
    with Progress(*columns, console=screen) as progress:
        task = progress.add_task("", total=None, rows=0, bad=0)

        def told(now: RegisterProgress) -> None:
            progress.update(task, total=now.amount or None, completed=now.read, rows=now.done, bad=now.bad)

        yield told
