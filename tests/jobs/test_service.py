"""Jobs: steps and cursors are one, workers take turns, and a kill costs nothing but the unfinished step."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, text

from hub.clock import SetClock, SystemClock
from hub.database import Database
from hub.errors import DamagedError, JobBusyError, JobUnknownError
from hub.jobs.service import Jobs, JobState, Progress, Step

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("killed_worker.py")
ITEMS = 20


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE processed (item INTEGER NOT NULL)"))
    yield database
    database.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 5, 4, 8, tzinfo=UTC))


@pytest.fixture
def jobs(database: Database, clock: SetClock) -> Jobs:
    return Jobs(database, clock)


def _process(session: Session, cursor: str) -> Step:
    first = int(cursor or 0)
    last = min(first + 3, ITEMS)
    for item in range(first, last):
        session.execute(text("INSERT INTO processed (item) VALUES (:item)"), {"item": item})
    return Step(str(last), last - first, finished=last == ITEMS)


def _processed(database: Database) -> list[int]:
    with database.snapshot() as session:
        return list(session.execute(text("SELECT item FROM processed ORDER BY item")).scalars())


def test_a_job_runs_step_by_step_to_its_end(jobs: Jobs, database: Database) -> None:
    job_id = jobs.start("COUNT", {"upto": ITEMS}, total=ITEMS)
    assert jobs.progress(job_id).state is JobState.WAITING
    told: list[Progress] = []
    finished = jobs.run(job_id, "worker", _process, told.append)
    assert [each.done for each in told] == [3, 6, 9, 12, 15, 18, 20]
    assert [each.state for each in told[:-1]] == [JobState.RUNNING] * 6
    assert finished == told[-1] == jobs.progress(job_id)
    assert (finished.state, finished.total, finished.arguments["upto"]) == (JobState.FINISHED, ITEMS, ITEMS)
    assert _processed(database) == list(range(ITEMS))


def test_a_finished_job_is_left_alone(jobs: Jobs, database: Database) -> None:
    job_id = jobs.start("COUNT", {})
    finished = jobs.run(job_id, "worker", _process)
    assert jobs.run(job_id, "worker", _process) == finished
    assert _processed(database) == list(range(ITEMS))


def test_a_failing_step_is_undone_keeps_its_code_and_the_job_goes_on(jobs: Jobs, database: Database) -> None:
    def fail_at_nine(session: Session, cursor: str) -> Step:
        step = _process(session, cursor)
        if cursor == "9":
            raise DamagedError
        return step

    job_id = jobs.start("COUNT", {})
    with pytest.raises(DamagedError):
        jobs.run(job_id, "worker", fail_at_nine)
    failed = jobs.progress(job_id)
    assert (failed.state, failed.error, failed.cursor, failed.done) == (JobState.FAILED, "STORED_DATA_DAMAGED", "9", 9)
    assert _processed(database) == list(range(9))
    assert jobs.run(job_id, "another", _process).error is None
    assert _processed(database) == list(range(ITEMS))


def test_an_unexpected_error_leaves_its_name_only(jobs: Jobs) -> None:
    def fail(_session: Session, _cursor: str) -> Step:
        raise ValueError("a value that nobody may see")

    job_id = jobs.start("COUNT", {})
    with pytest.raises(ValueError, match="nobody"):
        jobs.run(job_id, "worker", fail)
    assert jobs.progress(job_id).error == "ValueError"


def test_nobody_else_runs_a_leased_job(jobs: Jobs, clock: SetClock) -> None:
    job_id = jobs.start("COUNT", {})

    def intrude(_progress: Progress) -> None:
        clock.advance(seconds=29)  # the lease is renewed with every step
        with pytest.raises(JobBusyError):
            jobs.run(job_id, "worker", _process)

    assert jobs.run(job_id, "worker", _process, lambda each: intrude(each) if each.done < ITEMS else None).done == ITEMS


def test_a_worker_that_was_silent_too_long_finds_its_job_taken(jobs: Jobs, clock: SetClock, database: Database) -> None:
    job_id = jobs.start("COUNT", {})

    def oversleep(progress: Progress) -> None:
        if progress.done == 6:
            clock.advance(seconds=31)
            jobs.run(job_id, "another", _process)

    with pytest.raises(JobBusyError):
        jobs.run(job_id, "worker", _process, oversleep)
    assert jobs.progress(job_id).state is JobState.FINISHED
    assert jobs.progress(job_id).error is None
    assert _processed(database) == list(range(ITEMS))


def test_a_late_worker_whose_job_nobody_took_goes_on(jobs: Jobs, clock: SetClock, database: Database) -> None:
    job_id = jobs.start("COUNT", {})
    jobs.run(job_id, "worker", _process, lambda _progress: clock.advance(seconds=31))
    assert _processed(database) == list(range(ITEMS))


@pytest.mark.parametrize("moment", ["within", "after"])
def test_a_killed_workers_job_is_taken_over_and_every_item_is_processed_once(database: Database, moment: str) -> None:
    real = Jobs(database, SystemClock())
    job_id = real.start("COUNT", {})
    command = [sys.executable, str(WORKER), database.url, job_id, "4", moment]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"here\n"
        worker.kill()
        assert worker.wait() == -9
    committed = {"within": 9, "after": 12}[moment]
    assert _processed(database) == list(range(committed))
    with pytest.raises(JobBusyError):
        real.run(job_id, "impatient", _process)
    later = Jobs(database, SetClock(datetime.now(UTC) + timedelta(seconds=31)))
    told: list[Progress] = []
    later.run(job_id, "successor", _process, told.append)
    assert told[0].done == committed + 3
    assert _processed(database) == list(range(ITEMS))


def test_unfinished_jobs_of_a_kind_are_found_oldest_first(jobs: Jobs, clock: SetClock) -> None:
    ids = []
    for kind in ("COUNT", "OTHER", "COUNT", "COUNT"):
        ids.append(jobs.start(kind, {}))
        clock.advance(seconds=1)
    jobs.run(ids[2], "worker", _process)
    assert [each.id for each in jobs.unfinished("COUNT")] == [ids[0], ids[3]]


def test_a_job_nobody_started_is_unknown(jobs: Jobs) -> None:
    for ask in (jobs.progress, lambda job_id: jobs.run(job_id, "worker", _process)):
        with pytest.raises(JobUnknownError):
            ask("no such job")
