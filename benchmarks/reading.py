"""What reading costs: from a file's bytes to drafts that the licence type's rules have passed, before anything is sealed.

CPU of this process and of those it waited for, a row, in each format; the same companies in all of them.
"""

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import orjson
import pyarrow as pa
from pyarrow import parquet

from benchmarks.companies import TYPE, WORDS, row
from benchmarks.results import Goal, Outcome, Table
from benchmarks.workshop import Workshop
from hub.catalogue.licence_type import load_shipped
from hub.clock import Calendar
from hub.licences.draft import Draft
from hub.licences.importing.drafting import Drafter
from hub.licences.importing.suggestion import suggested
from hub.tabular.formats import open_table
from hub.tabular.rows import RawRow

ROWS, ROUNDS, MOST = 5_000, 5, 150

Rows = Sequence[Mapping[str, Any]]


def run(workshop: Workshop) -> Outcome:
    """Read the same rows in every format."""
    del workshop
    rows = [row(place) for place in range(ROWS)]
    told = [(name, *_costs(write(rows), name)) for name, write in _WRITERS.items()]
    goal = Goal(
        "CPU of a row of CSV, from bytes to a checked draft", told[0][1] + told[0][2], MOST, " us", at_most=True
    )
    lines = tuple(
        (name, f"{reading:.1f}", f"{drafting:.1f}", f"{reading + drafting:.1f}") for name, reading, drafting in told
    )
    table = Table(
        f"Reading, {len(rows[0])} columns", ("format", "row read, us", "drafted and checked, us", "together, us"), lines
    )
    return Outcome((goal,), (table,), (f"Best of {ROUNDS} runs of {ROWS:,} rows, opening included.",))


def _costs(data: bytes, name: str) -> tuple[float, float]:
    """Return CPU microseconds a row of reading, and of drafting and checking."""
    licence_type = next(each for each in load_shipped() if each.key == TYPE)
    reading, drafting = [], []
    for _ in range(ROUNDS):
        start = _cpu()
        table = open_table(io.BytesIO(data), f"a.{name}")
        rows = [each for each in table.rows() if isinstance(each, RawRow)]
        read = _cpu()
        plan = suggested(table.columns, licence_type).with_defaults(WORDS)
        drafter = Drafter(plan, licence_type, Calendar(ZoneInfo("Asia/Shanghai")), table.columns)
        made = sum(isinstance(drafter.checked(each, None), Draft) for each in rows)
        if made != ROWS:
            raise AssertionError(f"{made} of {ROWS} rows became drafts")
        reading.append(read - start)
        drafting.append(_cpu() - read)
    return min(reading) / ROWS * 1e6, min(drafting) / ROWS * 1e6


def _cpu() -> float:
    return sum(os.times()[:4])


def _csv(rows: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(_lines(rows))
    return text.getvalue().encode("gb18030")


def _lines(rows: Rows) -> Iterable[Iterable[Any]]:
    return chain([rows[0]], (each.values() for each in rows))


def _jsonl(rows: Rows) -> bytes:
    return b"\n".join(map(orjson.dumps, rows))


def _xlsx(rows: Rows) -> bytes:
    workbook, data = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = workbook.create_sheet()
    for line in _lines(rows):
        sheet.append(list(line))
    workbook.save(data)
    return data.getvalue()


def _parquet(rows: Rows) -> bytes:
    data = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([dict(each) for each in rows]), data)
    return data.getvalue()


_WRITERS: Mapping[str, Callable[[Rows], bytes]] = {"csv": _csv, "jsonl": _jsonl, "xlsx": _xlsx, "parquet": _parquet}
