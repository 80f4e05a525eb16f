"""Scalars: how dates, moments, money, pictures and face data are written in GraphQL.

Decides their text only. A stored value is already text of the right form (it was checked when it was sealed), so it passes
through; what comes in is read strictly. Messages never repeat a value. RFC 3339 for moments, RFC 4648 section 4 for bytes.
"""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, NewType, cast

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from hub.catalogue.face_kinds import is_date, is_date_time

Decimal = NewType("Decimal", str)
Image = NewType("Image", str)
Base64 = NewType("Base64", bytes)
Digest = NewType("Digest", bytes)
FaceData = NewType("FaceData", dict[str, Any])
ImportMap = NewType("ImportMap", dict[str, Any])


def text(value: object) -> str:
    """Write a day or a moment; text passes through."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _reader(accepts: Callable[[str], bool], read: Callable[[str], object], form: str) -> Callable[[object], object]:
    def parse(value: object) -> object:
        if not isinstance(value, str) or not accepts(value):
            raise GraphQLError(f"must be {form}")
        return read(value)

    return parse


def _is_instant(text: str) -> bool:
    """Tell whether the text is a moment that is an instant in every time zone."""
    return is_date_time(text) and "1000" <= text[:4] <= "9998"


def _is_digest(text: str) -> bool:
    return re.fullmatch(r"[0-9A-Fa-f]{64}", text) is not None


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(value if isinstance(value, str) else "?", validate=True)
    except ValueError:
        raise GraphQLError("must be base64 (RFC 4648, section 4), padded and in one line") from None


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GraphQLError("must be an object")
    return value


def _scalar(name: str, description: str, **functions: Any) -> ScalarDefinition:
    return cast("ScalarDefinition", strawberry.scalar(name=name, description=description, **functions))


SCALARS: Mapping[object, ScalarDefinition] = MappingProxyType(
    {
        date: _scalar(
            "Date",
            "日期 · A legal day in the hub's time zone, written YYYY-MM-DD.",
            serialize=text,
            parse_value=_reader(is_date, date.fromisoformat, "a day such as 2026-11-22"),
        ),
        datetime: _scalar(
            "DateTime",
            "时刻 · An instant with its offset (RFC 3339), such as 2026-11-22T08:30:00Z.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
            serialize=text,
            parse_value=_reader(_is_instant, datetime.fromisoformat, "a moment such as 2026-11-22T08:30:00Z"),
        ),
        Decimal: _scalar(
            "Decimal", "十进制数 · A decimal number as text, never rounded, such as 12.50.", serialize=text
        ),
        Image: _scalar("Image", "图片 · A PNG or JPEG picture as base64 (RFC 4648, section 4).", serialize=text),
        Base64: _scalar(
            "Base64",
            "字节 · Bytes as base64 (RFC 4648, section 4), padded and in one line.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc4648#section-4",
            parse_value=_bytes,
            serialize=lambda value: base64.b64encode(value).decode(),
        ),
        Digest: _scalar(
            "Digest",
            "摘要 · The 32 bytes of a document's digest in 64 hexadecimal digits, as `sha256sum` or `openssl dgst -sm3` prints it.",
            parse_value=_reader(_is_digest, bytes.fromhex, "64 hexadecimal digits"),
            serialize=lambda value: value.hex(),
        ),
        ImportMap: _scalar(
            "ImportMap",
            "导入映射 · Which column of a file fills which field, as one JSON object; the guide of imports describes it.",
            parse_value=_object,
            serialize=lambda value: value,
        ),
        FaceData: _scalar(
            "FaceData",
            "照面数据 · The fields of a licence face as one JSON object, named as in the licence type.",
            parse_value=_object,
            serialize=lambda value: value,
        ),
    }
)
