"""What makes evidence packages, on the services of a test's world, and what a reader of them knows from elsewhere."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hub.audit.log import TransparencyLog
from hub.evidence.service import Evidence, Wish
from hub.licences.status_lists import StatusLists
from hub.seals.published import SealLists
from hub.seals.publishing import Publishing
from keys.evidence_verification import Anchors
from keys.signed_note import Verifier
from tests.seals.made import office_of
from tests.sharing.world import ASKER, ITEM, URL, World

CASE = Wish(ASKER, ITEM, "CASE-1")
LIFE = timedelta(days=1)


class Composed:
    """The makers of a world's packages; its lists are published when a test says so."""

    def __init__(self, world: World, log: TransparencyLog | None = None) -> None:
        """Prove by the world's log, or by another of the same database."""
        self.log = log or world.log
        self.status_lists = StatusLists(
            world.database, world.reader, world.store, world.clock, public_url=URL, life=LIFE
        )
        self.publishing = Publishing(
            world.database, world.audit, world.seals, world.store, world.store, world.clock, public_url=URL, life=LIFE
        )
        self.seal_lists = SealLists(world.database, world.reader, self.publishing, world.clock)
        self.status_lists.prepare()
        self.seal_lists.prepare()
        self._jwks = (world.sharing.receipts.jwks, self.status_lists.jwks, self.seal_lists.jwks)
        self._world = world
        self.evidence = Evidence(
            world.sharing, self.log, world.licences, self.status_lists, world.seals, office_of(world), self.seal_lists,
            world.clock, public_url=URL, jwks=self._jwks,
        )  # fmt: skip

    def publish(self) -> None:
        """Publish what is due."""
        self.status_lists.publish_due()
        self.publishing.publish()

    async def package(self, wish: Wish = CASE) -> bytes:
        """Return a package of the asking authority's case, on record."""
        pending = self._world.pending()
        made = await self.evidence.of_client(self._world.caller(), wish, pending)
        await self._world.recorder.commit(pending)
        return made.content

    def anchors(self, witnesses: Sequence[Verifier] = (), **more: Any) -> Anchors:
        """Return what a reader has got by another way."""
        keys = [key for jwks in self._jwks for key in jwks()["keys"]]
        log_keys = [Verifier.from_text(each) for each in self.log.published.verifier_keys()]
        return Anchors(keys, log_keys, witnesses, **more)
