"""The hub of the permission matrix: every shipped type and both registers, filled, granted in every pattern, behind the real application."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from hub.access.caller import Caller
from hub.access.holders.caller import HolderCaller
from hub.app import create_app
from hub.audit.service import Pending
from hub.catalogue.items.sources import Sources, is_in_list, kind_of, may_be_judged, may_be_shown
from hub.catalogue.licence_type import shipped_documents
from hub.catalogue.registers import REGISTERS
from hub.catalogue.requirements import OPERATORS
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from hub.identities.statement import Statement
from hub.licences.draft import Holder
from hub.limits import DEFAULT_LIMITS
from hub.settings import Settings
from hub.sharing.consents.service import ConsentWish
from hub.sharing.policy import Grant, GrantState
from tests.access.department import Department
from tests.catalogue.examples import EXAMPLES
from tests.catalogue.items.described import SOURCES as DESCRIBED
from tests.catalogue.items.described import material, requirement, small
from tests.licences.drafts import draft_of
from tests.seals.made import make_seal
from tests.sharing.permissions.dimensions import (
    ASKS,
    CLASSES,
    CONDITIONAL,
    ITEMS,
    PATTERNS,
    SITUATIONS,
    SOURCES,
    TYPES,
    Case,
    Piece,
    Row,
    class_of,
    pattern_of,
    subject_of,
)
from tests.sharing.permissions.oracle import LEAVES, REGISTERED, face_of, halves, holders_of, secrets_of

URL: Final = "https://hub.example.gov.cn"
NOW: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY: Final = date(2026, 11, 22)
ISSUER, READER, OTHER = "11990100MB0000001T", "11990200MB00000023", "11990102MB0000003X"
OTHER_ITEM, SECOND_ITEM = "OTHERITEM", "SECONDITEM"
BASIS: Final = "虚构省政务服务条例第七条"
SCOPES: Final = ("licence:read", "register:feed")
LIMITS: Final = replace(
    DEFAULT_LIMITS, aliases=1_000, document_bytes=1_048_576, tokens=20_000, comparisons=500_000, cost=1_000_000,
    budget=1_000_000_000, peer_budget=1_000_000_000, list_length=100, values=1_000_000, seconds=120,
)  # fmt: skip
WHEN: Final[Mapping[str, tuple[int, int]]] = {"expired": (-30, -1), "later": (1, 30)}


@dataclass
class Scene:
    """The hub, who calls it, and the identifiers of its licences by type."""

    hub: Hub
    clock: SetClock
    http: httpx.AsyncClient
    tokens: dict[str, str]
    issued: dict[str, str]
    numbers: dict[str, str] = field(default_factory=dict)
    fed: set[tuple[str | int, ...]] = field(default_factory=set)
    turns: Counter[str] = field(default_factory=Counter)

    async def send(self, query: str, authority: str, /, **variables: Any) -> httpx.Response:
        """Send a request."""
        headers = {"Authorization": f"Bearer {self.tokens[authority]}"}
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def ask(self, of: Case | None, query: str, /, *, authority: str = READER, **variables: Any) -> Any:
        """Ask; whatever the answer says, no secret of the case may stand anywhere in it."""
        answer = await self.send(query, authority, **variables)
        assert answer.status_code == 200, answer.text
        told = [secret for secret in secrets_of(of) if secret in answer.text] if of else []
        if told:
            raise AssertionError(f"LEFT somewhere in the answer: {told}")
        body: dict[str, Any] = answer.json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    @asynccontextmanager
    async def following(self, query: str, **variables: Any) -> AsyncIterator[asyncio.Queue[Any]]:
        """Subscribe over a WebSocket (graphql-transport-ws) of the application, and yield what it says."""
        app = self.http._transport.app  # type: ignore[attr-defined]  # the transport to the application in this process
        to_app, from_app = asyncio.Queue[Any](), asyncio.Queue[Any]()
        scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "scheme": "wss", "path": "/graphql", "raw_path": b"/graphql",
            "query_string": b"", "root_path": "", "headers": [(b"host", b"hub.example.gov.cn")], "client": ("127.0.0.1", 9),
            "server": ("hub.example.gov.cn", 443), "subprotocols": ["graphql-transport-ws"], "state": {},
        }  # fmt: skip
        init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {self.tokens[READER]}"}}
        follow = {"type": "subscribe", "id": "1", "payload": {"query": query, "variables": variables}}
        to_app.put_nowait({"type": "websocket.connect"})
        for message in (init, follow):
            to_app.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})
        running = asyncio.create_task(app(scope, to_app.get, from_app.put))
        try:
            assert (await from_app.get())["type"] == "websocket.accept"
            assert json.loads((await from_app.get())["text"]) == {"type": "connection_ack"}
            yield from_app
        finally:
            to_app.put_nowait({"type": "websocket.disconnect", "code": 1000})
            await running

    def turn(self, type_key: str) -> None:
        """Suspend and resume a licence: two changes, after which it is as before."""
        caller = Caller("desk", ISSUER, frozenset({"licence:status"}), self.hub.epoch())
        for operation in ("suspend", "resume"):
            self.turns[type_key] += 1
            words = ("依职权", BASIS, None, f"{operation}-{type_key}-{self.turns[type_key]}")
            self.hub.licences.act(caller, operation, self.issued[type_key], self.turns[type_key], *words)
        self.hub.log.integrate()

    def pending(self) -> Pending:
        """Return the promises of a request that begins now."""
        return Pending(epoch=self.hub.epoch())


@asynccontextmanager
async def scene_of(folder: Path, database_url: str) -> AsyncIterator[Scene]:
    """Yield the hub, furnished; it is closed at the end."""
    clock = SetClock(NOW)
    hub = open_hub(Settings(public_url=URL, data=folder, database_url=database_url, limits=LIMITS), b"made up", clock)
    try:
        issued = furnish(hub)
        departments = {each: Department(clock, f"desk-{each[-4:]}") for each in (ISSUER, READER, OTHER)}
        for authority, one in departments.items():
            hub.access.add_client("A desk", authority, list(SCOPES), one.jwk, one.client_id)
        hub.refresh()
        tokens = {each: hub.access.token(one.form())["access_token"] for each, one in departments.items()}
        source = Caller(departments[ISSUER].client_id, ISSUER, frozenset(SCOPES), hub.epoch())
        for register, said in REGISTERED.items():
            hub.identities.feed(source, register, [Statement(dict(said), NOW - timedelta(days=1))])
        transport = httpx.ASGITransport(create_app(hub))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
            yield Scene(hub, clock, http, tokens, issued, {key: face_of(key)["number"] for key in issued})
    finally:
        await hub.close()


def furnish(hub: Hub) -> dict[str, str]:
    """Fill the catalogue, issue a licence of every type, grant in every pattern; return the identifiers."""
    for place, code in enumerate((ISSUER, READER, OTHER)):
        hub.catalogue.add_authority(code, f"虚构市机关{place}", "An invented bureau", "990100", "CITY", None)
    hub.catalogue.publish_shipped()
    for place, known in enumerate(TYPES):
        if hub.catalogue.current.code_of(known.key) is None:
            hub.catalogue.set_type_code(known.key, f"{ISSUER}{place:03d}", synthetic=True)
        hub.catalogue.allow_issuing(ISSUER, known.key)
    for register in REGISTERS:
        hub.catalogue.allow_feeding(ISSUER, register)
    for item in (*ITEMS, SECOND_ITEM):
        hub.catalogue.add_item(item, "虚构事项", "An invented item", READER)
    hub.catalogue.add_item(OTHER_ITEM, "虚构事项", "An invented item", OTHER)
    for item in ITEMS:
        hub.catalogue.documents.publish(item, document_of(item))
    make_seal(hub, ISSUER)
    drafts = [
        draft_of(each.key, holders=tuple(map(_holder, holders_of(each.key))), data=_data(each.key)) for each in TYPES
    ]
    issued = hub.licences.issue_many(ISSUER, "desk", drafts)
    with hub.database.transaction() as session:
        for grant in grants():
            hub.sharing._grants.place(session, grant)
    hub.refresh()
    return {draft.type_key: each.identifier for draft, each in zip(drafts, issued, strict=True)}


def _holder(row: Row) -> Holder:
    return Holder(row["codeType"], row["code"], row["name"])


def _data(type_key: str) -> dict[str, Any]:
    return {name: value for name, value in face_of(type_key).items() if name not in {"number", "holders", "issuedOn"}}


def grants() -> Iterator[Grant]:
    """Yield what is granted: each item's pattern of each source, and everything to another item and to another authority."""
    for source in SOURCES:
        for item in ITEMS:
            for place, piece in enumerate(PATTERNS[pattern_of(source, item)]):
                yield _grant(source, item, piece, f"{SOURCES.index(source):02}{item}{place}")
        everything = Piece((0, 1), (), frozenset({"spouse", "seller", "agent"}), duty=True, feed=True)
        yield _grant(source, SECOND_ITEM, everything, f"{SOURCES.index(source):02}second")
        yield replace(_grant(source, OTHER_ITEM, everything, f"{SOURCES.index(source):02}other"), authority=OTHER)


def _grant(source: str, item: str, piece: Piece, name: str) -> Grant:
    first, last = WHEN.get(piece.in_force, (-30, 30))
    return Grant(
        id=name, authority=READER, item=item, type_key=source, paths=halves(source, piece.paths), roles=piece.roles,
        legal_basis=BASIS, approver="数据主管处", valid_from=TODAY + timedelta(days=first), valid_until=TODAY + timedelta(days=last),
        state=GrantState.SUSPENDED if piece.in_force == "suspended" else GrantState.ACTIVE,
        checks=halves(source, piece.checks) - halves(source, piece.paths), official_duty=piece.duty, feed=piece.feed,
    )  # fmt: skip


# -- the items' documents --------------------------------------------------------------------------------------------------

OF: Final = ("applicant", "spouse", "organisation", "child", "seller", "agent")
CONCERNED: Final = tuple(EXAMPLES)[4:]
"""Types whose changes concern every item: as many as a document may name."""
MOST_FIELDS: Final = 100
MOST_SOURCES: Final = 10


def asked_path(type_key: str, item: str) -> str | None:
    """Return the path of the requirement that an item has on a type: for every other item one of the other half; None: the type has none such."""
    known: Sources = DESCRIBED
    source, face = known[type_key], face_of(type_key)
    wanted = (ITEMS.index(item) // 2) % 2 if item in ITEMS else 0
    usable = [
        path for path in LEAVES[type_key]
        if may_be_judged(source, path) and not is_in_list(source, path) and kind_of(source, path) in OPERATORS["equals"].kinds
        and "." not in path and path in face and path != "issuedOn"
    ]  # fmt: skip
    return next((path for path in usable if path in halves(type_key, (wanted,))), next(iter(usable), None))


def document_of(item: str) -> dict[str, Any]:
    """Return the document of an item: a material and a requirement for each type, and a form of every leaf of every source."""
    asked = {key: asked_path(key, item) for key in SOURCES}
    requirements = {
        _name(key): requirement(source=key, path=path, operator="equals", value=face_of(key)[path])
        for key, path in asked.items()
        if path is not None
    }
    materials = [
        material(
            key=_name(key),
            satisfiedBy=[
                {"source": key, "of": of, "requirements": [_name(key)] if asked[key] else []}
                for of in OF
            ],
        )
        for key in SOURCES
    ]  # fmt: skip
    concerns = [{"source": key} for key in CONCERNED]
    return small(
        key=item.capitalize(), materials=materials, requirements=requirements, form=form_fields(item), concerns=concerns
    )


def _name(type_key: str) -> str:
    return type_key[0].lower() + type_key[1:]


def form_fields(item: str) -> list[dict[str, Any]]:
    """Return fields that ask for all leaves of all sources that a form may show, of everybody, but for every other party's leaf, in as many fields as may be."""
    shift = ITEMS.index(item) if item in ITEMS else 0
    places = [
        {"source": source, "path": path, "of": of}
        for source in SOURCES
        for place, path in enumerate(LEAVES[source])
        if may_be_shown(DESCRIBED[source], path)
        for order, of in enumerate(OF)
        if of == "applicant" or (of in _roles_of(source) and (place + order + shift) % (4 if of == "agent" else 2) == 0)
    ]
    cut = [places[start : start + MOST_SOURCES] for start in range(0, len(places), MOST_SOURCES)]
    assert len(cut) <= MOST_FIELDS, len(cut)
    return [
        {"name": f"field{place}", "label": {"zh": f"第{place}栏", "en": f"Field {place}"}, "from": several}
        for place, several in enumerate(cut)
    ]


def _roles_of(source: str) -> set[str]:
    """Return the roles in which somebody who may hold the source's licence stands in some case."""
    several = (subject_of(source),) if source in REGISTERED else holders_of(source)
    return {role for one in SITUATIONS.values() for role, row, _ in one.persons if row in several}


# -- rounds and cases ------------------------------------------------------------------------------------------------------


def begin_round(scene: Scene, round_: int) -> None:
    """Publish the next version of every type, with the sharing class that it has in a round."""
    assert round_ < len(CLASSES)
    versions = scene.hub.catalogue.current.types
    documents = []
    for document in shipped_documents():
        class_ = class_of(document["key"], round_)
        told = {"sharingClass": CONDITIONAL if class_ == ASKS else class_, "holderConsent": class_ == ASKS}
        documents.append({**document, "version": len(versions[document["key"]]) + 1, **told})
    scene.hub.catalogue._publish(documents)
    scene.hub.refresh()


def case_input(case: Case, number: str) -> dict[str, Any]:
    """Return how the department declares a case."""
    persons = SITUATIONS[case.situation].persons
    (_, applicant, _), *parties = persons
    return {
        "serviceItem": case.item, "caseNumber": number, "legalBasis": BASIS,
        "applicant": {"codeType": applicant["codeType"], "code": applicant["code"]},
        "parties": [{"role": role, "codeType": row["codeType"], "code": row["code"]} for role, row, _ in parties],
    }  # fmt: skip


def consent(scene: Scene, case: Case, number: str) -> None:
    """Let those whom sources are about consent, or not, as the case says; each for himself."""
    if case.consent == "none":
        return
    for row in {each["code"] + each["codeType"]: each for _, each, _ in SITUATIONS[case.situation].persons}.values():
        types = [
            key for key in EXAMPLES if subject_of(key) is row and class_of(key, case.round) == ASKS
            and (case.consent != "given for other types" or SOURCES.index(key) % 2 == 1)
        ]  # fmt: skip
        if not types:
            continue
        elsewhere = f"{number}-other" if case.consent == "given in another case" else number
        holder = HolderCaller(row["codeType"], row["code"])
        given = scene.hub.sharing.consents.give(
            holder, ConsentWish(READER, case.item, elsewhere, tuple(types)), scene.pending()
        )
        if case.consent == "withdrawn":
            scene.hub.sharing.consents.withdraw(holder, given.id)


def opened(presentation: str) -> Iterator[Any]:
    """Yield every plain value inside a presentation, read here and not by the hub's own reader."""
    _, *encoded, last = presentation.split("~")
    assert last == ""
    for one in encoded:
        value = json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)))[-1]
        if not isinstance(value, dict | list):
            yield value
