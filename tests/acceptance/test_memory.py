"""How much memory a serving process takes that has answered requests of the common kind, on both databases."""

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from benchmarks.processes import PROC, memory_megabytes
from hub.settings import Settings
from tests.acceptance.serving_hub import COMMAND, ServingHub, free_port, make, wait_until_ready
from tests.acceptance.small_hub import COMPANY, ITEM, PASSPHRASE, QUERY

MOST_MEGABYTES: Final = 150  # 120 to 135 are usual
REQUESTS: Final = 200
CASE: Final = {
    "serviceItem": ITEM, "legalBasis": "条例",
    "applicant": {name: COMPANY.holders[0][name] for name in ("codeType", "code")},
}  # fmt: skip


@pytest.mark.skipif(
    not (PROC / "self" / "smaps_rollup").exists(), reason="this system does not tell what a process shares"
)
def test_a_server_that_has_answered_keeps_within_its_memory(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    url, passphrase = f"http://127.0.0.1:{port}", tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    make(Settings(public_url=url, data=tmp_path / "data", database_url=database_url))
    settings = {
        "HUB_PUBLIC_URL": url, "HUB_DATA": str(tmp_path / "data"), "HUB_DATABASE_URL": database_url,
        "HUB_PASSPHRASE_FILE": str(passphrase),
    }  # fmt: skip
    hub = ServingHub(url, {**os.environ, "COLUMNS": "200", **settings})
    command = [*COMMAND, "serve", "--no-worker", "--port", str(port)]
    with subprocess.Popen(command, env=hub.environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_ready(url, process)
            hub.grant()
            department = hub.department(tmp_path)
            for number in range(REQUESTS):
                answer = department.ask(
                    QUERY, {"case": {**CASE, "caseNumber": f"2026-{number}"}, "number": COMPANY.number}
                )
                assert answer["case"]["licence"]["proof"]["sdJwt"]
            department.close()
            own, others = memory_megabytes(process.pid)
        finally:
            process.terminate()
    assert others == 0
    assert own < MOST_MEGABYTES
