"""All or nothing: a process killed in the middle, and a database that is full, leave nothing half issued."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import text

from hub.errors import UnavailableError
from tests.licences.drafts import company_draft
from tests.licences.killed_issuer import COUNT
from tests.licences.opening import opened
from tests.licences.world import MARKET, World, furnish, open_world

ROOT = Path(__file__).parents[2]
TABLES = (
    "licence", "licence_part", "licence_event", "vault_key", "vault_index", "audit_record", "idempotent_reply",
)  # fmt: skip


def kept(world: World) -> dict[str, int]:
    return {table: world.count(table) for table in TABLES}


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO vault_key", "INSERT INTO licence ", "INSERT INTO licence_part", "INSERT INTO audit_record", "COMMIT"],
)
def test_a_process_killed_while_issuing_many_leaves_nothing(world: World, tmp_path: Path, statement: str) -> None:
    before = kept(world)
    command = [
        sys.executable,
        "-m",
        "tests.licences.killed_issuer",
        world.database.url,
        str(tmp_path / "keys"),
        statement,
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        process.kill()
    assert kept(world) == before
    issued = world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(COUNT)])
    assert len(issued) == COUNT
    assert opened(world, issued[0].identifier).values == company_draft(0).document()


@pytest.fixture
def room() -> dict[str, int]:
    """Give how many pages the database file may still grow by."""
    return {"pages": 20}


@pytest.fixture
def small_world(sqlite_url: str, tmp_path: Path, room: dict[str, int]) -> Iterator[World]:
    """Give a hub whose database file may grow by a few pages only."""
    world = open_world(sqlite_url, tmp_path / "keys")
    furnish(world, ["BusinessLicence"])
    with world.database.snapshot() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()

    @event.listens_for(world.database.engine, "connect")
    def _limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + room['pages']}")

    world.database.engine.dispose()
    yield world
    world.database.close()


def test_a_full_database_keeps_nothing_of_a_batch(small_world: World) -> None:
    before = kept(small_world)
    drafts = [company_draft(place) for place in range(60)]
    with pytest.raises(UnavailableError) as refused:
        small_world.licences.issue_many(MARKET, "import", drafts)
    assert drafts[0].number not in refused.value.message
    assert kept(small_world) == before


def issue_until_refused(world: World) -> tuple[int, dict[str, int]]:
    """Return the first place whose licence found no room, and what was kept before it."""
    for place in range(200):
        before = kept(world)
        try:
            world.licences.issue(world.caller(), company_draft(place), f"issue-of-{place}")
        except UnavailableError:
            return place, before
    pytest.fail("the database never became full")


def test_a_full_database_keeps_nothing_of_an_issue_and_the_retry_succeeds(
    small_world: World, room: dict[str, int]
) -> None:
    place, before = issue_until_refused(small_world)
    assert kept(small_world) == before
    room["pages"] = 10_000
    small_world.database.engine.dispose()
    small_world.licences.issue(small_world.caller(), company_draft(place), f"issue-of-{place}")
    assert small_world.count("licence") == place + 1
