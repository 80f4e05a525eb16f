"""The log as everybody may have it (C2SP tlog-tiles): its newest checkpoint, with what witnesses countersigned of it, and its tiles.

Decides what is published: hashes and salted commitments, which say nothing about a record. It must never serve a tile that is wider than the
newest checkpoint says.
"""

from dataclasses import dataclass, field

from hub.audit import head as heads
from hub.audit import tiles
from hub.audit.cosignatures import Cosignatures
from hub.audit.log_key import LogKey
from hub.audit.refusals import LogTileUnknownError
from hub.database import Database
from keys.errors import FormatError
from keys.log_tiles import WIDTH, TileName, pack_entries, width_in


@dataclass(frozen=True, slots=True)
class Tile:
    """The bytes of a tile or of a bundle of entries; a full one is the same for ever."""

    body: bytes = field(repr=False)
    full: bool


class PublishedLog:
    """Serves the log; nothing here depends on who asks."""

    def __init__(self, database: Database, key: LogKey, cosignatures: Cosignatures) -> None:
        """Read from the database."""
        self._database = database
        self._key = key
        self._cosignatures = cosignatures

    def verifier_keys(self) -> tuple[str, ...]:
        """Return the keys by which checkpoints are verified, the newest first (C2SP signed-note)."""
        return tuple(each.to_text() for each in reversed(self._key.verifiers))

    def checkpoint(self) -> str:
        """Return the newest checkpoint, and the signatures of witnesses who have countersigned this one; raises UnavailableError."""
        with self._database.snapshot() as session:
            note = heads.read(session).checkpoint
            return note + self._cosignatures.lines(session, note)

    def witnessed(self) -> str | None:
        """Return the newest checkpoint that a witness has countersigned; None: there is none yet."""
        with self._database.snapshot() as session:
            newest = self._cosignatures.newest(session)
            return None if newest is None else newest + self._cosignatures.lines(session, newest)

    def tile(self, path: str) -> Tile:
        """Return a tile by its path below `tile/`.

        Raises:
            LogTileUnknownError: not a tile's path, or the log is not as large.
            LogBrokenError: the database lacks it.
        """
        try:
            name = TileName.parse(path)
        except FormatError:
            raise LogTileUnknownError from None
        with self._database.snapshot() as session:
            if name.width > width_in(heads.read(session).size, name.level or 0, name.place):
                raise LogTileUnknownError
            if name.level is None:
                body = pack_entries(tiles.entries(session, name.place, name.width))
            else:
                body = tiles.tile(session, name)
        return Tile(body, name.width == WIDTH)
