"""Settings that are whole numbers within bounds: declared as fields of a dataclass, checked together, read from variables of one prefix.

Decides how such a setting is called, and what is said of one that is out of its bounds. It must never repeat what was set.
"""

from collections.abc import Mapping
from dataclasses import Field, field, fields
from typing import Any, Final

from hub.errors import SettingsError

_DIGITS: Final = 12


def bounded(default: int, least: int, most: int, says: str) -> Any:
    """Declare a figure: its default, its bounds, and in words what it counts."""
    return field(default=default, metadata={"least": least, "most": most, "says": says})


def figures(kind: Any) -> tuple[Field[int], ...]:
    """Return the fields of a dataclass that are figures."""
    return tuple(each for each in fields(kind) if each.metadata)


def variable(prefix: str, name: str) -> str:
    """Return the name of the setting of a figure."""
    return f"{prefix}{name.upper()}"


def check(values: Any, prefix: str) -> None:
    """Compare all figures of a dataclass's object with their bounds.

    Raises:
        SettingsError: one is out of its bounds; the message names the variable.
    """
    for figure in figures(type(values)):
        least, most = figure.metadata["least"], figure.metadata["most"]
        if not least <= getattr(values, figure.name) <= most:
            raise SettingsError(
                f"{variable(prefix, figure.name)} must be from {least} to {most}: {figure.metadata['says']}."
            )


def read(kind: Any, prefix: str, values: Mapping[str, str]) -> dict[str, int]:
    """Return the figures that are set, by field.

    Raises:
        SettingsError: a value is no whole number, or no figure has this name.
    """
    known = {variable(prefix, each.name): each.name for each in figures(kind)}
    given = {name: text for name, text in values.items() if name.startswith(prefix)}
    if unknown := sorted(given.keys() - known.keys()):
        raise SettingsError(f"{', '.join(unknown)}: there is no such figure.")
    return {known[name]: _whole(name, text) for name, text in given.items()}


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise SettingsError(f"{name} must be a whole number.")
    return int(text)
