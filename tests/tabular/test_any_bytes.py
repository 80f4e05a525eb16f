"""Any bytes at all: rows, bad rows or a refusal, and reading goes on from any of them. The fuzzer does the same for longer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.licences.importing.drafting import Drafter
from hub.licences.importing.suggestion import suggested
from hub.tabular.rows import Cell, Options, RawRow, Spoilt
from tests.licences.drafts import TYPES, draft_of
from tests.tabular.files import GOOD
from tests.tabular.reading import CALENDAR, PARTS, WORDS, document, draft_all, draft_row, read_all

TEXTS = st.text("ab虚构,;\t\n\r\"'\x00{}[]:1.eE\\u，", max_size=60)
ENCODED = st.builds(
    lambda text, codec: text.encode(codec), TEXTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"])
)


def spoilt(name: str) -> st.SearchStrategy[bytes]:
    """Return a good file with some bytes changed, left out or put in."""
    edits = st.lists(st.tuples(st.integers(0, len(GOOD[name])), st.integers(0, 4), st.binary(max_size=4)), max_size=4)

    def edited(changes: list[tuple[int, int, bytes]]) -> bytes:
        data = GOOD[name]
        for place, left_out, put_in in changes:
            data = data[:place] + put_in + data[place + left_out :]
        return data

    return edits.map(edited)


@settings(deadline=None)
@given(
    ENCODED | st.binary(max_size=200),
    st.sampled_from([None, Options("utf-8"), Options("gb18030", ";"), Options("utf-16")]),
)
def test_any_text_is_read_as_csv(data: bytes, options: Options | None) -> None:
    read_all(data, "a.csv", options)


@settings(deadline=None)
@given(ENCODED | st.binary(max_size=200))
def test_any_text_is_read_as_json_lines(data: bytes) -> None:
    read_all(data, "a.jsonl")


@settings(deadline=None)
@given(
    st.sampled_from(sorted(name for name in GOOD if not name.endswith("parquet"))).flatmap(
        lambda name: st.tuples(st.just(name), spoilt(name))
    )
)
def test_any_spoilt_file_is_read(given_file: tuple[str, bytes]) -> None:
    read_all(given_file[1], given_file[0])


@settings(deadline=None, max_examples=15)  # each is decoded in a process of its own
@given(spoilt("plain.parquet"))
def test_any_spoilt_parquet_file_is_read(data: bytes) -> None:
    read_all(data, "a.parquet")


SHEETS = st.lists(
    st.sampled_from(['<row r="2">', '<row r="3">', "</row>", '<c r="A2">', '<c r="B2" t="s">', '<c r="A3" s="1">', "</c>", "<v>", "</v>", "7", "虚", "<f>", "</f>"])
    | st.sampled_from(["<sheetData>", "</sheetData>", "<worksheet>", "</worksheet>", '<mergeCell ref="A2:B3"/>', "<!-- -->", "&amp;", "<t>", "</t>", "<si>", "</si>"]),
    max_size=30,
)  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from(sorted(PARTS)),
    SHEETS.map(lambda parts: f"<x>{''.join(parts)}</x>".encode()) | st.binary(max_size=80),
)
def test_any_part_of_a_workbook_is_read(part: str, data: bytes) -> None:
    read_all(PARTS[part](data), "a.xlsx")


@settings(deadline=None)
@given(st.lists(st.text('0159X虚-/.,;"是\n', max_size=20), min_size=8, max_size=8))
@pytest.mark.parametrize("type_key", ["BusinessLicence", "HouseholdRegister"])
def test_any_cells_become_drafts_or_faults(type_key: str, cells: list[str]) -> None:
    header = (
        "number,holders[0].code,holders[0].name,issuedOn,name,members[0].name,members[0].isHead,members[0].birthDate"
    )
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    draft_all(f"{header}\n{quoted}\n".encode(), "a.csv", type_key)


CELLS: st.SearchStrategy[Cell] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.dates() | st.datetimes() | st.binary(max_size=4)
    | st.text(max_size=8) | st.sampled_from([Spoilt("MERGED", "x"), "长期", "是", "2026-1-2", "1,000", "a；b", "001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "code", "codeType", "x"]), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.data())
def test_any_nested_cells_become_drafts_or_faults(type_key: str, drawn: st.DataObject) -> None:
    whole: dict[str, Cell] = document(draft_of(type_key))
    drafter = Drafter(suggested(tuple(whole), TYPES[type_key]).with_defaults(WORDS), TYPES[type_key], CALENDAR)
    spoilt_members = drawn.draw(st.dictionaries(st.sampled_from(sorted(whole)), CELLS, max_size=3))
    draft_row(drafter, RawRow(1, whole | spoilt_members, "0:1"))
