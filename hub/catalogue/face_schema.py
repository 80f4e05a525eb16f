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
from hub.catalogue.faults import Fault, Term, pointer

Schema = Mapping[str, Any]
Broken = tuple[str, Term]
"""The keyword that breaks a rule, or "" where it is the whole, and why."""
Rule = Callable[[Schema], Iterator[Broken]]

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


def _texts(schema: Schema) -> Iterator[Broken]:
    for keyword in _TEXTS:
        if not isinstance(schema.get(keyword), str) or not schema[keyword].strip():
            yield keyword, Term("须填写文字", f"needs a text in `{keyword}`")


def _pinyin(schema: Schema) -> Iterator[Broken]:
    keys = schema.get("x-pinyin", ["-"])
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) and key for key in keys):
        reason = "`x-pinyin` must be a list of keys; leave it out when none is known"
        yield "x-pinyin", Term("须为拼音键名的列表；不知道时留空", reason)


def _switches(schema: Schema) -> Iterator[Broken]:
    for keyword in ("x-not-shared", "x-atomic"):
        if not isinstance(schema.get(keyword, True), bool):
            yield keyword, Term("须为是或否", f"`{keyword}` must be true or false")


def _sensitivity(schema: Schema) -> Iterator[Broken]:
    keyword, holds_objects = "x-sensitivity", schema.get("items", schema).get("type") == "object"
    if holds_objects and keyword in schema:
        reason = "leave `x-sensitivity` to the fields inside; the strictest of them counts"
        yield keyword, Term("敏感级别写在内部字段上；以其中最严者为准", reason)
    elif not holds_objects and schema.get(keyword) not in set(Sensitivity):
        yield keyword, Term("请选择敏感级别", f"`x-sensitivity` must be one of {', '.join(Sensitivity)}")


def _unit(schema: Schema) -> Iterator[Broken]:
    if not isinstance(schema.get("x-unit", ""), str):
        yield "x-unit", Term("单位须为文字", "`x-unit` must be a text such as CNY")


def _format(schema: Schema) -> Iterator[Broken]:
    name = schema.get("format")
    if name is not None and name not in FORMATS:
        known = ", ".join(FORMATS)
        yield "format", Term(f"格式须为 {known} 之一", f"`format` must be one of {known}")
    if name == "decimal" and schema.get("pattern") not in DECIMAL_PATTERNS:
        reason = "a decimal needs one of the hub's decimal patterns beside its format"
        yield "pattern", Term("十进制数须配平台规定的两种样式之一", reason)


def _bounded_text(schema: Schema) -> Iterator[Broken]:
    if "enum" in schema or "format" in schema:
        return
    longest = _LONGEST_PICTURE if "contentMediaType" in schema else _LONGEST_TEXT
    if not 1 <= schema.get("maxLength", 0) <= longest:
        reason = f"a text needs `maxLength` from 1 to {longest}, an `enum` or a `format`"
        yield "maxLength", Term(f"文字须有 1 至 {longest} 的最大长度，或给出选项、格式", reason)


def _choices(schema: Schema) -> Iterator[Broken]:
    if "enum" in schema and not (
        schema["enum"] and all(isinstance(choice, str) and choice for choice in schema["enum"])
    ):
        yield "enum", Term("至少列出一个选项，均为文字", "`enum` must list one text or more")


def _pattern(schema: Schema) -> Iterator[Broken]:
    pattern = schema.get("pattern")
    if pattern is None or pattern in DECIMAL_PATTERNS:
        return
    if not (pattern.startswith("^") and pattern.endswith("$")):
        reason = "`pattern` must begin with ^ and end with $, so that it speaks of the whole text"
        yield "pattern", Term("样式须以 ^ 开头、以 $ 结尾，约束整段文字", reason)
    if _REPEATED_GROUP.search(pattern) or schema.get("maxLength", _LONGEST_PATTERNED + 1) > _LONGEST_PATTERNED:
        zh = f"有样式的文字最大长度不超过 {_LONGEST_PATTERNED}，样式中不得有无限重复的组，以免匹配不止"
        reason = f"`pattern` needs `maxLength` up to {_LONGEST_PATTERNED} and no endlessly repeated group: it could run for ever"
        yield "pattern", Term(zh, reason)


def _picture(schema: Schema) -> Iterator[Broken]:
    encoding, media_type = schema.get("contentEncoding"), schema.get("contentMediaType")
    if (encoding, media_type) == (None, None):
        return
    if encoding != "base64" or media_type not in MEDIA_TYPES:
        known = " or ".join(MEDIA_TYPES)
        reason = f"a picture needs `contentEncoding` base64 and `contentMediaType` {known}"
        yield "contentMediaType", Term(f"图片须为 base64 编码的 {'、'.join(MEDIA_TYPES)}", reason)


def _bounded_integer(schema: Schema) -> Iterator[Broken]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None or high is None or not -_GRAPHQL_INT <= low <= high < _GRAPHQL_INT:
        reason = "an integer needs `minimum` and `maximum` within 32 bits, which is all GraphQL's Int can carry"
        yield "minimum" if low is None else "maximum", Term("整数须有最小值和最大值，且在 32 位以内", reason)


def _closed_object(schema: Schema) -> Iterator[Broken]:
    if schema.get("additionalProperties") is not False:
        reason = "an object needs `additionalProperties`: false"
        yield "additionalProperties", Term("组须写明 additionalProperties 为 false", reason)
    if not schema.get("properties"):
        yield "properties", Term("组内至少要有一个字段", "an object needs `properties`")
    if missing := [name for name in schema.get("required", ()) if name not in schema.get("properties", {})]:
        names = ", ".join(missing)
        reason = f"`required` names {names}, which `properties` does not have"
        yield "required", Term(f"必填项列出了不存在的字段 {names}", reason)


def _bounded_list(schema: Schema) -> Iterator[Broken]:
    if not 1 <= schema.get("maxItems", 0) <= _LONGEST_LIST:
        yield (
            "maxItems",
            Term(f"列表须有 1 至 {_LONGEST_LIST} 的最多项数", f"a list needs `maxItems` from 1 to {_LONGEST_LIST}"),
        )
    if schema.get("items", {}).get("type") not in SUPPORTED_IN_LISTS:
        known = ", ".join(SUPPORTED_IN_LISTS)
        yield "items", Term(f"列表各项的类型须为 {known}", f"a list needs `items` of type {known}")


def _per_person(schema: Schema) -> Iterator[Broken]:
    if "x-per-person" not in schema:
        return
    path, items = schema["x-per-person"], schema.get("items", {})
    code = items.get("properties", {}).get(path, {})
    if code.get("type") != "string" or "contentMediaType" in code or path not in items.get("required", ()):
        reason = "`x-per-person` must name a required text inside each element"
        yield "x-per-person", Term("须指明每项内一个必填的文字字段", reason)
    if schema.get("x-atomic"):
        reason = "a list cannot be `x-atomic` and `x-per-person`: one means all, the other one's own"
        yield "x-atomic", Term("列表不能既整体披露又按人披露：前者是全部，后者只是本人的", reason)


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


def broken_rules(schema: Schema) -> Iterator[Fault]:
    """Yield, field by field, what is wrong with a face schema and what to do; nothing when it keeps every rule.

    The schema must already be valid JSON Schema 2020-12, or keywords could hold anything. Pointers are those of a type's document.
    """
    root = "/schema"
    yield from _placed(root, "the schema", _unknown(schema, SUPPORTED_AT_ROOT))
    if schema.get("type") != "object":
        yield Fault(f"{root}/type", "the schema", Term("`type` 须为 object", "`type` must be object"))
        return
    yield from _placed(root, "the schema", _closed_object(schema))
    for name in sorted(RESERVED_NAMES & schema.get("properties", {}).keys()):
        reason = Term("该名称已被平台占用，请另取", "the name is reserved; choose another")
        yield Fault(pointer("properties", name, above=root), name, reason)
    yield from _properties(schema, root, "", 1)


def _properties(schema: Schema, at: str, above: str, depth: int) -> Iterator[Fault]:
    for name, inner in schema.get("properties", {}).items():
        path, place = f"{above}{name}", pointer("properties", name, above=at)
        if not _NAME.fullmatch(name):
            reason = Term(
                "字段名以小写字母开头，其后为至多 63 个字母和数字",
                "a field name is a small letter, then up to 63 letters and digits",
            )
            yield Fault(place, path, reason)
        if not isinstance(inner, Mapping):
            yield Fault(place, path, Term("须为含 `type` 的对象", "must be an object with `type`"))
        elif depth > _DEEPEST:
            yield Fault(place, path, Term(f"嵌套超过 {_DEEPEST} 层", f"lies deeper than {_DEEPEST} levels"))
        elif depth > 1 and "x-per-person" in inner:
            reason = Term("只有最外层的列表可以按人披露", "only a list of the outermost level can be `x-per-person`")
            yield Fault(f"{place}/x-per-person", path, reason)
        else:
            yield from _property(inner, place, path, depth)


def _property(schema: Schema, place: str, path: str, depth: int) -> Iterator[Fault]:
    if not isinstance(schema.get("type"), str) or schema["type"] not in SUPPORTED:
        known = ", ".join(SUPPORTED)
        yield Fault(f"{place}/type", path, Term(f"`type` 须为 {known} 之一", f"`type` must be one of {known}"))
        return
    yield from _placed(place, path, _unknown(schema, SUPPORTED[schema["type"]]))
    element = schema.get("items")
    if schema["type"] == "array" and not (isinstance(element, Mapping) and isinstance(element.get("type"), str)):
        yield Fault(f"{place}/items", path, Term("列表须有带 `type` 的 `items`", "a list needs `items` with a `type`"))
        return
    for rule in (*_SHOWN_RULES, *_VALUE_RULES[schema["type"]]):
        yield from _placed(place, path, rule(schema))
    if element is not None:
        yield from _element(element, f"{place}/items", path)
    inside, at = (schema, place) if element is None else (element, f"{place}/items")
    yield from _properties(inside, at, f"{path}.", depth + 1)


def _element(element: Schema, place: str, path: str) -> Iterator[Fault]:
    if element["type"] not in SUPPORTED_IN_LISTS:
        return
    yield from _placed(place, f"{path} (elements)", _unknown(element, SUPPORTED_IN_LISTS[element["type"]]))
    for rule in _VALUE_RULES[element["type"]]:
        yield from _placed(place, f"{path} (elements)", rule(element))


def _unknown(schema: Schema, supported: frozenset[str]) -> Iterator[Broken]:
    for keyword in sorted(schema.keys() - supported):
        yield keyword, Term(f"此处不支持 `{keyword}`，请删去", f"`{keyword}` is not supported here; remove it")


def _placed(at: str, path: str, broken: Iterator[Broken]) -> Iterator[Fault]:
    return (Fault(pointer(keyword, above=at), path, reason) for keyword, reason in broken)
