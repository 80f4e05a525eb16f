"""How types and authorities are called, and in which time zone legal days are: what a counter shows beside a code that says only codes and seconds.

Decides that every type and authority is named, retired types too, since their licences stay, and that one catalogue has one spelling.
"""

from collections.abc import Mapping
from typing import Any

from hub.catalogue.service import Generation
from keys import strict_json


def names_of(catalogue: Generation, zone: str) -> bytes:
    """Return names in Chinese and English, of types by their 21-character code and of authorities by credit code, as JSON."""
    coded = {catalogue.code_of(key): versions[-1] for key, versions in catalogue.types.items()}
    types = {
        code: {"key": each.key, "zh": each.name.zh, "en": each.name.en}
        for code, each in coded.items()
        if code is not None
    }
    authorities = {each.code: {"zh": each.name_zh, "en": each.name_en} for each in catalogue.authorities.values()}
    return strict_json.dumps({"zone": zone, "types": _sorted(types), "authorities": _sorted(authorities)})


def _sorted(names: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(names.items()))
