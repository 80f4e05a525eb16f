"""Drawn seals: always the same bytes, nothing in them but outlines, and everything where it belongs."""

import math
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pylopdf_fonts_zh_cn import serif_path

from hub.errors import HubError, InputInvalidError
from hub.seals.pictures import letters
from hub.seals.pictures.drawing import draw, draw_svg, seal_marks
from hub.seals.pictures.layout import Mark, Part
from hub.seals.pictures.letters import Font, seal_font
from hub.seals.pictures.specification import ROOMS, Shape, Specification
from tests.seals.pictures.hulls import apart, hull, middle, points

NAME = "虚构市市场监督管理局"
SVG = "{http://www.w3.org/2000/svg}"
ROUND = Specification(Shape.ROUND, NAME, "电子证照专用章", "9901040000001")
OVAL = Specification(Shape.OVAL, "星河市云帆恒信餐饮有限公司", "发票专用章", "91990104MA9Y00004Q")
CHOP = Specification(Shape.SQUARE, "王小明印")
EXAMPLES = pytest.mark.parametrize("specification", [ROUND, OVAL, CHOP], ids=["round", "oval", "chop"])
BORDERS: dict[Shape, Callable[[int], float]] = {
    Shape.ROUND: lambda side: side * 1.2 / 42,
    Shape.OVAL: lambda _: 1.0,
    Shape.SQUARE: lambda side: side / 18,
}

_POOL = "虚构市县区人民政府市场监督管理局财政税务公安教育卫生健康委员会有限责任公司龘一丨口凰（）()·1234ABCJKQWi"
_TEXTS = {
    Shape.ROUND: (
        st.text(_POOL, min_size=4, max_size=40),
        st.text(_POOL, max_size=12),
        st.sampled_from(["", "9" * 13, "0" * 14]),
    ),
    Shape.OVAL: (
        st.text(_POOL, min_size=4, max_size=40),
        st.text(_POOL, max_size=12),
        st.sampled_from(["", "9" * 14, "91990104MA9Y00004Q"]),
    ),
    Shape.SQUARE: (st.text(_POOL, min_size=2, max_size=16), st.just(""), st.just("")),
}


@st.composite
def _specifications(draw_one: st.DrawFn) -> Specification:
    shape = draw_one(st.sampled_from(list(Shape)))
    name, purpose, number = map(draw_one, _TEXTS[shape])
    return Specification(shape, name, purpose, number, draw_one(st.sampled_from(ROOMS[shape].sizes)))


def _of(specification: Specification, part: Part) -> list[Mark]:
    return [mark for mark in seal_marks(specification) if mark.part is part]


def _inside(specification: Specification, x: float, y: float, bold: float) -> bool:
    """Tell whether a point of a line of that breadth is within the inner edge of the border."""
    right, bottom = (side / 2 - BORDERS[specification.shape](side) - bold / 2 for side in specification.size)
    if specification.shape is Shape.SQUARE:
        return abs(x) < right and abs(y) < bottom
    return math.hypot(x / right, y / bottom) < 1


# -- the same bytes --------------------------------------------------------------------------------------------------


@EXAMPLES
def test_the_same_seal_has_the_same_bytes(specification: Specification) -> None:
    first, again = draw(specification), draw(replace(specification))
    assert (first.svg, first.png) == (again.svg, again.png)


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib; from hub.seals.pictures.drawing import draw; from hub.seals.pictures.specification import *; "
        f"drawn = draw(Specification(Shape.ROUND, {NAME!r}, '电子证照专用章', '9901040000001')); "
        "print(hashlib.sha256(drawn.svg + drawn.png).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_threads_share_the_font() -> None:
    fresh = Font(serif_path())
    wanted = [replace(ROUND, name=name) for name in (NAME, "别样县财政厅", "星河市公安局", "青山区教育委员会")]
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda each: draw_svg(each, fresh), wanted * 3))
    assert drawn == [draw_svg(each) for each in wanted] * 3


# -- nothing but outlines --------------------------------------------------------------------------------------------


@EXAMPLES
def test_an_svg_holds_outlines_and_nothing_else(specification: Specification) -> None:
    drawn = draw_svg(specification)
    root = ElementTree.fromstring(drawn)
    width, height = specification.size
    assert root.attrib == {
        "width": f"{width}mm",
        "height": f"{height}mm",
        "viewBox": f"{-50 * width} {-50 * height} {100 * width} {100 * height}",
    }
    assert [each.tag for each in root] == [f"{SVG}g"]
    assert root[0].attrib == {"fill": "#E60012", "stroke": "#E60012", "stroke-linejoin": "round"}
    assert {(each.tag, *each.attrib) for each in root[0]} == {(f"{SVG}path", "stroke-width", "d")}
    assert all(re.fullmatch(r"[MLHVCZ0-9 ,-]+", each.attrib["d"]) for each in root[0])
    assert not re.search(rb"href|script|style|font|text|url|data:|<!|<\?", drawn)


@EXAMPLES
def test_a_seal_is_small(specification: Specification) -> None:
    drawn = draw(specification)
    assert len(drawn.svg) < 64 * 1024
    assert len(drawn.png) < 48 * 1024


@EXAMPLES
def test_a_png_shows_the_seal_on_a_transparent_ground(specification: Specification) -> None:
    drawn = draw(specification)
    with Image.open(BytesIO(drawn.png)) as image:
        assert image.size == tuple(round(side * 300 / 25.4) for side in specification.size)
        assert [round(dots) for dots in image.info["dpi"]] == [300, 300]
        shown = image.convert("RGBA")
        right, bottom = image.width - 1, image.height - 1
        assert {shown.getpixel(at) for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))} == {(0, 0, 0, 0)}
        assert shown.getpixel((image.width // 2, 3)) == (0xE6, 0, 0x12, 255)
        assert {colour[:3] for _, colour in shown.getcolors() or [] if isinstance(colour, tuple) and colour[3]} == {
            (0xE6, 0, 0x12)
        }


def test_colour_and_resolution_are_those_asked_for() -> None:
    drawn = draw(replace(CHOP, colour="#003399"), dots=600)
    with Image.open(BytesIO(drawn.png)) as image:
        assert image.size == (472, 472)
        assert image.convert("RGBA").getpixel((236, 4)) == (0, 0x33, 0x99, 255)


# -- everything where it belongs -------------------------------------------------------------------------------------


def _check_places(specification: Specification) -> None:
    marks = [mark for mark in seal_marks(specification) if mark.part is not Part.BORDER]
    assert all(_inside(specification, *point, mark.bold) for mark in marks for point in points(mark.outline))
    hulls = [(hull(mark.outline), mark.bold) for mark in marks]
    assert all(apart(one, other, max(bold, bolder)) for (one, bold), (other, bolder) in combinations(hulls, 2))


@given(_specifications())
@settings(max_examples=50)
def test_all_letters_stand_inside_the_border_and_none_touches_another(specification: Specification) -> None:
    _check_places(specification)


@pytest.mark.parametrize("count", [4, 5, 8, 12, 16, 20, 21, 28, 34, 40])
@pytest.mark.parametrize("specification", [ROUND, OVAL], ids=["round", "oval"])
def test_so_it_is_for_names_of_any_length(specification: Specification, count: int) -> None:
    _check_places(replace(specification, name="龘" * count))


@pytest.mark.parametrize("size", ROOMS[Shape.ROUND].sizes)
def test_the_star_stands_in_the_middle_with_a_point_up(size: tuple[int, int]) -> None:
    (star,) = _of(replace(ROUND, size=size), Part.STAR)
    reach = size[0] / 6  # 14 mm from point to point on 42 mm
    tips, waist = points(star.outline)[::2], points(star.outline)[1::2]
    assert tips[0] == pytest.approx((0, -reach))
    assert [math.hypot(*tip) for tip in tips] == pytest.approx([reach] * 5)
    assert [math.hypot(*each) for each in waist] == pytest.approx([reach * 0.381966] * 5)


@pytest.mark.parametrize("specification", [replace(OVAL, number=""), CHOP], ids=["oval", "chop"])
def test_only_a_round_seal_has_a_star(specification: Specification) -> None:
    assert _of(specification, Part.STAR) == []


@pytest.mark.parametrize("specification", [ROUND, OVAL], ids=["round", "oval"])
def test_a_name_runs_from_left_to_right_over_the_top(specification: Specification) -> None:
    turns = [math.atan2(x, -y) for x, y in (middle(mark.outline) for mark in _of(specification, Part.NAME))]
    assert turns == sorted(turns)
    assert turns[0] == pytest.approx(-turns[-1], abs=0.05)
    assert math.radians(180) < turns[-1] - turns[0] < math.radians(280)


def test_letters_of_a_ring_stand_upright_on_it() -> None:
    (top,) = _of(replace(ROUND, name="一丨一"), Part.NAME)[1:2]  # a stroke from top to bottom
    across, down = zip(*points(top.outline), strict=True)
    assert max(down) - min(down) > 5 * (max(across) - min(across))


def test_a_long_name_has_narrow_letters() -> None:
    short, long = (_of(replace(ROUND, name="口" * count), Part.NAME)[0] for count in (6, 40))
    breadths = [_breadth(mark) for mark in (short, long)]
    assert breadths[1] < breadths[0] / 2


def test_purpose_and_number_stand_below_the_star() -> None:
    star_foot = max(y for _, y in points(_of(ROUND, Part.STAR)[0].outline))
    purpose = [middle(mark.outline) for mark in _of(ROUND, Part.PURPOSE)]
    number = [middle(mark.outline) for mark in _of(ROUND, Part.NUMBER)]
    assert all(before[0] < after[0] for before, after in [*pairwise(purpose), *pairwise(number)])
    assert star_foot < min(y for _, y in purpose)
    assert max(y for _, y in purpose) < min(y for _, y in number)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("李明", ["李", "明"]),
        ("王小明", ["王", "小明"]),
        ("王小明印", ["王小", "明印"]),
        ("欧阳小明之印", ["欧阳", "小明", "之印"]),
    ],
)
def test_a_chop_is_read_from_right_to_left_and_down(name: str, columns: list[str]) -> None:
    seen = dict(
        zip(name, (middle(mark.outline) for mark in _of(Specification(Shape.SQUARE, name), Part.NAME)), strict=True)
    )
    for column in columns:
        assert all(seen[upper][1] < seen[lower][1] for upper, lower in pairwise(column))
    for right, left in pairwise(columns):
        assert min(seen[each][0] for each in right) > max(seen[each][0] for each in left)


def _breadth(mark: Mark) -> float:
    """Return the smaller side of the smallest box around an outline, over all turns of it."""
    return min(
        max(x * math.cos(turn) + y * math.sin(turn) for x, y in points(mark.outline))
        - min(x * math.cos(turn) + y * math.sin(turn) for x, y in points(mark.outline))
        for turn in (math.radians(degree) for degree in range(180))
    )


# -- refusals --------------------------------------------------------------------------------------------------------


def test_characters_that_the_font_lacks_are_named_by_their_places() -> None:
    rare = replace(ROUND, name="虚\ue000构 市\U000323af局", purpose="\U0001f600专用章")
    with pytest.raises(HubError) as refused:
        draw(rare)
    assert refused.value.extensions == {
        "code": "SEAL_LETTERS_MISSING",
        "places": {"name": [2, 5], "purpose": [1]},
    }
    assert "name 2, 5; purpose 1" in refused.value.message
    assert "\ue000" not in refused.value.message


def test_a_rare_character_that_the_font_has_is_drawn() -> None:
    assert len(_of(Specification(Shape.SQUARE, "龘䶮"), Part.NAME)) == 2


def test_a_font_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "FONTS", "a_package_that_is_not_here")
    seal_font.cache_clear()
    with pytest.raises(HubError) as refused:
        draw(CHOP)
    assert refused.value.code == "SEAL_FONT_MISSING"


def test_a_font_whose_file_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(HubError) as refused:
        Font(tmp_path / "none.otf")
    assert refused.value.code == "SEAL_FONT_MISSING"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "一"},
        {"name": "口" * 41},
        {"name": " \u3000"},
        {"purpose": "章" * 13},
        {"number": "123"},
        {"number": "九" * 13},
        {"size": (43, 43)},
        {"size": (42, 40)},
        {"size": (4200, 4200)},
        {"colour": "red"},
        {"colour": '#E60012"/><script>'},
        {"shape": Shape.SQUARE},
    ],
    ids=str,
)
def test_what_cannot_be_drawn_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputInvalidError):
        replace(ROUND, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("dots", [0, 149, 1201, 10**9])
def test_a_resolution_out_of_bounds_is_refused(dots: int) -> None:
    with pytest.raises(InputInvalidError):
        draw(CHOP, dots=dots)
