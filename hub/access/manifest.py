"""Manifests: how a build offers its documents, and for which service items each operation opens cases.

Decides only what the forms mean, as @graphql-codegen/client-preset and Relay's compiler write them: a JSON object from
identifier to text. An identifier is the SHA-256 of the text's exact bytes (GraphQL over HTTP, appendix on persisted
documents); weaker hashes are refused. It must never guess a purpose: an operation that the purposes do not name has none.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from hub.errors import InputInvalidError, Reason

PREFIX: Final = "sha256:"
EVERY_OPERATION: Final = "*"
_HASH: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Offered:
    """A document of a manifest; `claimed` is the identifier that stands beside it, None where none does."""

    text: str = field(repr=False)
    claimed: str | None = None

    @property
    def hash(self) -> str:
        """The SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def misnamed(self) -> Reason | None:
        """Say why the claimed identifier is not this text's, if it is not."""
        if self.claimed is None:
            return None
        found = _HASH.fullmatch(self.claimed)
        if found is None:
            weak = "Identify each document by the SHA-256 of its text, in lower-case hex: hashAlgorithm sha256."
            return Reason(PREFIX + self.hash, "DOCUMENT_ID_INVALID", weak)
        if not hmac.compare_digest(found[1], self.hash):
            other = "The identifier beside this text is another text's; not a byte may be changed after hashing."
            return Reason(PREFIX + self.hash, "DOCUMENT_HASH_MISMATCH", other)
        return None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a build offers: documents, and items by operation name or EVERY_OPERATION."""

    documents: tuple[Offered, ...]
    purposes: Mapping[str, frozenset[str]]

    @property
    def items(self) -> frozenset[str]:
        """Every service item that is named."""
        return frozenset[str]().union(*self.purposes.values())

    def purposes_of(self, operations: Iterable[str]) -> frozenset[str] | None:
        """Return the items of a document with these operations; None where the purposes do not name one of them."""
        every = self.purposes.get(EVERY_OPERATION)
        named = [self.purposes.get(each, every) for each in operations]
        found = [each for each in named if each is not None]
        return frozenset[str]().union(*found) if len(found) == len(named) else None


def read_documents(value: Any) -> tuple[Offered, ...]:
    """Read a JSON object from identifier to text; raises InputInvalidError."""
    if not isinstance(value, dict) or not value or not all(isinstance(text, str) for text in value.values()):
        raise InputInvalidError("A manifest is a JSON object that gives each document's text by its identifier.")
    return tuple(Offered(text, claimed) for claimed, text in value.items())


def read_purposes(value: Any) -> dict[str, frozenset[str]]:
    """Read a JSON object from operation, or "*" for those it does not name, to items; raises InputInvalidError."""
    if not isinstance(value, dict) or not all(_is_list_of_text(items) for items in value.values()):
        raise InputInvalidError('Purposes are a JSON object: {"OperationName": ["item code"]}, or "*" for all others.')
    return {operation: frozenset(items) for operation, items in value.items()}


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def read_list(text: str) -> list[str]:
    """Read a list as the table keeps it."""
    return [str(each) for each in orjson.loads(text)]


def write_list(values: Iterable[str]) -> str:
    """Write a list as the table keeps it."""
    return orjson.dumps(list(values)).decode()
