"""The shape of an item document: which members it has and what each may hold.

Decides the outline only; `hub.catalogue.items.judging` says what the members mean together. It must never let an unknown member pass: a misspelt one would
silently not count. A document may hold no materials here, so that this fault has a code of its own.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from jsonschema import Draft202012Validator

from hub.catalogue.code_types import HolderKind
from hub.catalogue.faults import Fault, members_missing, pointer, shape
from hub.catalogue.items.natures import Nature, Sector
from hub.catalogue.requirements import OPERATORS
from hub.catalogue.type_document import GRADES

APPLICANT: Final = "applicant"
MOST_MATERIALS: Final = 60
MOST_REQUIREMENTS: Final = 40

_TEXT = {"type": "string", "pattern": "\\S", "maxLength": 1000}
_LETTER = {"type": "string", "pattern": "\\S", "maxLength": 4000}
_NAME = {"type": "string", "pattern": "^[a-z][A-Za-z0-9]{1,63}\\Z"}
_KEY = {"type": "string", "pattern": "^[A-Z][A-Za-z0-9]{1,63}\\Z"}
_ROLE = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,31}\\Z"}
_PATH = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]*(\\.[A-Za-z][A-Za-z0-9]*){0,7}\\Z", "maxLength": 200}
_CREDIT_CODE = {"type": "string", "pattern": "^[0-9A-Z]{18}\\Z"}


def _closed(members: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


def _list(of: dict[str, Any], most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least, "maxItems": most, "uniqueItems": True}


def _days(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": most}


_TERM = _closed({"zh": _TEXT, "en": _TEXT})
_LONG_TERM = _closed({"zh": _LETTER, "en": _LETTER})
_BASIS = _closed({"law": _TEXT, "article": _TEXT, "grade": {"enum": list(GRADES)}}, "article")
_BASES = _list(_BASIS, 10, 1)
_REQUIREMENT = _closed(
    {"source": _KEY, "path": _PATH, "operator": {"enum": list(OPERATORS)}, "value": {}, "words": _TERM}
)
_ALTERNATIVE = _closed(
    {"source": _KEY, "of": _ROLE, "requirements": _list(_NAME, 10), "issuedBy": _list(_CREDIT_CODE, 50, 1)}, "issuedBy"
)
_COMMITMENT = _closed({"text": _LONG_TERM, "checkWithin": {**_days(250), "minimum": 1}, "basis": _BASIS})
_DEFERRAL = _closed({"days": {**_days(250), "minimum": 1}, "basis": _BASIS})
_CHECK = _closed({"at": _TERM, "basis": _BASIS})
_EXCLUSION = _closed({"act": {"enum": ["COMMITMENT", "DEFERRAL"]}, "basis": _BASIS})
_MATERIAL = _closed(
    {
        "key": _NAME,
        "name": _TERM,
        "nature": {"enum": list(Nature)},
        "condition": _TERM,
        "satisfiedBy": _list(_ALTERNATIVE, 10),
        "departmentCheck": _CHECK,
        "resultOf": _list(_NAME, 10, 1),
        "commitment": _COMMITMENT,
        "deferral": _DEFERRAL,
        "excluded": _list(_EXCLUSION, 2, 1),
        "retainedProof": _TEXT,
        "basis": _BASES,
        "note": _TEXT,
    },
    *("condition", "departmentCheck", "resultOf", "commitment", "deferral", "excluded", "retainedProof", "note"),
)
_FROM = _closed({"source": _KEY, "path": _PATH, "of": _ROLE})
_FIELD = _closed({"name": _NAME, "label": _TERM, "from": _list(_FROM, 10)})
_CONCERN = _closed({"source": _KEY, "requirement": _NAME}, "requirement")
_LIMITS = _closed({"statutory": _days(250), "promised": _days(250), "note": _TEXT}, "promised", "note")
_EXCEPTION = _closed({"words": _TERM, "basis": _BASIS})
_CODES = _closed(
    {"base": {"type": "string", "pattern": "^[0-9]{12}\\Z"}, "local": _TEXT, "implementation": _TEXT},
    *("base", "local", "implementation"),
)
_DOCUMENT = _closed(
    {
        "key": _KEY,
        "version": {"type": "integer", "minimum": 1, "maximum": 999_999},
        "order": {"type": "integer", "minimum": 1, "maximum": 999_999},
        "name": _TERM,
        "exampleCodes": _CODES,
        "handledBy": _TERM,
        "applicants": _list({"enum": list(HolderKind)}, 2, 1),
        "sector": {"enum": list(Sector)},
        "limits": _LIMITS,
        "basis": _BASES,
        "result": _KEY,
        "notFor": _list(_EXCEPTION, 20),
        "requirements": {
            "type": "object",
            "propertyNames": _NAME,
            "additionalProperties": _REQUIREMENT,
            "maxProperties": MOST_REQUIREMENTS,
        },
        "materials": _list(_MATERIAL, MOST_MATERIALS),
        "form": _list(_FIELD, 100),
        "concerns": _list(_CONCERN, 20),
        "note": _LETTER,
    },
    *("order", "exampleCodes", "result"),
)
DOCUMENT_SCHEMA: Final[Mapping[str, Any]] = MappingProxyType(_DOCUMENT)
_VALIDATOR: Final = Draft202012Validator(_DOCUMENT)


def misshapen(document: object) -> Iterator[Fault]:
    """Yield where a document leaves its outline, and why; nothing when it is well shaped."""
    errors = _VALIDATOR.iter_errors(document)
    for error in sorted(errors, key=lambda found: [str(part) for part in found.absolute_path]):
        missing = members_missing(error.validator, error.message, error.validator_value)
        found = pointer(*error.absolute_path, *missing) or "/"
        yield Fault(found, found, shape(error.validator, error.message[:200]))
