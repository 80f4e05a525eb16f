"""(e) Status lists: what a revocation costs at 10,000 and at a million licences, and publishing at 10 million entries.

*Revoking* is `Licences.act` as an officer's system calls it: idempotency, status, event with sealed reason, note, record, one
durable commit; beside it, each time, one row changed and durably committed, for the disk's share. *Publishing* is `StatusLists.publish_due`: notes, bits, compression, both signatures, one durable commit. Rows
beyond the licences that are revoked are filled in by SQL: they make the tables as large as they would be, and are never read.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from sqlmodel import text

from benchmarks import postgres
from benchmarks.companies import draft
from benchmarks.figures import Figure, percentile
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import ISSUER, make_scene
from benchmarks.workshop import Workshop
from hub.access.caller import SCOPES, Caller
from hub.composition import Hub
from hub.licences.service import Issued
from hub.licences.status_places import HALF, PLACES

ENTRIES, REVOKED_SHARE = 10_000_000, 0.02
MOST_REVOKING, WITHIN, MOST_PUBLISHING = 10, 1.5, 5_000

# One more row like the first for every number, in lists that no real licence stands in yet; 2039 meets each place once.
_NUMBERS = "WITH RECURSIVE number(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM number WHERE n + 1 < {stop}) "
_LICENCES = (
    "INSERT INTO licence (id, identifier, serial, version, type_key, type_version, authority, es_id, status, revision,"
    " valid_from, valid_until, sealed, sealed_at, status_list, status_index, supersedes, superseded_by)"
    " {numbers} SELECT 'filler-' || n, 'filler-' || n, 'filler-' || n, version, type_key, type_version, authority, es_id,"
    " status, revision, valid_from, valid_until, 'filler', sealed_at, n / {half} + 2, n % {places} * 2039 % {places}, NULL, NULL"
    " FROM number, licence WHERE licence.id = :id"
)
_EVENTS = (
    "INSERT INTO licence_event (id, licence_id, sequence, operation, status, actor, legal_basis, reason, key_id,"
    " effective_at, recorded_at) {numbers} SELECT 'filler-' || n, 'filler-' || n, 1, operation, status, actor,"
    " legal_basis, reason, key_id, effective_at, recorded_at FROM number, licence_event WHERE licence_id = :id"
)
_PARTS = (
    "INSERT INTO licence_part (licence_id, part, path, key_id, handle, data)"
    " {numbers} SELECT 'filler-' || n, part, path, p.key_id, handle, reason FROM number, licence_part p"
    " JOIN licence_event e ON e.licence_id = p.licence_id WHERE p.licence_id = :id AND part = 0 AND path = ''"
)
_NOTE = (
    "INSERT INTO status_pending (status_list, status_index, value)"
    " {numbers} SELECT n % {lists} + 1, n / {lists} * 2039 % {places}, 1 + n % 3 FROM number"
)


@dataclass(slots=True)
class Revoking:
    """Milliseconds of each revocation, and of the bare commit beside it, by the number of licences."""

    milliseconds: dict[int, list[float]] = field(default_factory=dict)
    bare: dict[int, list[float]] = field(default_factory=dict)

    def beyond(self, size: int) -> Figure:
        """Return how much longer a revocation takes than a bare commit."""
        return Figure.of([one - other for one, other in zip(self.milliseconds[size], self.bare[size], strict=True)])

    def rows(self, name: str) -> list[tuple[str, ...]]:
        """Return the rows of the table."""
        return [
            (name, f"{size:,}", Figure.of(each).shown(1), f"{percentile(sorted(each), 99):,.1f}",
             Figure.of(self.bare[size]).shown(1), f"{self.beyond(size).median:,.1f}")
            for size, each in self.milliseconds.items()
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publishing:
    """Milliseconds of a round of publishing, and bytes of one list as JWT and as CWT."""

    lists: int
    all_new: float
    one_changed: Sequence[float]
    all_changed: float
    nothing: float
    past: float
    jwt: int
    cwt: int


@contextmanager
def opened(workshop: Workshop, name: str) -> Iterator[Hub]:
    """Yield a hub on an empty database of one kind: "SQLite" or "PostgreSQL"."""
    folder = workshop.folder / f"status-{name}"
    url = f"sqlite:///{folder / 'hub.db'}" if name == "SQLite" else workshop.postgres.database("status_lists")
    with make_scene(folder, url).opened() as hub:
        yield hub


def revoking(hub: Hub, sizes: Sequence[int], times: int) -> Revoking:
    """Revoke `times` licences at each size of the database."""
    issued = hub.licences.issue_many(ISSUER, "benchmark", [draft(place) for place in range(times * len(sizes))])
    measured, filled = Revoking(), len(issued)
    for place, size in enumerate(sizes):
        fill(hub, issued[-1].id, filled, size)
        filled = max(filled, size)
        revoke = partial(_revoke, hub, _officer(hub))
        chosen = issued[place * times : (place + 1) * times]
        pairs = [(_milliseconds(partial(revoke, one)), _milliseconds(partial(_commit, hub))) for one in chosen]
        measured.milliseconds[size], measured.bare[size] = map(list, zip(*pairs, strict=True))
    return measured


def fill(hub: Hub, like: str, start: int, stop: int) -> None:
    """Add licences that are like one, without its face, from number `start` to `stop`."""
    if stop > start:
        with hub.database.transaction() as session:
            for statement in (_LICENCES, _EVENTS, _PARTS):
                numbers = _NUMBERS.format(start=start, stop=stop)
                session.execute(text(statement.format(numbers=numbers, half=HALF, places=PLACES)), {"id": like})
    _settle(hub)


def publishing(hub: Hub, entries: int, rounds: int) -> Publishing:
    """Publish lists with so many entries, half of their places used and 2 % of these not valid, in several ways."""
    lists = max(1, entries // HALF + 1)
    note(hub, lists, int(entries * REVOKED_SHARE))
    all_new = _milliseconds(hub.status_lists.publish_due)
    _settle(hub)
    one = []
    for _ in range(rounds):
        note(hub, 1, 1)
        one.append(_milliseconds(hub.status_lists.publish_due))
    note(hub, lists, lists)
    all_changed = _milliseconds(hub.status_lists.publish_due)
    nothing = _milliseconds(hub.status_lists.publish_due)
    now = int(hub.clock.now().timestamp())
    past = _milliseconds(lambda: asyncio.run(hub.status_lists.past(1, now)))
    with hub.database.snapshot() as session:
        jwt, cwt = session.execute(text("SELECT length(jwt), length(cwt) FROM status_list WHERE number = 1")).one()
    return Publishing(lists, all_new, one, all_changed, nothing, past, jwt, cwt)


def note(hub: Hub, lists: int, changes: int) -> None:
    """Note changes of so many places, spread over the first lists, as revocations do."""
    numbers = _NUMBERS.format(start=0, stop=changes)
    with hub.database.transaction() as session:
        session.execute(text(_NOTE.format(numbers=numbers, lists=lists, places=PLACES)))


def _revoke(hub: Hub, officer: Caller, one: Issued) -> None:
    hub.licences.act(
        officer, "revoke", one.identifier, one.revision, "依职权吊销", "《市场主体登记管理条例》", None, one.id
    )


def _commit(hub: Hub) -> None:
    with hub.database.transaction() as session:
        session.execute(text("UPDATE policy_epoch SET value = value"))


def _officer(hub: Hub) -> Caller:
    with hub.database.snapshot() as session:
        return Caller("benchmark", ISSUER, frozenset(SCOPES), hub.audit.epoch(session))


def _settle(hub: Hub) -> None:
    if not hub.database.is_sqlite:
        postgres.settle(hub.database.url)


def _milliseconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return (time.perf_counter() - started) * 1000


def run(workshop: Workshop) -> Outcome:
    """Measure both databases."""
    sizes, times = (workshop.sizes.licences[0], workshop.sizes.licences[-1]), max(workshop.sizes.sealed // 4, 5)
    full = workshop.sizes.licences[-1] >= 10**6  # a quick run shows that it runs
    goals: list[Goal] = []
    rows: list[tuple[str, ...]] = []
    costs: list[tuple[str, ...]] = []
    for name in ("SQLite", "PostgreSQL"):
        with opened(workshop, name) as hub:
            workshop.say(f"{name}: revoking at {sizes[0]:,} and {sizes[-1]:,} licences")
            revoked = revoking(hub, sizes, times)
            rows += revoked.rows(name)
            entries = ENTRIES if full else PLACES
            workshop.say(f"{name}: publishing {entries:,} entries")
            published = publishing(hub, entries, workshop.sizes.pace.rounds)
            costs.append((name, *_publishing(published)))
        goals += [
            Goal(f"{name}: a revocation at {sizes[-1]:,} licences, beyond a bare commit", revoked.beyond(sizes[-1]).median,
                 MOST_REVOKING, " ms", at_most=True),
            Goal(f"{name}: that / one at {sizes[0]:,}", revoked.beyond(sizes[-1]).median / revoked.beyond(sizes[0]).median,
                 WITHIN, at_most=True),
            Goal(f"{name}: all lists of {entries:,} entries published anew", published.all_changed, MOST_PUBLISHING,
                 " ms", at_most=True),
        ]  # fmt: skip
    tables = (
        Table("Revoking, ms", ("database", "licences", "one", "p99", "bare commit", "beyond it"), tuple(rows)),
        Table("Publishing, ms", ("database", "lists", "first, with 2 % changed", "one list changed", "all changed",
                                 "nothing changed", "a past list", "JWT, bytes", "CWT, bytes"), tuple(costs)),
    )  # fmt: skip
    return Outcome(tuple(goals), tables, ("Wall time in this process, each commit durable.",))


def _publishing(found: Publishing) -> tuple[str, ...]:
    milliseconds = (found.all_changed, found.nothing, found.past)
    return (
        f"{found.lists}", f"{found.all_new:,.0f}", Figure.of(found.one_changed).shown(1),
        *(f"{each:,.1f}" for each in milliseconds), f"{found.jwt:,}", f"{found.cwt:,}",
    )  # fmt: skip
