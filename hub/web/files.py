"""Static files of pages: small, read once, served under names that carry the hash of their content, so that caches keep them for ever.

Decides which types there are; what is of none of them is not served. Modules of script name each other as "./NAME.js", and are served
with the hashed names in their place, so that no build step is needed.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.web.policy import HEADERS

FOLDER: Final = Path(__file__).parent / "static"
PATH: Final = "/static"
TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".png": "image/png",
    }
)
FOR_EVER: Final = "public, max-age=31536000, immutable"  # a name carries the hash of its content
_OTHER: Final = re.compile(rb'"\./([a-z_]+\.js)"')


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: its hashed name, its bytes and their type."""

    name: str
    body: bytes
    media_type: str


class StaticFiles:
    """The files of some folders, by the names that pages call them by."""

    def __init__(self, *folders: Path) -> None:
        """Read them; no two may be of one name."""
        found = {path.name: path for folder in folders for path in folder.iterdir() if path.suffix in TYPES}
        self._files: dict[str, StaticFile] = {}
        for path in found.values():
            self._read(path, found)
        self._served = {file.name: file for file in self._files.values()}

    def _read(self, path: Path, others: Mapping[str, Path]) -> StaticFile:
        if path.name not in self._files:
            body = path.read_bytes()
            if path.suffix == ".js":
                body = _OTHER.sub(
                    lambda name: f'"./{self._read(others[name[1].decode()], others).name}"'.encode(), body
                )
            name = f"{path.stem}-{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"
            self._files[path.name] = StaticFile(name, body, TYPES[path.suffix])
        return self._files[path.name]

    def path(self, name: str) -> str:
        """Return where a file is served, within the hub."""
        return f"{PATH}/{self._files[name].name}"

    def text(self, name: str) -> str:
        """Return a file as text, for what stands inside a page, such as a symbol."""
        return self._files[name].body.decode()

    def names(self) -> Iterable[str]:
        """Return the names that pages call files by."""
        return self._files.keys()

    async def serve(self, request: Request) -> Response:
        """Serve a file; its name is its version, so who has it has it still."""
        file = self._served.get(request.path_params["name"])
        if file is None:
            return Response(status_code=404, headers=HEADERS)
        return Response(file.body, headers={**HEADERS, "Cache-Control": FOR_EVER, "Content-Type": file.media_type})


@cache
def static_files() -> StaticFiles:
    """Return the files of all pages, read once."""
    return StaticFiles(FOLDER)
