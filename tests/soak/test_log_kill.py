"""Kill -9 at random moments, again and again: every answered read is in the log, once; the log verifies, and the sequencer goes on."""

import asyncio
import base64
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest
from sqlalchemy import text

from hub.composition import Hub
from keys.contracts import PrivateKey
from tests.acceptance.serving_hub import free_port, wait_until_ready
from tests.acceptance.small_hub import COMPANY, ITEM, PASSPHRASE, URL, Client, furnish, grant, open_small_hub, register

ROUNDS, READERS = 50, 4
READ = """query Read($case: CaseInput!, $number: String!) { case(input: $case) { ... on Case {
    licence(type: "BusinessLicence", number: $number) { ... on BusinessLicence { status name proof { receipt } } } } } }"""


@contextmanager
def serving(folder: Path, database_url: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Yield a server that answers, and its address."""
    passphrase = folder / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    env = {
        **os.environ, "HUB_PUBLIC_URL": URL, "HUB_DATA": str(folder), "HUB_PASSPHRASE_FILE": str(passphrase),
        "HUB_DATABASE_URL": database_url,
    }  # fmt: skip
    port = free_port()
    command = [sys.executable, "-m", "hub", "serve", "--port", str(port), "--no-worker"]
    with (folder / "told").open("ab") as told, subprocess.Popen(command, env=env, stderr=told) as process:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", process)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


async def _read(http: httpx.AsyncClient, client: Client, number: int) -> str:
    """Read in a case of that number, and return the id of the record that the receipt names."""
    holder = COMPANY.holders[0]
    case = {
        "serviceItem": ITEM, "caseNumber": f"CASE-{number}", "legalBasis": "虚构条例",
        "applicant": {"codeType": holder["codeType"], "code": holder["code"]},
    }  # fmt: skip
    sent = {"query": READ, "variables": {"case": case, "number": COMPANY.number}}
    answer = await http.post("/graphql", json=sent, headers={"Authorization": f"Bearer {client.token}"})
    receipt: str = answer.raise_for_status().json()["data"]["case"]["licence"]["proof"]["receipt"]
    record: str = orjson.loads(base64.urlsafe_b64decode(receipt.split(".")[1] + "=="))["jti"]
    return record


async def one_life(
    process: subprocess.Popen[bytes],
    url: str,
    reading: tuple[str, PrivateKey],
    answered: list[str],
    dice: random.Random,
) -> None:
    """Let departments read until the server is killed, some answers and a moment later."""
    goal = len(answered) + dice.randint(1, 120)

    async def reader(place: int) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
            client = Client(http, *reading)
            try:
                await client.sign_in()
                while True:
                    answered.append(await _read(http, client, place))
            except httpx.TransportError:
                return

    async def executioner() -> None:
        while len(answered) < goal:  # noqa: ASYNC110 - the others' answers, not the clock, decide when
            await asyncio.sleep(0)
        for _ in range(dice.randint(0, 300)):  # and then some turns of the loop, into whatever is being written
            await asyncio.sleep(0)
        os.kill(process.pid, signal.SIGKILL)

    await asyncio.gather(executioner(), *(reader(place) for place in range(READERS)))


@pytest.mark.soak
def test_a_hub_that_is_killed_again_and_again_has_every_answer_in_its_log(database_url: str, tmp_path: Path) -> None:
    hub = open_small_hub(tmp_path, database_url)
    furnish(hub)
    grant(hub)
    reading = register(hub)
    answered: list[str] = []
    dice, sizes = random.Random(20261126), [_size(hub)]  # noqa: S311 - dice, the same at every run
    for _ in range(ROUNDS):
        with serving(tmp_path, database_url) as (process, url):
            asyncio.run(one_life(process, url, reading, answered, dice))
        sizes.append(_size(hub))
        hub.log.check()  # what is outside the database is no further than what is in it
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]  # the servers integrated, not only this process below
    again = open_small_hub(tmp_path, database_url)
    again.log.integrate()
    _check(again, answered)
    for each in (hub, again):
        each.database.close()


def _size(hub: Hub) -> int:
    return int(hub.log.published.checkpoint().split("\n")[1])


def _check(hub: Hub, answered: list[str]) -> None:
    """Every answer has its record, once, in a log that verifies."""
    report = hub.log.verify({})
    assert (report.findings, report.waiting) == ([], 0)
    with hub.database.snapshot() as session:
        kept = list(session.execute(text("SELECT id FROM audit_record")).scalars())
        leaves = list(session.execute(text("SELECT sequence FROM log_leaf")).scalars())
    assert len(kept) == len(set(kept)) == len(leaves) == len(set(leaves)) == report.records
    assert len(answered) == len(set(answered))
    assert set(answered) <= set(kept)
    assert hub.log.inclusion(answered[0]).size == report.records
