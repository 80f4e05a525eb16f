"""What a process keeps: nothing of what was large once."""

import platform
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PROGRAM: Final = """
from pathlib import Path
from threading import Thread
from hub.settling import give_back, settle

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def work():
    blocks = [bytes(2000) for _ in range(20_000)]
    kept.append(blocks[-1])  # the end of the heap is in use, as it is in a server

settle()
kept = []
for thread in [Thread(target=work) for _ in range(3)]:
    thread.start()
    thread.join()
large = resident()
give_back()
print(large - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another library of C")
def test_what_was_large_once_is_given_back() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, check=True, capture_output=True, text=True)
    assert int(told.stdout) > 20 << 20
