"""The fields of a licence face, laid out flat: one row for every path a grant, a page or an index may name.

Decides what a path means: kind, titles, sensitivity, whose element it is. It must never decide who may read it. Paths are
dotted and carry no list positions (`members.religion`). The shared base fields that are disclosed stand first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from hub.catalogue.face_kinds import FORMATS, Kind


class Sensitivity(StrEnum):
    """How much harm a leak does, mildest first; SENSITIVE is sensitive personal information of PIPL article 28."""

    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    PERSONAL = "PERSONAL"
    SENSITIVE = "SENSITIVE"


_BY_HARM = tuple(Sensitivity)


def strictest(found: list[Sensitivity]) -> Sensitivity:
    """Return the one that does most harm; an empty list counts as SENSITIVE."""
    return max(found, key=_BY_HARM.index, default=Sensitivity.SENSITIVE)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a face.

    `item_kind` speaks of the elements of a LIST. `atomic` objects and lists are disclosed as one. `per_person` is set on a
    list of people's entries and names the member, inside one entry, that holds the person's code. `pinyin` are keys seen
    in other systems. `choices` are the only texts allowed; empty means any. `most` is how many elements a LIST has at most.
    """

    path: str
    title_zh: str
    title_en: str
    description: str
    kind: Kind
    sensitivity: Sensitivity
    item_kind: Kind | None = None
    not_shared: bool = False
    atomic: bool = False
    per_person: str | None = None
    required: bool = False
    choices: tuple[str, ...] = ()
    unit: str | None = None
    pinyin: tuple[str, ...] = ()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What one type's face calls a shared base field, how sensitive it is there, and the keys seen in other systems."""

    zh: str
    en: str
    sensitivity: Sensitivity | None = None
    pinyin: tuple[str, ...] = ()


# Where a type does not say how sensitive a base field is, the cautious answer holds.
BASE_LABELS: Mapping[str, Label] = MappingProxyType(
    {
        "number": Label("证照编号", "Licence number", Sensitivity.PERSONAL, ("ZZBH",)),
        "holders": Label("持证主体", "Holders", None, ("CZZT",)),
        "holders.codeType": Label("持证主体代码类型", "Holder code type", Sensitivity.INTERNAL, ("CZZTDMLXDM",)),
        "holders.code": Label("持证主体代码", "Holder code", Sensitivity.SENSITIVE, ("CZZTDM",)),
        "holders.name": Label("持证主体名称", "Holder name", Sensitivity.PERSONAL, ("CZZT",)),
        "issuedOn": Label("发证日期", "Issue date", Sensitivity.INTERNAL, ("ZZBFRQ",)),
        "authority": Label("发证机关", "Issuing authority", None, ("ZZBFJG",)),
        "validFrom": Label("有效期自", "Valid from", None, ("ZZYXQQSRQ",)),
        "validUntil": Label("有效期至", "Valid until", None, ("ZZYXQJZRQ",)),
        "status": Label("证照状态", "Status", None, ("ZZZT",)),
    }
)

# Authority, validity and status are claims in the clear; only these base fields are disclosed by choice.
_BASE_KINDS = (
    ("number", Kind.STRING, "The number printed on the licence; store it as printed."),
    ("holders", Kind.LIST, "The persons or organisations the licence is issued to."),
    ("holders.codeType", Kind.STRING, "Three-digit holder code type, such as 001 or 111."),
    ("holders.code", Kind.STRING, "The holder's code of that type."),
    ("holders.name", Kind.STRING, "The holder's name as printed."),
    ("issuedOn", Kind.DATE, "The day of issue printed on the licence."),
)
DISCLOSED_BASE_PATHS = frozenset(path for path, _, _ in _BASE_KINDS)


def base_fields(labels: Mapping[str, Label]) -> Iterator[Field]:
    """Yield the disclosed base fields, titled as this type's face titles them (`labels` must hold every base path)."""
    below = [s for path, label in labels.items() if path.startswith("holders.") and (s := label.sensitivity)]
    for path, kind, description in _BASE_KINDS:
        label = labels[path]
        field = Field(
            path=path,
            title_zh=label.zh,
            title_en=label.en,
            description=description,
            kind=kind,
            sensitivity=label.sensitivity or strictest(below),
            required=True,
            pinyin=label.pinyin,
        )
        yield replace(field, item_kind=Kind.OBJECT, per_person="code") if kind is Kind.LIST else field


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """Return the kind of value that one property's schema describes."""
    if schema["type"] != "string":
        return _KINDS[schema["type"]]
    if "contentMediaType" in schema:
        return Kind.IMAGE
    return FORMATS[schema["format"]].kind if "format" in schema else Kind.STRING


_KINDS: Mapping[str, Kind] = MappingProxyType(
    {"integer": Kind.INTEGER, "boolean": Kind.BOOLEAN, "object": Kind.OBJECT, "array": Kind.LIST}
)


def schema_fields(schema: Mapping[str, Any], above: str = "", *, not_shared: bool = False) -> Iterator[Field]:
    """Yield a row for every property of an object schema, each before those inside it, in document order."""
    for name, inner in schema["properties"].items():
        path = f"{above}{name}"
        withheld = not_shared or inner.get("x-not-shared", False)
        children = tuple(schema_fields(_content(inner), f"{path}.", not_shared=withheld)) if _content(inner) else ()
        yield _field(path, inner, children, not_shared=withheld, required=name in schema.get("required", ()))
        yield from children


def _content(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the object schema inside a property: itself, or the elements of a list of objects; empty when there is none."""
    element: Mapping[str, Any] = schema.get("items", schema)
    return element if element["type"] == "object" else {}


def _field(
    path: str, schema: Mapping[str, Any], children: tuple[Field, ...], *, not_shared: bool, required: bool
) -> Field:
    element: Mapping[str, Any] = schema.get("items", schema)
    own = schema.get("x-sensitivity")
    return Field(
        path=path,
        title_zh=schema["title"],
        title_en=schema["x-title-en"],
        description=schema["description"],
        kind=kind_of(schema),
        item_kind=kind_of(schema["items"]) if "items" in schema else None,
        sensitivity=Sensitivity(own) if own else strictest([child.sensitivity for child in children]),
        not_shared=not_shared,
        atomic=schema.get("x-atomic", False),
        per_person=schema.get("x-per-person"),
        required=required,
        choices=tuple(element.get("enum", ())),
        unit=schema.get("x-unit"),
        pinyin=tuple(schema.get("x-pinyin", ())),
        most=schema.get("maxItems"),
    )


def grantable_paths(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Return the finest paths a grant can name: values, lists of values and atomic wholes, never what is inside an atomic one."""
    atomic = tuple(f"{field.path}." for field in fields if field.atomic)
    return tuple(
        field.path
        for field in fields
        if not field.path.startswith(atomic) and (field.atomic or Kind.OBJECT not in {field.kind, field.item_kind})
    )
