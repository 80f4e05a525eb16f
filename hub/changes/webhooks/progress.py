"""How far each receiver is, and who delivers to him: notes that outlast whoever makes them.

Decides that one process at a time delivers to a receiver, for a minute after it was last heard of, and that nothing is noted by one whose time is over.
What was sent and not noted is sent again, under the same id; what was noted was sent. So a receiver hears of each change at least once.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlmodel import col, func, or_, select, update

from hub.changes.event import Change
from hub.changes.model import Webhook, WebhookDeadLetter, WebhookProgress
from hub.changes.refusals import WebhookUnknownError
from hub.changes.webhooks import schedule
from hub.changes.webhooks.receiver_secrets import signing
from hub.changes.webhooks.register import Receiving, Register, State
from hub.changes.webhooks.sending import Attempt, Result
from hub.clock import Clock, to_micros
from hub.database import Database

LEASE: Final = timedelta(minutes=1)
FAILING: Final = "FAILING"
_FORGOTTEN_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Turn:
    """A receiver whose turn it is: where he is, what signs for him, the attempts at the change he is at, and dead letters he wants again."""

    receiving: Receiving
    secrets: Sequence[bytes]
    place: int
    attempts: int
    wanted: Sequence["DeadLetter"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A change that was given up: its record and place, why, after how many attempts, when, and until when it can be sent again (microseconds)."""

    id: str
    webhook: str
    place: int
    record: str
    result: str
    attempts: int
    died_at: int
    expires_at: int
    wanted_at: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a receiver is; times in microseconds."""

    place: int
    attempts: int
    failing_since: int | None
    next_at: int
    delivered: int
    delivered_at: int | None
    failed: int
    last_result: str | None
    dead_letters: int


class Progress:
    """Notes it. `worker` names this process's lease."""

    def __init__(self, database: Database, register: Register, clock: Clock, chance: Callable[[], float]) -> None:
        """`chance` gives a number from 0 to 1."""
        self._database = database
        self._register = register
        self._clock = clock
        self._chance = chance
        self._worker = uuid.uuid4().hex

    def take(self, newest: int, most: int) -> list[str]:
        """Take leases on receivers for whom there may be something: a change up to `newest`, a dead letter they want; return their ids."""
        now = self._now()
        wants = select(WebhookDeadLetter.id).where(
            WebhookDeadLetter.webhook_id == WebhookProgress.webhook_id, col(WebhookDeadLetter.wanted_at).is_not(None)
        )
        due = (
            select(WebhookProgress)
            .join(Webhook, col(Webhook.id) == col(WebhookProgress.webhook_id))
            .where(
                Webhook.state == State.ACTIVE, WebhookProgress.next_at <= now, WebhookProgress.leased_until <= now,
                or_(col(WebhookProgress.place) <= newest, wants.exists()),
            )
            .order_by(col(WebhookProgress.next_at))
            .limit(most)
        )  # fmt: skip
        with self._database.snapshot() as session:
            if session.exec(due.limit(1)).first() is None:
                return []
        with self._database.transaction() as session:
            rows = session.exec(due.with_for_update(skip_locked=True, of=WebhookProgress)).all()
            for row in rows:
                row.leased_by, row.leased_until = self._worker, self._lease_end()
                session.add(row)
            return [row.webhook_id for row in rows]

    def turn(self, of: str) -> Turn | None:
        """Return a receiver that was taken, as he is now; None when he is not active any more."""
        with self._database.snapshot() as session:
            loaded, row = self._register.loaded(session, of), session.get(WebhookProgress, of)
            if loaded is None or row is None:
                return None
            dead = select(WebhookDeadLetter).where(
                WebhookDeadLetter.webhook_id == of, col(WebhookDeadLetter.wanted_at).is_not(None)
            )
            letters = session.exec(dead.order_by(col(WebhookDeadLetter.place))).all()
            secrets = signing(loaded[1], self._now())
            return Turn(loaded[0], secrets, row.place, row.attempts, [_letter(each) for each in letters])

    def passed(self, of: str, place: int) -> bool:
        """Note that nothing before a place is for a receiver any more; return whether the lease still holds."""
        return self._note(of, place=place, attempts=0)

    def delivered(self, of: str, change: Change) -> bool:
        """Note that a change was delivered; return whether the lease still holds."""
        now = self._now()
        told = {
            "delivered": col(WebhookProgress.delivered) + 1,
            "delivered_at": now,
            "last_result": Result.DELIVERED.value,
        }
        return self._note(of, place=change.place + 1, attempts=0, failing_since=None, **told)

    def failed(self, of: str, change: Change, attempt: Attempt) -> bool:
        """Note a failure: when to try again, that the change is given up, or that the receiver is disabled; return whether to go on now."""
        now = self._clock.now()
        with self._database.transaction() as session:
            self._register.hold(session, of)  # before its progress, as whoever resumes it does
            row = session.get(WebhookProgress, of, with_for_update=True)
            if row is None or row.leased_by != self._worker:
                return False
            row.attempts, row.failed, row.last_result = row.attempts + 1, row.failed + 1, attempt.result.value
            row.failing_since = row.failing_since or to_micros(now)
            row.leased_until = self._lease_end()
            over = schedule.is_over(row.attempts, attempt)
            if over:
                session.add(self._dead(row, change, attempt))
                row.place, row.attempts = change.place + 1, 0
            else:
                row.next_at = to_micros(now + schedule.wait(row.attempts, attempt, self._chance))
            session.add(row)
            if attempt.result is Result.GONE:
                self._register.disable(session, of, Result.GONE.value)
                return False
            if over and to_micros(now) - row.failing_since > schedule.LONGEST_FAILURE // timedelta(microseconds=1):
                self._register.disable(session, of, FAILING)
                return False
            return over

    def postpone(self, of: str, wait: timedelta) -> None:
        """Note that nothing can be sent to a receiver for a while, without fault of his."""
        self._note(of, next_at=to_micros(self._clock.now() + wait))

    def let_go(self, of: str) -> None:
        """Let others deliver to a receiver."""
        self._note(of, leased_by=None, leased_until=0)

    # -- dead letters ----------------------------------------------------------------------------------------------

    def sent_again(self, letter: DeadLetter, attempt: Attempt) -> None:
        """Note what came of a dead letter that was sent again."""
        with self._database.transaction() as session:
            row = session.get(WebhookDeadLetter, letter.id, with_for_update=True)
            if row is None:
                return
            if attempt.result is Result.DELIVERED:
                session.delete(row)
            else:
                row.attempts, row.result, row.wanted_at = row.attempts + 1, attempt.result.value, None
                session.add(row)

    def want_again(self, webhook: str, letters: Sequence[str] | None) -> int:
        """Ask for dead letters of a receiver again, or for all of them; return how many.

        Raises:
            WebhookUnknownError: one of them is none, or its time is over.
        """
        now = self._now()
        with self._database.transaction() as session:
            mine = (WebhookDeadLetter.webhook_id == webhook, WebhookDeadLetter.expires_at > now)
            chosen = mine if letters is None else (*mine, col(WebhookDeadLetter.id).in_(letters))
            rows = session.exec(select(WebhookDeadLetter).where(*chosen)).all()
            if letters is not None and len(rows) != len(set(letters)):
                raise WebhookUnknownError
            for row in rows:
                row.wanted_at = now
                session.add(row)
            if rows:
                session.execute(
                    update(WebhookProgress).where(col(WebhookProgress.webhook_id) == webhook).values(next_at=now)
                )
            return len(rows)

    def dead_letters(self, webhook: str, most: int) -> tuple[DeadLetter, ...]:
        """Return a receiver's dead letters, oldest first."""
        mine = select(WebhookDeadLetter).where(WebhookDeadLetter.webhook_id == webhook)
        ordered = mine.order_by(col(WebhookDeadLetter.place), col(WebhookDeadLetter.id)).limit(most)
        with self._database.snapshot() as session:
            return tuple(_letter(row) for row in session.exec(ordered))

    def forget_expired(self) -> None:
        """Remove dead letters whose time is over."""
        with self._database.transaction() as session:
            over = (
                select(WebhookDeadLetter).where(WebhookDeadLetter.expires_at <= self._now()).limit(_FORGOTTEN_AT_ONCE)
            )
            for row in session.exec(over).all():
                session.delete(row)

    # -- state -----------------------------------------------------------------------------------------------------

    def standing(self, of: str) -> Standing:
        """Return how far a receiver is; raises WebhookUnknownError."""
        with self._database.snapshot() as session:
            row = session.get(WebhookProgress, of)
            if row is None:
                raise WebhookUnknownError
            mine = WebhookDeadLetter.webhook_id == of
            dead = session.exec(select(func.count()).select_from(WebhookDeadLetter).where(mine)).one()
            return Standing(
                row.place, row.attempts, row.failing_since, row.next_at, row.delivered, row.delivered_at, row.failed,
                row.last_result, dead,
            )  # fmt: skip

    def totals(self) -> dict[str, int]:
        """Return, over all receivers, how many there are by state, deliveries, failures and dead letters, and the lowest place of an active one."""
        by_state = select(Webhook.state, func.count()).group_by(Webhook.state)
        sums = select(func.sum(WebhookProgress.delivered), func.sum(WebhookProgress.failed))
        behind = select(func.min(WebhookProgress.place)).join(
            Webhook, col(Webhook.id) == col(WebhookProgress.webhook_id)
        )
        with self._database.snapshot() as session:
            found = {state: int(count) for state, count in session.exec(by_state)}
            delivered, failed = session.exec(sums).one()
            dead = session.exec(select(func.count()).select_from(WebhookDeadLetter)).one()
            place: int | None = session.exec(behind.where(Webhook.state == State.ACTIVE)).one()
        counts = {"delivered": int(delivered or 0), "failed": int(failed or 0), "dead": dead}
        return {**found, **counts, **({} if place is None else {"place": place})}

    # -- the parts ---------------------------------------------------------------------------------------------------

    def _note(self, of: str, **values: Any) -> bool:
        held = {"leased_until": self._lease_end(), **values}
        mine = (col(WebhookProgress.webhook_id) == of, col(WebhookProgress.leased_by) == self._worker)
        with self._database.transaction() as session:
            changed = session.execute(update(WebhookProgress).where(*mine).values(held))
        return changed.rowcount == 1  # type: ignore[attr-defined,no-any-return]  # an UPDATE's result has it

    def _dead(self, row: WebhookProgress, change: Change, attempt: Attempt) -> WebhookDeadLetter:
        now = self._clock.now()
        return WebhookDeadLetter(
            id=uuid.uuid4().hex, webhook_id=row.webhook_id, place=change.place, record=change.record,
            result=attempt.result.value, attempts=row.attempts, died_at=to_micros(now),
            expires_at=to_micros(now + schedule.KEPT),
        )  # fmt: skip

    def _lease_end(self) -> int:
        return to_micros(self._clock.now() + LEASE)

    def _now(self) -> int:
        return to_micros(self._clock.now())


def _letter(row: WebhookDeadLetter) -> DeadLetter:
    return DeadLetter(
        row.id,
        row.webhook_id,
        row.place,
        row.record,
        row.result,
        row.attempts,
        row.died_at,
        row.expires_at,
        row.wanted_at,
    )
