"""The catalogues: a file of words for each language (gettext PO, read by Babel), under symbolic ids such as `sign_in.title`.

What belongs to one part of the pages stands beside it: each `zh-CN.po` and `en.po` below hub/web is read, and an id stands in one of them.

Decides nothing about what is said where. A text names the values it takes in braces; values are put in as text, so whoever writes a page
still escapes the whole. An id that a catalogue lacks is a programming error, and a test finds it before anybody reads it.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from hub.web.words.languages import Language

WEB: Final = Path(__file__).parents[1]


class Words:
    """The words of one language."""

    __slots__ = ("_texts", "language")

    def __init__(self, language: Language, texts: Mapping[str, str]) -> None:
        """`texts` by their ids."""
        self.language = language
        self._texts = texts

    def __call__(self, name: str, /, **values: object) -> str:
        """Return the text of an id with these values in it."""
        return self._texts[name].format_map(values)

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a text of this id."""
        return name in self._texts

    def under(self, *prefixes: str) -> dict[str, str]:
        """Return the texts whose ids begin so, for a page's script; values stay in braces."""
        return {name: text for name, text in self._texts.items() if name.startswith(prefixes)}


@cache
def words(language: Language) -> Words:
    """Return the words of a language, read once."""
    texts: dict[str, str] = {}
    for path in sorted(WEB.rglob(f"{language.tag}.po")):
        found = _read(path)
        if twice := texts.keys() & found.keys():
            raise ValueError(f"{path.relative_to(WEB)} says again {', '.join(sorted(twice))}")
        texts |= found
    return Words(language, MappingProxyType(texts))


def _read(path: Path) -> dict[str, str]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 - not before a page is asked for

    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    return {str(each.id): str(each.string) for each in catalogue if each.id}
