"""How licences look in print: one row for each type that has a form of its own, and the form of all others.

Decides paper and template. A template is typst in `templates/` and gets the data as JSON and pictures as files, never as markup, so a value is a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

LIBRARY: Final = "lib.typ"


@dataclass(frozen=True, slots=True)
class Template:
    """A form: its file, the paper in millimetres, the colour of frame and title, and how much of its true size a seal is printed in at most."""

    file: str
    width: int
    height: int
    accent: str
    largest_seal: int = 42

    @property
    def source(self) -> bytes:
        """The template's text."""
        return _read(self.file)


A4: Final = (210, 297)
A4_LANDSCAPE: Final = (297, 210)
A5_LANDSCAPE: Final = (210, 148)
B5_LANDSCAPE: Final = (250, 176)
RED, BLUE, GREEN = "#a3201d", "#1f4e79", "#2f6b4f"

_CARD: Final = Template("card.typ", *A5_LANDSCAPE, BLUE, 34)
_PARTNERS: Final = Template("marriage.typ", *B5_LANDSCAPE, RED, 38)
DEFAULT: Final = Template("default.typ", *A4, BLUE)
TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType(
    {
        "BusinessLicence": Template("business.typ", *A4_LANDSCAPE, RED),
        "ResidentIdentityCard": _CARD,
        "DriverLicence": _CARD,
        "DisabilityCertificate": Template("card.typ", *A5_LANDSCAPE, GREEN, 34),
        "MarriageCertificate": _PARTNERS,
        "DivorceCertificate": _PARTNERS,
    }
)
"""By the key of the licence type."""


def template_of(type_key: str) -> Template:
    """Return the form of a licence type."""
    return TEMPLATES.get(type_key, DEFAULT)


def library() -> bytes:
    """Return what all templates share."""
    return _read(LIBRARY)


@cache
def _read(name: str) -> bytes:
    return (resources.files("hub.renditions") / "templates" / name).read_bytes()
