"""Parquet: Arrow's values become cells, and the process that decodes them may die without us."""

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from hub.errors import ImportFileError
from hub.tabular import parquet
from hub.tabular.parquet import ParquetTable
from hub.tabular.rows import BadRow, Options, RawRow, Spoilt
from hub.tabular.thrift import Compact, MalformedError
from tests.tabular.files import parquet_of


def table_of(data: bytes) -> ParquetTable:
    return ParquetTable(io.BytesIO(data), Options())


def test_values_of_every_kind_become_cells() -> None:
    moment = datetime(2026, 3, 2, 0, 15, tzinfo=UTC)
    data = parquet_of(
        {
            "text": ["虚构"], "large": pa.array(["x"], pa.large_string()), "dictionary": pa.array(["甲"]).dictionary_encode(), "none": pa.array([None]),
            "whole": [7], "unsigned": pa.array([2**64 - 1], pa.uint64()), "float": [0.1], "lost": [9.9e17], "nan": [float("nan")], "true": [True],
            "decimal": pa.array([Decimal("1.50")], pa.decimal128(10, 2)), "day": [date(2026, 11, 22)], "moment": pa.array([moment], pa.timestamp("us", "Asia/Shanghai")),
            "list": [["a", None]], "object": [{"name": "x", "on": date(2026, 1, 2), "f": 1.5}], "people": [[{"name": "x"}]], "bytes": [b"\x89PNG"],
            "time": [time(8)], "duration": [timedelta(1)], "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
            "far": pa.array([2**31 - 1], pa.int32()).view(pa.date32()),
        }
    )  # fmt: skip
    (row,) = table_of(data).rows()
    assert isinstance(row, RawRow)
    odd = Spoilt("CELL_KIND")
    assert row.cells == {
        "text": "虚构", "large": "x", "dictionary": "甲", "none": None, "whole": 7, "unsigned": 2**64 - 1, "float": Decimal("0.1"),
        "lost": Spoilt("DIGITS_LOST", "9.9e+17"), "nan": Spoilt("CELL_ERROR", "nan"), "true": True, "decimal": Decimal("1.50"), "day": date(2026, 11, 22),
        "moment": moment, "list": ["a", None], "object": {"name": "x", "on": date(2026, 1, 2), "f": Decimal("1.5")}, "people": [{"name": "x"}],
        "bytes": b"\x89PNG", "time": odd, "duration": odd, "map": [odd], "far": odd,
    }  # fmt: skip


def test_reading_goes_on_within_and_across_batches_and_row_groups() -> None:
    table = table_of(parquet_of({"n": list(range(1500))}, row_group_size=400))
    rows = list(table.rows())
    assert [row.number for row in rows] == list(range(1, 1501))
    for place in (0, 255, 256, 399, 400, 1023, 1498, 1499):
        assert list(table.rows(rows[place].position)) == rows[place + 1 :]


def test_a_file_on_disk_is_read_where_it_lies_by_two_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet_of({"n": list(range(600))}))
    with path.open("rb") as file:
        table = ParquetTable(file, Options())
        both = zip(table.rows(), table.rows(), strict=True)
        assert all(one == other for one, other in both)


def test_a_row_that_is_too_long_is_told_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(parquet_of({"t": ["x" * 9_000_000, "y"], "n": [1, 2]}))
    monkeypatch.setattr(parquet, "LONGEST_ROW", 8 * 1024 * 1024)
    first, second = table.rows()
    assert (isinstance(first, BadRow), second.number) == (True, 2)


def test_a_file_that_unpacks_without_end_ends_early() -> None:
    bomb = parquet_of({"a": pa.DictionaryArray.from_arrays([0] * 256, ["x" * 20_000_000])}, compression="zstd")
    assert len(bomb) < 100_000
    (row,) = table_of(bomb).rows()
    assert isinstance(row, BadRow)


def test_a_panic_of_the_library_is_a_damaged_file() -> None:
    data = parquet_of({"a": ["x", None, "y"] * 50})
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for place in range(4, footer):
        if data[place] == 2:  # bit widths and run lengths of the levels: a wrong one makes the library panic
            spoilt = data[:place] + b"\xff" + data[place + 1 :]
            try:
                rows = list(table_of(spoilt).rows())
            except ImportFileError:
                continue
            assert len(rows) <= 150


@pytest.mark.parametrize(
    "data",
    [b"\x1c" * 40, b"\x19\xff\xff\xff\xff\x7f", b"\x18\xff\xff\xff\xff\x7f", b"\x1d\x00", b"\x16" + b"\xff" * 12, b""],
)
def test_a_structure_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        Compact(data).struct()
