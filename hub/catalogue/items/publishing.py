"""Publishing item documents: per service item, version after version; a published version never changes.

Decides whether a document may be a service item's next one. It must never publish what `hub.catalogue.items.judging` refuses. Each is recorded and
advances the policy epoch in its own transaction, as every change of the catalogue does.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlmodel import Session, col, select

from hub.catalogue import model
from hub.catalogue.changing import Allows, Changing, by_command
from hub.catalogue.generation import Generation, PublishedItem
from hub.catalogue.items.item_document import ItemDocument
from hub.catalogue.items.judging import parse
from hub.catalogue.items.refusals import ItemDocumentError, ItemNotPublishedError
from hub.catalogue.items.sources import sources_of
from hub.clock import Clock, to_micros
from hub.errors import ItemUnknownError


class ItemDocuments:
    """The documents of service items."""

    def __init__(self, changing: Changing, clock: Clock, current: Callable[[], Generation]) -> None:
        """`current` gives the catalogue's state."""
        self._changing = changing
        self._clock = clock
        self._current = current

    def check(self, document: Any) -> ItemDocument:
        """Return what a document describes, judged against this hub's types; raises ItemDocumentError."""
        return parse(document, sources_of(self._current()))

    def publish(self, item: str, document: Mapping[str, Any], by: Allows = by_command) -> ItemDocument:
        """Publish the next version of a service item's document; a version that is published already stays as it is.

        Raises:
            ItemUnknownError: no such service item.
            ItemDocumentError: the document breaks the rules, is not the next version, is another item's, or differs from the published one of its
                version.
            What `by` raises.
        """
        if item not in self._current().items:
            raise ItemUnknownError
        described = self.check(document)
        with self._changing.open(by) as change:
            if self._is_next(change.session, item, described, document):
                change.session.add(
                    model.PublishedItem(
                        item=item, version=described.version, document=orjson.dumps(document).decode(),
                        published_at=to_micros(self._clock.now()),
                    )
                )  # fmt: skip
                change.record("PUBLISH_ITEM", item=item, document=described.key, version=described.version)
        return described

    def _is_next(self, session: Session, item: str, described: ItemDocument, document: Mapping[str, Any]) -> bool:
        of_item = select(model.PublishedItem).where(model.PublishedItem.item == item)
        rows = session.exec(of_item.order_by(col(model.PublishedItem.version))).all()
        known: dict[int, Any] = {row.version: json.loads(row.document) for row in rows}
        if any(each["key"] != described.key for each in known.values()):
            raise ItemDocumentError("/key: the service item has a document of another key; a next version keeps it.")
        if described.version in known:
            if known[described.version] != document:
                raise ItemDocumentError(f"/version: {described.version} is published and never changes; raise it.")
            return False
        if described.version != len(known) + 1:
            raise ItemDocumentError(f"/version: the next version to publish is {len(known) + 1}.")
        return True

    def of(self, item: str) -> ItemDocument:
        """Return a service item's newest document; raises ItemUnknownError, ItemNotPublishedError."""
        return self.published(item)[-1].document

    def published(self, item: str) -> Sequence[PublishedItem]:
        """Return every version of a service item's document, newest last; raises ItemUnknownError, ItemNotPublishedError."""
        current = self._current()
        if item not in current.items:
            raise ItemUnknownError
        if item not in current.documents:
            raise ItemNotPublishedError
        return current.documents[item]

    def newest(self) -> Sequence[PublishedItem]:
        """Return the newest version of every service item that has one, by the item's code."""
        return [versions[-1] for versions in self._current().documents.values()]
