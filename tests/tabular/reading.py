"""What must hold of whatever bytes a reader is given; the fuzzer and the property tests call it."""

import copy
import io
import zipfile
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from hub.catalogue.licence_type import ValidityKind
from hub.clock import Calendar
from hub.errors import HubError
from hub.licences.draft import Draft, check
from hub.licences.importing.drafting import Drafter
from hub.licences.importing.mapping import Map
from hub.licences.importing.suggestion import suggested
from hub.tabular.formats import open_table
from hub.tabular.rows import BadRow, Options, RawRow, Table
from tests.licences.drafts import TYPES
from tests.tabular.files import GOOD, SHEET, repacked

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
WORDS = {"$legalBasis": "虚构省电子证照管理办法第十条", "$reason": "数据迁移"}
_MOST_ROWS = 200


def document(draft: Draft) -> dict[str, Any]:
    """Return a draft as one JSON object, the way our own systems would write it."""
    ends = TYPES[draft.type_key].validity.kind in {ValidityKind.DATED, ValidityKind.YEARS}
    last = {"validUntil": draft.valid_until.isoformat() if draft.valid_until else "长期"} if ends else {}
    return copy.deepcopy({**draft.document(), "validFrom": draft.valid_from.isoformat(), **last})


def read_all(data: bytes, name: str, options: Options | None = None) -> list[RawRow | BadRow]:
    """Return the rows that bytes hold, none when they are refused; any other exception than a refusal comes out."""
    try:
        table = open_table(io.BytesIO(data), name, options)
        rows = list(islice(table.rows(), _MOST_ROWS))
    except HubError:
        return []
    _check(table, rows)
    return rows


def _check(table: Table, rows: list[RawRow | BadRow]) -> None:
    """Check that numbers grow and that reading goes on from any position with exactly the rows that remain."""
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    assert len(set(table.columns)) == len(table.columns)
    for place in {0, len(rows) // 2, len(rows) - 1} if rows else ():
        left = len(rows) - place - 1
        again = list(islice(table.rows(rows[place].position), left + (len(rows) < _MOST_ROWS)))
        assert repr(again) == repr(rows[place + 1 :])  # reprs: a number that is none is not equal to itself
        assert 0 <= table.done(rows[place].position) <= table.total


def draft_all(data: bytes, name: str, type_key: str) -> None:
    """Make drafts of whatever rows bytes hold: drafts or faults, and nothing else."""
    try:
        table = open_table(io.BytesIO(data), name)
        drafter = Drafter(suggested(table.columns, TYPES[type_key]).with_defaults(WORDS), TYPES[type_key], CALENDAR)
    except HubError:
        return
    for row in islice(table.rows(), _MOST_ROWS):
        if isinstance(row, RawRow):
            draft_row(drafter, row)


def draft_row(drafter: Drafter, row: RawRow) -> None:
    """Make a draft of a row: one that has passed the check, or faults."""
    checked = drafter.checked(row, None)
    assert checked
    if isinstance(checked, Draft):
        assert check(checked, TYPES[checked.type_key]) == checked


def parse_map(document: Any) -> None:
    """Read a map from whatever JSON value."""
    try:
        plan = Map.parse(document)
        Drafter(plan, TYPES["HouseholdRegister"], CALENDAR)
    except HubError:
        return


_WORKBOOK = GOOD["excel.xlsx"]


def workbook_with(part: str) -> Callable[[bytes], bytes]:
    """Return what puts bytes in place of a part of a workbook."""
    return lambda data: repacked(_WORKBOOK, {part: lambda _: data}, zipfile.ZIP_STORED)


PARTS: Mapping[str, Callable[[bytes], bytes]] = {
    part: workbook_with(part)
    for part in (SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "_rels/.rels")
}
