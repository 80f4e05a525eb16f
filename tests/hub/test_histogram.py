"""Counts between bounds, and the quantiles that they tell."""

import math
from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from hub.histogram import Histogram, geometric

BOUNDS = geometric(1, 2, 8)


@given(st.lists(st.floats(0, 128), min_size=1), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_the_bound_above_the_value_that_sorting_finds(values: list[float], share: float) -> None:
    histogram = Histogram(BOUNDS)
    for value in values:
        histogram.observe(value)
    exact = sorted(values)[math.ceil(share * len(values) - 1e-9) - 1]
    assert histogram.quantile(share) == BOUNDS[bisect_left(BOUNDS, exact)]
    assert histogram.count == len(values)


def test_nothing_is_told_of_no_values_and_no_bound_of_those_above_all() -> None:
    histogram = Histogram(BOUNDS)
    assert histogram.quantile(0.5) is None
    histogram.observe(1000)
    assert histogram.quantile(0.5) is None
    assert histogram.total == 1000
