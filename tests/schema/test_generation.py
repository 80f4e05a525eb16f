"""Generations: each whole in itself, swapped by one assignment, and gone when nobody uses them."""

import asyncio
import gc
import weakref
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLObjectType, GraphQLUnionType

from hub.audit.service import Pending
from hub.catalogue.face_fields import DISCLOSED_BASE_PATHS
from hub.catalogue.licence_type import load_shipped
from hub.catalogue.service import Act
from schema.build import build, fixed
from schema.execution import run
from schema.generation import Generation
from tests.schema.states import LONG, Shelf, licence_type, published, state_of

TYPES = {each.key: (each,) for each in load_shipped()}
ONE = {"BusinessLicence": TYPES["BusinessLicence"]}
INTROSPECTION = '{ __type(name: "LicenceResult") { possibleTypes { name } } }'
NODE = '{ node(id: "nothing") { __typename ... on BusinessLicence { number withheld { path } } } }'


def union_names(generation: Generation) -> list[str]:
    union = generation.schema.type_map["LicenceResult"]
    assert isinstance(union, GraphQLUnionType)
    return [each.name for each in union.types]


def interface_names(generation: Generation) -> set[str]:
    interface: Any = generation.schema.type_map["Licence"]
    return {each.name for each in generation.schema.get_possible_types(interface)}


def test_union_and_interface_hold_exactly_the_types_of_their_generation() -> None:
    all_types, one, none = build(TYPES), build(ONE), build({})
    assert union_names(all_types) == ["Problem", *sorted(TYPES)]
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
    shelf = Shelf(published(ONE, 1))
    before = shelf.schema.current
    assert shelf.turn(published(TYPES, 1)) is before
    renumbered = shelf.turn(published(dict(ONE), 2))
    assert (renumbered.schema, renumbered.documents, renumbered.number) == (before.schema, before.documents, 2)
    shelf.current = published(TYPES, 3)
    assert shelf.schema.current is renumbered, "whoever takes a generation never builds one"
    shelf.schema.refresh()
    after = shelf.schema.current
    assert after.types == TYPES


def test_retiring_and_reviving_a_type_are_changes_of_the_schema_too() -> None:
    (one,) = ONE["BusinessLicence"]
    shelf = Shelf(published(ONE, 1))
    before = shelf.schema.current
    retired = shelf.turn(state_of([(Act.PUBLISHED, one), (Act.RETIRED, one)], 2))
    assert "已停用" in described(retired)
    assert deprecations(retired) == {path for path in one.by_path if "." not in path} - DISCLOSED_BASE_PATHS
    newer = replace(one, version=2)
    revived = shelf.turn(state_of([(Act.PUBLISHED, one), (Act.RETIRED, one), (Act.PUBLISHED, newer)], 3))
    assert (described(revived), deprecations(revived)) == (described(before), set())


def described(generation: Generation) -> str:
    return generation.schema.type_map["BusinessLicence"].description or ""


def deprecations(generation: Generation) -> set[str]:
    made: Any = generation.schema.type_map["BusinessLicence"]
    return {name for name, field in made.fields.items() if field.deprecation_reason}


def test_versions_that_do_not_fit_are_left_out_alone_and_the_log_says_why(caplog: Any) -> None:
    (one,) = ONE["BusinessLicence"]
    taken, late = replace(one, key="Problem"), TYPES["DriverLicence"][0]
    happened = [(Act.PUBLISHED, each) for each in (one, taken, late)]
    shelf = Shelf(state_of(happened[:1], 1))
    before = shelf.schema.current.schema
    assert shelf.turn(state_of(happened[:2], 2)).schema is before
    assert "version 1 of Problem" in caplog.text
    after = shelf.turn(state_of(happened, 3))
    assert union_names(after) == ["Problem", "BusinessLicence", "DriverLicence"]
    assert caplog.text.count("leaves out") == 1
    assert union_names(Shelf(state_of(happened)).schema.current) == union_names(after), "a restart offers the same"


def test_a_name_stays_with_the_type_that_had_it_first() -> None:
    inside = {"type": "object", "properties": {"name": LONG}, "additionalProperties": False}
    texts = {key: LONG[key] for key in ("title", "x-title-en", "description")}
    outer = licence_type("Invented", licenceOwner={**texts, **inside})
    inner = licence_type("InventedLicenceOwner", name=LONG)
    for first, second in ((outer, inner), (inner, outer)):
        current = Shelf(state_of([(Act.PUBLISHED, first), (Act.PUBLISHED, second)])).schema.current
        assert union_names(current) == ["Problem", first.key]
    newer = licence_type("Invented", version=2, licenceOwner={**texts, **inside})
    happened = [(Act.PUBLISHED, each) for each in (licence_type("Invented", name=LONG), inner, newer)]
    assert [one.version for one in Shelf(state_of(happened)).schema.current.types["Invented"]] == [1]


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
        shelf, sharing = Shelf(published(ONE, 1)), SlowSharing()
        caller = SimpleNamespace(client_id="desk")
        catalogue = SimpleNamespace(current=SimpleNamespace(types=TYPES))
        context: Any = SimpleNamespace(
            sharing=sharing, catalogue=catalogue, required_caller=lambda: caller, pending=Pending()
        )
        text = """{ case(input: {serviceItem: "a", caseNumber: "b", applicant: {codeType: "111", code: "c"},
            legalBasis: "d"}) { __typename ... on Case { grantedTypes { key } } }
            __type(name: "LicenceResult") { possibleTypes { name } } }"""
        begun = shelf.schema.current
        request = asyncio.create_task(run(begun, begun.documents.prepared(text), None, {}, context))
        await sharing.asked.wait()
        later = shelf.turn(published(TYPES, 2))
        sharing.go_on.set()
        answer = await request
        assert answer.errors == ()
        assert answer.data is not None
        assert answer.data["case"] == {"__typename": "Case", "grantedTypes": [{"key": "BusinessLicence"}]}
        assert [each["name"] for each in answer.data["__type"]["possibleTypes"]] == ["Problem", "BusinessLicence"]
        after = await run(later, later.documents.prepared(INTROSPECTION), None, {}, context)
        assert after.data is not None
        assert [each["name"] for each in after.data["__type"]["possibleTypes"]] == ["Problem", *sorted(TYPES)]

    asyncio.run(scenario())


def test_forty_swaps_keep_no_old_generation_and_none_of_its_plans_alive() -> None:
    async def scenario() -> None:
        shelf = Shelf(published({}, 0))
        context: Any = SimpleNamespace(pending=Pending(), required_caller=lambda: None)
        seen: list[weakref.ref[Generation]] = []
        schemas: list[weakref.ref[Any]] = []
        for number in range(1, 41):
            current = shelf.turn(published(TYPES if number % 2 else ONE, number))
            for text, by_plan in ((INTROSPECTION, False), (NODE, True)):
                assert (await run(current, current.documents.prepared(text), None, {}, context)).planned == by_plan
            seen.append(weakref.ref(current))
            schemas.append(weakref.ref(current.schema))
            del current
        gc.collect()
        assert sum(each() is not None for each in seen) == 1
        assert sum(each() is not None for each in schemas) == 1

    asyncio.run(scenario())
