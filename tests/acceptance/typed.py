"""`licence-hub` as it is typed, in a process of its own: forked from one that has imported it, so that a command costs what it does and not its imports."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import Final

LONGEST_SECONDS: Final = 180
_STREAMS: Final = ("stdin", "stdout", "stderr")
_FORKING: Final = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["hub.cli", __name__])


def typed(arguments: Sequence[str | Path], environment: Mapping[str, str], answers: str = "") -> CompletedProcess[str]:
    """Run a command with these variables and no others; return its exit code and what it printed."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in _STREAMS]
        paths[0].write_text(answers, "utf-8")
        process = _FORKING.Process(
            target=_run, args=([str(each) for each in arguments], dict(environment), [str(each) for each in paths])
        )
        process.start()
        process.join(LONGEST_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError
        printed, told = (path.read_text("utf-8") for path in paths[1:])
        return CompletedProcess(arguments, process.exitcode, printed, told)


def _run(arguments: list[str], environment: dict[str, str], paths: list[str]) -> None:
    for number, (path, flags) in enumerate(zip(paths, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        os.dup2(os.open(path, flags), number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["licence-hub", *arguments]
    from hub.cli import main  # noqa: PLC0415 - imported already, where this was forked from

    main()
