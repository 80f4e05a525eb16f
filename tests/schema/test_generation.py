"""Generations: each whole in itself, swapped by one assignment, and gone when nobody uses them."""

import asyncio
import gc
import weakref
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLObjectType, GraphQLUnionType

from hub.audit.service import Pending
from hub.catalogue.licence_type import LicenceType, load_shipped
from schema.build import Schema, build, fixed
from schema.execution import run
from schema.generation import Generation

TYPES = {each.key: (each,) for each in load_shipped()}
ONE = {"BusinessLicence": TYPES["BusinessLicence"]}
INTROSPECTION = '{ __type(name: "LicenceResult") { possibleTypes { name } } }'


def union_names(generation: Generation) -> list[str]:
    union = generation.schema.type_map["LicenceResult"]
    assert isinstance(union, GraphQLUnionType)
    return [each.name for each in union.types]


def interface_names(generation: Generation) -> set[str]:
    interface: Any = generation.schema.type_map["Licence"]
    return {each.name for each in generation.schema.get_possible_types(interface)}


def test_union_and_interface_hold_exactly_the_types_of_their_generation() -> None:
    all_types, one, none = build(TYPES), build(ONE), build({})
    assert union_names(all_types) == ["Problem", *TYPES]
    assert union_names(one) == ["Problem", "BusinessLicence"]
    assert union_names(none) == ["Problem"]
    assert (interface_names(all_types), interface_names(one), interface_names(none)) == (set(TYPES), set(ONE), set())


def test_no_output_type_is_shared_between_generations_or_with_the_fixed_schema() -> None:
    first, second = build(ONE), build(ONE)
    for name in ("Query", "Mutation", "Case", "Licence", "Node", "LicenceResult", "LicenceEdge", "BusinessLicence"):
        mine = first.schema.type_map[name]
        assert mine is not second.schema.type_map[name]
        assert mine is not fixed().type_map.get(name)
    assert isinstance(first.schema.type_map["BusinessLicence"], GraphQLObjectType)
    assert "BusinessLicence" not in fixed().type_map


def test_the_schema_follows_the_catalogue_and_keeps_what_did_not_change() -> None:
    schema = Schema(ONE, 1)
    before = schema.current
    assert schema.follow(TYPES, 1) is before
    renumbered = schema.follow(dict(ONE), 2)
    assert (renumbered.schema, renumbered.documents, renumbered.number) == (before.schema, before.documents, 2)
    after = schema.follow(TYPES, 3)
    assert schema.current is after
    assert after.types == TYPES


def test_a_type_that_does_not_fit_leaves_the_schema_as_it_was(caplog: Any) -> None:
    schema = Schema(ONE, 1)
    broken: dict[str, tuple[LicenceType, ...]] = {**ONE, "Copy": TYPES["BusinessLicence"]}
    assert schema.follow(broken, 2).schema is schema.current.schema
    assert union_names(schema.current) == ["Problem", "BusinessLicence"]
    assert "makes no schema" in caplog.text


class SlowSharing:
    """Opens a case only when it is told to."""

    def __init__(self) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def open_case(self, *_: object) -> Any:
        self.asked.set()
        await self.go_on.wait()
        return SimpleNamespace(item="item", number="number", granted_types=("BusinessLicence",))

    def case_id(self, _: object) -> str:
        return "id"


def test_a_request_in_flight_ends_on_the_generation_it_began_with() -> None:
    async def scenario() -> None:
        schema, sharing = Schema(ONE, 1), SlowSharing()
        caller = SimpleNamespace(client_id="desk")
        catalogue = SimpleNamespace(current=SimpleNamespace(types=TYPES))
        context: Any = SimpleNamespace(
            sharing=sharing, catalogue=catalogue, required_caller=lambda: caller, pending=Pending()
        )
        text = """{ case(input: {serviceItem: "a", caseNumber: "b", applicant: {codeType: "111", code: "c"},
            legalBasis: "d"}) { __typename ... on Case { grantedTypes { key } } }
            __type(name: "LicenceResult") { possibleTypes { name } } }"""
        begun = schema.current
        request = asyncio.create_task(run(begun, begun.documents.prepared(text), None, {}, context))
        await sharing.asked.wait()
        later = schema.follow(TYPES, 2)
        sharing.go_on.set()
        answer = await request
        assert answer.errors == ()
        assert answer.data is not None
        assert answer.data["case"] == {"__typename": "Case", "grantedTypes": [{"key": "BusinessLicence"}]}
        assert [each["name"] for each in answer.data["__type"]["possibleTypes"]] == ["Problem", "BusinessLicence"]
        after = await run(later, later.documents.prepared(INTROSPECTION), None, {}, context)
        assert after.data is not None
        assert [each["name"] for each in after.data["__type"]["possibleTypes"]] == ["Problem", *TYPES]

    asyncio.run(scenario())


def test_forty_swaps_keep_no_old_generation_alive() -> None:
    async def scenario() -> None:
        schema = Schema({}, 0)
        context: Any = SimpleNamespace(pending=Pending())
        seen: list[weakref.ref[Generation]] = []
        schemas: list[weakref.ref[Any]] = []
        for number in range(1, 41):
            current = schema.follow(TYPES if number % 2 else ONE, number)
            await run(current, current.documents.prepared(INTROSPECTION), None, {}, context)
            seen.append(weakref.ref(current))
            schemas.append(weakref.ref(current.schema))
            del current
        gc.collect()
        assert sum(each() is not None for each in seen) == 1
        assert sum(each() is not None for each in schemas) == 1

    asyncio.run(scenario())
