"""A counter and the people who show it something, on the real services of a hub."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from hub.access.staff.caller import Staff
from hub.access.staff.roles import COUNTER_CLERK, Role
from hub.clock import Calendar
from hub.counters.presentations.making import PresentationWish
from hub.counters.presentations.presentation import Made
from hub.counters.presentations.service import Presentations
from hub.counters.seen import Seeing
from hub.counters.service import Counters, Scan
from hub.counters.verdict import Verdict, Word, said
from hub.errors import HubError
from hub.licences.verification import Verification
from hub.sharing.presenting import Choice, CounterPurpose
from tests.sharing.consents import holder
from tests.sharing.world import ASKER, ITEM, URL, World

SECONDS = 60
TITLE, REGISTER, DRIVER = "RealEstateTitle", "HouseholdRegister", "DriverLicence"


@dataclass
class Desk:
    """A counter of the asking authority; `printed` is what printed codes come to."""

    world: World
    presentations: Presentations
    counters: Counters
    printed: dict[str, Verdict] = field(default_factory=dict)
    revoked: bool = False
    """Whether roles of staff have been withdrawn since their requests began."""

    async def show(
        self, row: dict[str, str], *types: str, authority: str = ASKER, item: str = ITEM, **paths: Sequence[str]
    ) -> Made:
        """Let an example's person show his licences of some types, with all that may be shown or these paths of a type."""
        choices = [Choice(self.world.issued[key], tuple(paths[key]) if key in paths else None) for key in types]
        pending = self.world.pending()
        return await self.presentations.make(holder(row), PresentationWish(authority, item, tuple(choices)), pending)

    async def scan(self, made: Made | str, caller: Any = None, **changes: Any) -> Scan:
        """Scan a code in CASE-1 of the counter, on record."""
        text = made if isinstance(made, str) else made.code.text(URL)
        pending = self.world.pending()
        try:
            return await self.counters.scan(caller or self.world.caller(), text, purpose(**changes), pending)
        finally:
            await self.world.recorder.commit(pending)

    async def outcome(self, made: Made | str, caller: Any = None, **changes: Any) -> str:
        """Scan, and return the word or the code of the refusal."""
        try:
            return (await self.scan(made, caller, **changes)).verdict.word.value
        except HubError as error:
            return error.code

    def records(self, operation: str) -> list[dict[str, Any]]:
        """Return the records of presentations of an operation."""
        return [each for each in self.world.records("presentation") if each["operation"] == operation]

    def rows(self) -> list[tuple[Any, ...]]:
        """Return id and state of all presentations."""
        return self.world.rows("SELECT id, state FROM presentation ORDER BY id")


def purpose(**changes: Any) -> CounterPurpose:
    """Return a purpose of the counter."""
    return CounterPurpose(**{"item": ITEM, "case_number": "CASE-1", **changes})


def desk_of(world: World) -> Desk:
    """Put a counter on a world."""
    printed = dict[str, Verdict]()
    verification = Verification(world.seals, world.licences.finder, world.clock, Calendar(ZoneInfo("Asia/Shanghai")))

    async def verdict(text: str) -> Verdict:
        return printed.get(text, said(Word.NOT_A_CODE))

    def current(_: Any, staff: Staff) -> Staff:
        return replace(staff, roles={}) if made.revoked else staff

    counters = Counters.of(
        world.database, world.vault, world.audit, world.catalogue, world.sharing,
        Seeing(verification, world.catalogue, world.seals, world.clock), world.clock,
        printed=verdict, current=current, public_url=URL, seconds=SECONDS,
    )  # fmt: skip
    made = Desk(world, counters.presentations, counters, printed)
    return made


def clerk(desk: Desk, role: Role = COUNTER_CLERK, authority: str = ASKER) -> Staff:
    """Return somebody who holds a role, as of now."""
    return Staff("clerk-1", "clerk", {authority: frozenset({role.name})}, desk.world.sharing.policy.epoch)
