"""(d) The rate of imports, from the first ten thousand rows to the million: the same imports that make the database grow.

A CSV file of invented companies goes through the hub's own import (`hub.imports`, as `licence-hub import` does it): read,
mapped, checked, sealed under ES256 by as many workers as there are cores, stored with data keys, blind indexes, events and
records, chunk by chunk, on PostgreSQL on the same cores. A rate is counted from the first chunk that was stored.
"""

from benchmarks.figures import spread
from benchmarks.results import Goal, Outcome, Table
from benchmarks.workshop import Growth, Workshop

WITHIN, LEAST = 1.3, 2_000
COLUMNS = ("licences before", "rows", "seconds, all", "rows a second", "of its first fifth", "of its last fifth")


def run(workshop: Workshop) -> Outcome:
    """Let the database grow to its full size, and tell how fast it did."""
    for size in workshop.sizes.licences:
        workshop.growing.at(size)
    growths = workshop.growing.growths
    rates = [growth.rate for growth in growths]
    goals = (
        Goal("rows a second, the slowest import", min(rates), LEAST),
        Goal("rows a second, fastest / slowest import", spread(rates), WITHIN, at_most=True),
    )
    return Outcome(goals, (Table("Import of CSV, ES256", COLUMNS, tuple(map(_row, growths))),), ("One run of each.",))


def _row(growth: Growth) -> tuple[str, ...]:
    fifths = (growth.part(0, 1 / 5).rate, growth.part(4 / 5, 1).rate)
    figures = (growth.start, growth.rows, growth.seconds, growth.rate, *fifths)
    return tuple(f"{figure:,.0f}" for figure in figures)
