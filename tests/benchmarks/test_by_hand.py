"""The endpoints by hand do what the hub does: the same answer to the byte of its presentation, the same record, the same refusals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import orjson
import pytest
from sqlalchemy import text

from benchmarks.by_hand import ByHand
from benchmarks.by_hand_rows import open_rows
from benchmarks.by_services import ServicesEndpoint
from benchmarks.companies import company
from benchmarks.scene import ASKED, ITEM, LOOK_UP, URL, Scene, case_of, make_scene
from hub.access.manifest import PREFIX, Offered
from hub.app import create_app
from hub.audit.salts import Salts
from hub.composition import Hub

PLACES = range(2)
pytestmark = pytest.mark.anyio


def case(**change: Any) -> dict[str, Any]:
    """Return variables whose case is changed."""
    return {"case": {**case_of(0)["case"], **change}}


REFUSED = (
    (case(applicant={"codeType": "001", "code": company(1).code}), 409, "CASE_MISMATCH"),
    (case(applicant={"codeType": "001", "code": company(0).code[:-1] + "0"}), 400, "CODE_INVALID"),
    (case(applicant={"codeType": "111", "code": "x"}), 400, "NOT_BY_HAND"),
    (case(caseNumber="HYG-77"), 409, "CASE_MISMATCH"),
    (case(caseNumber="11010519491231002X"), 400, "CASE_NUMBER_INVALID"),
    (case(legalBasis="11010519491231002X"), 400, "LEGAL_BASIS_INVALID"),
    (case(serviceItem=ITEM[:-1] + "1"), 403, "NOT_GRANTED"),
    ({"case": None}, 400, "MALFORMED"),
    ({"number": company(1).code}, 404, "NOT_FOUND"),
    ({"number": "none"}, 404, "NOT_FOUND"),
)


class Desk:
    """A hub with some licences, and both servers on it."""

    def __init__(self, scene: Scene, hub: Hub) -> None:
        self.hub = hub
        self.hand = ByHand(hub, open_rows(scene.settings.database_url))
        self.token = str(hub.access.token(scene.readers[0].token_request())["access_token"])

    async def by_hub(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the licence that the hub answers."""
        body = {"documentId": PREFIX + Offered(LOOK_UP).hash, "variables": variables}
        answer = await self._post(create_app(self.hub), "/graphql", body)
        licence: dict[str, Any] = answer.json()["data"]["case"]["licence"]
        return licence

    async def by_hand(self, variables: Any, token: str | None = None) -> httpx.Response:
        """Return the answer by hand."""
        return await self._post(self.hand, "/licence", variables, token)

    async def by_services(self, variables: Any) -> dict[str, Any]:
        """Return the answer by hand on the hub's services."""
        with patch("hub.app.GraphQLEndpoint", ServicesEndpoint):
            app = create_app(self.hub)
        found: dict[str, Any] = (await self._post(app, "/graphql", variables)).json()["data"]
        return found

    async def _post(self, app: Any, path: str, body: Any, token: str | None = None) -> httpx.Response:
        transport, headers = httpx.ASGITransport(app), {"Authorization": f"Bearer {token or self.token}"}
        async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as client:
            return await client.post(path, json=body)

    def reads(self) -> list[tuple[dict[str, Any], bytes, bytes]]:
        """Return facts, bytes and salts of all records of reads."""
        statement = text("SELECT body, salt FROM audit_record WHERE kind = 'access' ORDER BY sequence")
        with self.hub.database.snapshot() as session:
            rows = [(bytes(body), bytes(salt)) for body, salt in session.execute(statement)]
        return [(orjson.loads(body), body, salt) for body, salt in rows]

    def subjects(self) -> list[tuple[Any, ...]]:
        """Return of whom records speak, in which case."""
        statement = text("SELECT record, handle, recorded_at, scope FROM audit_subject ORDER BY recorded_at")
        with self.hub.database.snapshot() as session:
            return [tuple(row) for row in session.execute(statement)]


@asynccontextmanager
async def opened(scene: Scene) -> AsyncIterator[Desk]:
    """Yield the desk of a hub that is opened once more."""
    desk = Desk(scene, scene.open())
    yield desk
    await desk.hand.close()
    await desk.hub.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def scene(tmp_path: Path, database_url: str) -> Scene:
    made = make_scene(tmp_path / "hub", database_url)
    made.issue(PLACES)
    return made


async def test_its_answer_and_its_record_are_the_hubs(scene: Scene) -> None:
    async with opened(scene) as desk:
        theirs = await desk.by_hub(case_of(0))
        ours = await desk.by_hand(case_of(0))
        assert ours.status_code == 200
        assert ours.json() == theirs
        assert list(ours.json()) == ["identifier", "status", *ASKED, "validUntil", "withheld", "proof"]
        assert ours.json()["withheld"] == [{"path": "registeredCapital", "reason": "NOT_GRANTED"}]
        assert ours.json()["name"] == company(0).name
        assert (ours.headers["cache-control"], len(ours.headers["x-request-id"])) == ("no-store", 32)
        (first, _, _), (second, body, salt) = desk.reads()
        own = {"id", "time"}
        assert {name: fact for name, fact in second.items() if name not in own} == {
            name: fact for name, fact in first.items() if name not in own
        }
        assert body == orjson.dumps(second, option=orjson.OPT_SORT_KEYS)
        assert Salts(desk.hub.store).are(salt, body)
        assert [row[0] for row in desk.subjects()] == [first["id"], second["id"]]
        assert desk.subjects()[0][1::2] == desk.subjects()[1][1::2]
        assert desk.subjects()[1][2] == second["time"]


async def test_on_its_services_answer_record_and_refusals_are_the_hubs(scene: Scene) -> None:
    async with opened(scene) as desk:
        theirs = await desk.by_hub(case_of(0))
        assert await desk.by_services(case_of(0)) == theirs
        assert await desk.by_services({**case_of(0), "number": company(1).code}) == {"code": "NOT_FOUND"}
        (first, _, _), (second, _, _), (refused, _, _) = desk.reads()
        own = {"id": None, "time": None}
        assert {**second, **own} == {**first, **own}
        assert refused["reason"] == "NOT_FOUND"


async def test_what_the_hub_refuses_is_refused_and_leaves_nothing(scene: Scene) -> None:
    async with opened(scene) as desk:
        await desk.by_hub(case_of(0))
        for change, status, code in REFUSED:
            answer = await desk.by_hand({**case_of(0), **change})
            assert (answer.status_code, answer.json()) == (status, {"code": code})
        assert len(desk.reads()) == 1


async def test_a_token_that_is_none_is_refused(scene: Scene) -> None:
    async with opened(scene) as desk:
        for _ in range(2):
            answer = await desk.by_hand(case_of(0), desk.token[:-2] + "AA")
            assert (answer.status_code, answer.json()) == (401, {"code": "TOKEN_INVALID"})


async def test_a_grant_that_is_suspended_stops_the_next_answer(scene: Scene) -> None:
    async with opened(scene) as desk, opened(scene) as other:
        await desk.by_hub(case_of(0))
        assert (await desk.by_hand(case_of(0))).status_code == 200
        other.hub.sharing.suspend_grant(other.hub.sharing.grants()[0].id)
        answer = await desk.by_hand(case_of(0))
        assert (answer.status_code, answer.json()) == (403, {"code": "NOT_GRANTED"})
        assert len(desk.reads()) == 2
