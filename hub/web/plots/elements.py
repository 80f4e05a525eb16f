"""Elements of SVG as text, everything escaped; and about how wide a text is.

Decides that nothing is inline that a page's policy refuses: classes and presentation attributes, no style, no script, no link.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

_WIDE: Final = frozenset("WF")
_WIDTHS: Final = {True: 1.0, False: 0.62}
"""Of a letter, in the size of its font: of a Chinese one, and of others in the broadest of the fonts that pages name."""
_MANY: Final = 100_000  # from here on, tenths say nothing
CUT: Final = "…"


def element(name: str, *inside: str, **attributes: str | float | None) -> Markup:
    """Return an element; `class_` is its class, underscores in other names stand for hyphens, what is None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_written(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{''.join(escape(each) for each in inside)}</{name}>")  # noqa: S704 - all of it is escaped


def together(elements: Iterable[str]) -> Markup:
    """Return elements one after the other."""
    return Markup("").join(elements)


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{round(value, 2):g}" if abs(value) < _MANY else f"{value:.0f}"


@lru_cache(maxsize=4096)
def width(text: str, size: float) -> float:
    """Return about how wide a text of one line is, rather too much than too little."""
    return size * sum(_WIDTHS[unicodedata.east_asian_width(letter) in _WIDE] for letter in text)


def fitted(text: str, size: float, room: float) -> str:
    """Return a text, or as much of it as there is room for."""
    if width(text, size) <= room:
        return text
    while text and width(text + CUT, size) > room:
        text = text[:-1]
    return text + CUT if text else ""
