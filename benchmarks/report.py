"""RESULTS.md: rendered from what was measured, never edited by hand. A reach that was missed says so, with its figure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.results import Goal, Part, Table

HEAD = """# Results

Written by `make bench`; never edited by hand. What each part measures and how: [README.md](README.md). Figures are medians, with
(lowest-highest) of the rounds. A ratio is reference / hub, so 1 is as good as the reference and more is better."""


def markdown(parts: Mapping[str, Part]) -> str:
    """Return the whole file."""
    sections = [
        HEAD,
        _summary(parts.values()),
        *_machines(parts.values()),
        *(_section(part) for part in parts.values()),
    ]
    return "\n\n".join(sections) + "\n"


def verdict(goal: Goal) -> str:
    """Return "met", or "MISSED" with the figure."""
    return "met" if goal.met else f"MISSED: {number(goal.figure)}{goal.unit}"


def number(figure: float) -> str:
    """Return a figure with as many digits as it deserves."""
    size = abs(figure)
    return f"{figure:,.0f}" if size >= 100 else f"{figure:.1f}" if size >= 10 else f"{figure:.2f}"  # noqa: PLR2004 - digits


def _goal(goal: Goal) -> tuple[str, ...]:
    bound = "at most" if goal.at_most else "at least"
    figure, reach = f"{number(goal.figure)}{goal.unit}", f"{bound} {number(goal.reach)}{goal.unit}"
    return goal.what, figure, reach, verdict(goal)


def _summary(parts: Iterable[Part]) -> str:
    rows = [(part.name, *_goal(goal)) for part in parts for goal in part.outcome.goals]
    return "## Reach\n\n" + _lines(("part", "what", "measured", "reach", "met"), rows)


def _machines(parts: Iterable[Part]) -> Iterator[str]:
    """Yield one table for each machine on which anything was measured."""
    named: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for part in parts:
        named.setdefault(tuple(part.machine.items()), []).append(part.name)
    for facts, names in named.items():
        title = "## Machine" if len(named) == 1 else f"## Machine of {', '.join(names)}"
        yield f"{title}\n\n" + _lines(("what", "is"), facts)


def _section(part: Part) -> str:
    told = [f"Measured {part.measured} at {part.revision} by `{part.command}`, in {part.seconds / 60:.1f} minutes."]
    if part.outcome.goals:
        told.append(_lines(("what", "measured", "reach", "met"), [_goal(goal) for goal in part.outcome.goals]))
    told += [_table(table) for table in part.outcome.tables]
    told += ["\n".join(f"- {remark}" for remark in part.outcome.remarks)] if part.outcome.remarks else []
    return "\n\n".join([f"## {part.name}: {part.what}", *told])


def _table(table: Table) -> str:
    return f"**{table.title}**\n\n{_lines(table.columns, table.rows)}"


def _lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_line(columns), _line(["---"] * len(columns)), *(_line(row) for row in rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
