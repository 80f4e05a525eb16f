"""What may leave in a cell of the permission matrix, by a few plain lines of its own: none of the product's code decides here.

It knows the rules (grants, class, consent, roles), what was put into the hub, and the documents of the types; not how the hub does it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from hub.catalogue.registers import REGISTERS
from tests.catalogue.examples import COMPANY, EXAMPLES
from tests.sharing.permissions.dimensions import (
    ASKS,
    CLOSED,
    PATTERNS,
    SITUATIONS,
    TYPES,
    Case,
    Row,
    class_of,
    consented,
    pattern_of,
    subject_of,
)

Leaves = tuple[str, ...]
NOTHING: Final = frozenset[str]()
ISSUED_ON: Final = "2026-01-05"
LEAVES: Final[Mapping[str, Leaves]] = {
    **{each.key: each.leaf_paths for each in TYPES},
    **{key: each.leaf_paths for key, each in REGISTERS.items()},
}
REGISTERED: Final[Mapping[str, Mapping[str, str]]] = {
    "NaturalPerson": {"number": subject_of("NaturalPerson")["code"], "name": subject_of("NaturalPerson")["name"], "status": "NORMAL"},
    "Organisation": {
        "creditCode": COMPANY["code"], "name": COMPANY["name"], "kind": "ENTERPRISE", "status": "ACTIVE",
        "legalRepresentative": "登记簿所载代表人甲", "address": "虚构市登记簿所载住所一号", "scope": "登记簿所载经营范围：餐饮服务。",
    },
}  # fmt: skip


def _documents() -> Iterator[dict[str, Any]]:
    for file in files("hub.catalogue.types").iterdir():
        if file.name.endswith(".json"):
            yield json.loads(file.read_text("utf-8"))


SCHEMAS: Final[Mapping[str, Any]] = {each["key"]: each["schema"] for each in _documents()}


def holders_of(type_key: str) -> tuple[Row, ...]:
    """Return whom the matrix's licence of a type is issued to: those of the example where several are, else whom the type, or register, is about."""
    if type_key in REGISTERED:
        return (subject_of(type_key),)
    several = EXAMPLES[type_key].holders
    return several if len(several) > 1 else (subject_of(type_key),)


@cache
def face_of(type_key: str) -> Mapping[str, Any]:
    """Return everything that the licence, or the register's entry, says."""
    if type_key in REGISTERED:
        return REGISTERED[type_key]
    example = EXAMPLES[type_key]
    data = {**example.data, "name": COMPANY["name"]} if type_key == "BusinessLicence" else example.data
    holders = [dict(each) for each in holders_of(type_key)]
    return {"number": example.number, "holders": holders, "issuedOn": ISSUED_ON, **data}


@cache
def closed_fields(type_key: str) -> frozenset[str]:
    """Return the leaves that the type's document never shares, and those of a field that it never shares; registers have none such."""
    if type_key in REGISTERED:
        return NOTHING
    marked = set(_marked(SCHEMAS[type_key], ""))
    return frozenset(
        leaf for leaf in LEAVES[type_key] if any(leaf == path or leaf.startswith(f"{path}.") for path in marked)
    )


def _marked(schema: Mapping[str, Any], above: str) -> Iterator[str]:
    for name, inner in (schema.get("items") or schema).get("properties", {}).items():
        if inner.get("x-not-shared"):
            yield f"{above}{name}"
        yield from _marked(inner, f"{above}{name}.")


# -- which paths of whom ---------------------------------------------------------------------------------------------------


@cache
def halves(source: str, wanted: tuple[int, ...]) -> frozenset[str]:
    """Return the leaves of a source at even (0) and odd (1) places."""
    return frozenset(leaf for place, leaf in enumerate(LEAVES[source]) if place % 2 in wanted)


def let(case: Case, source: str, person: Row, *, judged: bool = False, role: str | None = None) -> frozenset[str]:
    """Return which leaves of a person's in a source a case lets out, or lets be judged; `role` only what it lets him in that role."""
    found = NOTHING
    if class_of(source, case.round) == CLOSED:
        return found
    for as_, row, counts in SITUATIONS[case.situation].persons:
        if row is not person or not counts or role not in (None, as_):
            continue
        for piece in PATTERNS[pattern_of(source, case.item)]:
            asked = class_of(source, case.round) == ASKS and not piece.duty
            agreed = person is subject_of(source) and consented(source, case.consent)
            if piece.in_force == "yes" and (not as_ or as_ in piece.roles) and (agreed or not asked):
                found |= halves(source, piece.paths) | (halves(source, piece.checks) if judged else NOTHING)
    return found


@dataclass(frozen=True)
class Expected:
    """What an answer about a licence or entry must be: the code of a refusal, or leaves with values, and what is withheld."""

    code: str
    leaves: Counter[tuple[str, str]]
    withheld: tuple[tuple[str, str], ...] = ()

    @property
    def disclosed(self) -> bool:
        """Tell whether anything leaves, be it that it is there."""
        return self.code == "DISCLOSED"


@cache
def expected(case: Case, source: str) -> Expected:
    """Return what a read of the licence in a case must come to."""
    if not _granted(case, source):
        return _refused("NOT_GRANTED")
    if class_of(source, case.round) == ASKS and not _anybody_agreed(case, source):
        return _refused("CONSENT_NEEDED")
    return of_holders(source, [let(case, source, person) for person in holders_of(source)])


def expected_entry(case: Case, register: str, role: str) -> Expected:
    """Return what a read of a register in a case must come to: of the applicant, or of the party in a role."""
    if not _granted(case, register):
        return _refused("NOT_GRANTED")
    subject, known = subject_of(register), REGISTERED[register]
    reached = let(case, register, subject, role=role)
    if not reached:
        return _refused("NOT_FOUND")
    leaves = Counter((leaf, repr(known[leaf])) for leaf in LEAVES[register] if leaf in reached)
    return Expected(
        "DISCLOSED", leaves, tuple((leaf, "NOT_GRANTED") for leaf in LEAVES[register] if leaf not in reached)
    )


def of_holders(type_key: str, by_holder: list[frozenset[str]]) -> Expected:
    """Return what leaves of a licence when this much is let out of each holder's part; what is common is let out with any."""
    together = NOTHING.union(*by_holder)
    if not together:
        return _refused("NOT_FOUND")
    closed = closed_fields(type_key)
    face = face_of(type_key)
    leaves: Counter[tuple[str, str]] = Counter()
    for name, value in face.items():
        several = _is_per_person(type_key, name) and len(by_holder) > 1
        for element, paths in zip(value, by_holder, strict=True) if several else [(value, together)]:
            leaves.update(
                (path, text) for path, text in flat(type_key, name, element) if path in paths and path not in closed
            )
    return Expected("DISCLOSED", leaves, tuple(_withheld(type_key, face, by_holder, together)))


def _withheld(
    type_key: str, face: Mapping[str, Any], by_holder: list[frozenset[str]], together: frozenset[str]
) -> Iterator[tuple[str, str]]:
    closed = closed_fields(type_key)
    for leaf in LEAVES[type_key]:
        name = leaf.partition(".")[0]
        if leaf in closed:
            yield leaf, "NOT_SHARED"
        elif leaf not in together:
            yield leaf, "NOT_GRANTED"
        elif name in face and _is_per_person(type_key, name) and any(leaf not in paths for paths in by_holder):
            yield leaf, "OTHER_PERSON"


def _is_per_person(type_key: str, name: str) -> bool:
    schema = SCHEMAS[type_key]["properties"].get(name, {})
    return name == "holders" or "x-per-person" in schema


def flat(type_key: str, path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the leaves of a value of a licence: path and value, of every element of a list."""
    if isinstance(value, list):
        for each in value:
            yield from flat(type_key, path, each)
    elif path in LEAVES[type_key]:
        yield path, repr(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(type_key, f"{path}.{name}", inner)


def _refused(code: str) -> Expected:
    return Expected(code, Counter())


def _granted(case: Case, source: str) -> bool:
    pieces = PATTERNS[pattern_of(source, case.item)]
    return class_of(source, case.round) != CLOSED and any(piece.paths and piece.in_force == "yes" for piece in pieces)


def _anybody_agreed(case: Case, source: str) -> bool:
    """Tell whether anybody of the case could be read of, as far as consents go: whether relations are proved is asked only then."""
    return any(
        piece.paths and piece.in_force == "yes" and (not role or role in piece.roles)
        and (piece.duty or (row is subject_of(source) and consented(source, case.consent)))
        for role, row, _ in SITUATIONS[case.situation].persons
        for piece in PATTERNS[pattern_of(source, case.item)]
    )  # fmt: skip


# -- what is shown at a counter ----------------------------------------------------------------------------------------------


@cache
def offered(case: Case, source: str) -> frozenset[str]:
    """Return which leaves of a licence a holder may choose to show: all that any grant of the item lets out, or lets be judged."""
    if class_of(source, case.round) == CLOSED or source in REGISTERED:
        return NOTHING
    pieces = [piece for piece in PATTERNS[pattern_of(source, case.item)] if piece.in_force == "yes"]
    named = NOTHING.union(*(halves(source, piece.paths) | halves(source, piece.checks) for piece in pieces))
    return named - closed_fields(source)


@cache
def shown(case: Case, source: str, presenter: str) -> Expected:
    """Return what must leave when somebody (his code type and code) shows all that he may of his licence: his part, in the first of his roles that a grant reaches."""
    persons = [
        (as_, row)
        for as_, row, counts in SITUATIONS[case.situation].persons
        if row["codeType"] + row["code"] == presenter and counts
    ]
    pieces = [piece for piece in PATTERNS[pattern_of(source, case.item)] if piece.in_force == "yes"]
    for as_, row in persons:
        reaching = [piece for piece in pieces if not as_ or as_ in piece.roles]
        if reaching:
            own = NOTHING.union(*(halves(source, piece.paths) for piece in reaching)) & offered(case, source)
            by_holder = [own if each is row else NOTHING for each in holders_of(source)]
            found = of_holders(source, by_holder)
            asked = offered(case, source)
            withheld = found.withheld or tuple(_withheld(source, face_of(source), by_holder, own))
            return Expected("DISCLOSED", found.leaves, tuple(each for each in withheld if each[0] in asked))
    return _refused("NOT_FOUND")


# -- requirements, forms and feeds -------------------------------------------------------------------------------------------


def may_be_judged(case: Case, type_key: str, role: str, path: str) -> bool:
    """Tell whether a requirement on a path may be judged of the person in a role, if he holds the licence."""
    persons = [row for as_, row, _ in SITUATIONS[case.situation].persons if as_ == role and row in holders_of(type_key)]
    allowed = (let(case, type_key, row, judged=True, role=role) for row in persons)
    return bool(persons) and all(path in paths and path not in closed_fields(type_key) for paths in allowed)


def fed(case: Case, type_key: str) -> Expected:
    """Return what the feed of the case's item must tell of a licence; nobody is asked there, so what needs consent goes by official duty alone."""
    paths = NOTHING
    for piece in PATTERNS[pattern_of(type_key, case.item)]:
        if piece.feed and piece.in_force == "yes" and (piece.duty or class_of(type_key, case.round) != ASKS):
            paths |= halves(type_key, piece.paths)
    if class_of(type_key, case.round) == CLOSED:
        paths = NOTHING
    return of_holders(type_key, [paths for _ in holders_of(type_key)])


@cache
def secrets_of(case: Case) -> frozenset[str]:
    """Return the telling texts that nothing in a case lets out, of any source: none of them may stand anywhere in an answer."""
    persons = SITUATIONS[case.situation].persons
    entries = [(key, role) for key in REGISTERED for role, row, _ in persons if row is subject_of(key)]
    let_out = [expected(case, key) for key in EXAMPLES] + [expected_entry(case, key, role) for key, role in entries]
    said = "".join(row["code"] for _, row, _ in persons)  # by the department itself
    known = said + "".join(text for each in let_out for _, text in each.leaves)
    return frozenset(text for text in TELLING if text not in known)


def _texts() -> Iterator[str]:
    for type_key in EXAMPLES:
        for name, value in face_of(type_key).items():
            yield from (text.strip("'") for _, text in flat(type_key, name, value))
    yield from (text for values in REGISTERED.values() for text in values.values())


_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
TELLING: Final = frozenset(text for text in _texts() if (len(text) > 5 and _CHINESE.search(text)) or len(text) > 11)
