"""The dialect of JSON Schema that licence types are written in, and the rules a type's face schema must keep.

Decides whether a schema can be shown, sealed field by field and offered in GraphQL. It must never accept a keyword it does not
know: what is not enforced must not look as if it were. JSON Schema 2020-12; `x-` keywords are ours.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from hub.catalogue.face_fields import Sensitivity
from hub.catalogue.face_kinds import DECIMAL_PATTERNS, FORMATS, MEDIA_TYPES

Schema = Mapping[str, Any]
Rule = Callable[[Schema], Iterator[str]]

# A face field named like one of these would be sealed over it.
_HUB_NAMES = frozenset(
    {
        "id",
        "identifier",
        "type",
        "typeKey",
        "version",
        "revision",
        "status",
        "statusAt",
        "number",
        "holders",
        "authority",
        "issuer",
        "seal",
    }
    | {"issuedOn", "validFrom", "validUntil", "withheld", "proof", "history", "supersedes", "supersededBy"}
)
# Claim names of RFC 7519, RFC 9901 and SD-JWT VC, and the two the hub adds to them.
_CLAIM_NAMES = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "vct", "status", "_sd", "_sd_alg"}
    | {"licence_identifier", "licence_version"}
)
RESERVED_NAMES = _HUB_NAMES | _CLAIM_NAMES

_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,63}")
_TEXTS = ("title", "x-title-en", "description")
_SHOWN = frozenset({*_TEXTS, "x-pinyin", "x-not-shared"})
_STRING = frozenset({"type", "enum", "pattern", "format", "minLength", "maxLength"})
_OBJECT = frozenset({"type", "properties", "required", "additionalProperties"})

SUPPORTED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "string": _SHOWN | _STRING | {"x-sensitivity", "x-unit", "contentEncoding", "contentMediaType"},
        "integer": _SHOWN | {"type", "minimum", "maximum", "x-sensitivity", "x-unit"},
        "boolean": _SHOWN | {"type", "x-sensitivity"},
        "object": _SHOWN | _OBJECT | {"x-atomic"},
        "array": _SHOWN | {"type", "items", "minItems", "maxItems", "x-sensitivity", "x-per-person", "x-atomic"},
    }
)
SUPPORTED_IN_LISTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"string": _STRING, "integer": frozenset({"type", "minimum", "maximum"}), "object": _OBJECT}
)
SUPPORTED_AT_ROOT = _OBJECT | {"$schema"}

_LONGEST_TEXT, _LONGEST_PICTURE, _LONGEST_PATTERNED, _LONGEST_LIST = 10_000, 1_000_000, 200, 1_000
_GRAPHQL_INT = 2**31
_DEEPEST = 4
# A repeated group can make Python's backtracking matcher run for ever on a hostile value.
_REPEATED_GROUP = re.compile(r"\)([*+]|\{[0-9]+,\})")


def _texts(schema: Schema) -> Iterator[str]:
    for keyword in _TEXTS:
        if not isinstance(schema.get(keyword), str) or not schema[keyword].strip():
            yield f"needs a text in `{keyword}`"


def _pinyin(schema: Schema) -> Iterator[str]:
    keys = schema.get("x-pinyin", ["-"])
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) and key for key in keys):
        yield "`x-pinyin` must be a list of keys; leave it out when none is known"


def _switches(schema: Schema) -> Iterator[str]:
    for keyword in ("x-not-shared", "x-atomic"):
        if not isinstance(schema.get(keyword, True), bool):
            yield f"`{keyword}` must be true or false"


def _sensitivity(schema: Schema) -> Iterator[str]:
    holds_objects = schema.get("items", schema).get("type") == "object"
    if holds_objects and "x-sensitivity" in schema:
        yield "leave `x-sensitivity` to the fields inside; the strictest of them counts"
    elif not holds_objects and schema.get("x-sensitivity") not in set(Sensitivity):
        yield f"`x-sensitivity` must be one of {', '.join(Sensitivity)}"


def _unit(schema: Schema) -> Iterator[str]:
    if not isinstance(schema.get("x-unit", ""), str):
        yield "`x-unit` must be a text such as CNY"


def _format(schema: Schema) -> Iterator[str]:
    name = schema.get("format")
    if name is not None and name not in FORMATS:
        yield f"`format` must be one of {', '.join(FORMATS)}"
    if name == "decimal" and schema.get("pattern") not in DECIMAL_PATTERNS:
        yield "a decimal needs one of the hub's decimal patterns beside its format"


def _bounded_text(schema: Schema) -> Iterator[str]:
    if "enum" in schema or "format" in schema:
        return
    longest = _LONGEST_PICTURE if "contentMediaType" in schema else _LONGEST_TEXT
    if not 1 <= schema.get("maxLength", 0) <= longest:
        yield f"a text needs `maxLength` from 1 to {longest}, an `enum` or a `format`"


def _choices(schema: Schema) -> Iterator[str]:
    if "enum" in schema and not (
        schema["enum"] and all(isinstance(choice, str) and choice for choice in schema["enum"])
    ):
        yield "`enum` must list one text or more"


def _pattern(schema: Schema) -> Iterator[str]:
    pattern = schema.get("pattern")
    if pattern is None or pattern in DECIMAL_PATTERNS:
        return
    if not (pattern.startswith("^") and pattern.endswith("$")):
        yield "`pattern` must begin with ^ and end with $, so that it speaks of the whole text"
    if _REPEATED_GROUP.search(pattern) or schema.get("maxLength", _LONGEST_PATTERNED + 1) > _LONGEST_PATTERNED:
        yield f"`pattern` needs `maxLength` up to {_LONGEST_PATTERNED} and no endlessly repeated group: it could run for ever"


def _picture(schema: Schema) -> Iterator[str]:
    encoding, media_type = schema.get("contentEncoding"), schema.get("contentMediaType")
    if (encoding, media_type) == (None, None):
        return
    if encoding != "base64" or media_type not in MEDIA_TYPES:
        yield f"a picture needs `contentEncoding` base64 and `contentMediaType` {' or '.join(MEDIA_TYPES)}"


def _bounded_integer(schema: Schema) -> Iterator[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None or high is None or not -_GRAPHQL_INT <= low <= high < _GRAPHQL_INT:
        yield "an integer needs `minimum` and `maximum` within 32 bits, which is all GraphQL's Int can carry"


def _closed_object(schema: Schema) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield "an object needs `additionalProperties`: false"
    if not schema.get("properties"):
        yield "an object needs `properties`"
    if missing := [name for name in schema.get("required", ()) if name not in schema.get("properties", {})]:
        yield f"`required` names {', '.join(missing)}, which `properties` does not have"


def _bounded_list(schema: Schema) -> Iterator[str]:
    if not 1 <= schema.get("maxItems", 0) <= _LONGEST_LIST:
        yield f"a list needs `maxItems` from 1 to {_LONGEST_LIST}"
    if schema.get("items", {}).get("type") not in SUPPORTED_IN_LISTS:
        yield f"a list needs `items` of type {', '.join(SUPPORTED_IN_LISTS)}"


def _per_person(schema: Schema) -> Iterator[str]:
    if "x-per-person" not in schema:
        return
    path, items = schema["x-per-person"], schema.get("items", {})
    code = items.get("properties", {}).get(path, {})
    if code.get("type") != "string" or "contentMediaType" in code or path not in items.get("required", ()):
        yield "`x-per-person` must name a required text inside each element"
    if schema.get("x-atomic"):
        yield "a list cannot be `x-atomic` and `x-per-person`: one means all, the other one's own"


_TEXT_RULES: tuple[Rule, ...] = (_format, _bounded_text, _choices, _pattern, _picture)
_VALUE_RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "string": _TEXT_RULES,
        "integer": (_bounded_integer,),
        "boolean": (),
        "object": (_closed_object,),
        "array": (_bounded_list, _per_person),
    }
)
_SHOWN_RULES: tuple[Rule, ...] = (_texts, _pinyin, _switches, _sensitivity, _unit)


def broken_rules(schema: Schema) -> Iterator[str]:
    """Yield, field by field, what is wrong with a face schema and what to do; nothing when it keeps every rule.

    The schema must already be valid JSON Schema 2020-12, or keywords could hold anything.
    """
    yield from _named("the schema", _unknown(schema, SUPPORTED_AT_ROOT))
    if schema.get("type") != "object":
        yield "the schema: `type` must be object"
        return
    yield from _named("the schema", _closed_object(schema))
    reserved = sorted(RESERVED_NAMES & schema.get("properties", {}).keys())
    yield from (f"{name}: the name is reserved; choose another" for name in reserved)
    yield from _properties(schema, "", 1)


def _properties(schema: Schema, above: str, depth: int) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        path = f"{above}{name}"
        if not _NAME.fullmatch(name):
            yield f"{path}: a field name is a small letter, then up to 63 letters and digits"
        if not isinstance(inner, Mapping):
            yield f"{path}: must be an object with `type`"
        elif depth > _DEEPEST:
            yield f"{path}: lies deeper than {_DEEPEST} levels"
        elif depth > 1 and "x-per-person" in inner:
            yield f"{path}: only a list of the outermost level can be `x-per-person`"
        else:
            yield from _property(inner, path, depth)


def _property(schema: Schema, path: str, depth: int) -> Iterator[str]:
    if not isinstance(schema.get("type"), str) or schema["type"] not in SUPPORTED:
        yield f"{path}: `type` must be one of {', '.join(SUPPORTED)}"
        return
    yield from _named(path, _unknown(schema, SUPPORTED[schema["type"]]))
    element = schema.get("items")
    if schema["type"] == "array" and not (isinstance(element, Mapping) and isinstance(element.get("type"), str)):
        yield f"{path}: a list needs `items` with a `type`"
        return
    for rule in (*_SHOWN_RULES, *_VALUE_RULES[schema["type"]]):
        yield from _named(path, rule(schema))
    if element is not None:
        yield from _element(element, path)
    yield from _properties(schema if element is None else element, f"{path}.", depth + 1)


def _element(element: Schema, path: str) -> Iterator[str]:
    if element["type"] not in SUPPORTED_IN_LISTS:
        return
    yield from _named(f"{path} (elements)", _unknown(element, SUPPORTED_IN_LISTS[element["type"]]))
    for rule in _VALUE_RULES[element["type"]]:
        yield from _named(f"{path} (elements)", rule(element))


def _unknown(schema: Schema, supported: frozenset[str]) -> Iterator[str]:
    for keyword in sorted(schema.keys() - supported):
        yield f"`{keyword}` is not supported here; remove it"


def _named(path: str, reasons: Iterator[str]) -> Iterator[str]:
    return (f"{path}: {reason}" for reason in reasons)
