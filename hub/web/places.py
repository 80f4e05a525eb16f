"""Where a person may be led after signing in or choosing a language: a page of this hub, by its path, and nowhere else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from starlette.routing import compile_path

START: Final = "/"
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]*)+")
_QUERY: Final = re.compile(r"[A-Za-z0-9._~/=&%+-]{1,500}")


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of this hub's pages that can be asked for."""

    _patterns: list[re.Pattern[str]] = field(default_factory=list)

    def add(self, templates: Iterable[str]) -> None:
        """Know the paths of these templates too."""
        self._patterns.extend(compile_path(template)[0] for template in templates)

    def known(self, wanted: str | None) -> str:
        """Return the place that is wanted, if it is one of these, with its query, else the start page: an address of another host is none."""
        path, mark, query = (wanted or "").partition("?")
        if not _PATH.fullmatch(path) or not any(each.fullmatch(path) for each in self._patterns):
            return START
        return f"{path}{mark}{query}" if query and _QUERY.fullmatch(query) else path
