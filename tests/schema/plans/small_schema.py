"""A schema whose values are as odd as resolvers can make them, run by a plan and by graphql-core beside each other."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    build_schema,
    execute,
    parse,
    validate,
)

from schema.context import Context
from schema.plans.plan import Plans
from schema.resolving import Asking, Reading

SDL = """
interface Thing { name: String strict: String! maker: Person }
enum Colour { RED GREEN }
input Shape { width: Int! height: Int = 2 depth: Int! = 1 colours: [Colour!] inner: [Shape] one: One }
input One @oneOf { a: Int b: String }
scalar Any
type Person { name: String strict: String! age: Int things(first: Int = 3, colour: Colour): [Thing] friend: Person! }
type Ball implements Thing { name: String strict: String! maker: Person round: Boolean! }
type Cube implements Thing { name: String strict: String! maker: Person sides: [Int!] edges: [[Int]!]! colour: Colour }
union Found = Ball | Cube | Person
type Query {
  person(name: String!): Person
  found(name: String): Found
  all(names: [String!]!): [Found!]
  strictly(names: [String]): [Found!]!
  echo(text: String = "none", shape: Shape, any: Any, colours: [Colour] = [RED]): String
  required(text: String!): String!
}
type Mutation { echo: String }
"""

Values = Mapping[str, Any]
"""What things are made of, by "name.field"; "raise" raises, a text that begins with "later " takes its time."""


class OddError(Exception):
    """A resolver failed."""


@dataclass
class Odd:
    """A value that is a person, a ball or a cube, as its name begins."""

    values: Values
    name: str

    @property
    def typename(self) -> str:
        """The type that it says it has."""
        return str(self.values.get(f"{self.name}.typename", self.name.rstrip("0123456789")))

    def of(self, field: str) -> Any:
        """Return a field's value."""
        return self.values.get(f"{self.name}.{field}", f"{field} of {self.name}")


def _plain(field: str) -> Reading:
    def read(source: Odd) -> Any:
        value = source.of(field)
        if value == "raise":
            raise OddError(f"{source.name}.{field}")
        if value == "error":
            return OddError("as a value")
        return Odd(source.values, value[1:]) if isinstance(value, str) and value.startswith("@") else value

    return Reading(read, field, _together)


def _together(fields: Sequence[str]) -> Callable[[Any], Iterable[Any]]:
    readers = [_plain(field).of for field in fields]
    return lambda source: [read(source) for read in readers]


def _given(values: Values, value: Any) -> Any:
    if value == "raise":
        raise OddError
    if value == "error":
        return OddError("as a value")
    if isinstance(value, str) and value.startswith("later "):
        return _later(values, value.removeprefix("later "))
    if isinstance(value, str) and value.startswith("@"):
        return Odd(values, value[1:])
    return value


async def _later(values: Values, value: str) -> Any:
    await asyncio.sleep(0)
    return await _later(values, value.removeprefix("later ")) if value.startswith("later ") else _given(values, value)


def _items(values: Values, value: Any) -> Any:
    return [_given(values, each) for each in value] if isinstance(value, list) else _given(values, value)


def _called(field: str) -> Asking:
    def resolve(source: Odd, info: Any, **_given_too: Any) -> Any:
        values, value = info.context.values, source.of(field)
        return _items(values, value) if field == "things" else _given(values, value)

    return Asking(resolve, is_told=True)


def _root(field: str) -> Asking:
    def resolve(_source: None, info: Any, **given: Any) -> Any:
        values = info.context.values
        if field in {"all", "strictly"}:
            return _items(values, values.get(field, [f"@{name}" for name in given["names"]]))
        if field in {"person", "found"}:
            return _given(values, values.get(field, f"@{given['name']}" if given.get("name") else None))
        return _given(values, values.get(field, f"{field} {sorted(given.items())}"))

    return Asking(resolve, is_told=True)


def small_schema() -> GraphQLSchema:
    """Return the schema; its types have plain readers, resolvers, and defaults."""
    schema = build_schema(SDL)
    for named in schema.type_map.values():
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            named.resolve_type = lambda value, _info, _type: value.typename
        if isinstance(named, GraphQLObjectType) and named.name in {"Person", "Ball", "Cube"}:
            named.is_type_of = None if named.name == "Person" else (lambda value, _info: value.of("real") != "raise")
            for name, field in named.fields.items():
                field.resolve = _called(name) if name in {"things", "friend", "age"} else _plain(name)
    assert schema.query_type is not None
    for name, field in schema.query_type.fields.items():
        field.resolve = _root(name)
    return schema


def checked(schema: GraphQLSchema, text: str) -> tuple[DocumentNode, OperationDefinitionNode]:
    """Return a valid document and its first operation."""
    document = parse(text)
    assert validate(schema, document) == []
    operation = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return document, operation


def told(result: ExecutionResult | None) -> str:
    """Return a result as bytes would show it, errors in the order they came."""
    if result is None:
        return "not planned"
    return json.dumps([result.data, [error.formatted for error in result.errors or ()]], ensure_ascii=False)


Sent = tuple[Values, Mapping[str, Any]]
"""What there is, and the variables."""


def by_core(schema: GraphQLSchema, text: str, sent: Sequence[Sent]) -> list[str]:
    """Run a document by graphql-core, once for each that was sent."""
    document, operation = checked(schema, text)

    async def run(values: Values, inputs: Mapping[str, Any]) -> ExecutionResult:
        found = execute(
            schema, document, context_value=SimpleNamespace(values=values), variable_values=dict(inputs),
            hide_suggestions=True, operation_name=operation.name.value if operation.name else None,
        )  # fmt: skip
        return await found if isawaitable(found) else found

    return [told(asyncio.run(run(*each))) for each in sent]


def by_plan(schema: GraphQLSchema, text: str, sent: Sequence[Sent]) -> list[str]:
    """Run a document by its plan, the same plan for all that was sent."""
    document, operation = checked(schema, text)
    plans = Plans(schema, document)

    async def run(values: Values, inputs: Mapping[str, Any]) -> ExecutionResult | None:
        return await plans.run(operation, inputs, cast("Context", SimpleNamespace(values=values)))

    return [told(asyncio.run(run(*each))) for each in sent]
