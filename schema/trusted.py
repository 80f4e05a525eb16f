"""Which document a request runs: the text it sends, or a trusted one by its hash; and whether a text may be trusted.

Decides that only. It must never let a text that a request sends become a trusted one, and never run a client's document
for somebody else: hub.access finds it. The documents in `schema/open` are the hub's own, for everybody: with them the
public asks the catalogue and verifies presentations where free texts are refused.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from graphql import GraphQLError

from hub.access.caller import Caller
from hub.access.judging import Examined
from hub.access.service import Access
from hub.access.shelf import TrustedDocument
from hub.catalogue.codes import holds_citizen_number
from hub.errors import InputError, Reason
from schema.build import Schema
from schema.documents import Prepared, RefusedDocumentError
from schema.generation import Generation
from schema.requests import Asked

OPEN_DOCUMENTS = Path(__file__).parent / "open"


@cache
def open_documents() -> Mapping[str, TrustedDocument]:
    """Return the hub's own documents by hash; they open no case."""
    texts = [file.read_bytes().decode() for file in sorted(OPEN_DOCUMENTS.glob("*.graphql"))]
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    return MappingProxyType({hash_: TrustedDocument(hash_, text) for hash_, text in zip(hashes, texts, strict=True)})


@dataclass(frozen=True, slots=True)
class Choice:
    """Chooses the document of a request; `trusted_only` refuses every free text."""

    access: Access
    trusted_only: bool

    def choose(
        self, wanted: Asked, caller: Caller | None, generation: Generation, spend: Callable[[int], None]
    ) -> tuple[Prepared, Caller | None]:
        """Return what runs, and its caller with the purposes that it serves; raises RefusedDocumentError.

        `spend` is told what it costs to make a text ready that is not kept; it may refuse that.
        """
        if wanted.document is not None:
            try:
                document = open_documents().get(wanted.document) or self.access.document(caller, wanted.document)
            except InputError as error:
                raise _refused(error.message, error.code) from error
            prepared = generation.documents.trusted(document.hash, document.text)
            return prepared, caller and caller.serving(document.purposes)
        if self.trusted_only:
            message = (
                "This hub runs trusted documents only; register the text with your build and name it by `documentId`."
            )
            raise _refused(message, "TRUSTED_DOCUMENTS_ONLY")
        return generation.documents.prepared(wanted.query, spend), caller


@dataclass(frozen=True, slots=True)
class Examiner:
    """Tells whether a text may be registered: whether it runs on the schema of today, and holds nobody's number."""

    schema: Schema

    def examine(self, identifier: str, text: str) -> Examined:
        """Examine a text; `identifier` names it in the reasons."""
        try:
            prepared = self.schema.follow().documents.examined(text)
        except RefusedDocumentError as refused:
            return Examined((), tuple(_reason(identifier, error) for error in refused.errors))
        if "\0" in text or holds_citizen_number(text, alone=True):
            told = "A document is kept in the clear: give values as variables, never a citizen number in the text."
            return Examined((), (Reason(identifier, "INPUT_INVALID", told),))
        return Examined(tuple(prepared.operations))


def _refused(message: str, code: str) -> RefusedDocumentError:
    return RefusedDocumentError(GraphQLError(message, extensions={"code": code}))


def _reason(identifier: str, error: GraphQLError) -> Reason:
    place = error.locations[0] if error.locations else None
    code = str((error.extensions or {})["code"])
    return Reason(identifier, code, error.message, place.line if place else None, place.column if place else None)
