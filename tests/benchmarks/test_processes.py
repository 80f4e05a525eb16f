"""CPU accounting against processes whose spending is known, and against a made-up /proc."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.processes import cores, cpu_apart, cpu_seconds, end, memory_megabytes, pin, pinned, stolen_seconds, tree

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux has /proc")
SPEND = "import time, sys\nwhile time.process_time() < 0.3: pass\nprint('spent', flush=True)\nsys.stdin.read()"
PARENT = (
    "import subprocess, sys\n"
    f"child = subprocess.Popen([sys.executable, '-c', {SPEND!r}], stdin=subprocess.PIPE)\n"
    "sys.stdin.readline(); child.stdin.close(); child.wait(); print('waited', flush=True); sys.stdin.read()"
)


@contextmanager
def running(code: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "spent\n"
            yield process
        finally:
            process.kill()


def test_a_process_that_spent_a_third_of_a_second_is_seen_to_have() -> None:
    with running(SPEND) as process:
        assert 0.3 <= cpu_seconds(process.pid) < 0.6


def test_what_a_child_spends_counts_while_it_lives_and_after_it_was_waited_for() -> None:
    with running(PARENT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert len(tree(process.pid)) == 2
        while_it_lives = cpu_seconds(process.pid)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "waited\n"
        assert tree(process.pid) == [process.pid]
        assert while_it_lives >= 0.3
        assert cpu_seconds(process.pid) >= while_it_lives - 0.02  # ticks of 10 ms, twice
        own, others = cpu_apart(process.pid)
        assert own < 0.3 <= others + 0.02


def test_a_process_that_is_gone_has_spent_nothing_more() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert cpu_seconds(process.pid) == 0
    assert memory_megabytes(process.pid) == (0, 0)
    pin(process.pid, cores()[0])


def test_what_does_not_end_is_ended() -> None:
    with running(SPEND) as process:
        end([process.pid], seconds=0)
        assert process.wait() == -signal.SIGKILL
        end([process.pid], seconds=60)


def test_threads_that_ended_are_not_forgotten(tmp_path: Path) -> None:
    write_process(tmp_path, 7, threads=2, user=150, system=50, scheduled=1)
    assert cpu_seconds(7, tmp_path) == 200 / os.sysconf("SC_CLK_TCK")


def test_a_process_of_one_thread_is_counted_in_nanoseconds(tmp_path: Path) -> None:
    write_process(tmp_path, 7, threads=1, user=150, system=50, scheduled=2_003_000_000)
    assert cpu_seconds(7, tmp_path) == pytest.approx(2.003)


def test_where_the_kernel_keeps_no_schedstat_ticks_are_counted(tmp_path: Path) -> None:
    write_process(tmp_path, 7, threads=1, user=150, system=50, scheduled=None)
    assert cpu_seconds(7, tmp_path) == 200 / os.sysconf("SC_CLK_TCK")


def write_process(proc: Path, process: int, *, threads: int, user: int, system: int, scheduled: int | None) -> None:
    """Write a made-up process with a name that tries to confuse the reader."""
    entry = proc / str(process)
    for thread in range(threads):
        (entry / "task" / str(process + thread)).mkdir(parents=True)
    numbers = ["S", "1", *["0"] * 9, str(user), str(system), "0", "0", *["0"] * 30]
    (entry / "stat").write_text(f"{process} (post) 1 2 (gres) {' '.join(numbers)}")
    if scheduled is not None:
        (entry / "schedstat").write_text(f"{scheduled} 0 1\n")


def test_memory_is_that_of_a_process_and_its_children_apart() -> None:
    command = [sys.executable, "-c", "input(print('started', flush=True) or '')"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"started\n"
        own, of_children = memory_megabytes(os.getpid())
        child.communicate(b"\n")
    assert 5 < own < 5000
    assert 0 < of_children < own


def test_stolen_time_is_that_of_all_cores(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  1 2 3 4 5 6 7 800 9 10\ncpu0 1 2 3 4 5 6 7 400 9 10\n")
    assert stolen_seconds(tmp_path) == 800 / os.sysconf("SC_CLK_TCK")


def test_the_server_has_a_core_to_itself_where_there_are_two() -> None:
    before = os.sched_getaffinity(0)
    server, rest = cores()
    assert len(server) == 1
    assert (server & rest == set()) is (len(before) > 1)
    with pinned(server):
        assert os.sched_getaffinity(0) == server
    assert os.sched_getaffinity(0) == before
