"""Templates become pages: Jinja2, everything escaped, a name that a template does not know is an error.

Loaded when the first page is asked for, so that commands and machines' requests do not carry it.
"""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.web.words.catalogues import words
from hub.web.words.languages import LANGUAGES

HERE: Final = Path(__file__).parent


@cache
def environment() -> Environment:
    """Return the environment of all templates: those of hub/web/templates by their name, others by their path in hub/web."""
    return Environment(
        loader=FileSystemLoader([HERE / "templates", HERE]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip


def load() -> None:
    """Read templates and words from the disk; afterwards rendering waits for nothing."""
    environment().get_template("layout.html")
    for language in LANGUAGES.values():
        words(language)
