"""(a) `case` -> licence by number over HTTP, with token, policy, decryption and durable record, beside servers without any.

The hub's answer is the demonstration's ready query: case, licence by number, ten fields, what was withheld and a presentation.
The references return ten columns of one row by its unique identifier, the sealed licence among them, and do nothing else.
"""

from contextlib import ExitStack
from random import Random

from benchmarks import postgres
from benchmarks.contest import Contest, compete
from benchmarks.results import Goal, Outcome
from benchmarks.scene import make_scene
from benchmarks.servers import bare_server, hub_server, identifiers_of, npm_packages, npm_versions, postgraphile_server
from benchmarks.workshop import Workshop

HUB, BARE, POSTGRAPHILE = "licence hub, PostgreSQL", "bare Starlette, PostgreSQL", "PostGraphile 5"
HUB_SQLITE, BARE_SQLITE = "licence hub, SQLite", "bare Starlette, SQLite"
OF_BARE, OF_POSTGRAPHILE, MOST_MEMORY = 0.25, 0.4, 250
SEED = 20261125


def run(workshop: Workshop) -> Outcome:
    """Measure all servers in turn, on the smallest size."""
    contest, remarks = _on_postgres(workshop)
    beside = _on_sqlite(workshop)
    goals = [
        Goal("CPU of the bare endpoint / of the hub, PostgreSQL", contest.cpu_ratio(BARE, HUB).median, OF_BARE),
        Goal(
            "CPU of the bare endpoint / of the hub, SQLite", beside.cpu_ratio(BARE_SQLITE, HUB_SQLITE).median, OF_BARE
        ),
    ]
    if POSTGRAPHILE in contest.standings:
        ratio = contest.cpu_ratio(POSTGRAPHILE, HUB).median
        goals.append(Goal("CPU of PostGraphile / of the hub", ratio, OF_POSTGRAPHILE))
    tables = (contest.table("On PostgreSQL"), beside.table("On SQLite"))
    rates = [
        f"Rate of the hub / of {name}: {contest.rate_ratio(name, HUB).shown(2)}."
        for name in contest.standings
        if name != HUB
    ]
    return Outcome(tuple(goals), tables, (*rates, *remarks, contest.told(), beside.told()))


def places_of(workshop: Workshop, size: int) -> list[int]:
    """Return which of `size` companies are asked for: random ones, the same in every run."""
    return Random(SEED).sample(range(size), workshop.sizes.asked)  # noqa: S311 - the same dice in every run


def _on_postgres(workshop: Workshop) -> tuple[Contest, list[str]]:
    size, asked, remarks = workshop.sizes.licences[0], workshop.sizes.asked, list[str]()
    scene = workshop.growing.at(size)
    url = scene.settings.database_url
    with ExitStack() as stack:
        servers = [
            stack.enter_context(hub_server(scene, HUB, places_of(workshop, size))),
            stack.enter_context(bare_server(url, BARE, identifiers_of(scene, asked))),
        ]
        if packages := npm_packages(install=workshop.sizes.installs):
            folder, identifiers = workshop.folder / "postgraphile", identifiers_of(scene, asked)
            beside = postgraphile_server(packages, folder, url, POSTGRAPHILE, identifiers)
            servers.append(stack.enter_context(beside))
            remarks.append(f"{npm_versions(packages)}.")
        else:
            remarks.append(f"{POSTGRAPHILE}: not run: node is missing.")
        process, pace = workshop.postgres.process, workshop.sizes.pace
        return compete(servers, process, pace, workshop.say, lambda: postgres.settle(url)), remarks


def _on_sqlite(workshop: Workshop) -> Contest:
    folder, size = workshop.folder / "lookup", workshop.sizes.licences[0]
    url = f"sqlite:///{folder / 'hub.db'}"
    scene = make_scene(folder, url)
    workshop.say(f"issuing {size:,} licences on SQLite")
    scene.issue(range(size))
    with (
        hub_server(scene, HUB_SQLITE, places_of(workshop, size)) as hub,
        bare_server(url, BARE_SQLITE, identifiers_of(scene, workshop.sizes.asked)) as bare,
    ):
        return compete([hub, bare], None, workshop.sizes.pace, workshop.say)
