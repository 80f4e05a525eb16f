"""Whole files: every good one reads the same, every bad one is told, and reading goes on from any position."""

import io
from itertools import islice

import pytest

from hub.errors import ImportFileError
from hub.tabular.formats import FORMATS, open_table
from hub.tabular.rows import BadRow, Options, RawRow, Table
from tests.tabular.files import (
    CLOSED,
    GOOD,
    HEADER,
    ROWS,
    SHEET,
    csv_of,
    cut,
    jsonl_of,
    merge,
    parquet_of,
    repacked,
    xlsx_of,
)


def table_of(name: str, data: bytes, options: Options | None = None) -> Table:
    return open_table(io.BytesIO(data), name, options)


def cells(table: Table) -> list[tuple[object, ...]]:
    return [tuple(row.cells.values()) for row in table.rows() if isinstance(row, RawRow)]


def reasons(table: Table) -> list[tuple[int, str]]:
    """Return the numbers of all rows, each with why it is bad."""
    return [(row.number, row.fault.reason if isinstance(row, BadRow) else "") for row in table.rows()]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_reads_the_same_in_every_form(name: str) -> None:
    table = table_of(name, GOOD[name])
    assert table.columns == HEADER
    assert cells(table) == list(ROWS)
    first = 1 if name.endswith(("jsonl", "parquet")) else 2
    assert [row.number for row in table.rows()] == [first, first + 1]


@pytest.mark.parametrize("name", GOOD)
def test_reading_goes_on_from_any_position(name: str) -> None:
    table = table_of(name, GOOD[name])
    rows = list(table.rows())
    for place, row in enumerate(rows):
        again = table_of(name, GOOD[name], table.found)
        assert list(again.rows(row.position)) == rows[place + 1 :]
        assert 0 <= table.done(row.position) <= table.total


@pytest.mark.parametrize("name", GOOD)
def test_positions_and_reprs_hold_no_data(name: str) -> None:
    for row in table_of(name, GOOD[name]).rows():
        assert row.position.replace(":", "").isdigit()
        assert "晨光" not in repr(row)


@pytest.mark.parametrize("name", CLOSED)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(name: str) -> None:
    data, word = CLOSED[name]
    with pytest.raises(ImportFileError, match=word) as refused:
        table_of(name, data)
    assert "晨光" not in refused.value.message


@pytest.mark.parametrize("position", ["x", "1", "1:2:3", "-1:2", "9999999:3", "0:0", "１:２", "40:99"])
@pytest.mark.parametrize("name", ["plain.csv", "plain.xlsx", "plain.parquet", "plain.jsonl"])
def test_a_position_of_another_file_is_refused(name: str, position: str) -> None:
    table = table_of(name, GOOD[name])
    if position == "0:0" and table.columns == HEADER and name.endswith(("jsonl", "parquet")):
        return  # where these begin
    with pytest.raises(ImportFileError):
        list(islice(table.rows(position), 1))


def test_the_format_may_be_said_when_the_name_does_not_tell() -> None:
    assert cells(open_table(io.BytesIO(csv_of()), "upload", kind="csv")) == list(ROWS)
    with pytest.raises(ImportFileError, match="csv"):
        open_table(io.BytesIO(csv_of()), "upload", kind="ods")
    assert FORMATS.keys() == {"csv", "jsonl", "xlsx", "parquet"}


def test_how_a_file_is_read_is_said() -> None:
    assert table_of("a.csv", csv_of(encoding="gb18030", delimiter=";")).found == Options("gb18030", ";")
    assert table_of("a.csv", csv_of(encoding="utf-16")).found == Options("utf-16", ",")


# -- files that end in the middle ----------------------------------------------------------------------------------------


def test_a_cut_csv_keeps_the_rows_before_the_cut() -> None:
    whole = csv_of()
    opened = whole.index(b'"')
    assert reasons(table_of("a.csv", whole[: opened + 9])) == [(2, ""), (3, "OPEN_QUOTE")]
    assert reasons(table_of("a.csv", whole[: opened - 3])) == [(2, "")]
    assert reasons(table_of("a.csv", csv_of(ROWS[:1]) + "虚".encode()[:2])) == [(2, ""), (3, "ENCODING")]
    assert reasons(table_of("a.csv", csv_of(ROWS[:1]) + "虚,甲".encode())) == [(2, ""), (3, "CELL_COUNT")]


def test_a_cut_file_of_json_lines_keeps_the_rows_before_the_cut() -> None:
    data = jsonl_of()
    assert reasons(table_of("a.jsonl", data[:-20])) == [(1, ""), (2, "JSON")]


def test_a_workbook_whose_sheet_breaks_off_keeps_the_rows_before() -> None:
    data = repacked(xlsx_of(), {SHEET: lambda sheet: sheet[: sheet.index(b'r="3"') + 9]})
    assert reasons(table_of("a.xlsx", data)) == [(2, ""), (3, "ENDS_EARLY")]
    table = table_of("a.xlsx", data)
    *_, last = table.rows()
    assert list(table.rows(last.position)) == []


def test_a_parquet_file_with_damaged_pages_ends_early() -> None:
    data = parquet_of(compression="none", use_dictionary=False).replace("晨光".encode(), b"\xff" * 6)
    assert reasons(table_of("a.parquet", data)) == [(1, "ENDS_EARLY")]


def test_a_cut_file_says_nothing_of_what_it_holds() -> None:
    for name in ("plain.csv", "plain.jsonl"):
        assert "晨光" not in repr(list(table_of(name, cut(GOOD[name])).rows()))


# -- merged cells ----------------------------------------------------------------------------------------------------------


def test_merged_cells_are_told_in_every_row_they_cover() -> None:
    rows = list(table_of("a.xlsx", xlsx_of(change=merge)).rows())
    assert [getattr(row.cells["名称"], "reason", None) for row in rows if isinstance(row, RawRow)] == ["MERGED"] * 2
    assert [row.cells["代码"] for row in rows if isinstance(row, RawRow)] == [ROWS[0][1], ROWS[1][1]]
