"""Sharing agreed over HTTP: a demand filed, granted and read under, grants changed by those who may, and nobody else."""

from pathlib import Path
from typing import Any

import pytest

from hub.catalogue.licence_type import shipped_documents
from schema.trusted import open_documents
from tests.acceptance.holder_desks import HolderHub, Play, player
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM, READER
from tests.access.staff.office import NOW

TYPE = "BusinessLicence"
OWN = [each.text for each in open_documents().values()]
DEMAND = {
    "authority": READER, "serviceItem": ITEM, "source": TYPE, "paths": ["name", "legalRepresentative"],
    "legalBasis": "虚构条例", "scene": "核验法定代表人", "validFrom": NOW.date().isoformat(),
    "validUntil": f"{NOW.year + 1}-01-31",
}  # fmt: skip


@pytest.fixture
def play(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Give what plays a scenario, once on SQLite and once on PostgreSQL."""
    return player(database_url, tmp_path, monkeypatch)


async def own(desk: HolderHub, token: str | None, operation: str, **variables: Any) -> Any:
    """Run one operation of the hub's own documents; return what it answers, or why nothing was run."""
    (text,) = (each for each in OWN if f" {operation}(" in each)
    body = {"query": text, "operationName": operation, "variables": variables}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = (await desk.http.post("/graphql", json=body, headers=headers)).json()
    if "errors" in answer:
        (error,) = answer["errors"]
        return error["extensions"]
    assert answer.get("data"), answer
    (found,) = answer["data"].values()
    return found


def test_sharing_is_agreed_in_the_hub(play: Play) -> None:
    play(_agreed)


async def _agreed(desk: HolderHub) -> None:
    (document,) = (each for each in shipped_documents() if each["key"] == TYPE)
    desk.hub.catalogue.publish({**document, "version": 2, "sharingClass": "CONDITIONAL"})
    for each in desk.hub.sharing.grants():
        desk.hub.sharing.end_grant(each.id)
    one, two = desk.staff["one"], desk.staff["two"]  # steward of the reader; of the whole hub
    assert (await desk.read())["code"] == "NOT_GRANTED"
    filed = await own(desk, one, "FileDemand", input=DEMAND)
    assert (filed["state"], filed["owner"], filed["overdue"]) == ("FILED", ISSUER, False)
    assert (await own(desk, one, "GrantDemand", demand=filed["demand"], input={}))["code"] == "ROLE_MISSING"
    less = {"paths": ["name"], "reason": "最小必要"}
    granted = await own(desk, two, "GrantDemand", demand=filed["demand"], input=less)
    assert (granted["state"], granted["version"]) == ("GRANTED", 2)
    read = await desk.read()
    assert (read["name"], read["legalRepresentative"]) == (COMPANY.data["name"], None)

    grants = (await own(desk, desk.staff["auditor"], "Grants", authority=READER))["edges"]
    (mine,) = (each["node"] for each in grants if each["node"]["demand"] == filed["demand"])
    assert (mine["grant"], mine["paths"], mine["state"], mine["version"]) == (granted["grant"], ["name"], "ACTIVE", 1)
    for token, code in ((one, "ROLE_MISSING"), (desk.department, "ROLE_MISSING"), (None, "SESSION_INVALID")):
        for operation in ("SuspendGrant", "EndGrant"):
            assert (await own(desk, token, operation, grant=mine["grant"]))["code"] == code
    suspended = await own(desk, two, "SuspendGrant", grant=mine["grant"])
    assert (suspended["state"], suspended["version"]) == ("SUSPENDED", 2)
    assert (await desk.read())["code"] == "NOT_GRANTED"
    assert (await own(desk, two, "ResumeGrant", grant=mine["grant"]))["state"] == "ACTIVE"
    assert (await desk.read())["name"] == COMPANY.data["name"]
    assert (await own(desk, two, "EndGrant", grant=mine["grant"]))["state"] == "ENDED"
    wanted = {
        "authority": READER, "serviceItem": ITEM, "source": TYPE, "paths": ["name"], "legalBasis": "虚构条例",
        "validFrom": DEMAND["validFrom"], "validUntil": DEMAND["validUntil"],
    }  # fmt: skip
    assert (await own(desk, one, "AddGrant", input=wanted))["code"] == "ROLE_MISSING"
    assert (await own(desk, two, "AddGrant", input=wanted))["approver"].startswith("staff ")
    (duty,) = (await own(desk, two, "Responsibilities"))["edges"]
    assert duty["node"]["demand"] == filed["demand"]


def test_every_step_goes_over_graphql_and_the_negative_list_is_public(play: Play) -> None:
    play(_every_step)


async def _every_step(desk: HolderHub) -> None:
    (document,) = (each for each in shipped_documents() if each["key"] == TYPE)
    desk.hub.catalogue.publish({**document, "version": 2, "sharingClass": "CONDITIONAL"})
    one, two = desk.staff["one"], desk.staff["two"]

    async def take(token: str, operation: str, **variables: Any) -> str:
        found = await own(desk, token, operation, demand=filed["demand"], **variables)
        return str(found.get("state", found.get("code")))

    filed = await own(desk, one, "FileDemand", input=DEMAND)
    assert await take(two, "AskDemandCompletion", note="缺场景") == "INCOMPLETE"
    assert await take(one, "CompleteDemand", scene="核验", legalBasis="虚构条例") == "FILED"
    assert await take(two, "AskDemandExtension", days=5, note="需征求意见") == "EXTENSION_ASKED"
    assert await take(two, "AllowDemandExtension") == "DEMAND_FOUR_EYES"
    assert await take(two, "DenyDemandExtension", note="无") == "DEMAND_FOUR_EYES"
    refusal = {"reason": "与事项无关", "legalBasis": "虚构条例第九条", "reviewOn": DEMAND["validUntil"]}
    assert await take(two, "RefuseDemand", input=refusal) == "REFUSED"
    again = await own(desk, one, "FileDemand", input=DEMAND)
    assert (again["state"], again["refusal"]) == ("REFUSED", refusal["reason"])
    (listed,) = (await own(desk, None, "NegativeList"))["edges"]
    assert (listed["node"]["entry"], listed["node"]["owner"]) == (again["negativeEntry"], ISSUER)
    query = "{ negativeList { edges { node { reason legalBasis reviewOn } } } }"
    public = await desk.http.get("/graphql", params={"query": query})
    assert public.json()["data"]["negativeList"]["edges"][0]["node"] == {
        "reason": refusal["reason"], "legalBasis": refusal["legalBasis"], "reviewOn": refusal["reviewOn"],
    }  # fmt: skip
    entry = listed["node"]["entry"]
    assert (await own(desk, one, "RemoveNegativeEntry", entry=entry, reason="复核"))["code"] == "ROLE_MISSING"
    assert (await own(desk, two, "RemoveNegativeEntry", entry=entry, reason="复核"))["entry"] == entry
    added = await own(desk, two, "AddNegativeEntry", input={**refusal, "source": TYPE, "paths": ["registeredCapital"]})
    assert added["paths"] == ["registeredCapital"]
    filed = await own(desk, one, "FileDemand", input=DEMAND)
    assert await take(one, "WithdrawDemand", note="不再需要") == "WITHDRAWN"
    filed = await own(desk, one, "FileDemand", input=DEMAND)
    assert await take(two, "GrantDemand", input={"conditions": "仅限本事项"}) == "GRANTED"
    assert await take(two, "SupplyDemand", note="已汇聚") == "SUPPLIED"
    found = (await own(desk, one, "Demands", authority=READER, states=["SUPPLIED"]))["edges"]
    assert [each["node"]["demand"] for each in found] == [filed["demand"]]
    assert (await own(desk, one, "Demand", demand=filed["demand"]))["conditions"] == "仅限本事项"
    assert (await own(desk, desk.staff["far"], "Demand", demand="nothing"))["code"] == "DEMAND_UNKNOWN"
    assert (await own(desk, one, "Demands"))["code"] == "ROLE_MISSING"
    for token in (None, desk.department, desk.holder()):
        assert (await own(desk, token, "FileDemand", input=DEMAND))["code"] in {"SESSION_INVALID", "ROLE_MISSING"}
