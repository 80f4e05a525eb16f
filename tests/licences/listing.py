"""Status lists over a furnished hub, as a process of its own publishes and serves them."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import text

from hub.licences.service import Issued
from hub.licences.status_lists import FORMS, StatusLists
from hub.reading import open_reader
from keys.status_list import StatusList, read
from keys.status_list_form import JWT_MEDIA
from tests.licences.drafts import company_draft
from tests.licences.world import PUBLIC_URL, World, open_world

LIFE = timedelta(days=1)
Answer = TypeVar("Answer")


@dataclass
class Listing:
    """Publishes and serves one hub's lists."""

    world: World
    lists: StatusLists

    def publish(self) -> int:
        """Publish what is due."""
        return self.lists.publish_due()

    def served(self, number: int = 1, form: str = JWT_MEDIA) -> bytes:
        """Return what is served now."""
        return self.ask(lambda lists: lists.present(number))[form].body

    def shown(self, number: int = 1) -> StatusList:
        """Return what the list says now, the same in both forms."""
        found = [read(self.served(number, form), form, self.keys) for form in FORMS]
        assert found[0] == found[1]
        return found[0]

    def past(self, moment: int, number: int = 1) -> StatusList:
        """Return what the list said at a moment, the same in both forms."""
        forms = self.ask(lambda lists: lists.past(number, moment))
        found = [read(forms[form], form, self.keys) for form in FORMS]
        assert found[0] == found[1]
        return found[0]

    def value(self, issued: Issued) -> int:
        """Return what the lists say of a licence now."""
        stored = self.world.stored(issued.identifier)
        return self.shown(stored.status_list).value(stored.status_index)

    @property
    def keys(self) -> list[dict[str, Any]]:
        """Return the published keys."""
        keys: list[dict[str, Any]] = self.lists.jwks()["keys"]
        return keys

    @property
    def now(self) -> int:
        """Return the present second."""
        return int(self.world.clock.now().timestamp())

    def ask(self, question: Callable[[StatusLists], Coroutine[Any, Any, Answer]]) -> Answer:
        """Ask through a reader and a memory of its own, as another process would."""

        async def answer() -> Answer:
            reader = open_reader(self.world.database.url)
            try:
                return await question(make_lists(self.world, reader))
            finally:
                await reader.close()

        return asyncio.run(answer())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.world.database.snapshot() as session:
            return [tuple(row) for row in session.execute(text(query))]


def make_lists(world: World, reader: Any) -> StatusLists:
    """Compose the lists of a process."""
    lists = StatusLists(world.database, reader, world.store, world.clock, public_url=PUBLIC_URL, life=LIFE)
    lists.prepare()
    return lists


def open_listing(world: World) -> Listing:
    """Open the lists of a hub; only `ask` reads through a reader."""
    return Listing(world, make_lists(world, None))


def another_process(listing: Listing, keys: Path) -> Listing:
    """Open the same hub a second time, at the same moment."""
    world = open_world(listing.world.database.url, keys)
    world.clock.instant = listing.world.clock.instant
    return open_listing(world)


def issue(world: World, place: int) -> Issued:
    """Issue the place-th company's licence."""
    return world.licences.issue(world.caller(), company_draft(place), f"issue-of-{place}")


def act(world: World, operation: str, issued: Issued) -> Issued:
    """Do an operation that makes no new edition."""
    caller, key = world.caller(), f"{operation}-{issued.id}-{issued.revision}"
    return world.licences.act(
        caller, operation, issued.identifier, issued.revision, "依职权", "行政许可法第六十九条", None, key
    )


def renew(world: World, issued: Issued, place: int) -> Issued:
    """Renew a licence; return its old edition as it is now."""
    world.licences.renew(world.caller(), issued.identifier, company_draft(place), issued.revision, f"renew-{issued.id}")
    return replace(issued, revision=issued.revision + 1)
