"""The one spelling in which a seal's texts are compared and drawn, and whose letters they are drawn in."""

import unicodedata
from typing import Final

FONTS: Final = "pylopdf_fonts_zh_cn"  # holds Noto Serif SC as it is published, and nothing of pylopdf


def plain(text: str) -> str:
    """Return a text in NFKC without white space, so that full-width brackets and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).split())
