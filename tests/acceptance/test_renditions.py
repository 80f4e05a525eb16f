"""Renditions over HTTP, as departments and anybody meet them: made by GraphQL, downloaded once, known again by what stands on the paper."""

import asyncio
import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.composition import Hub, open_hub
from hub.settings import read_settings
from keys.contracts import PrivateKey
from keys.suites import suite
from tests.acceptance.small_hub import (
    COMPANY,
    ISSUER,
    ITEM,
    URL,
    Client,
    calling,
    furnish,
    grant,
    open_small_hub,
    register,
)
from tests.acceptance.test_staff_commands import OTHER, Terminal, founded, terminal
from tests.renditions.studio import text_of

__all__ = ["terminal"]

MAKE = """mutation Make($input: RenditionInput!) { makeRendition(input: $input) { __typename
    ... on Rendition { record kind url expiresAt validUntil sha256 bytes signed } ... on Problem { code message } } }"""


async def made(client: Client, **wish: Any) -> dict[str, Any]:
    """Ask for a rendition."""
    body = {"query": MAKE, "variables": {"input": wish}}
    answer = await client.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {client.token}"})
    found: dict[str, Any] = answer.raise_for_status().json()["data"]["makeRendition"]
    return found


def copy_of(identifier: str, **changes: Any) -> dict[str, Any]:
    """Return the wish for an annotated copy."""
    holder = COMPANY.holders[0]
    case = {
        "serviceItem": ITEM, "caseNumber": "CASE-1", "legalBasis": "虚构条例",
        "applicant": {"codeType": holder["codeType"], "code": holder["code"]},
    }  # fmt: skip
    last = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    licence = {"type": "BusinessLicence", "identifier": identifier}
    return {"annotatedCopy": {"case": case, "licence": licence, "purpose": "卫生许可", "validUntil": last, **changes}}


def issuing(hub: Hub) -> tuple[str, PrivateKey]:
    """Register the issuer's system; return its id and key."""
    key = suite("ES256").generate()
    jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
    return hub.access.add_client("登记系统", ISSUER, ["licence:issue"], jwk), key


async def fetched(http: httpx.AsyncClient, url: str) -> httpx.Response:
    """Fetch an address of the hub."""
    assert url.startswith(f"{URL}/")
    return await http.get(url.removeprefix(URL))


def test_the_issuer_makes_an_original_and_it_is_downloaded_once(database_url: str, tmp_path: Path) -> None:
    hub = open_small_hub(tmp_path, database_url)
    identifier = furnish(hub, whole=False)

    async def scenario() -> None:
        async with calling(hub, *issuing(hub)) as client:
            told = await made(client, original=identifier)
            assert (told["__typename"], told["kind"], told["signed"]) == ("Rendition", "ORIGINAL", True), told
            got = await asyncio.gather(*(fetched(client.http, told["url"]) for _ in range(4)))
            (file,) = (each for each in got if each.status_code == 200)
            assert [each.json()["code"] for each in got if each.status_code == 410] == ["DOWNLOAD_USED"] * 3
            assert hashlib.sha256(file.content).hexdigest() == told["sha256"]
            assert file.headers["content-type"] == "application/pdf"
            assert file.headers["content-disposition"] == f'attachment; filename="{identifier}.pdf"'
            assert file.headers["cache-control"] == "no-store"
            assert COMPANY.number in text_of(file.content)
            known = (await client.http.get(f"/renditions/{told['record']}")).json()
            assert (known["sha256"], known["over"], known["licenceStatus"]) == (told["sha256"], False, "VALID")
            for address in ("/downloads/AAAAAAAAAAAAAAAAAAAAAA", "/renditions/0123"):
                assert (await client.http.get(address)).status_code == 404
            both = await made(client, original=identifier, **copy_of(identifier))
            assert both["code"] == (await made(client))["code"] == "INPUT_INVALID"
        await hub.close()

    asyncio.run(scenario())


def test_a_department_makes_a_copy_in_its_case(sqlite_url: str, tmp_path: Path) -> None:
    hub = open_small_hub(tmp_path, sqlite_url)
    identifier = furnish(hub, whole=False)

    async def scenario() -> None:
        client_id, key = register(hub)
        async with calling(hub, client_id, key) as client:
            assert (await made(client, **copy_of(identifier)))["code"] == "NOT_GRANTED"
            grant(hub)
            told = await made(client, **copy_of(identifier))
            assert (told["__typename"], told["kind"]) == ("Rendition", "ANNOTATED_COPY"), told
            text = text_of((await fetched(client.http, told["url"])).content)
            assert "卫生许可" in text
            assert "未提供" in text
            assert "林若川" not in text
            assert (await made(client, original=identifier))["code"] == "SCOPE_MISSING"
            late = copy_of(identifier, validUntil="2020-01-01")
            assert (await made(client, **late))["code"] == "RENDITION_DEADLINE"
        await hub.close()

    asyncio.run(scenario())


def test_an_officer_writes_the_original_at_the_command_line(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal.instant = datetime.now(UTC)
    terminal.done("migrate")
    hub = open_hub(read_settings(), b"a passphrase of the tests")
    identifier = furnish(hub, whole=False)
    hub.database.close()
    founded(terminal)
    command = ("rendition", "make", identifier, "--authority", ISSUER, "-o", "original.pdf")
    assert terminal.refused(*command) == "ROLE_MISSING"
    temporary = re.search(r"temporary password: (\S+)", terminal.done("staff", "add", "officer", "--name", "虚构人丙"))
    assert temporary is not None
    terminal.done("staff", "role", "add", "officer", "LICENCE_OFFICER", "--authority", ISSUER)
    person = terminal.secrets
    terminal.done("sign-in", "officer", typed=(temporary[1], "", OTHER, OTHER, terminal.code(person)))
    (tmp_path / "original.pdf").unlink(missing_ok=True)
    assert "signed (PAdES)" in terminal.done(*command)
    file = tmp_path / "original.pdf"
    assert COMPANY.number in text_of(file.read_bytes())
    assert file.stat().st_mode & 0o077 == 0
