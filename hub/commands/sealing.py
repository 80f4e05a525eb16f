"""Commands that use seals: files under a seal. Each use is some signed-in person's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.markup import escape

from hub.commands.offline import TimestampRootsOption, TrustKeyOption, TrustListOption, verify_offline
from hub.commands.opening import opened, screen, show
from hub.commands.seals import seals
from hub.commands.signing_in import signed_in
from hub.commands.whole_files import hashed, read_small, written
from hub.composition import Hub
from hub.seals.file_forms import Form
from keys.report import Report, Result

__all__ = ["seals"]

FileArgument = Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)]
EsIdOption = Annotated[str, typer.Option("--seal", help="esID of the seal.")]
WhyOption = Annotated[str, typer.Option("--reason", help="Why the seal is used; it is recorded.")]
SignatureOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write; beside the file without it.")
]


@seals.command("sign")
def seal_sign(file: FileArgument, es_id: EsIdOption, reason: WhyOption, output: SignatureOption = None) -> None:
    """Seal a file: a detached SES_Signature (SM2-SM3) or CMS (ES256) beside it, with a timestamp where HUB_TIMESTAMP_URL is set."""
    with signed_in() as (hub, staff), _signature(hub, file, es_id, output) as (form, sink):
        sink.write(hub.file_sealing.sign(staff, es_id, hashed(file, [form.digest]), reason).der)


@seals.command("prepare")
def seal_prepare(
    file: FileArgument,
    es_id: EsIdOption,
    output: Annotated[Path, typer.Argument(help="File to write: what is to be signed.")],
) -> None:
    """Write what the key of a seal, which its owner keeps himself, is to sign (DER signature over these bytes)."""
    with opened() as hub:
        form = hub.file_sealing.form(es_id)
        with written(output) as sink:
            sink.write(hub.file_sealing.prepare(es_id, hashed(file, [form.digest])))
    screen.print(
        f"Sign {output} with the seal's key, then: licence-hub seal complete {file} --seal {es_id} --prepared {output} --value VALUE"
    )


@seals.command("complete")
def seal_complete(
    file: FileArgument,
    es_id: EsIdOption,
    reason: WhyOption,
    prepared: Annotated[Path, typer.Option(help="What `prepare` wrote.", exists=True, dir_okay=False)],
    value: Annotated[Path, typer.Option(help="The key's signature of it, DER.", exists=True, dir_okay=False)],
    output: SignatureOption = None,
) -> None:
    """Make the detached signature of what the owner's key signed elsewhere."""
    with signed_in() as (hub, staff), _signature(hub, file, es_id, output) as (form, sink):
        made = read_small(prepared), read_small(value), hashed(file, [form.digest])
        sink.write(hub.file_sealing.complete(staff, es_id, *made, reason).der)


@seals.command("verify")
def seal_verify(
    file: FileArgument,
    signature: Annotated[Path, typer.Argument(help="The detached signature.", exists=True, dir_okay=False)],
    trust_list: TrustListOption = None,
    trust_key: TrustKeyOption = None,
    timestamp_roots: TimestampRootsOption = None,
) -> None:
    """Check a sealed file, step by step, its timestamp too, with or without a hub; ends with 0 only if every check passed."""
    if trust_list or trust_key or timestamp_roots:
        report = verify_offline(read_small(signature), hashed(file), trust_list, trust_key, timestamp_roots)
    else:
        with opened() as hub:
            report = hub.file_sealing.verify(read_small(signature), hashed(file))
    _tell(report)
    raise typer.Exit(0 if report.result is Result.TOTAL_PASSED else 1)


def _tell(report: Report) -> None:
    """Print a report: every check, what is proven of the signer and of time, the result last. Names in it are strangers' words."""
    show("Checks", [
        {
            "check": each.name, "outcome": each.outcome.value, "why": each.sub_indication or "",
            "detail": escape(each.detail),
        }
        for each in report.checks
    ])  # fmt: skip
    for name, told in (report.claims or {"signer": "not proven"}).items():
        if told is not None:
            screen.print(f"{name}: {told}", markup=False, highlight=False)
    reasons = ", ".join(sorted({each.sub_indication for each in report.checks if each.sub_indication}))
    screen.print(f"{report.result.value}{reasons and f': {reasons}'}")


@contextmanager
def _signature(hub: Hub, file: Path, es_id: str, output: Path | None) -> Iterator[tuple[Form, BinaryIO]]:
    """Open the signature's file before the seal is used, so that none is used for nothing."""
    form = hub.file_sealing.form(es_id)
    path = output or file.with_name(file.name + form.suffix)
    with written(path) as sink:
        yield form, sink
        size = sink.tell()
    screen.print(f"{path}: {form.name}, {size} bytes")
