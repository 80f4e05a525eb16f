"""JSON Lines: each line has one meaning, and numbers keep their digits."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ImportFileError
from hub.tabular import byte_lines, json_lines
from hub.tabular.json_lines import DEEPEST, JsonLinesTable
from hub.tabular.rows import BadRow, Options, RawRow


def read(data: bytes) -> list[RawRow | BadRow]:
    return list(JsonLinesTable(io.BytesIO(data), Options()).rows())


def reasons(data: bytes) -> list[tuple[int, str]]:
    return [(row.number, row.fault.reason if isinstance(row, BadRow) else "") for row in read(data)]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.lists(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), values, max_size=4), max_size=6),
    st.booleans(),
)
def test_what_was_written_is_read(written: list[dict[str, Any]], ascii_only: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    data = b"\xef\xbb\xbf" + b"\r\n\n".join(json.dumps(each, ensure_ascii=ascii_only).encode() for each in written)
    found = read(data)
    assert [row.cells for row in found if isinstance(row, RawRow)] == written
    table = JsonLinesTable(io.BytesIO(data), Options())
    for place, row in enumerate(found):
        assert list(table.rows(row.position)) == found[place + 1 :]


@pytest.mark.parametrize(
    "line",
    [
        b"[1]", b'"x"', b"1", b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":Infinity}', b"{'a':1}", b'{"a":1}{"b":2}', b'{"a":"\\ud800"}', b'{"a":"\xff"}',
        b'{"a":1e99999999999999999999}', b'{"a":' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a":"\x00"}',
    ],
)  # fmt: skip
def test_a_line_that_could_mean_two_things_is_told_and_the_next_is_read(line: bytes) -> None:
    assert reasons(b'{"a":0}\n' + line + b'\n{"a":1}') == [(1, ""), (2, "JSON"), (3, "")]


def test_numbers_keep_their_digits() -> None:
    (row,) = read(b'{"a":1.10,"b":12345678901234567890,"c":0.1,"d":1e2}')
    assert isinstance(row, RawRow)
    assert list(map(str, row.cells.values())) == ["1.10", "12345678901234567890", "0.1", "1E+2"]
    assert isinstance(row.cells["a"], Decimal)


def test_depth_is_bounded() -> None:
    deep = b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST
    assert reasons(deep) == [(1, "")]
    assert reasons(b'{"a":' + deep + b"}") == [(1, "JSON_DEPTH")]


def test_an_overlong_line_is_told_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (byte_lines, json_lines):
        monkeypatch.setattr(module, "LONGEST_ROW", 100)
    monkeypatch.setattr(byte_lines, "_BLOCK", 16)
    data = b'{"a":"' + b"x" * 1000 + b'"}\n{"a":1}\n'
    assert reasons(data) == [(1, "TOO_LONG"), (2, "")]
    table = JsonLinesTable(io.BytesIO(data), Options())
    first, second = table.rows()
    assert list(table.rows(first.position)) == [second]


def test_columns_are_those_of_the_first_rows() -> None:
    assert JsonLinesTable(io.BytesIO(b'{"a":1}\n{"b":2,"a":3}\n'), Options()).columns == ("a", "b")


def test_json_lines_are_utf_8() -> None:
    with pytest.raises(ImportFileError, match="UTF-8"):
        JsonLinesTable(io.BytesIO(b"{}"), Options("gb18030"))
