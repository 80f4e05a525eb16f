"""Files fed into a register: every good row once, the others told by number and reason, killed or not."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.errors import AuthorityMismatchError, ImportMapError, JobBusyError
from hub.identities.finding import Match
from hub.identities.importing import run
from hub.identities.refusals import RegisterImportedError
from hub.jobs.service import JobState
from tests.identities.killed_import import ROWS_A_CHUNK
from tests.identities.office import COLUMNS, MARKET, POLICE, Office, file_of, name_of, number_of, row_of
from tests.tabular.files import csv_of, jsonl_of, xlsx_of

ROOT = Path(__file__).parents[2]
COUNT = 4 * ROWS_A_CHUNK
BAD = 4
ORGANISATIONS = ("统一社会信用代码", "名称", "机构类型", "登记状态", "数据时间")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_ROWS", 7)


def rows() -> list[dict[str, str]]:
    """Return rows of which some are bad, one in each chunk."""
    made = [row_of(place) for place in range(COUNT)]
    for chunk in range(BAD):
        made[chunk * ROWS_A_CHUNK + 7]["status"] = "GONE"
    return made


def every_good_row_once(office: Office) -> None:
    """Compare what was stored with what the file holds."""
    assert office.count("register_entry") == len(office.records("register")) - 2 == COUNT - BAD
    bad = {chunk * ROWS_A_CHUNK + 7 for chunk in range(BAD)}
    pairs = [(number_of(place), name_of(place)) for place in range(COUNT)]
    expected = [Match.NO_MATCH if place in bad else Match.MATCH for place in range(COUNT)]
    assert office.matches(*pairs) == expected


@pytest.mark.usefixtures("small_chunks")
def test_good_rows_are_taken_and_bad_ones_told_without_a_value(office: Office) -> None:
    made = [row_of(place) for place in range(20)]
    made[3] |= {"number": number_of(3)[:-1] + "Y", "name": ""}
    made[11] = row_of(10, name="另一人")
    made[15] |= {"status": "死亡"}
    progress = office.take_in(file_of(made))
    assert progress.state is JobState.FINISHED
    assert progress.outcomes == {"ADDED": 18, "CONTRADICTED": 1, "REFUSED": 1}
    assert (progress.good, progress.bad, progress.read) == (19, 1, progress.amount)
    (rejected,) = office.imports.rejects(progress.id)
    assert rejected.number == 5
    assert [each.pointer for each in rejected.faults] == ["/number", "/name"]
    assert office.matches((number_of(10), name_of(10)), (number_of(10), "另一人")) == [Match.MATCH, Match.NO_MATCH]
    start, *_, finish = (each for each in office.records("register") if each["operation"].startswith("IMPORT"))
    assert (start["operation"], finish["outcomes"]) == ("IMPORT_START", dict(progress.outcomes))
    kept = str(office.rows("SELECT number, faults FROM register_reject"))
    assert number_of(3)[:-1] not in kept


def test_the_same_file_is_imported_once_and_a_later_time_makes_it_another(office: Office) -> None:
    file = file_of(map(row_of, range(3)))
    office.take_in(file)
    with pytest.raises(RegisterImportedError):
        office.take_in(file)
    again = office.take_in(file, as_of=office.clock.now())
    assert again.outcomes == {"CONFIRMED": 3}
    outdated = office.take_in(file_of(map(row_of, range(4))))
    assert outdated.outcomes == {"OUTDATED": 3, "ADDED": 1}


def test_columns_are_known_by_any_of_their_names_and_choices_in_chinese(office: Office) -> None:
    cells = [
        ("91990104MA9Y00004Q", "星河市云帆恒信餐饮有限公司", "企业", "存续", "2026-11-20"),
        ("x", "y", "z", "存续", "昨天"),
    ]
    wanted = {"authority": MARKET, "register": "Organisation", "as_of": None}
    first = office.take_in(csv_of(cells, ORGANISATIONS, "gb18030"), **wanted)
    assert first.outcomes == {"ADDED": 1, "REFUSED": 1}
    again = office.take_in(xlsx_of(cells[:1], ORGANISATIONS), format="xlsx", **wanted)
    assert again.outcomes == {"UNCHANGED": 1}
    assert {each.id for each in office.imports.all()} == {first.id, again.id}
    (rejected,) = office.imports.rejects(first.id)
    assert [each.pointer for each in rejected.faults] == ["/asOf"]
    ((as_of,),) = office.rows("SELECT as_of FROM register_entry")
    assert as_of == 1763568000 * 1_000_000 + 365 * 86400 * 1_000_000  # the day's beginning where authorities sit


def test_a_file_that_does_not_fit_is_refused_before_anything_is_noted(sqlite_office: Office) -> None:
    refused = [
        (csv_of([("1", "2")], ("number", "name")), {}, "status"),
        (csv_of([("1", "2", "3", "4")], (*COLUMNS, "phone")), {}, "Column 4"),
        (csv_of([("1", "2", "3", "4")], (*COLUMNS, "姓名")), {}, "another column"),
        (csv_of([("1", "2", "3")], COLUMNS), {"as_of": None}, "asOf"),
    ]  # fmt: skip
    for file, changes, told in refused:
        with pytest.raises(ImportMapError, match=told):
            sqlite_office.imports.check(sqlite_office.wanted(**changes), _opened(file))
    with pytest.raises(AuthorityMismatchError):
        sqlite_office.enrol(b"x", authority=MARKET)
    assert sqlite_office.count("job") == 0
    extra = csv_of([(*row_of(1).values(), "13800000000")], (*COLUMNS, "phone"))
    assert sqlite_office.take_in(extra, only_known=True).outcomes == {"ADDED": 1}


def test_numbers_that_a_spreadsheet_has_rounded_are_refused(sqlite_office: Office) -> None:
    row = (int(number_of(2)[:17] + "0"), name_of(2), "NORMAL")
    progress = sqlite_office.take_in(xlsx_of([row], COLUMNS), format="xlsx")
    assert progress.outcomes == {"REFUSED": 1}
    lines = jsonl_of([(number_of(2), name_of(2), "NORMAL"), (number_of(3), None, "NORMAL")], COLUMNS)
    assert sqlite_office.take_in(lines + b"{broken\n", format="jsonl").outcomes == {"ADDED": 1, "REFUSED": 2}


@pytest.mark.usefixtures("small_chunks")
def test_a_right_that_ends_stops_an_import_and_what_was_taken_stands(office: Office) -> None:
    file = file_of(map(row_of, range(20)))
    job = office.enrol(file)

    def end(_progress: object) -> None:
        if office.catalogue.may_feed(POLICE, "NaturalPerson"):
            office.catalogue.end_feeding(POLICE, "NaturalPerson")

    with pytest.raises(AuthorityMismatchError):
        office.run(job, file, end)
    assert office.count("register_entry") == 7
    office.catalogue.allow_feeding(POLICE, "NaturalPerson")
    assert office.run(job, file).outcomes == {"ADDED": 20}


def _opened(file: bytes) -> Any:
    return io.BytesIO(file)


def killed(office: Office, folder: Path, file: Path, statement: str, turn: int) -> bool:
    """Import in a process that is killed where it is told; return whether it came so far."""
    command = [
        sys.executable, "-m", "tests.identities.killed_import", office.database.url, str(folder / "keys"), str(file),
        statement, str(turn), "0",
    ]  # fmt: skip
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        stands = process.stdout.readline() == "in the middle\n"
        process.kill()
    return stands


@pytest.mark.parametrize(
    ("statement", "turn", "kept"),
    [
        ("UPDATE register_import", 3, 2),
        pytest.param("INSERT INTO register_reject", 2, 1, marks=pytest.mark.soak),
        pytest.param("COMMIT", 6, None, marks=pytest.mark.soak),
        ("AFTER", 3, 3),
    ],
)
def test_a_killed_import_goes_on_where_it_stopped(
    office: Office, tmp_path: Path, statement: str, turn: int, kept: int | None
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(file_of(rows()))
    assert killed(office, tmp_path, file, statement, turn)
    job = office.enrol(file.read_bytes())
    stopped = office.imports.progress(job)
    assert stopped.state is JobState.RUNNING
    assert kept is None or stopped.done == kept * ROWS_A_CHUNK
    with pytest.raises(JobBusyError):
        office.run(job, file.read_bytes())
    office.clock.advance(seconds=31)
    assert office.run(job, file.read_bytes()).outcomes == {"ADDED": COUNT - BAD, "REFUSED": BAD}
    every_good_row_once(office)
    office.log.integrate()
    assert office.log.verify({}).wrong == 0
