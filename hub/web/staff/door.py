"""What the pages of signing in ask of hub.access.staff, how they ask it, and what they say of a refusal.

Decides that whoever waits for a password to be stretched keeps nobody else waiting, and that a refusal says neither which part was wrong nor
anything that was typed.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

from hub.access.allowances import Peer
from hub.access.staff.caller import Staff
from hub.access.staff.refusals import PasswordRefusedError, SignInFailedError, SignInPostponedError
from hub.access.staff.sessions import Way
from hub.access.staff.signing_in import SignedIn
from hub.errors import HubError, InputInvalidError
from hub.web.signed_in import Callers

T = TypeVar("T")
AT_ONCE: Final = 4
_PLACES: Final = RunVar[CapacityLimiter]("places of those who sign in by a page")
REFUSED: Final = (SignInFailedError, SignInPostponedError, PasswordRefusedError, InputInvalidError)
_TOLD: Final[Mapping[type[HubError], str]] = MappingProxyType(
    {
        SignInFailedError: "{}.error.failed",
        InputInvalidError: "{}.error.failed",
        SignInPostponedError: "sign_in.error.postponed",
        PasswordRefusedError: "first.error.password",
    }
)


class StaffDoor(Callers, Protocol):
    """Lets staff in and out (hub.access.staff.service.StaffAccess); never asked on the event loop."""

    def sign_in(self, login: str, password: str, code: str, way: Way, peer: Peer = None) -> SignedIn:
        """Begin a session, or raise a HubError."""

    def change_password(self, staff: Staff, password: str, new: str, code: str) -> Staff:
        """Replace a password, or raise a HubError."""

    def sign_out(self, staff: Staff) -> None:
        """End the session, or raise a HubError."""


async def stretching(work: Callable[..., T], *arguments: Any) -> T:
    """Do what stretches a password in a thread of its own kind: however many stand in line, other work finds one."""
    try:
        places = _PLACES.get()
    except LookupError:
        _PLACES.set(places := CapacityLimiter(AT_ONCE))
    return await run_sync(partial(work, *arguments), limiter=places)


def told(error: HubError | None, page: str) -> dict[str, Any]:
    """Return what a page says of a try that was refused: the id of the words, and for how long to wait."""
    name = None if error is None else _TOLD[type(error)].format(page)
    return {"error": name, "wait": getattr(error, "wait", None)}
