"""Evidence from the question to the court: a department reads, asks for the package, and somebody without the hub checks it."""

import asyncio
import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from hub.app import create_app
from hub.cli import app
from hub.commands import session_file
from hub.composition import Hub, open_hub
from hub.settings import read_settings
from keys import evidence
from tests.acceptance.serving_hub import COMMAND
from tests.acceptance.small_hub import (
    COMPANY,
    ISSUER,
    ITEM,
    READER,
    URL,
    Client,
    calling,
    furnish,
    grant,
    open_small_hub,
    register,
)
from tests.acceptance.test_staff_commands import OTHER, Terminal, founded, terminal
from tests.keys.evidence_judge import Believed, judged

__all__ = ["terminal"]

ASK = """query Evidence($input: EvidenceInput!) {
  evidencePackage(input: $input) { __typename ... on EvidencePackage { zip answers missing } ... on Problem { code message } }
}"""
CASE = {"serviceItem": ITEM, "caseNumber": "CASE-1"}


async def asked(http: httpx.AsyncClient, authorization: str, **wish: Any) -> Any:
    """Ask for a package of the case."""
    body = {"query": ASK, "variables": {"input": {**CASE, **wish}}}
    answer = await http.post("/graphql", json=body, headers={"Authorization": authorization})
    return answer.raise_for_status().json()["data"]["evidencePackage"]


async def keys_of(client: Client, folder: Path) -> None:
    """Get the hub's keys and its log's, as somebody does beforehand and by another way."""
    (folder / "jwks.json").write_bytes((await client.http.get("/.well-known/jwks.json")).content)
    (folder / "log-keys").write_bytes((await client.http.get("/.well-known/licence-hub/log-keys")).content)


def checked(folder: Path, *arguments: str) -> tuple[int, Any]:
    """Check the package in a process of its own that knows of no hub: no setting, no database, an empty folder."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    empty = folder / "elsewhere"
    empty.mkdir(exist_ok=True)
    command = [*COMMAND, "verify", str(folder / "case.zip"), "--json", *arguments]
    done = subprocess.run(command, env=alone, cwd=empty, capture_output=True, check=False)
    assert not list(empty.iterdir())
    return done.returncode, json.loads(done.stdout)


def anchors(folder: Path) -> tuple[str, ...]:
    return ("--trust-key", str(folder / "jwks.json"), "--log-key", str(folder / "log-keys"))


def test_a_department_proves_years_later_what_it_was_answered(database_url: str, tmp_path: Path) -> None:
    hub = open_small_hub(tmp_path / "data", database_url)
    identifier = furnish(hub)
    grant(hub)
    asyncio.run(_read_and_ask(hub, tmp_path))
    code, report = checked(tmp_path, *anchors(tmp_path))
    assert (code, report["result"], report["hub"]) == (0, "TOTAL_PASSED", URL)
    first, second = report["answers"]
    assert first["values"] == second["values"] == {"name": COMPANY.data["name"]}
    assert first["told"]["licence"] == identifier
    assert (first["told"]["authority"], first["told"]["status"]) == (READER, "VALID")
    assert [check for one in report["answers"] for check in one["checks"] if check["outcome"] != "PASSED"] == []
    package = (tmp_path / "case.zip").read_bytes()
    believed = Believed(
        json.loads((tmp_path / "jwks.json").read_bytes())["keys"], (tmp_path / "log-keys").read_text(), None
    )
    assert [one.values for one in judged(package, believed)] == [first["values"]] * 2


async def _read_and_ask(hub: Hub, folder: Path) -> None:
    async with calling(hub, *register(hub)) as client:
        read = [await client.licence() for _ in range(2)]
        await client.licence("CASE-2")
        bearer = f"Bearer {client.token}"
        made = await asked(client.http, bearer)
        assert (made["__typename"], made["answers"], made["missing"]) == ("EvidencePackage", 2, 0)
        package = base64.b64decode(made["zip"])
        (folder / "case.zip").write_bytes(package)
        await keys_of(client, folder)
        known = evidence.read(package)
        shown = [known.of(answer, evidence.PRESENTATION).decode() for answer in known.manifest.answers]
        assert shown == [each["proof"]["sdJwt"] for each in read]
        one = await asked(client.http, bearer, record=known.manifest.answers[1].record)
        assert [each.record for each in evidence.read(base64.b64decode(one["zip"])).manifest.answers] == [
            known.manifest.answers[1].record
        ]
        for wish, refusal in (
            ({"caseNumber": "CASE-3"}, "NOT_FOUND"), ({"authority": ISSUER}, "NOT_FOUND"), ({"record": "x"}, "NOTHING_ANSWERED"),
        ):  # fmt: skip
            assert (await asked(client.http, bearer, **wish))["code"] == refusal
        anonymous = await client.http.post("/graphql", json={"query": ASK, "variables": {"input": CASE}})
        assert anonymous.json()["data"]["evidencePackage"]["code"] == "TOKEN_INVALID"
        _is_on_record(hub, known)
    await hub.close()


def _is_on_record(hub: Hub, package: evidence.Package) -> None:
    with hub.database.snapshot() as session:
        made = hub.audit.newest(session, "evidence")
    assert made is not None
    assert made["records"] == [package.manifest.answers[1].record]


def test_whoever_checks_is_told_what_he_did_not_give(tmp_path: Path) -> None:
    kept = Path(__file__).parents[1] / "vectors" / "keys" / "evidence"
    (tmp_path / "case.zip").write_bytes((kept / "good.zip").read_bytes())
    expected = json.loads((kept / "expected.json").read_text("utf-8"))
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": expected["keys"]}))
    (tmp_path / "log-keys").write_text(expected["log_key"])
    witness = ("--witness-key", expected["witness_key"])
    assert _outcome(tmp_path, *anchors(tmp_path), *witness) == (0, "TOTAL_PASSED")
    assert _outcome(tmp_path, *anchors(tmp_path)) == (0, "TOTAL_PASSED")
    assert _outcome(tmp_path) == (1, "INDETERMINATE: GENERIC, NO_CERTIFICATE_CHAIN_FOUND")
    assert _outcome(tmp_path, "--trust-key", str(tmp_path / "jwks.json")) == (1, "INDETERMINATE: GENERIC")
    (tmp_path / "case.zip").write_bytes((kept / "attacks" / "answer-says-more.zip").read_bytes())
    assert _outcome(tmp_path, *anchors(tmp_path)) == (1, "TOTAL_FAILED: HASH_FAILURE")
    (tmp_path / "case.zip").write_bytes(b"x")
    assert _outcome(tmp_path, *anchors(tmp_path)) == (1, "TOTAL_FAILED: FORMAT_FAILURE, GENERIC")
    for wrong in (
        ("--log-key", "a+b"),
        ("--log-key", str(tmp_path / "jwks.json")),
        ("--trust-key", str(tmp_path / "case.zip")),
    ):
        assert CliRunner().invoke(app, ["verify", str(tmp_path / "case.zip"), *wrong]).exit_code == 1


def _outcome(folder: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["verify", str(folder / "case.zip"), *arguments], env=_without_a_hub())
    return done.exit_code, done.output.splitlines()[-1]


def _without_a_hub() -> Mapping[str, str | None]:
    return {name: None for name in os.environ if name.startswith("HUB_")}


def test_an_auditor_writes_the_package_at_the_command_line_and_over_http(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal.instant = datetime.now(UTC)
    terminal.done("migrate")
    hub = open_hub(read_settings(), b"a passphrase of the tests")
    furnish(hub)
    grant(hub)
    hub.status_lists.publish_due()
    asyncio.run(_only_read(hub, tmp_path))
    founded(terminal)
    command = ("evidence", "CASE-1", "--authority", READER, "--item", ITEM)
    assert terminal.refused(*command) == "ROLE_MISSING"
    added = terminal.done("staff", "add", "auditor", "--name", "虚构人乙")
    temporary = re.search(r"temporary password: (\S+)", added)
    assert temporary is not None
    terminal.done("staff", "role", "add", "auditor", "AUDITOR", "--authority", READER)
    person = terminal.secrets
    terminal.done("sign-in", "auditor", typed=(temporary[1], "", OTHER, OTHER, terminal.code(person)))
    assert "1 answers, 0 of them" in terminal.done(*command, "-o", "case.zip")
    assert Path("case.zip").stat().st_mode & 0o077 == 0
    assert terminal.refused(*command, "-o", "case.zip") == "INPUT_INVALID"  # it stands there already
    assert terminal.refused("evidence", "CASE-2", *command[2:]) == "NOT_FOUND"
    assert terminal.refused("evidence", "CASE-1", "--authority", ISSUER, "--item", ITEM) == "ROLE_MISSING"
    code, report = checked(tmp_path, *anchors(tmp_path))
    assert (code, report["result"]) == (0, "TOTAL_PASSED")
    asyncio.run(_over_http(session_file.authorization(URL)))


async def _only_read(hub: Hub, folder: Path) -> None:
    async with calling(hub, *register(hub)) as client:
        assert (await client.licence())["status"] == "VALID"
        await keys_of(client, folder)
    await hub.close()


async def _over_http(authorization: str) -> None:
    again = open_hub(read_settings(), b"a passphrase of the tests")
    transport = httpx.ASGITransport(create_app(again), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        made = await asked(http, authorization, authority=READER)
        assert (made["__typename"], made["answers"]) == ("EvidencePackage", 1)
        assert (await asked(http, authorization))["code"] == "INPUT_INVALID"
        assert (await asked(http, authorization, authority=ISSUER))["code"] == "ROLE_MISSING"
    with again.database.snapshot() as session:
        made = again.audit.newest(session, "evidence")
    assert made is not None
    assert made["client"].startswith("staff ")
    await again.close()
