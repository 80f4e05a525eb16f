"""RESULTS.md: a missed reach is told, a part that is measured again replaces itself, and nothing is lost between runs."""

from dataclasses import replace
from pathlib import Path

from benchmarks.__main__ import write
from benchmarks.results import Goal, Outcome, Part, Table, read_parts

MISSED = Goal("CPU of the bare endpoint / of the hub", 0.12, 0.25)
MET = Goal("memory of the server", 148, 250, " MB", at_most=True)
PART = Part(
    "lookup", "look-ups", Outcome((MISSED, MET), (Table("By | size", ("server", "us"), (("hub", "1,000"),)),), ("Steal: none.",)),
    "2026-11-25 10:00 UTC", "make bench", "abc1234", 90, {"cores": "2 x invented"},
)  # fmt: skip
OTHER = replace(PART, name="sealing", outcome=Outcome())


def written(folder: Path, *parts: Part) -> str:
    write(folder, {part.name: part for part in parts})
    return (folder / "RESULTS.md").read_text("utf-8")


def test_a_goal_is_met_from_its_own_side() -> None:
    assert not MISSED.met
    assert MET.met
    assert not replace(MET, figure=250.1).met
    assert replace(MISSED, figure=0.25).met


def test_a_missed_reach_says_so_with_its_figure(tmp_path: Path) -> None:
    text = written(tmp_path, PART)
    assert "| CPU of the bare endpoint / of the hub | 0.12 | at least 0.25 | MISSED: 0.12 |" in text
    assert "| memory of the server | 148 MB | at most 250 MB | met |" in text


def test_the_file_tells_how_to_make_it_again(tmp_path: Path) -> None:
    text = written(tmp_path, PART)
    for fact in ("2026-11-25 10:00 UTC", "abc1234", "`make bench`", "2 x invented", "1.5 minutes", "- Steal: none."):
        assert fact in text


def test_every_row_of_a_table_has_as_many_cells_as_its_head(tmp_path: Path) -> None:
    awkward = replace(PART, outcome=Outcome(tables=(Table("t", ("a", "b"), (("x | y", "z"),)),)))
    rows = [line for line in written(tmp_path, awkward).splitlines() if line.startswith("| x")]
    assert rows == ["| x / y | z |"]


def test_what_was_measured_before_stays_until_it_is_measured_again(tmp_path: Path) -> None:
    written(tmp_path, PART, OTHER)
    kept = read_parts(tmp_path)
    assert kept == {"lookup": PART, "sealing": OTHER}
    again = replace(PART, measured="2026-11-26 08:00 UTC")
    text = written(tmp_path, *(kept | {"lookup": again}).values())
    assert "2026-11-26 08:00 UTC" in text
    assert text.count("2026-11-25 10:00 UTC") == 1


def test_parts_of_two_machines_are_not_mixed_up(tmp_path: Path) -> None:
    text = written(tmp_path, PART, replace(OTHER, machine={"cores": "64 x other"}))
    assert "## Machine of lookup" in text
    assert "## Machine of sealing" in text
