"""Packs in the browser: the tests of node beside this file, and changes as Python writes them."""

import os
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from keys import status_delta
from keys.status_bits import put
from tests.counters.front.node import HERE, front
from tests.node_packages import LONGEST_SECONDS

PLACES = 400
CHANGES = st.dictionaries(st.integers(0, PLACES - 1), st.integers(0, 3))


def test_packs_are_installed_updated_and_never_half_of_one(tmp_path: Path) -> None:
    environment = {**os.environ, "FRONT": str(front(tmp_path))}
    done = subprocess.run(
        ["node", "--test", str(HERE / "packs.test.mjs")], env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# tests 0" not in done.stdout


@given(before=CHANGES, changes=CHANGES)
def test_changes_taken_in_are_the_later_list(before: dict[int, int], changes: dict[int, int]) -> None:
    held = bytearray(PLACES // 4)
    for place, value in before.items():
        put(held, place, value, 2)
    later = bytearray(held)
    for place, value in changes.items():
        put(later, place, value, 2)
    assert status_delta.apply(bytes(held), status_delta.write(changes.items())) == later
