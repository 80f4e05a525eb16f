"""How the catalogue is changed: one change at a time over all processes, on record, under a new policy epoch.

Decides nothing about what may be changed; who may is asked inside the unit of work, under the lock (`Allows`), so that what it was decided upon
still holds when the change is durable.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from hub.audit.service import Audit, Entry
from hub.database import Database
from hub.errors import AlreadyExistsError

LOCK = b"catalogu"
Allows = Callable[[Session], Mapping[str, str]]
"""Refuses a change, or returns what the record says of who makes it and why."""


def by_command(session: Session) -> Mapping[str, str]:
    """Allow everything: whoever runs a command holds the key store."""
    del session
    return {}


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is being made."""

    session: Session
    _audit: Audit = field(repr=False)
    _by: Mapping[str, str]

    def record(self, act: str, **facts: str | int) -> None:
        """Record an act, and advance the epoch."""
        self._audit.append(self.session, Entry("catalogue", {"operation": act, **facts, **self._by}))
        self._audit.advance_epoch(self.session)


class Changing:
    """Opens changes; `changed` is called after each."""

    def __init__(self, database: Database, audit: Audit, changed: Callable[[], None]) -> None:
        """Use the database's transactions and the audit's records."""
        self._database = database
        self._audit = audit
        self._changed = changed

    @contextmanager
    def open(self, by: Allows = by_command, taken: str = "") -> Iterator[Change]:
        """Open a change: visible here once it is durable.

        Raises:
            AlreadyExistsError: a name or code is taken; `taken` says which.
            What `by` raises.
        """
        try:
            with self._database.transaction() as session:
                self._database.lock(session, LOCK)
                yield Change(session, self._audit, by(session))
        except IntegrityError:
            raise AlreadyExistsError(taken) from None
        self._changed()
