"""The shelf: the trusted documents of every client, in memory as of one moment, found by the hash of their text.

Decides which text a client's identifier stands for. It must never hand one client's document to another, nor take
anything in that a request sends. A text never changes under its hash, so only new ones are read again.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from sqlmodel import Session, col, or_, select

from hub.access import model
from hub.access.manifest import read_list
from hub.errors import DocumentRetiredError, DocumentUnknownError

READ_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """A registered document: SHA-256 of its text in hex, the text, and the service items it opens cases of."""

    hash: str
    text: str = field(repr=False)
    purposes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents by client and hash; None stands for a retired one."""

    by_client: Mapping[str, Mapping[str, TrustedDocument | None]] = field(default_factory=lambda: MappingProxyType({}))

    def find(self, client_id: str | None, hash_: str) -> TrustedDocument:
        """Return a client's document.

        Raises:
            DocumentUnknownError: the client never registered it.
            DocumentRetiredError: it was retired, not long ago.
        """
        documents = self.by_client.get(client_id or "", {})
        if hash_ not in documents:
            raise DocumentUnknownError
        found = documents[hash_]
        if found is None:
            raise DocumentRetiredError
        return found

    def texts(self) -> dict[str, str]:
        """Return the texts by hash."""
        return {each.hash: each.text for one in self.by_client.values() for each in one.values() if each}


EMPTY: Final = Shelf()


def read_shelf(session: Session, known: Shelf, retired_since: int) -> Shelf:
    """Read what is registered, and what was retired after an instant in microseconds; `known` saves reading texts."""
    table = model.TrustedDocument
    listed = select(table.client_id, table.hash, table.purposes, table.retired_at)
    told = or_(col(table.retired_at).is_(None), col(table.retired_at) > retired_since)
    rows = session.exec(listed.where(told)).all()
    texts = known.texts()
    missing = sorted({hash_ for _, hash_, _, retired_at in rows if retired_at is None} - texts.keys())
    for place in range(0, len(missing), READ_AT_ONCE):
        some = col(table.hash).in_(missing[place : place + READ_AT_ONCE])
        texts.update((hash_, text) for hash_, text in session.exec(select(table.hash, table.text).where(some)))
    by_client: dict[str, dict[str, TrustedDocument | None]] = defaultdict(dict)
    for client_id, hash_, purposes, retired_at in rows:
        kept = TrustedDocument(hash_, texts[hash_], frozenset(read_list(purposes))) if retired_at is None else None
        by_client[client_id][hash_] = kept
    return Shelf(MappingProxyType(dict(by_client)))
