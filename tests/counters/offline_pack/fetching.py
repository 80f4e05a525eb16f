"""Somebody who fetches an offline pack over HTTP from one process of a hub, and changes the one licence that it has."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx
from sqlmodel import text

from hub.access.caller import SCOPES, Caller
from hub.app import create_app
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from keys import offline_pack, qr_text, qr_token
from keys.offline_pack import Manifest
from keys.qr_token import QrToken, hub_mark
from tests.acceptance.small_hub import ISSUER, PASSPHRASE, URL

DAY: Final = 86_400
Answer = TypeVar("Answer")


class Fetching:
    """Fetches over HTTP from one process of a hub."""

    def __init__(self, hub: Hub, identifier: str) -> None:
        self.hub, self.identifier = hub, identifier
        self._loop = asyncio.Runner()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(hub), raise_app_exceptions=False), base_url=URL
        )

    def close(self) -> None:
        self._loop.run(self.hub.close())
        self._loop.close()

    @property
    def clock(self) -> SetClock:
        clock = self.hub.clock
        assert isinstance(clock, SetClock)
        return clock

    def act(self, operation: str, revision: int) -> None:
        """Change the licence's status, and publish."""
        with self.hub.database.snapshot() as session:
            caller = Caller("desk", ISSUER, frozenset(SCOPES), self.hub.audit.epoch(session))
        self.hub.licences.act(
            caller, operation, self.identifier, revision, "依职权", "虚构条例", None, f"{operation}-{revision}-key"
        )
        self.clock.advance(seconds=15)
        self.hub.status_lists.publish_due()

    def other_process(self) -> "Fetching":
        """Compose the same hub again, as another process would."""
        other = open_hub(self.hub.settings, PASSPHRASE, self.clock)
        return Fetching(other, self.identifier)

    def ask(self, question: Callable[[httpx.AsyncClient], Awaitable[Answer]]) -> Answer:
        async def asked() -> Answer:
            return await question(self._http)

        return self._loop.run(asked())

    def get(self, address: str, **headers: str) -> httpx.Response:
        return self.ask(lambda http: http.get(address, headers=headers))

    def manifest(self) -> Manifest:
        keys = self.get("/.well-known/jwks.json").json()["keys"]
        return offline_pack.read(self.get("/offline-pack").content, keys, issuer=URL)

    def part(self, name: str, manifest: Manifest) -> bytes:
        """Return a part that is as the manifest has it."""
        answer = self.get(f"/{manifest.parts[name].address}").raise_for_status()
        manifest.parts[name].check(answer.content)
        return answer.content

    def code(self) -> str:
        """Return a printed code of the licence, under its authority's seal."""
        with self.hub.database.snapshot() as session:
            place = text("SELECT status_list, status_index FROM licence WHERE identifier = :identifier")
            number, index = session.execute(place, {"identifier": self.identifier}).one()
        sealer, now = self.hub.seals.sealer(ISSUER), int(self.clock.now().timestamp())
        made = QrToken(hub_mark(URL), self.identifier, number, index, now, now - DAY, None, "虚*司")
        return qr_text.write(URL, qr_token.sign(made, sealer.key, sealer.kid))
