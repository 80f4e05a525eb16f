"""(c) The same look-ups at 10,000, 100,000 and a million licences: copies of one database, served and asked in turn."""

from contextlib import ExitStack

from benchmarks import postgres
from benchmarks.contest import compete
from benchmarks.figures import Figure, spread
from benchmarks.lookup import MOST_MEMORY, places_of
from benchmarks.results import Goal, Outcome
from benchmarks.scene import Scene
from benchmarks.servers import hub_server
from benchmarks.workshop import Workshop

WITHIN = 1.3


def run(workshop: Workshop) -> Outcome:
    """Let the database grow, keep a copy at each size, and measure all sizes in turn."""
    workshop.say("letting the database grow")
    for size in workshop.sizes.licences:
        workshop.growing.at(size)
    scenes = {size: workshop.growing.at(size) for size in workshop.sizes.licences}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(hub_server(scene, f"{size:,} licences", places_of(workshop, size)))
            for size, scene in scenes.items()
        ]
        contest = compete(
            servers, workshop.postgres.process, workshop.sizes.pace, workshop.say, lambda: _settle(scenes)
        )
    cpu = [Figure.of(each.cpu).median for each in contest.standings.values()]
    rate = [Figure.of(each.rate).median for each in contest.standings.values()]
    memory = max(each.memory for each in contest.standings.values())
    goals = (
        Goal("server CPU a look-up, most / least of the sizes", spread(cpu), WITHIN, at_most=True),
        Goal("look-ups a second, most / least of the sizes", spread(rate), WITHIN, at_most=True),
        Goal("memory of the server, the most of the sizes", memory, MOST_MEMORY, " MB", at_most=True),
    )
    return Outcome(goals, (contest.table("Look-ups by size, PostgreSQL"),), (contest.told(),))


def _settle(scenes: dict[int, Scene]) -> None:
    for scene in scenes.values():
        postgres.settle(scene.settings.database_url)
