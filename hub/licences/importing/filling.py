"""What one row fills: values by path, and the faults found on the way.

Decides where each value stands and which column a fault is laid to. It must never tell one thing twice: what the type's
rules say of a value that could not be read is left out.
"""

from collections.abc import Mapping
from typing import Any

from hub.catalogue.licence_type import LicenceType
from hub.errors import Violation
from hub.licences.importing.fitting import Fitting, Given, Slot
from hub.licences.importing.mapping import Steps, path_of
from hub.licences.importing.shapes import LEGAL_BASIS, MISSING, REASON
from hub.tabular.faults import REASONS, Fault
from hub.tabular.rows import Cell, RawRow

_HOLDER_MEMBERS = frozenset({"codeType", "code", "name"})
_OWN_TITLES: Mapping[str, tuple[str, str]] = {
    "": ("整行", "The row"),
    LEGAL_BASIS: ("法律依据", "Legal basis"),
    REASON: ("理由", "Reason"),
}


class _Branch(dict[str | int, Any]):
    """A part in the making: an object by name, a list by place."""


class Filling:
    """One row's values and faults."""

    def __init__(self, row: RawRow, fitting: Fitting, licence_type: LicenceType) -> None:
        """Read every cell that the map speaks of."""
        self.faults: list[Fault] = []
        self._row = row
        self._fitting = fitting
        self._type = licence_type
        self._at_fault: list[Steps] = []
        self._slot: Slot | None = None
        self._tree = _Branch()
        self._fill()

    def _fill(self) -> None:
        cells = self._row.cells
        for slot in self._fitting.slots:
            self._slot = slot
            value = slot.shape(cells.get(slot.column), slot.reading, slot.steps, self._note)
            if value is not MISSING:
                _plant(self._tree, slot.steps, value)
        for given in self._fitting.given:
            _give(self._tree, given)
        if not cells.keys() <= self._fitting.known:
            self._slot = None
            self._note((), "UNMAPPED", None)

    def _note(self, at: Steps, reason: str, value: Cell) -> None:
        self._tell(at, reason, REASONS[reason], self._slot.column if self._slot else None, value)

    def add(self, at: Steps, reason: str, texts: tuple[str, str] | None = None) -> None:
        """Add a fault of what stands at a path, laid to the column that fills it."""
        column = self._column(at)
        self._tell(at, reason, texts or REASONS[reason], column, self._row.cells.get(column) if column else None)

    def _tell(self, at: Steps, reason: str, texts: tuple[str, str], column: str | None, value: Cell) -> None:
        self._at_fault.append(at)
        self.faults.append(Fault(reason, column, path_of(at), *self._titles(at), *texts, value))

    def refuse(self, violation: Violation) -> None:
        """Add what the type's rules say, unless something was wrong there before."""
        at = self._planted(_steps(violation.pointer))
        if not self.covered(at):
            self.add(at, "RULE", (violation.reason_zh, violation.reason_en))

    def need(self, values: Mapping[str, Any]) -> None:
        """Add a fault for each value that is missing."""
        for name, value in values.items():
            if value is None and not self.covered((name,)):
                self.add((name,), "REQUIRED")

    def need_of_holders(self, holders: list[dict[str, Any]]) -> None:
        """Add a fault for each part of a holder that is missing, and for parts that no holder has."""
        for place, holder in enumerate(holders):
            for name in sorted(_HOLDER_MEMBERS ^ holder.keys()):
                at = self._planted(("holders", place, name))
                if name not in _HOLDER_MEMBERS:
                    self.add(at[:-1], "UNMAPPED")
                elif not self.covered(at):
                    self.add(at, "REQUIRED")

    def covered(self, at: Steps) -> bool:
        """Tell whether a fault is known at a path, above it or inside it."""
        return bool(at) and any(at[: len(each)] == each or each[: len(at)] == at for each in self._at_fault if each)

    def whole(self) -> dict[str, Any]:
        """Return the values as JSON has them."""
        return {str(name): _grown(value) for name, value in self._tree.items()}

    def _planted(self, steps: Steps) -> Steps:
        """Return the path in the map's places of a path in the draft's, where blank places of lists have closed up."""
        node: Any = self._tree
        found: list[str | int] = []
        for step in steps:
            if isinstance(step, int) and isinstance(node, _Branch):
                step = sorted(node)[step]  # noqa: PLW2901 - the same step, in other places
            found.append(step)
            node = node.get(step) if isinstance(node, dict) else None
        return tuple(found)

    def _column(self, at: Steps) -> str | None:
        exact = [slot.column for slot in self._fitting.slots if slot.steps == at[: len(slot.steps)]]
        inside = [slot.column for slot in self._fitting.slots if at and slot.steps[: len(at)] == at]
        return next(iter((*exact, *inside)), None)

    def _titles(self, at: Steps) -> tuple[str, str]:
        path = ".".join(step for step in at if isinstance(step, str))
        if path in _OWN_TITLES:
            return _OWN_TITLES[path]
        try:
            return self._type.title(path, "zh"), self._type.title(path, "en")
        except KeyError:
            return "未知字段", "Unknown field"


def _steps(pointer: str) -> Steps:
    return tuple(int(part) if part.isdecimal() else part for part in pointer.split("/")[1:])


def _plant(tree: _Branch, steps: Steps, value: Any) -> None:
    for step in steps[:-1]:
        tree = tree.setdefault(step, _Branch())
    tree[steps[-1]] = value


def _give(tree: _Branch, given: Given) -> None:
    """Plant a value of the map's own where the row gave none."""
    for step in given.steps[:-1]:
        inner = tree.setdefault(step, _Branch()) if given.begins else tree.get(step)
        if not isinstance(inner, _Branch):
            return
        tree = inner
    tree.setdefault(given.steps[-1], given.value)


def _grown(value: Any) -> Any:
    if not isinstance(value, _Branch):
        return value
    if any(isinstance(key, int) for key in value):
        return [_grown(value[key]) for key in sorted(value)]
    return {key: _grown(inner) for key, inner in value.items()}
