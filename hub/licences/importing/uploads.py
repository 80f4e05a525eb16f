"""Uploads: a file that a client sends, kept in sealed chunks until it is imported, so that any process can read it.

Decides how much is kept of whom and for how long. No byte of a file is on disk in the clear: each chunk is sealed under the
upload's own key, which is destroyed with it; an upload is gone with its import, or a day after it came (or was tried by a dry run). This is the
only module that opens purposes.UPLOAD.
"""

import hashlib
import io
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO, Final, cast

from sqlmodel import Session, col, delete, func, select
from typing_extensions import override

from hub.access.caller import FEED, ISSUE, Caller
from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import DamagedError, InputInvalidError, NotFoundError
from hub.excess import UploadTooLargeError
from hub.licences.importing.model import ImportChunk, ImportUpload
from hub.licences.importing.refusals import UploadError
from hub.tabular.formats import FORMATS
from hub.vault.purposes import UPLOAD
from hub.vault.service import DataKey, Vault

CHUNK: Final = 1024 * 1024
KEPT: Final = timedelta(days=1)
MOST_OF_ONE: Final = 8
_FORGOTTEN_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """An upload that is whole: whose, of which format, how large, and the file's SHA-256."""

    id: str
    authority: str
    format: str
    size: int
    sha256: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits to be imported: who sent it, of which format, how large, and until when it is kept (microseconds)."""

    id: str
    client: str
    format: str
    size: int
    kept_until: int


class Uploads:
    """Takes uploads and reads them."""

    def __init__(self, database: Database, vault: Vault, audit: Audit, clock: Clock, *, largest: int) -> None:
        """`largest` is the most bytes of one file."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self.largest = largest

    # -- taking ------------------------------------------------------------------------------------------------------

    def begin(self, caller: Caller, file_format: str) -> "Taking":
        """Begin to take a file of a caller who may issue, or feed a register.

        Raises:
            ScopeMissingError: the caller may not.
            InputInvalidError: no such format, or the authority has too many uploads that nobody imported.
        """
        if FEED.name not in caller.scopes:
            caller.require(ISSUE.name)
        if file_format not in FORMATS:
            raise InputInvalidError(f"The format must be one of {', '.join(FORMATS)}.")
        with self._database.transaction() as session:
            self._audit.require_epoch(session, caller.epoch)
            mine, now = ImportUpload.authority == caller.authority, to_micros(self._clock.now())
            waiting = select(func.count()).select_from(ImportUpload).where(mine, ImportUpload.expires_at > now)
            if session.exec(waiting).one() >= MOST_OF_ONE:
                raise InputInvalidError(
                    f"{MOST_OF_ONE} uploads of this authority wait already; import them, or wait for their day to end."
                )
            key = self._vault.new_key(session)
            upload = ImportUpload(
                id=uuid.uuid4().hex, authority=caller.authority, client=caller.client_id, format=file_format,
                key_id=key.id, expires_at=self._expiry(),
            )  # fmt: skip
            session.add(upload)
        return Taking(upload.id, caller, key)

    def keep(self, taking: "Taking", chunk: bytes) -> None:
        """Keep the next chunk; CHUNK bytes, but for the last.

        Raises:
            UploadTooLargeError: the file is larger than this hub takes.
        """
        if taking.size + len(chunk) > self.largest:
            raise UploadTooLargeError(self.largest)
        sealed = self._vault.seal(UPLOAD, taking.key, _row(taking.id, taking.chunks), chunk)
        with self._database.transaction() as session:
            session.add(ImportChunk(upload_id=taking.id, number=taking.chunks, data=sealed))
        taking.took(chunk)

    def end(self, taking: "Taking") -> Kept:
        """Note that the file is whole, and who sent it; raises InputInvalidError when nothing came."""
        if not taking.size:
            raise InputInvalidError("The file is empty.")
        sha256 = taking.digest.digest()
        with self._database.transaction() as session:
            self._audit.require_epoch(session, taking.caller.epoch)
            upload = self._found(session, taking.id)
            upload.size, upload.facts = taking.size, self._vault.seal(UPLOAD, taking.key, _facts(taking.id), sha256)
            facts = {
                "operation": "UPLOAD", "upload": taking.id, "authority": upload.authority, "client": upload.client,
                "size": taking.size,
            }  # fmt: skip
            self._audit.append(session, Entry("import", facts))
            return Kept(taking.id, upload.authority, upload.format, taking.size, sha256)

    # -- reading -----------------------------------------------------------------------------------------------------

    def kept(self, session: Session, upload_id: str, authority: str) -> Kept:
        """Return an upload that is whole; raises UploadError when there is none of this authority."""
        upload = self._found(session, upload_id)
        if upload.facts is None or upload.authority != authority:
            raise UploadError
        key = self._key(session, upload)
        sha256 = self._vault.open(UPLOAD, key, _facts(upload_id), upload.facts)
        return Kept(upload_id, upload.authority, upload.format, upload.size, sha256)

    def waiting(self, authority: str) -> list[Waiting]:
        """Return the files of an authority that are whole, the newest first; whoever imports them once is done with them."""
        mine = ImportUpload.authority == authority, ImportUpload.expires_at > to_micros(self._clock.now())
        whole = select(ImportUpload).where(*mine, col(ImportUpload.facts).is_not(None))
        with self._database.snapshot() as session:
            rows = session.exec(whole.order_by(col(ImportUpload.expires_at).desc())).all()
            return [Waiting(row.id, row.client, row.format, row.size, row.expires_at) for row in rows]

    def of(self, upload_id: str) -> str:
        """Return the authority of an upload; raises UploadError."""
        with self._database.snapshot() as session:
            return self._found(session, upload_id).authority

    def told(self, session: Session, upload_id: str, authority: str) -> tuple[str, bytes]:
        """Return format and SHA-256 of an upload that is whole; raises as `kept`."""
        found = self.kept(session, upload_id, authority)
        return found.format, found.sha256

    def prolong(self, session: Session, upload_id: str) -> None:
        """Keep an upload for another day: its import has begun or goes on. Raises UploadError."""
        self._found(session, upload_id).expires_at = self._expiry()

    def open(self, upload_id: str) -> BinaryIO:
        """Open an upload's file for reading and seeking; raises UploadError."""
        with self._database.transaction() as session:
            self.prolong(session, upload_id)
            upload = self._found(session, upload_id)
            key = self._key(session, upload)
        reader = _SealedFile(self, upload_id, key, upload.size)
        return cast("BinaryIO", io.BufferedReader(reader, buffer_size=CHUNK))

    def chunk(self, upload_id: str, key: DataKey, number: int) -> bytes:
        """Return a chunk in the clear; raises UploadError or DamagedError."""
        with self._database.snapshot() as session:
            row = session.get(ImportChunk, (upload_id, number))
        if row is None:
            raise UploadError
        return self._vault.open(UPLOAD, key, _row(upload_id, number), row.data)

    def _found(self, session: Session, upload_id: str) -> ImportUpload:
        upload = session.get(ImportUpload, upload_id)
        if upload is None:
            raise UploadError
        return upload

    def _key(self, session: Session, upload: ImportUpload) -> DataKey:
        try:
            return self._vault.load_key(session, upload.key_id)
        except NotFoundError:
            raise UploadError from None

    def _expiry(self) -> int:
        return to_micros(self._clock.now() + KEPT)

    # -- going -------------------------------------------------------------------------------------------------------

    def drop(self, upload_id: str) -> None:
        """Destroy an upload's key at once; its chunks go with the next housekeeping."""
        with self._database.transaction() as session:
            self.let_go(session, upload_id)

    def let_go(self, session: Session, upload_id: str) -> None:
        """Destroy an upload's key within a unit of work; an upload that is gone already is left alone."""
        upload = session.get(ImportUpload, upload_id)
        if upload is not None:
            now = to_micros(self._clock.now())
            self._vault.destroy(session, [upload.key_id], now)
            upload.expires_at = now

    def forget_expired(self, session: Session) -> int:
        """Remove some chunks of an upload whose time is over, and at last itself; returns how much was done."""
        now = to_micros(self._clock.now())
        over = select(ImportUpload).where(ImportUpload.expires_at <= now).limit(1).with_for_update()
        upload = session.exec(over).first()
        if upload is None:
            return 0
        self._vault.destroy(session, [upload.key_id], now)
        some = select(ImportChunk.number).where(ImportChunk.upload_id == upload.id).limit(_FORGOTTEN_AT_ONCE)
        numbers = session.exec(some).all()
        session.exec(
            delete(ImportChunk).where(col(ImportChunk.upload_id) == upload.id, col(ImportChunk.number).in_(numbers))
        )
        if len(numbers) < _FORGOTTEN_AT_ONCE:
            session.delete(upload)
        return 1


class Taking:
    """An upload that is coming in."""

    def __init__(self, upload_id: str, caller: Caller, key: DataKey) -> None:
        """Nothing has come yet."""
        self.id = upload_id
        self.caller = caller
        self.key = key
        self.chunks = 0
        self.size = 0
        self.digest = hashlib.sha256()

    def took(self, chunk: bytes) -> None:
        """Count a chunk that is kept."""
        self.chunks += 1
        self.size += len(chunk)
        self.digest.update(chunk)


class _SealedFile(io.RawIOBase):
    """An upload as a file: reads chunk by chunk, and keeps the latest in memory."""

    def __init__(self, uploads: Uploads, upload_id: str, key: DataKey, size: int) -> None:
        super().__init__()
        self._uploads = uploads
        self._upload_id = upload_id
        self._key = key
        self._size = size
        self._place = 0
        self._number = -1
        self._chunk = b""

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._place

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    @override
    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]  # what BufferedReader gives
        number, offset = divmod(self._place, CHUNK)
        if self._place >= self._size:
            return 0
        if number != self._number:
            self._chunk = self._uploads.chunk(self._upload_id, self._key, number)
            self._number = number
        part = self._chunk[offset : offset + len(buffer)]
        if not part:
            raise DamagedError
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)


def _row(upload_id: str, number: int) -> str:
    return f"{upload_id}\x1f{number}"


def _facts(upload_id: str) -> str:
    return f"{upload_id}\x1ffacts"
