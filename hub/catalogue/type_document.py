"""The shape of a licence type's document: which members it has and what each may hold.

Decides the outline only; `hub.catalogue.face_schema` judges the face schema inside and `hub.catalogue.licence_type` what the
members mean together. It must never let an unknown member pass: a misspelt one would silently not count.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator

from hub.catalogue.code_types import HolderKind
from hub.catalogue.face_fields import BASE_LABELS, Sensitivity
from hub.catalogue.faults import Fault, members_missing, pointer, shape


class Category(StrEnum):
    """What kind of sealed certificate it is: 证照, 证明, 批文, 鉴定, 办事结果."""

    LICENCE = "LICENCE"
    PROOF = "PROOF"
    APPROVAL = "APPROVAL"
    APPRAISAL = "APPRAISAL"
    OUTCOME = "OUTCOME"


class SharingClass(StrEnum):
    """无条件, 有条件 and 不予共享 of the government data sharing rules."""

    UNCONDITIONAL = "UNCONDITIONAL"
    CONDITIONAL = "CONDITIONAL"
    NOT_SHARED = "NOT_SHARED"


class ValidityKind(StrEnum):
    """LONG_TERM prints no end; YEARS ends at most so many years on; DATED prints a date or 长期; NONE is a dated proof."""

    LONG_TERM = "LONG_TERM"
    YEARS = "YEARS"
    DATED = "DATED"
    NONE = "NONE"


class QrHolder(StrEnum):
    """What printed codes say of the holder: his name, masked where he is a natural person, or nothing."""

    MASKED = "MASKED"
    NONE = "NONE"


GRADES = ("strong", "good", "weak", "local")
_LONGEST_VALIDITY = 100


def _closed(members: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


_TEXT = {"type": "string", "pattern": "\\S", "maxLength": 1000}
_TERM = _closed({"zh": _TEXT, "en": _TEXT})
_LABEL = _closed(
    {
        "zh": _TEXT,
        "en": _TEXT,
        "sensitivity": {"enum": list(Sensitivity)},
        "pinyin": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 10},
    },
    "sensitivity",
    "pinyin",
)
_CODE = {"type": ["string", "null"]}
_VALIDITY = {
    **_closed(
        {
            "kind": {"enum": list(ValidityKind)},
            "years": {"type": "integer", "minimum": 1, "maximum": _LONGEST_VALIDITY},
        },
        "years",
    ),
    "if": {"properties": {"kind": {"const": "YEARS"}}},
    "then": {"required": ["years"]},
    "else": {"not": {"required": ["years"]}},
}
_DOCUMENT = _closed(
    {
        "key": {"type": "string", "pattern": "^[A-Z][A-Za-z0-9]{1,63}$"},
        "version": {"type": "integer", "minimum": 1, "maximum": 999_999},
        "order": {"type": "integer", "minimum": 1, "maximum": 999_999},
        "name": _TERM,
        "category": {"enum": list(Category)},
        "definer": _closed({"name": _TERM, "creditCode": _CODE}),
        "typeCode": _CODE,
        "holderKinds": {
            "type": "array",
            "items": {"enum": list(HolderKind)},
            "minItems": 1,
            "uniqueItems": True,
        },
        "severalHolders": {"type": "boolean"},
        "sharingClass": {"enum": list(SharingClass)},
        "holderConsent": {"type": "boolean"},
        "qrHolder": {"enum": list(QrHolder)},
        "validity": _VALIDITY,
        "uniqueness": {"type": "array", "items": _TEXT, "maxItems": 5, "uniqueItems": True},
        "labels": {
            "type": "object",
            "properties": dict.fromkeys(BASE_LABELS, _LABEL),
            "additionalProperties": False,
        },
        "schema": {"type": "object"},
        "source": _closed({"law": _TEXT, "note": _TEXT, "grade": {"enum": list(GRADES)}}),
    },
    "order",
    "holderConsent",
    "qrHolder",
)
DOCUMENT_SCHEMA: Mapping[str, Any] = MappingProxyType(_DOCUMENT)
_VALIDATOR = Draft202012Validator(_DOCUMENT)


def misshapen(document: object) -> Iterator[Fault]:
    """Yield where a document leaves its outline, and why; nothing when it is well shaped."""
    errors = _VALIDATOR.iter_errors(document)
    for error in sorted(errors, key=lambda found: [str(part) for part in found.absolute_path]):
        missing = members_missing(error.validator, error.message, error.validator_value)
        place = pointer(*error.absolute_path) or "/"
        found = pointer(*error.absolute_path, *missing) or "/"
        yield Fault(found, place, shape(error.validator, error.message[:300]))
