"""`licence-hub offline-pack FILE --from HUB`: fetch what is needed to check printed codes without a network, or bring it up to date.

It needs nothing of the hub but its address: no setting, no database. With the first pack the hub's keys are taken, over https from the hub itself; their ids are
told, to be compared with a copy from elsewhere.
"""

from pathlib import Path
from typing import Annotated, Final

import httpx
import typer

from hub.clock import SystemClock
from hub.commands.opening import screen
from hub.counters.offline_pack.keeping import Get, load, refreshed, save
from hub.counters.offline_pack.reading import OpenedPack
from hub.errors import InputInvalidError, UnavailableError
from hub.variables import check_service_address
from keys.offline_pack import STATUS_LISTS

SECONDS: Final = 60


class HubUnreachableError(UnavailableError):
    """The hub cannot be reached, or did not answer as it should; the pack is as it was. Try again with a network."""

    code = "HUB_UNREACHABLE"


def offline_pack(
    file: Annotated[Path, typer.Argument(help="The pack; it is replaced when all of the new one was checked.", dir_okay=False)],
    address: Annotated[str | None, typer.Option("--from", help="The hub's public address; without it the pack is only told.")] = None,
) -> None:  # fmt: skip
    """Fetch the offline pack of a hub, or what changed of it; `licence-hub verify --pack FILE` checks codes by it."""
    if address is not None:
        check_service_address(address, "--from")
        _refresh(file, address)
    elif not file.exists():
        raise InputInvalidError("There is no such pack yet: give --from with the hub's public address.")
    kept = load(file)
    _tell(kept.open(), [str(each.get("kid")) for each in kept.jwks])


def _refresh(file: Path, address: str) -> None:
    kept = load(file) if file.exists() else None
    with httpx.Client(base_url=address.rstrip("/") + "/", timeout=SECONDS) as http:
        found = refreshed(kept, _getting(http))
    try:
        if found is not kept:
            save(file, found)
    except OSError as error:
        raise InputInvalidError(f"{file} cannot be written: {error.strerror}.") from error


def _getting(http: httpx.Client) -> Get:
    """Return what gets from a hub; an answer that grows beyond what is expected is cut off."""

    def get(path: str, most: int) -> bytes | None:
        content = bytearray()
        try:
            with http.stream("GET", path) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    return None
                answer.raise_for_status()
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > most:
                        raise HubUnreachableError("The hub's answer is larger than it announced.")
        except httpx.HTTPError as error:
            raise HubUnreachableError from error
        return bytes(content)

    return get


def _tell(pack: OpenedPack, kids: list[str]) -> None:
    manifest, now = pack.manifest, SystemClock().now()
    lists = sum(name.startswith(STATUS_LISTS) for name in manifest.parts)
    hours = (now.timestamp() - manifest.issued_at) / 3600
    screen.print(
        f"{manifest.issuer}: {len(pack.listed.seals)} seals, {lists} status lists", markup=False, highlight=False
    )
    screen.print(
        f"{manifest.standing(now)}: {hours:.1f} h old; nothing is confirmed from {manifest.refuse_after / 3600:g} h on",
        markup=False,
        highlight=False,
    )
    screen.print(f"the hub's keys: {', '.join(kids)}", markup=False, highlight=False, soft_wrap=True)
