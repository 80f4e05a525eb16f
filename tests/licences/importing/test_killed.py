"""Killed at any point, an import goes on: every good row once, none lost. Full disks and dying workers cost nothing either."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import text
from typing_extensions import override

from hub.errors import JobBusyError, UnavailableError
from hub.jobs.service import JobState
from hub.licences.importing import intake, workers
from hub.licences.importing.progress import ImportProgress
from hub.licences.importing.refusals import AlreadyImportedError, ImportWorkerLostError
from hub.licences.importing.workers import Worker
from tests.licences.drafts import company_draft
from tests.licences.importing.hall import Hall, companies, company_file, company_row, hall_of
from tests.licences.importing.killed_importer import ROWS_A_CHUNK
from tests.licences.world import World, furnish, open_world

ROOT = Path(__file__).parents[3]
COUNT = 4 * ROWS_A_CHUNK
BAD = 5


def rows() -> list[dict[str, str]]:
    """Return rows of which some are bad, and some collide."""
    made = [company_row(place) for place in range(COUNT)]
    for place in range(BAD - 1):
        made[place * ROWS_A_CHUNK + 7]["roleLabel"] = "法人代表"
    made[-1] = dict(made[0])
    return made


def killed(hall: Hall, folder: Path, file: Path, statement: str, turn: int, later: int = 0) -> bool:
    """Import in a process that is killed where it is told; return whether it came so far."""
    command = [
        sys.executable, "-m", "tests.licences.importing.killed_importer", hall.world.database.url,
        str(folder / "keys"), str(file), statement, str(turn), str(later),
    ]  # fmt: skip
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        stands = process.stdout.readline() == "in the middle\n"
        process.kill()
    return stands


def every_good_row_once(hall: Hall) -> None:
    """Compare what was stored, opened, with what the file holds."""
    bad = {place * ROWS_A_CHUNK + 7 for place in range(BAD - 1)} | {COUNT - 1}
    assert hall.numbers() == sorted(company_draft(place).number for place in range(COUNT) if place not in bad)
    assert hall.world.count("import_reject") == BAD
    assert len(hall.world.entries("licence")) == COUNT - BAD


@pytest.mark.parametrize(
    ("statement", "turn", "kept"),
    [
        pytest.param("UPDATE import_job", 3, None, marks=pytest.mark.soak),
        ("SAVEPOINT", 3, 2),
        pytest.param("RELEASE", 2, 1, marks=pytest.mark.soak),
        ("COMMIT", 6, None),
        ("AFTER", 3, 3),
    ],
)
def test_a_killed_import_goes_on_where_it_stopped(
    hall: Hall, tmp_path: Path, statement: str, turn: int, kept: int | None
) -> None:
    file = tmp_path / "companies.csv"
    file.write_bytes(company_file(rows()))
    assert killed(hall, tmp_path, file, statement, turn)
    job = hall.enrol(file.read_bytes())
    stopped = hall.imports.register.progress(job)
    assert stopped.state is JobState.RUNNING
    assert kept is None or stopped.done == kept * ROWS_A_CHUNK
    with pytest.raises(JobBusyError):
        hall.run(job, file.read_bytes())
    hall.advance(seconds=31)
    assert hall.run(job, file.read_bytes()).state is JobState.FINISHED
    every_good_row_once(hall)


@pytest.mark.soak
def test_an_import_killed_again_and_again_ends_with_every_good_row_once(hall: Hall, tmp_path: Path) -> None:
    file, dice = tmp_path / "companies.csv", random.Random(20261125)  # noqa: S311 - the same deaths every time
    file.write_bytes(company_file(rows()))
    statements = ("UPDATE import_job", "SAVEPOINT", "RELEASE", "COMMIT", "AFTER", "UPDATE job")
    for life in range(40):
        if not killed(hall, tmp_path, file, dice.choice(statements), dice.randint(1, 5), 31 * life):
            break
    hall.advance(seconds=31 * 41)
    with pytest.raises(AlreadyImportedError):
        hall.enrol(file.read_bytes())
    assert life > 2
    every_good_row_once(hall)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_ROWS", 30)


def kill(worker: Worker) -> None:
    os.kill(worker.process.pid, signal.SIGKILL)


@pytest.mark.usefixtures("small_chunks")
def test_a_worker_that_dies_is_replaced(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    file, asked, ask = company_file(rows()), [0], Worker.ask

    def dying(self: Worker, chunk: Any) -> Any:
        asked[0] += 1
        if asked[0] in {2, 5}:
            kill(self)
        return ask(self, chunk)

    monkeypatch.setattr(Worker, "ask", dying)
    assert hall.run(hall.enrol(file), file, workers=2).state is JobState.FINISHED
    every_good_row_once(hall)


@pytest.mark.usefixtures("small_chunks")
def test_rows_that_kill_every_worker_stop_the_import_and_nothing_else(
    sqlite_hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, asked, ask = company_file(rows()), [0], Worker.ask

    def dying(self: Worker, chunk: Any) -> Any:
        asked[0] += 1
        if asked[0] > 2:
            kill(self)
        return ask(self, chunk)

    monkeypatch.setattr(Worker, "ask", dying)
    job = sqlite_hall.enrol(file)
    with pytest.raises(ImportWorkerLostError):
        sqlite_hall.run(job, file, workers=1)
    stopped = sqlite_hall.imports.register.progress(job)
    assert (stopped.state, stopped.error, stopped.done) == (JobState.FAILED, "IMPORT_WORKER_LOST", 60)
    monkeypatch.undo()
    sqlite_hall.run(job, file)
    every_good_row_once(sqlite_hall)


def test_workers_end_with_the_import_and_have_nothing_secret_on_their_command_line(
    sqlite_hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Worker] = []
    lines: list[list[bytes]] = []

    class Watched(Worker):
        def __init__(self, start: Any) -> None:
            super().__init__(start)
            started.append(self)

        @override
        def ask(self, chunk: Any) -> Any:
            answer = super().ask(chunk)
            lines.append(Path(f"/proc/{self.process.pid}/cmdline").read_bytes().split(b"\0")[1:])
            return answer

    monkeypatch.setattr(workers, "Worker", Watched)
    file = companies(range(5))
    sqlite_hall.run(sqlite_hall.enrol(file), file, workers=2)
    assert [one.process.poll() is not None for one in started] == [True, True]
    assert lines == [[b"-m", b"hub.licences.importing.worker", b""]]


@pytest.fixture
def room() -> dict[str, int]:
    """Give how many pages the database file may still grow by."""
    return {"pages": 400}


@pytest.fixture
def small_world(sqlite_url: str, tmp_path: Path, room: dict[str, int]) -> Iterator[World]:
    """Give a hub whose database file may grow by some pages only."""
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


@pytest.mark.usefixtures("small_chunks")
def test_a_full_disk_keeps_whole_chunks_and_the_import_goes_on_when_there_is_room(
    small_world: World, room: dict[str, int]
) -> None:
    hall, file, told = hall_of(small_world), company_file(rows()), []
    job = hall.enrol(file)

    def noted(progress: ImportProgress) -> None:
        told.append(progress.done)

    with pytest.raises(UnavailableError) as refused:
        hall.run(job, file, told=noted)
    assert company_draft(0).number not in refused.value.message
    assert told
    assert hall.world.count("licence") + hall.world.count("import_reject") == told[-1] < COUNT
    room["pages"] = 100_000
    hall.world.database.engine.dispose()
    hall.advance(seconds=31)
    assert hall.run(job, file).state is JobState.FINISHED
    every_good_row_once(hall)
