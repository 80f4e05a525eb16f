"""What is asked for to fill a licence in: one control for each kind of field, groups of them, and lists of groups.

Decides how each kind of face field is asked for: one registry, `LOOKS`. It must never ask for a field that the type does not have, and it
judges nothing: what is filled in is coerced as rows of imports are, and judged by the licence type.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from hub.catalogue.code_types import HOLDER_CODE_TYPES
from hub.catalogue.face_fields import kind_of
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import LicenceType, Term, ValidityKind
from hub.licences.draft import LONGEST_REASON, LONGEST_TEXT, MOST_HOLDERS
from hub.licences.importing.shapes import LEGAL_BASIS, REASON

Schema = Mapping[str, Any]
LONG_TERM: Final = "longTerm"
"""The box beside the last day: the licence has none (长期)."""
_ONE_LINE: Final = 200


class Look(StrEnum):
    """How a value is asked for; templates draw each."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CODE = "code"
    DATE = "date"
    END = "end"
    MOMENT = "moment"
    MONEY = "money"
    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes_no"
    LINES = "lines"
    CHECKS = "checks"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that may be chosen, and how it reads."""

    value: str
    label: Term


@dataclass(frozen=True, slots=True)
class Control:
    """One value, or one list of plain values, that is asked for.

    `rules` is the schema that hints are taken from; of a list that of its elements.
    """

    name: str
    label: Term
    look: Look
    required: bool
    rules: Schema
    choices: tuple[Choice, ...] = ()
    most: int | None = None
    fewest: int = 0

    @property
    def largest(self) -> int:
        """Return how many bytes a picture may have: base64 takes four characters for three bytes."""
        return int(self.rules["maxLength"]) // 4 * 3


@dataclass(frozen=True, slots=True)
class Group:
    """An object: its members, asked for together. An optional one is left out when nothing of it is filled in."""

    name: str
    label: Term
    required: bool
    members: tuple["Part", ...]

    @property
    def conditional(self) -> bool:
        """Tell whether a member has to be filled in once another is."""
        return not self.required and any(each.required for each in self.members)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of objects, one group a row. `of_holders`: each row is about one of the holders, whose code it names."""

    name: str
    label: Term
    required: bool
    element: Group
    most: int
    fewest: int = 0
    of_holders: bool = False


Part: TypeAlias = Control | Group | Rows


# -- kinds become controls -----------------------------------------------------------------------------------------------


def _text_look(schema: Schema) -> Look:
    if "enum" in schema:
        return Look.CHOICE
    if "pattern" in schema or "format" in schema:
        return Look.CODE
    return Look.TEXT if schema["maxLength"] <= _ONE_LINE else Look.LONG_TEXT


def _decimal_look(schema: Schema) -> Look:
    return Look.MONEY if schema.get("x-unit", "").startswith("CNY") else Look.NUMBER


def _list_look(schema: Schema) -> Look:
    return Look.CHECKS if "enum" in schema["items"] else Look.LINES


LOOKS: Final[Mapping[Kind, Callable[[Schema], Look]]] = MappingProxyType(
    {
        Kind.STRING: _text_look,
        Kind.DECIMAL: _decimal_look,
        Kind.LIST: _list_look,
        Kind.INTEGER: lambda _: Look.NUMBER,
        Kind.BOOLEAN: lambda _: Look.YES_NO,
        Kind.DATE: lambda _: Look.DATE,
        Kind.DATE_TIME: lambda _: Look.MOMENT,
        Kind.IMAGE: lambda _: Look.PICTURE,
    }
)
"""How each kind of field is asked for; objects are groups, and lists of objects rows."""


def parts_of(schema: Schema) -> tuple[Part, ...]:
    """Return what is asked for of an object, in the order of its schema."""
    required = schema.get("required", ())
    return tuple(_part(name, inner, required=name in required) for name, inner in schema["properties"].items())


def _part(name: str, schema: Schema, *, required: bool) -> Part:
    label, element = Term(schema["title"], schema["x-title-en"]), schema.get("items", schema)
    kind = kind_of(schema)
    if kind is Kind.OBJECT:
        return Group(name, label, required, parts_of(schema))
    if element["type"] == "object":
        return Rows(
            name, label, required, Group("", label, True, parts_of(element)), schema["maxItems"],
            schema.get("minItems", 0), "x-per-person" in schema,
        )  # fmt: skip
    choices = tuple(Choice(each, Term(each, each)) for each in element.get("enum", ()))
    return Control(
        name, label, LOOKS[kind](schema), required, element if kind is Kind.LIST else schema, choices,
        schema.get("maxItems"), schema.get("minItems", 0),
    )  # fmt: skip


# -- what every licence has ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outline:
    """All that is asked for to issue a licence of a type, in four parts of the page."""

    holders: tuple[Part, ...]
    licence: tuple[Part, ...]
    face: tuple[Part, ...]
    reasons: tuple[Part, ...]

    def sections(self) -> Iterator[tuple[str, tuple[Part, ...]]]:
        """Yield the parts by their names, in the order of the page."""
        yield from (
            ("holders", self.holders),
            ("licence", self.licence),
            ("face", self.face),
            ("reasons", self.reasons),
        )

    @property
    def asked(self) -> tuple[Part, ...]:
        """Return them all."""
        return (*self.holders, *self.licence, *self.face, *self.reasons)


def outline(licence_type: LicenceType) -> Outline:
    """Return what is asked for to issue a licence of a type."""
    reasons = (
        Control(LEGAL_BASIS, _LEGAL_BASIS, Look.LONG_TEXT, True, _WORDS),
        Control(REASON, _REASON, Look.LONG_TEXT, True, _WORDS),
    )
    return Outline((_holders(licence_type),), tuple(_dates(licence_type)), parts_of(licence_type.schema), reasons)


_WORDS: Final[Schema] = MappingProxyType({"maxLength": LONGEST_REASON})
_SHORT: Final[Schema] = MappingProxyType({"maxLength": LONGEST_TEXT})
_LEGAL_BASIS: Final = Term("法律依据", "Legal basis")
_REASON: Final = Term("理由", "Reason")


def _label(licence_type: LicenceType, path: str) -> Term:
    return Term(licence_type.title(path, "zh"), licence_type.title(path, "en"))


def _holders(licence_type: LicenceType) -> Rows:
    kinds = licence_type.holder_kinds
    code_types = tuple(
        Choice(row.code, Term(f"{row.name_zh}（{row.code}）", f"{row.name_en} ({row.code})"))
        for row in HOLDER_CODE_TYPES.values()
        if row.kind in kinds
    )
    members = (
        Control("codeType", _label(licence_type, "holders.codeType"), Look.CHOICE, True, {}, code_types),
        Control("code", _label(licence_type, "holders.code"), Look.CODE, True, {"maxLength": 64, "x-hint": "holder_code"}),
        Control("name", _label(licence_type, "holders.name"), Look.TEXT, True, _SHORT),
    )  # fmt: skip
    label = _label(licence_type, "holders")
    most = MOST_HOLDERS if licence_type.several_holders else 1
    return Rows("holders", label, True, Group("", label, True, members), most, 1)


def _dates(licence_type: LicenceType) -> Iterator[Control]:
    """Yield the number and the days; the last one only where the type has one."""
    yield Control("number", _label(licence_type, "number"), Look.CODE, True, _SHORT)
    yield Control("issuedOn", _label(licence_type, "issuedOn"), Look.DATE, True, {})
    yield Control("validFrom", _label(licence_type, "validFrom"), Look.DATE, False, {"x-hint": "valid_from"})
    if look := _ENDS.get(licence_type.validity.kind):
        years = licence_type.validity.years
        rules = {"x-hint": "years", "years": years} if years else {"x-hint": "dated"}
        yield Control("validUntil", _label(licence_type, "validUntil"), look, True, rules)


_ENDS: Final[Mapping[ValidityKind, Look]] = MappingProxyType(
    {ValidityKind.YEARS: Look.DATE, ValidityKind.DATED: Look.END}
)
