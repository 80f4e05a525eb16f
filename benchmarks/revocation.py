"""(e) Revoking over HTTP at the smallest size and at a million licences with ten million places in status lists.

One at a time, as an officer sends it: `revokeLicence` with policy, locks, row, event, note, record, reply and commit, and the
licence read back through the funnel. Then how long it takes until a list shows it, and what memory a server has that has served
all lists. Places beyond those of the licences are made by publishing lists in which every hundredth place has changed.
"""

import math
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from random import Random

import httpx
from sqlalchemy import text

from benchmarks import postgres
from benchmarks.companies import LAW
from benchmarks.figures import Figure, percentile, spread
from benchmarks.load import Request, load, post
from benchmarks.lookup import MOST_MEMORY, SEED
from benchmarks.processes import cores, cpu_seconds, memory_megabytes, pin, pinned
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import Scene
from benchmarks.servers import Server, hub_server
from benchmarks.workshop import Workshop
from hub.licences.status_lists import VISIBLE_WITHIN
from hub.licences.status_places import PLACES
from keys.status_list import read
from keys.status_list_form import JWT_MEDIA

MOST_MILLISECONDS, WITHIN = 10, 1.3
CHANGED = PLACES // 100
COLUMNS = ("licences", "places in lists", "p50 ms", "p99 ms", "server CPU, us", "PostgreSQL CPU, us", "memory MB")
REVOKE = """mutation Revoke($input: StatusInput!) {
  revokeLicence(input: $input) { __typename ... on Licence { identifier status } ... on Problem { code } }
}"""


@dataclass(slots=True)
class Site:
    """A hub of one size, and what revoking cost there, round by round."""

    scene: Scene
    licences: int
    lists: int
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database_cpu: list[float] = field(default_factory=list)
    memory: float = 0

    def row(self) -> tuple[str, ...]:
        """Return the row of the table."""
        return (
            f"{self.licences:,}", f"{self.lists * PLACES:,}",
            *(Figure.of(each).shown(1) for each in (self.p50, self.p99)),
            *(Figure.of(each).shown() for each in (self.cpu, self.database_cpu)),
            f"{self.memory:,.0f}",
        )  # fmt: skip

    def fill(self) -> None:
        """Publish all lists, with every hundredth place of each changed, as changes of licences would."""
        dice = Random(SEED)  # noqa: S311 - the same dice in every run
        places = ((number, dice.randrange(PLACES)) for number in range(1, self.lists + 1) for _ in range(CHANGED))
        insert = text("INSERT INTO status_pending (status_list, status_index, value) VALUES (:number, :place, 1)")
        with self.scene.opened() as hub:
            with hub.database.transaction() as session:
                session.execute(insert, [{"number": number, "place": place} for number, place in places])
            hub.status_lists.publish_due()
        postgres.settle(self.scene.settings.database_url)

    def valid(self, count: int) -> list[tuple[str, int, int]]:
        """Return identifier, list and place of random licences that nobody has changed."""
        columns = "SELECT identifier, status_list, status_index FROM licence WHERE status = 'VALID' AND revision = 1"
        with self.scene.opened() as hub, hub.database.snapshot() as session:
            rows = session.execute(text(f"{columns} ORDER BY random() LIMIT :count"), {"count": count})
            return [(identifier, number, place) for identifier, number, place in rows]

    def revoke(self, server: Server, requests: Sequence[Request], database: int) -> None:
        """Revoke these licences one after the other and note what it cost."""
        before, database_before = cpu_seconds(server.process), cpu_seconds(database)
        got = load(server.port, requests, 0, connections=1, least=len(requests))
        self.cpu.append((cpu_seconds(server.process) - before) / got.answers * 1e6)
        self.database_cpu.append((cpu_seconds(database) - database_before) / got.answers * 1e6)
        self.p50.append(percentile(got.latencies, 50))
        self.p99.append(percentile(got.latencies, 99))


def run(workshop: Workshop) -> Outcome:
    """Revoke at both sizes in turn."""
    smallest, largest = workshop.sizes.licences[0], workshop.sizes.licences[-1]
    for size in workshop.sizes.licences:
        workshop.growing.at(size)
    small = Site(workshop.growing.at(smallest), smallest, 1)
    large = Site(workshop.growing.at(largest), largest, math.ceil(workshop.sizes.status_entries / PLACES))
    for site in (small, large):
        workshop.say(f"publishing {site.lists * PLACES:,} places of status lists")
        site.fill()
    visible = _revoke(workshop, small, large)
    medians = [Figure.of(each.cpu).median for each in (small, large)]
    goals = (
        Goal("revoke at the largest size, p50", Figure.of(large.p50).median, MOST_MILLISECONDS, " ms", at_most=True),
        Goal("CPU of a revocation, more / less of both sizes", spread(medians), WITHIN, at_most=True),
        Goal("until a revocation shows in its list", visible, VISIBLE_WITHIN, " s", at_most=True),
        Goal("memory of the server that has served all lists", large.memory, MOST_MEMORY, " MB", at_most=True),
    )
    return Outcome(goals, (Table("On PostgreSQL", COLUMNS, (small.row(), large.row())),))


def _revoke(workshop: Workshop, *sites: Site) -> float:
    """Let the hubs revoke in turn; return after how many seconds a revocation showed at the last of them."""
    ours, rest = cores()
    rounds, revoked = workshop.sizes.pace.rounds, workshop.sizes.revoked
    with ExitStack() as stack:
        servers = [stack.enter_context(hub_server(site.scene, f"{site.licences:,}", [0])) for site in sites]
        asked = [
            _revocations(site, server.port, (rounds + 1) * revoked) for site, server in zip(sites, servers, strict=True)
        ]
        for server in servers:
            pin(server.process, ours)
        stack.enter_context(pinned(rest))
        for server, requests in zip(servers, asked, strict=True):
            load(server.port, list(islice(requests, revoked)), 0, connections=1, least=revoked)
        for number in range(1, rounds + 1):
            workshop.say(f"revoking, round {number} of {rounds}")
            for site, server, requests in zip(sites, servers, asked, strict=True):
                site.revoke(server, list(islice(requests, revoked)), workshop.postgres.process)
        for site, server in zip(sites, servers, strict=True):
            for number in range(1, site.lists + 1):
                _fetch(server.port, number)
            site.memory, _ = memory_megabytes(server.process)
        workshop.say("waiting for a revocation to show")
        return _until_shown(sites[-1], servers[-1].port)


def _revocations(site: Site, port: int, count: int) -> Iterator[Request]:
    """Return requests that revoke a licence each."""
    token = site.scene.officer.sign_in(port)
    return iter([_revocation(port, identifier, token) for identifier, _, _ in site.valid(count)])


def _revocation(port: int, identifier: str, token: str) -> Request:
    wanted = {
        "identifier": identifier, "revision": 1, "reason": "基准测试：吊销", "legalBasis": LAW,
        "idempotencyKey": secrets.token_hex(16),
    }  # fmt: skip
    body = {"query": REVOKE, "variables": {"input": wanted}}
    return Request(post(port, "/graphql", body, token), (identifier.encode(), b'"REVOKED"'))


def _until_shown(site: Site, port: int) -> float:
    """Revoke one more licence; return the seconds until its list says so to whoever fetches it."""
    (identifier, number, place), *_ = site.valid(1)
    keys = httpx.get(f"http://127.0.0.1:{port}/.well-known/jwks.json", trust_env=False).json()["keys"]
    load(port, [_revocation(port, identifier, site.scene.officer.sign_in(port))], 0, connections=1)
    started = time.perf_counter()
    while time.perf_counter() - started < 2 * VISIBLE_WITHIN:
        if read(_fetch(port, number), JWT_MEDIA, keys).value(place) == 1:
            break
        time.sleep(0.25)
    return time.perf_counter() - started


def _fetch(port: int, number: int) -> bytes:
    address = f"http://127.0.0.1:{port}/status-lists/{number}"
    return httpx.get(address, headers={"Accept": JWT_MEDIA}, trust_env=False).raise_for_status().content
