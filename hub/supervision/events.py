"""What records mean to supervision: what is counted, and what rules look at.

Decides for each kind of record what it counts as, by one table. It must never take anything from a record but who, what, when and for
which item: of persons a record knows random handles only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

from hub.audit.reading import PlacedRecord
from hub.licences.identifier import LicenceIdentifier
from hub.licences.status import MAKING, RESEAL_ACT, Status
from hub.sharing.facts import EVIDENCE_OF, MATCHED, Channel

W = TypeVar("W", bound=tuple[str, ...])


class Measure(StrEnum):
    """What is counted."""

    UPLOADED = "UPLOADED"
    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    MISSED = "MISSED"
    SEALED = "SEALED"
    EXEMPTED = "EXEMPTED"
    COMMITTED = "COMMITTED"
    DEFERRED = "DEFERRED"
    PRESENTED = "PRESENTED"

    __hash__ = str.__hash__  # that of an Enum is a function in Python


class Key(NamedTuple):
    """What is counted together; what does not apply is empty. `reason` is why a read was denied, or the seal that was used (esID)."""

    day: str
    authority: str
    type_key: str
    item: str
    measure: str
    reason: str


class Read(NamedTuple):
    """A read that a client system tried, as rules see it; `at` in microseconds, `unmatched` the pairs of a batch that did not belong together."""

    place: int
    at: int
    id: str
    authority: str
    client: str
    case: str
    measure: Measure
    subjects: tuple[str, ...]
    unmatched: int = 0


class Told(NamedTuple):
    """A record, and the read of a client system that it tells of, if it does."""

    record: PlacedRecord
    read: Read | None


class Exemption(NamedTuple):
    """A material that need not be handed in for a case, and as what that is counted when it is told for the first time."""

    case: str
    material: str
    key: Key


LATE: Final = "deadline"
"""The kind of records of what is late."""

MATERIAL: Final = "material"
JUDGED: Final = "JUDGED"
EXEMPT: Final = "EXEMPT"
REDEEMED: Final = "REDEEMED"
_SENT: Final = frozenset({Channel.SUBSCRIPTION.value, Channel.WEBHOOK.value})
"""Changes that the hub sent by itself, at the moment they happened: counted, and no look of a client's that rules could judge."""

_OUTCOMES: Final[Mapping[str, Measure]] = {
    "DISCLOSED": Measure.ALLOWED,
    "NOT_FOUND": Measure.MISSED,
    "NOT_GRANTED": Measure.DENIED,
    "REFUSED": Measure.DENIED,
}


def tell(records: Iterable[PlacedRecord]) -> list[Told]:
    """Return records with the reads that they tell of; a read that the hub did not write so is none."""
    return [Told(record, _read_of(record) if record.kind == "access" else None) for record in records]


def reads_of(told: Iterable[Told]) -> list[Read]:
    """Return the reads that some records tell of."""
    return [read for _, read in told if read is not None]


def _read_of(record: PlacedRecord) -> Read | None:
    """Return the read of a client system that a record of an access tells of; None of others (`_is_anew`)."""
    facts = record.facts
    try:
        if facts["client"] is None or not _is_anew(facts) or facts.get("channel") in _SENT:
            return None
        who = in_words((facts["authority"], facts["client"], facts["case"] or ""))
        unmatched = int(facts[MATCHED]["NO_MATCH"]) if MATCHED in facts else 0
        subjects = in_words(tuple(facts["subjects"]))
        return Read(record.place, facts["time"], record.id, *who, _OUTCOMES[facts["outcome"]], subjects, unmatched)
    except (LookupError, TypeError, ValueError):
        return None


def exempted(record: PlacedRecord, day: str) -> Iterator[Exemption]:
    """Yield the materials that a record of materials finds exempt on its legal day; a case that is judged again tells of the same ones."""
    facts = record.facts
    if facts["operation"] != JUDGED:
        return
    for material, result, type_key in facts["materials"]:
        if result == EXEMPT:
            key = Key(day, facts["authority"], type_key or "", facts["item"], Measure.EXEMPTED, "")
            yield Exemption(*in_words((facts["case"], material)), in_words(key))


def exempted_by(records: Iterable[PlacedRecord]) -> set[str]:
    """Return the cases of which some records find materials exempt."""
    found: set[str] = set()
    for record in records:
        if record.kind == MATERIAL:
            with suppress(LookupError, TypeError, ValueError):
                found.update(each.case for each in exempted(record, ""))
    return found


def in_words(parts: W) -> W:
    """Return parts that are all text, as every record of ours has them; raises TypeError."""
    "".join(parts)  # refuses whatever is no text
    return parts


def counted(record: PlacedRecord, day: str) -> Iterable[Key]:
    """Return what a record of a legal day counts as."""
    count = _COUNTED.get(record.kind)
    return () if count is None else count(record.facts, day)


def _is_anew(facts: Mapping[str, Any]) -> bool:
    """Tell whether a read is one: not a holder's of what is his own, nor what left before and is made again for evidence."""
    return facts["authority"] is not None and EVIDENCE_OF not in facts


def _accesses(facts: Mapping[str, Any], day: str) -> Iterable[Key]:
    if not _is_anew(facts):
        return ()
    measure = _OUTCOMES[facts["outcome"]]
    reason = facts["reason"] if measure is Measure.DENIED else ""
    return (Key(day, facts["authority"], facts["type"] or "", facts["item"] or "", measure, reason),)


def _licences(facts: Mapping[str, Any], day: str) -> Iterator[Key]:
    made = facts["operation"] in MAKING and facts["status"] == Status.VALID
    # Records of other acts, and older ones, do not name the type: its code, inside the identifier, stands for it.
    type_key = facts.get("type") or LicenceIdentifier.parse(facts["identifier"]).type_code
    if made:
        yield Key(day, facts["authority"], type_key, "", Measure.UPLOADED, "")
    if made or facts["operation"] == RESEAL_ACT:
        yield Key(day, facts["authority"], type_key, "", Measure.SEALED, facts.get("es_id") or "")


def _seals(facts: Mapping[str, Any], day: str) -> Iterator[Key]:
    if facts["operation"] == "USE":
        yield Key(day, facts["authority"], "", "", Measure.SEALED, facts.get("seal") or "")


def _materials(facts: Mapping[str, Any], day: str) -> Iterator[Key]:
    measure = _PROMISED.get(facts["operation"])
    for _, _, type_key in facts["materials"] if measure else ():
        yield Key(day, facts["authority"], type_key or "", facts["item"], str(measure), "")


def _presentations(facts: Mapping[str, Any], day: str) -> Iterator[Key]:
    if facts["operation"] == REDEEMED:
        yield Key(day, facts["authority"], "", facts["item"], Measure.PRESENTED, "")


_PROMISED: Final = {each.value: each for each in (Measure.COMMITTED, Measure.DEFERRED)}
_COUNTED: Final[Mapping[str, Callable[[Mapping[str, Any], str], Iterable[Key]]]] = {
    "access": _accesses,
    "licence": _licences,
    "seal": _seals,
    MATERIAL: _materials,
    "presentation": _presentations,
}
