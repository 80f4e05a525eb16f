"""A licence as the document it is: its fields in the order of its type, as people read them in their language.

Decides how each kind of value reads, and that what was withheld is said to be. It sees what left the funnel, or what an officer has just
written, and opens nothing; a picture is an address that its page serves.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.code_types import HOLDER_CODE_TYPES
from hub.catalogue.face_fields import Field
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import LicenceType, Term
from hub.web.words.dates import Dates

PictureAt = Callable[[str], str | None]
"""Returns the address of the picture at a path of the face (`members[0].photo`); None: it cannot be shown."""
Said = Callable[[Any, Dates], str]

YES_NO: Final = MappingProxyType({True: Term("是", "Yes"), False: Term("否", "No")})
_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"CNY 10,000": "万元", "CNY": "元", "day": "天", "week": "周", "year": "年", "m2": "平方米"}
)
_OWN_PLACE: Final = frozenset({"number", "holders", "issuedOn"})
_BETWEEN: Final = "；"


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder as the document names him; `kind` is what his code is."""

    name: str
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class Line:
    """One field: a text, a picture, a table (`columns`, `rows`) or a group of lines; `withheld`: it is there and not shown."""

    label: str
    text: str = ""
    picture: str | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple["Line", ...] = ()
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A licence to be looked at. `valid_until` None is long-term; `seal` is the address of its seal's picture."""

    title: str
    number_label: str
    number: str
    holders_label: str
    holders: tuple[Holder, ...]
    lines: tuple[Line, ...]
    issuer: str
    issued_on: str
    valid_from: str
    valid_until: str | None
    seal: str | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on a licence in the clear, beside its face. Days are YYYY-MM-DD; `valid_until` None is long-term."""

    issuer: Term
    valid_from: str
    valid_until: str | None
    seal: str | None = None


def unit_of(unit: str | None, language: str) -> str:
    """Return a unit as a language writes it; empty where there is none."""
    return "" if unit is None else _UNITS.get(unit, unit) if language.startswith("zh") else unit


class _Reading:
    """Reads one face out."""

    def __init__(self, licence_type: LicenceType, dates: Dates, withheld: Collection[str], picture: PictureAt) -> None:
        self._type = licence_type
        self._dates = dates
        self._language = dates.language.short
        self._withheld = withheld
        self._picture = picture

    def lines(self, above: str, values: Mapping[str, Any], at: str = "") -> Iterator[Line]:
        for one in self._below(above):
            name = one.path.rpartition(".")[2]
            if one.path not in _OWN_PLACE:
                yield from self._line(one, values.get(name), f"{at}{name}")

    def _below(self, above: str) -> list[Field]:
        depth, begins = (above.count(".") + 1, f"{above}.") if above else (0, "")
        return [one for one in self._type.fields if one.path.startswith(begins) and one.path.count(".") == depth]

    def _line(self, one: Field, value: Any, at: str) -> Iterator[Line]:
        label = self.label(one.path)
        if value is None:
            if any(path == one.path or path.startswith(f"{one.path}.") for path in self._withheld):
                yield Line(label, withheld=True)
        elif one.kind is Kind.IMAGE:
            yield Line(label, picture=self._picture(at))
        elif one.kind is Kind.OBJECT:
            yield Line(label, lines=tuple(self.lines(one.path, value, f"{at}.")))
        elif one.item_kind is Kind.OBJECT:
            yield self._table(one, value)
        else:
            yield Line(label, self._said(one, value))

    def _table(self, one: Field, elements: Sequence[Mapping[str, Any]]) -> Line:
        members = [(each, each.path.rpartition(".")[2]) for each in self._below(one.path)]
        shown = [(each, name) for each, name in members if any(name in element for element in elements)]
        rows = tuple(tuple(self._said(each, element.get(name)) for each, name in shown) for element in elements)
        return Line(self.label(one.path), columns=tuple(self.label(each.path) for each, _ in shown), rows=rows)

    def label(self, path: str) -> str:
        return self._type.title(path, self._language)

    def _said(self, one: Field, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, Mapping):
            below = {each.path.rpartition(".")[2]: each for each in self._below(one.path)}
            return _BETWEEN.join(
                f"{self.label(below[name].path)} {self._said(below[name], it)}" for name, it in value.items()
            )
        if isinstance(value, list):
            return _BETWEEN.join(self._said(one, each) for each in value)
        kind = one.kind if one.item_kind is None else one.item_kind
        told = _SAID.get(kind, _plain)(value, self._dates)
        unit = unit_of(one.unit, self._language)
        return f"{told} {unit}" if unit else told


def _plain(value: Any, dates: Dates) -> str:
    del dates
    return str(value)


_SAID: Final[Mapping[Kind, Said]] = MappingProxyType(
    {
        Kind.DATE: lambda value, dates: dates.day(value),
        Kind.DATE_TIME: lambda value, dates: dates.moment(value),
        Kind.BOOLEAN: lambda value, dates: YES_NO[value].text(dates.language.short),
        Kind.IMAGE: lambda _value, dates: Term("（图片）", "(picture)").text(dates.language.short),
    }
)


def document_of(
    licence_type: LicenceType, values: Mapping[str, Any], printed: Printed, dates: Dates, *,
    withheld: Collection[str] = (), picture: PictureAt = lambda _path: None,
) -> Document:  # fmt: skip
    """Return a licence as a document: `values` are base fields and face data, flat, as they are disclosed."""
    language = dates.language.short
    reading = _Reading(licence_type, dates, withheld, picture)
    return Document(
        title=licence_type.name.text(language), number_label=reading.label("number"), number=values.get("number", ""),
        holders_label=reading.label("holders"),
        holders=tuple(_holder(each, language) for each in values.get("holders", ())),
        lines=tuple(reading.lines("", values)), issuer=printed.issuer.text(language),
        issued_on=dates.day(values["issuedOn"]) if values.get("issuedOn") else "",
        valid_from=dates.day(printed.valid_from),
        valid_until=dates.day(printed.valid_until) if printed.valid_until else None, seal=printed.seal,
    )  # fmt: skip


def _holder(holder: Mapping[str, Any], language: str) -> Holder:
    row = HOLDER_CODE_TYPES.get(holder.get("codeType", ""))
    kind = Term(row.name_zh, row.name_en).text(language) if row else ""
    return Holder(holder.get("name", ""), kind, holder.get("code", ""))
