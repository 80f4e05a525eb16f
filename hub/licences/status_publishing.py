"""Publishing status lists: changes that have been noted become the next signed list, list by list.

Decides when a list is signed anew: when a change was noted for it, when it is new, or when half of its life is over. It must
never lose a change or publish one twice: the notes it takes, what became of them, the publication and the signed bytes are
one unit of work, and of two publishers at once only one can write. What it costs depends on the lists that changed alone.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from hub.clock import Clock
from hub.database import Database
from hub.licences.model import Licence, PublishedList, StatusPending, StatusPublication
from hub.licences.status_signing import TTL, StatusSigner, empty, show
from hub.writing import target, write
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA

_AT_ONCE = 500
_PENDING = text("SELECT sequence, status_index, value FROM status_pending WHERE status_list = :list ORDER BY sequence")
_CHANGES = target("status_change", "status_list", "publication", "status_index", "value")
_log = logging.getLogger("hub.licences")


class Publisher:
    """Publishes what is due. Any number of processes may do so at once."""

    def __init__(self, database: Database, signer: StatusSigner, clock: Clock, life: timedelta) -> None:
        """A list is signed for `life`, and again when half of that is over."""
        self._database = database
        self._signer = signer
        self._clock = clock
        self._life = int(life.total_seconds())

    def publish_due(self) -> int:
        """Publish every list that is due and that no other process is publishing; return how many were.

        A list that cannot be published is told to the log and keeps nobody else's from being published.

        Raises:
            UnavailableError: the database did not answer.
        """
        return sum(self._publish_alone(number) for number in self._due())

    def _due(self) -> list[int]:
        with self._database.snapshot() as session:
            changed = set(session.exec(select(StatusPending.status_list).distinct()))
            expiries = dict(session.exec(select(PublishedList.number, PublishedList.expires_at)).all())
            newest = session.exec(select(func.max(Licence.status_list))).one() or 0
        ageing = {number for number, expires_at in expiries.items() if self._is_ageing(expires_at)}
        return sorted(changed | ageing | set(range(1, newest + 1)) - expiries.keys())

    def _publish_alone(self, number: int) -> bool:
        try:
            with self._database.alone(b"list" + number.to_bytes(4, "big")) as alone:
                return alone and self.publish(number)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the other lists must be published
            _log.error(
                "status list %d could not be published: %s", number, getattr(error, "code", type(error).__name__)
            )
            return False

    def publish(self, number: int) -> bool:
        """Publish a list if it is due; return whether it was done here.

        Raises:
            DamagedError: the present list is not as it was signed.
            UnavailableError: the database did not answer; nothing was kept.
        """
        with self._database.snapshot() as session:
            present = session.get(PublishedList, number)
            pending = session.execute(_PENDING, {"list": number}).all()
        if present is not None and not pending and not self._is_ageing(present.expires_at):
            return False
        statuses = self._signer.statuses(number, present.issued_at, present.cwt) if present else empty()
        changes = {index: value for _, index, value in pending}
        for index, value in changes.items():
            show(statuses, index, value)
        # Clocks of two processes may differ a little; what is published later must never look earlier.
        issued_at = max(self._now(), present.issued_at if present else 0)
        publication = StatusPublication(
            status_list=number, number=present.publication + 1 if present else 1,
            issued_at=issued_at, expires_at=issued_at + self._life, ttl=TTL,
        )  # fmt: skip
        signed = self._signer.sign(number, bytes(statuses), issued_at, publication.expires_at)
        try:
            with self._database.transaction() as session:
                _keep(session, publication, signed, changes, [sequence for sequence, *_ in pending])
        except IntegrityError:  # another process was faster; what it did not take is due again
            return False
        return True

    def _is_ageing(self, expires_at: int) -> bool:
        return expires_at - self._now() <= self._life // 2

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _keep(
    session: Session, publication: StatusPublication, signed: Mapping[str, bytes], changes: Mapping[int, int],
    taken: Sequence[int],
) -> None:  # fmt: skip
    """Write all that a publication is; its number is written first, so that whoever is second writes nothing."""
    number = publication.status_list
    session.execute(insert(StatusPublication), [publication.model_dump()])
    for start in range(0, len(taken), _AT_ONCE):
        chunk = taken[start : start + _AT_ONCE]
        session.execute(delete(StatusPending).where(col(StatusPending.sequence).in_(chunk)))
    write(session, ((_CHANGES, (number, publication.number, *change)) for change in changes.items()))
    values = {
        "publication": publication.number, "issued_at": publication.issued_at, "expires_at": publication.expires_at,
        "jwt": signed[JWT_MEDIA], "cwt": signed[CWT_MEDIA],
    }  # fmt: skip
    if publication.number == 1:
        session.execute(insert(PublishedList), [{"number": number, **values}])
    else:
        session.execute(update(PublishedList).where(col(PublishedList.number) == number).values(values))
