"""A code from the hub's own GraphQL to somebody at a command line: beside the hub, and far from any, by what was fetched before."""

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner

from hub.cli import app
from hub.composition import Hub
from hub.counters import qr_code
from keys.suites import suite
from tests.acceptance.small_hub import (
    COMPANY,
    ISSUER,
    PASSPHRASE,
    URL,
    calling,
    furnish,
    open_small_hub,
)

PRINT = """query Print($id: String!) { issuedLicence(identifier: $id) { ... on BusinessLicence { qr { text } } ... on Problem { code } } }"""
LISTS = {
    "trust-list.jwt": "/.well-known/licence-hub/trust-list", "jwks.json": "/.well-known/jwks.json", "1.jwt": "/status-lists/1",
}  # fmt: skip


def test_a_code_is_verified_beside_the_hub_and_far_from_any(database_url: str, tmp_path: Path) -> None:
    hub = open_small_hub(tmp_path / "data", database_url)
    identifier = furnish(hub, whole=False)
    hub.status_lists.publish_due()
    hub.seal_lists.publish_due()
    text = asyncio.run(_printed(hub, identifier, tmp_path))
    (tmp_path / "code.png").write_bytes(qr_code.of_text(text).png())
    (tmp_path / "passphrase").write_bytes(PASSPHRASE)
    (tmp_path / "passphrase").chmod(0o600)
    settings = {
        "HUB_PUBLIC_URL": URL, "HUB_DATA": str(tmp_path / "data"), "HUB_DATABASE_URL": database_url,
        "HUB_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
    }  # fmt: skip
    beside = CliRunner().invoke(app, ["verify", text, "--json"], env=settings)
    told = json.loads(beside.output)
    assert (beside.exit_code, told["word"], told["online"]) == (0, "VALID", True)
    assert (told["licence"]["identifier"], told["licence"]["typeNames"]["en"]) == (identifier, "Business licence")
    assert told["licence"]["holder"] == COMPANY.holders[0]["name"]
    options = [
        "--trust-list", str(tmp_path / "trust-list.jwt"), "--trust-key", str(tmp_path / "jwks.json"), "--status-list",
        str(tmp_path / "1.jwt"),
    ]  # fmt: skip
    far = CliRunner().invoke(
        app, ["verify", str(tmp_path / "code.png"), *options, "--json"], env=dict.fromkeys(settings)
    )
    told = json.loads(far.output)
    assert (far.exit_code, told["word"], told["online"]) == (0, "VALID", False)
    assert told["licence"]["issuerNames"]["zh"] == "虚构市市场监督管理局"


async def _printed(hub: Hub, identifier: str, folder: Path) -> str:
    key = suite("ES256").generate()
    jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
    client_id = hub.access.add_client("登记系统", ISSUER, ["licence:issue"], jwk)
    async with calling(hub, client_id, key) as client:
        body = {"query": PRINT, "variables": {"id": identifier}}
        headers = {"Authorization": f"Bearer {client.token}"}
        answer = await client.http.post("/graphql", json=body, headers=headers)
        for name, path in LISTS.items():
            (folder / name).write_bytes((await client.http.get(path)).raise_for_status().content)
    await hub.close()
    text: str = answer.json()["data"]["issuedLicence"]["qr"]["text"]
    return text
