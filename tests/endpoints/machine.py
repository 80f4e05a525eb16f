"""A machine that talks HTTP to the endpoints, in this process."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from hub.access.allowances import Peer
from hub.access.caller import Caller
from hub.access.staff.caller import Staff
from hub.access.staff.sessions import Way
from hub.access.staff.signing_in import SignedIn
from hub.audit.published import Tile
from hub.audit.refusals import LogTileUnknownError
from hub.counters.offline_pack.refusals import OfflinePartUnknownError
from hub.counters.offline_pack.service import Content
from hub.endpoints.access_log import AccessLog
from hub.endpoints.routes import routes
from hub.endpoints.services import EndpointServices
from hub.renditions.downloads import Download
from hub.renditions.refusals import LinkUnknownError
from hub.seals.published import PublishedList
from hub.seals.refusals import SealListUnknownError


def nothing(*_given: object) -> tuple[()]:
    """Register nothing, where a test has no business with trusted documents."""
    return ()


class NoSchema:
    """Tells no schema, where a test has no business with it."""

    def sdl(self) -> bytes:
        return b""

    def changes(self, since: str | None) -> Mapping[str, Any]:
        return {"since": since}


class NoImports:
    """Where a test has no business with imports."""

    uploads: Any = None

    def take_rejects(self, caller: Caller, job_id: str) -> tuple[str, Iterator[bytes]]:
        """Nobody asks."""
        raise NotImplementedError


class NoStaff:
    """Where a test has no business with staff."""

    def caller(self, authorization: str | None) -> Staff:
        raise NotImplementedError

    def sign_in(self, login: str, password: str, code: str, way: Way, peer: Peer = None) -> SignedIn:
        raise NotImplementedError

    def sign_out(self, staff: Staff) -> None:
        raise NotImplementedError


class NoSealLists:
    """Where a test has no business with lists about seals."""

    def jwks(self) -> Mapping[str, Any]:
        return {"keys": []}

    async def present(self, name: str) -> PublishedList:
        raise SealListUnknownError(name)


class NoOfflinePack:
    """Where a test has no business with offline packs."""

    def jwks(self) -> Mapping[str, Any]:
        return {"keys": []}

    async def manifest(self) -> bytes:
        raise NotImplementedError

    async def trust_list(self, edition: int) -> Content:
        raise OfflinePartUnknownError(str(edition))

    async def names(self, tag: str) -> Content:
        raise OfflinePartUnknownError(tag)

    async def status_list(self, number: int, publication: int, since: int | None = None) -> Content:
        raise OfflinePartUnknownError(f"{number} {publication} {since}")


class NoRenditions:
    """Where a test has no business with renditions."""

    def take(self, token: str) -> Download:
        raise LinkUnknownError(token)


class NoLog:
    """Where a test has no business with the log."""

    def verifier_keys(self) -> Sequence[str]:
        return ()

    def checkpoint(self) -> str:
        raise NotImplementedError

    def witnessed(self) -> str | None:
        return None

    def tile(self, path: str) -> Tile:
        raise LogTileUnknownError(path)


@dataclass(frozen=True)
class Machine:
    """Sends one request at a time to the endpoints of some services."""

    services: EndpointServices

    def request(
        self, method: str, url: str, *, content: str | bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return asyncio.run(self._request(method, url, content, headers))

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.request("GET", url, headers=headers)

    async def _request(
        self, method: str, url: str, content: str | bytes, headers: Mapping[str, str] | None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(AccessLog(Starlette(routes=list(routes(self.services)))))
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.example.gov.cn") as client:
            return await client.request(method, url, content=content, headers=headers)
