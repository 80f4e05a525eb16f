"""A map made of the columns' own names, so that plain files need none.

Decides by paths and by titles, in either language, whatever their width, case and blanks. It must never choose between fields: a
title inside several objects is left to a person. One column fills all outermost fields of its title: a code that is
number and holder's code, a name that is holder's and face's.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import LicenceType
from hub.errors import ImportMapError
from hub.licences.importing.mapping import Map, Steps, Target, path_of, steps_of
from hub.licences.importing.shapes import LEGAL_BASIS, REASON, node_at, root_of

_PART = re.compile(r"([^.\[\]]+)((?:\[[0-9]{1,3}\])*)")
_REMARK = re.compile(r"\([^()]*\)$")  # titles are compared under NFKC, which has one kind of bracket
_BASE = ("number", "holders.codeType", "holders.code", "holders.name", "issuedOn", "validFrom", "validUntil")
_WORDS: Mapping[Steps, tuple[str, ...]] = MappingProxyType(
    {
        (LEGAL_BASIS,): ("legalBasis", "法律依据", "Legal basis"),
        (REASON,): ("reason", "理由", "Reason"),
        ("validUntil",): ("截止日期", "Valid to"),
    }
)


def suggested(columns: tuple[str, ...], licence_type: LicenceType) -> Map:
    """Return the map that the columns' names give; raises ImportMapError, which tells the places of those that give none."""
    found = fields_of(columns, licence_type)
    if unclear := [str(place) for place, column in enumerate(columns, 1) if not found[column]]:
        raise ImportMapError(
            f"The names of columns {', '.join(unclear)} are no path or title of a field, or of several; give a map."
        )
    return Map(MappingProxyType({column: tuple(map(Target, targets)) for column, targets in found.items()}))


def fields_of(columns: tuple[str, ...], licence_type: LicenceType) -> Mapping[str, tuple[Steps, ...]]:
    """Return the fields that each column's name gives; none, where it gives none or does not tell which."""
    titles = _titles(licence_type)
    return {column: _fields(column, titles, licence_type) for column in columns}


def fillable(licence_type: LicenceType) -> Iterator[tuple[Steps, str, str]]:
    """Yield what one column can fill: steps, and titles in both languages. Of lists with entries of several fields only the first two holders are among them."""
    labels = licence_type.labels
    yield from ((_first_holder(path), labels[path].zh, labels[path].en) for path in _BASE)
    if licence_type.several_holders:
        second = ((steps_of(path), labels[path]) for path in _BASE if path.startswith("holders."))
        yield from (((steps[0], 1, *steps[1:]), f"{label.zh} 2", f"{label.en} 2") for steps, label in second)
    for field in licence_type.fields:
        above = [licence_type.by_path[path] for path in _above(field.path)]
        own = above or field.path in licence_type.schema["properties"]
        plain = Kind.OBJECT not in {field.kind, field.item_kind}
        if own and plain and all(each.kind is Kind.OBJECT for each in above):
            whole = (*above, field)
            yield (
                steps_of(field.path),
                " › ".join(each.title_zh for each in whole),
                " › ".join(each.title_en for each in whole),
            )
    yield from ((steps, _WORDS[steps][1], _WORDS[steps][2]) for steps in ((LEGAL_BASIS,), (REASON,)))


def _fields(column: str, titles: Mapping[str, tuple[Steps, ...]], licence_type: LicenceType) -> tuple[Steps, ...]:
    """Return the fields a column fills: `name` is the path of one, Name may be the title of two."""
    by_path = _by_path(column, licence_type)
    exact = any(column in {path_of(steps), path_of(steps).replace("[0]", "", 1)} for steps in by_path)
    return by_path if exact else titles.get(_spelled(column), by_path)


def _spelled(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _titles(licence_type: LicenceType) -> Mapping[str, tuple[Steps, ...]]:
    """Return the fields of each title: all outermost ones, or the only one inside an object or of a title cut short."""
    outer = _indexed((steps, _spelled(name)) for steps, names in _outermost(licence_type) for name in names)
    short = ((steps, _REMARK.sub("", name)) for name, found in outer.items() for steps in found)
    inner = ((steps, _spelled(name)) for steps, names in _inside_objects(licence_type) for name in names)
    sole = {name: found for name, found in _indexed((*short, *inner)).items() if len(found) == 1}
    return sole | outer


def _indexed(named: Iterable[tuple[Steps, str]]) -> dict[str, tuple[Steps, ...]]:
    found: dict[str, tuple[Steps, ...]] = {}
    for steps, name in named:
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), steps)))
    return found


def _outermost(licence_type: LicenceType) -> Iterator[tuple[Steps, tuple[str, ...]]]:
    for path in _BASE:
        label = licence_type.labels[path]
        yield _first_holder(path), (label.zh, label.en, *label.pinyin)
    yield from _WORDS.items()
    for field in licence_type.fields:
        if (
            "." not in field.path
            and field.path in licence_type.schema["properties"]
            and field.item_kind is not Kind.OBJECT
        ):
            yield steps_of(field.path), (field.title_zh, field.title_en, *field.pinyin)


def _inside_objects(licence_type: LicenceType) -> Iterator[tuple[Steps, tuple[str, ...]]]:
    """Yield fields inside objects by their own titles, and by those of the objects before them."""
    for field in licence_type.fields:
        above = [licence_type.by_path[path] for path in _above(field.path)]
        if above and all(each.kind is Kind.OBJECT for each in above):
            whole = (*above, field)
            zh, en = "".join(each.title_zh for each in whole), "".join(each.title_en for each in whole)
            dotted = (".".join(each.title_zh for each in whole), ".".join(each.title_en for each in whole))
            yield steps_of(field.path), (field.title_zh, field.title_en, zh, en, *dotted)


def _above(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def _first_holder(path: str) -> Steps:
    """Return the steps of a path; holders without a place are the first."""
    steps = steps_of(path)
    return (steps[0], 0, *steps[1:]) if path.startswith("holders.") else steps


def _by_path(column: str, licence_type: LicenceType) -> tuple[Steps, ...]:
    """Return the field whose path a column's name is, places in lists included."""
    parts = _PART.findall(_spelled(column))
    known = {_spelled(path): path for path in (*_BASE, *licence_type.by_path)}
    path = known.get(".".join(name for name, _ in parts))
    if path is None or _PART.sub("", _spelled(column)).strip("."):
        return ()
    written = ".".join(name + places for name, (_, places) in zip(path.split("."), parts, strict=True))
    steps = _first_holder(written)
    try:
        node_at(root_of(licence_type), steps)
    except ImportMapError:
        return ()
    return (steps,)
