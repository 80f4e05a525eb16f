"""Idempotency keys: a change that is sent twice with one key happens once, and both are answered alike.

Decides whether a request is new, a repetition or a misuse of a key. The reply is stored in the change's own transaction,
sealed, for seven days; keys and requests are kept as keyed digests (blind indexes of the client's own domain), so the
table reveals neither what was asked nor of whom. This is the only module that opens purposes.REPLY.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, select

from hub.access.caller import Caller
from hub.access.model import IdempotentReply
from hub.clock import Clock, from_micros, to_micros
from hub.database import Database
from hub.errors import IdempotencyMismatchError, InputInvalidError
from hub.vault import purposes
from hub.vault.purposes import REPLY, Domain
from hub.vault.service import Vault

KEPT: Final = timedelta(days=7)
_CLOCKS_DIFFER: Final = timedelta(minutes=1)  # between processes; too long only makes a rotation wait
_KEY: Final = re.compile(r"[\x21-\x7e]{8,128}")
_FORGOTTEN_AT_ONCE: Final = 20


class Idempotency:
    """Runs a change once for each key of a client."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        """Seal replies in the vault; `database` only lends its locks, the unit of work is the change's own."""
        self._database = database
        self._vault = vault
        self._clock = clock

    def once(self, session: Session, caller: Caller, key: str, request: bytes, work: Callable[[], bytes]) -> bytes:
        """Return `work()`, or what it returned when this client sent the same request with the same key.

        `key` has 8 to 128 printable ASCII characters; `request` is the request's canonical bytes. Two at a time with
        one key wait for each other. If `work` raises, nothing is kept and the key may be used again.

        Raises:
            InputInvalidError: the key is malformed.
            IdempotencyMismatchError: the key was used for another request.
            DamagedError: the stored reply does not open.
        """
        if not _KEY.fullmatch(key):
            raise InputInvalidError("An idempotency key has 8 to 128 printable ASCII characters, without spaces.")
        client, now = caller.client_id, to_micros(self._clock.now())
        self._database.lock(session, hashlib.sha256(f"{client}\x1f{key}".encode()).digest())
        domain, named, asked = purposes.request(client), f"key:{key}", f"request:{hashlib.sha256(request).hexdigest()}"
        stored = self._find(session, client, self._vault.candidates(domain, named))
        if stored is not None and stored.expires_at > now:
            return self._repeat(session, stored, domain, asked)
        if stored is not None:
            self._forget(session, stored, now)
        self.forget_expired(session)
        reply = work()
        self._keep(session, client, self._vault.index(domain, named), self._vault.index(domain, asked), reply)
        return reply

    def forget_expired(self, session: Session) -> int:
        """Remove some replies whose time is over, and return how many; every new change does so too."""
        now = to_micros(self._clock.now())
        expired = select(IdempotentReply).where(IdempotentReply.expires_at <= now).limit(_FORGOTTEN_AT_ONCE)
        rows = session.exec(expired.with_for_update(skip_locked=True)).all()
        for stored in rows:
            self._forget(session, stored, now)
        return len(rows)

    def needs_older(self, session: Session, begun_at: int) -> bool:
        """Tell whether a key that still counts was kept before an instant (microseconds), when an index edition began."""
        older = to_micros(from_micros(begun_at) + KEPT + _CLOCKS_DIFFER)
        living = select(IdempotentReply.client_id).where(IdempotentReply.expires_at > to_micros(self._clock.now()))
        return session.exec(living.where(IdempotentReply.expires_at <= older).limit(1)).first() is not None

    def _find(self, session: Session, client: str, keys: tuple[bytes, ...]) -> IdempotentReply | None:
        mine = select(IdempotentReply).where(IdempotentReply.client_id == client)
        return session.exec(mine.where(col(IdempotentReply.key).in_(keys))).first()

    def _repeat(self, session: Session, stored: IdempotentReply, domain: Domain, asked: str) -> bytes:
        if not self._vault.matches(domain, asked, stored.request):
            raise IdempotencyMismatchError
        data_key = self._vault.load_key(session, stored.key_id)
        return self._vault.open(REPLY, data_key, _row(stored.client_id, stored.key), stored.reply)

    def _keep(self, session: Session, client: str, key: bytes, request: bytes, reply: bytes) -> None:
        data_key = self._vault.new_key(session)
        sealed = self._vault.seal(REPLY, data_key, _row(client, key), reply)
        expires_at = to_micros(self._clock.now() + KEPT)
        session.add(
            IdempotentReply(
                client_id=client, key=key, request=request, reply=sealed, key_id=data_key.id, expires_at=expires_at
            )
        )
        session.flush()

    def _forget(self, session: Session, stored: IdempotentReply, now: int) -> None:
        """Remove a reply and destroy its data key, so that no copy of the table opens any more."""
        session.delete(stored)
        session.flush()
        self._vault.destroy(session, [stored.key_id], now)


def _row(client: str, key: bytes) -> str:
    return f"{client}\x1f{key.hex()}"
