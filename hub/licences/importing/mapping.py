"""The map: which column of a file fills which field of a licence type.

Decides paths (`holders[0].code`, `mother.name`, `members[1].birthDate`), constants, defaults, date styles and separators. It must
never leave a column out in silence: each is mapped, or given to null. A message names a column by its name only when the
map itself does; the names in a file without a header are somebody's data.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

from hub.errors import ImportMapError
from hub.licences.importing.dates import STYLES

Steps = tuple[str | int, ...]
_PATH = re.compile(r"[$]?[A-Za-z][A-Za-z0-9]*(\[[0-9]{1,3}\])*(\.[A-Za-z][A-Za-z0-9]*(\[[0-9]{1,3}\])*)*")
_STEP = re.compile(r"[$]?[A-Za-z][A-Za-z0-9]*|[0-9]+")
_MEMBERS = frozenset({"columns", "constants", "defaults", "dates", "separator"})
_TARGET_MEMBERS = frozenset({"to", "dates", "separator", "digits"})
_MOST_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Target:
    """A field that a column fills, and how its cells are read; None: as the map says. `digits`: numbers are padded to it."""

    to: Steps
    dates: str | None = None
    separator: str | None = None
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """What fills what. A column may fill several fields, or none on purpose. Defaults hold where a row says nothing.

    Constants and defaults are keyed by path; the act's own words are `$legalBasis` and `$reason`.
    """

    columns: Mapping[str, tuple[Target, ...]]
    constants: Mapping[Steps, Any] = field(default_factory=dict)
    defaults: Mapping[Steps, Any] = field(default_factory=dict)
    dates: str | None = None
    separator: str | None = None

    @classmethod
    def parse(cls, document: Any) -> Self:
        """Read a map from decoded JSON; raises ImportMapError, which says what to mend."""
        whole = _object(document, "The map", _MEMBERS)
        columns = _object(whole.get("columns", {}), "`columns`")
        return cls(
            MappingProxyType({" ".join(name.split()): _targets(name, value) for name, value in columns.items()}),
            _values(whole, "constants"),
            _values(whole, "defaults"),
            _style(whole, "The map"),
            _separator(whole, "The map"),
        )

    def with_defaults(self, values: Mapping[str, Any]) -> Self:
        """Return the map with defaults, by path, for what it says nothing of."""
        return replace(
            self,
            defaults=MappingProxyType({steps_of(path): each for path, each in values.items()} | dict(self.defaults)),
        )


def path_of(steps: Steps) -> str:
    """Write steps as a path."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def steps_of(path: str) -> Steps:
    """Read a path; raises ImportMapError."""
    if not _PATH.fullmatch(path):
        raise ImportMapError("A path is names parted by dots, with places in lists, such as holders[0].code.")
    return tuple(int(step) if step.isdigit() else step for step in _STEP.findall(path))


def _object(value: Any, name: str, members: frozenset[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ImportMapError(f"{name} must be a JSON object.")
    if members is not None and value.keys() - members:
        raise ImportMapError(f"{name} may hold {', '.join(sorted(members))}, and nothing else.")
    return value


def _targets(name: str, value: Any) -> tuple[Target, ...]:
    several = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(_target(f"Column {name[:64]}", each) for each in several)


def _target(told: str, value: Any) -> Target:
    if isinstance(value, str):
        return Target(steps_of(value))
    whole = _object(value, told, _TARGET_MEMBERS)
    if not isinstance(whole.get("to"), str):
        raise ImportMapError(f"{told} needs `to`, the path of the field it fills.")
    digits = whole.get("digits")
    if digits is not None and not (type(digits) is int and 1 <= digits <= _MOST_DIGITS):
        raise ImportMapError(f"{told}: `digits` must be a number from 1 to {_MOST_DIGITS}.")
    return Target(steps_of(whole["to"]), _style(whole, told), _separator(whole, told), digits)


def _values(whole: Mapping[str, Any], name: str) -> Mapping[Steps, Any]:
    given = _object(whole.get(name, {}), f"`{name}`")
    return MappingProxyType({steps_of(path): value for path, value in given.items()})


def _style(whole: Mapping[str, Any], told: str) -> str | None:
    style = whole.get("dates")
    if style is not None and not (isinstance(style, str) and style in STYLES):
        raise ImportMapError(f"{told}: `dates` must be one of {', '.join(STYLES)}.")
    return style


def _separator(whole: Mapping[str, Any], told: str) -> str | None:
    separator = whole.get("separator")
    if separator is not None and not (isinstance(separator, str) and 1 <= len(separator) <= 3):  # noqa: PLR2004 - ", " and the like
        raise ImportMapError(f"{told}: `separator` must be a text of 1 to 3 characters.")
    return separator
