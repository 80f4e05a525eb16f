"""Letters set in lines: around the upper part of a ring, along the lower edge, in a row, in the columns of a name chop.

Decides how wide letters become so that all of them fit and none touches another: a letter has a place as long as its share
of the line, and fills a part of it. Letters are made narrower than the font has them, never wider.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fontTools.misc.transform import Transform

from hub.seals.pictures.letters import Letter
from hub.seals.pictures.outlines import Outline, moved
from hub.seals.pictures.rings import Ring, Stand

FILL: Final = 0.94  # of its place that a letter may take
WIDEST: Final = 0.95  # of its height that an em may be wide
BOLD: Final = 0.022  # of an em: seals are cut bolder than books are printed


@dataclass(frozen=True, slots=True)
class Line:
    """A line of letters: their height, the longest the line may be, and the longest place of one em, in millimetres."""

    height: float
    longest: float
    place: float


@dataclass(frozen=True, slots=True)
class SetLetter:
    """A letter where it stands, and how broad a line along its outline makes it bolder, in millimetres."""

    outline: Outline
    bold: float


def around(letters: Sequence[Letter], ring: Ring, line: Line) -> Iterator[SetLetter]:
    """Set letters on a ring, upright at its top, centred there, read from left to right."""
    place, width = _fitted(letters, line)
    for letter, middle in _middles(letters, place):
        yield _put(letter, ring.stand(middle), width, line.height)


def below(letters: Sequence[Letter], radius: float, line: Line) -> Iterator[SetLetter]:
    """Set letters inside the lower part of a circle, upright at its bottom and with their feet on it."""
    place, width = _fitted(letters, line)
    heads = radius - line.height  # nearer to the middle, where it is narrower
    for letter, middle in _middles(letters, place):
        turn = middle / heads
        yield _put(letter, Stand(radius * math.sin(turn), radius * math.cos(turn), -turn), width, line.height)


def row(letters: Sequence[Letter], middle: float, line: Line) -> Iterator[SetLetter]:
    """Set letters in a straight row; `middle` is the height of its middle above (negative) or below that of the seal."""
    place, width = _fitted(letters, line)
    for letter, across in _middles(letters, place):
        yield _put(letter, Stand(across, middle + line.height / 2, 0), width, line.height)


def columns(letters: Sequence[Letter], side: float) -> Iterator[SetLetter]:
    """Set letters in a square, in columns from right to left; the first columns have fewer and so taller letters."""
    breadth = math.ceil(math.sqrt(len(letters)))
    place, todo = side / breadth, iter(letters)
    for column in range(breadth):
        depth = (len(letters) + column) // breadth
        for at in range(depth):
            foot = -side / 2 + side / depth * (at + (1 + FILL) / 2)
            stand = Stand(side / 2 - place * (column + 0.5), foot, 0)
            yield _put(next(todo), stand, place * FILL, side / depth * FILL)


def _fitted(letters: Sequence[Letter], line: Line) -> tuple[float, float]:
    """Return the place and the width of an em in millimetres."""
    place = min(line.place, line.longest / (sum(letter.advance for letter in letters) or 1))
    return place, min(line.height * WIDEST, place * FILL)


def _middles(letters: Sequence[Letter], place: float) -> Iterator[tuple[Letter, float]]:
    """Return each letter with the length from the middle of the line to that of its place."""
    at = -place * sum(letter.advance for letter in letters) / 2
    for letter in letters:
        yield letter, at + place * letter.advance / 2
        at += place * letter.advance


def _put(letter: Letter, stand: Stand, width: float, height: float) -> SetLetter:
    upright = Transform().translate(stand.x, stand.y).rotate(stand.turned)
    outline = moved(letter.outline, upright.scale(width, -height).translate(-letter.advance / 2, 0))
    return SetLetter(outline, BOLD * width)
