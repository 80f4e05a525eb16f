"""How often somebody may try to sign in: growing delays, then a lock-out, in the end for good, per login name and per address.

Decides whether a try is taken at all. Every try is counted as failed before it is judged, in a commit of its own, and taken back when it
was good: however many come at one moment, in however many processes, no more are judged than the table allows. Names that no account has are
counted alike. Names and addresses are kept as blind indexes; a rotation of the index key forgets the counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session, select

from hub.access.allowances import Peer, site_of
from hub.access.staff.model import SignInTry
from hub.access.staff.refusals import SignInClosedError, SignInPostponedError
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.vault.purposes import sign_in
from hub.vault.service import Vault

SECOND: Final = 1_000_000  # microseconds
DAY: Final = 24 * 3600
FOR_GOOD: Final = 36_500 * DAY
_FORGOTTEN_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Pace:
    """How many failures are free, what each one more costs, from which on it is locked, and from which on for good; in seconds.

    `kept` is how long after the last try its failures are forgotten.
    """

    kind: str
    free: int
    first: int
    locked_at: int
    locked: int = 3600
    closed_at: int | None = None
    kept: int = DAY

    def delay(self, failures: int) -> int:
        """Return how many seconds after so many failures no try is taken."""
        if self.closed_at is not None and failures >= self.closed_at:
            return FOR_GOOD
        if failures >= self.locked_at:
            return self.locked
        return self.first * 2 ** (failures - self.free - 1) if failures > self.free else 0


# SP 800-63B-4 section 3.2.2: a hundred failures in a row, and it is over until an administrator says so. It takes four days to shut somebody out so.
ACCOUNT: Final = Pace("ACCOUNT", free=4, first=30, locked_at=10, closed_at=100, kept=30 * DAY)
ADDRESS: Final = Pace("ADDRESS", free=20, first=30, locked_at=27)  # an office of many people may share one


@dataclass(frozen=True, slots=True)
class Tried:
    """A name or address under which somebody tries."""

    pace: Pace
    key: bytes


class Tries:
    """Counts tries to sign in."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        """Keep names and addresses as indexes of the vault."""
        self._database = database
        self._vault = vault
        self._clock = clock

    def of(self, login: str, peer: Peer = None) -> tuple[Tried, ...]:
        """Return what a try is counted under; who sits at the hub's own machine has no address."""
        named = self._tried(ACCOUNT, login)
        return (named, self._tried(ADDRESS, site_of(peer))) if peer else (named,)

    def _tried(self, pace: Pace, text: str) -> Tried:
        return Tried(pace, self._vault.index(sign_in(pace.kind), text))

    def charge(self, tried: Sequence[Tried]) -> None:
        """Count a try as failed, durably.

        Raises:
            SignInPostponedError: it is not taken; the message says for how long. SignInClosedError: until an administrator says so.
        """
        now = self._now()
        with self._database.transaction() as session:
            self._database.lock_all(session, [each.key for each in tried])
            rows = [self._row(session, each, now) for each in tried]
            wait = max(row.open_at for row in rows) - now
            for row, each in zip(rows, tried, strict=True):
                _turn_away(row, now) if wait > 0 else _charge(row, each.pace, now)
        if wait > DAY * SECOND:
            raise SignInClosedError
        if wait > 0:
            raise SignInPostponedError(wait=-(-wait // SECOND))

    def _row(self, session: Session, tried: Tried, now: int) -> SignInTry:
        row = session.get(SignInTry, tried.key, populate_existing=True)
        if row is None:
            row = SignInTry(key=tried.key, kind=tried.pace.kind, expires_at=now + tried.pace.kept * SECOND)
            session.add(row)
        elif row.expires_at <= now:
            row.failures = 0
        return row

    def forgive(self, session: Session, tried: Sequence[Tried]) -> None:
        """Take a try back that was good, after its `facts`: the name begins anew, the address is as it was before."""
        now = self._now()
        for each in tried:
            row = session.get(SignInTry, each.key)
            if row is not None:
                row.failures = 0 if each.pace is ACCOUNT else max(0, row.failures - 1)
                row.open_at = now + each.pace.delay(row.failures) * SECOND

    def facts(self, session: Session, tried: Sequence[Tried]) -> dict[str, Any]:
        """Return what a record says of a try: keyed digests, the tries up to this one and those turned away; holds its counts."""
        self._database.lock_all(session, [each.key for each in tried])
        rows = {each.pace: session.get(SignInTry, each.key, populate_existing=True) for each in tried}
        named = rows[ACCOUNT]
        counts = {"tries": named.failures, "turned_away": named.turned_away} if named else {}
        if named:
            named.turned_away = 0  # they are on record now
        digests = {each.pace.kind.lower(): each.key.hex()[:32] for each in tried}
        locked = [pace.kind for pace, row in rows.items() if row and row.failures >= pace.locked_at]
        return {**digests, **counts, "locked": locked}

    def locked_until(self, session: Session, login: str) -> int | None:
        """Return until when no try under a login name is taken, in microseconds; None: one is."""
        row = session.get(SignInTry, self.of(login)[0].key)
        return row.open_at if row is not None and row.open_at > self._now() else None

    def unlock(self, session: Session, login: str) -> None:
        """Forget the failures under a login name."""
        key = self.of(login)[0].key
        self._database.lock(session, key)
        row = session.get(SignInTry, key, populate_existing=True)
        if row is not None:
            row.failures = row.open_at = 0

    def forget_expired(self, session: Session) -> tuple[SignInTry, ...]:
        """Remove some counts that are over, and return them: those turned away since the last record are still to be recorded."""
        over = select(SignInTry).where(SignInTry.expires_at <= self._now()).limit(_FORGOTTEN_AT_ONCE)
        rows = session.exec(over.with_for_update(skip_locked=True)).all()
        for row in rows:
            session.delete(row)
        return tuple(rows)

    def _now(self) -> int:
        return to_micros(self._clock.now())


def _charge(row: SignInTry, pace: Pace, now: int) -> None:
    row.failures += 1
    delay = pace.delay(row.failures)
    row.open_at, row.expires_at = now + delay * SECOND, now + max(delay, pace.kept) * SECOND


def _turn_away(row: SignInTry, now: int) -> None:
    if row.open_at > now:
        row.turned_away += 1
