"""The trust list and the revocation lists as others get them: the bytes that are stored, the same from every process.

Decides which lists there are and for how long a cache may keep one. One that is past its date is handed out all the same: it says so itself,
and a verifier decides; nothing at all would look like a hub without seals.
"""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, Final

from anyio import to_thread

from hub.clock import Clock
from hub.database import Database
from hub.reading import Loader, Reader
from hub.seals import model
from hub.seals.listing import CRL, TRUST_LIST
from hub.seals.publishing import Publishing
from hub.seals.refusals import SealListUnknownError
from keys.suites import SUITES

MAX_AGE: Final = 60
NAMES: Final = frozenset({TRUST_LIST, *(f"{suite}{CRL}" for suite in SUITES)})

_PRESENT: Final = "SELECT name, number, until FROM seal_publication WHERE name {keys}"


@dataclass(frozen=True, slots=True)
class PublishedList:
    """One edition, the tag by which a cache compares it, for how many seconds a cache may keep it, its number, and until when it speaks (seconds)."""

    body: bytes = field(repr=False)
    tag: str
    max_age: int
    number: int
    until: int


class SealLists:
    """Publishes and serves lists about seals. One per process and event loop."""

    def __init__(self, database: Database, reader: Reader, publishing: Publishing, clock: Clock) -> None:
        """Call `prepare` once before the first use."""
        self._database = database
        self._publishing = publishing
        self._clock = clock
        self._present = Loader(reader, _PRESENT)
        self._bodies: dict[str, PublishedList] = {}

    def prepare(self) -> None:
        """Make the key of trust lists where there is none."""
        self._publishing.prepare()

    def jwks(self) -> dict[str, Any]:
        """Return the JWK Set by which trust lists are verified."""
        return self._publishing.jwks()

    def publish_due(self) -> int:
        """Publish what is due; see Publishing."""
        return self._publishing.publish_due()

    async def present(self, name: str) -> PublishedList:
        """Return the present edition of a list.

        Raises:
            SealListUnknownError: there is no such list, or no root of that suite.
            UnavailableError: the database did not answer.
        """
        if name not in NAMES:
            raise SealListUnknownError
        rows = await self._present.load(name)
        if not rows:
            await to_thread.run_sync(self._publishing.publish)
            rows = await self._present.load(name)
        if not rows:
            raise SealListUnknownError
        number, until = rows[0]
        if name not in self._bodies or self._bodies[name].number != number:
            self._bodies[name] = await to_thread.run_sync(self._fetch, name)
        left = until - int(self._clock.now().timestamp())
        return replace(self._bodies[name], max_age=max(0, min(MAX_AGE, left)))

    def _fetch(self, name: str) -> PublishedList:
        with self._database.snapshot() as session:
            found = session.get_one(model.SealPublication, name)
        tag = f'"{hashlib.sha256(found.body).hexdigest()[:32]}"'
        return PublishedList(found.body, tag, MAX_AGE, found.number, found.until)
