"""A counter on a hub of real services: who may print a code does, and anybody reads it."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from hub.access.holders.caller import HolderCaller
from hub.audit.service import Pending
from hub.clock import Calendar
from hub.counters.printed import PrintedCodes
from hub.counters.public import PublicVerification
from hub.counters.qr_code import QrCode
from hub.paging import Window
from hub.sharing.disclosure import Disclosed
from tests.sharing.world import ISSUER, URL, World

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
ISSUING = frozenset({"licence:issue"})


@dataclass
class Counter:
    """Printing and reading in one world."""

    world: World
    printed: PrintedCodes = field(init=False)
    public: PublicVerification = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        self.printed = PrintedCodes(
            world.sharing, world.seals, world.catalogue, world.clock, calendar=CALENDAR, public_url=URL
        )
        self.public = PublicVerification(
            world.database, world.audit, world.seals, world.licences.finder, world.catalogue, world.clock,
            calendar=CALENDAR, public_url=URL,
        )  # fmt: skip

    async def own(self, type_key: str, pending: Pending, wanted: frozenset[str] = frozenset()) -> Disclosed:
        """Read an own issue of the issuing authority."""
        caller = self.world.caller(ISSUER, ISSUING)
        return await self.world.sharing.own(caller, self.world.issued[type_key], {type_key: wanted}, pending)

    async def print(self, type_key: str = "DriverLicence") -> QrCode:
        """Print a code as the issuing authority; its records are durable afterwards."""
        pending = self.world.pending()
        code = await self.printed.code_of(await self.own(type_key, pending), pending)
        await self.world.recorder.commit(pending)
        return code

    async def print_own(self, person: dict[str, str], type_key: str) -> QrCode:
        """Print a code as the holder."""
        pending = self.world.pending()
        holder = HolderCaller(person["codeType"], person["code"])
        page = await self.world.sharing.holders.licences(
            holder, [type_key], None, Window(None, None, None, None), {}, pending
        )
        code = await self.printed.code_of(page.items[0], pending)
        await self.world.recorder.commit(pending)
        return code
