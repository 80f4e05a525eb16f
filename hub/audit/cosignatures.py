"""What witnesses have countersigned (C2SP tlog-cosignature): taken in, kept, and handed on with the checkpoint.

Decides whose countersignatures count: those of the witnesses that the settings name. Of each the newest is kept. A witness must never be
believed about anything but that he saw this log at this size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from hub.audit import continuity
from hub.audit.log_key import LogKey
from hub.audit.refusals import CosignatureError
from hub.clock import Clock, to_micros
from hub.database import Database
from keys import checkpoint
from keys.errors import KeysError
from keys.signed_note import Verifier, kept_lines

_KEPT: Final = text("SELECT checkpoint FROM log_cosignature ORDER BY size DESC, made_at, witness")
_HOW_FAR: Final = text("SELECT witness, size, made_at FROM log_cosignature")
_PUT: Final = text(
    "INSERT INTO log_cosignature (witness, size, checkpoint, made_at) VALUES (:witness, :size, :checkpoint, :made_at)"
    " ON CONFLICT (witness) DO UPDATE SET size = excluded.size, checkpoint = excluded.checkpoint, made_at = excluded.made_at"
    " WHERE excluded.size >= log_cosignature.size"
)


@dataclass(frozen=True, slots=True)
class Countersigned:
    """A witness, the size of the newest log that he has countersigned, and when that was taken in (microseconds); None: he has not yet."""

    witness: str
    size: int | None
    at: int | None


class Cosignatures:
    """Takes in countersignatures and hands them on."""

    def __init__(self, database: Database, key: LogKey, clock: Clock, witnesses: Sequence[Verifier]) -> None:
        """Believe these witnesses."""
        self._database = database
        self._key = key
        self._clock = clock
        self._witnesses = tuple(witnesses)

    def take(self, note: str) -> int:
        """Keep what witnesses countersigned of a checkpoint, and return how many of them did.

        Raises:
            CosignatureError: the log did not sign the checkpoint, or no known witness did.
            LogBehindError, LogForkedError: he has seen another log under this one's name: this database is not the one it was.
        """
        try:
            signed = checkpoint.read(note, self._key.verifiers, self._witnesses)
        except KeysError as error:
            raise CosignatureError from error
        who = {each.name for each in signed.signatures if each.time is not None}
        found = [each for each in self._witnesses if each.name in who]
        if not found:
            raise CosignatureError
        made_at = to_micros(self._clock.now())
        with self._database.transaction() as session:
            continuity.check(session, self._key, signed.checkpoint)
            for each in found:
                only = kept_lines(note, (*self._key.verifiers, each))
                session.execute(
                    _PUT,
                    {"witness": each.to_text(), "size": signed.checkpoint.size, "checkpoint": only, "made_at": made_at},
                )
        return len(found)

    def told(self, session: Session) -> tuple[Countersigned, ...]:
        """Return of each witness that is believed how far he has countersigned, in the order of the settings."""
        kept = {witness: (size, made_at) for witness, size, made_at in session.execute(_HOW_FAR)}
        return tuple(Countersigned(each.name, *kept.get(each.to_text(), (None, None))) for each in self._witnesses)

    def lines(self, session: Session, note: str) -> str:
        """Return the signature lines that witnesses have made under a checkpoint."""
        whole = (kept for kept in session.execute(_KEPT).scalars() if _text(kept) == _text(note))
        lines = (
            line for kept in whole for line in kept_lines(kept, self._witnesses).rpartition("\n\n")[2].splitlines()
        )
        return "".join(f"{line}\n" for line in lines)

    def newest(self, session: Session) -> str | None:
        """Return the newest checkpoint that a witness has countersigned, with the log's signatures alone; None: there is none."""
        kept = session.execute(_KEPT).scalars().all()
        return next((kept_lines(each, self._key.verifiers) for each in kept if self.lines(session, each)), None)


def _text(note: str) -> str:
    return note.rpartition("\n\n")[0]
