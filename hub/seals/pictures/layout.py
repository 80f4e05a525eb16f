"""Where things stand on a seal: border, star, name, purpose and number, as marks.

Decides the proportions of each shape, in millimetres. They are practice, not law, except for what `specification` cites: a
round seal of 42 mm has a border of 1.2 mm and a star of 14 mm from point to point; a name runs over at most 280 degrees,
250 above a purpose, and becomes lower and narrower when it is long; name chops are read from right to left.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hub.seals.pictures.letters import Letter
from hub.seals.pictures.outlines import Outline, elliptical_border, square_border, star
from hub.seals.pictures.rings import Ring
from hub.seals.pictures.setting import Line, SetLetter, around, below, columns, row
from hub.seals.pictures.specification import Shape, Specification


class Part(StrEnum):
    """What a mark belongs to; the last three are texts of the specification."""

    BORDER = "border"
    STAR = "star"
    NAME = "name"
    PURPOSE = "purpose"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Mark:
    """One outline on a seal, the part it belongs to, and how broad a line along it makes it bolder, in millimetres."""

    part: Part
    outline: Outline
    bold: float = 0


Texts = Mapping[str, tuple[Letter, ...]]

_LONG_NAME, _LONGEST_NAME = 20, 40
_SPREAD = 1.3  # of its height: the longest place of a letter in a short name


def marks(specification: Specification, texts: Texts) -> tuple[Mark, ...]:
    """Return all marks of a seal, given the letters of its name, purpose and number."""
    return tuple(_LAYOUTS[specification.shape](specification, texts))


def _round(specification: Specification, texts: Texts) -> Iterable[Mark]:
    diameter = specification.size[0]
    scale = diameter / 42
    border, room = 1.2 * scale, (21 - 1.2 - 0.8) * scale
    height = _name_height(len(texts["name"]), 5.4, 4.4) * scale
    feet = math.sqrt(room**2 - (height / 2) ** 2) - height
    span = math.radians(250 if texts["purpose"] else 280) * feet
    yield Mark(Part.BORDER, elliptical_border(diameter, diameter, border))
    yield Mark(Part.STAR, star(7 * scale))
    yield from _all(Part.NAME, around(texts["name"], Ring(feet, feet), Line(height, span, height * _SPREAD)))
    yield from _all(Part.PURPOSE, row(texts["purpose"], 10.6 * scale, Line(4.2 * scale, 19 * scale, 3.6 * scale)))
    yield from _all(Part.NUMBER, below(texts["number"], room, Line(1.9 * scale, 17 * scale, 2.2 * scale)))


def _oval(specification: Specification, texts: Texts) -> Iterable[Mark]:
    (width, tall), border, gap = specification.size, 1.0, 0.6
    height = _name_height(len(texts["name"]), 4.2, 3.4)
    rest = border + gap + height
    ring = Ring(width / 2 - rest, tall / 2 - rest)
    two_rows = texts["purpose"] and texts["number"]
    span = 2 * ring.length_to(120 if two_rows else 130)
    yield Mark(Part.BORDER, elliptical_border(width, tall, border))
    yield from _all(Part.NAME, around(texts["name"], ring, Line(height, span, height * _SPREAD)))
    yield from _all(Part.NUMBER, row(texts["number"], -0.4, Line(4.8, width - 15, 3)))
    yield from _all(Part.PURPOSE, row(texts["purpose"], 6.3 if two_rows else 0, Line(4.4, 16.5, 3.4)))


def _square(specification: Specification, texts: Texts) -> Iterable[Mark]:
    side = specification.size[0]
    border, gap = side / 18, side / 40
    yield Mark(Part.BORDER, square_border(side, border, side / 16))
    yield from _all(Part.NAME, columns(texts["name"], side - 2 * (border + gap)))


_LAYOUTS: Final[Mapping[Shape, Callable[[Specification, Texts], Iterable[Mark]]]] = MappingProxyType(
    {Shape.ROUND: _round, Shape.OVAL: _oval, Shape.SQUARE: _square}
)


def _name_height(count: int, usual: float, lowest: float) -> float:
    """Return the height of a name's letters: the usual one up to 20 letters, then falling to the lowest at 40."""
    long = max(count - _LONG_NAME, 0) / (_LONGEST_NAME - _LONG_NAME)
    return usual - (usual - lowest) * long


def _all(part: Part, letters: Iterable[SetLetter]) -> Iterable[Mark]:
    return (Mark(part, letter.outline, letter.bold) for letter in letters)
