"""CPU time and memory of process trees, from /proc: what a server spends, its children and its ended children included.

`stat` counts in ticks of 10 ms and forgets no thread that ended; `schedstat` counts in nanoseconds and is taken for
processes of one thread, such as PostgreSQL's many. What a child spent stands in its parent's `stat` once it was waited
for. PostgreSQL's tree is asked for by the postmaster's id.
"""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError)
# Places in /proc/PID/stat after the name: parent, own user and system time, those of children that were waited for.
_PARENT, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 11, 12, 13, 14


def tree(process: int, proc: Path = PROC) -> list[int]:
    """Return a process and all its descendants that live."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in proc.iterdir():
        if entry.name.isdigit():
            with suppress(*_GONE):
                children[int(_stat(entry)[_PARENT])].append(int(entry.name))
    found = [process]
    for each in found:
        found += children[each]
    return found


def cpu_seconds(process: int, proc: Path = PROC) -> float:
    """Return the CPU time that a process and its descendants have used."""
    return sum(cpu_apart(process, proc))


def cpu_apart(process: int, proc: Path = PROC) -> tuple[float, float]:
    """Return the CPU time that a process has used itself, and that of its descendants, the ended ones included."""
    (own, ended), *others = (_cpu_of(proc / str(each)) for each in tree(process, proc))
    return own, ended + sum(sum(each) for each in others)


def _cpu_of(entry: Path) -> tuple[float, float]:
    """Return the CPU time of a process, and of its children that ended and were waited for."""
    try:
        stat = _stat(entry)
        ended = (int(stat[_CHILDREN_USER]) + int(stat[_CHILDREN_SYSTEM])) / _TICKS
        return _by_scheduler(entry) or (int(stat[_USER]) + int(stat[_SYSTEM])) / _TICKS, ended
    except _GONE:
        return 0.0, 0.0


def _by_scheduler(entry: Path) -> float | None:
    """Return the seconds of a process with one thread, to the nanosecond; None where ended threads would be missed."""
    if len(list((entry / "task").iterdir())) > 1 or not (entry / "schedstat").exists():
        return None
    return int((entry / "schedstat").read_text().split()[0]) / 1e9


def memory_megabytes(process: int, proc: Path = PROC) -> tuple[float, float]:
    """Return the memory of a process, and that of its descendants: proportional where the kernel tells (Pss), else resident (Rss)."""
    own, *others = (_memory_of(proc / str(each)) for each in tree(process, proc))
    return own, sum(others)


def _memory_of(entry: Path) -> float:
    for name, field in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        with suppress(OSError, StopIteration):
            lines = (entry / name).read_text().splitlines()
            return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024
    return 0.0


def stolen_seconds(proc: Path = PROC) -> float:
    """Return the time that the host took from all cores of this machine since it started."""
    return int((proc / "stat").read_text().split("\n", 1)[0].split()[8]) / _TICKS


def _stat(entry: Path) -> list[str]:
    return (entry / "stat").read_text().rpartition(")")[2].split()


def end(processes: Iterable[int], seconds: float = 10, proc: Path = PROC) -> None:
    """Wait for processes that are about to end, and kill those that do not: nothing may run on in the next round."""
    waiting, until = list(processes), time.monotonic() + seconds
    while (waiting := [each for each in waiting if _lives(proc / str(each))]) and time.monotonic() < until:
        time.sleep(0.05)
    for each in waiting:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _lives(entry: Path) -> bool:
    try:
        return _stat(entry)[0] != "Z"
    except _GONE:
        return False


# -- cores -----------------------------------------------------------------------------------------------------------


def cores() -> tuple[frozenset[int], frozenset[int]]:
    """Return the core of the server under test, and those of load and PostgreSQL; the same when there is one."""
    usable = sorted(os.sched_getaffinity(0))
    return frozenset(usable[:1]), frozenset(usable[1:] or usable)


def pin(process: int, where: frozenset[int]) -> None:
    """Keep a process tree, every thread of it, and what it starts later, on these cores."""
    for each in tree(process):
        for task in (PROC / str(each) / "task").glob("*"):  # nothing where it has ended meanwhile
            with suppress(*_GONE):
                os.sched_setaffinity(int(task.name), where)


@contextmanager
def pinned(where: frozenset[int]) -> Iterator[None]:
    """Keep this process and what it starts meanwhile on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, where)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
