"""One field of a plan: resolved, completed, and its error held where the field may be null (GraphQL, section 6.4)."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    default_field_resolver,
)
from graphql.pyutils import Path, is_awaitable

from schema.plans.arguments import Arguments
from schema.plans.completing import Step
from schema.plans.running import Completer, Position, Run, awaited, is_pending, require_value, settled
from schema.resolving import Reading


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands in an operation."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    operation: OperationDefinitionNode
    parent: GraphQLObjectType
    key: str
    nodes: list[FieldNode]

    def info(self, run: Run, field: GraphQLField, path: Path) -> GraphQLResolveInfo[Any]:
        """Return what a resolver is told. There is no abort signal, and no resolver starts work of its own."""
        return GraphQLResolveInfo(
            self.nodes[0].name.value, self.nodes, field.type, self.parent, path, self.schema, self.fragments, None,
            self.operation, run.variables, run.context, is_awaitable, None, None,  # type: ignore[arg-type]
        )  # fmt: skip


def typename(parent: GraphQLObjectType) -> Step:
    """Give the name of the object's type."""

    def step(run: Run, path: Path | None, source: Any) -> str:
        del run, path, source
        return parent.name

    return step


def reading(read: Reading, place: Place, complete: Completer, position: Position) -> Step:
    """Read a value off the source."""
    of, key, parent = read.of, place.key, place.parent.name

    def step(run: Run, path: Path | None, source: Any) -> Any:
        here = Path(path, key, parent)
        try:
            value = of(source)
            require_value(value)
            done = complete(run, here, value)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong ends at its place
            return run.failed(error, position, here)
        return settled(run, here, done, position) if is_pending(done) else done

    return step


def resolving(field: GraphQLField, place: Place, given: Arguments, complete: Completer, position: Position) -> Step:
    """Call a resolver with its info and arguments."""
    resolve, key, parent = field.resolve or default_field_resolver, place.key, place.parent.name

    def step(run: Run, path: Path | None, source: Any) -> Any:
        here = Path(path, key, parent)
        try:
            value = resolve(source, place.info(run, field, here), **given(run))
            if is_awaitable(value):
                return awaited(run, here, value, complete, position)
            require_value(value)
            done = complete(run, here, value)
        except Exception as error:  # noqa: BLE001 - same
            return run.failed(error, position, here)
        return settled(run, here, done, position) if is_pending(done) else done

    return step
