"""Commands about renditions: the original of a licence as a file, made by a licence officer of the authority that issued it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.access.staff.caller import Staff
from hub.audit.service import Pending
from hub.commands.opening import AuthorityOption, screen
from hub.commands.signing_in import signed_in
from hub.commands.whole_files import PRIVATE, written
from hub.composition import Hub
from hub.renditions.service import Rendition

renditions = typer.Typer(help="Licences as PDF.", no_args_is_help=True)


@renditions.command("make")
def make(
    identifier: Annotated[str, typer.Argument(help="The licence's identifier.")],
    authority: AuthorityOption,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path("licence.pdf"),
) -> None:
    """Write the original of a valid licence, under the authority's seal; takes a licence officer of the authority that issued it."""
    with (
        signed_in() as (hub, staff),
        written(output, PRIVATE) as file,
    ):  # before the seal is used, so that it is not for nothing
        made = asyncio.run(_recorded(hub, staff, authority, identifier))
        file.write(made.pdf)
    signature = "signed (PAdES)" if made.signed else "without a signature in the file: its printed code proves it"
    screen.print(f"{output}: {len(made.pdf)} bytes, {signature}; rendition {made.id}")


async def _recorded(hub: Hub, staff: Staff, authority: str, identifier: str) -> Rendition:
    """Make one; it leaves after its records are durable, under the policy that it was made by."""
    pending = Pending(epoch=hub.epoch())
    try:
        try:
            return await hub.renditions.of_staff(staff, authority, identifier, pending)
        finally:
            if pending.entries:
                await hub.recorder.commit(pending)
    finally:
        await hub.reader.close()
