"""Documents made by chance from the live schema are answered the same by their plans and by graphql-core, refusals too."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)

from schema.plans.plan import Plans
from tests.catalogue.examples import HUSBAND, WIFE
from tests.catalogue.items.described import commitment
from tests.schema.desk import KEYS, Desk, case_of
from tests.sharing.materials.asking import alternative, asks, predicate, publish

DOCUMENTS = 120
DEEPEST = 5
ARGUMENTS = {
    "Query.case": ("(input: $case)",),
    "Query.licenceType": ('(key: "DriverLicence")', '(key: "None")'),
    "Query.licenceTypes": ("(first: $n)", "(retired: $yes)", ""),
    "Query.verifyLicence": ('(presentation: "none")',),
    "Query.node": ('(id: "type:DriverLicence:1")', '(id: "nothing")'),
    "Query.nodes": ('(ids: ["type:DriverLicence:1", "nothing"])',),
    "Query.issuedLicence": ('(identifier: "nothing")',),
    "Query.importJob": ('(id: "nothing")',),
    "Case.licence": (*(f'(type: "{key}")' for key in (*KEYS, "None")), '(type: "HouseholdRegister", number: $number)'),
    "Case.licences": ("", '(types: ["HouseholdRegister"])', "(first: $n)", "(statuses: [VALID, REVOKED])"),
    "Case.licenceBatch": ('(keys: [{type: "HouseholdRegister"}, {type: "DriverLicence"}, {type: "None"}])',),
    "Case.materials": ("", "(conditional: [])", '(conditional: ["none"])'),
    "Case.meets": ('(requirement: "hasD")', '(requirement: "none")', '(requirement: "hasD", of: "spouse")'),
    "statusAt": ('(asOf: "2026-06-01T00:00:00Z")',),
}  # fmt: skip
# Made anew by each answer: sealed ids and cursors, receipts, ids of records.
NEVER_THE_SAME = frozenset({"id", "cursor", "startCursor", "endCursor", "receipt", "record"})
HEAD = "query Q($case: CaseInput!, $n: Int, $yes: Boolean = true, $no: Boolean!, $number: String) "
USES = "number: __typename @skip(if: $no) n: licenceTypes(first: $n, retired: $yes) { __typename } "
USES += 'c: case(input: $case) { ... on Case { licence(type: "DriverLicence", number: $number) { __typename } } }'


class Chance:
    """Makes selections of a schema by chance."""

    def __init__(self, schema: GraphQLSchema, dice: Random) -> None:
        self.schema = schema
        self.dice = dice

    def selection(self, named: Any, depth: int) -> str:
        """Return a selection set on a type."""
        if is_abstract_type(named):
            members = list(self.schema.get_possible_types(named))
            usual = [each for each in members if each.name in {"HouseholdRegister", "DriverLicence", "Case", "Problem"}]
            chosen = {each.name: each for each in (*usual, self.dice.choice(members))}
            return f"{{ __typename {' '.join(self.fragment(each, depth) for each in chosen.values())} }}"
        fields = [(name, field) for name, field in named.fields.items() if name not in NEVER_THE_SAME]
        chosen_fields = self.dice.sample(fields, min(len(fields), 2 + (depth > 3)))
        return f"{{ __typename {' '.join(self.fields(named, chosen_fields, depth))} }}"

    def fragment(self, named: GraphQLObjectType, depth: int) -> str:
        """Return a fragment on one kind of an abstract type."""
        return f"... on {named.name} {self.selection(named, depth)}"

    def fields(self, parent: GraphQLObjectType, chosen: Any, depth: int) -> Iterator[str]:
        """Return fields, each under a name of its own, so that no two of one name meet."""
        for name, field in chosen:
            inner = get_named_type(field.type)
            if not is_leaf_type(inner) and not depth:
                continue
            given = self.arguments(parent, name, field)
            if given is None:
                continue
            asked = self.dice.choice(("", "", "", " @include(if: $yes)", " @skip(if: $no)"))
            below = "" if is_leaf_type(inner) else self.selection(inner, depth - 1)
            yield f"a{self.dice.getrandbits(40)}: {name}{given}{asked} {below}"

    def arguments(self, parent: GraphQLObjectType, name: str, field: GraphQLField) -> str | None:
        """Return arguments that are known for a field; None if it needs some that are not."""
        known = ARGUMENTS.get(f"{parent.name}.{name}") or ARGUMENTS.get(name)
        if known:
            return self.dice.choice(known)
        return None if any(is_required_argument(each) for each in field.args.values()) else ""

    def document(self) -> str:
        """Return a document that uses every variable."""
        root = self.schema.query_type
        assert root is not None
        case = get_named_type(root.fields["case"].type)
        asked = " ".join(self.fields(root, self.dice.sample(list(root.fields.items()), 1), DEEPEST))
        return f"{HEAD} {{ {USES} opened: case(input: $case) {self.selection(case, DEEPEST)} {asked} }}"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_documents_by_chance_are_answered_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    desk.world.grant(["address", "members.name", "holders"], type_key="HouseholdRegister")
    desk.world.grant(["vehicleClasses", "number", "holders"], type_key="DriverLicence")
    publish(
        desk.world, asks("licence", alternative("DriverLicence", "applicant", "hasD")), asks("paper", commitment=commitment()),
        hasD=predicate("vehicleClasses", "includes", "D"),
    )  # fmt: skip
    desk.refresh()
    dice = Random(seed)  # noqa: S311 - the same documents in every run
    chance = Chance(desk.schema.current.schema, dice)
    planned, seen = Plans.run, set[str]()

    async def counted(self: Plans, *given: Any) -> Any:
        result = await planned(self, *given)
        seen.add("planned" if result else "not planned")
        return result

    async def never(_self: Plans, *_given: Any) -> None:
        return None

    async def scenario(desk: Desk) -> None:
        for _ in range(DOCUMENTS // 3):
            text = chance.document()
            person = dice.choice((HUSBAND, WIFE))
            sent = {"case": case_of(person, caseNumber=f"CASE-{person['code'][-4:]}"), "no": dice.random() < 0.5}
            answers = []
            for way in (counted, never):
                monkeypatch.setattr(Plans, "run", way)
                answers.append((await desk.send(json={"query": text, "variables": sent})).content)
            assert answers[0] == answers[1], text

    desk.run(scenario)
    assert seen == {"planned"}
