"""XLSX: what Excel writes is read for what it is, and never for more."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ImportFileError
from hub.tabular.references import Merged, Mergers
from hub.tabular.rows import BadRow, Cell, Options, RawRow, Spoilt
from hub.tabular.workbook import WorkbookTable
from tests.tabular.files import SHEET, like_excel, repacked, xlsx_of

HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'


def table_of(data: bytes, sheet: str | None = None) -> WorkbookTable:
    return WorkbookTable(io.BytesIO(data), Options(sheet=sheet))


def cell_of(xml: str, texts: tuple[str, ...] = ()) -> Cell:
    """Return what a cell of column A in row 2 is read as."""
    table = table_of(like_excel(f'{HEADER}<row r="2"><c r="A2" {xml}</c><c r="B2" t="b"><v>1</v></c></row>', texts))
    (row,) = table.rows()
    assert isinstance(row, RawRow)
    return row.cells["a"]


@pytest.mark.parametrize(
    ("xml", "read"),
    [
        ("><v>12</v>", 12),
        ("><v>12.50</v>", Decimal("12.50")),
        ("><v>0.30000000000000004</v>", Decimal("0.300000000000000")),
        ("><v>1E3</v>", 1000),
        ("><v>999999999999999</v>", 999_999_999_999_999),
        ("><v>99020019850312001</v>", Spoilt("DIGITS_LOST", "99020019850312001")),
        ("><v>9.9020019850312E+17</v>", Spoilt("DIGITS_LOST", "9.9020019850312E+17")),
        ("><v>NaN</v>", Spoilt("CELL_ERROR", "NaN")),
        ("><v>" + "9" * 41 + "</v>", Spoilt("CELL_ERROR", "9" * 40)),
        ('t="s"><v>0</v>', "共享"),
        ('t="s"><v>7</v>', Spoilt("CELL_ERROR", "7")),
        ('t="s"><v>-1</v>', Spoilt("CELL_ERROR", "-1")),
        ('t="str"><f>A1</f><v>结果</v>', "结果"),
        ('t="str"><f>A1</f><v></v>', None),
        ('t="str"><v>一_x000D_\n二</v>', "一\r\n二"),
        ("><f>1+1</f><v>2</v>", 2),
        ("><f>1+1</f>", Spoilt("FORMULA")),
        ("><f>1+1</f><v/>", Spoilt("FORMULA")),
        ('t="e"><v>#N/A</v>', Spoilt("CELL_ERROR", "#N/A")),
        ('t="b"><v>0</v>', False),
        ('t="d"><v>2026-11-22</v>', date(2026, 11, 22)),
        ('t="d"><v>2026-11-22T08:30:00</v>', datetime(2026, 11, 22, 8, 30)),  # noqa: DTZ001 - a workbook's times have no zone
        ('t="d"><v>soon</v>', Spoilt("CELL_ERROR", "soon")),
        ('t="inlineStr"><is><r><t>一</t></r><r><t>二</t></r><rPh><t>yi</t></rPh></is>', "一二"),
        ('s="1"><v>46348</v>', date(2026, 11, 22)),
        ('s="2"><v>46348</v>', date(2026, 11, 22)),
        ('s="4"><v>46348</v>', date(2026, 11, 22)),
        ('s="1"><v>46348.5</v>', datetime(2026, 11, 22, 12)),  # noqa: DTZ001 - as above
        ('s="1"><v>60</v>', Spoilt("DATE_IMPOSSIBLE", "60")),
        ('s="1"><v>-5</v>', Spoilt("DATE_IMPOSSIBLE", "-5")),
        ('s="1"><v>99999999</v>', Spoilt("DATE_IMPOSSIBLE", "99999999")),
        ('s="1"><v>0.5</v>', Spoilt("DATE", "0.5")),
        ('s="3"><v>42</v>', "000042"),
        ('s="5"><v>42</v>', 42),
        ('s="99"><v>42</v>', 42),
        ("><v> </v>", Spoilt("CELL_ERROR", " ")),
        (">", None),
    ],
)  # fmt: skip
def test_a_cell_is_read_for_what_it_is(xml: str, read: Cell) -> None:
    found = cell_of(xml, ("<t>共享</t>",))
    assert (type(found), found) == (type(read), read)


def test_days_counted_from_1904_are_the_same_days() -> None:
    data = repacked(
        like_excel(f'{HEADER}<row r="2"><c r="A2" s="1"><v>44886</v></c></row>'),
        {"xl/workbook.xml": lambda part: part.replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>')},
    )
    (row,) = table_of(data).rows()
    assert isinstance(row, RawRow)
    assert row.cells["a"] == date(2026, 11, 22)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.dates(date(1901, 1, 1)), st.integers(-(10**14), 10**14), st.text("虚构 ab<&>\n", min_size=1, max_size=9)
        ),
        max_size=5,
    )
)
def test_what_the_library_writes_is_read(written: list[tuple[Any, ...]]) -> None:
    rows = [row.cells for row in table_of(xlsx_of(written, ("d", "n", "t"))).rows() if isinstance(row, RawRow)]
    assert [tuple(cells.values()) for cells in rows] == written


def test_blank_rows_and_cells_are_left_out_and_numbers_stay() -> None:
    data = like_excel(f'{HEADER.replace("1", "3")}<row r="5"/><row r="9"><c r="B9"><v>1</v></c></row>')
    (row,) = table_of(data).rows()
    assert isinstance(row, RawRow)
    assert (row.number, row.cells) == (9, {"a": None, "b": 1})


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="2"/>', '<row r="2"><c r="B2"/><c r="A2"/></row>', '<row r="2"><c r="A3"/></row>',
        '<row r="0"/>', '<row r="1048577"/>', '<row r="x"/>', '<row r="2"><c r="XFE2"/></row>', "<row", "<row>" * 70, '<row r="2"><c r="A2">&b;</c></row>',
    ],
)  # fmt: skip
def test_a_sheet_that_is_out_of_order_ends_where_it_is(rows: str) -> None:
    found = list(table_of(like_excel(HEADER + rows)).rows())
    assert isinstance(found[-1], BadRow)
    assert found[-1].fault.reason == "ENDS_EARLY"


def test_a_row_wider_than_the_header_is_bad() -> None:
    (row,) = table_of(like_excel(f'{HEADER}<row r="2"><c r="C2"><v>1</v></c></row>')).rows()
    assert isinstance(row, BadRow)
    assert row.fault.reason == "CELL_COUNT"


# -- sheets, merged cells ----------------------------------------------------------------------------------------------------


def test_the_first_sheet_that_is_shown_is_read_or_the_one_named() -> None:
    data = like_excel(HEADER)
    assert table_of(data).columns == table_of(data, "清单").columns == ("a", "b")
    assert table_of(data, "封面").columns == ("封面",)
    with pytest.raises(ImportFileError, match="of this name"):
        table_of(data, "无")


def test_merged_cells_reach_over_their_whole_range_and_no_further() -> None:
    rows = "".join(
        f'<row r="{place}"><c r="A{place}"><v>1</v></c><c r="B{place}"><v>2</v></c></row>' for place in range(2, 7)
    )
    data = like_excel(
        HEADER + rows, after='<mergeCells count="2"><mergeCell ref="B3:D4"/><mergeCell ref="A6"/></mergeCells>'
    )
    found = [
        tuple("M" if isinstance(cell, Spoilt) else cell for cell in row.cells.values())
        for row in table_of(data).rows()
        if isinstance(row, RawRow)
    ]
    assert found == [(1, 2), (1, "M"), (1, "M"), (1, 2), ("M", 2)]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5), st.integers(1, 6), st.integers(0, 3)), max_size=8),
    st.integers(1, 6),
)
def test_merged_columns_are_those_of_the_ranges(drawn: list[tuple[int, ...]], width: int) -> None:
    ranges = [Merged(row, row + more, column, column + wider) for row, more, column, wider in drawn]
    mergers = Mergers(ranges, width)
    for row in range(1, 16):
        covering = [each for each in ranges if each.first_row <= row <= each.last_row]
        expected = {
            column for each in covering for column in range(each.first_column, each.last_column + 1) if column <= width
        }
        assert set(mergers.columns(row)) == expected


def test_macros_and_links_are_not_looked_at() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(xlsx_of()))
    workbook["Sheet"]["A2"].hyperlink = "http://127.0.0.1:9/"
    data = io.BytesIO()
    workbook.save(data)
    assert len(list(table_of(data.getvalue()).rows())) == 2


def test_a_sheet_in_utf_16_is_read_with_its_merged_cells() -> None:
    data = like_excel(
        f'{HEADER}<row r="2"><c r="A2"><v>1</v></c></row>', after='<mergeCells><mergeCell ref="A2:B2"/></mergeCells>'
    )
    wide = repacked(data, {SHEET: lambda part: part.decode().replace("UTF-8", "UTF-16").encode("utf-16")})
    (row,) = table_of(wide).rows()
    assert isinstance(row, RawRow)
    assert row.cells == {"a": Spoilt("MERGED", "1"), "b": Spoilt("MERGED")}
