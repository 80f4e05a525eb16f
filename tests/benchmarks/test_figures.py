"""The statistics of repeated rounds, on figures that can be worked out by hand."""

import pytest

from benchmarks.figures import Figure, percentile, ratios, spread


def test_a_figure_is_the_median_and_says_how_far_the_rounds_lay_apart() -> None:
    assert Figure.of([5, 1, 100, 3, 4]) == Figure(4, 1, 100)
    assert Figure.of([1200, 1000.4]).shown() == "1,100 (1,000-1,200)"
    assert Figure.of([0.251, 0.249, 0.26]).shown(2) == "0.25 (0.25-0.26)"


def test_a_ratio_is_of_rounds_side_by_side_so_that_a_slow_moment_of_the_machine_cancels_out() -> None:
    reference, ours = [100, 300, 100], [400, 1200, 400]
    assert ratios(reference, ours) == Figure(0.25, 0.25, 0.25)
    with pytest.raises(ValueError, match="shorter"):
        ratios(reference, ours[:2])


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 99), (0, 0)])
def test_a_percentile_never_leaves_the_values(percent: int, expected: int) -> None:
    assert percentile(range(100), percent) == expected


def test_a_single_value_is_every_percentile() -> None:
    assert percentile([7], 99) == 7


def test_the_spread_is_most_by_least() -> None:
    assert spread([200, 100, 130]) == 2
