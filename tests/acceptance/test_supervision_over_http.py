"""Supervision over HTTP: what departments really read shows in figures and alerts, to those who may look, and is dealt with on record."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from hub.access.staff import service
from hub.access.staff.passwords import Passwords
from hub.access.staff.roles import AUDITOR, CATALOGUE_STEWARD, LICENCE_OFFICER, SEAL_MAKER, Role
from hub.app import create_app
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from hub.thresholds import Thresholds
from schema.trusted import open_documents
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM, PASSPHRASE, QUERY, READER, URL, furnish, settings
from tests.access.department import Department
from tests.access.staff.office import CALENDAR, CHEAP, NOW, PASSWORD, Office, Person
from tests.supervision.watched import access

PEOPLE: dict[str, tuple[tuple[Role, str | None], ...]] = {
    "auditor": ((AUDITOR, None),),
    "readers-auditor": ((AUDITOR, READER),),
    "officer": ((LICENCE_OFFICER, ISSUER),),
    "steward": ((CATALOGUE_STEWARD, ISSUER),),
    "maker": ((SEAL_MAKER, None),),
}
DOCUMENT = next(each.hash for each in open_documents().values() if "query Figures" in each.text)
DAY = CALENDAR.day(NOW).isoformat()


@dataclass
class Desk:
    """A person, or a department's system, that speaks GraphQL."""

    http: httpx.AsyncClient
    authorization: str

    async def post(self, **body: Any) -> Any:
        """Ask and return the whole answer."""
        headers = {"Authorization": self.authorization} if self.authorization else {}
        return (await self.http.post("/graphql", json=body, headers=headers)).json()

    async def watch(self, operation: str, **variables: Any) -> Any:
        """Run an operation of the hub's own document, as where free texts are refused; return what it says."""
        answer = await self.post(documentId=f"sha256:{DOCUMENT}", operationName=operation, variables=variables)
        assert "errors" not in answer, answer["errors"]
        (told,) = answer["data"].values()
        return told

    async def nodes(self, operation: str, **variables: Any) -> list[Any]:
        """Return the elements of a list of supervision."""
        told = await self.watch(operation, **variables)
        (listed,) = [value for name, value in told.items() if name != "__typename"]
        return [edge["node"] for edge in listed["edges"]]

    async def read(self, case: str, number: str = COMPANY.number) -> None:
        """Read the company's licence, or try to."""
        holder = COMPANY.holders[0]
        given = {
            "serviceItem": ITEM, "caseNumber": case, "legalBasis": "虚构条例",
            "applicant": {"codeType": holder["codeType"], "code": holder["code"]},
        }  # fmt: skip
        await self.post(query=QUERY, variables={"case": given, "number": number})


Desks = dict[str, Desk]
Scenario = Callable[[Hub, Desks], Awaitable[None]]


@asynccontextmanager
async def desks_of(hub: Hub, clock: SetClock) -> AsyncIterator[Desks]:
    """Hire everybody, register a department's system, and yield their desks."""
    founder = hub.staff.founding.begin("boss", "虚构人甲", PASSWORD)
    boss = Person(hub.staff, clock, "boss", PASSWORD)
    boss.takes(founder.enrolment)
    boss.id = hub.staff.founding.finish(founder, boss.code())
    office = Office(hub.database, hub.audit, clock, lambda: hub.staff, hub.staff, boss)
    signed_in = {login: office.hire(login, *roles).sign_in() for login, roles in PEOPLE.items()}
    department = Department(clock, "readers-desk")
    hub.access.add_client("卫生许可系统", READER, ["licence:read"], department.jwk, department.client_id)
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        given = (await http.post("/oauth/token", data=department.form())).raise_for_status().json()["access_token"]
        everybody = {**signed_in, "boss": boss.sign_in(), "reader": f"Bearer {given}", "nobody": ""}
        yield {name: Desk(http, authorization) for name, authorization in everybody.items()}


@pytest.fixture
def play(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scenario], None]:
    monkeypatch.setattr(service, "Passwords", lambda _cost: Passwords(CHEAP))

    def run(scenario: Scenario) -> None:
        async def whole() -> None:
            clock, thresholds = SetClock(NOW), Thresholds(misses=3)
            hub = open_hub(replace(settings(tmp_path, database_url), thresholds=thresholds), PASSPHRASE, clock)
            try:
                furnish(hub)
                today = CALENDAR.day(NOW)
                hub.sharing.add_grant(
                    READER, ITEM, "BusinessLicence", ("number", "name"), legal_basis="虚构条例", approver="数据主管处",
                    valid_from=today, valid_until=today + timedelta(days=1),
                )  # fmt: skip
                hub.supervision.hold_to(thresholds)
                async with desks_of(hub, clock) as desks:
                    await scenario(hub, desks)
            finally:
                await hub.close()

        asyncio.run(whole())

    return run


def _fold(hub: Hub) -> None:
    hub.log.integrate()
    hub.supervision.catch_up()
    hub.supervision.latencies.keep()


def test_what_is_read_shows_in_figures_coverage_and_alerts_and_is_dealt_with(play: Callable[[Scenario], None]) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        reader, auditor = desks["reader"], desks["auditor"]
        for case in ("CASE-1", "CASE-2"):
            await reader.read(case)
        for number in ("91990200MA00000999", "91990200MA00000888", "91990200MA00000777"):
            await reader.read("CASE-1", number)
        _fold(hub)
        by_all = {"by": ["DAY", "AUTHORITY", "LICENCE_TYPE", "SERVICE_ITEM"], "from": DAY, "to": DAY}
        assert await auditor.nodes("Figures", **by_all) == [
            {"day": DAY, "authority": ISSUER, "type": "BusinessLicence", "serviceItem": "", "uploaded": 1, "allowed": 0, "missed": 0,
             "denied": 0, "denials": [], "latency": None},
            {"day": DAY, "authority": READER, "type": "BusinessLicence", "serviceItem": ITEM, "uploaded": 0, "allowed": 2, "missed": 3,
             "denied": 0, "denials": [], "latency": None},
        ]  # fmt: skip
        (timed,) = await auditor.nodes("Figures", by=["AUTHORITY"], authority=READER, **{"from": DAY, "to": DAY})
        assert timed["latency"]["count"] == 5
        assert 0 < timed["latency"]["p50"] <= timed["latency"]["p95"] <= timed["latency"]["p99"]
        (alert,) = await auditor.nodes("Alerts")
        assert (alert["rule"], alert["state"], alert["authority"], alert["client"]) == (
            "MISSES",
            "RAISED",
            READER,
            "readers-desk",
        )
        assert {"name": "misses", "value": 3} in alert["figures"]
        assert {"name": "threshold", "value": 3} in alert["figures"]
        assert len(alert["records"]) == 3
        await _deal_with(hub, desks, alert["alert"])
        _fold(hub)
        assert hub.supervision.rebuild(replace=False).differences == ()

    play(scenario)


async def _deal_with(hub: Hub, desks: Desks, alert: str) -> None:
    auditor = desks["auditor"]
    early = await auditor.watch("CloseAlert", alert=alert, note="误报")
    assert early["code"] == "ALERT_STATE"
    taken = await desks["readers-auditor"].watch("AcknowledgeAlert", alert=alert, note="已联系该部门")
    assert (taken["state"], taken["acknowledged"]["note"]) == ("ACKNOWLEDGED", "已联系该部门")
    assert (await auditor.watch("AcknowledgeAlert", alert=alert, note="再次"))["code"] == "ALERT_STATE"
    closed = await auditor.watch("CloseAlert", alert=alert, note="编号录入错误")
    assert (closed["state"], closed["closed"]["note"]) == ("CLOSED", "编号录入错误")
    assert (await auditor.watch("CloseAlert", alert="0" * 32, note="x"))["code"] == "ALERT_UNKNOWN"
    assert (await auditor.watch("CloseAlert", alert=alert, note=" "))["code"] == "INPUT_INVALID"
    with hub.database.snapshot() as session:
        bodies = session.execute(text("SELECT body FROM audit_record WHERE kind = 'supervision' ORDER BY sequence"))
        told = [orjson.loads(bytes(body)) for body in bodies.scalars()]
    assert [(one["operation"], one.get("alert"), one.get("note")) for one in told] == [
        ("thresholds", None, None), ("acknowledge", alert, "已联系该部门"), ("close", alert, "编号录入错误"),
    ]  # fmt: skip


def test_coverage_is_what_is_valid_by_what_a_steward_expects(play: Callable[[Scenario], None]) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        del hub
        said = {
            "authority": ISSUER,
            "type": "BusinessLicence",
            "number": 4,
            "asOf": DAY,
            "source": "虚构市年度证照目录",
        }
        (before,) = await desks["auditor"].nodes("Coverage")
        assert (before["valid"], before["kept"], before["expected"], before["share"]) == (1, 1, None, None)
        covered = await desks["steward"].watch("SetExpected", input=said)
        assert (covered["share"], covered["expected"]["number"], covered["expected"]["source"]) == (
            0.25,
            4,
            "虚构市年度证照目录",
        )
        await desks["steward"].watch("SetExpected", input={**said, "number": 2})
        (after,) = await desks["auditor"].nodes("Coverage", authority=ISSUER)
        assert after["share"] == 0.5
        refused = {
            "ROLE_MISSING": ("auditor", said), "AUTHORITY_UNKNOWN": ("steward", {**said, "authority": "11990100MB0000009X"}),
            "TYPE_UNKNOWN": ("steward", {**said, "type": "NoLicence"}), "INPUT_INVALID": ("steward", {**said, "number": -1}),
        }  # fmt: skip
        for code, (who, given) in refused.items():
            assert (await desks[who].watch("SetExpected", input=given))["code"] == code

    play(scenario)


def test_everybody_sees_his_own_authority_and_few_see_all(play: Callable[[Scenario], None]) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        for _ in range(3):
            await desks["reader"].read("CASE-1", "91990200MA00000999")
        _fold(hub)
        asked = {"by": ["AUTHORITY"], "from": DAY, "to": DAY}
        seen = {
            name: [one["authority"] for one in await desks[name].nodes("Figures", **asked)]
            for name in ("auditor", "boss", "readers-auditor", "officer")
        }
        assert seen == {
            "auditor": [ISSUER, READER], "boss": [ISSUER, READER], "readers-auditor": [READER], "officer": [ISSUER],
        }  # fmt: skip
        assert await desks["officer"].nodes("Figures", authority=READER, **asked) == []
        assert [len(await desks[name].nodes("Alerts")) for name in ("auditor", "readers-auditor", "officer")] == [
            1,
            1,
            0,
        ]
        assert [len(await desks[name].nodes("Coverage")) for name in ("auditor", "readers-auditor", "officer")] == [
            1,
            0,
            1,
        ]
        (alert,) = await desks["auditor"].nodes("Alerts")
        for who, code in (
            ("officer", "ROLE_MISSING"),
            ("boss", "ROLE_MISSING"),
            ("reader", "ROLE_MISSING"),
            ("nobody", "SESSION_INVALID"),
        ):
            assert (await desks[who].watch("AcknowledgeAlert", alert=alert["alert"], note="x"))["code"] == code
        for who, code in (("maker", "ROLE_MISSING"), ("reader", "ROLE_MISSING"), ("nobody", "SESSION_INVALID")):
            assert (await desks[who].watch("Figures", **asked))["code"] == code

    play(scenario)


def test_lists_come_in_pages_and_impossible_ones_are_refused(play: Callable[[Scenario], None]) -> None:
    async def scenario(hub: Hub, desks: Desks) -> None:
        auditor = desks["auditor"]
        with hub.database.transaction() as session:
            for client in ("first", "second", "third"):
                for _ in range(3):
                    hub.audit.append(session, access("NOT_FOUND", client))
        _fold(hub)
        page = (await auditor.watch("Alerts", first=2))["alerts"]
        rest = (await auditor.watch("Alerts", first=2, after=page["pageInfo"]["endCursor"]))["alerts"]
        assert [edge["node"]["client"] for edge in (*page["edges"], *rest["edges"])] == ["third", "second", "first"]
        assert [page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]] == [True, False]
        mine = await auditor.nodes("Alerts", rule="MISSES", state="RAISED", authority=READER)
        assert len(mine) == 3
        assert await auditor.nodes("Alerts", state="CLOSED") == []
        for changes in ({"to": "2020-01-01"}, {"from": "2020-01-01"}, {"by": ["DAY", "DAY"]}, {"after": "x"}):
            answer = await auditor.post(
                documentId=f"sha256:{DOCUMENT}", operationName="Figures",
                variables={"by": ["DAY"], "from": DAY, "to": DAY, **changes},
            )  # fmt: skip
            assert answer["errors"][0]["extensions"]["code"] == "INPUT_INVALID", changes

    play(scenario)
