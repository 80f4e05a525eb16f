"""Ids of words of the dashboard that are put together; see tests/web/made_words.py."""

from collections.abc import Mapping

from hub.sharing.deadlines import Kind
from hub.supervision.events import Measure

_TITLES = {
    "coverage": ("nobody", "below", "enough"), "reads": ("none", "denied", "allowed"), "latency": ("none", "last"),
    "exemptions": ("none", "some"), "seal_uses": ("none", "some"),
}  # fmt: skip
MADE: Mapping[str, frozenset[str]] = {
    "{}.done": frozenset(("dashboard.expected",)),
    "dashboard.tile.{}": frozenset(("valid", "reads", "papers", "overdue", "alerts")),
    "dashboard.deadline.{}": frozenset(Kind),
    "dashboard.coverage.{}": frozenset(("authorities", "types", "authorities.first", "types.first", "says", "unit")),
    "dashboard.reads.{}": frozenset((Measure.ALLOWED, Measure.MISSED, Measure.DENIED)),
    "dashboard.latency.{}": frozenset(("p50", "p95")),
    "dashboard.{}.series": frozenset(("exemptions", "seal_uses")),
    **{f"dashboard.{name}.title.{{}}": frozenset(several) for name, several in _TITLES.items()},
    **{
        f"dashboard.{{}}.{part}": frozenset(("reads", "latency", "exemptions", "seal_uses"))
        for part in ("says", "unit", "first")
    },
}
