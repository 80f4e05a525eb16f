"""CSV: encodings, delimiters, quotation marks and bounds."""

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ImportFileError
from hub.tabular import byte_lines, delimited, rows
from hub.tabular.byte_lines import ByteLines
from hub.tabular.delimited import DelimitedTable
from hub.tabular.rows import BadRow, Options, RawRow
from tests.tabular.files import ROWS, csv_of

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")


def read(data: bytes, options: Options | None = None) -> list[RawRow | BadRow]:
    return list(DelimitedTable(io.BytesIO(data), options or Options()).rows())


def reasons(data: bytes, options: Options | None = None) -> list[tuple[int, str]]:
    return [(row.number, row.fault.reason if isinstance(row, BadRow) else "") for row in read(data, options)]


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)


@given(st.lists(st.tuples(texts, texts, texts), max_size=8), st.sampled_from(ENCODINGS), st.sampled_from(",\t;，|"))
def test_what_was_written_is_read(written: list[tuple[str, ...]], encoding: str, delimiter: str) -> None:
    data = csv_of(written, ("a", "b", "c"), encoding, delimiter=delimiter)
    table = DelimitedTable(io.BytesIO(data), Options(encoding.removesuffix("-sig"), delimiter))
    found = list(table.rows())
    assert [tuple(row.cells.values()) for row in found if isinstance(row, RawRow)] == [
        row for row in written if any(map(str.strip, row))
    ]
    for place, row in enumerate(found):
        assert list(table.rows(row.position)) == found[place + 1 :]


@given(
    st.text("a\r\n虚\u2028\x0b", max_size=60),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "gb18030"]),
    st.integers(1, 7),
)
def test_lines_are_cut_the_same_whatever_the_blocks(text: str, codec: str, block: int) -> None:
    data = text.encode(codec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byte_lines, "_BLOCK", block)
        lines = ByteLines(io.BytesIO(data), wide=codec if codec.startswith("utf-16") else "")
        found = [(line, lines.offset) for line in lines]
    assert b"".join(line for line, _ in found) == data
    assert [line.decode(codec) for line, _ in found] == list(io.StringIO(text, newline=""))
    assert [end for _, end in found] == [
        sum(len(line) for line, _ in found[: place + 1]) for place in range(len(found))
    ]


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("甲,乙\n", "CELL_COUNT"),
        ("甲,乙,丙,丁\n", "CELL_COUNT"),
        ("甲,乙,\0\n", "NUL"),
        ('甲,"乙"丙,丁\n', "QUOTES"),
        ('甲,"乙,丙\n', "OPEN_QUOTE"),
        ("甲,乙,丙,,\n", ""),
        ("甲,,\n", ""),
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_bad_row_is_told_and_the_next_is_read(rest: str, reason: str, encoding: str) -> None:
    data = ("a,b,c\n1,2,3\n" + rest + "\n  \n4,5,6").encode(encoding)
    expected = [(2, ""), (3, reason)] + ([] if reason == "OPEN_QUOTE" else [(6, "")])
    assert reasons(data) == expected


def test_a_row_in_another_encoding_is_told_when_a_person_says_which_it_is() -> None:
    data = csv_of(ROWS[:1]) + '"甲\n乙",2,3\n'.encode("gb18030") + b"4,5,6\n"
    assert reasons(data, Options("utf-8")) == [(2, ""), (3, "ENCODING"), (4, "")]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-7", "", "utf-16"])
def test_an_encoding_that_is_not_read_is_refused(encoding: str) -> None:
    with pytest.raises(ImportFileError):
        read(csv_of(), Options(encoding))


def test_a_file_whose_lines_could_be_either_is_refused() -> None:
    with pytest.raises(ImportFileError, match="line 3"):
        read("a\n虚构\n".encode() + "虚构市联通\n".encode("gb18030") * 3)


def test_one_word_that_is_valid_in_both_does_not_confuse() -> None:
    data = "名\n联通\n".encode("gb18030") + "虚构市移动公司\n".encode("gb18030") * 20
    first = read(data)[0]
    assert isinstance(first, RawRow)
    assert first.cells["名"] == "联通"


@pytest.mark.parametrize("delimiter", ["", '"', "ab", "\n", "\0"])
def test_a_delimiter_is_one_character(delimiter: str) -> None:
    if not delimiter:
        assert len(read(csv_of(), Options(delimiter=delimiter))) == len(ROWS)
        return
    with pytest.raises(ImportFileError):
        read(csv_of(), Options(delimiter=delimiter))


# -- bounds ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def short_rows(monkeypatch: pytest.MonkeyPatch) -> int:
    longest = 1000
    for module in (rows, byte_lines, delimited):
        monkeypatch.setattr(module, "LONGEST_ROW", longest)
    monkeypatch.setattr(byte_lines, "_BLOCK", 64)
    return longest


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_open_quotation_mark_ends_the_reading_in_bounded_memory(short_rows: int, encoding: str) -> None:
    data = ('a,b\n1,2\n3,"' + "x\n" * short_rows + "4,5\n").encode(encoding)
    table = DelimitedTable(io.BytesIO(data), Options(encoding.removesuffix("-sig")))
    found = list(table.rows())
    assert [(row.number, isinstance(row, BadRow)) for row in found] == [(2, False), (3, True)]
    assert list(table.rows(found[-1].position)) == []


@pytest.mark.parametrize("wide", ["", "utf-16-le"])
def test_an_overlong_line_is_skipped_by_its_bytes(short_rows: int, wide: str) -> None:
    def encoded(text: str) -> bytes:
        return text.encode(wide or "utf-8")

    data = encoded("a\n" + "虚" * short_rows + "\r\nb\n")
    lines = ByteLines(io.BytesIO(data), wide=wide)
    assert next(lines) == encoded("a\n")
    with pytest.raises(byte_lines.OverlongError):
        next(lines)
    assert lines.offset == len(data) - len(encoded("b\n"))
    assert list(lines) == [encoded("b\n")]


def test_positions_are_right_across_blocks() -> None:
    source = random.Random(7)  # noqa: S311 - a draw that can be repeated
    written = [("甲" * source.randrange(3000), "x\ny" * source.randrange(500), str(place)) for place in range(300)]
    table = DelimitedTable(io.BytesIO(csv_of(written, encoding="gb18030")), Options())
    found = list(table.rows())
    assert len(found) == len(written)
    for place in source.sample(range(len(found)), 20):
        (following,) = [next(iter(table.rows(found[place].position)), None)]
        assert following == (found[place + 1] if place + 1 < len(found) else None)
