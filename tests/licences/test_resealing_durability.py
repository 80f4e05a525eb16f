"""Sealing anew that is stopped half-way, by a kill or by a disk that is full: every licence is wholly old or wholly new, and it goes on."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, make_url, text

from hub.errors import DatabaseFullError
from hub.jobs.service import Jobs, JobState, Progress
from hub.licences import resealing_batch
from hub.licences.resealing import outcome
from tests.full_disk import SmallDisk, small_disk
from tests.licences.killed_resealer import COMMIT, STEP
from tests.licences.theft import COMPANIES, OFFICER, WORDS, resealing_of, sealed_anew, steal
from tests.licences.world import World, furnish, open_world

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing_batch, "BATCH", STEP)


def go_on(world: World, job: str) -> Progress:
    """Let another worker run the job, once the first one's lease is over."""
    world.clock.advance(minutes=1)
    return resealing_of(world).run(job, "another worker")


def check_finished(world: World, done: Progress, lost: str, count: int = COMPANIES) -> None:
    assert (done.state, done.done, outcome(done).resealed, outcome(done).refused) == (
        JobState.FINISHED, count, count, 0,
    )  # fmt: skip
    assert sealed_anew(world, lost) == count


# -- a kill -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE licence SET", "SELECT licence_part.licence_id", COMMIT])
def test_a_process_killed_while_sealing_anew_leaves_nothing_half_made(
    database_url: str, tmp_path: Path, statement: str
) -> None:
    world = open_world(database_url, tmp_path / "keys")
    furnish(world, ["BusinessLicence"])
    lost = steal(world)
    job = resealing_of(world).start(OFFICER, lost, *WORDS)
    world.clock.advance(days=1)
    command = [
        sys.executable,
        "-m",
        "tests.licences.killed_resealer",
        database_url,
        str(tmp_path / "keys"),
        job,
        statement,
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        process.kill()
    assert sealed_anew(world, lost) == STEP
    world.clock.advance(days=1)
    check_finished(world, go_on(world, job), lost)
    world.database.close()


# -- a full disk ------------------------------------------------------------------------------------------------------


def check_full_and_go_on(world: World, lost: str, count: int, job: str) -> None:
    """Fill the database by the job, which says what it met and is stopped between two steps."""
    with pytest.raises(DatabaseFullError, match="Once there is room again, do the same again") as refused:
        resealing_of(world).run(job, "worker")
    assert refused.value.code == "DATABASE_FULL"
    assert 0 < sealed_anew(world, lost) < count
    assert Jobs(world.database, world.clock).progress(job).state is not JobState.FAILED


def test_sqlite_without_room_stops_it_between_two_steps(sqlite_url: str, tmp_path: Path) -> None:
    world = open_world(sqlite_url, tmp_path / "keys")
    furnish(world, ["BusinessLicence"])
    lost = steal(world)
    room = {"pages": _pages(world) + 15}

    @event.listens_for(world.database.engine, "connect")
    def _limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {room['pages']}")

    world.database.engine.dispose()
    job = resealing_of(world).start(OFFICER, lost, *WORDS)
    check_full_and_go_on(world, lost, COMPANIES, job)
    assert resealing_of(world).start(OFFICER, lost, *WORDS) == job
    room["pages"] = 1_000_000
    world.database.engine.dispose()
    check_finished(world, go_on(world, job), lost)
    world.database.close()


def _pages(world: World) -> int:
    with world.database.snapshot() as session:
        return int(session.execute(text("PRAGMA page_count")).scalar_one())


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """Give a disk of its own."""
    with small_disk(16) as mounted:
        yield mounted


def test_sqlite_on_a_full_disk_stops_it_between_two_steps(
    disk: SmallDisk, migrated_sqlite: Path, tmp_path: Path
) -> None:
    file = shutil.copy(migrated_sqlite, disk.path / "hub.db")
    world = open_world(f"sqlite:///{file}", tmp_path / "keys")
    furnish(world, ["BusinessLicence"])
    lost = steal(world)
    job = resealing_of(world).start(OFFICER, lost, *WORDS)
    world.database.forget()  # what the log takes afterwards is the job's
    disk.leave(160)
    check_full_and_go_on(world, lost, COMPANIES, job)
    disk.clear()
    check_finished(world, go_on(world, job), lost)
    world.database.close()


@pytest.fixture
def tablespace(postgres_url: str, disk: SmallDisk) -> Iterator[str]:
    """Give a tablespace of PostgreSQL on the small disk; whatever is in it goes first."""
    with psycopg.connect(
        make_url(postgres_url).set(drivername="postgresql").render_as_string(False), autocommit=True
    ) as at:
        folder = Path(str(at.execute("SHOW data_directory").fetchone()[0]))  # type: ignore[index]  # one row
        if not folder.exists():
            pytest.skip("PostgreSQL is on another machine")
        (disk.path / "small").mkdir()
        shutil.chown(disk.path / "small", folder.stat().st_uid)
        at.execute(f"CREATE TABLESPACE small LOCATION '{disk.path / 'small'}'")
        yield "small"
        at.execute("DROP TABLESPACE small")


@pytest.mark.usefixtures("tablespace")  # made before the database, so that it goes after it
def test_postgresql_on_a_full_disk_stops_it_between_two_steps(
    disk: SmallDisk, postgresql_url: str, tmp_path: Path
) -> None:
    world = open_world(postgresql_url, tmp_path / "keys")
    furnish(world, ["BusinessLicence"])
    count = 3 * COMPANIES
    lost = steal(world, count)
    with world.database.transaction() as session:
        session.execute(text("ALTER TABLE licence_sealing SET TABLESPACE small"))
    job = resealing_of(world).start(OFFICER, lost, *WORDS)
    disk.leave(100)
    check_full_and_go_on(world, lost, count, job)
    disk.clear()
    check_finished(world, go_on(world, job), lost, count)
    world.database.close()
