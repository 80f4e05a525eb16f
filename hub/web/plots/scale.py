"""Scales: from values to places on a plot, with round numbers at the ticks.

Decides which numbers are round (1, 2 or 5 times a power of ten), and that a scale of amounts begins at nothing: what is drawn is in proportion to
what it stands for.
"""

import math
from dataclasses import dataclass
from typing import Final

_ROUND: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to `top`, with a tick every `step`; drawn from `begin` to `end`, which is smaller where values grow upwards."""

    top: float
    step: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a value lies; what is beyond the top lies at the top."""
        return self.begin + (self.end - self.begin) * min(max(value, 0.0), self.top) / self.top

    @property
    def ticks(self) -> tuple[float, ...]:
        """Return the values at the ticks."""
        return tuple(number * self.step for number in range(round(self.top / self.step) + 1))


def scale(largest: float, begin: float, end: float, *, most: int, whole: bool = True) -> Scale:
    """Return the scale of values up to `largest` with `most` steps at the most, of whole numbers if it counts something."""
    least = 1.0 if whole else 1e-9
    rough = max(largest / most, least)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(
        each * power for each in _ROUND if each * power * most >= largest * (1 - 1e-12) and each * power >= least
    )
    return Scale(max(1, math.ceil(largest / step - 1e-9)) * step, step, begin, end)
