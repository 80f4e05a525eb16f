"""Documents made ready once: parsed, measured and validated, and kept by the generation they are valid for.

Decides whether a document may run at all. It must never repeat a value from a document: literals can be personal data, so
the messages about them are written here; nor let a free text push a trusted document out. GraphQL specification, section 5.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import ASTValidationRule, ValuesOfCorrectTypeRule
from graphql.validation.rules import overlapping_fields_can_be_merged
from typing_extensions import override

from schema import limits

MOST_KEPT = 500
MOST_TRUSTED = 500
LARGEST_KEPT = 8 * 1024
MOST_ERRORS = 20
K = TypeVar("K", bytes, str)
_PARSER_LIMITS = (
    ("Syntax Error: Document contains more than", "Tokens of the document", limits.MOST_TOKENS),
    ("Syntax Error: Document is nested too deeply", "Levels of selection", limits.DEEPEST),
)


# graphql-core compares every pair of fields of one name, and lets a small text cost a second of it; this is its own knob.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = limits.MOST_COMPARING


class RefusedDocumentError(Exception):
    """The document cannot run; `errors` say why without repeating values."""

    def __init__(self, *errors: GraphQLError) -> None:
        self.errors = errors
        super().__init__("document refused")


class DiscreetValuesRule(ValuesOfCorrectTypeRule):
    """Values must have the right type; the message never shows them."""

    @override
    def report_error(self, error: GraphQLError) -> None:
        wanted = self.context.get_input_type() or self.context.get_parent_input_type()
        place = f" {wanted}" if wanted else ""
        super().report_error(
            GraphQLError(
                f"A value does not fit the type{place} that is expected here; values are not repeated.", error.nodes
            )
        )


RULES: tuple[type[ASTValidationRule], ...] = tuple(
    DiscreetValuesRule if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run, and its operations by name."""

    document: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run; RefusedDocumentError when the name does not decide which."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None or name not in self.operations:
            raise RefusedDocumentError(
                _refusal("Say which operation of the document is to run in `operationName`.", "OPERATION_UNKNOWN")
            )
        return self.operations[name]

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

    def __init__(self, schema: GraphQLSchema) -> None:
        """Validate against this schema and no other."""
        self._schema = schema
        self._kept: OrderedDict[bytes, Prepared] = OrderedDict()
        self._trusted: OrderedDict[str, Prepared] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def prepared(self, text: str) -> Prepared:
        """Return a document ready to run; else raise RefusedDocumentError."""
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        prepared = self.examined(text)
        if len(text) <= LARGEST_KEPT:
            _put(self._kept, key, prepared, MOST_KEPT)
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
        document = _parsed(text)
        try:
            limits.check(document)
        except limits.LimitError as error:
            raise RefusedDocumentError(error) from None
        if errors := validate(self._schema, document, RULES, max_errors=MOST_ERRORS):
            raise RefusedDocumentError(*(_invalid(error) for error in errors))
        operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        return Prepared(document, MappingProxyType({each.name.value if each.name else "": each for each in operations}))


def _put(shelf: OrderedDict[K, Prepared], key: K, prepared: Prepared, most: int) -> None:
    shelf[key] = prepared
    if len(shelf) > most:
        shelf.popitem(last=False)


def _parsed(text: str) -> DocumentNode:
    if len(text.encode("utf-8", "surrogatepass")) > limits.LARGEST_DOCUMENT:
        raise RefusedDocumentError(limits.LimitError("Bytes of the document", limits.LARGEST_DOCUMENT))
    try:
        return parse(text, max_tokens=limits.MOST_TOKENS)
    except GraphQLSyntaxError as error:
        raise RefusedDocumentError(_not_parsed(error)) from None


def _not_parsed(error: GraphQLSyntaxError) -> GraphQLError:
    """Say why a text could not be parsed: graphql-core tells its own limits by their messages only."""
    for begin, what, figure in _PARSER_LIMITS:
        if error.message.startswith(begin):
            return limits.LimitError(what, figure)
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
