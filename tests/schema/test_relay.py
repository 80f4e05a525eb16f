"""Relay's rules, held against the whole schema and against answers over HTTP."""

from typing import Any

import pytest
from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
    get_named_type,
    get_nullable_type,
)

from schema.generation import Generation
from tests.catalogue.examples import HUSBAND, WIFE
from tests.schema.desk import Desk, case_of
from tests.sharing.world import ASKER, ISSUER, ITEM, OTHER

ASKED_FOR_BY_THEIR_OWN_FIELDS = {"ImportJob", "RegisterImportJob", "Webhook", "WebhookDeadLetter"}
NODE = "query Q($id: ID!) { node(id: $id) { __typename id %s } }"


def objects(generation: Generation, ending: str = "") -> list[GraphQLObjectType]:
    found = generation.schema.type_map.values()
    return [each for each in found if isinstance(each, GraphQLObjectType) and each.name.endswith(ending)]


def fields(generation: Generation) -> list[tuple[str, GraphQLField]]:
    return [(f"{each.name}.{name}", field) for each in objects(generation) for name, field in each.fields.items()]


# -- the schema ------------------------------------------------------------------------------------------------------


def test_connections_have_edges_and_page_info(shipped: Generation) -> None:
    connections = objects(shipped, "Connection")
    assert {each.name.removesuffix("Connection") for each in connections} >= {
        "Licence", "LicenceTypeInfo", "Authority", "ServiceItem", "Seal", "SealApplication",
    }  # fmt: skip
    for each in connections:
        edges = get_nullable_type(each.fields["edges"].type)
        assert isinstance(edges, GraphQLList)
        assert get_named_type(edges).name == f"{each.name.removesuffix('Connection')}Edge"
        assert str(each.fields["pageInfo"].type) == "PageInfo!"


def test_edges_have_a_node_that_is_no_list_and_a_cursor_that_is_text(shipped: Generation) -> None:
    for each in objects(shipped, "Edge"):
        node = get_nullable_type(each.fields["node"].type)
        assert isinstance(node, GraphQLObjectType | GraphQLInterfaceType)
        assert ("Node" in {interface.name for interface in node.interfaces}) == ("id" in node.fields)
        assert get_nullable_type(each.fields["cursor"].type) is GraphQLString


def test_page_info_is_what_the_specification_says(shipped: Generation) -> None:
    (info,) = objects(shipped, "PageInfo")
    for name in ("hasNextPage", "hasPreviousPage"):
        assert isinstance(info.fields[name].type, GraphQLNonNull)
        assert get_nullable_type(info.fields[name].type) is GraphQLBoolean
    for name in ("startCursor", "endCursor"):
        assert info.fields[name].type is GraphQLString


def test_whatever_returns_a_connection_pages_both_ways(shipped: Generation) -> None:
    found = [(name, field) for name, field in fields(shipped) if get_named_type(field.type).name.endswith("Connection")]
    assert {name for name, _ in found} >= {
        "Query.licenceTypes", "Query.authorities", "Query.serviceItems", "Query.seals", "Query.sealApplications", "Case.licences",
    }  # fmt: skip
    for _, field in found:
        kinds = {name: get_nullable_type(each.type) for name, each in field.args.items()}
        wanted = {"first": GraphQLInt, "last": GraphQLInt, "after": GraphQLString, "before": GraphQLString}
        assert wanted.items() <= kinds.items()
        assert not any(isinstance(field.args[name].type, GraphQLNonNull) for name in wanted)
        assert not isinstance(field.type, GraphQLNonNull), (
            "one list that cannot be read must not take the others with it"
        )


def test_pages_edges_and_page_info_are_reached_through_connections_only(shipped: Generation) -> None:
    for name, field in fields(shipped):
        if get_named_type(field.type).name.endswith("Edge"):
            assert name.split(".")[0].endswith("Connection")


def test_node_and_nodes_are_what_the_specification_says(shipped: Generation) -> None:
    query = shipped.schema.query_type
    assert query is not None
    node, nodes = query.fields["node"], query.fields["nodes"]
    assert (str(node.type), {name: str(each.type) for name, each in node.args.items()}) == ("Node", {"id": "ID!"})
    assert (str(nodes.type), {name: str(each.type) for name, each in nodes.args.items()}) == (
        "[Node]!",
        {"ids": "[ID!]!"},
    )
    interface = shipped.schema.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    assert get_nullable_type(interface.fields["id"].type) is GraphQLID
    found = {each.name for each in shipped.schema.get_possible_types(interface)}
    assert found == {*shipped.types, "Case", "Authority", "ServiceItem", "LicenceTypeInfo", "Seal"}


def test_what_has_an_id_is_a_node(shipped: Generation) -> None:
    for each in objects(shipped):
        if "id" in each.fields and each.name not in ASKED_FOR_BY_THEIR_OWN_FIELDS:
            assert "Node" in {interface.name for interface in each.interfaces}, each.name


# -- answers ---------------------------------------------------------------------------------------------------------

LISTS = {
    "licenceTypes": (
        "key",
        ["BusinessLicence", "DriverLicence", "HouseholdRegister", "RealEstateTitle", "SecretRegister"],
    ),
    "authorities": ("code", sorted([ISSUER, ASKER, OTHER])),
    "serviceItems": ("code", sorted([ITEM, "ITEM2", "ITEM3"])),
}


async def page(desk: Desk, name: str, arguments: str) -> dict[str, Any]:
    key, _ = LISTS[name]
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    answer = await desk.ask(f"{{ {name}({arguments}) {{ {info} edges {{ cursor node {{ id {key} }} }} }} }}", None)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"][name]
    return found


@pytest.mark.parametrize("name", LISTS)
def test_public_lists_are_read_page_by_page_in_both_directions(shared_desk: Desk, name: str) -> None:
    async def scenario(desk: Desk) -> None:
        key, all_keys = LISTS[name]
        forward: list[str] = []
        backward: list[str] = []
        first, last = await page(desk, name, "first: 2"), await page(desk, name, "last: 2")
        assert (first["pageInfo"]["hasPreviousPage"], last["pageInfo"]["hasNextPage"]) == (False, False)
        while True:
            forward += [edge["node"][key] for edge in first["edges"]]
            if not first["pageInfo"]["hasNextPage"]:
                break
            assert first["pageInfo"]["endCursor"] == first["edges"][-1]["cursor"]
            first = await page(desk, name, f'first: 2, after: "{first["pageInfo"]["endCursor"]}"')
        while True:
            backward = [edge["node"][key] for edge in last["edges"]] + backward
            if not last["pageInfo"]["hasPreviousPage"]:
                break
            last = await page(desk, name, f'last: 2, before: "{last["pageInfo"]["startCursor"]}"')
        assert forward == backward == all_keys

    shared_desk.run(scenario)


def test_a_list_is_asked_for_properly_and_refused_alone(shared_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        foreign = (await page(desk, "serviceItems", "first: 1"))["pageInfo"]["endCursor"]
        for wrong in (
            "first: 0",
            "last: -1",
            "first: 1, last: 1",
            f'after: "{foreign}"',
            'before: "x"',
        ):
            answer = await desk.ask(
                f"{{ authorities({wrong}) {{ edges {{ cursor }} }} serviceItems {{ edges {{ cursor }} }} }}"
            )
            assert answer["data"]["authorities"] is None
            assert len(answer["data"]["serviceItems"]["edges"]) == 3
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["INPUT_INVALID"]

    shared_desk.run(scenario)


@pytest.mark.parametrize("name", LISTS)
def test_public_things_are_found_again_by_their_ids_by_anybody(shared_desk: Desk, name: str) -> None:
    async def scenario(desk: Desk) -> None:
        key, _ = LISTS[name]
        for edge in (await page(desk, name, "first: 3"))["edges"]:
            for authority in (None, ASKER):
                again = await desk.ask(NODE % f"... on {typename(name)} {{ {key} }}", authority, id=edge["node"]["id"])
                assert again["data"]["node"] == {"__typename": typename(name), **edge["node"]}

    shared_desk.run(scenario)


def typename(name: str) -> str:
    return {"licenceTypes": "LicenceTypeInfo", "authorities": "Authority", "serviceItems": "ServiceItem"}[name]


@pytest.mark.parametrize(
    "wrong",
    ["authority:nobody", "authority:", f"authority:{ISSUER}:1", "item:none", "type:BusinessLicence", "type:None:1",
     "type:BusinessLicence:2", "type:BusinessLicence:x",
        "type:BusinessLicence:01",
        "type:BusinessLicence:１", "type:BusinessLicence:1:1", f"case:{ISSUER}", ":", "::"],
)  # fmt: skip
def test_an_id_that_stands_for_nothing_is_not_found(shared_desk: Desk, wrong: str) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.ask(NODE % "", None, id=wrong)
        assert answer["data"] == {"node": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]

    shared_desk.run(scenario)


def test_a_sealed_id_needs_signing_in(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        case_id = (await desk.ask(OPEN % "id", case=case_of(HUSBAND)))["data"]["case"]["id"]
        answer = await desk.ask(NODE % "", None, id=case_id)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["TOKEN_INVALID"]

    desk.run(scenario)


OPEN = "query Q($case: CaseInput!) { case(input: $case) { ... on Case { %s } } }"
REOPEN = (
    """... on Case { caseNumber grantedTypes { key } licences(first: 5) { edges { node { id __typename number } } } }"""
)


def test_an_id_opens_a_case_again_with_todays_grants_for_its_authority_only(any_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        grant = desk.world.grant(["number"])
        opened = (await desk.ask(OPEN % "id", case=case_of(HUSBAND)))["data"]["case"]["id"]
        again = (await desk.ask(NODE % REOPEN, id=opened))["data"]["node"]
        assert (again["__typename"], again["id"], again["caseNumber"]) == ("Case", opened, "CASE-1")
        assert again["grantedTypes"] == [{"key": "HouseholdRegister"}]
        (edge,) = again["licences"]["edges"]
        assert edge["node"]["number"]
        assert (await desk.ask(NODE % "", id=edge["node"]["id"]))["data"]["node"]["__typename"] == "HouseholdRegister"
        (_, last) = desk.world.records("access")
        assert (last["outcome"], last["case"] is not None) == ("DISCLOSED", True)
        elsewhere = await desk.ask(NODE % REOPEN, ISSUER, id=opened)
        assert (elsewhere["data"], elsewhere["errors"][0]["extensions"]["code"]) == ({"node": None}, "NOT_FOUND")
        desk.world.sharing.suspend_grant(grant)
        refused = await desk.ask(NODE % REOPEN, id=opened)
        assert (refused["data"], refused["errors"][0]["extensions"]["code"]) == ({"node": None}, "NOT_GRANTED")
        assert [record["outcome"] for record in desk.world.records("access")[2:]] == ["NOT_FOUND", "NOT_GRANTED"]

    any_desk.run(scenario)


def test_nodes_keep_their_order_and_their_gaps(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        read = 'id licence(type: "HouseholdRegister", identifier: $id) { ... on Licence { id } }'
        case = await desk.read(read, HUSBAND, desk.issued["HouseholdRegister"])
        asked = ["nothing", case["licence"]["id"], f"authority:{ASKER}", "item:none", case["id"], case["licence"]["id"]]
        answer = await desk.ask("query Q($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=asked)
        assert "errors" not in answer
        kinds = [each and each["__typename"] for each in answer["data"]["nodes"]]
        assert kinds == [None, "HouseholdRegister", "Authority", None, "Case", "HouseholdRegister"]
        assert [each and each["id"] for each in answer["data"]["nodes"]] == [
            None if kind is None else one for kind, one in zip(kinds, asked, strict=True)
        ]

    desk.run(scenario)


def test_a_cursor_is_worth_nothing_in_another_case(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        read = "licences(first: 5%s) { pageInfo { startCursor } }"
        mine = await desk.ask(OPEN % read % "", case=case_of(HUSBAND))
        cursor = mine["data"]["case"]["licences"]["pageInfo"]["startCursor"]
        answer = await desk.ask(OPEN % read % f', after: "{cursor}"', case=case_of(WIFE, caseNumber="CASE-2"))
        assert answer["data"]["case"]["licences"] is None
        assert answer["errors"][0]["extensions"]["code"] == "INPUT_INVALID"

    desk.run(scenario)
