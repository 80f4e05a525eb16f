"""The schema in use, told to programs: its text, and the list of its changes.

Decides how both read, and keeps them until the schema is another one: the first to ask after a change pays for all, so never ask
on the event loop.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from hub.errors import InputInvalidError
from schema.build import Schema, build, history
from schema.changes import Entry, History, Listing
from schema.sdl import joined, printed

MOST_CHANGES: Final = 200  # of one entry
T = TypeVar("T")


class LiveSchema:
    """Tells what a schema is and how it came about."""

    def __init__(self, schema: Schema) -> None:
        """Tell of this one."""
        self._schema = schema
        self._history = History(lambda offer: build(offer.types, offer.retired).schema)
        self._text = _Kept[bytes]()
        self._listing = _Kept[Listing]()

    def sdl(self) -> bytes:
        """Return the schema as text."""
        generation = self._schema.follow()
        return self._text.of(generation.number, lambda: joined(printed(generation.schema)).encode())

    def changes(self, since: str | None = None) -> Mapping[str, Any]:
        """Return the changes, newest first, as JSON; `since` is the SHA-256 of the SDL of a state, or how it begins.

        Raises:
            InputInvalidError: no state in the list has this hash.
        """
        generation, state = self._schema.latest()
        listing = self._listing.of(generation.number, lambda: self._history.listing(history(state)))
        entries = listing.entries if since is None else listing.since(since)
        if entries is None:
            raise InputInvalidError("No state in the list has this hash; leave `since` out to read the whole list.")
        return {"entries": [_told(entry) for entry in entries], "earlier": listing.earlier if since is None else 0}


def _told(entry: Entry) -> Mapping[str, Any]:
    changes = [
        {"kind": each.kind, "criticality": each.criticality, "description": each.description}
        for each in entry.changes[:MOST_CHANGES]
    ]
    done = [{"act": each.act.value, "type": each.key, "version": each.version} for each in entry.done]
    return {
        "at": entry.done[0].at.isoformat().replace("+00:00", "Z"),
        "done": done,
        "changes": changes,
        "moreChanges": len(entry.changes) - len(changes),
        "leftOut": list(entry.left_out),
        "sha256": entry.sha256,
    }


class _Kept(Generic[T]):
    """One thing, and the number of the generation that it belongs to."""

    def __init__(self) -> None:
        self._making = Lock()
        self._kept: tuple[int, T] | None = None

    def of(self, number: int, make: Callable[[], T]) -> T:
        """Return the thing of a generation; whoever asks while it is made waits for it."""
        with self._making:
            if self._kept is None or self._kept[0] != number:
                self._kept = (number, make())
            return self._kept[1]
