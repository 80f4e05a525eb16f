"""What a browser may do with a page (Content-Security-Policy level 3, Permissions Policy), and the other headers of every page.

Decides that a page runs the hub's own files and nothing else: no inline script or style, no other host, no frame, no device. A page that
needs more says what (`allowing`). Referrers stay inside the hub; they are not left out, for then browsers would send forms with
`Origin: null`, and hub.web.forms compares that.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_SOURCES: Final = MappingProxyType(
    {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
        "connect-src": "'self'", "manifest-src": "'self'", "base-uri": "'none'", "form-action": "'self'",
        "frame-ancestors": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "'none'",
    }
)  # fmt: skip
_DEVICES: Final = ("camera", "microphone", "geolocation", "display-capture", "payment", "usb", "serial", "hid", "midi")


def _written(sources: Mapping[str, str]) -> str:
    return "; ".join(f"{directive} {allowed}" for directive, allowed in sources.items() if allowed)


def _permissions(*allowed: str) -> str:
    return ", ".join(f"{device}={'(self)' if device in allowed else '()'}" for device in _DEVICES)


HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": _written(_SOURCES),
        "Permissions-Policy": _permissions(),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    }
)
"""Those of a page that needs nothing more."""


def allowing(sources: Mapping[str, str], *devices: str) -> Mapping[str, str]:
    """Return the headers of a page that needs more: whole directives to put in place of the usual, "" for none, and devices."""
    more = {"Content-Security-Policy": _written({**_SOURCES, **sources}), "Permissions-Policy": _permissions(*devices)}
    return MappingProxyType({**HEADERS, **more})
