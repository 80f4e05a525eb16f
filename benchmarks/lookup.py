"""(a) `case` -> licence by number over HTTP, with token, policy, decryption, presentation and durable record, beside four other servers.

The hub runs a trusted document: eight of the twelve fields of a business licence's face, what was withheld, and the presentation. On its services
(`by_services.py`) the same steps are done for the same answer by an endpoint written by hand, without GraphQL: what GraphQL costs. By hand (`by_hand.py`) they are
written without the hub's layers, too, and some are left out: what a hub costs that serves every question. PostGraphile and the bare
endpoint do less: ten columns of one row by its unique identifier, the sealed licence among them, without token, policy, decryption or record.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from random import Random

from sqlalchemy import make_url

from benchmarks import postgres
from benchmarks.contest import Contest, ask_each_once, compete
from benchmarks.results import Goal, Outcome
from benchmarks.scene import Scene, copied, make_scene
from benchmarks.servers import (
    Server,
    bare_server,
    by_hand_server,
    by_services_server,
    hub_server,
    identifiers_of,
    npm_packages,
    npm_versions,
    postgraphile_server,
)
from benchmarks.workshop import Workshop

HUB, BY_SERVICES, BY_HAND, BARE = "licence hub", "its services by hand", "by hand", "bare Starlette"
POSTGRAPHILE = "PostGraphile 5"
OF_POSTGRAPHILE, OF_BY_HAND, MOST_P99, MOST_MEMORY = 2.0, 0.75, 1.0, 150
SEED = 20261125


def run(workshop: Workshop) -> Outcome:
    """Measure all servers in turn, on the smallest size."""
    remarks = list[str]()
    contests = {"PostgreSQL": _on_postgres(workshop, remarks), "SQLite": _on_sqlite(workshop)}
    goals = [
        Goal(f"CPU {what} / of the hub, {name}", contest.cpu_ratio(other, HUB).median, OF_BY_HAND)
        for name, contest in contests.items()
        for what, other in (("on its services without GraphQL", BY_SERVICES), ("by hand", BY_HAND))
    ]
    first = contests["PostgreSQL"]
    if POSTGRAPHILE in first.standings:
        p99 = first.p99_ratio(HUB, POSTGRAPHILE).median
        goals += [
            Goal("CPU of PostGraphile / of the hub", first.cpu_ratio(POSTGRAPHILE, HUB).median, OF_POSTGRAPHILE),
            Goal("p99 of the hub / of PostGraphile", p99, MOST_P99, at_most=True),
        ]
    memory = max(contest.standings[HUB].memory for contest in contests.values())
    goals.append(Goal("memory of the server, the most of both databases", memory, MOST_MEMORY, " MB", at_most=True))
    tables = tuple(contest.table(f"On {name}") for name, contest in contests.items())
    told = [
        each
        for name, contest in contests.items()
        for each in (
            *_rates(name, contest),
            *_lines(name, contest),
            f"{name}, {contest.with_workers(HUB)}",
            f"{name}: {contest.told()}",
        )
    ]
    return Outcome(tuple(goals), tables, (*told, *remarks))


def _rates(name: str, contest: Contest) -> list[str]:
    return [
        f"{name}: rate of the hub / of {other}: {contest.rate_ratio(other, HUB).shown(2)}; CPU of {other} / of the hub:"
        f" {contest.cpu_ratio(other, HUB).shown(2)}."
        for other in contest.standings
        if other != HUB
    ]


def _lines(name: str, contest: Contest) -> list[str]:
    return [f"{name}, {contest.in_line(other)}" for other in contest.standings]


def places_of(workshop: Workshop, size: int) -> list[int]:
    """Return which of `size` companies are asked for: random ones, the same in every run."""
    return Random(SEED).sample(range(size), workshop.sizes.asked)  # noqa: S311 - the same dice in every run


def _on_postgres(workshop: Workshop, remarks: list[str]) -> Contest:
    size, asked = workshop.sizes.licences[0], workshop.sizes.asked
    scene, places = workshop.growing.at(size), places_of(workshop, size)
    _open_cases(scene, places)
    url, folder = scene.settings.database_url, workshop.folder / "postgraphile"
    # Databases of their own: records are then not integrated into the log by another hub.
    second, third = (
        scene.on(workshop.postgres.database(each, str(make_url(url).database))) for each in ("by_services", "by_hand")
    )
    wanted: list[AbstractContextManager[Server]] = [
        hub_server(scene, HUB, places), by_services_server(second, BY_SERVICES, places), by_hand_server(third, BY_HAND, places),
        bare_server(url, BARE, identifiers_of(scene, asked)),
    ]  # fmt: skip
    if packages := npm_packages(install=workshop.sizes.installs):
        rows = [{"identifier": each} for each in identifiers_of(scene, asked)]
        wanted.append(postgraphile_server(packages, folder, url, POSTGRAPHILE, "one", rows))
        remarks.append(f"{npm_versions(packages)}.")
    else:
        remarks.append(f"{POSTGRAPHILE}: not run: node is missing.")
    return _all(
        workshop, wanted, workshop.postgres.process, url, second.settings.database_url, third.settings.database_url
    )


def _on_sqlite(workshop: Workshop) -> Contest:
    folder, size = workshop.folder / "lookup", workshop.sizes.licences[0]
    scene, places = make_scene(folder, f"sqlite:///{folder / 'hub.db'}"), places_of(workshop, size)
    workshop.say(f"issuing {size:,} licences on SQLite")
    scene.issue(range(size))
    _open_cases(scene, places)
    second, third = (copied(scene, folder / f"{each}.db") for each in ("by_services", "by_hand"))
    wanted = [
        hub_server(scene, HUB, places), by_services_server(second, BY_SERVICES, places), by_hand_server(third, BY_HAND, places),
        bare_server(scene.settings.database_url, BARE, identifiers_of(scene, workshop.sizes.asked)),
    ]  # fmt: skip
    return _all(workshop, wanted, None)


def _open_cases(scene: Scene, places: Sequence[int]) -> None:
    """Let a hub open the cases that are asked for, and end."""
    with hub_server(scene, HUB, places) as hub:
        ask_each_once(hub)


def _all(
    workshop: Workshop, wanted: Sequence[AbstractContextManager[Server]], database: int | None, *urls: str
) -> Contest:
    def settle() -> None:
        for url in urls:
            postgres.settle(url)

    with ExitStack() as stack:
        servers = [stack.enter_context(each) for each in wanted]
        return compete(servers, database, workshop.sizes.pace, workshop.say, settle)
