"""Whoever reads a page: his words, his dates, and how what records and figures name by codes is called in his language.

A code that nothing is known of stands for itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request

from hub.catalogue.service import Catalogue
from hub.errors import InputError
from hub.web.console.frame import Console
from hub.web.words.catalogues import Words, words
from hub.web.words.languages import Language

if TYPE_CHECKING:
    from hub.web.words.dates import Dates


class Named(Protocol):
    """Has a name in each language."""

    @property
    def name_zh(self) -> str:
        """Return the Chinese one."""

    @property
    def name_en(self) -> str:
        """Return the English one."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names things of the catalogue."""

    catalogue: Catalogue
    language: Language

    def authority(self, code: str) -> str:
        """Name an authority by its credit code."""
        return _known(lambda: self._of(self.catalogue.authority(code)), code)

    def type(self, key: str) -> str:
        """Name a licence type by its key."""
        return _known(lambda: self.catalogue.type(key).name.text(self.language.tag), key)

    def item(self, code: str) -> str:
        """Name a service item by its code."""
        return _known(lambda: self._of(self.catalogue.item(code)), code)

    def _of(self, named: Named) -> str:
        return {"zh": named.name_zh, "en": named.name_en}[self.language.short]


@dataclass(frozen=True, slots=True)
class Reader:
    """What a page tells its reader in."""

    words: Words
    dates: "Dates"
    names: Names

    def choices(self, prefix: str, several: Iterable[str], *first: tuple[str, str]) -> list[tuple[str, str]]:
        """Return what can be chosen in a form, with its words."""
        return [*first, *((each, self.words(f"{prefix}.{each}")) for each in map(str, several))]


def reader_of(console: Console, request: Request) -> Reader:
    """Return who asks for a page."""
    from hub.web.words.dates import Dates  # noqa: PLC0415 - not before a page is asked for

    language = console.pages.language(request)
    return Reader(words(language), Dates(language, console.pages.calendar), Names(console.hub.catalogue, language))


def _known(name: Callable[[], str], code: str) -> str:
    try:
        return name()
    except InputError:
        return code
