"""Publishing about seals: the trust list and the revocation lists, signed once for all processes.

Decides when one is made anew: when the register says something else than it did, or when half of its life is over. It must never publish an
older state over a newer one, nor two under one number: an edition is kept only if it follows the one that was read before the register was.
What cannot be signed leaves the last edition standing, with its own dates, and is tried again.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from hub.audit.service import Audit
from hub.clock import Clock
from hub.database import Database
from hub.seals import model
from hub.seals.listing import Draft, Publisher, drafts
from hub.seals.register import read_register
from hub.seals.service import Seals
from keys.own_key import OwnKey
from keys.references import KeyPlaces
from keys.store import KeyStore

NAME: Final = "hub/trust-list-1"
SUITE: Final = "ES256"
LOCK: Final = b"seallist"

_KEPT: Final = text("SELECT name, number, source, made_at, until FROM seal_publication")
_log = logging.getLogger("hub.seals")


@dataclass(frozen=True, slots=True)
class _Kept:
    """The edition that stands, without its bytes; times in seconds."""

    number: int
    source: str
    made_at: int
    until: int


class Publishing:
    """Publishes what is due. Any number of processes may do so at once."""

    def __init__(
        self, database: Database, audit: Audit, seals: Seals, store: KeyStore, keys: KeyPlaces, clock: Clock, *,
        public_url: str, life: timedelta,
    ) -> None:  # fmt: skip
        """The hub's own key is in `store`, the roots' where `keys` finds them; an edition speaks for `life`."""
        self._database = database
        self._audit = audit
        self._seals = seals
        self._key = OwnKey(store, NAME, SUITE)
        self._keys = keys
        self._clock = clock
        self._public_url = public_url
        self._life = int(life.total_seconds())
        self._seen: int | None = None

    def prepare(self) -> None:
        """Make the key of trust lists where there is none."""
        self._key.make()

    @property
    def _publisher(self) -> Publisher:
        return Publisher(self._public_url, self._key.private, self._key.kid)

    def jwks(self) -> dict[str, Any]:
        """Return the JWK Set by which trust lists are verified (RFC 7517 section 5)."""
        return self._key.jwks()

    def publish_due(self) -> int:
        """Publish what is due, if no other process does; return how many lists were.

        Raises:
            UnavailableError: the database did not answer.
        """
        with self._database.alone(LOCK) as alone:
            return self.publish() if alone else 0

    def publish(self) -> int:
        """Publish what is due; a list that cannot be is told to the log and keeps no other from being published. Raises as above."""
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)
        kept = self._kept()
        if epoch == self._seen and kept and not any(self._is_ageing(each) for each in kept.values()):
            return 0
        with self._database.snapshot() as session:  # after the editions: what is read here is no older than they are
            register = read_register(session)
        found = list(drafts(register, self._seals.outside_roots, self._publisher, self._keys))
        due = [each for each in found if self._is_due(each, kept.get(each.name))]
        done = [self._publish_alone(each, kept.get(each.name)) for each in due]
        if all(done):
            self._seen = epoch
        return sum(done)

    def _kept(self) -> dict[str, _Kept]:
        with self._database.snapshot() as session:
            return {name: _Kept(*rest) for name, *rest in session.execute(_KEPT)}

    def _is_due(self, draft: Draft, kept: _Kept | None) -> bool:
        return kept is None or kept.source != draft.source or self._is_ageing(kept)

    def _is_ageing(self, kept: _Kept) -> bool:
        return kept.until - self._now() <= self._life // 2

    def _publish_alone(self, draft: Draft, kept: _Kept | None) -> bool:
        try:
            return self._publish(draft, kept)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the other lists must be published
            _log.error("%s could not be published: %s", draft.name, getattr(error, "code", type(error).__name__))
            return False

    def _publish(self, draft: Draft, kept: _Kept | None) -> bool:
        number, now = kept.number + 1 if kept else 1, self._now()
        # Clocks of two processes may differ a little; what is published later must never look earlier.
        first = max(now, draft.not_before, kept.made_at if kept else 0)
        until = first + self._life
        body = draft.sign(number, datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(until, UTC))
        values = {"number": number, "body": body, "source": draft.source, "made_at": first, "until": until}
        row = model.SealPublication
        try:
            with self._database.transaction() as session:
                if kept is None:
                    session.execute(insert(row), [{"name": draft.name, **values}])
                    return True
                follows = update(row).where(col(row.name) == draft.name, col(row.number) == kept.number)
                changed = session.execute(follows.values(values))
                return changed.rowcount == 1  # type: ignore[attr-defined,no-any-return]  # an UPDATE's result has it
        except IntegrityError:  # another process was faster
            return False

    def _now(self) -> int:
        return int(self._clock.now().timestamp())
