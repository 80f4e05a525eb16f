"""Drawing a seal: a specification becomes an SVG that needs nothing else, and a PNG made from it.

Decides how the SVG is written: outlines only, no text, font, script, style or reference, so that it looks the same
everywhere and can do nothing. The same specification gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.seals.pictures.layout import Mark, Part, marks
from hub.seals.pictures.letters import Font, seal_font
from hub.seals.pictures.outlines import UNITS, path
from hub.seals.pictures.pixels import DOTS, rasterise
from hub.seals.pictures.specification import Specification


@dataclass(frozen=True, slots=True)
class DrawnSeal:
    """A drawn seal: SVG and PNG (type "png" of SES_ESPictureInfo), and its size in millimetres."""

    svg: bytes
    png: bytes
    width: int
    height: int


def draw(specification: Specification, font: Font | None = None, *, dots: int = DOTS) -> DrawnSeal:
    """Draw a seal; `dots` is the resolution of the PNG, per inch.

    Raises:
        LettersMissingError: the font lacks characters; `places` says which.
        FontMissingError: there is no font here.
        InputInvalidError: too few or too many dots.
    """
    svg = draw_svg(specification, font)
    return DrawnSeal(svg, rasterise(svg, specification.size, specification.colour, dots), *specification.size)


def draw_svg(specification: Specification, font: Font | None = None) -> bytes:
    """Return the SVG of a seal; errors as for `draw`."""
    width, height = specification.size
    box = f"{-width * UNITS // 2} {-height * UNITS // 2} {width * UNITS} {height * UNITS}"
    drawn = seal_marks(specification, font)
    paths = "".join(_path([mark for mark in drawn if mark.part is part]) for part in Part)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="{box}">'
        f'<g fill="{specification.colour}" stroke="{specification.colour}" stroke-linejoin="round">{paths}</g></svg>'
    ).encode()


def _path(marks: Sequence[Mark]) -> str:
    """Return the marks of a part in one path; they do not touch, so they fill as if each were alone."""
    if not marks:
        return ""
    return f'<path stroke-width="{round(marks[0].bold * UNITS)}" d="{"".join(path(mark.outline) for mark in marks)}"/>'


def seal_marks(specification: Specification, font: Font | None = None) -> tuple[Mark, ...]:
    """Return everything that stands on a seal, in millimetres; errors as for `draw`."""
    texts = {"name": specification.name, "purpose": specification.purpose, "number": specification.number}
    return marks(specification, (font or seal_font()).write(texts))
