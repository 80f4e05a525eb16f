"""What the pages of signing in ask of hub.access.staff, how they ask it, and what they say of a refusal.

Decides that whoever waits for a password to be stretched keeps nobody else waiting, and that a refusal says neither which part was wrong nor
anything that was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

from hub.access.allowances import Peer
from hub.access.staff.caller import Staff
from hub.access.staff.provider_sign_in import ProviderSignIn
from hub.access.staff.refusals import (
    AuthenticatorClockError,
    PasswordRefusedError,
    ProviderAnswerError,
    ProviderClockError,
    ProviderLevelError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SignInClosedError,
    SignInFailedError,
    SignInPostponedError,
    SubjectUnknownError,
)
from hub.access.staff.sessions import OpenSession, Way
from hub.access.staff.signing_in import SignedIn
from hub.errors import HubError, InputInvalidError
from hub.openid import SignInRules
from hub.web.signed_in import Callers

T = TypeVar("T")
REFUSED: Final = (SignInFailedError, SignInPostponedError, PasswordRefusedError, InputInvalidError)
BY_PROVIDER: Final = (ProviderRefusedError, ProviderAnswerError, ProviderUnavailableError, SubjectUnknownError)
"""What is told on the page of signing in, where the other way stands beside it."""
_TOLD: Final[Mapping[type[HubError], str]] = MappingProxyType(
    {
        SignInFailedError: "{}.error.failed",
        InputInvalidError: "{}.error.failed",
        SignInPostponedError: "sign_in.error.postponed",
        SignInClosedError: "sign_in.error.closed",
        PasswordRefusedError: "first.error.password",
        AuthenticatorClockError: "sign_in.error.clock",
        **{each: f"sign_in.error.{each.code}" for each in (*BY_PROVIDER, ProviderClockError, ProviderLevelError)},
    }
)


class StaffDoor(Callers, Protocol):
    """Lets staff in and out (hub.access.staff.service.StaffAccess); never asked on the event loop."""

    def sign_in(self, login: str, password: str, code: str, way: Way, peer: Peer = None) -> SignedIn:
        """Begin a session, or raise a HubError."""

    @property
    def rules(self) -> SignInRules:
        """Return which ways of signing in there are."""

    @property
    def provider(self) -> ProviderSignIn | None:
        """Return the OpenID provider's, where there is one."""

    def sessions(self, staff: Staff) -> tuple[OpenSession, ...]:
        """Return his open sessions, the newest first."""

    def change_password(self, staff: Staff, password: str, new: str, code: str) -> Staff:
        """Replace a password, or raise a HubError."""

    def sign_out(self, staff: Staff) -> None:
        """End the session, or raise a HubError."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of its own for work in threads: however many stand in it, other work finds a thread."""

    name: str
    at_once: int
    _places: RunVar[CapacityLimiter] = field(init=False)

    def __post_init__(self) -> None:
        """Let each event loop have its own places."""
        object.__setattr__(self, "_places", RunVar[CapacityLimiter](self.name))

    async def __call__(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do some work when its turn comes."""
        try:
            places = self._places.get()
        except LookupError:
            self._places.set(places := CapacityLimiter(self.at_once))
        return await run_sync(partial(work, *arguments), limiter=places)


stretching: Final = Line("places of those who sign in by a page", 4)
"""For what stretches a password."""
asking: Final = Line("places of those who come back from the OpenID provider", 8)
"""For what waits for the provider."""


def told(error: HubError | None, page: str) -> dict[str, Any]:
    """Return what a page says of a try that was refused: the id of the words, for how long to wait, and how far a clock is off."""
    name = None if error is None else _TOLD[type(error)].format(page)
    return {"error": name, "wait": getattr(error, "wait", None), "seconds": getattr(error, "seconds", None)}
