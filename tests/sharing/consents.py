"""What tests of consents do again and again: somebody consents, withdraws, and is read of."""

from typing import Any

from hub.access.holders.caller import HolderCaller
from hub.errors import HubError
from hub.sharing.consents.keeping import Consent
from hub.sharing.consents.service import ConsentWish
from hub.sharing.purpose import Purpose
from hub.sharing.reading import LicenceKey
from tests.sharing.world import ASKER, ITEM, World

HOME = "RealEstateTitle"


def holder(row: dict[str, str]) -> HolderCaller:
    """Return an example's person as a signed-in holder."""
    return HolderCaller(row["codeType"], row["code"])


def give(world: World, row: dict[str, str], **changes: Any) -> Consent:
    """Let an example's person consent to reads of titles in CASE-1 of the asking authority."""
    given = {"authority": ASKER, "item": ITEM, "number": "CASE-1", "types": (HOME,), **changes}
    return world.sharing.consents.give(holder(row), ConsentWish(**given), world.pending())


def withdraw(world: World, row: dict[str, str], consent: Consent) -> Consent:
    """Let him withdraw it."""
    return world.sharing.consents.withdraw(holder(row), consent.id)


async def outcome(world: World, of: Purpose, key: LicenceKey | None = None) -> str:
    """Read a title in a case, on record, and return DISCLOSED or the code of the refusal."""
    pending = world.pending()
    try:
        case = await world.open(of, pending)
        await case.licence(key or LicenceKey(HOME), None, pending)
    except HubError as error:
        return error.code
    else:
        return "DISCLOSED"
    finally:
        await world.recorder.commit(pending)
