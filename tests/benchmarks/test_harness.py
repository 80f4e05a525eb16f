"""`make bench`: the parts run to their end and write a well-formed file. No figure is judged here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.lookup import BY_HAND, BY_SERVICES, HUB
from benchmarks.registry import BENCHMARKS
from benchmarks.results import Goal, read_parts

ROOT = Path(__file__).parents[2]


def check_file(folder: Path, *names: str) -> list[Goal]:
    """Return the goals, once the file tells of exactly these parts, each with tables of even rows."""
    text = (folder / "RESULTS.md").read_text("utf-8")
    assert re.findall(r"^## (\w+): ", text, re.MULTILINE) == list(names)
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    parts = read_parts(folder)
    assert list(parts) == list(names)
    outcomes = [part.outcome for part in parts.values()]
    assert all((each.goals and each.tables) or "not installed" in "".join(each.remarks) for each in outcomes)
    return [goal for part in parts.values() for goal in part.outcome.goals]


def test_one_part_is_measured_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["sealing", "--quick", "--output", str(tmp_path)])
    assert "round 2 of 2" in capsys.readouterr().out
    assert all(0 < goal.figure < 1 for goal in check_file(tmp_path, "sealing"))


def test_a_part_that_does_not_exist_is_refused_with_the_names_of_those_that_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["everything", "--output", str(tmp_path)])
    told = capsys.readouterr().err
    assert all(row.name in told for row in BENCHMARKS)


@pytest.mark.soak
def test_every_part_runs_in_its_quick_form(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=600, stdout=subprocess.DEVNULL)
    goals = check_file(tmp_path, *(row.name for row in BENCHMARKS))
    assert all(goal.figure > 0 for goal in goals)


@pytest.mark.soak
def test_where_a_look_ups_time_goes_is_told_of_all_who_answer_it() -> None:
    asked = ["lookup", "sqlite", "--rounds", "1", "--requests", "100", "--calls", "5"]
    command = [sys.executable, "-m", "benchmarks.in_process", *asked]
    told = subprocess.run(command, cwd=ROOT, check=True, timeout=120, capture_output=True, text=True).stdout
    for name in (HUB, BY_SERVICES, BY_HAND):
        assert re.search(rf"^{name}: [0-9.]+ us at the least", told, re.MULTILINE)
    assert re.search(r"^calls of a request: [0-9]+ of Python's functions", told, re.MULTILINE)
