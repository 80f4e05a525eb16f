"""Figures of repeated rounds: the median, and how far the rounds lay apart."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of some rounds, with the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        """Return the figure of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def shown(self, digits: int = 0) -> str:
        """Return "median (low-high)"."""
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f}-{self.high:,.{digits}f})"


def ratios(reference: Sequence[float], ours: Sequence[float]) -> Figure:
    """Return reference / ours, round by round: what was slow for both in one round does not count."""
    return Figure.of([one / other for one, other in zip(reference, ours, strict=True)])


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return a percentile of sorted values (nearest rank, rounded down)."""
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def spread(values: Sequence[float]) -> float:
    """Return the largest divided by the smallest."""
    return max(values) / min(values)
