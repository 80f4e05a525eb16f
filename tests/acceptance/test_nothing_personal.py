"""A whole story with persons in it, told to the logs at their most talkative and to Prometheus: neither repeats a single value."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from hub.access.staff import service
from hub.access.staff.passwords import Passwords
from hub.app import create_app
from hub.audit.commits import SqliteCommits
from hub.audit.postgres_commits import PostgresCommits
from hub.commands.logs import JsonLines
from hub.composition import Hub, open_hub
from hub.jobs.worker import Worker
from hub.runners import runners
from keys.suites import suite
from tests.acceptance.small_hub import COMPANY, ISSUER, PASSPHRASE, URL, Client, furnish, grant, register, settings
from tests.access.staff.office import CHEAP, PASSWORD
from tests.catalogue.examples import HUSBAND
from tests.licences.importing.hall import company_file, company_row

STAFF_NAME, LOGIN, SECOND_PASSWORD = "欧阳见秋", "ouyang-jianqiu", "nine slow trams hum"
CASE = "CASE-OF-A-SECRET-FAMILY"
ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
IMPORT = "mutation ($input: ImportInput!) { importLicences(input: $input) { __typename ... on Problem { code } } }"
WRONG = "query ($case: CaseInput!) { case(input: $case) { __typename ... on Problem { code } } }"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Give all lines of all logs, at DEBUG."""
    root, stream = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    level = root.level
    root.setLevel(logging.DEBUG)
    logging.getLogger("hub").setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    logging.getLogger("hub").setLevel(logging.NOTSET)


@pytest.fixture
def hub(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(service, "Passwords", lambda _cost: Passwords(CHEAP))
    opened = open_hub(replace(settings(tmp_path, database_url), metrics=True), PASSPHRASE)
    yield opened
    opened.database.close()


def _rows() -> list[dict[str, Any]]:
    rows = [company_row(place) for place in range(100, 106)]
    rows[2]["roleLabel"] = "一个不许有的称谓"
    return rows


async def _tell(hub: Hub) -> tuple[str, list[str]]:
    """Tell the story; return what Prometheus was told, and what must stand nowhere."""
    furnish(hub)
    grant(hub)
    reader, key = register(hub)
    issuing = suite("ES256").generate()
    issuer = hub.access.add_client("登记系统", ISSUER, ["licence:issue"], issuing.public.to_jwk())
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        client, office = Client(http, reader, key), Client(http, issuer, issuing)
        await client.sign_in()
        await office.sign_in()
        assert (await client.licence(CASE))["name"]
        await _deny(hub, client)
        await _import(hub, office)
        await _staff(hub, http)
        hub.log.integrate()
        hub.supervision.catch_up()
        metrics = (await http.get("/metrics")).text
    return metrics, [client.token, office.token, reader]


async def _deny(hub: Hub, client: Client) -> None:
    """Ask for what is not granted, wrongly, without right, and while things are broken."""
    http, headers = client.http, {"Authorization": f"Bearer {client.token}"}
    case = {"serviceItem": HUSBAND["code"], "caseNumber": CASE, "legalBasis": HUSBAND["name"], "applicant": HUSBAND}
    for given in (case, {**case, "applicant": {k: HUSBAND[k] for k in ("codeType", "code")}}, {}):
        await http.post("/graphql", json={"query": WRONG, "variables": {"case": given}}, headers=headers)
    assert (await http.post("/graphql", content=HUSBAND["name"].encode(), headers=headers)).status_code == 415
    assert (await http.get(f"/people/{HUSBAND['code']}?name={HUSBAND['name']}")).status_code == 404
    bearing = {"Authorization": f"Bearer {HUSBAND['code']}", "X-Request-ID": HUSBAND["code"]}
    assert (await http.post("/graphql", json={"query": WRONG}, headers=bearing)).status_code == 401
    assert (await http.post("/oauth/token", data={"client_assertion": HUSBAND["code"]})).status_code == 400
    with patch.object(hub.access, "grant", side_effect=RuntimeError(HUSBAND["name"])):
        assert (await http.post("/oauth/token", data={"grant_type": HUSBAND["name"]})).status_code == 500
    kind = SqliteCommits if hub.database.is_sqlite else PostgresCommits
    with patch.object(kind, "write", side_effect=RuntimeError(HUSBAND["name"])):
        assert (await client.read(CASE)).status_code == 503
    with patch.object(hub.finder, "by_number", side_effect=RuntimeError(HUSBAND["name"])):
        assert (await client.read(CASE)).json()["errors"][0]["extensions"]["code"] == "INTERNAL"


async def _import(hub: Hub, office: Client) -> None:
    headers = {"Authorization": f"Bearer {office.token}", "Content-Type": "text/csv"}
    upload = (await office.http.post("/imports", content=company_file(_rows()), headers=headers)).json()["upload"]
    wanted = {
        "upload": upload, "type": "BusinessLicence", "legalBasis": "虚构条例", "reason": "入库", "idempotencyKey": "first-import",
    }  # fmt: skip
    body = {"query": IMPORT, "variables": {"input": wanted}}
    answer = await office.http.post("/graphql", json=body, headers={"Authorization": headers["Authorization"]})
    assert answer.json()["data"]["importLicences"]["__typename"] == "ImportJob"
    await asyncio.to_thread(Worker(hub.jobs, runners(hub, workers=0)).turn)


async def _staff(hub: Hub, http: httpx.AsyncClient) -> None:
    hub.staff.founding.begin(LOGIN, STAFF_NAME, PASSWORD)
    for password in (PASSWORD, SECOND_PASSWORD):
        given = {"login": LOGIN, "password": password, "code": "123456"}
        assert (await http.post("/sessions", json=given)).status_code in {401, 429}


def _personal() -> list[str]:
    row_values = [
        str(value)
        for row in _rows()
        for name, value in row.items()
        if name in {"number", "name", "address", "legalRepresentative"}
    ]
    holder = COMPANY.holders[0]
    company = [COMPANY.number, holder["code"], holder["name"], *(str(each) for each in COMPANY.data.values())]
    told = [
        *row_values,
        *company,
        *HUSBAND.values(),
        STAFF_NAME,
        LOGIN,
        PASSWORD,
        SECOND_PASSWORD,
        CASE,
        "一个不许有的称谓",
    ]
    return [each for each in told if len(each) > 3 or not each.isascii()]


def test_neither_logs_nor_metrics_repeat_anything_personal(hub: Hub, lines: io.StringIO) -> None:
    async def whole() -> tuple[str, list[str]]:
        try:
            return await _tell(hub)
        finally:
            await hub.close()

    metrics, tokens = asyncio.run(whole())
    logged = lines.getvalue()
    told = [json.loads(line) for line in logged.splitlines()]
    answered = [line for line in told if line["log"] == "hub.access_log"]
    assert {"/graphql", "/oauth/token", "/imports", "/sessions", "unmatched"} <= {line["route"] for line in answered}
    assert {200, 201, 400, 401, 404, 415, 500, 503} <= {line["status"] for line in answered}
    assert {"INTERNAL", "RECORD_UNAVAILABLE", "TOKEN_INVALID", None} <= {line["code"] for line in answered}
    assert all(re.fullmatch(r"[0-9a-f]{32}", line["request"]) for line in answered)
    assert any(line["log"] == "hub.errors" and line["request"] in {one["request"] for one in answered} for line in told)
    assert [each for each in (*_personal(), *tokens[:2]) if each in logged] == []
    assert [each for each in (*_personal(), *tokens) if each in metrics] == []
    assert 'licence_hub_licences{status="VALID",type="BusinessLicence"} 6.0' in metrics
    assert "licence_hub_log_behind_seconds 0.0" in metrics
    assert "licence_hub_unfolded_records 0.0" in metrics
    assert "licence_hub_seal_uses_total 6.0" in metrics
    assert float(re.findall(r"^licence_hub_log_size (\S+)", metrics, re.MULTILINE)[0]) > 6
    assert float(re.findall(r"^licence_hub_commit_records_sum (\S+)", metrics, re.MULTILINE)[0]) > 0
    assert re.search(r'licence_hub_requests_total{code="RECORD_UNAVAILABLE",route="/graphql",status="503"} 1', metrics)
