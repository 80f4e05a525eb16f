"""Columns of a file: which field of a register each fills, and how a row becomes a statement.

Decides by the columns' names alone: a field's path, or what it is called in Chinese or English. A column that no field has is refused unless it is
to be left out, for a misspelt one would silently not count. It must never guess at a value: what cannot be trusted is a fault of its row.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from hub.catalogue.registers import Register
from hub.clock import Calendar
from hub.errors import ImportMapError, Violation
from hub.identities.statement import Statement
from hub.tabular.faults import REASONS
from hub.tabular.rows import Cell, RawRow, Spoilt, blank

AS_OF: Final = "asOf"
_AS_OF_NAMES: Final = (AS_OF, "数据时间", "As of")
_TITLES: Final = {AS_OF: ("数据时间", "As of")}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file that are read, by the path each fills; `as_of` holds where a row says none."""

    register: Register
    paths: Mapping[str, str]
    as_of: datetime | None
    calendar: Calendar

    @classmethod
    def of(
        cls, register: Register, names: Sequence[str], as_of: datetime | None, calendar: Calendar, *, only_known: bool
    ) -> "Columns":
        """Fit a file's columns to a register.

        Raises:
            ImportMapError: a column is missing, there twice or fills nothing; told by place, for a file without a header begins with data.
        """
        known = {_spelled(name): path for path, titles in _names(register) for name in titles}
        paths: dict[str, str] = {}
        for place, name in enumerate(names, 1):
            path = known.get(_spelled(name))
            if path is None and not only_known:
                listed = ", ".join((*register.leaf_paths, AS_OF))
                raise ImportMapError(
                    f"Column {place} fills no field; name columns {listed}, or leave others out expressly."
                )
            if path is not None and path in paths.values():
                raise ImportMapError(f"Column {place} fills a field that another column fills.")
            if path is not None:
                paths[name] = path
        missing = [each.path for each in register.fields if each.required and each.path not in paths.values()]
        if missing or (as_of is None and AS_OF not in paths.values()):
            raise ImportMapError(f"The file lacks the columns {', '.join(missing or [AS_OF])}.")
        return cls(register, paths, as_of, calendar)

    def statement(self, row: RawRow) -> Statement | tuple[Violation, ...]:
        """Return what a row says, or every cell that cannot be trusted."""
        values: dict[str, str | None] = {}
        broken: list[Violation] = []
        as_of = self.as_of
        for name, path in self.paths.items():
            cell = row.cells.get(name)
            if blank(cell):
                continue
            fault = _fault(cell, path)
            if fault:
                broken.append(self._violation(path, fault))
            elif path == AS_OF:
                as_of = _instant(cell, self.calendar)
                broken += [self._violation(AS_OF, "TIME")] if as_of is None else []
            else:
                values[path] = self._value(path, str(cell))
        if as_of is None and not broken:
            broken.append(self._violation(AS_OF, "REQUIRED"))
        return tuple(broken) if broken or as_of is None else Statement(values, as_of)

    def _value(self, path: str, text: str) -> str:
        """Return a text, of choices the one that is called so."""
        called = self.register.names.get(path, {})
        return next(
            (choice for choice, zh in called.items() if _spelled(text) in {_spelled(zh), _spelled(choice)}), text
        )

    def _violation(self, path: str, reason: str) -> Violation:
        titles = _TITLES.get(path) or (self.register.title(path, "zh"), self.register.title(path, "en"))
        return Violation(f"/{path}", *titles, *REASONS[reason])


def _names(register: Register) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield AS_OF, _AS_OF_NAMES
    for each in register.fields:
        yield each.path, (each.path, each.title_zh, each.title_en)


def _fault(cell: Cell, path: str) -> str | None:
    """Return why a cell cannot be trusted (a key of faults.REASONS)."""
    if isinstance(cell, Spoilt):
        return cell.reason
    if isinstance(cell, str) or (path == AS_OF and isinstance(cell, date)):
        return None
    return "TIME" if path == AS_OF else "CODE_NUMBER" if isinstance(cell, int) else "TEXT"


def _instant(cell: Cell, calendar: Calendar) -> datetime | None:
    """Return a time with its offset; of a day its beginning, so that a day's later word is never outdated by it."""
    try:
        found = cell if isinstance(cell, date) else datetime.fromisoformat(str(cell).strip())
    except ValueError:
        return None
    if not isinstance(found, datetime) or (isinstance(cell, str) and len(cell.strip()) == _A_DAY):
        return calendar.start(found.date() if isinstance(found, datetime) else found)
    return found if found.tzinfo else None


_A_DAY: Final = len("2026-11-26")


def _spelled(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
