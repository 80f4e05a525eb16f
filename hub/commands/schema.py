"""`licence-hub schema`: the GraphQL schema."""

import sys
from pathlib import Path
from typing import Annotated

import typer

schema = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)


@schema.command("export")
def schema_export(
    output: Annotated[Path | None, typer.Option(help="File to write; standard output without it.")] = None,
) -> None:
    """Write the SDL of the shipped licence types."""
    from hub.app import schema_text  # noqa: PLC0415 - GraphQL and pages take half a second, for few commands only

    if output is None:
        sys.stdout.write(schema_text())
    else:
        output.write_text(schema_text(), encoding="utf-8")
