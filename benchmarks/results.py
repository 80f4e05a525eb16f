"""What was measured, as plain data: goals, tables and remarks of each part, kept in results.json between runs.

RESULTS.md is rendered from it, so that a part that is measured again replaces its own figures and no others.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

STORE = "results.json"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and the reach that was set for it; a higher figure is better unless `at_most`."""

    what: str
    figure: float
    reach: float
    unit: str = ""
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Tell whether the reach was met."""
        return self.figure <= self.reach if self.at_most else self.figure >= self.reach


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is printed."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one part gave."""

    goals: tuple[Goal, ...] = ()
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """An outcome with what must be known to make it again."""

    name: str
    what: str
    outcome: Outcome
    measured: str
    command: str
    revision: str
    seconds: float
    machine: dict[str, str] = field(default_factory=dict)


def read_parts(folder: Path) -> dict[str, Part]:
    """Return the parts that were measured before, by name."""
    store = folder / STORE
    if not store.exists():
        return {}
    return {each["name"]: _part(each) for each in json.loads(store.read_text("utf-8"))}


def write_parts(folder: Path, parts: dict[str, Part]) -> None:
    """Keep the parts."""
    text = json.dumps([asdict(part) for part in parts.values()], ensure_ascii=False, indent=1)
    (folder / STORE).write_text(text + "\n", encoding="utf-8")


def _part(kept: dict[str, Any]) -> Part:
    found = kept["outcome"]
    outcome = Outcome(
        tuple(Goal(**goal) for goal in found["goals"]),
        tuple(
            Table(table["title"], tuple(table["columns"]), tuple(tuple(row) for row in table["rows"]))
            for table in found["tables"]
        ),
        tuple(found["remarks"]),
    )
    return Part(**{**kept, "outcome": outcome})
