"""The change feed: how long after its commit a change is with 1,000 subscribers of one process, how many messages a second they get, and what memory each takes.

Subscribers are real WebSocket connections (`websockets`) of eight client systems to a hub by its own command; each selects the licence with six fields. A change is
a business licence that is issued in this process, which serves nobody: the served process is the sequencer and is told by itself. *Latency* counts from the
return of the commit to the arrival at a subscriber, and holds the half second in which records become leaves. *Rate* is that of many changes at once,
from the first message to the last. *Memory* is that of the served process with all subscribers, less than before, divided by them.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.companies import TYPE, draft
from benchmarks.figures import percentile
from benchmarks.processes import memory_megabytes
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import GRANTED, ISSUER, ITEM, READER, Scene, make_scene
from benchmarks.servers import hub_process
from benchmarks.workshop import Workshop
from hub.composition import Hub

SECONDS_TO_ALL, MESSAGES_A_SECOND, KILOBYTES_EACH = 2, 2_000, 100
FOLLOW: Final = """subscription Follow($item: String!) { changes(item: $item) { kind identifier at status cursor
  licence { ... on BusinessLicence { number name legalRepresentative address businessScope holders { code } } } } }"""
_KILO: Final = 1_000
_SETTLING_SECONDS: Final = 2.0
_LONGEST_SECONDS: Final = 120.0


@dataclass(slots=True)
class Listening:
    """What subscribers have heard: of each change when it came, to whomever."""

    arrivals: list[float] = field(default_factory=list)

    async def listen(self, socket: ClientConnection) -> None:
        """Note each message of a subscriber."""
        async for _ in socket:
            self.arrivals.append(time.monotonic())

    async def heard(self, count: int) -> list[float]:
        """Return when so many messages came, once they have; and forget them."""
        ends = time.monotonic() + _LONGEST_SECONDS
        while len(self.arrivals) < count:
            if time.monotonic() > ends:
                raise RuntimeError(f"Of {count} messages {len(self.arrivals)} came.")
            await asyncio.sleep(0.01)
        found, self.arrivals = sorted(self.arrivals), []
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds from commit to arrival, messages a second, and kilobytes of a subscriber."""

    latencies: Sequence[float]
    rate: float
    kilobytes: float


def run(workshop: Workshop) -> Outcome:
    """Measure on PostgreSQL."""
    subscribers, changes = workshop.sizes.subscribers, workshop.sizes.changes
    scene = make_scene(workshop.folder / "feed", workshop.postgres.database("feed"))
    _grant(scene)
    found = _measured(workshop, scene, subscribers, changes)
    ordered = sorted(found.latencies)
    p50, p95, p99 = (percentile(ordered, each) for each in (50, 95, 99))
    row = (
        f"{subscribers:,}",
        f"{p50:.2f}",
        f"{p95:.2f}",
        f"{p99:.2f}",
        f"{ordered[-1]:.2f}",
        f"{found.rate:,.0f}",
        f"{found.kilobytes:,.0f}",
    )
    columns = ("subscribers", "p50, s", "p95, s", "p99, s", "the longest", "messages a second", "kB each")
    goals = (
        Goal(f"from commit to the {subscribers:,} subscribers of one process, p99", p99, SECONDS_TO_ALL, " s", at_most=True),
        Goal("messages a second of one process", found.rate, MESSAGES_A_SECOND),
        Goal("memory of a subscriber", found.kilobytes, KILOBYTES_EACH, " kB", at_most=True),
    )  # fmt: skip
    remarks = (
        f"PostgreSQL, one process. {changes:,} changes one at a time for latency, {changes:,} at once for the rate.",
        "Every delivery is read, recorded durably and only then sent; once for all subscribers of a client system.",
        "Records become leaves every half second: on the average a quarter of a second of each latency.",
    )  # fmt: skip
    return Outcome(goals, (Table("Changes to subscribers", columns, (row,)),), remarks)


def _grant(scene: Scene) -> None:
    with scene.opened() as hub:
        today = hub.settings.calendar.day(hub.clock.now())
        hub.sharing.add_grant(
            READER, ITEM, TYPE, GRANTED, roles=(), legal_basis="《优化营商环境条例》", feed=True,
            valid_from=today, valid_until=today + timedelta(days=365), approver="基准测试",
        )  # fmt: skip


def _measured(workshop: Workshop, scene: Scene, subscribers: int, changes: int) -> Found:
    signed_in: list[str] = []

    def asking(_port: int, tokens: Sequence[str]) -> list[object]:
        signed_in.extend(tokens)
        return []

    more = {"HUB_LIMIT_CLIENT_SOCKETS": str(subscribers), "HUB_LIMIT_SOCKETS": str(max(subscribers, 2_000))}
    with hub_process(scene, "licence hub", asking, more) as server, scene.opened() as hub:  # type: ignore[arg-type]  # it is asked nothing by HTTP
        return asyncio.run(_followed(workshop, hub, (server.process, server.port), signed_in, subscribers, changes))


async def _followed(
    workshop: Workshop, hub: Hub, server: tuple[int, int], tokens: Sequence[str], subscribers: int, changes: int
) -> Found:
    process, port = server
    listening = Listening()
    async with AsyncExitStack() as stack:
        first = await _subscribed(stack, port, tokens[0])  # what the first one makes ready is nobody's share
        tasks = [asyncio.create_task(listening.listen(first))]
        _issue(hub, range(1))
        await listening.heard(1)
        before = memory_megabytes(process)[0]
        workshop.say(f"{subscribers:,} subscribers")
        for place in range(1, subscribers):
            socket = await _subscribed(stack, port, tokens[place % len(tokens)])
            tasks.append(asyncio.create_task(listening.listen(socket)))
        await asyncio.sleep(_SETTLING_SECONDS)
        latencies: list[float] = []
        for place in range(1, 1 + changes):
            committed = _issue(hub, range(place, place + 1))
            latencies += [each - committed for each in await listening.heard(subscribers)]
        workshop.say(f"{changes:,} changes at once")
        _issue(hub, range(1 + changes, 1 + 2 * changes))
        arrivals = await listening.heard(subscribers * changes)
        kilobytes = (memory_megabytes(process)[0] - before) * _KILO / max(1, subscribers - 1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return Found(latencies, len(arrivals) / (arrivals[-1] - arrivals[0]), kilobytes)


async def _subscribed(stack: AsyncExitStack, port: int, token: str) -> ClientConnection:
    """Return a connection that follows."""
    opening = connect(
        f"ws://127.0.0.1:{port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        proxy=None,
        compression=None,
    )
    socket = await stack.enter_async_context(opening)
    await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
    await socket.recv()
    payload = {"query": FOLLOW, "variables": {"item": ITEM}}
    await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
    return socket


def _issue(hub: Hub, places: range) -> float:
    """Issue licences in one commit, and return when it was done."""
    hub.licences.issue_many(ISSUER, "benchmark", [draft(place) for place in places])
    return time.monotonic()
