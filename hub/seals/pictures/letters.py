"""Letters of the font that seals are drawn with: Noto Serif SC, a Song face (宋体) under the SIL Open Font Licence.

Decides what a character looks like, and that a character which the font cannot write is refused by its place, never left blank.
The font comes with a distribution of its own and is read when the first seal is drawn.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from fontTools.misc.transform import Transform
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import RecordingPen, replayRecording
from fontTools.ttLib import TTFont

from hub.seals.pictures.outlines import Outline, moved
from hub.seals.pictures.refusals import FontMissingError, LettersMissingError
from hub.seals.pictures.texts import FONTS, plain


@dataclass(frozen=True, slots=True)
class Letter:
    """A character: its outline in an em square from 0, 0 to 1, 1, y upwards, and its advance as a share of the em."""

    character: str
    advance: float
    outline: Outline


class Font:
    """The letters of a font file; one may be shared by threads."""

    def __init__(self, file: Path) -> None:
        """Open a font of OpenType; raises FontMissingError when it is not there."""
        try:
            with TTFont(file, lazy=True) as font:  # all that is needed is read now, and the file closed
                self._glyphs, metrics = font.getGlyphSet(), font["OS/2"]
                self._names: Mapping[int, str] = font.getBestCmap()
        except OSError:
            raise FontMissingError from None
        self._reading = threading.Lock()  # outlines are unpacked when they are asked for
        em = metrics.sTypoAscender - metrics.sTypoDescender
        self._into_square = Transform(1 / em, 0, 0, 1 / em, 0, -metrics.sTypoDescender / em)
        self._em = em

    def write(self, texts: Mapping[str, str]) -> dict[str, tuple[Letter, ...]]:
        """Return the letters of texts by their names; raises LettersMissingError with the places of all that are missing."""
        plains = {name: plain(text) for name, text in texts.items()}
        with self._reading:
            letters = {each: self._read(each) for each in sorted(set().union(*plains.values()))}
        missing = {name: [at for at, each in enumerate(text, 1) if not letters[each]] for name, text in plains.items()}
        if any(missing.values()):
            raise LettersMissingError({name: places for name, places in missing.items() if places})
        return {name: tuple(filter(None, map(letters.get, text))) for name, text in plains.items()}

    def _read(self, character: str) -> Letter | None:
        name = self._names.get(ord(character))
        if name is None:
            return None
        pen = RecordingPen()
        self._glyphs[name].draw(pen)
        outline, advance = moved(tuple(pen.value), self._into_square), self._glyphs[name].width / self._em
        return Letter(character, advance, _squeezed(outline, advance)) if outline else None


def _squeezed(outline: Outline, advance: float) -> Outline:
    """Return a letter that reaches out of its place, as a Q or a bracket does, made as small as the place."""
    pen = BoundsPen(None)
    replayRecording(outline, pen)
    left, foot, right, head = pen.bounds
    left, foot, right, head = min(left, 0), min(foot, 0), max(right, advance), max(head, 1)
    return moved(outline, Transform().scale(advance / (right - left), 1 / (head - foot)).translate(-left, -foot))


@cache
def seal_font() -> Font:
    """Return the font of seals; raises FontMissingError when its distribution is not installed."""
    try:
        return Font(import_module(FONTS).serif_path())
    except ImportError:
        raise FontMissingError from None
