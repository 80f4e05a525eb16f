"""Filling a form from what was read: each value with its source, contradictions shown, and of what is missing why.

Decides what stands in a field and in which state it is; pure, over values that the funnel has let out. It must never choose between sources that
contradict each other without saying so: the first in the item's order is proposed, and the field says CONTRADICTED.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from hub.catalogue.items.item_document import FormField
from hub.catalogue.licence_type import Term
from hub.sharing.forms.disputes import Dispute
from hub.sharing.forms.said import Place

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


class Origin(NamedTuple):
    """Where values come from: a licence (`source` is its `identifier`) or a register's entry (its id, and no identifier), whose word it is, and as of when."""

    type_key: str
    source: str
    version: int
    authority: str
    as_of: datetime
    record: str
    identifier: str | None


NO_GAPS: Final[Mapping[str, Gap]] = MappingProxyType({})


class SourceRead(NamedTuple):
    """What came of reading one source of one person of the case: values nested as on the face, or by path; or why there are none."""

    role: str
    origin: Origin | None = None
    values: Mapping[str, Any] = MappingProxyType({})
    withheld: Mapping[str, Gap] = NO_GAPS
    gap: Gap | None = None

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"SourceRead(role={self.role!r}, origin={self.origin!r}, gap={self.gap!r})"


class Found(NamedTuple):
    """A value that a source gives for a field, when the applicant confirmed it, and the last dispute about it in this case."""

    text: str
    path: str
    role: str
    origin: Origin
    confirmed_at: datetime | None = None
    dispute: Dispute | None = None

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # same
        return f"Found(path={self.path!r}, role={self.role!r}, origin={self.origin!r})"

    @property
    def place(self) -> Place:
        """Return which value it is."""
        return self.origin.source, self.origin.version, self.path


class Lacking(NamedTuple):
    """A source that gives no value for a field, and why."""

    type_key: str
    path: str
    role: str
    gap: Gap


class FilledField(NamedTuple):
    """A field of a form, with all that is known of it, in the item's order of preference.

    `value` is what is proposed: what the first source says that says anything, of each person in the role; `source` is whence that comes.
    """

    name: str
    label: Term
    state: FieldState
    found: tuple[Found, ...]
    lacking: tuple[Lacking, ...]
    value: str | None
    source: Origin | None

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # same
        return f"FilledField(name={self.name!r}, state={self.state!r}, found={self.found!r}, lacking={self.lacking!r})"


Reads = Mapping[tuple[str, str], Sequence[SourceRead]]
"""What came of each source and role, person by person."""


def fill(form_field: FormField, reads: Reads) -> FilledField:
    """Return a field filled from what was read."""
    found, lacking = list[Found](), list[Lacking]()
    by_source = list[Sequence[Found]]()
    for each in form_field.sources:
        before = len(found)
        of_source = reads.get((each.source, each.of), ())
        for read in of_source:
            text = _text(read.values, each.path)
            if text and read.origin:
                found.append(Found(text, each.path, each.of, read.origin))
            else:
                lacking.append(Lacking(each.source, each.path, each.of, _gap(read, each.path)))
        if not of_source:
            lacking.append(Lacking(each.source, each.path, each.of, Gap.NO_PARTY))
        if len(found) > before:
            by_source.append(found[before:])
    name, label, told = form_field.name, form_field.label, (tuple(found), tuple(lacking))
    if len(found) == 1:  # as most fields are filled
        return FilledField(name, label, FieldState.FILLED, *told, found[0].text, found[0].origin)
    if not found:
        return FilledField(name, label, FieldState.MISSING if lacking else FieldState.TO_FILL, *told, None, None)
    return FilledField(name, label, _state(by_source), *told, _proposed(found), found[0].origin)


def _proposed(found: Sequence[Found]) -> str:
    first = found[0]
    same = [each for each in found if each.origin.type_key == first.origin.type_key and each.role == first.role]
    return BETWEEN.join([each.text for each in same if each.path == first.path])


def _gap(read: SourceRead, path: str) -> Gap:
    return read.withheld.get(path, Gap.EMPTY) if read.origin else read.gap or Gap.NOT_FOUND


def _state(by_source: Sequence[Sequence[Found]]) -> FieldState:
    agree = len(by_source) == 1 or len({tuple(_alike(one.text) for one in values) for values in by_source}) == 1
    return FieldState.FILLED if agree else FieldState.CONTRADICTED


def _text(values: Mapping[str, Any], path: str) -> str:
    """Return what stands at a path as a form shows it; of lists all there is."""
    value = values.get(path)
    if type(value) is str:
        return value
    return BETWEEN.join([text for one in at(values, path) if (text := as_text(one))])


def at(values: Mapping[str, Any], path: str) -> Iterable[Any]:
    """Return what stands at a path, of every element of lists on the way."""
    if path not in values:
        return _inside(values, path)
    value = values[path]  # registers give all values by path
    return _each(value) if isinstance(value, list | tuple) else (value,)


def _inside(values: Mapping[str, Any], path: str) -> Iterator[Any]:
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
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return _TRUTHS[value]
    return str(value) if isinstance(value, str | int | float | Decimal) else ""


def _alike(text: str) -> str:
    """Return the spelling in which two sources say the same."""
    return "".join(unicodedata.normalize("NFKC", text).split())
