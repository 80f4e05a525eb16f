"""Documents examined before they are published: every fault at its place, what is there already, and what would change.

Decides nothing that publishing does not: the same rules are asked, without the lock. Documents come from people's files, so they are read with care:
their depth and size are bounded before any rule sees them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.catalogue.faults import Fault, Term
from hub.catalogue.generation import Generation
from hub.catalogue.items.item_document import ItemDocument
from hub.catalogue.items.judging import judge as judge_item
from hub.catalogue.items.sources import sources_of
from hub.catalogue.licence_type import LicenceType, field_faults, judge
from hub.catalogue.type_publishing import CODE_TAKEN, has_code, misfits
from hub.errors import InputInvalidError

LONGEST: Final = 1_000_000
_DEEPEST: Final = 40
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExaminedType:
    """What is to be said of a type's document; `licence_type` is None as long as it has faults of its own."""

    faults: tuple[Fault, ...]
    licence_type: LicenceType | None


@dataclass(frozen=True, slots=True)
class ExaminedItem:
    """What is to be said of an item's document; `described` is None as long as it has faults of its own."""

    faults: tuple[Fault, ...]
    described: ItemDocument | None


def examined_type(document: Mapping[str, Any], generation: Generation) -> ExaminedType:
    """Examine a document as the next version of its type."""
    judged = judge(document)
    if not isinstance(judged, LicenceType):
        # Whoever is told that the name is missing hears of the fields, too.
        return ExaminedType(tuple(dict.fromkeys((*judged, *faults_of_fields(document)))), None)
    faults = misfits(generation.types.get(judged.key, ()), judged)
    if has_code(generation, judged.key, judged.type_code):
        faults = (*faults, _at("/typeCode", "另一证照类型已用此代码", CODE_TAKEN))
    return ExaminedType(faults, judged)


def faults_of_fields(document: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return what is wrong with the fields of a type's document, as far as it has any."""
    schema = document.get("schema")
    return field_faults(schema) if isinstance(schema, Mapping) else ()


def examined_item(document: Mapping[str, Any], item: str, generation: Generation) -> ExaminedItem:
    """Examine a document as the next version of a service item's."""
    judged = judge_item(document, sources_of(generation))
    if not isinstance(judged, ItemDocument):
        return ExaminedItem(tuple(each.fault for each in judged), None)
    published = generation.documents.get(item, ())
    following = published[-1].version + 1 if published else 1
    faults = []
    if published and published[-1].document.key != judged.key:
        zh = "该事项的文件另有关键字；下一版本须保持不变"
        faults.append(_at("/key", zh, "the service item has a document of another key; a next version keeps it."))
    if judged.version != following:
        faults.append(_at("/version", f"下一个版本号应为 {following}", f"the next version to publish is {following}."))
    return ExaminedItem(tuple(faults), judged)


def _at(place: str, zh: str, en: str) -> Fault:
    return Fault(place, place, Term(zh, en))


def read_document(text: str | bytes) -> Document:
    """Return the document that a file or a field holds.

    Raises:
        InputInvalidError: it is longer or deeper than documents are, no JSON, or no object; what stands twice is refused, too.
    """
    if len(text) > LONGEST:
        raise InputInvalidError(f"A document has up to {LONGEST} characters.")
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    except RecursionError:
        raise InputInvalidError("The document is nested too deeply.") from None
    except ValueError as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputInvalidError(f"This is not JSON in UTF-8{where}.") from error
    if not isinstance(found, dict):
        raise InputInvalidError("A document is a JSON object.")
    if _depth(found, _DEEPEST) > _DEEPEST:
        raise InputInvalidError("The document is nested too deeply.")
    return found


def _once(pairs: list[tuple[str, Any]]) -> Document:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a member stands twice")
    return made


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _depth(value: Any, most: int) -> int:
    """Return how deeply a value is nested, or more than `most` as soon as it is."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(each, most - 1) for each in inner), default=0) if most >= 0 else 1
