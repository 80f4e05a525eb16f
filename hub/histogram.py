"""How often values fell where: counts between fixed bounds, from which quantiles are told as far as the bounds are fine.

Decides nothing about what is counted. It keeps no value, so nothing of a single request can be learnt from it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class Histogram:
    """Counts of values; those of the last place lie above every bound."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds` ascend; a value that is one of them counts below it."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """Return how many values were counted."""
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """Return the bound that a share of the values does not exceed; None without a value, or above the last bound."""
        wanted = share * self.count
        if not wanted:
            return None
        place = next(place for place, below in enumerate(accumulate(self.counts)) if below >= wanted)
        return self.bounds[place] if place < len(self.bounds) else None


def geometric(first: float, factor: float, count: int) -> tuple[float, ...]:
    """Return bounds that grow by a factor."""
    return tuple(first * factor**place for place in range(count))
