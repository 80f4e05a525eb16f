"""Where a person may be led after signing in or choosing a language: a page of this hub, by its path, and nowhere else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from starlette.routing import compile_path

START: Final = "/"


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of this hub's pages that can be asked for."""

    _patterns: list[re.Pattern[str]] = field(default_factory=list)

    def add(self, templates: Iterable[str]) -> None:
        """Know the paths of these templates too."""
        self._patterns.extend(compile_path(template)[0] for template in templates)

    def known(self, wanted: str | None) -> str:
        """Return the path that is wanted, if it is one of them, else the start page: an address of another host is none."""
        plain = wanted is not None and wanted.isascii() and wanted.isprintable() and "//" not in wanted
        return wanted if wanted and plain and any(each.fullmatch(wanted) for each in self._patterns) else START
