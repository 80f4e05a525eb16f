"""Changes of licences, told to those whose permits need them (先照后证).

Puts the parts of this noun together: the feed and who wakes for it, following, and webhooks. It holds no rights of its own: who is told of what is decided by
`hub.sharing.feed`, for each change and each receiver anew.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, Final

from anyio import to_thread

from hub import unexpected
from hub.access.caller import Caller
from hub.access.service import Access
from hub.audit.release import Release
from hub.audit.service import Audit, Pending
from hub.catalogue.service import Catalogue
from hub.changes.feed import Feed
from hub.changes.following import Following
from hub.changes.waking import Waking
from hub.changes.webhooks.addresses import Reach, read_networks
from hub.changes.webhooks.delivering import Deliveries
from hub.changes.webhooks.progress import Progress
from hub.changes.webhooks.register import Receiving, Register, Registered, Wish
from hub.changes.webhooks.sending import Sender
from hub.clock import Clock
from hub.database import Database
from hub.errors import UnavailableError
from hub.sharing.feed import FeedReading
from hub.vault.service import Vault

_PARTS: Final = 1_000_000
_BEGINS_AGAIN_SECONDS: Final = 1.0


class Changes:
    """The feed of one process, and the webhooks of the hub."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, access: Access, catalogue: Catalogue, sharing: FeedReading,
        clock: Clock, *, public_url: str, networks: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """Read changes from the log, tell of them as `sharing` says; `networks` are internal ones that webhooks are sent into nevertheless."""
        reach = Reach(read_networks(networks))
        self._access = access
        self._sharing = sharing
        self.feed = Feed(database)
        self.following = Following(self.feed, sharing)
        self.waking = Waking(database.url)
        self.register = Register(database, vault, audit, catalogue, clock, reach)
        self.progress = Progress(database, self.register, clock, lambda: secrets.randbelow(_PARTS) / _PARTS)
        self.sender = Sender(reach)
        self.deliveries = Deliveries(
            self.feed, self.following, sharing, catalogue, self.progress, self.sender, clock,
            standing=access.standing, public_url=public_url,
        )  # fmt: skip

    def work(self, release: Release) -> tuple[Coroutine[Any, Any, None], ...]:
        """Return what a serving process does for ever, side by side."""
        every = (lambda: self.keep_up(release), self.waking.listen, lambda: self.deliveries.keep_delivering(release))
        return tuple(_again_and_again(each) for each in every)

    async def keep_up(self, release: Release) -> None:
        """Read on for ever, whenever the log has grown; and follow the policy, for those who only listen ask for nothing."""
        self.waking.begin()
        while True:
            with suppress(UnavailableError):
                await release.follow()
            with suppress(UnavailableError):
                await self.feed.read_on()
            await self.waking.wait()

    async def add_webhook(
        self, caller: Caller, assertion: str, wish: Wish, after: str | None, pending: Pending
    ) -> Registered:
        """Register a receiver of a client's, who proves that he holds its key; from a cursor on, or from now.

        Raises:
            ClientAuthenticationError, AssertionReplayedError: it is not this client's proof.
            CursorForeignError: see Following.place; and as FeedReading.receiver and Register.add.
        """
        follower = self.following.follower(caller, wish.item, wish.types, pending)
        place = await self.following.place(follower, after)
        await to_thread.run_sync(self._access.prove, caller, assertion)
        begin = await self.feed.now() if place is None else place
        return await to_thread.run_sync(self.register.add, caller, wish, begin)

    async def replace_secret(self, caller: Caller, assertion: str, of: str) -> Registered:
        """Make a new secret for a receiver; the client proves that he holds its key. Raises as `add_webhook`, and WebhookUnknownError."""
        await to_thread.run_sync(self._access.prove, caller, assertion)
        return await to_thread.run_sync(self.register.replace_secret, caller.client_id, of)

    async def resume(self, caller: Caller, of: str, after: str | None, pending: Pending) -> Receiving:
        """Send to a receiver again, from where it was or from a cursor on; raises CursorForeignError, and as Register.resume."""
        receiving = await to_thread.run_sync(self.register.find, caller.client_id, of)
        follower = self.following.follower(caller, receiving.item, None, pending)
        place = await self.following.place(follower, after)
        return await to_thread.run_sync(self.register.resume, caller.client_id, of, place)


async def _again_and_again(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do what goes on for ever; whatever goes wrong is told, and it begins again."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - who follows must not wait for ever
            unexpected.tell(error)
        await asyncio.sleep(_BEGINS_AGAIN_SECONDS)
