"""What both sides of a dispute share: each change once, each look on record, and which words are taken.

Decides that a client's change happens once for one idempotency key, under the policy it was accepted under, and which texts can be read at all.
"""

from collections.abc import Callable, Iterable
from typing import Final

import orjson
from sqlmodel import Session

from hub.access.caller import Caller
from hub.access.idempotency import Idempotency
from hub.audit.service import Audit, Entry, Pending
from hub.database import Database
from hub.errors import InputInvalidError
from hub.sharing.forms.disputes import KIND, Dispute, Disputes
from hub.sharing.forms.model import ValueDispute

LONGEST_VALUE: Final = 1000
LONGEST_REASON: Final = 500


class Once:
    """Changes of clients, each once."""

    def __init__(self, database: Database, audit: Audit, idempotency: Idempotency, disputes: Disputes) -> None:
        """Replies hold the id of a dispute and nothing else."""
        self._database = database
        self._audit = audit
        self._idempotency = idempotency
        self._disputes = disputes

    def run(
        self, caller: Caller, key: str, request: tuple[object, ...], work: Callable[[Session], ValueDispute]
    ) -> Dispute:
        """Return the dispute that `work` changes, or changed when the same client asked for the same with the same key.

        Raises:
            PolicyChangedError: the caller was accepted under another policy.
            InputInvalidError, IdempotencyMismatchError: the key is malformed, or was used for another request.
        """
        with self._database.transaction() as session:
            self._audit.require_epoch(session, caller.epoch)
            wire = orjson.dumps(["dispute", *request])
            reply = self._idempotency.once(session, caller, key, wire, lambda: work(session).id.encode())  # noqa: PLW0108 - it runs once, if at all
            return self._disputes.one(session, self._disputes.held(session, reply.decode()))


def note(pending: Pending, found: Iterable[Dispute], **facts: str | None) -> None:
    """Promise the record of a look at disputes; a look at nothing is none."""
    ids = [each.id for each in found]
    if ids:
        pending.record(Entry(KIND, {"operation": "SHOWN", "disputes": ids, **facts}))


def readable(text: str, most: int) -> str:
    """Return a text without blanks around it; raises InputInvalidError when nobody could read it, or it is too long."""
    trimmed = text.strip()
    if not 1 <= len(trimmed) <= most or not trimmed.replace("\n", " ").isprintable():
        raise InputInvalidError(
            f"What is right has 1 to {LONGEST_VALUE} readable characters, a reason 1 to {LONGEST_REASON}."
        )
    return trimmed
