"""A small sound item document, for tests to spoil one thing of."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from hub.catalogue.items.sources import Sources
from hub.catalogue.licence_type import load_shipped
from hub.catalogue.registers import REGISTERS

SOURCES: Final[Sources] = {**{each.key: each for each in load_shipped()}, **REGISTERS}
_BASIS: Final = {"law": "虚构市政务服务条例", "article": "第一条", "grade": "local"}
_SMALL: Final[Mapping[str, Any]] = {
    "key": "SmallItem",
    "version": 1,
    "name": {"zh": "小事项", "en": "A small item"},
    "handledBy": {"zh": "审批局", "en": "A bureau"},
    "applicants": ["PERSON"],
    "sector": "ORDINARY",
    "limits": {"statutory": 20},
    "basis": [_BASIS],
    "notFor": [],
    "requirements": {
        "classB2": {
            "source": "DriverLicence", "path": "vehicleClasses", "operator": "includes", "value": "B2",
            "words": {"zh": "准驾车型含B2", "en": "the classes include B2"},
        },
    },
    "materials": [
        {
            "key": "licence", "name": {"zh": "驾驶证", "en": "Driving licence"}, "nature": "CERTIFICATE",
            "satisfiedBy": [{"source": "DriverLicence", "of": "applicant", "requirements": ["classB2"]}], "basis": [_BASIS],
        },
    ],
    "form": [],
    "concerns": [],
    "note": "虚构 · Invented.",
}  # fmt: skip


def small(**changes: Any) -> dict[str, Any]:
    """Return the document with other members."""
    return {**copy.deepcopy(dict(_SMALL)), **changes}


def material(**changes: Any) -> dict[str, Any]:
    """Return its material with other members; `requirement` of nothing."""
    return {**copy.deepcopy(_SMALL["materials"][0]), **changes}


def requirement(**changes: Any) -> dict[str, Any]:
    """Return its requirement with other members."""
    return {**copy.deepcopy(_SMALL["requirements"]["classB2"]), **changes}


def commitment() -> dict[str, Any]:
    """Return a commitment."""
    return {"text": {"zh": "本人承诺属实", "en": "I commit to it."}, "checkWithin": 20, "basis": dict(_BASIS)}


def deferral(days: int = 10) -> dict[str, Any]:
    """Return a deferral."""
    return {"days": days, "basis": dict(_BASIS)}
