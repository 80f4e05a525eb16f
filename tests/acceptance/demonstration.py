"""A demonstration, run as a user runs it, for the acceptance tests."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.acceptance.typed import typed

COMMAND = (sys.executable, "-m", "hub", "demo")
CHINESE = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}")
NUMBERS = re.compile(rb"[0-9A-Z]{18,}")
OUTSIDE_THE_RULE = ("demo.json", "clients")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `licence-hub demo` to its end."""
    return typed(("demo", *arguments), os.environ)


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield demo.json of a demonstration that serves, with the story it told under `story`; end it by Ctrl-C."""
    started = time.monotonic()
    with subprocess.Popen(
        [*COMMAND, "--dir", str(folder), "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            lines = []
            for line in process.stdout or ():
                lines.append(line)
                if "until Ctrl-C" in line:
                    break
            assert process.poll() is None, "".join(lines)
            manifest = json.loads((folder / "demo.json").read_text("utf-8"))
            yield {**manifest, "story": "".join(lines), "folder": folder, "seconds": time.monotonic() - started}
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    assert process.returncode in (0, 130), process.returncode


def plain_words(folder: Path, words: set[str]) -> dict[str, set[str]]:
    """Return the words that stand in the clear in the folder's files, by file; demo.json and client keys may hold them."""
    found = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        if path.relative_to(folder).parts[0] not in OUTSIDE_THE_RULE and (seen := _seen(path.read_bytes(), words)):
            found[path.name] = seen
    return found


def _seen(content: bytes, words: set[str]) -> set[str]:
    runs = {run.decode("utf-8", "ignore") for run in CHINESE.findall(content)} | {
        run.decode() for run in NUMBERS.findall(content)
    }
    sizes = {len(word) for word in words}
    return {
        piece
        for run in runs
        for size in sizes
        for piece in (run[i : i + size] for i in range(len(run) - size + 1))
        if piece in words
    }
