"""Filling a form from what was read: each value with its source, contradictions shown, and of what is missing why.

Decides what stands in a field and in which state it is; pure, over values that the funnel has let out. It must never choose between sources that
contradict each other without saying so: the first in the item's order is proposed, and the field says CONTRADICTED.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.items.item_document import FormField
from hub.catalogue.licence_type import Term

BETWEEN: Final = "、"
_TRUTHS: Final = {True: "是", False: "否"}


class FieldState(StrEnum):
    """How a field stands: sources agree; they do not; nothing was found; nobody's word is asked for but the applicant's; what he said of it."""

    FILLED = "FILLED"
    CONTRADICTED = "CONTRADICTED"
    MISSING = "MISSING"
    TO_FILL = "TO_FILL"
    CONFIRMED = "CONFIRMED"
    DISPUTED = "DISPUTED"


class Gap(StrEnum):
    """Why a source gives no value."""

    NOT_GRANTED = "NOT_GRANTED"
    NOT_SHARED = "NOT_SHARED"
    CONSENT_NEEDED = "CONSENT_NEEDED"
    RELATION_NOT_PROVED = "RELATION_NOT_PROVED"
    NO_PARTY = "NO_PARTY"
    NOT_FOUND = "NOT_FOUND"
    NOT_VALID = "NOT_VALID"
    SEVERAL = "SEVERAL"
    OTHER_PERSON = "OTHER_PERSON"
    EMPTY = "EMPTY"
    DAMAGED = "DAMAGED"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where values come from: a licence (`source` is its identifier) or a register's entry (its id), whose word it is, and as of when."""

    type_key: str
    source: str
    version: int
    authority: str
    as_of: datetime
    record: str
    is_register: bool = False


@dataclass(frozen=True, slots=True)
class SourceRead:
    """What came of reading one source of one person of the case: values nested as on the face, or by path; or why there are none."""

    role: str
    origin: Origin | None = None
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    withheld: Mapping[str, Gap] = field(default_factory=lambda: MappingProxyType({}))
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A value that a source gives for a field."""

    text: str = field(repr=False)
    path: str
    role: str
    origin: Origin

    @property
    def place(self) -> tuple[str, int, str]:
        """Return which value it is."""
        return self.origin.source, self.origin.version, self.path


@dataclass(frozen=True, slots=True)
class Lacking:
    """A source that gives no value for a field, and why."""

    type_key: str
    path: str
    role: str
    gap: Gap


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field of a form, with all that is known of it, in the item's order of preference."""

    name: str
    label: Term
    state: FieldState
    found: tuple[Found, ...]
    lacking: tuple[Lacking, ...]

    @property
    def value(self) -> str | None:
        """Return what is proposed: what the first source says that says anything, of each person in the role."""
        if not self.found:
            return None
        first = self.found[0]
        same = (
            each for each in self.found if each.origin.type_key == first.origin.type_key and each.role == first.role
        )
        return BETWEEN.join(each.text for each in same if each.path == first.path)


Reads = Mapping[tuple[str, str], Sequence[SourceRead]]
"""What came of each source and role, person by person."""


def fill(form_field: FormField, reads: Reads) -> FilledField:
    """Return a field filled from what was read."""
    found, lacking = [], []
    by_source: list[tuple[str, ...]] = []
    for each in form_field.sources:
        of_source = [_one(each.source, each.path, each.of, read) for read in reads.get((each.source, each.of), ())]
        if not of_source:
            lacking.append(Lacking(each.source, each.path, each.of, Gap.NO_PARTY))
        values = [one for one in of_source if isinstance(one, Found)]
        found += values
        lacking += [one for one in of_source if isinstance(one, Lacking)]
        by_source += [tuple(_alike(one.text) for one in values)] if values else []
    return FilledField(form_field.name, form_field.label, _state(form_field, by_source), tuple(found), tuple(lacking))


def _state(form_field: FormField, by_source: Sequence[tuple[str, ...]]) -> FieldState:
    if not form_field.sources:
        return FieldState.TO_FILL
    if not by_source:
        return FieldState.MISSING
    return FieldState.FILLED if len(set(by_source)) == 1 else FieldState.CONTRADICTED


def _one(type_key: str, path: str, role: str, read: SourceRead) -> Found | Lacking:
    if read.origin is None:
        return Lacking(type_key, path, role, read.gap or Gap.NOT_FOUND)
    texts = [text for value in at(read.values, path) if (text := as_text(value))]
    if texts:
        return Found(BETWEEN.join(texts), path, role, read.origin)
    return Lacking(type_key, path, role, read.withheld.get(path, Gap.EMPTY))


def at(values: Mapping[str, Any], path: str) -> Iterator[Any]:
    """Yield what stands at a path, of every element of lists on the way."""
    if path in values:  # registers give values by path
        yield from _each(values[path])
        return
    step, _, rest = path.partition(".")
    if rest and step in values:
        for inner in _each(values[step]):
            if isinstance(inner, Mapping):
                yield from at(inner, rest)


def _each(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _each(one)
    else:
        yield value


def as_text(value: Any) -> str:
    """Return a face value as a form shows it; nothing for what is no single value."""
    if isinstance(value, bool):
        return _TRUTHS[value]
    return str(value) if isinstance(value, str | int | float | Decimal) else ""


def _alike(text: str) -> str:
    """Return the spelling in which two sources say the same."""
    return "".join(unicodedata.normalize("NFKC", text).split())
