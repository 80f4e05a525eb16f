"""Documents made ready once: parsed, measured and validated, and kept by the generation they are valid for.

Decides whether a document may run at all. It must never repeat a value from a document: literals can be personal data, so
the messages about them are written here; nor let a free text push a trusted document out. GraphQL specification, section 5.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import cast

from graphql import (
    SKIP,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VisitorAction,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import (
    ASTValidationRule,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    ValuesOfCorrectTypeRule,
)
from typing_extensions import override

from hub.excess import (
    ComparisonsError,
    DepthError,
    DocumentBytesError,
    IntrospectionOffError,
    LimitError,
    TokensError,
)
from hub.limits import DEFAULT_LIMITS, Limits
from schema import limits
from schema.costing import Costing
from schema.demand import Demand, lists_of
from schema.plans.plan import Plans
from schema.weights import reading

MOST_KEPT = 500
MOST_TRUSTED = 500
LARGEST_KEPT = 8 * 1024
MOST_ERRORS = 20
_ABORTED = "Validation aborted."  # graphql-core tells its own limits by their messages only
_PARSER_LIMITS: Mapping[str, Callable[[Limits], LimitError]] = MappingProxyType(
    {
        "Syntax Error: Document contains more than": lambda limits: TokensError(limits.tokens),
        "Syntax Error: Document is nested too deeply": lambda limits: DepthError(limits.depth),
    }
)


class RefusedDocumentError(Exception):
    """The document cannot run; `errors` say why without repeating values."""

    def __init__(self, *errors: GraphQLError) -> None:
        self.errors = errors
        super().__init__("document refused")


class _ToldError(Exception):
    """What is wrong with a value has been said."""


class DiscreetValuesRule(ValuesOfCorrectTypeRule):
    """Values must have the right type; the message never shows them. Of each literal the first mistake is told.

    graphql-core prints a literal whole for every mistake in it.
    """

    @override
    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        try:
            return super().is_valid_value_node(node, input_type)
        except _ToldError:
            return SKIP

    @override
    def report_error(self, error: GraphQLError) -> None:
        wanted = self.context.get_input_type() or self.context.get_parent_input_type()
        place = f" {wanted}" if wanted else ""
        super().report_error(
            GraphQLError(
                f"A value does not fit the type{place} that is expected here; values are not repeated.", error.nodes
            )
        )
        raise _ToldError


class BoundedOverlapRule(OverlappingFieldsCanBeMergedRule):
    """Fields of one response name must be the same; comparing them all takes `limits.comparisons` units at most.

    graphql-core compares every pair, and lets a small text cost a second of it; its own bound holds for the whole process.
    """

    def __init__(self, context: ValidationContext, limits: Limits) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = limits.comparisons


def rules(limits: Limits) -> tuple[type[ASTValidationRule], ...]:
    """Return the rules of GraphQL, those of them in our own form that would repeat values or work without bound."""
    ours: Mapping[object, object] = {
        ValuesOfCorrectTypeRule: DiscreetValuesRule,
        OverlappingFieldsCanBeMergedRule: partial(BoundedOverlapRule, limits=limits),
    }
    return tuple(cast("type[ASTValidationRule]", ours.get(rule, rule)) for rule in specified_rules)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run, its operations by name (one without a name is called ""), and what each of them asks for."""

    document: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]
    demands: Mapping[str, Demand]
    plans: Plans

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run; RefusedDocumentError when the name does not decide which."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None or name not in self.operations:
            raise RefusedDocumentError(
                _refusal("Say which operation of the document is to run in `operationName`.", "OPERATION_UNKNOWN")
            )
        return self.operations[name]

    def demand(self, operation: OperationDefinitionNode) -> Demand:
        """Return what an operation of this document asks for."""
        return self.demands[operation.name.value if operation.name else ""]

    def root_fields(self, operation: OperationDefinitionNode) -> frozenset[str]:
        """Return the names of all fields an operation may ask on the first level, skipped ones too."""
        return frozenset(self._root_fields(operation.selection_set))

    def _root_fields(self, selections: SelectionSetNode) -> Iterator[str]:
        for each in selections.selections:
            if isinstance(each, FieldNode):
                yield each.name.value
            elif isinstance(each, InlineFragmentNode):
                yield from self._root_fields(each.selection_set)
            elif isinstance(each, FragmentSpreadNode):
                yield from self._root_fields(self._fragment(each.name.value).selection_set)

    def _fragment(self, name: str) -> FragmentDefinitionNode:
        fragments = (each for each in self.document.definitions if isinstance(each, FragmentDefinitionNode))
        return next(each for each in fragments if each.name.value == name)


class Documents:
    """The documents of one generation, the most recently used first to stay."""

    def __init__(self, schema: GraphQLSchema, limits: Limits = DEFAULT_LIMITS) -> None:
        """Validate against this schema and no other."""
        self.limits = limits
        self._schema = schema
        self._rules = rules(limits)
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._trusted: OrderedDict[str, Prepared] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def prepared(self, text: str, spend: Callable[[int], None] | None = None) -> Prepared:
        """Return a document ready to run; else raise RefusedDocumentError.

        `spend` is told, before any work is done, the units of making one ready that is not kept.
        """
        if (kept := self._kept.get(text)) is not None:
            self._kept.move_to_end(text)
            return kept
        if spend:
            spend(reading(text))
        prepared = self.examined(text)
        if len(text) <= LARGEST_KEPT:
            _put(self._kept, text, prepared, MOST_KEPT)
        return prepared

    def trusted(self, hash_: str, text: str) -> Prepared:
        """Return a registered document ready to run, found by its hash alone; else raise RefusedDocumentError."""
        if (kept := self._trusted.get(hash_)) is not None:
            self._trusted.move_to_end(hash_)
            return kept
        prepared = self.examined(text)
        _put(self._trusted, hash_, prepared, MOST_TRUSTED)
        return prepared

    def examined(self, text: str) -> Prepared:
        """Make a document ready without keeping it; else raise RefusedDocumentError."""
        try:
            document = _parsed(text, self.limits)
            limits.check(document, self.limits)
            self._validate(document)
            return self._made(document)
        except (LimitError, IntrospectionOffError) as error:
            raise RefusedDocumentError(GraphQLError(error.message, extensions=error.extensions)) from None

    def _validate(self, document: DocumentNode) -> None:
        errors = validate(self._schema, document, self._rules, max_errors=MOST_ERRORS, hide_suggestions=True)
        if errors and errors[-1].message == _ABORTED:
            raise ComparisonsError(self.limits.comparisons)
        if errors:
            raise RefusedDocumentError(*(_invalid(error) for error in errors))

    def _made(self, document: DocumentNode) -> Prepared:
        costing = Costing(self._schema, document, self.limits)
        operations = {_name(each): each for each in document.definitions if isinstance(each, OperationDefinitionNode)}
        demands = {name: Demand(costing.cost(each), lists_of(self._schema, each)) for name, each in operations.items()}
        return Prepared(
            document, MappingProxyType(operations), MappingProxyType(demands), Plans(self._schema, document)
        )


def _put(shelf: OrderedDict[str, Prepared], key: str, prepared: Prepared, most: int) -> None:
    shelf[key] = prepared
    if len(shelf) > most:
        shelf.popitem(last=False)


def _name(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""


def _parsed(text: str, figures: Limits) -> DocumentNode:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > figures.document_bytes:
        raise DocumentBytesError(figures.document_bytes, size)
    try:
        return parse(text, max_tokens=figures.tokens)
    except GraphQLSyntaxError as error:
        for begin, refusal in _PARSER_LIMITS.items():
            if error.message.startswith(begin):
                raise refusal(figures) from None
        raise RefusedDocumentError(_no_graphql(error)) from None


def _no_graphql(error: GraphQLSyntaxError) -> GraphQLError:
    return GraphQLError(
        "The document is not GraphQL at this place.",
        source=error.source,
        positions=error.positions,
        extensions={"code": "DOCUMENT_INVALID"},
    )


def _invalid(error: GraphQLError) -> GraphQLError:
    return GraphQLError(error.message, error.nodes, extensions={"code": "DOCUMENT_INVALID"})


def _refusal(message: str, code: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})
