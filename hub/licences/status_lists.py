"""Status lists as others get them: the present one of each, those of the past, and all their addresses.

Decides which bytes are served and for how long they may be kept. Every process serves the bytes that are stored, and looks at
each request whether there are newer ones. A change is visible everywhere within a minute: it waits for the publisher at most
one period, publishing takes at most another, a cache keeps a list MAX_AGE and a verifier his copy TTL seconds. It must never
answer that there is no such list to who holds a licence that names it.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from anyio import to_thread
from sqlmodel import col, func, select

from hub.clock import Clock
from hub.database import Database
from hub.errors import StatusListUnknownError
from hub.licences.model import Licence, PublishedList, StatusPublication
from hub.licences.status_editions import StatusEditions, summed
from hub.licences.status_publishing import Publisher
from hub.licences.status_signing import TTL, StatusSigner
from hub.reading import Loader, Reader
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA
from keys.store import KeyStore

__all__ = ["FORMS", "LONGEST_PERIOD", "MAX_AGE", "TTL", "VISIBLE_WITHIN", "PublishedBytes", "StatusLists"]

FORMS: Final = (JWT_MEDIA, CWT_MEDIA)
"""The media types of a list; the first is what those get who ask for none."""

MAX_AGE: Final = 10
VISIBLE_WITHIN: Final = 60
LONGEST_PERIOD: Final = (VISIBLE_WITHIN - MAX_AGE - TTL) // 2

_KEPT: Final = 32  # lists whose bytes a process keeps in memory, each below a megabyte
_PRESENT: Final = (
    "SELECT CAST(number AS TEXT), publication, expires_at FROM status_list WHERE CAST(number AS TEXT) {keys}"
)


@dataclass(frozen=True, slots=True)
class PublishedBytes:
    """One publication in one form, and the tag by which a cache compares it."""

    body: bytes = field(repr=False)
    tag: str


Forms = Mapping[str, PublishedBytes]


class StatusLists:
    """Publishes status lists and serves them. One per process and event loop."""

    def __init__(
        self, database: Database, reader: Reader, store: KeyStore, clock: Clock, *, public_url: str, life: timedelta
    ) -> None:
        """A list is signed for `life`; call `prepare` once before the first use."""
        self._database = database
        self._clock = clock
        self._signer = StatusSigner(store, public_url)
        self._publisher = Publisher(database, self._signer, clock, life)
        self._present = Loader(reader, _PRESENT)
        self._kept: OrderedDict[int, tuple[int, Forms]] = OrderedDict()

    def prepare(self) -> None:
        """Make the status key where there is none."""
        self._signer.prepare()

    def jwks(self) -> dict[str, Any]:
        """Return the JWK Set by which lists are verified."""
        return self._signer.jwks()

    def editions(self, reach: timedelta) -> StatusEditions:
        """Return what serves those who keep copies; changes are told for as long as `reach` back."""
        return StatusEditions(self._database, self._signer, self._clock, reach)

    def publish_due(self) -> int:
        """Publish every list that is due; see Publisher."""
        return self._publisher.publish_due()

    @property
    def address(self) -> str:
        """Return where the addresses of all lists are (Token Status List, section 9)."""
        return self._signer.address

    async def uris(self) -> list[str]:
        """Return the addresses of all lists; raises UnavailableError."""
        return await to_thread.run_sync(self._uris)

    async def present(self, number: int) -> Forms:
        """Return the present list in its forms, by media type.

        Raises:
            StatusListUnknownError: no licence stands in a list of this number.
            UnavailableError: the database did not answer.
        """
        rows = await self._present.load(str(number))
        if not rows or rows[0][1] <= self._now():
            await to_thread.run_sync(self._publish_first, number)
        elif number in self._kept and self._kept[number][0] == rows[0][0]:
            self._kept.move_to_end(number)
            return self._kept[number][1]
        self._kept[number] = fetched = await to_thread.run_sync(self._fetch, number)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return fetched[1]

    async def past(self, number: int, moment: int) -> Mapping[str, bytes]:
        """Return the list that was in effect at a moment (seconds), its claims as they were, signed now.

        Raises:
            StatusListUnknownError: there was none.
            UnavailableError: the database did not answer.
        """
        return await to_thread.run_sync(self._past, number, moment)

    def _uris(self) -> list[str]:
        with self._database.snapshot() as session:
            numbers = session.exec(select(PublishedList.number).order_by(col(PublishedList.number)))
            return [self._signer.uri(number) for number in numbers]

    def _publish_first(self, number: int) -> None:
        """Publish a list at once that has a licence and no publication yet, or none that still speaks."""
        with self._database.snapshot() as session:
            newest = session.exec(select(func.max(Licence.status_list))).one() or 0
        if not 1 <= number <= newest:
            raise StatusListUnknownError
        self._publisher.publish(number)

    def _fetch(self, number: int) -> tuple[int, Forms]:
        with self._database.snapshot() as session:
            found = session.get_one(PublishedList, number)
        forms = {JWT_MEDIA: found.jwt, CWT_MEDIA: found.cwt}
        return found.publication, {name: PublishedBytes(body, _tag(body)) for name, body in forms.items()}

    def _past(self, number: int, moment: int) -> Mapping[str, bytes]:
        with self._database.snapshot() as session:
            of_list = select(StatusPublication).where(StatusPublication.status_list == number)
            before = of_list.where(StatusPublication.issued_at <= moment)
            latest = before.order_by(col(StatusPublication.issued_at).desc(), col(StatusPublication.number).desc())
            found = session.exec(latest.limit(1)).first()
            if found is None or moment > self._now() or moment >= found.expires_at:
                raise StatusListUnknownError
            statuses = summed(session, number, found.number)
        return self._signer.sign(number, bytes(statuses), found.issued_at, found.expires_at, found.ttl)

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
