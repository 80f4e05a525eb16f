"""Status lists publication by publication, for those who keep copies: digests of the present ones, their bytes, and what changed since.

Decides how far back copies are served: a list that was replaced for OVERLAP seconds, so that what was begun can be ended; changes since a
publication for `reach`, because an older copy is good for nothing. It must not serve the past beyond that: with it anybody could look back
how a licence fared that he was shown (Token Status List, section 12.7). All of it follows from what is stored, the same in every process.
"""

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, select

from hub.clock import Clock
from hub.database import Database
from hub.errors import StatusListUnknownError
from hub.licences.model import PublishedList, StatusChange, StatusPublication
from hub.licences.status_signing import StatusSigner, empty, show
from keys.offline_pack import digest

OVERLAP: Final = 600
MOST_CHANGES: Final = 2**16
"""Of one answer; whoever lacks more takes the whole list, which is then smaller."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A list as it is now: number, publication, SHA-256 (base64url) and size of its bytes, and until when it speaks (seconds)."""

    number: int
    publication: int
    sha256: str
    size: int
    expires_at: int


class StatusEditions:
    """Serves publications. One per process; everything here reads the database and belongs on a thread."""

    def __init__(self, database: Database, signer: StatusSigner, clock: Clock, reach: timedelta) -> None:
        """Changes are told for as long as `reach` back."""
        self._database = database
        self._signer = signer
        self._clock = clock
        self._reach = int(reach.total_seconds())
        self._known: dict[int, Edition] = {}
        self._guard = threading.Lock()

    def present(self) -> tuple[Edition, ...]:
        """Return the lists that speak now; what is new since the last time is read and digested.

        Raises:
            DamagedError: a list is not as it was signed.
            UnavailableError: the database did not answer.
        """
        columns = select(PublishedList.number, PublishedList.publication)
        speaking = columns.where(PublishedList.expires_at > self._now()).order_by(col(PublishedList.number))
        with self._guard, self._database.snapshot() as session:
            for number, publication in session.exec(speaking).all():
                known = self._known.get(number)
                if known is None or known.publication < publication:
                    self._known[number] = self._digested(session, number)
            return tuple(each for _, each in sorted(self._known.items()) if each.expires_at > self._now())

    def check(self, number: int, publication: int, since: int | None) -> None:
        """Return if a publication is served now, and what changed from `since` to it.

        Raises:
            StatusListUnknownError: one of them is too old, or was never.
            UnavailableError: the database did not answer.
        """
        with self._database.snapshot() as session:
            self._check_reach(session, number, publication, OVERLAP)
            if since is not None:
                self._check_reach(session, number, since, self._reach)
        if since is not None and since >= publication:
            raise StatusListUnknownError

    def whole(self, number: int, publication: int) -> bytes:
        """Return a list's bytes at a publication that was checked; raises DamagedError, UnavailableError."""
        with self._database.snapshot() as session:
            found = session.get(PublishedList, number)
            if found is not None and found.publication == publication:
                return bytes(self._signer.statuses(number, found.issued_at, found.cwt))
            return bytes(summed(session, number, publication))

    def changes(self, number: int, since: int, until: int) -> list[tuple[int, int]]:
        """Return place and present value of what changed between two publications that were checked, each place once, rising.

        Raises:
            StatusListUnknownError: too much changed: take the whole list.
            UnavailableError: the database did not answer.
        """
        row = StatusChange
        between = (row.status_list == number, row.publication > since, row.publication <= until)
        listed = select(row.status_index, row.value).where(*between).order_by(col(row.publication))
        with self._database.snapshot() as session:
            changed = session.exec(listed.limit(MOST_CHANGES + 1)).all()
        if len(changed) > MOST_CHANGES:
            raise StatusListUnknownError
        return sorted(dict(changed).items())

    def _digested(self, session: Session, number: int) -> Edition:
        found = session.get_one(PublishedList, number)
        statuses = bytes(self._signer.statuses(number, found.issued_at, found.cwt))
        return Edition(number, found.publication, digest(statuses), len(statuses), found.expires_at)

    def _check_reach(self, session: Session, number: int, publication: int, reach: int) -> None:
        """A publication must be the present one, or have been replaced no longer ago than `reach` seconds."""
        row = StatusPublication
        columns = select(row.number, row.issued_at).where(row.status_list == number)
        found = dict(session.exec(columns.where(col(row.number).in_((publication, publication + 1)))).all())
        replaced = found.get(publication + 1)
        if publication not in found or (replaced is not None and replaced <= self._now() - reach):
            raise StatusListUnknownError

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def summed(session: Session, number: int, publication: int) -> bytearray:
    """Return what a list said at a publication: the sum of what publications changed up to it."""
    row = StatusChange
    changes = select(row.status_index, row.value).where(row.status_list == number, row.publication <= publication)
    statuses = empty()
    for index, value in session.exec(changes.order_by(col(row.publication))):
        show(statuses, index, value)
    return statuses
