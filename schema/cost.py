"""What an operation costs, as a function of its variables: known but for a few lengths when its document is made ready.

Decides how costs add up. It is a bound, not a measure: lists count as long as they may be, fields under @skip and @include count, and
of the types that an answer may have the dearest counts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Length:
    """How often something is done, as variables say: the largest of them; `otherwise` counts when none of them is given."""

    variables: tuple[str, ...]
    otherwise: int
    measure: Callable[[Any], int]

    def of(self, variables: Variables) -> int:
        """Return the length; raises what `measure` raises for a length that is not allowed."""
        given = (variables.get(name) for name in self.variables)
        return max((self.measure(value) for value in given if value is not None), default=self.otherwise)


@dataclass(frozen=True, slots=True)
class Cost:
    """Units that are known, and parts that count as often as a length says."""

    fixed: int = 0
    parts: tuple[tuple[Length, "Cost"], ...] = ()

    def of(self, variables: Variables) -> int:
        """Return the units; raises as Length.of."""
        if not self.parts:
            return self.fixed
        return self.fixed + sum(length.of(variables) * cost.of(variables) for length, cost in self.parts)

    def __add__(self, other: "Cost") -> "Cost":
        """Return the cost of both."""
        return Cost(self.fixed + other.fixed, self.parts + other.parts)

    def times(self, length: Length | int) -> "Cost":
        """Return the cost of doing it so often."""
        if isinstance(length, Length):
            return Cost(parts=((length, self),))
        return Cost(self.fixed * length, tuple((each, cost.times(length)) for each, cost in self.parts))


def dearest(costs: Iterable[Cost]) -> Cost:
    """Return a cost that none of these exceeds; of a part that several have, as many count as the one with most has."""
    found = tuple(costs)
    parts: Counter[tuple[Length, Cost]] = Counter()
    for each in found:
        parts |= Counter(each.parts)
    return Cost(max((each.fixed for each in found), default=0), tuple(parts.elements()))
