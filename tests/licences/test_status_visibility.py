"""A revocation is visible to everybody within a minute, through the slowest shared cache and the laziest verifier."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from starlette.applications import Starlette

from hub.endpoints.routes import routes
from hub.endpoints.services import EndpointServices
from hub.licences.status_lists import LONGEST_PERIOD, VISIBLE_WITHIN
from hub.reading import open_reader
from hub.settings import Settings
from keys.listed_status import status_in_list
from keys.status_list import StatusList, read
from keys.status_list_form import JWT_MEDIA
from tests.endpoints.machine import (
    NoImports,
    NoLog,
    NoOfflinePack,
    NoRenditions,
    NoSchema,
    NoSealLists,
    NoStaff,
    nothing,
)
from tests.licences.listing import Listing, act, issue, make_lists, open_listing
from tests.licences.world import World


@dataclass
class Cache:
    """A shared cache (RFC 9111): serves what it has while that is fresh, then asks again."""

    http: httpx.AsyncClient
    phase: int
    body: bytes = b""
    fresh_until: float = 0

    async def get(self, now: float) -> bytes:
        if now >= self.fresh_until:
            answer = (await self.http.get("/status-lists/1")).raise_for_status()
            kept = dict(part.strip().partition("=")[::2] for part in answer.headers["cache-control"].split(","))
            self.body, self.fresh_until = answer.content, now + int(kept["max-age"])
        return self.body


@dataclass
class Verifier:
    """Keeps his copy as long as it allows, and only then asks the cache."""

    cache: Cache
    phase: int
    presentation: str
    believes: str | None = None
    kept: StatusList | None = None
    fetched_at: datetime | None = None

    def says(self, now: datetime) -> str | None:
        if self.kept is None:
            return None
        status = status_in_list(self.kept, self.presentation, now, fetched_at=self.fetched_at)
        return status.status if status else None


@pytest.fixture
def listing(world: World) -> Listing:
    return open_listing(world)


class Timeline:
    """Seconds that pass: the publisher at every period, each cache and verifier at a phase of its own."""

    def __init__(self, listing: Listing, http: httpx.AsyncClient, presentation: str) -> None:
        self.listing = listing
        self.caches = [Cache(http, phase) for phase in range(0, 10, 3)]
        phases = range(10, 30, 4)
        self.verifiers = [Verifier(cache, phase, presentation) for cache in self.caches for phase in phases]
        self.read: dict[bytes, StatusList] = {}

    async def second(self, second: int) -> None:
        """Let one second pass."""
        now = self.listing.world.clock.now()
        if second % LONGEST_PERIOD == 0:
            self.listing.publish()
        for cache in self.caches:
            if second >= cache.phase:
                await cache.get(now.timestamp())
        for verifier in self.verifiers:
            if second >= verifier.phase and verifier.says(now) is None:
                verifier.kept, verifier.fetched_at = self.parsed(await verifier.cache.get(now.timestamp())), now
            verifier.believes = verifier.says(now)
        self.listing.world.clock.advance(seconds=1)

    def parsed(self, body: bytes) -> StatusList:
        """Read a list, each of them once."""
        if body not in self.read:
            self.read[body] = read(body, JWT_MEDIA, self.listing.keys)
        return self.read[body]

    def believed(self) -> set[str | None]:
        """What the verifiers believe."""
        return {verifier.believes for verifier in self.verifiers}


@pytest.mark.parametrize("revoked_at", [46, 59])
def test_a_revocation_is_visible_everywhere_in_time(listing: Listing, revoked_at: int) -> None:
    issued = issue(listing.world, 1)
    presentation = f"{listing.world.stored(issued.identifier).sealed}~"

    async def run() -> int:
        reader = open_reader(listing.world.database.url)
        services = EndpointServices(
            cast("Any", None),
            cast("Any", None),
            make_lists(listing.world, reader),
            dict,
            lambda: True,
            nothing,
            NoSchema(),
            NoImports(),
            NoStaff(),
            NoSealLists(),
            log=NoLog(),
            cosign=len,
            exemption_list=bytes,
            offline_pack=NoOfflinePack(),
            renditions=NoRenditions(),
        )
        second = revoked_at
        transport = httpx.ASGITransport(Starlette(routes=list(routes(services))))
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.example.gov.cn") as http:
            timeline = Timeline(listing, http, presentation)
            for second in range(revoked_at):
                await timeline.second(second)
            assert timeline.believed() == {"VALID"}
            act(listing.world, "revoke", issued)
            while timeline.believed() != {"INVALID"} and second < revoked_at + 2 * VISIBLE_WITHIN:
                await timeline.second(second)
                second += 1
        await reader.close()
        return second - revoked_at

    # Publishing was done in no time here; it may take as long as a period.
    assert asyncio.run(run()) <= VISIBLE_WITHIN - LONGEST_PERIOD


def test_no_setting_makes_it_slower() -> None:
    assert Settings.__dataclass_fields__["status_list_seconds"].default == LONGEST_PERIOD
    assert timedelta(seconds=VISIBLE_WITHIN) == timedelta(minutes=1)
