"""Files that were built from a page's `front` (hub/web/build.mjs): read once, served under names that carry the hash of their content.

Decides which types there are, and that a page whose files were left out says so: it has none of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.web.files import FOR_EVER

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".wasm": "application/wasm"}
)


@dataclass(frozen=True)
class BuiltFront:
    """What was built for one page; `headers` are those of the page, for workers live by the policy they come with."""

    folder: Path
    headers: Mapping[str, str]

    @cached_property
    def begins(self) -> Mapping[str, str]:
        """Return the names of the `script` and the `style` that the page begins with; nothing where it was not built."""
        try:
            names: dict[str, str] = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return names

    @cached_property
    def _files(self) -> Mapping[str, bytes]:
        if not self.begins:
            return {}
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.suffix in TYPES}

    async def serve(self, request: Request) -> Response:
        """Serve a file by its name."""
        return self.answer(request.path_params["name"], FOR_EVER)

    def answer(self, name: str, cached: str) -> Response:
        """Answer with a file, or that there is none."""
        body = self._files.get(name)
        if body is None:
            return Response(status_code=404, headers=self.headers)
        headers = {**self.headers, "Cache-Control": cached, "Content-Type": TYPES[Path(name).suffix]}
        return Response(body, headers=headers)
