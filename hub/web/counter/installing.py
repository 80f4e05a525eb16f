"""What makes the counter an application of its own: its manifest, its icons, its service worker and its files.

Decides that all of it is the same for everybody, and public: whoever installs it has nothing of anybody's. The manifest is that of W3C Web Application
Manifest, the icons are drawn from one picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.web.built import BuiltFront
from hub.web.pages import Handler, Pages
from hub.web.policy import HEADERS, allowing
from hub.web.words.catalogues import words

HERE: Final = Path(__file__).parent
FOLDER: Final = HERE / "built"
ROOT: Final = "/counter"
POLICY: Final = allowing(
    {"script-src": "'self' 'wasm-unsafe-eval'", "worker-src": "'self'", "trusted-types": "counter"}, "camera"
)
"""What the page may do: read codes by WebAssembly, in a worker of its own, from the camera."""
SIZES: Final = (192, 512)
_HOUR: Final = "public, max-age=3600"
_ICONS: Final[Mapping[str, str]] = MappingProxyType({"any": "icon.svg", "maskable": "icon_maskable.svg"})


@dataclass(frozen=True, slots=True)
class Installing:
    """Serves what does not depend on who asks."""

    pages: Pages
    front: BuiltFront

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        return {
            f"{ROOT}/manifest.webmanifest": {"GET": self.manifest},
            f"{ROOT}/icons/{{purpose}}-{{size:int}}.png": {"GET": self.icon},
            f"{ROOT}/service_worker.js": {"GET": self.service_worker},
            f"{ROOT}/assets/{{name}}": {"GET": self.front.serve},
        }

    async def manifest(self, request: Request) -> Response:
        """Describe the application, in the reader's language."""
        language = self.pages.language(request)
        told = words(language)
        page = self.pages.href(ROOT)
        described = {
            "id": page, "start_url": page, "scope": page, "name": told("counter.name"), "short_name": told("counter.title"),
            "description": told("counter.description"), "lang": language.tag, "display": "standalone",
            "background_color": "#ffffff", "theme_color": "#174a8c", "icons": [self._icon(purpose, size) for purpose in _ICONS for size in SIZES],
        }  # fmt: skip
        headers = {**HEADERS, "Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
        return Response(orjson.dumps(described), headers=headers, media_type="application/manifest+json")

    def _icon(self, purpose: str, size: int) -> dict[str, Any]:
        address = self.pages.href(f"{ROOT}/icons/{purpose}-{size}.png")
        return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}

    async def icon(self, request: Request) -> Response:
        """Draw an icon."""
        purpose, size = request.path_params["purpose"], request.path_params["size"]
        if purpose not in _ICONS or size not in SIZES:
            return Response(status_code=404, headers=HEADERS)
        return Response(
            _drawn(_ICONS[purpose], size), headers={**HEADERS, "Cache-Control": _HOUR}, media_type="image/png"
        )

    async def service_worker(self, _request: Request) -> Response:
        """Serve the service worker; it may answer for the page itself, which stands above its folder."""
        response = self.front.answer("service_worker.js", "no-cache")
        response.headers["Service-Worker-Allowed"] = self.pages.href(ROOT)
        return response


@cache
def _drawn(name: str, size: int) -> bytes:
    from resvg_py import svg_to_bytes  # noqa: PLC0415 - not before somebody installs the page

    return bytes(svg_to_bytes(svg_string=(HERE / name).read_text("utf-8"), width=size, height=size))
