"""Commands of trusted documents: `licence-hub client documents`."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from hub.access.documents import KeptDocument
from hub.access.manifest import EVERY_OPERATION, PREFIX, Manifest, Offered, read_documents, read_purposes
from hub.commands.opening import offered_by, opened, screen, show
from hub.errors import DocumentsRefusedError, InputInvalidError

documents = typer.Typer(
    help="Trusted documents: the operations a client registers with its build.", no_args_is_help=True
)

ClientArgument = Annotated[str, typer.Argument(help="The client's id.")]


@documents.command("add")
def documents_add(
    client: ClientArgument,
    files: Annotated[
        list[Path],
        typer.Argument(help="A manifest (JSON from SHA-256 to text), or a .graphql file.", exists=True, dir_okay=False),
    ],
    purpose: Annotated[list[str] | None, typer.Option(help="Service item that every operation serves; repeat.")] = None,
    purposes: Annotated[
        Path | None, typer.Option(help='JSON file of items by operation; "*" stands for all others.', exists=True)
    ] = None,
) -> None:
    """Register documents for a client, all or none; without a purpose they open no case."""
    named = {EVERY_OPERATION: frozenset(purpose)} if purpose else {}
    if purposes is not None:
        named |= read_purposes(_json(purposes))
    manifest = Manifest(
        tuple(each for file in files for each in _offered(file)), named or {EVERY_OPERATION: frozenset()}
    )
    with opened() as hub:
        try:
            done = offered_by(hub).documents.add(client, manifest)
        except DocumentsRefusedError as error:
            _tell(error)
            raise
    for each in done:
        screen.print(f"{PREFIX}{each.hash} {each.change}: {_names(each.operations)}", markup=False, soft_wrap=True)


@documents.command("list")
def documents_list(
    client: Annotated[str | None, typer.Argument(help="The client's id; all without it.")] = None,
) -> None:
    """List documents, and mark those that the schema of today refuses."""
    with opened() as hub:
        kept = offered_by(hub).documents.kept(client)
    show("Trusted documents", [_row(each) for each in kept])


@documents.command("retire")
def documents_retire(
    client: ClientArgument, identifiers: Annotated[list[str], typer.Argument(help="sha256:... of each document.")]
) -> None:
    """Retire documents: they run no more, at once. Adding one again restores it."""
    with opened() as hub:
        offered_by(hub).documents.retire(client, identifiers)
    screen.print("Retired; they are refused from now on.")


@documents.command("check")
def documents_check(
    client: Annotated[str | None, typer.Argument(help="The client's id; all without it.")] = None,
) -> None:
    """Check every document against the schema of today; the exit code is 1 where one does not run any more."""
    with opened() as hub:
        kept = [each for each in offered_by(hub).documents.kept(client) if each.retired_at is None]
    broken = [each for each in kept if each.reasons]
    for each in broken:
        for reason in each.reasons:
            screen.print(
                f"{each.client_id} {reason.document} {reason.code} {reason.message}", markup=False, soft_wrap=True
            )
    screen.print(f"Checked: {len(kept)}; refused by the schema of today: {len(broken)}.")
    if broken:
        raise typer.Exit(1)


def _offered(file: Path) -> tuple[Offered, ...]:
    if file.suffix == ".json":
        return read_documents(_json(file))
    try:
        return (Offered(file.read_bytes().decode()),)
    except UnicodeDecodeError as error:
        raise InputInvalidError(f"{file} is not UTF-8.") from error


def _json(file: Path) -> Any:
    try:
        return orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InputInvalidError(f"{file} is not JSON in UTF-8.") from error


def _tell(error: DocumentsRefusedError) -> None:
    for each in error.reasons:
        place = f" (line {each.line}, column {each.column})" if each.line else ""
        screen.print(f"{each.document} {each.code} {each.message}{place}", markup=False, soft_wrap=True)


def _names(operations: tuple[str, ...]) -> str:
    return ", ".join(each or "(without a name)" for each in operations)


def _row(kept: KeptDocument) -> dict[str, Any]:
    state = "retired" if kept.retired_at else "refused" if kept.reasons else "runs"
    return {
        "client": kept.client_id, "document": PREFIX + kept.hash, "operations": _names(kept.operations),
        "purposes": " ".join(kept.purposes), "state": state,
    }  # fmt: skip
