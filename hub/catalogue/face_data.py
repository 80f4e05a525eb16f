"""Whether face data obeys its licence type: every broken rule at once, in both languages.

Decides only that; it changes nothing and fills nothing in. It must never repeat a value, nor a member name that cannot be a
field's: both may be personal data. JSON Schema 2020-12, read strictly: formats are checked, an integer is never a float,
a pattern speaks of the whole text, a picture is what it says. RFC 6901 pointers.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from hub.catalogue.face_kinds import FORMATS, UNREADABLE, is_picture
from hub.catalogue.licence_type import LicenceType
from hub.errors import FaceDataError, Violation

MOST_TOLD = 50
# A flood of broken rules is cut before it is sorted; nothing sent in good faith has as many.
_MOST_SOUGHT = 1_000
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")

Schema = Mapping[str, Any]


# jsonschema calls a keyword with the validator, the keyword's value, the instance and the schema around it.
def _type(validator: Any, kind: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    del schema
    if not validator.is_type(instance, kind):
        yield ValidationError("type")
    elif isinstance(instance, str) and UNREADABLE.search(instance):
        yield ValidationError("characters", validator="characters")


def _enum(validator: Any, choices: list[str], instance: Any, schema: Schema) -> Iterator[ValidationError]:
    del schema
    if validator.is_type(instance, "string") and instance not in choices:
        yield ValidationError("enum")


def _pattern(validator: Any, pattern: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """Match the whole text by ASCII classes, as ECMA-262 does; Python's `$` would let a line feed follow."""
    if not validator.is_type(instance, "string") or len(instance) > schema.get("maxLength", len(instance)):
        return
    if re.fullmatch(pattern, instance, re.ASCII):
        return
    named = FORMATS.get(schema.get("format", ""))
    if named is not None and named.accepts is None:
        yield ValidationError("format", validator="format", validator_value=schema["format"])
    else:
        yield ValidationError("pattern")


def _required(validator: Any, names: list[str], instance: Any, schema: Schema) -> Iterator[ValidationError]:
    del schema
    if validator.is_type(instance, "object"):
        yield from (ValidationError("required", path=[name]) for name in names if name not in instance)


def _additional(validator: Any, allowed: bool, instance: Any, schema: Schema) -> Iterator[ValidationError]:  # noqa: FBT001 - jsonschema's signature
    if allowed or not validator.is_type(instance, "object"):
        return
    for name in instance.keys() - schema["properties"].keys():
        sayable = isinstance(name, str) and _FIELD_NAME.fullmatch(name)
        yield ValidationError("additionalProperties", path=[name] if sayable else [])


def _media_type(validator: Any, media_type: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "string") or len(instance) > schema["maxLength"]:
        return
    if not is_picture(instance, media_type):
        yield ValidationError("contentMediaType")


def _format_checker() -> FormatChecker:
    checker = FormatChecker(())
    for name, row in FORMATS.items():
        if row.accepts is not None:
            checker.checks(name)(_on_text(row.accepts))
    return checker


def _on_text(accepts: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda instance: not isinstance(instance, str) or accepts(instance)


def _is_integer(checker: TypeChecker, instance: object) -> bool:
    del checker
    return isinstance(instance, int) and not isinstance(instance, bool)


_STRICT = extend(
    Draft202012Validator,
    {
        "type": _type,
        "enum": _enum,
        "pattern": _pattern,
        "required": _required,
        "additionalProperties": _additional,
        "contentMediaType": _media_type,
    },
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
    format_checker=_format_checker(),
)

_TYPE_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "string": ("文本", "text"),
        "integer": ("整数", "an integer"),
        "boolean": ("是或否（true 或 false）", "true or false"),
        "object": ("对象", "an object"),
        "array": ("列表", "a list"),
    }
)

# The templates may name the rule's own limit, never what was sent.
_REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "type": ("须为{zh}", "must be {en}"),
        "characters": ("含有不可显示的字符，请删除", "holds characters that cannot be shown; remove them"),
        "enum": ("须为下列之一：{zh}", "must be one of: {en}"),
        "pattern": ("格式不符，请与证照原件核对", "has the wrong form; compare it with the licence"),
        "format": ("{zh}", "{en}"),
        "minLength": ("至少 {zh} 个字符", "needs at least {en} characters"),
        "maxLength": ("最多 {zh} 个字符", "may have at most {en} characters"),
        "minimum": ("不得小于 {zh}", "may not be below {en}"),
        "maximum": ("不得大于 {zh}", "may not be above {en}"),
        "minItems": ("至少 {zh} 项", "needs at least {en} entries"),
        "maxItems": ("最多 {zh} 项", "may have at most {en} entries"),
        "required": ("必填，不能缺少", "is required and missing"),
        "additionalProperties": ("该证照类型没有此字段，请删除", "is not a field of this licence type; remove it"),
        "contentMediaType": ("须为 {zh} 图片的 Base64 文本", "must be an {en} picture in base64"),
    }
)


def validate(licence_type: LicenceType, data: Mapping[str, Any]) -> None:
    """Return when face data obeys its type; else raise FaceDataError with up to 50 violations in pointer order.

    `data` is decoded JSON: the face's own fields, without the shared base fields (number, holders, dates).
    """
    if licence_type.obeyed_by(data):
        return
    errors = islice(_STRICT(licence_type.schema, format_checker=_STRICT.FORMAT_CHECKER).iter_errors(data), _MOST_SOUGHT)
    if found := sorted(errors, key=_position):
        raise FaceDataError([_violation(licence_type, error) for error in found[:MOST_TOLD]])


def _position(error: ValidationError) -> tuple[tuple[str, ...], str]:
    parts = tuple(f"{part:08d}" if isinstance(part, int) else part for part in error.absolute_path)
    return parts, str(error.validator)


def _violation(licence_type: LicenceType, error: ValidationError) -> Violation:
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path]
    title_zh, title_en = _titles(licence_type, error)
    zh, en = _limits(error)
    reason_zh, reason_en = _REASONS[str(error.validator)]
    return Violation(
        pointer="".join(f"/{part}" for part in parts),
        field_zh=title_zh,
        field_en=title_en,
        reason_zh=reason_zh.format(zh=zh),
        reason_en=reason_en.format(en=en),
    )


def _titles(licence_type: LicenceType, error: ValidationError) -> tuple[str, str]:
    path = ".".join(part for part in error.absolute_path if isinstance(part, str))
    if error.validator == "additionalProperties":
        return "未知字段", "Unknown field"
    if not path:
        return "照面数据", "Face data"
    field = licence_type.by_path[path]
    return field.title_zh, field.title_en


def _limits(error: ValidationError) -> tuple[str, str]:
    """Return what a reason names: the rule's own limit in both languages."""
    value = error.validator_value
    match error.validator:
        case "type":
            return _TYPE_NAMES[value]
        case "enum":
            return "、".join(value), ", ".join(value)
        case "format":
            return FORMATS[value].reason_zh, FORMATS[value].reason_en
    return str(value), str(value)
