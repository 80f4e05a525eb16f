"""Typesetting: a template, data and pictures become a PDF/A-2b (ISO 19005-2), or pages as PNG to be looked at.

Decides what the typesetter may reach: the files it is given, the fonts that come with the hub, no system font, folder or package. What it refuses is
told to the log without the text around it, for that is somebody's data. typst is loaded when the first file is made.
"""

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from hub.renditions.legible import font_folder
from hub.renditions.refusals import FaceUnprintableError

_log = logging.getLogger("hub.renditions")
_SEAL: Final = "<seal>"
_QUOTED: Final = re.compile(r"""["'`].*["'`]""", re.DOTALL)
_POINT: Final = re.compile(r"([0-9.]+)pt")
PNG_PPI: Final = 110
TEMPLATES_FOLDER: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where the seal stands: the page, from 0, and the upper left corner, in points from the page's upper left."""

    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF, and where its seal stands; None where the template shows none."""

    pdf: bytes
    seal: SealPlace | None


def typeset(files: Mapping[str, bytes], made_at: datetime) -> Typeset:
    """Return the PDF of `files`: "main" is the template, the others are what it reads. Raises FaceUnprintableError, FontsMissingError."""
    options = {"format": "pdf", "pdf_standards": ["a-2b"], "timestamp": int(made_at.timestamp()), "pdf_tags": True}
    return Typeset(_run(files, "compile", **options), _seal_place(_run(files, "query", selector=_SEAL)))


def pictures(files: Mapping[str, bytes]) -> list[bytes]:
    """Return the pages as PNG; raises as `typeset`."""
    found = _run(files, "compile", format="png", ppi=PNG_PPI)
    return list(found) if isinstance(found, list) else [found]


def _run(files: Mapping[str, bytes], what: str, **options: Any) -> Any:
    typst, fonts, folder = _typesetter()
    try:
        return getattr(typst, what)(
            dict(files), font_paths=fonts, ignore_system_fonts=True, root=str(folder), package_path=str(folder),
            package_cache_path=str(folder), **options,
        )  # fmt: skip
    except (typst.TypstError, RuntimeError) as error:
        told = str(getattr(error, "message", ""))
        _log.error("a face cannot be typeset: %s", _QUOTED.sub("...", told)[:200])
        raise FaceUnprintableError from None


_loading = threading.Lock()


def _typesetter() -> tuple[Any, Any, Path]:
    with _loading:
        return _load()


@cache
def _load() -> tuple[Any, Any, Path]:
    """Load the typesetter, its fonts, and the folder of templates: the only one it knows of."""
    import typst  # noqa: PLC0415 - 30 MB that a hub without renditions does without

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())])
    return typst, fonts, TEMPLATES_FOLDER


def _seal_place(found: str) -> SealPlace | None:
    marks = orjson.loads(found)
    if not marks:
        return None
    value = marks[-1]["value"]
    x, y = (float(_POINT.fullmatch(value[axis])[1]) for axis in "xy")  # type: ignore[index]  # typst writes it so
    return SealPlace(value["page"] - 1, x, y)
