"""How much one request may ask for. Every refusal names the figure, so that a client knows what to change.

Decides on size, depth, aliases and root fields before a document is validated, with its fragments written out, so that a
small text cannot stand for a large amount of work. It must never look at rights: those belong to the services.
"""

from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)

LARGEST_DOCUMENT = 64 * 1024
MOST_TOKENS = 2_000
DEEPEST = 15
MOST_ALIASES = 100
MOST_COMPARING = (
    50_000  # units of graphql-core's work on fields of one name; all types with all shared fields cost under 10,000
)
MOST_ROOT_FIELDS = 20
LARGEST_BATCH = 100
_DEEPEST_FRAGMENTS = 50  # of fragments inside fragments, measured before the levels they make are known


class LimitError(GraphQLError):
    """The document asks for more than one request may."""

    def __init__(self, what: str, figure: int) -> None:
        super().__init__(f"{what}: at most {figure:,} are allowed.", extensions={"code": "LIMIT_EXCEEDED"})


@dataclass(frozen=True, slots=True)
class Extent:
    """How large a selection is when its fragments are written out."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0


class _Measure:
    """Measures selections; each fragment is measured once, so that a pyramid of fragments costs nothing."""

    def __init__(self, document: DocumentNode) -> None:
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
            return Extent(below.depth + 1, below.aliases + (selection.alias is not None), 1)
        return below

    def _fragment(self, name: str) -> Extent:
        """Return a fragment's extent; a cycle or an unknown name counts nothing here, for validation refuses it."""
        if name not in self._measured and name in self._fragments and name not in self._open:
            if self._nesting == _DEEPEST_FRAGMENTS:
                raise LimitError("Levels of selection", DEEPEST)
            self._open.add(name)
            self._nesting += 1
            self._measured[name] = self.extent(self._fragments[name].selection_set)
            self._nesting -= 1
        return self._measured.get(name, Extent())


def check(document: DocumentNode) -> None:
    """Return when every operation of a document stays within the limits; else raise LimitError."""
    measure = _Measure(document)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    try:
        extents = [measure.extent(each.selection_set) for each in operations]
    except RecursionError:  # so deep that it could not even be measured
        raise LimitError("Levels of selection", DEEPEST) from None
    for extent in extents:
        if extent.depth > DEEPEST:
            raise LimitError("Levels of selection", DEEPEST)
        if extent.aliases > MOST_ALIASES:
            raise LimitError("Aliases, with fragments written out", MOST_ALIASES)
        if extent.fields > MOST_ROOT_FIELDS:
            raise LimitError("Root fields", MOST_ROOT_FIELDS)
