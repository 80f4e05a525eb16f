"""Jobs: steps and cursors are one, workers take turns, and a kill costs nothing but the unfinished step."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, text

from hub.clock import SetClock, SystemClock
from hub.database import Database
from hub.errors import DamagedError, JobBusyError, JobCancelledError, JobUnknownError, UnavailableError
from hub.jobs.service import Jobs, JobState, Progress, Step
from hub.jobs.worker import Worker

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


def test_who_holds_a_job_and_for_how_long_is_told(jobs: Jobs, clock: SetClock) -> None:
    job_id = jobs.start("COUNT", {})

    def intrude(progress: Progress) -> None:
        if progress.done == 3:
            clock.advance(seconds=12)
            with pytest.raises(
                JobBusyError, match="run by desk-1, last heard of 12 s ago; it can be taken over in 18 s"
            ):
                jobs.run(job_id, "desk-2", _process)

    jobs.run(job_id, "desk-1", _process, intrude)


def test_what_needs_no_lock_is_done_before_each_step(jobs: Jobs, database: Database) -> None:
    prepared: list[str] = []

    def ready(cursor: str) -> None:
        with database.transaction():  # nobody holds the writer
            prepared.append(cursor)

    jobs.run(jobs.start("COUNT", {}), "worker", _process, ready=ready)
    assert prepared == ["", "3", "6", "9", "12", "15", "18"]


def test_a_worker_that_prepares_for_long_is_heard_of(
    jobs: Jobs, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, renewed = jobs.start("COUNT", {}), threading.Event()
    monkeypatch.setattr("hub.jobs.service._HEARTBEAT", timedelta(milliseconds=1))
    renew = Jobs._renew

    def noted(self: Jobs, *lease: str) -> None:
        renew(self, *lease)
        renewed.set()

    monkeypatch.setattr(Jobs, "_renew", noted)

    def ready(cursor: str) -> None:
        if cursor == "6":
            clock.advance(seconds=40)
            for _ in range(2):  # one may have begun before
                renewed.clear()
                assert renewed.wait(60)
            with pytest.raises(JobBusyError):
                jobs.run(job_id, "another", _process)

    assert jobs.run(job_id, "worker", _process, ready=ready).done == ITEMS


def test_a_person_who_stops_a_worker_lets_go_of_its_job(jobs: Jobs, database: Database) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 6:
            raise KeyboardInterrupt

    job_id = jobs.start("COUNT", {})
    with pytest.raises(KeyboardInterrupt):
        jobs.run(job_id, "worker", _process, stop)
    stopped = jobs.progress(job_id)
    assert (stopped.state, stopped.error, stopped.done) == (JobState.WAITING, None, 6)
    jobs.run(job_id, "another", _process)
    assert _processed(database) == list(range(ITEMS))


def test_a_database_that_does_not_answer_leaves_the_job_waiting(jobs: Jobs) -> None:
    def fail(_session: Session, _cursor: str) -> Step:
        raise UnavailableError

    job_id = jobs.start("COUNT", {})
    with pytest.raises(UnavailableError):
        jobs.run(job_id, "worker", fail)
    assert (jobs.progress(job_id).state, jobs.progress(job_id).error) == (JobState.WAITING, "DATABASE_UNAVAILABLE")


def test_a_cancelled_job_ends_with_its_step_and_can_be_resumed(jobs: Jobs, database: Database) -> None:
    job_id = jobs.start("COUNT", {})

    def cancel(progress: Progress) -> None:
        if progress.done == 6:
            assert jobs.cancel(job_id).state is JobState.CANCELLED

    with pytest.raises(JobCancelledError):
        jobs.run(job_id, "worker", _process, cancel)
    assert (jobs.progress(job_id).state, jobs.progress(job_id).done) == (JobState.CANCELLED, 6)
    with pytest.raises(JobCancelledError):
        jobs.run(job_id, "worker", _process)
    with database.transaction() as session:
        assert jobs.resume(session, job_id, "OTHER")
    assert jobs.takeable("OTHER") == (job_id,)
    assert jobs.run(job_id, "worker", _process).kind == "OTHER"
    assert jobs.cancel(job_id).state is JobState.FINISHED
    with database.transaction() as session:
        assert not jobs.resume(session, job_id, "COUNT")
    assert _processed(database) == list(range(ITEMS))


def test_a_job_that_is_run_is_not_given_another_kind(jobs: Jobs, database: Database) -> None:
    job_id = jobs.start("COUNT", {})

    def resume(_progress: Progress) -> None:
        with database.transaction() as session:
            assert not jobs.resume(session, job_id, "OTHER")

    assert jobs.run(job_id, "worker", _process, resume).kind == "COUNT"


def test_a_worker_takes_what_waits_and_what_was_left_oldest_first(jobs: Jobs, clock: SetClock) -> None:
    def killed(_progress: Progress) -> None:
        raise SystemExit  # nothing is let go

    ids = []
    for _ in range(4):
        ids.append(jobs.start("COUNT", {}))
        clock.advance(seconds=1)
    with pytest.raises(SystemExit):
        jobs.run(ids[1], "killed", _process, killed)
    with pytest.raises(ValueError, match="no"):
        jobs.run(ids[2], "worker", _refuse)
    ran: list[str] = []
    worker = Worker(jobs, {"COUNT": lambda job: ran.append(jobs.run(job, "worker", _process).id), "OTHER": ran.append})
    worker.turn()
    assert ran == [ids[0], ids[3]]
    clock.advance(seconds=31)
    worker.turn()
    worker.turn()
    assert ran == [ids[0], ids[3], ids[1]]


def _refuse(_session: Session, _cursor: str) -> Step:
    raise ValueError("no")


def test_a_job_that_fails_never_stops_the_worker_nor_tells_the_log(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    ids = [jobs.start("COUNT", {}) for _ in range(3)]
    errors = iter([ValueError("诸葛若川"), UnavailableError("诸葛若川"), JobBusyError()])
    ran: list[str] = []

    def runner(job: str) -> None:
        ran.append(job)
        raise next(errors)

    Worker(jobs, {"COUNT": runner}).turn()
    assert sorted(ran) == sorted(ids)
    assert "诸葛若川" not in caplog.text
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_a_worker_waits_for_a_database_that_is_gone(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def gone(_kind: str) -> tuple[str, ...]:
        over.set()
        raise UnavailableError

    monkeypatch.setattr(jobs, "takeable", gone)
    Worker(jobs, {"COUNT": pytest.fail}).serve(over, pause=0)
