"""Valid face data of any schema, as people write it; and a licence type that has every kind of field."""

import string
from collections.abc import Mapping
from functools import partial
from typing import Any

from hypothesis import strategies as st

from hub.catalogue.face_fields import kind_of
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import parse, shipped_documents
from tests.catalogue.examples import HUSBAND, PICTURE, WIFE

Schema = Mapping[str, Any]
Values = st.SearchStrategy[Any]
DECIMAL = "^-?(0|[1-9][0-9]{0,15})([.][0-9]{1,6})?$"


def field(kind: str, **rules: Any) -> dict[str, Any]:
    shown = {"title": "虚构项", "x-title-en": "Invented", "description": "Invented."}
    sensitivity = (
        {} if kind == "object" or rules.get("items", {}).get("type") == "object" else {"x-sensitivity": "PUBLIC"}
    )
    return {"type": kind, **shown, **sensitivity, **rules}


def closed(required: list[str], **members: dict[str, Any]) -> dict[str, Any]:
    return {"additionalProperties": False, "required": required, "properties": members}


LEAVES: dict[str, dict[str, Any]] = {
    "text": field("string", minLength=2, maxLength=20),
    "long": field("string", minLength=1, maxLength=4000),
    "choice": field("string", enum=["甲", "乙"]),
    "code": field("string", pattern="^[0-9A-Z]{2,6}$", maxLength=6),
    "amount": field("string", format="decimal", pattern=DECIMAL, maxLength=24, **{"x-unit": "CNY"}),
    "day": field("string", format="date"),
    "moment": field("string", format="date-time"),
    "citizen": field("string", format="citizen-number"),
    "picture": field("string", contentEncoding="base64", contentMediaType="image/png", maxLength=4000),
    "count": field("integer", minimum=-3, maximum=30_000),
    "truth": field("boolean"),
    "some": field("array", minItems=1, maxItems=3, items={"type": "string", "enum": ["a", "b", "c"]}),
    "lines": field("array", maxItems=3, items={"type": "string", "minLength": 1, "maxLength": 9}),
    "numbers": field("array", maxItems=3, items={"type": "integer", "minimum": 0, "maximum": 9}),
}
INNER = field("array", maxItems=3, items={"type": "object", **closed(["day"], day=LEAVES["day"], text=LEAVES["text"])})
ROWS = {"type": "object", **closed(["text"], **LEAVES, inner=INNER)}
EVERY_KIND = parse(
    {
        **next(each for each in shipped_documents() if each["key"] == "FoodBusinessLicence"),
        "key": "EveryKind",
        "uniqueness": [],
        "validity": {"kind": "DATED"},
        "labels": {},
        "schema": {
            "type": "object",
            **closed(
                ["text", "lines", "rows", "group"],
                **LEAVES,
                group=field("object", **closed([], **LEAVES)),
                needy=field(
                    "object",
                    **closed(["day", "choice"], day=LEAVES["day"], choice=LEAVES["choice"], count=LEAVES["count"]),
                ),
                rows=field("array", maxItems=3, items=ROWS),
            ),
        },
    }
)


# -- valid values --------------------------------------------------------------------------------------------------------


def _text(schema: Schema) -> Values:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True, alphabet=string.printable)
    alphabet = "虚构 １Ａaz19.,;；、<&\"'=\t" + ("\n" if schema["maxLength"] > 200 else "")
    least, most = max(schema.get("minLength", 0), 1), min(schema["maxLength"], 12)
    return st.text(alphabet, min_size=least, max_size=most).filter(
        lambda text: text == text.strip() and len(text) >= least
    )


_BY_KIND: Mapping[Kind, Any] = {
    Kind.STRING: lambda schema: st.sampled_from([HUSBAND["code"], WIFE["code"]]) if schema.get("format") else _text(schema),
    Kind.DECIMAL: _text,
    Kind.INTEGER: lambda schema: st.integers(schema["minimum"], schema["maximum"]),
    Kind.BOOLEAN: lambda _: st.booleans(),
    Kind.DATE: lambda _: st.dates().map(lambda day: day.isoformat()),
    Kind.DATE_TIME: lambda _: st.datetimes(timezones=st.timezones()).map(lambda moment: moment.replace(second=0).isoformat()).filter(lambda text: len(text) in {25, 32}),
    Kind.IMAGE: lambda _: st.just(PICTURE),
    Kind.OBJECT: lambda schema: faces(schema),  # noqa: PLW0108 - made below
    Kind.LIST: lambda schema: _list(schema),  # noqa: PLW0108 - made below
}  # fmt: skip


def _list(schema: Schema) -> Values:
    items, least, most = schema["items"], schema.get("minItems", 0), min(schema["maxItems"], 3)
    if "enum" in items:
        return st.sets(st.sampled_from(items["enum"]), min_size=least).map(
            lambda some: [each for each in items["enum"] if each in some]
        )
    one = _BY_KIND[kind_of(items)](items)
    one = one.filter(lambda text: "\n" not in text) if items["type"] == "string" else one  # a form has a line for each
    return st.lists(one, min_size=least, max_size=max(least, most))


def _without_nothing(required: frozenset[str], values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is optional and empty: a form cannot tell it from what is absent."""
    return {name: value for name, value in values.items() if name in required or value not in ([], {})}


def faces(schema: Schema) -> Values:
    """Return what yields valid data of an object schema."""
    required = frozenset(schema.get("required", ()))
    made = {name: _BY_KIND[kind_of(inner)](inner) for name, inner in schema["properties"].items()}
    needed = {name: each for name, each in made.items() if name in required}
    others = {name: each for name, each in made.items() if name not in required}
    return st.fixed_dictionaries(needed, optional=others).map(partial(_without_nothing, required))
