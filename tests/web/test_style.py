"""The style: contrast of the palette (WCAG 2.2, 1.4.3 and 1.4.11), targets, focus, motion, print, and no other host."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "hub" / "web" / "static"
STYLE = (STATIC / "hub.css").read_text("utf-8")
OTHERS = [(STATIC / name).read_text("utf-8") for name in ("console.css", "counter.css")]
"""Those of parts that have no colours of their own."""
TEXT, LARGE_OR_LINE = 4.5, 3.0
PAIRS = (
    ("ink", "paper", 7.0), ("ink", "ground", 7.0), ("ink", "accent-soft", 7.0), ("ink", "error-soft", 7.0),
    ("muted", "paper", TEXT), ("muted", "ground", TEXT), ("muted", "accent-soft", TEXT),
    ("accent", "paper", TEXT), ("accent", "ground", TEXT), ("accent", "accent-soft", TEXT), ("accent-deep", "accent-soft", TEXT),
    ("on-accent", "accent", TEXT), ("on-accent", "accent-deep", TEXT),
    ("error", "paper", TEXT), ("error", "error-soft", TEXT), ("seal", "paper", TEXT),
    ("on-green", "green", 7.0), ("on-amber", "amber", 7.0), ("on-red", "red", 7.0),
    ("edge", "paper", LARGE_OR_LINE), ("edge", "ground", LARGE_OR_LINE), ("ink", "focus", LARGE_OR_LINE),
)  # fmt: skip
"""What stands on what, and by which ratio at least; verdicts are read from two metres, so theirs is that of AAA."""


def palettes() -> dict[str, dict[str, str]]:
    """Return the colours by name: as they are, and for who wants more contrast."""
    plain, strong = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    colour = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
    return {
        "plain": dict(colour.findall(plain)),
        "more": {**dict(colour.findall(plain)), **dict(colour.findall(strong))},
    }


def ratio(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_measure_is_that_of_the_standard() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", ["plain", "more"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_what_is_written_can_be_read(palette: str, text: str, ground: str, least: float) -> None:
    colours = palettes()[palette]
    assert ratio(colours[text], colours[ground]) >= least


def test_every_colour_is_of_the_palette_and_each_of_them_stands_in_a_pair() -> None:
    for style in (STYLE, *OTHERS):
        rules = re.sub(r":root \{.*?\}", "", style, flags=re.DOTALL)
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?!-)|\brgb|\bhsl", rules) == []
    decoration = {"line"}  # it separates, and nothing depends on it
    assert set(palettes()["plain"]) - {name for pair in PAIRS for name in pair[:2]} == decoration


def test_the_style_asks_no_other_host_and_respects_what_people_have_set() -> None:
    for style in (STYLE, *OTHERS):
        assert not re.search(r"url\(|@import|@font-face|https?:", style)
    for wish in ("prefers-reduced-motion", "prefers-contrast: more", "@media print", ":focus-visible"):
        assert wish in STYLE
    assert "outline: none" not in STYLE.replace("main:focus, .verdict:focus { outline: none; box-shadow: none; }", "")
