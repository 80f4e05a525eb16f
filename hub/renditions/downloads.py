"""Downloads: a rendition is kept for some minutes under a key of its own, and handed to the first who brings its token.

Decides that a link works once: one conditional update takes it, whoever else comes at the same moment is refused. The token is kept as a digest
(SHA-256 of 128 random bits needs no salt), the file is sealed and goes with any person whom it is about, and its key is destroyed when it is taken.
This is the only module that opens purposes.RENDITION.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import Session, col, select

from hub.audit.service import Audit
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import NotFoundError
from hub.renditions.model import RenditionFile
from hub.renditions.records import downloaded_entry
from hub.renditions.refusals import FaceErasedError, LinkExpiredError, LinkUnknownError, LinkUsedError
from hub.vault import erasure, purposes
from hub.vault.purposes import RENDITION
from hub.vault.service import Vault
from keys import base64url
from keys.errors import FormatError

_TOKEN_BYTES: Final = 16
_REMEMBERED: Final = timedelta(days=1)
"""For how long a link that is over is told from one that never was."""
_FORGOTTEN_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Link:
    """Where a file can be had once, and until when."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it is handed out."""

    name: str
    content: bytes = field(repr=False)


class Downloads:
    """Keeps files and hands each out once."""

    def __init__(self, database: Database, vault: Vault, audit: Audit, clock: Clock, *, life: timedelta) -> None:
        """`life` is how long a file waits."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._life = life

    def keep(self, rendition: str, name: str, content: bytes, persons: Iterable[str]) -> Link:
        """Keep a file that is about these persons (`purposes.person`) and return its link; raises UnavailableError."""
        secret = secrets.token_bytes(_TOKEN_BYTES)
        expires_at = self._clock.now() + self._life
        with self._database.transaction() as session:
            key = self._vault.new_key(session)
            session.add(
                RenditionFile(
                    id=rendition, token=_digest(secret), name=name, key_id=key.id, expires_at=to_micros(expires_at),
                    data=self._vault.seal(RENDITION, key, rendition, content),
                )
            )  # fmt: skip
            session.flush()
            for part, person in enumerate(dict.fromkeys(persons)):
                place = f"rendition:{rendition}"
                session.add_all(self._vault.index_rows(purposes.rendition(), person, key, place, part))
        return Link(base64url.encode(secret), expires_at)

    def take(self, token: str) -> Download:
        """Return a file for good, on record.

        Raises:
            LinkUnknownError: there is no such link.
            LinkUsedError, LinkExpiredError: it was used, or its time is over.
            FaceErasedError: a person whom it is about was erased meanwhile.
            DamagedError, UnavailableError: nothing was handed out.
        """
        digest, now = _digest(_secret(token)), to_micros(self._clock.now())
        with self._database.transaction() as session:
            taken = (
                update(RenditionFile)
                .where(
                    col(RenditionFile.token) == digest, col(RenditionFile.taken_at).is_(None), col(RenditionFile.expires_at) > now
                )
                .values(taken_at=now)
                .returning(col(RenditionFile.id))
            )  # fmt: skip
            if session.execute(taken).first() is None:
                raise self._refusal(session, digest)
            row = session.exec(select(RenditionFile).where(RenditionFile.token == digest)).one()
            found = Download(row.name, self._opened(session, row))
            row.data = b""
            session.add(row)
            self._vault.destroy(session, [row.key_id], now)
            self._audit.append(session, downloaded_entry(row.id))
            return found

    def erase(self, session: Session, person: str) -> list[str]:
        """Destroy what is about a person (`purposes.person`), in a unit of work that records his erasure; no handle of his is kept here."""
        erasure.erase_person(self._vault, session, [purposes.rendition()], person, to_micros(self._clock.now()))
        return []

    def forget_expired(self, session: Session) -> int:
        """Destroy what was never taken, remove what is long over, some at a time; returns how many rows it touched."""
        now = self._clock.now()
        over = col(RenditionFile.expires_at) <= to_micros(now)
        waiting = select(RenditionFile).where(over, RenditionFile.data != b"").limit(_FORGOTTEN_AT_ONCE)
        unread = session.exec(waiting.with_for_update(skip_locked=True)).all()
        self._vault.destroy(session, [row.key_id for row in unread], to_micros(now))
        for row in unread:
            row.data = b""
            session.add(row)
        old = select(RenditionFile).where(
            RenditionFile.data == b"", RenditionFile.expires_at <= to_micros(now - _REMEMBERED)
        )
        gone = session.exec(old.limit(_FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)).all()
        for row in gone:
            session.delete(row)
        return len(unread) + len(gone)

    def _opened(self, session: Session, row: RenditionFile) -> bytes:
        try:
            key = self._vault.load_key(session, row.key_id)
        except NotFoundError:
            raise FaceErasedError from None
        return self._vault.open(RENDITION, key, row.id, row.data)

    def _refusal(self, session: Session, digest: bytes) -> Exception:
        row = session.exec(select(RenditionFile).where(RenditionFile.token == digest)).first()
        if row is None:
            return LinkUnknownError()
        return LinkExpiredError() if row.taken_at is None else LinkUsedError()


def _secret(token: str) -> bytes:
    try:
        return base64url.decode(token)
    except FormatError:
        raise LinkUnknownError from None


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
