"""Outlines: closed contours of straight lines and cubic curves, in millimetres, y downwards, the seal's middle at 0, 0.

Decides the shapes that are not letters, and how an outline is written as the path of an SVG: rounded to whole hundredths of a
millimetre, so that the same seal has the same bytes. Filling is by the nonzero rule: a hole runs the other way round.
"""

import math
from typing import Any, Final, TypeAlias

from fontTools.misc.transform import Transform
from fontTools.pens.recordingPen import RecordingPen, replayRecording
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen

UNITS: Final = 100  # of the SVG in a millimetre
_KAPPA = 4 / 3 * (math.sqrt(2) - 1)  # a cubic curve that follows a quarter of an ellipse to 0.03 %
_STAR_WAIST = math.cos(math.radians(72)) / math.cos(math.radians(36))  # inner to outer radius of a pentagram

Point: TypeAlias = tuple[float, float]
Outline: TypeAlias = tuple[tuple[str, tuple[Any, ...]], ...]  # calls of fontTools' pen protocol


def moved(outline: Outline, transform: Transform) -> Outline:
    """Return an outline moved, turned and stretched."""
    pen = RecordingPen()
    replayRecording(outline, TransformPen(pen, transform))
    return tuple(pen.value)


def path(outline: Outline) -> str:
    """Return an outline as the `d` of an SVG path, in hundredths of a millimetre."""
    pen = SVGPathPen(None, ntos=lambda number: str(round(number)))
    replayRecording(outline, TransformPen(pen, Transform(UNITS, 0, 0, UNITS, 0, 0)))
    return str(pen.getCommands())


def elliptical_border(width: float, height: float, thickness: float) -> Outline:
    """Return a border around an ellipse or circle of these diameters."""
    outer = _rounded(width, height, width / 2, height / 2)
    inner = _rounded(width - 2 * thickness, height - 2 * thickness, width / 2 - thickness, height / 2 - thickness)
    return outer + _reversed(inner)


def square_border(side: float, thickness: float, corner: float) -> Outline:
    """Return a border around a square whose outer corners are rounded by the radius `corner`."""
    inner, rest = side - 2 * thickness, max(corner - thickness, thickness / 4)
    return _rounded(side, side, corner, corner) + _reversed(_rounded(inner, inner, rest, rest))


def star(radius: float) -> Outline:
    """Return a five-pointed star about the middle, one point up; `radius` is that of the circle through its points."""
    corners = [
        (math.sin(math.radians(36 * turn)) * reach, -math.cos(math.radians(36 * turn)) * reach)
        for turn in range(10)
        for reach in [radius * (_STAR_WAIST if turn % 2 else 1)]
    ]
    return (("moveTo", (corners[0],)), *(("lineTo", (corner,)) for corner in corners[1:]), ("closePath", ()))


def _rounded(width: float, height: float, across: float, along: float) -> Outline:
    """Return a rectangle about the middle with elliptical corners of two radii; with the largest ones, an ellipse."""
    right, bottom = width / 2, height / 2
    straight_x, straight_y = right - across, bottom - along
    bend_x, bend_y = straight_x + across * _KAPPA, straight_y + along * _KAPPA
    return (
        ("moveTo", ((straight_x, -bottom),)),
        ("curveTo", ((bend_x, -bottom), (right, -bend_y), (right, -straight_y))),
        ("lineTo", ((right, straight_y),)),
        ("curveTo", ((right, bend_y), (bend_x, bottom), (straight_x, bottom))),
        ("lineTo", ((-straight_x, bottom),)),
        ("curveTo", ((-bend_x, bottom), (-right, bend_y), (-right, straight_y))),
        ("lineTo", ((-right, -straight_y),)),
        ("curveTo", ((-right, -bend_y), (-bend_x, -bottom), (-straight_x, -bottom))),
        ("closePath", ()),
    )


def _reversed(outline: Outline) -> Outline:
    """Return a symmetrical outline run the other way round: its mirror image."""
    return moved(outline, Transform(-1, 0, 0, 1, 0, 0))
