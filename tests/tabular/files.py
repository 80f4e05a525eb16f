"""Makes the files that the tests import, good and bad: one bad one for each thing that can go wrong. Invented data of region 99."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import pyarrow as pa
from pyarrow import parquet

HEADER = ("名称", "代码", "日期")
ROWS = (
    ("虚构市晨光食品有限公司", "91990200MA0000011N", "2026-11-22"),
    ("虚构市\n安和药房", "91990200MA0000022T", "2026/1/2"),
)
OLD_WORKBOOK = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def csv_of(
    rows: Sequence[Sequence[object]] = ROWS, header: Sequence[str] = HEADER, encoding: str = "utf-8", **style: Any
) -> bytes:
    """Write CSV."""
    text = io.StringIO()
    csv.writer(text, **style).writerows((header, *rows))
    return text.getvalue().encode(encoding)


def jsonl_of(rows: Sequence[Sequence[object]] = ROWS, header: Sequence[str] = HEADER) -> bytes:
    """Write JSON Lines."""
    return b"".join(
        json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False).encode() + b"\n" for row in rows
    )


def xlsx_of(
    rows: Sequence[Sequence[object]] = ROWS,
    header: Sequence[object] = HEADER,
    change: Callable[[openpyxl.Workbook], object] = lambda _: None,
) -> bytes:
    """Write a workbook, after a change to it."""
    workbook = openpyxl.Workbook()
    for row in (header, *rows):
        workbook.active.append(list(row))
    change(workbook)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def parquet_of(columns: Mapping[str, Any] | None = None, **style: Any) -> bytes:
    """Write a Parquet file."""
    by_column = columns or dict(zip(HEADER, map(list, zip(*ROWS, strict=True)), strict=True))
    data = io.BytesIO()
    parquet.write_table(pa.table(dict(by_column)), data, **style)
    return data.getvalue()


_PACKAGE = {
    "_rels/.rels": '<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook><workbookPr/><sheets><sheet name="封面" state="hidden" r:id="r9"/><sheet name="清单" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": "<Relationships>"
    '<Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="r9" Type="http://x/worksheet" Target="/xl/worksheets/cover.xml"/>'
    '<Relationship Id="r2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/>'
    '<Relationship Id="r3" Type="http://x/styles" Target="styles.xml"/>'
    '<Relationship Id="r4" Type="http://x/externalLink" Target="file:///etc/passwd" TargetMode="External"/>'
    "</Relationships>",
    "xl/worksheets/cover.xml": '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>封面</t></is></c></row></sheetData></worksheet>',
    "xl/styles.xml": '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000000"/><numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="31"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="49"/></cellXfs></styleSheet>',
}


def like_excel(sheet_data: str, texts: Sequence[str] = (), after: str = "") -> bytes:
    """Return a workbook of the parts Excel writes: shared texts, a hidden sheet first, styles 1 to 5 (see _PACKAGE)."""
    shared = "".join(f"<si>{text}</si>" for text in texts)
    sheet = f"<worksheet><sheetData>{sheet_data}</sheetData>{after}</worksheet>"
    parts = _PACKAGE | {SHEET: sheet, "xl/sharedStrings.xml": f"<sst>{shared}</sst>"}
    return archive_of({name: f'<?xml version="1.0" encoding="UTF-8"?>{part}'.encode() for name, part in parts.items()})


def _shared_example() -> bytes:
    texts = [*HEADER, *ROWS[0], *ROWS[1]]
    marked = [f"<r><t>{text[:1]}</t></r><r><t>{text[1:]}</t></r><rPh><t>xu gou</t></rPh>" for text in texts]
    cells = [f'<c r="{"ABC"[place % 3]}{place // 3 + 1}" t="s"><v>{place}</v></c>' for place in range(9)]
    rows = [f'<row r="{place + 1}">{"".join(cells[3 * place : 3 * place + 3])}</row>' for place in range(3)]
    return like_excel("".join(rows), marked)


def repacked(
    workbook: bytes, changes: Mapping[str, Callable[[bytes], bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Return a workbook with parts changed."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(data, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, bytes)(old.read(name)))
    return data.getvalue()


def archive_of(parts: Mapping[str, bytes]) -> bytes:
    """Return a ZIP file of parts."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return data.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


def cut(data: bytes) -> bytes:
    """Return a file that ends in the middle."""
    return data[: len(data) // 2]


def merge(workbook: openpyxl.Workbook) -> None:
    """Merge the names of both rows."""
    workbook.active.merge_cells("A2:A3")


GOOD: Mapping[str, bytes] = {
    "plain.csv": csv_of(),
    "mark.csv": csv_of(encoding="utf-8-sig"),
    "wide.csv": csv_of(encoding="utf-16"),
    "big-endian.csv": b"\xfe\xff" + csv_of(encoding="utf-16-be"),
    "gb.csv": csv_of(encoding="gb18030"),
    "tabs.tsv": csv_of(delimiter="\t"),
    "semicolons.csv": csv_of(delimiter=";"),
    "chinese.csv": csv_of(delimiter="，"),
    "returns.csv": csv_of(lineterminator="\r", quoting=csv.QUOTE_ALL),
    "unended.csv": csv_of().removesuffix(b"\r\n"),
    "plain.jsonl": jsonl_of(),
    "plain.xlsx": xlsx_of(),
    "excel.xlsx": _shared_example(),
    "plain.parquet": parquet_of(),
}

# Files that cannot be opened, with a word of what is said.
CLOSED: Mapping[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "empty"),
    "blank.csv": (b"\r\n\r\n", "header"),
    "empty.jsonl": (b"", "empty"),
    "empty.xlsx": (b"", "empty"),
    "empty.parquet": (b"", "empty"),
    "mixed.csv": (csv_of() + csv_of(encoding="gb18030"), "line 5"),
    "neither.csv": (csv_of() + b"\xff\xff\xff\xff,1,2\n", "line 5"),
    "unmarked.csv": (csv_of(encoding="utf-16-le"), "BOM"),
    "twice.csv": (csv_of(header=("名称", "代码", "名称")), "Columns 1 and 3"),
    "nameless.csv": (csv_of(header=("名称", "", "日期")), "Column 2"),
    "workbook.csv": (xlsx_of(), "kind"),
    "text.xlsx": (csv_of(), "kind"),
    "archive.xlsx": (xlsx_of()[:4] + b"x" * 100, "damaged"),
    "other.xlsx": (archive_of({"word/document.xml": b"<document/>"}), "no XLSX"),
    "bomb.xlsx": (repacked(xlsx_of(), {SHEET: lambda _: bytes(64 * 1024**2)}), "too large"),
    "entities.xlsx": (repacked(xlsx_of(), {"xl/styles.xml": lambda _: ENTITIES}), "damaged"),
    "password.xlsx": (OLD_WORKBOOK, "password"),
    "old.xls": (b"\x09\x08", ".xls"),
    "cut.xlsx": (cut(xlsx_of()), "not complete"),
    "titled.xlsx": (
        xlsx_of(header=("营业执照清单", None, None), change=lambda book: book.active.merge_cells("A1:C1")),
        "Row 1",
    ),
    "cut.parquet": (cut(parquet_of()), "not complete"),
    "footer.parquet": (parquet_of()[:-8] + b"\x00\x00\x00\x01PAR1", "not complete"),
    "encrypted.parquet": (parquet_of()[:-4] + b"PARE", "encrypted"),
    "unnamed.dat": (b"a,b\n", "format"),
    "packed.csv.gz": (b"\x1f\x8b", "unpack"),
}
