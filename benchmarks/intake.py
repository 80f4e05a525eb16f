"""(d) The rate of imports, from the first 10,000 rows to the million: the same stretches that make the database grow."""

from benchmarks.figures import spread
from benchmarks.results import Goal, Outcome, Table
from benchmarks.workshop import Workshop

WITHIN, LEAST = 1.3, 2_000


def run(workshop: Workshop) -> Outcome:
    """Let the database grow to its full size, and tell how fast it did."""
    for size in workshop.sizes.licences:
        workshop.growing.at(size)
    growths = workshop.growing.growths
    rates = [growth.rate for growth in growths]
    rows = tuple((f"{each.start:,} to {each.stop:,}", f"{each.seconds:,.1f}", f"{each.rate:,.0f}") for each in growths)
    goals = (
        Goal("rows a second, the slowest stretch", min(rates), LEAST),
        Goal("rows a second, fastest / slowest stretch", spread(rates), WITHIN, at_most=True),
    )
    return Outcome(goals, (Table("Import", ("licences", "seconds", "rows a second"), rows),), ("One run.",))
