"""What a worksheet's cells refer to: shared texts, number formats, the list of sheets (ECMA-376 part 1, section 18).

Decides which numbers are dates and which show leading zeros, by the formats of their cells, and which sheet is the first a
person sees. It must never follow a relation out of the package.
"""

import posixpath
import re
from dataclasses import dataclass

from typing_extensions import override

from hub.errors import ImportFileError
from hub.tabular.package import Attributes, Package, PartReader

_MOST_TEXTS = 256 * 1024**2
_ROOT_RELATIONS = "_rels/.rels"
# Built-in formats of dates and times; 27 to 36 and 50 to 58 are those of Chinese workbooks, which name no format code.
_DATES = frozenset((*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)))
RETURN = ("_x000D_", "\r")  # XML cannot hold a carriage return, so that workbooks spell it
_ZEROS = re.compile("0{2,40}")


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How a number shows: as a date, or with so many digits at least."""

    date: bool = False
    digits: int = 0


PLAIN = CellFormat()


class Texts(PartReader):
    """Reads texts: of each `item`, the `t` elements one after another, without readings of Chinese characters (rPh)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._text: list[str] = []
        self._taking = False
        self._reading = False

    @override
    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag == "si":
            self._text = []
        elif tag == "rPh":
            self._reading = True
        self._taking = tag == "t" and not self._reading

    @override
    def characters(self, content: str) -> None:
        self._unseen = 0
        if self._taking:
            self._text.append(content)

    @override
    def end(self, tag: str) -> None:
        self._taking = False
        if tag == "rPh":
            self._reading = False
        elif tag == "si":
            self.found.append("".join(self._text).replace(*RETURN))


class _Formats(PartReader):
    """Reads the format of each cell style: numFmts, then cellXfs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[CellFormat] = []
        self._codes: dict[str, str] = {}
        self._inside = False

    @override
    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:255]
        elif tag == "cellXfs":
            self._inside = True
        elif tag == "xf" and self._inside:
            self.found.append(self._format(attributes.get("numFmtId", "0")))

    @override
    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._inside = False

    def _format(self, number: str) -> CellFormat:
        code = self._codes.get(number)
        if code is None:
            return CellFormat(date=number.isdecimal() and len(number) < 4 and int(number) in _DATES)  # noqa: PLR2004 - built-in ids are below 164
        if _ZEROS.fullmatch(code):
            return CellFormat(digits=len(code))
        from openpyxl.styles.numbers import is_date_format  # noqa: PLC0415 - 180 modules, for workbooks only

        return CellFormat(date=bool(is_date_format(code)))


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    relation: str
    visible: bool


class _Sheets(PartReader):
    """Reads the list of sheets, and whether days are counted from 1904."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Sheet] = []
        self.from_1904 = False

    @override
    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}
        elif tag == "sheet":
            relation = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            visible = attributes.get("state", "visible") == "visible"
            self.found.append(_Sheet(attributes.get("name", ""), relation, visible))


class _Relations(PartReader):
    """Reads relations inside the package: by their ids, the last word of the type and the part."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}
        self._folder = folder

    @override
    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            part = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", ""))).lstrip("/")
            self.found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], part)

    def of_kind(self, kind: str) -> str | None:
        """Return the first part of a kind."""
        return next((part for each, part in self.found.values() if each == kind), None)


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook without its cells: the chosen sheet's part, and what its cells refer to."""

    sheet: str
    texts: list[str]
    formats: list[CellFormat]
    from_1904: bool


def read_workbook(package: Package, sheet_name: str | None) -> Workbook:
    """Read what cells refer to, and find the sheet: by name, or the first that is visible. Raises ImportFileError."""
    root = _relations(package, "", _ROOT_RELATIONS)
    workbook = root.of_kind("officeDocument") or ""
    folder, name = posixpath.split(workbook)
    relations = _relations(package, folder, f"{folder}/_rels/{name}.rels".lstrip("/"))
    sheets, texts, formats = _Sheets(), Texts(), _Formats()
    package.read(workbook, sheets)
    parts = {part for kind, part in relations.found.values() if kind == "worksheet"}
    shown = [each for each in sheets.found if relations.found.get(each.relation, ("", ""))[1] in parts]
    for kind, reader in (("sharedStrings", texts), ("styles", formats)):
        if part := relations.of_kind(kind):
            _refuse_large(package, part)
            package.read(part, reader)
    return Workbook(
        relations.found[_chosen(shown, sheet_name).relation][1], texts.found, formats.found, sheets.from_1904
    )


def _relations(package: Package, folder: str, part: str) -> _Relations:
    found = _Relations(folder)
    package.read(part, found)
    return found


def _refuse_large(package: Package, part: str) -> None:
    if part in package and package.size(part) > _MOST_TEXTS:
        raise ImportFileError("The workbook holds too many texts to be kept in memory; import it as CSV.")


def _chosen(sheets: list[_Sheet], name: str | None) -> _Sheet:
    found = [each for each in sheets if (each.visible if name is None else each.name == name)]
    if not found:
        raise ImportFileError(
            "The workbook has no worksheet of this name." if name else "The workbook shows no worksheet."
        )
    return found[0]
