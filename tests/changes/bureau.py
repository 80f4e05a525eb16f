"""A hub whose changes are followed: it serves for real on loopback, one bureau issues business licences, another is granted their changes."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from sqlalchemy import text
from typing_extensions import override
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from hub.app import create_app
from hub.audit.epoch import EpochReader
from hub.audit.release import Release
from hub.audit.service import Pending
from hub.catalogue.licence_type import shipped_documents
from hub.changes.webhooks.addresses import trusted
from hub.changes.webhooks.register import Registered, Wish
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from hub.demo.department import ASSERTION_TYPE
from hub.licences.draft import Draft
from hub.settings import Settings
from keys import jws
from keys.contracts import PrivateKey
from keys.suites import suite
from tests.licences.drafts import company_draft
from tests.seals.made import make_seal

URL = "https://hub.example.gov.cn"
ISSUER, READER, OTHER = "11990100MB0000001T", "11990200MB00000023", "11990102MB0000003X"
ITEM, OTHER_ITEM = "11990200MB000000234000199904000", "ITEMOFTHEOTHER"
PASSPHRASE = b"a passphrase of the tests"
TYPES = ("BusinessLicence", "FoodBusinessLicence", "HouseholdRegister", "DisabilityCertificate")
LEGAL_BASIS = "虚构省先照后证办法第五条"
FIELDS = "kind type identifier status at cursor supersedes licence { identifier status ... on BusinessLicence { name address withheld { path reason } } }"
FOLLOW = f"subscription Follow($item: String!, $after: String, $types: [String!]) {{ changes(item: $item, after: $after, types: $types) {{ {FIELDS} }} }}"
PAGE = (
    "query Page($item: String!, $after: String, $first: Int, $types: [String!]) { changes(item: $item, after: $after, first: $first, types: $types)"
    f" {{ changes {{ {FIELDS} }} cursor more }} }}"
)


@dataclass(frozen=True, slots=True)
class System:
    """A client system and its key."""

    client_id: str
    key: PrivateKey

    def assertion(self, clock: SetClock) -> str:
        """Return a fresh client assertion."""
        now = int(clock.now().timestamp())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": URL, "iat": now, "exp": now + 60}
        claims |= {"jti": secrets.token_urlsafe(24)}
        return jws.sign_jwt(claims, self.key, self.key.public.thumbprint(), "JWT")


@dataclass(slots=True)
class Bureau:
    """The hub, its clock, and who calls it."""

    hub: Hub
    clock: SetClock
    systems: dict[str, System] = field(default_factory=dict)

    # -- what happens ----------------------------------------------------------------------------------------------

    def issue(self, *drafts: Draft) -> list[str]:
        """Issue licences, let the log take them in, and return their identifiers."""
        issued = [
            each.identifier for each in self.hub.licences.issue_many(ISSUER, "desk", drafts or (company_draft(1),))
        ]
        self.integrate()
        return issued

    def integrate(self) -> None:
        """Let the log take in what is there, and tell who follows."""
        self.hub.log.integrate()
        self.hub.changes.waking.ring()

    def act(self, operation: str, identifier: str, revision: int = 1) -> None:
        """Do something to a licence, and let the log take it in."""
        caller = self.hub.access.standing(self.systems["issuer"].client_id)
        words = ("因故", "虚构条例第一条", None, secrets.token_hex(8))
        self.hub.licences.act(caller, operation, identifier, revision, *words)
        self.integrate()

    def change(self, identifier: str, draft: Draft, operation: str = "change") -> str:
        """Seal the next edition of a licence, let the log take it in, and return its identifier."""
        caller = self.hub.access.standing(self.systems["issuer"].client_id)
        made = getattr(self.hub.licences, operation)(caller, identifier, draft, 1, secrets.token_hex(8))
        self.integrate()
        return str(made.identifier)

    def grant(self, paths: tuple[str, ...] = ("number", "name", "holders"), **changes: Any) -> str:
        """Let the reader follow, and read this much of, a type's licences."""
        today = self.clock.now().date()
        given = {
            "authority": READER, "item": ITEM, "type_key": "BusinessLicence", "feed": True, "legal_basis": LEGAL_BASIS,
            "valid_from": today - timedelta(days=400), "valid_until": today + timedelta(days=400), "approver": "数据主管处",
            **changes,
        }  # fmt: skip
        made = self.hub.sharing.add_grant(paths=paths, **given)
        self.hub.refresh()
        return made

    def add_system(self, name: str, authority: str, *scopes: str) -> System:
        """Register a client system."""
        key = suite("ES256").generate()
        jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
        made = System(self.hub.access.add_client(name, authority, scopes, jwk), key)
        self.systems[name] = made
        self.hub.refresh()
        return made

    # -- what is on record -----------------------------------------------------------------------------------------

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return the durable records of a kind, oldest first."""
        statement = text("SELECT body FROM audit_record WHERE kind = :kind ORDER BY sequence")
        with self.hub.database.snapshot() as session:
            return [orjson.loads(body) for (body,) in session.execute(statement, {"kind": kind})]

    def told(self) -> list[dict[str, Any]]:
        """Return the records of what the feed told, oldest first."""
        return [each for each in self.records("access") if each.get("change")]

    # -- asking ----------------------------------------------------------------------------------------------------

    def token(self, name: str = "reader") -> str:
        """Return an access token of a client system."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.systems[name].assertion(self.clock),
        }
        return str(self.hub.access.token(form)["access_token"])

    def run(self, scenario: Coroutine[Any, Any, None]) -> None:
        """Run a test's one scenario; the hub ends with it."""
        asyncio.run(scenario)


def make_bureau(folder: Path, database_url: str, *, furnished: bool = True, **changes: Any) -> Bureau:
    """Compose a hub on its own clock; `changes` are settings."""
    clock = SetClock(datetime.now(UTC).replace(microsecond=0))
    networks = {"webhook_networks": ("127.0.0.0/8",)}
    settings = Settings(public_url=URL, data=folder, database_url=database_url, **{**networks, **changes})
    bureau = Bureau(open_hub(settings, PASSPHRASE, clock), clock)
    if furnished:
        furnish(bureau)
    return bureau


def bureau_again(made: Bureau, folder: Path, database_url: str) -> Bureau:
    """Compose a hub on copies of another one's folder and database, with the same client systems."""
    bureau = make_bureau(folder, database_url, furnished=False)
    bureau.systems.update(made.systems)
    return bureau


def furnish(bureau: Bureau) -> None:
    """Make authorities, types, seals and client systems; nothing is granted yet."""
    hub = bureau.hub
    documents = {document["key"]: document for document in shipped_documents()}
    for code, name in ((ISSUER, "市场监督管理局"), (READER, "卫生局"), (OTHER, "民政局")):
        hub.catalogue.add_authority(code, f"虚构市{name}", "Invented Bureau", "990100", "CITY", None)
    for place, key in enumerate(TYPES):
        hub.catalogue.publish(documents[key])
        hub.catalogue.set_type_code(key, f"{ISSUER}{place:03d}", synthetic=True)
        hub.catalogue.allow_issuing(ISSUER, key)
    hub.catalogue.add_item(ITEM, "公共场所卫生许可", "Hygiene licence", READER)
    hub.catalogue.add_item(OTHER_ITEM, "虚构事项", "An invented item", OTHER)
    make_seal(hub, ISSUER)
    bureau.add_system("issuer", ISSUER, "licence:issue", "licence:status")
    bureau.add_system("reader", READER, "licence:read")
    bureau.add_system("other", OTHER, "licence:read")


class _Server(uvicorn.Server):
    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(slots=True)
class Served:
    """A hub that serves on a port of loopback."""

    bureau: Bureau
    port: int

    async def ask(self, query: str, token: str | None, **variables: Any) -> dict[str, Any]:
        """Ask over HTTP and return the response map."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._client(headers) as http:
            answer = await http.post("/graphql", json={"query": query, "variables": variables})
        found: dict[str, Any] = answer.json()
        return found

    async def text(self, path: str) -> str:
        """Return what is at a path."""
        async with self._client({}) as http:
            return (await http.get(path)).raise_for_status().text

    def _client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        address = f"http://127.0.0.1:{self.port}"
        return httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, verify=trusted())

    async def page(self, after: str | None = None, system: str = "reader", **variables: Any) -> dict[str, Any]:
        """Ask for a page of changes, and return it."""
        answer = await self.ask(PAGE, self.bureau.token(system), **{"item": ITEM, "after": after, **variables})
        assert "errors" not in answer, answer
        page: dict[str, Any] = answer["data"]["changes"]
        return page

    async def end(self, system: str = "reader", item: str = ITEM) -> str:
        """Return the cursor of now."""
        query = "query End($item: String!) { changesEnd(item: $item) }"
        return str((await self.ask(query, self.bureau.token(system), item=item))["data"]["changesEnd"])

    @asynccontextmanager
    async def socket(self, token: str | None = None, *, init: bool = True) -> AsyncIterator["Line"]:
        """Open a connection, and introduce the reader unless told otherwise."""
        address = f"ws://127.0.0.1:{self.port}/graphql"
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as opened:
            line = Line(opened)
            if init:
                await line.say(
                    type="connection_init", payload={"Authorization": f"Bearer {token or self.bureau.token()}"}
                )
                assert await line.hear() == {"type": "connection_ack"}
            yield line


@dataclass(frozen=True, slots=True)
class Line:
    """A client's end of a connection."""

    socket: ClientConnection

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.socket.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        """Return the next message; a test that waits for one that never comes fails."""
        async with asyncio.timeout(20):
            heard: dict[str, Any] = json.loads(await self.socket.recv())
        return heard

    async def follow(self, of: str = "1", query: str = FOLLOW, **variables: Any) -> None:
        """Subscribe."""
        await self.say(type="subscribe", id=of, payload={"query": query, "variables": {"item": ITEM, **variables}})

    async def change(self) -> dict[str, Any]:
        """Return the change in the next message."""
        heard = await self.hear()
        assert heard["type"] == "next", heard
        assert "errors" not in heard["payload"], heard
        change: dict[str, Any] = heard["payload"]["data"]["changes"]
        return change

    async def closed(self) -> tuple[int, str]:
        """Return how the hub ended the connection."""
        async with asyncio.timeout(20):
            await self.socket.wait_closed()
        return int(self.socket.close_code or 0), str(self.socket.close_reason or "")


@dataclass(slots=True)
class Post:
    """Deliveries, one round after the other, as a process makes them."""

    bureau: Bureau
    release: Release

    async def round(self) -> int:
        """Let the log take in what is there, and deliver what is due; return how many receivers had a turn."""
        changes = self.bureau.hub.changes
        self.bureau.hub.log.integrate()
        await changes.feed.read_on()
        return await changes.deliveries.deliver_due(self.release)

    async def later(self, **step: float) -> int:
        """Let time pass, and deliver what is due then."""
        self.bureau.clock.advance(**step)
        return await self.round()

    async def add(self, url: str, system: str = "reader", **wish: Any) -> Registered:
        """Register a receiver of a client system's."""
        given, hub = {"item": ITEM, **wish}, self.bureau.hub
        after = given.pop("after", None)
        caller = hub.access.standing(self.bureau.systems[system].client_id)
        assertion = self.bureau.systems[system].assertion(self.bureau.clock)
        pending = Pending(epoch=hub.epoch())
        added = await hub.changes.add_webhook(caller, assertion, Wish(url, **given), after, pending)
        hub.refresh()
        return added


@asynccontextmanager
async def posting(bureau: Bureau) -> AsyncIterator[Post]:
    """Make deliveries without serving; the hub's connections are closed at the end."""
    hub = bureau.hub

    async def refresh() -> None:
        hub.refresh()

    try:
        yield Post(bureau, Release(hub.recorder, hub.epoch, EpochReader(hub.reader).read, refresh, 10))
    finally:
        await hub.changes.sender.close()
        await hub.reader.close()


@asynccontextmanager
async def serving(bureau: Bureau, **options: Any) -> AsyncIterator[Served]:
    """Serve a hub; it is closed at the end."""
    config = uvicorn.Config(
        create_app(bureau.hub), host="127.0.0.1", port=0, log_config=None, access_log=False, **options
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        if running.done():
            running.result()
        await asyncio.sleep(0.01)
    try:
        yield Served(bureau, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await running


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds; a test that waits in vain fails."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what it waits for rings no bell
            await asyncio.sleep(0.01)
