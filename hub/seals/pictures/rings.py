"""Rings: ellipses about the seal's middle along which letters stand, measured by length.

Decides where on a ring a letter stands and how it is turned. Lengths run clockwise from the top; directions are degrees
clockwise from the top, as seen from the middle.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass

_STEPS = 720


@dataclass(frozen=True, slots=True)
class Stand:
    """A point of a ring in millimetres, and by how many radians a letter that stands on it is turned clockwise."""

    x: float
    y: float
    turned: float


class Ring:
    """An ellipse with two half axes in millimetres."""

    def __init__(self, across: float, along: float) -> None:
        """`across` is half the width, `along` half the height."""
        self._across, self._along = across, along
        self._angles = [math.pi * step / _STEPS for step in range(_STEPS + 1)]
        self._lengths = [0.0]
        for before, after in zip(self._angles, self._angles[1:], strict=False):
            self._lengths.append(self._lengths[-1] + math.dist(self._point(before), self._point(after)))

    def length_to(self, direction: float) -> float:
        """Return the length from the top to where a direction between 0 and 180 degrees meets the ring."""
        seen = math.radians(direction)
        return self._interpolate(
            math.atan2(self._along * math.sin(seen), self._across * math.cos(seen)), self._angles, self._lengths
        )

    def stand(self, length: float) -> Stand:
        """Return the stand at a length from the top, negative to the left."""
        angle = math.copysign(self._interpolate(abs(length), self._lengths, self._angles), length)
        x, y = self._point(angle)
        return Stand(x, y, math.atan2(self._along * math.sin(angle), self._across * math.cos(angle)))

    def _point(self, angle: float) -> tuple[float, float]:
        return self._across * math.sin(angle), -self._along * math.cos(angle)

    @staticmethod
    def _interpolate(value: float, known: list[float], wanted: list[float]) -> float:
        after = min(max(bisect_left(known, value), 1), len(known) - 1)
        share = (value - known[after - 1]) / (known[after] - known[after - 1])
        return wanted[after - 1] + share * (wanted[after] - wanted[after - 1])
