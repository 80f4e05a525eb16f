"""A witness (C2SP tlog-witness): sees a log from another machine, and countersigns each checkpoint that continues the last one he has seen.

Decides that he never countersigns two checkpoints of one log of which neither continues the other: what he has seen is durable before his
signature leaves. He needs nothing of the hub but its public address and its verifier key. C2SP tlog-cosignature.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub.audit.following import Follower
from hub.audit.refusals import WitnessError
from hub.clock import Clock
from keys import checkpoint, durable_files, signed_note
from keys.checkpoint import Checkpoint
from keys.contracts import PrivateKey
from keys.errors import KeysError
from keys.merkle import EMPTY_ROOT
from keys.signed_note import COSIGNATURE, Verifier
from keys.suites import load_private, suite

KEY_FILE: Final = "witness.pem"
SEEN_FILE: Final = "checkpoint"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What a witness has countersigned: the note, the size before, and the size now."""

    note: str
    before: int
    size: int


class Witness:
    """One witness of one log, with a folder of his own for his key and for what he has seen."""

    def __init__(self, folder: Path, name: str, clock: Clock) -> None:
        """Open the folder, making it and a key at the first time; raises WitnessError."""
        self._folder = folder
        self._clock = clock
        try:
            self._key = _key(folder)
            self.verifier: Final = Verifier(name, self._key.public, COSIGNATURE)
        except (OSError, KeysError) as error:
            raise WitnessError("The witness's folder, key or name cannot be used.") from error

    def look(self, follower: Follower) -> Witnessed:
        """Countersign the log's newest checkpoint, if it continues the last one that was seen here.

        Raises:
            LogBehindError, LogForkedError, LogBrokenError: it does not; nothing was countersigned, and what was seen stays.
            WitnessError: what was seen cannot be read or kept.
        """
        try:
            with durable_files.locked(self._folder):
                seen = self._seen(follower)
                new = follower.newest()
                follower.compare(seen, new.checkpoint)
                durable_files.write(self._folder / SEEN_FILE, new.note.encode())
        except OSError as error:
            raise WitnessError(f"What the witness has seen cannot be kept: {error.strerror}.") from error
        kept = signed_note.kept_lines(new.note, follower.logs)
        note = signed_note.cosign(kept, self.verifier.name, self._key, int(self._clock.now().timestamp()))
        return Witnessed(note, seen.size, new.checkpoint.size)

    def _seen(self, follower: Follower) -> Checkpoint:
        try:
            note = (self._folder / SEEN_FILE).read_bytes().decode()
            return checkpoint.read(note, follower.logs).checkpoint
        except FileNotFoundError:
            return Checkpoint(follower.logs[0].name, 0, EMPTY_ROOT)
        except (UnicodeDecodeError, KeysError) as error:
            raise WitnessError("What the witness has seen before is of another log, or damaged.") from error


def _key(folder: Path) -> PrivateKey:
    durable_files.make_folder(folder)
    with durable_files.locked(folder):
        if not (folder / KEY_FILE).exists():
            durable_files.write(folder / KEY_FILE, suite("Ed25519").generate().to_pkcs8(None))
        return load_private((folder / KEY_FILE).read_bytes(), None)
