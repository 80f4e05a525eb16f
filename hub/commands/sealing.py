"""Commands that use seals: files under a seal, and licences sealed anew after a theft. Each use is some signed-in person's."""

import os
import socket
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hub.commands.opening import opened, screen, show
from hub.commands.seals import seals
from hub.commands.signing_in import signed_in
from hub.licences.resealing import REFUSED
from hub.seals.files import Sealed
from keys.report import Result

__all__ = ["seals"]

FileArgument = Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)]
EsIdOption = Annotated[str, typer.Option("--seal", help="esID of the seal.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why the seal is used; it is recorded.")]
SignatureOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write; beside the file without it.")
]


@seals.command("sign")
def seal_sign(file: FileArgument, es_id: EsIdOption, reason: WhyOption, output: SignatureOption = None) -> None:
    """Seal a file: a detached SES_Signature (SM2-SM3) or CMS (ES256) beside it; the use is on record first."""
    with signed_in() as (hub, staff):
        sealed = hub.file_sealing.sign(staff, es_id, file.read_bytes(), reason)
    _write(sealed, output or file.with_name(file.name + sealed.form.suffix))


@seals.command("prepare")
def seal_prepare(
    file: FileArgument,
    es_id: EsIdOption,
    output: Annotated[Path, typer.Argument(help="File to write: what is to be signed.")],
) -> None:
    """Write what the key of a seal, which its owner keeps himself, is to sign (DER signature over these bytes)."""
    with opened() as hub:
        output.write_bytes(hub.file_sealing.prepare(es_id, file.read_bytes()))
    screen.print(
        f"Sign {output} with the seal's key, then: licence-hub seal complete {file} --seal {es_id} --prepared {output} --value VALUE"
    )


@seals.command("complete")
def seal_complete(
    file: FileArgument,
    es_id: EsIdOption,
    reason: WhyOption,
    prepared: Annotated[Path, typer.Option(help="What `prepare` wrote.", exists=True)],
    value: Annotated[Path, typer.Option(help="The key's signature of it, DER.", exists=True)],
    output: SignatureOption = None,
) -> None:
    """Make the detached signature of what the owner's key signed elsewhere."""
    with signed_in() as (hub, staff):
        sealed = hub.file_sealing.complete(
            staff, es_id, prepared.read_bytes(), value.read_bytes(), file.read_bytes(), reason
        )
    _write(sealed, output or file.with_name(file.name + sealed.form.suffix))


@seals.command("verify")
def seal_verify(
    file: FileArgument, signature: Annotated[Path, typer.Argument(help="The detached signature.", exists=True)]
) -> None:
    """Check a sealed file, step by step; ends with 0 only if every check passed."""
    with opened() as hub:
        report = hub.file_sealing.verify(signature.read_bytes(), file.read_bytes())
    show("Checks", [
        {"check": each.name, "outcome": each.outcome.value, "why": each.sub_indication or "", "detail": each.detail}
        for each in report.checks
    ])  # fmt: skip
    for name, told in (report.claims or {}).items():
        screen.print(f"{name}: {told}")
    screen.print(report.result.value)
    raise typer.Exit(0 if report.result is Result.TOTAL_PASSED else 1)


def _write(sealed: Sealed, output: Path) -> None:
    output.write_bytes(sealed.der)
    screen.print(f"{output}: {sealed.form.name}, {len(sealed.der)} bytes")


@seals.command("reseal")
def seal_reseal(
    kid: Annotated[
        str, typer.Argument(help="The key whose licences are sealed anew; `licence-hub seal list` shows it.")
    ],
    basis: Annotated[str, typer.Option(help="Legal basis, for the licences' histories.")],
    reason: Annotated[str, typer.Option(help="Why, for the licences' histories.")],
) -> None:
    """Seal every live licence under a key anew, under the authority's present seal; goes on where it stopped."""
    columns = (TextColumn("Sealing anew"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with signed_in() as (hub, staff), Progress(*columns, console=screen) as progress:
        job = hub.resealing.start(staff, kid, basis, reason)
        bar = progress.add_task("", total=None)
        worker = f"{socket.gethostname()}:{os.getpid()}"
        done = hub.resealing.run(
            job, worker, lambda now: progress.update(bar, completed=now.done, total=now.total or None)
        )
    screen.print(
        f"{done.done:,} licences of the seal looked at; those that the key had not sealed are on record as {REFUSED}."
    )
