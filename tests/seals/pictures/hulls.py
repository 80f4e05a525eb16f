"""Where outlines are: points along them, and whether two of them can touch, judged by their convex hulls."""

import math
from collections.abc import Iterator, Sequence

from hub.seals.pictures.outlines import Outline, Point

_SHARES = [step / 8 for step in range(1, 9)]


def points(outline: Outline) -> list[Point]:
    """Return points along an outline: its corners, and eight of each curve."""
    found: list[Point] = []
    for kind, places in outline:
        found += [_bent((found[-1], *places), share) for share in _SHARES] if kind == "curveTo" else places
    return found


def _bent(curve: tuple[Point, ...], share: float) -> Point:
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y


def middle(outline: Outline) -> Point:
    """Return the middle of an outline's box."""
    across, down = zip(*points(outline), strict=True)
    return (min(across) + max(across)) / 2, (min(down) + max(down)) / 2


def hull(outline: Outline) -> list[Point]:
    """Return the convex hull of an outline (Andrew's monotone chain)."""
    ordered = sorted(set(points(outline)))
    return _chain(ordered)[:-1] + _chain(ordered[::-1])[:-1]


def apart(one: Sequence[Point], other: Sequence[Point], gap: float) -> bool:
    """Tell whether two convex hulls are apart by more than a gap."""
    if _separated([(1, 0), (0, 1)], one, other, gap):
        return True
    if not _separated([*_normals(one), *_normals(other)], one, other, 0):
        return False
    nearest = min(_distance(point, side) for a, b in ((one, other), (other, one)) for point in a for side in _sides(b))
    return nearest > gap


def _separated(axes: Sequence[Point], one: Sequence[Point], other: Sequence[Point], gap: float) -> bool:
    """Tell whether one of these axes shows a gap between two hulls."""
    spans = ([[_along(axis, point) for point in each] for each in (one, other)] for axis in axes)
    return any(max(first) + gap < min(second) or max(second) + gap < min(first) for first, second in spans)


def _chain(ordered: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(first: Point, second: Point, third: Point) -> float:
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])


def _sides(polygon: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return zip(polygon, [*polygon[1:], polygon[0]], strict=True)


def _normals(polygon: Sequence[Point]) -> Iterator[Point]:
    return ((before[1] - after[1], after[0] - before[0]) for before, after in _sides(polygon))


def _distance(point: Point, side: tuple[Point, Point]) -> float:
    (x, y), (right, down) = side[0], (side[1][0] - side[0][0], side[1][1] - side[0][1])
    share = ((point[0] - x) * right + (point[1] - y) * down) / (right**2 + down**2)
    share = min(max(share, 0), 1)
    return math.dist(point, (x + share * right, y + share * down))


def _along(axis: Point, point: Point) -> float:
    return axis[0] * point[0] + axis[1] * point[1]
