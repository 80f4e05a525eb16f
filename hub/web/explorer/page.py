"""The explorer's page and its files: what is served, and what a browser may do with it.

Decides that nothing but the hub's own files runs in it and that it speaks to this hub alone (Content-Security-Policy level 3).
It must never hold data: the page is the same for everybody, and a token stays in the tab it was pasted into. Styles may be
inline, for the editor (Monaco) writes its own; scripts may not.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final

from anyio.to_thread import run_sync
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send
from typing_extensions import override

HERE: Final = Path(__file__).parent
BUILT: Final = HERE / "built"
_SOURCES: Final = MappingProxyType(
    {
        "default-src": "'none'", "script-src": "'self'", "worker-src": "'self'", "connect-src": "'self'",
        "style-src": "'self' 'unsafe-inline'", "font-src": "'self' data:", "img-src": "'self' data:",
        "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
    }
)  # fmt: skip
POLICY: Final = "; ".join(f"{directive} {sources}" for directive, sources in _SOURCES.items())
HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
FOR_EVER: Final = "public, max-age=31536000, immutable"  # a name carries the hash of its content


@dataclass(frozen=True, slots=True)
class ExplorerPage:
    """Answers with the page, or says how to build it where it was left out."""

    built: Path = BUILT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        scope.setdefault("state", {})["route"] = "/explorer"  # for the access log
        response = await run_sync(self._page)
        await response(scope, receive, send)

    def _page(self) -> Response:
        headers = {**HEADERS, "Cache-Control": "no-cache"}
        try:
            names = json.loads((self.built / "manifest.json").read_text("utf-8"))
        except FileNotFoundError:
            return HTMLResponse((HERE / "missing.html").read_text("utf-8"), 404, headers)
        page = Template((HERE / "page.html").read_text("utf-8")).substitute(names)
        return HTMLResponse(page, headers=headers)


class ExplorerFiles(StaticFiles):
    """Serves the files of the page, which caches may keep."""

    def __init__(self, built: Path = BUILT) -> None:
        """Serve what is in `built`; it may be missing."""
        super().__init__(directory=built, check_dir=False)
        self.config_checked = True  # a folder that is missing holds no file: 404

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["route"] = "/explorer/assets"  # for the access log
        await super().__call__(scope, receive, send)

    @override
    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update({**HEADERS, "Cache-Control": FOR_EVER})
        return response
