"""How much one document may ask for. Every refusal names the figure, so that a client knows what to change.

Decides on size, depth, aliases, root fields and lists before a document is validated, with its fragments written out, so that a
small text cannot stand for a large amount of work. It must never look at rights: those belong to the services.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
)

from hub.excess import (
    AliasesError,
    DepthError,
    IntrospectionOffError,
    ListLengthError,
    OperationsError,
    RootFieldsError,
)
from hub.limits import Limits
from schema.introspection import FIELDS as INTROSPECTION

_DEEPEST_FRAGMENTS: Final = 50  # of fragments inside fragments, measured before the levels they make are known


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a selection is when its fragments are written out."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0


class _Measure:
    """Measures selections; each fragment is measured once, so that a pyramid of fragments costs nothing."""

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self._limits = limits
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._measured: dict[str, Extent] = {}
        self._open: set[str] = set()
        self._nesting = 0

    def extent(self, selections: SelectionSetNode | None) -> Extent:
        """Return the depth and the aliases of a selection, and its fields on the first level."""
        parts = [self._part(each) for each in (selections.selections if selections else ())]
        return Extent(
            max((part.depth for part in parts), default=0),
            sum(part.aliases for part in parts),
            sum(part.fields for part in parts),
        )

    def _part(self, selection: object) -> Extent:
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value)
        below = self.extent(getattr(selection, "selection_set", None))
        if isinstance(selection, FieldNode):
            if selection.name.value in INTROSPECTION and not self._limits.introspection:
                raise IntrospectionOffError
            self.require_short(each.value for each in selection.arguments or ())
            return Extent(below.depth + 1, below.aliases + (selection.alias is not None), 1)
        return below

    def _fragment(self, name: str) -> Extent:
        """Return a fragment's extent; a cycle or an unknown name counts nothing here, for validation refuses it."""
        if name not in self._measured and name in self._fragments and name not in self._open:
            if self._nesting == _DEEPEST_FRAGMENTS:
                raise DepthError(self._limits.depth)
            self._open.add(name)
            self._nesting += 1
            self._measured[name] = self.extent(self._fragments[name].selection_set)
            self._nesting -= 1
        return self._measured.get(name, Extent())

    def require_short(self, values: Iterable[ValueNode | None]) -> None:
        """Return when no list among the values of a document is too long; else raise ListLengthError."""
        waiting = list(values)
        while waiting:
            value = waiting.pop()
            if isinstance(value, ObjectValueNode):
                waiting += [each.value for each in value.fields]
            elif isinstance(value, ListValueNode):
                if len(value.values) > self._limits.list_length:
                    raise ListLengthError(self._limits.list_length, len(value.values))
                waiting += value.values


def check(document: DocumentNode, limits: Limits) -> None:
    """Return when every operation of a document stays within the limits; else raise a LimitError."""
    measure = _Measure(document, limits)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) > limits.operations:
        raise OperationsError(limits.operations, len(operations))
    for each in operations:
        measure.require_short(one.default_value for one in each.variable_definitions or ())
        try:
            extent = measure.extent(each.selection_set)
        except RecursionError:  # so deep that it could not even be measured
            raise DepthError(limits.depth) from None
        if extent.depth > limits.depth:
            raise DepthError(limits.depth, extent.depth)
        if extent.aliases > limits.aliases:
            raise AliasesError(limits.aliases, extent.aliases)
        if extent.fields > limits.root_fields:
            raise RootFieldsError(limits.root_fields, extent.fields)
