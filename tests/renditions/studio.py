"""What makes renditions, on the services of a test's world, and what a reader sees of a file."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pypdfium2  # type: ignore[import-untyped]

from hub.access.holders.caller import HolderCaller
from hub.audit.service import Pending
from hub.counters.codes import Codes
from hub.renditions.sealing import RenditionSealing
from hub.renditions.service import CopyWish, Rendition, Renditions
from hub.seals.stamping import Stamping
from hub.sharing.purpose import Party
from tests.catalogue.examples import COMPANY
from tests.seals.made import office_of
from tests.sharing.world import ISSUER, TODAY, URL, World, purpose

PURPOSE = "办理食品经营许可"
WISH = CopyWish(PURPOSE, TODAY + timedelta(days=30))
ISSUING = frozenset({"licence:issue"})


def studio_of(world: World, stamping: Stamping | None = None) -> Renditions:
    """Return the makers of a world's renditions."""
    calendar = world.sharing.today.calendar
    codes = Codes.of(
        world.database, world.audit, world.seals, world.licences.finder, world.catalogue, world.sharing, world.clock,
        calendar=calendar, public_url=URL,
    )  # fmt: skip
    sealing = RenditionSealing(world.seals, office_of(world), stamping or Stamping(world.clock))
    return Renditions(
        world.database, world.vault, world.audit, world.catalogue, world.sharing, sealing, world.licences.finder,
        world.clock, calendar=calendar, public_url=URL, code_of=codes.picture_of,
    )  # fmt: skip


def holder(one: dict[str, str]) -> HolderCaller:
    """Return somebody of the examples, as his identity platform vouches for him."""
    return HolderCaller(one["codeType"], one["code"])


async def original(world: World, type_key: str = "BusinessLicence", pending: Pending | None = None) -> Rendition:
    """Return the original of the world's licence of a type, for its issuer, on record."""
    promised = pending or world.pending()
    try:
        return await studio_of(world).of_issuer(world.caller(ISSUER, ISSUING), world.issued[type_key], promised)
    finally:
        await world.recorder.commit(promised)


async def copy(
    world: World, type_key: str = "BusinessLicence", of: dict[str, str] = COMPANY, wish: CopyWish = WISH,
    parties: Iterable[Party] = (),
) -> Rendition:  # fmt: skip
    """Return an annotated copy of the world's licence of a type, in the asking authority's case, on record."""
    promised = world.pending()
    case = await world.open(purpose(of, *parties), promised)
    try:
        return await studio_of(world).copy(case, world.key(type_key), wish, promised)
    finally:
        await world.recorder.commit(promised)


def text_of(pdf: bytes) -> str:
    """Return what a reader sees as text, on all pages, without the places where lines were broken."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "\n")
    finally:
        document.close()


def facts_of(world: World, kind: str = "rendition") -> list[dict[str, Any]]:
    """Return the durable records of renditions."""
    return world.records(kind)
