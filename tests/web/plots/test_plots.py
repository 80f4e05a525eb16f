"""Plots: bars are in proportion, nothing lies outside, what is not known is no zero, and nothing is inline that the policy refuses."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.web.plots.drawing import drawn
from hub.web.plots.elements import fitted, width
from hub.web.plots.layout import LAYOUTS, NARROW, WIDE
from hub.web.plots.model import Area, Bars, OverTime
from hub.web.plots.over_time import draw_area, draw_columns, draw_lines
from hub.web.plots.scale import scale
from tests.web.plots.drawn import Picture, area, bars, columns, lines

counts = st.one_of(st.none(), st.integers(0, 10**12))
runs = st.integers(1, 40).flatmap(
    lambda size: st.lists(st.lists(counts, min_size=size, max_size=size), min_size=1, max_size=3)
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=40)


def pictures(plot: Bars | OverTime) -> list[Picture]:
    made = drawn(plot)
    return [Picture.of(made.wide), Picture.of(made.narrow)]


@given(st.floats(0, 1e15), st.integers(1, 10), st.booleans())
def test_ticks_are_round_begin_at_nothing_and_reach_the_largest_value(largest: float, most: int, whole: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
    made = scale(largest, 0, 100, most=most, whole=whole)
    assert made.ticks[0] == 0
    assert len(made.ticks) <= most + 1
    assert made.ticks[-1] == pytest.approx(made.top)
    assert made.top >= largest * (1 - 1e-9)
    assert f"{made.step:e}"[0] in "125"
    assert not whole or made.step >= 1


@settings(max_examples=25)
@given(st.lists(st.one_of(st.none(), st.just(0.0), st.floats(0.001, 5)), min_size=1, max_size=12), names)
def test_bars_are_as_long_as_their_values_and_nothing_lies_outside(values: list[float | None], name: str) -> None:
    plot = bars(*values, name=name)
    for picture in pictures(plot):
        shown, lengths = [value for value in values if value], [each.wide for each in picture.parts(1)]
        longest = max(lengths, default=0) / max(shown, default=1)
        for value, length in zip(shown, lengths, strict=True):
            assert length == pytest.approx(value * longest, abs=0.02)  # both ends are drawn to a hundredth
        inside(picture)


@settings(max_examples=25)
@given(runs)
def test_columns_stand_on_each_other_and_nothing_lies_outside(several: list[list[int | None]]) -> None:
    plot = columns(*map(tuple, several))
    for picture in pictures(plot) if not plot.is_empty else ():
        inside(picture)
        base = max((each.bottom for number in (1, 2, 3) for each in picture.parts(number)), default=0)
        highest = min((each.top for number in (1, 2, 3) for each in picture.parts(number)), default=0)
        drawn_high = sum(each.high for number in (1, 2, 3) for each in picture.parts(number))
        whole = sum(plot.totals) / max(plot.totals) * (base - highest)
        assert drawn_high == pytest.approx(whole, rel=0.05, abs=1.5)


@settings(max_examples=25)
@given(runs)
def test_lines_and_areas_stay_inside_and_break_where_nothing_is_known(several: list[list[int | None]]) -> None:
    for layout in LAYOUTS:
        picture = Picture.of(draw_lines(lines(*map(tuple, several)), layout))
        inside(picture)
        for number, values in enumerate(several, 1):
            words = "".join(" " if each is None else "x" for each in values).split()
            assert [len(run) for run in picture.points(number)] == [len(run) for run in words if len(run) > 1]
        inside(Picture.of(draw_area(area(*several[0]), layout)))


def inside(picture: Picture) -> None:
    """Nothing is negative, and everything lies within the picture."""
    size = picture.size
    for words, box in picture.texts():
        assert box.left >= -0.6, words
        assert box.right <= size.right + 0.6, words
        assert box.top >= -1, words
        assert box.bottom <= size.bottom + 1, words
    for number in (1, 2, 3):
        for part in picture.parts(number):
            assert part.wide >= 0
            assert part.high >= 0
            assert part.left >= -0.1
            assert part.right <= size.right + 0.1
            assert part.top >= -0.1
            assert part.bottom <= size.bottom + 0.1
    for number in (1, 2, 3):
        for run in picture.points(number):
            assert all(0 <= x <= size.right and 0 <= y <= size.bottom for x, y in run)


def test_labels_of_an_axis_do_not_touch_each_other_and_name_the_last_place() -> None:
    for layout in LAYOUTS:
        picture = Picture.of(draw_columns(columns(tuple(range(31))), layout))
        found = sorted((box.left, box.right, words) for words, box in picture.texts() if words.endswith("月"))
        assert found[-1][2] == "30月"
        assert all(one[1] < other[0] for one, other in pairwise(found))
        assert len(found) >= 5


def test_values_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    picture = Picture.of(draw_lines(lines((5, 9), (5, 9), (5, 9)), WIDE))
    ends = sorted(box.top for words, box in picture.texts() if words == "9")
    assert len(ends) >= 3
    assert all(other - one >= 13 for one, other in pairwise(ends))


def test_a_bar_beyond_the_scale_is_broken_and_one_without_a_value_is_not_drawn() -> None:
    for picture in pictures(bars(0.5, None, 40.0, 0.0, longest=1.5)):
        assert len(picture.parts(1)) == 2
        assert str(picture.root.attrib["class"]).startswith("plot-")
        assert len([each for each in picture.root.iter("line") if each.attrib["class"] == "plot-break"]) == 2
        one, broken = picture.parts(1)
        assert broken.wide / one.wide == pytest.approx(3, rel=0.4)
        assert "40.0 of it" in [words for words, _ in picture.texts()]


def test_of_many_rows_the_first_are_drawn_and_all_stand_in_the_table() -> None:
    made = drawn(bars(*[0.5] * 40))
    assert len(Picture.of(made.wide).parts(1)) == len(Picture.of(made.narrow).parts(1)) == 15
    assert len(made.rows) == 40


def test_one_value_is_a_dot_and_is_written() -> None:
    for layout in LAYOUTS:
        picture = Picture.of(draw_area(area(7), layout))
        assert picture.dots() == 1
        assert "7" in [words for words, _ in picture.texts()]
        assert Picture.of(draw_columns(columns((7,)), layout)).parts(1)[0].wide <= 48


@pytest.mark.parametrize("plot", [bars(), columns((0, 0), (None, 0)), area(), lines((None, None))])
def test_where_there_is_nothing_no_axes_are_drawn(plot: Bars | OverTime) -> None:
    made = drawn(plot)
    assert not made.wide
    assert not made.narrow


def test_the_table_holds_what_is_drawn_and_says_what_is_not_known() -> None:
    made = drawn(columns((1000, None), (2, 3)))
    assert made.heads == ("Month", "s0", "s1")
    assert made.rows == (("2026-00", "1,000", "2"), ("2026-01", "unknown", "3"))
    assert drawn(bars(0.25, None)).rows == (("机构0", "25%"), ("机构1", "unknown"))


@settings(max_examples=25)
@given(names)
def test_whatever_words_are_given_they_are_text_and_nothing_is_inline(name: str) -> None:
    made = drawn(bars(0.4, 2.0, name=f"<script>{name}\" style='x'"))
    for drawing in (made.wide, made.narrow):
        tags = re.findall(r"<([^/][^>]*)>", str(drawing))
        assert not [tag for tag in tags if re.search(r"\s(style|on\w+|href)=", re.sub(r'"[^"]*"', '""', tag))]
        assert not [tag for tag in tags if tag.startswith("script")]
        Picture.of(drawing)


def test_it_says_what_it_shows_to_whoever_does_not_see_it() -> None:
    for made in (drawn(columns((1, 2))), drawn(bars(0.5))):
        for drawing, layout in ((made.wide, WIDE), (made.narrow, NARROW)):
            root = Picture.of(drawing).root
            ids = {each.attrib["id"]: each.text for each in root.iter() if "id" in each.attrib}
            assert root.attrib["role"] == "img"
            assert [ids[each] for each in root.attrib["aria-labelledby"].split()] == ["A finding", "What is drawn"]
            assert layout.name in root.attrib["class"]


def test_fillings_are_patterns_of_the_same_picture() -> None:
    made = drawn(columns((1,), (2,), (3,)))
    for drawing in (made.wide, made.narrow):
        known = set(re.findall(r'<pattern[^>]* id="([^"]+)"', str(drawing)))
        used = set(re.findall(r'fill="url\(#([^)]+)\)"', str(drawing)))
        assert used == known
        assert len(known) == 2
    assert not set(re.findall(r' id="([^"]+)"', str(made.wide))) & set(re.findall(r' id="([^"]+)"', str(made.narrow)))


def test_series_of_other_lengths_too_many_and_areas_of_two_are_refused() -> None:
    with pytest.raises(ValueError, match="value for each place"):
        columns((1, 2), (1,))
    with pytest.raises(ValueError, match="1 to 3"):
        columns((1,), (1,), (1,), (1,))
    with pytest.raises(ValueError, match="one series"):
        Area(**{name: getattr(columns((1,), (2,)), name) for name in OverTime.__dataclass_fields__})


@given(names, st.floats(5, 30), st.floats(0, 500))
def test_a_text_that_is_cut_fits(text: str, size: float, room: float) -> None:
    cut = fitted(text, size, room)
    assert width(cut, size) <= room
    assert cut == text or text.startswith(cut.removesuffix("…"))
