"""A licence of a type that is being written, with invented values: what its document and its form would look like.

Decides nothing and keeps nothing; texts stand for themselves by the name of their field.
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.code_types import HolderKind
from hub.catalogue.face_fields import kind_of
from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import LicenceType

Schema = Mapping[str, Any]
_COMPANY: Final = {
    "zh": {"codeType": "001", "code": "91990100MA9Y00004Q", "name": "虚构市示例有限公司"},
    "en": {"codeType": "001", "code": "91990100MA9Y00004Q", "name": "Invented Company Ltd"},
}
_PERSON: Final = {"zh": {"codeType": "111", "name": "虚构人甲"}, "en": {"codeType": "111", "name": "Somebody Invented"}}


def sample(licence_type: LicenceType, day: date, language: str) -> dict[str, Any]:
    """Return base fields and face data as they would be disclosed; `language` is zh or en."""
    made: dict[str, Any] = _Made(day, language).object(licence_type.schema)
    holder = (_COMPANY if HolderKind.ORGANISATION in licence_type.holder_kinds else _PERSON)[language]
    return {"number": "〔2026〕00001", "holders": [holder], "issuedOn": day.isoformat(), **made}


class _Made:
    def __init__(self, day: date, language: str) -> None:
        self._day = day.isoformat()
        self._title = "title" if language == "zh" else "x-title-en"

    def object(self, schema: Schema) -> dict[str, Any]:
        return {name: self._value(inner, inner.get(self._title, name)) for name, inner in schema["properties"].items()}

    def _value(self, schema: Schema, title: str) -> Any:
        return _VALUES[kind_of(schema)](self, schema, title)

    def text(self, schema: Schema, title: str) -> str:
        return str(schema["enum"][0]) if "enum" in schema else f"〔{title}〕"

    def several(self, schema: Schema, title: str) -> list[Any]:
        return [self._value(schema["items"], title)]

    def day(self, _schema: Schema, _title: str) -> str:
        return self._day


_VALUES: Final[Mapping[Kind, Callable[[_Made, Schema, str], Any]]] = MappingProxyType(
    {
        Kind.STRING: _Made.text,
        Kind.INTEGER: lambda _made, schema, _title: max(schema["minimum"], min(1, schema["maximum"])),
        Kind.BOOLEAN: lambda _made, _schema, _title: True,
        Kind.DATE: _Made.day,
        Kind.DATE_TIME: lambda made, schema, title: f"{made.day(schema, title)}T09:30:00+08:00",
        Kind.DECIMAL: lambda _made, _schema, _title: "100.00",
        Kind.IMAGE: lambda _made, _schema, _title: "",
        Kind.OBJECT: lambda made, schema, _title: made.object(schema),
        Kind.LIST: _Made.several,
    }
)
