"""The plots of the dashboard: which figures each shows, and what it finds in them.

Decides titles by the figures: each says the finding and not the kind of plot. Pure: a board, words and names in, plots out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hub.supervision.board import Board, Period
from hub.supervision.coverage import Coverage
from hub.supervision.events import Measure
from hub.web.console.names import Reader
from hub.web.plots.model import Area, Bar, Bars, Columns, Lines, Series, grouped
from hub.web.words.catalogues import Words

ENOUGH: Final = 0.9
"""Of the expected licences; who has less is counted in the title."""
BEYOND: Final = 1.5
_READS: Final = (Measure.ALLOWED, Measure.MISSED, Measure.DENIED)


@dataclass(frozen=True, slots=True)
class Findings:
    """Makes the plots of one board; `authority` is the one that was chosen."""

    board: Board
    period: Period
    authority: str | None
    reader: Reader

    @property
    def words(self) -> Words:
        """Return the reader's words."""
        return self.reader.words

    def all(self) -> tuple[Bars | Columns | Area | Lines, ...]:
        """Return them, in the order of the page."""
        return self.coverage(), self.exemptions(), self.reads(), self.latency(), self.seal_uses()

    # -- coverage ----------------------------------------------------------------------------------------------------

    def coverage(self) -> Bars:
        """Compare licences with how many there ought to be, by authority, or by type of the one that was chosen."""
        groups = self._groups()
        rows = sorted(groups, key=lambda group: (group.share is None, group.share or 0, group.name))
        known = [group for group in rows if group.share is not None]
        below = sum((group.share or 0) < ENOUGH for group in known)
        title = "nobody" if not known else "below" if below else "enough"
        return Bars(
            **self._said("coverage", title, below=below, all=len(known), kinds=self.words(f"dashboard.coverage.{self._kind}")),
            rows=tuple(Bar(group.name, group.share, self._label(group), (grouped(group.valid), self._expected(group))) for group in rows),
            expected=1.0, expected_name=self.words("dashboard.coverage.expected"), longest=BEYOND, written=percent,
            heads=(self.words("dashboard.coverage.valid"), self.words("dashboard.coverage.number")),
        )  # fmt: skip

    @property
    def _kind(self) -> str:
        return "types" if self.authority else "authorities"

    def _groups(self) -> list["_Group"]:
        """Add up what belongs to one bar; where some types have no expected number, only those count that have one."""
        found: dict[str, list[Coverage]] = {}
        for each in self.board.coverage:
            found.setdefault(each.type_key if self.authority else each.authority, []).append(each)
        named = self.reader.names.type if self.authority else self.reader.names.authority
        return [_group(named(code), several) for code, several in found.items()]

    def _label(self, group: "_Group") -> str:
        if group.share is None:
            return self.words("dashboard.coverage.unknown", valid=grouped(group.valid))
        return f"{percent(group.share)} · {grouped(group.valid)} / {grouped(group.expected)}"

    def _expected(self, group: "_Group") -> str:
        return grouped(group.expected) if group.expected else self.words("dashboard.unknown")

    # -- over time ---------------------------------------------------------------------------------------------------

    def reads(self) -> Columns:
        """Tell reads allowed, missed and denied."""
        steps = self.period.steps()
        of = {measure: _values(steps, self.board.reads, measure) for measure in _READS}
        whole, denied = sum(map(sum, of.values())), sum(of[Measure.DENIED])
        title = "none" if not whole else "denied" if denied else "allowed"
        return Columns(
            **self._said("reads", title, whole=grouped(whole), denied=grouped(denied), share=percent(denied / whole if whole else 0, 1)),
            **self._places(steps), series=tuple(Series(self.words(f"dashboard.reads.{measure}"), values) for measure, values in of.items()),
        )  # fmt: skip

    def latency(self) -> Lines:
        """Tell how long look-ups took."""
        steps, known = self.period.steps(), self.board.latencies
        series = [
            Series(self.words(f"dashboard.latency.{name}"), tuple(_milliseconds(getattr(known.get(step), name, None)) for step in steps))
            for name in ("p50", "p95")
        ]  # fmt: skip
        last = next((value for value in reversed(series[1].values) if value is not None), None)
        said = self._said("latency", "none" if last is None else "last", ms=grouped(last or 0))
        return Lines(**said, **self._places(steps), series=tuple(series), whole=False, written=tenths)

    def exemptions(self) -> Area:
        """Tell materials that need not have been handed in, by month."""
        return Area(**self._by_month("exemptions", Measure.EXEMPTED))

    def seal_uses(self) -> Columns:
        """Tell how often seals were used, by month."""
        return Columns(**self._by_month("seal_uses", Measure.SEALED))

    def _by_month(self, name: str, measure: Measure) -> dict[str, Any]:
        steps = self.period.year.steps()
        values = _values(steps, self.board.months, measure)
        said = self._said(name, "some" if any(values) else "none", count=grouped(sum(values)))
        return {**said, **self._places(steps), "series": (Series(self.words(f"dashboard.{name}.series"), values),)}

    # -- words -------------------------------------------------------------------------------------------------------

    def _places(self, steps: Sequence[str]) -> dict[str, Any]:
        by_day = bool(steps) and len(steps[0]) > len("YYYY-MM")
        named = self.reader.dates.day if by_day else self.reader.dates.month
        return {"places": tuple(map(named, steps)), "short": tuple(step[5:] if by_day else step for step in steps)}

    def _said(self, name: str, title: str, **values: object) -> dict[str, Any]:
        def word(part: str) -> str:
            return self.words(f"dashboard.{name}.{part}")

        first = word("first") if name != "coverage" else self.words(f"dashboard.coverage.{self._kind}.first")
        return {
            "name": name, "title": self.words(f"dashboard.{name}.title.{title}", **values), "says": word("says"), "unit": word("unit"),
            "first": first, "unknown": self.words("dashboard.unknown"), "empty": self.words("dashboard.empty"),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """A bar: how many licences are valid, and how many there ought to be (0: nobody said)."""

    name: str
    valid: int
    expected: int

    @property
    def share(self) -> float | None:
        return self.valid / self.expected if self.expected else None


def _group(name: str, several: Iterable[Coverage]) -> _Group:
    every = list(several)
    known = [each for each in every if each.expected and each.expected.number]
    return _Group(
        name, sum(each.valid for each in known or every), sum(each.expected.number for each in known if each.expected)
    )


def _values(steps: Iterable[str], counts: Mapping[str, Mapping[Measure, int]], measure: Measure) -> tuple[int, ...]:
    return tuple(counts.get(step, {}).get(measure, 0) for step in steps)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def percent(share: float, digits: int = 0) -> str:
    """Write a share."""
    return f"{share:.{digits}%}"


def tenths(value: float) -> str:
    """Write a number; a small one with a tenth."""
    return grouped(value) if value >= 10 or value == int(value) else f"{value:.1f}"  # noqa: PLR2004 - two digits say enough
