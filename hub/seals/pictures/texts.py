"""The one spelling in which a seal's texts are compared and drawn."""

import unicodedata


def plain(text: str) -> str:
    """Return a text in NFKC without white space, so that full-width brackets and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).split())
