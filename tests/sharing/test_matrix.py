"""The permission matrix: caller x scope x grant x person x consent x field, against an oracle written here, and not one leak.

What leaves is looked at three times: the values, the disclosures inside the presentation as read here, and what a verifier
makes of the presentation under the seal's public key.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from hub.audit.service import Pending
from hub.catalogue.licence_type import load_shipped, shipped_documents
from hub.errors import HubError
from hub.sharing.disclosure import Disclosed
from hub.sharing.purpose import Party, Purpose
from hub.sharing.reading import OpenCase
from keys import sd_jwt
from tests.catalogue.examples import CHILD, EXAMPLES, HUSBAND, WIFE
from tests.sharing.consents import give
from tests.sharing.world import (
    ASKER,
    FAMILY,
    ITEM,
    LEGAL_BASIS,
    OTHER,
    OTHER_ITEM,
    SECOND_ITEM,
    STRANGER,
    TODAY,
    World,
    disclosures,
    party,
    person,
)

TYPE = next(each for each in load_shipped() if each.key == "HouseholdRegister")
EXAMPLE = EXAMPLES["HouseholdRegister"]
DOCUMENT = {
    "number": EXAMPLE.number, "holders": list(EXAMPLE.holders), "issuedOn": "2026-01-05", **EXAMPLE.data,
}  # fmt: skip
GRANTED = frozenset(
    {"number", "address", "holders.codeType", "holders.code", "holders.name", "members.name", "members.sex"}
    | {"members.bloodType", "members.workplace", "members.corrections.date"}
)
FOR_SPOUSE = frozenset({"address", "holders.name", "members.name"})
WANTED: tuple[frozenset[str] | None, ...] = (
    None,
    frozenset(),
    *(
        frozenset({path})
        for path in (
            "number", "address", "headName", "holders.name", "holders.code", "members.name", "members.religion",
            "members.citizenNumber", "members.bloodType", "members.workplace", "members.corrections.date",
        )
    ),
    frozenset({"address", "members.name", "members.religion", "headName"}),
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """Who applies and who is declared, and which places of the family the grants of the matrix then reach."""

    name: str
    applicant: dict[str, str]
    parties: tuple[Party, ...]
    as_applicant: tuple[int, ...] = ()
    as_spouse: tuple[int, ...] = ()

    def paths(self, place: int, *, roles: bool) -> frozenset[str]:
        """Return what the grants let out of one family member's part; `roles` tells whether the spouse's grant holds."""
        own = GRANTED if place in self.as_applicant else frozenset[str]()
        as_spouse = FOR_SPOUSE if roles and place in self.as_spouse else frozenset[str]()
        # The grant that reaches spouses reaches the applicant too.
        return own | as_spouse


PEOPLE = (
    People("applicant", HUSBAND, (), as_applicant=(0,)),
    People("co-holder", WIFE, (), as_applicant=(1,)),
    People("party in role", STRANGER, (party("tenant", WIFE),), as_spouse=(1,)),
    People("party out of role", STRANGER, (party("seller", WIFE),)),
    People("applicant and party in role", CHILD, (party("tenant", WIFE),), as_applicant=(2,), as_spouse=(1,)),
    People("stranger", STRANGER, ()),
    People("stranger with a stranger", STRANGER, (party("tenant", STRANGER),)),
)


@dataclass(frozen=True)
class State:
    """A state of the grants: how it is made, and whether the asker's applicant and spouse grants are in force."""

    name: str
    make: Callable[[World], object]
    applicant: bool = False
    spouse: bool = False


def _suspended(world: World) -> None:
    world.sharing.suspend_grant(world.grant(GRANTED))


def _ended(world: World) -> None:
    world.sharing.end_grant(world.grant(GRANTED))


def _resumed(world: World) -> None:
    grant = world.grant(GRANTED)
    world.sharing.suspend_grant(grant)
    world.sharing.resume_grant(grant)


def _both(world: World) -> None:
    world.grant(GRANTED)
    world.grant(FOR_SPOUSE, roles=("tenant",))


def _rest_judged(world: World) -> None:
    world.grant(GRANTED, checks=["headName"])
    world.grant([], checks=["headName", "members.citizenNumber"])


DAY = timedelta(days=1)
STATES = (
    State("none", lambda _world: None),
    State("other item", lambda world: world.grant(GRANTED, item=SECOND_ITEM)),
    State("other authority", lambda world: world.grant(GRANTED, authority=OTHER, item=OTHER_ITEM)),
    State("other type", lambda world: world.grant(["owners.name", "number"], "RealEstateTitle")),
    State("suspended", _suspended),
    State("ended", _ended),
    State("expired yesterday", lambda world: world.grant(GRANTED, valid_until=TODAY - DAY)),
    State("in force from tomorrow", lambda world: world.grant(GRANTED, valid_from=TODAY + DAY)),
    State("its last day", lambda world: world.grant(GRANTED, valid_until=TODAY), applicant=True),
    State("its first day", lambda world: world.grant(GRANTED, valid_from=TODAY), applicant=True),
    State("resumed", _resumed, applicant=True),
    State("in force, spouses not reached", lambda world: world.grant(GRANTED, roles=("buyer",)), applicant=True),
    State("judged only", lambda world: world.grant([], checks=GRANTED, official_duty=True)),
    State("in force, the rest judged only", _rest_judged, applicant=True),
    State(
        "by official duty where nobody is asked", lambda world: world.grant(GRANTED, official_duty=True), applicant=True
    ),
    State("in force, spouses reached", _both, applicant=True, spouse=True),
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_exactly_what_is_granted_leaves(world: World, state: State) -> None:
    # Without any grant for the item no case opens; this one opens cases and must not open anything else.
    world.grant(["name"], "BusinessLicence")
    state.make(world)
    world.run(_all_people(world, state))


async def _all_people(world: World, state: State) -> None:
    for place, people in enumerate(PEOPLE):
        purpose = Purpose(ITEM, f"CASE-{place}", person(people.applicant), people.parties, LEGAL_BASIS)
        case = await world.sharing.open_case(world.caller(), purpose, world.pending())
        for wanted in WANTED:
            pending = world.pending()
            expected = _expected(state, people, wanted)
            found, code = await _read(world, case, wanted, pending)
            assert code == expected.code, (state.name, people.name, wanted)
            assert [entry.facts["outcome"] for entry in pending.entries] == [expected.code]
            if found is not None:
                _check(world, found, expected, pending)


async def _read(
    world: World, case: OpenCase, wanted: frozenset[str] | None, pending: Pending
) -> tuple[Disclosed | None, str]:
    try:
        return await case.licence(world.key(), wanted, pending), "DISCLOSED"
    except HubError as error:
        return None, error.code


@dataclass(frozen=True)
class Asked:
    """Which family members consented, and which of the two grants are of official duty, where the type asks for consent."""

    consenting: frozenset[int]
    duty: str

    def paths(self, people: People, place: int) -> frozenset[str]:
        """Return what is let out of one family member's part."""
        consented = place in self.consenting
        own = GRANTED if consented or self.duty == "both" else frozenset[str]()
        spouse = FOR_SPOUSE if consented or self.duty != "none" else frozenset[str]()
        if place in people.as_applicant:
            return own | spouse
        return spouse if place in people.as_spouse else frozenset[str]()

    def is_needed(self, people: People) -> bool:
        """Tell whether nobody of the case may be read of for want of consent."""
        return self.duty == "none" and not self.consenting & {*people.as_applicant, *people.as_spouse}


ASKED = [
    Asked(frozenset(members), duty)
    for members, duty in product([(), (0,), (1,), (2,), (0, 1, 2)], ["none", "the tenants'", "both"])
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{sorted(asked.consenting)}-{asked.duty}")
def test_where_the_type_asks_exactly_what_is_consented_to_leaves(world: World, asked: Asked) -> None:
    (document,) = (each for each in shipped_documents() if each["key"] == TYPE.key)
    world.catalogue.publish({**document, "version": 2, "holderConsent": True})
    world.grant(GRANTED, official_duty=asked.duty == "both")
    world.grant(FOR_SPOUSE, roles=("tenant",), official_duty=asked.duty != "none")
    world.run(_asked_people(world, asked))


async def _asked_people(world: World, asked: Asked) -> None:
    for place, people in enumerate(PEOPLE):
        number, given = f"CASE-{place}", {}
        for member in asked.consenting:
            given[member] = give(world, FAMILY[member], number=number, types=(TYPE.key,)).id
        purpose = Purpose(ITEM, number, person(people.applicant), people.parties, LEGAL_BASIS)
        case = await world.sharing.open_case(world.caller(), purpose, world.pending())
        for wanted in WANTED:
            pending = world.pending()
            by_member = [asked.paths(people, member) for member in range(len(FAMILY))]
            expected = Expected("CONSENT_NEEDED", {}) if asked.is_needed(people) else _let_out(by_member, wanted)
            found, code = await _read(world, case, wanted, pending)
            assert code == expected.code, (asked, people.name, wanted)
            if found is not None:
                _check(world, found, expected, pending)
                reached = [member for member, paths in enumerate(by_member) if paths]
                facts = pending.entries[0].facts
                assert facts["consents"] == sorted(given[member] for member in reached if member in given)
                assert facts["official_duty"] is any(member not in given for member in reached)


@dataclass(frozen=True)
class Expected:
    """What the oracle says of one cell."""

    code: str
    values: dict[str, Any]
    disclosed: tuple[str, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()


def _expected(state: State, people: People, wanted: frozenset[str] | None) -> Expected:
    if not state.applicant:
        return Expected("NOT_GRANTED", {})
    return _let_out([people.paths(place, roles=state.spouse) for place in range(len(FAMILY))], wanted)


def _let_out(by_member: list[frozenset[str]], wanted: frozenset[str] | None) -> Expected:
    common = frozenset[str]().union(*by_member)
    if not common:
        return Expected("NOT_FOUND", {})
    asked = [path for path in TYPE.leaf_paths if wanted is None or path in wanted]
    values, disclosed = _pick(DOCUMENT, asked, common, by_member)
    return Expected("DISCLOSED", values, disclosed, tuple(_withheld(asked, common, by_member)))


def _withheld(asked: list[str], common: frozenset[str], by_member: list[frozenset[str]]) -> Iterator[tuple[str, str]]:
    for path in asked:
        if path == "members.religion":
            yield path, "NOT_SHARED"
        elif path not in common:
            yield path, "NOT_GRANTED"
        elif path.startswith(("members.", "holders.")) and any(path not in paths for paths in by_member):
            yield path, "OTHER_PERSON"


def _pick(
    document: dict[str, Any], asked: list[str], common: frozenset[str], by_member: list[frozenset[str]]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    found: set[str] = set()
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name in ("members", "holders"):
            lists = [
                _prune(element, name, {path for path in asked if path in paths}, found)
                for element, paths in zip(value, by_member, strict=True)
            ]
            if any(lists):
                values[name] = [element for element in lists if element]
        elif name in asked and name in common:
            values[name] = value
            found.add(name)
    return values, tuple(path for path in TYPE.leaf_paths if path in found)


def _prune(element: dict[str, Any], above: str, paths: set[str], found: set[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in element.items():
        path = f"{above}.{name}"
        if isinstance(value, list):
            inner = [pruned for each in value if (pruned := _prune(each, path, paths, found))]
            if inner:
                kept[name] = inner
        elif path in paths:
            kept[name] = value
            found.add(path)
    return kept


def _check(world: World, found: Disclosed, expected: Expected, pending: Pending) -> None:
    assert found.values == expected.values
    assert found.disclosed == expected.disclosed
    assert tuple((each.path, each.reason) for each in found.withheld) == expected.withheld
    facts = pending.entries[0].facts
    assert (tuple(facts["disclosed"]), tuple(map(tuple, facts["withheld"]))) == (expected.disclosed, expected.withheld)
    assert sorted(_plain_values(found.presentation)) == sorted(_leaves(expected.values))
    key = world.seals.sealer(found.stored.authority).key.public
    claims = sd_jwt.verify(found.presentation, key).claims
    assert {name: value for name, value in claims.items() if name in DOCUMENT} == expected.values


def _plain_values(presentation: str) -> Iterator[str]:
    """Yield every plain value inside a presentation: what is neither a list of digests nor an object of digests."""
    return (repr(each[-1]) for each in disclosures(presentation) if not isinstance(each[-1], dict | list))


def _leaves(value: Any) -> Iterator[str]:
    inner: Iterable[Any] | None = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    )
    if inner is None:
        yield repr(value)
    else:
        for each in inner:
            yield from _leaves(each)


SCOPES = (frozenset[str](), frozenset({"licence:issue"}), frozenset({"licence:status"}), frozenset({"licence:read"}))


def test_who_may_open_a_case_at_all(world: World) -> None:
    world.grant(GRANTED)
    world.grant(GRANTED, authority=OTHER, item=OTHER_ITEM)
    world.run(_openings(world))


async def _openings(world: World) -> None:
    items = {ITEM: ASKER, OTHER_ITEM: OTHER, SECOND_ITEM: None, "NOWHERE": None}
    for place, (authority, scopes, item) in enumerate(product((ASKER, OTHER), SCOPES, items)):
        caller, pending = world.caller(authority, scopes), world.pending()
        purpose = Purpose(item, f"CASE-{place}", person(HUSBAND), (), LEGAL_BASIS)
        unknown = "ITEM_UNKNOWN" if item == "NOWHERE" else "NOT_GRANTED"
        expected = "OPEN" if items[item] == authority else unknown
        expected = expected if "licence:read" in scopes else "SCOPE_MISSING"
        try:
            await world.sharing.open_case(caller, purpose, pending)
            outcome = "OPEN"
        except HubError as error:
            outcome = error.code
        assert outcome == expected, (authority, scopes, item)
        refusals = [(entry.facts["outcome"], entry.facts["reason"]) for entry in pending.entries]
        assert refusals == ([] if expected == "OPEN" else [("REFUSED", expected)])
    opened = [(row[0], row[1]) for row in world.rows("SELECT authority, item FROM sharing_case")]
    assert sorted(opened) == sorted([(ASKER, ITEM), (OTHER, OTHER_ITEM)])
