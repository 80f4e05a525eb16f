"""What a process that serves, those beside it, and some commands import: nothing that is only for others, for the other database, or for what few hubs do.

Whatever is imported at the start stays to the end, in each of the processes of a machine.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from typer.main import get_command

from hub.commands.starting import command_line
from hub.commands.table import GROUPS, HIDDEN, SINGLE

ROOT: Final = Path(__file__).parents[2]
FOR_OTHERS: Final = {
    "hub.cli", "hub.demo", "hub.commands.opening",
    "rich", "pygments",  # tables on a screen
    "alembic", "mako",  # `licence-hub migrate`
    "psycopg", "asyncpg", "hub.postgres",  # PostgreSQL; loaded when one is opened
    "httpx",  # a platform, a provider, an authority of timestamps
    "pkcs11",  # keys in hardware
    "rfc3161_client",  # timestamps
    "openpyxl", "arro3", "jinja2", "PIL", "resvg_py", "fontTools", "typst", "pyhanko", "zxingcpp", "pypdfium2",
    "pytest",
}  # fmt: skip

FOR_SERVERS: Final = {
    "schema",
    "hub.app",
    "hub.web",
    "hub.endpoints",
    "hub.metrics",
    "strawberry",
    "graphql",
    "starlette",
    "uvicorn",
    "prometheus_client",
}

FOR_JOBS: Final = {
    "hub.composition",
    "hub.runners",
    "hub.opening",
    "hub.vault.service",
    "keys.store",
    "keys.ring",
    "httpcore",
    "anyio",
    "jsonschema",
    "attr",
}


@pytest.mark.parametrize(
    ("module", "others"),
    [
        ("hub.commands.serving", FOR_OTHERS),
        ("hub.commands.work", FOR_OTHERS | FOR_SERVERS),
        ("hub.composition", FOR_OTHERS | FOR_SERVERS),
        ("hub.commands.fold", FOR_OTHERS | FOR_SERVERS | FOR_JOBS),
        ("hub.commands.migrating", FOR_OTHERS | FOR_SERVERS | FOR_JOBS),
        ("hub.commands.keys", FOR_SERVERS),
    ],
)
def test_a_process_imports_nothing_that_is_for_others(module: str, others: set[str]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    loaded = set(told.stdout.split())
    assert module in loaded
    assert {name for name in others if name in loaded or any(each.startswith(f"{name}.") for each in loaded)} == set()


@pytest.mark.parametrize("name", [*GROUPS, *SINGLE, *HIDDEN])
def test_a_command_runs_alone_by_its_own_name(name: str) -> None:
    assert set(getattr(get_command(command_line(name)), "commands", ())) == {name}
