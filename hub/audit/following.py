"""Following a log from outside, over HTTP alone: its checkpoint, and from its tiles whether it continues an older one.

Decides nothing by what the log says of itself: each checkpoint is verified by the key that the follower has, each tile by the root that was
signed. Whoever follows needs no database, no key store and no hub. C2SP tlog-tiles, RFC 6962 section 2.1.4.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from hub.audit.refusals import LogBehindError, LogBrokenError, LogForkedError
from keys import checkpoint, merkle
from keys.checkpoint import Checkpoint, SignedCheckpoint
from keys.errors import KeysError
from keys.log_tiles import TileName, subtrees_in
from keys.signed_note import Verifier

Fetch = Callable[[str], bytes]
"""Returns what the log serves at a path below its address; raises a HubError."""

LARGEST_ANSWER: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Follower:
    """Reads one log."""

    fetch: Fetch
    logs: Sequence[Verifier]

    def newest(self) -> SignedCheckpoint:
        """Return the log's newest checkpoint; raises LogBrokenError when the log's key did not sign it."""
        try:
            return checkpoint.read(self.fetch("checkpoint").decode(), self.logs)
        except (KeysError, UnicodeDecodeError) as error:
            raise LogBrokenError("What the log gives out as its checkpoint was not signed by its key.") from error

    def compare(self, seen: Checkpoint, new: Checkpoint) -> tuple[bytes, ...]:
        """Return the proof that a checkpoint continues one that was seen before.

        Raises:
            LogBehindError: it is of a shorter log.
            LogForkedError: it is of a log with other leaves.
            LogBrokenError: the tiles are not those of either.
        """
        if new.size < seen.size:
            raise LogBehindError(f"The log has {new.size} leaves, and had {seen.size} before.")
        if new.size == seen.size and new.root != seen.root:
            raise LogForkedError(f"The log has signed two different trees of {new.size} leaves.")
        try:
            subtrees = subtrees_in(new.size, self._tile)
            if merkle.root(new.size, subtrees) != new.root:
                raise LogBrokenError("The tiles that the log gives out are not those of its checkpoint.")
            proof = merkle.consistency_proof(seen.size, new.size, subtrees)
        except KeysError as error:
            raise LogBrokenError("The log gives out tiles that are none.") from error
        try:
            merkle.check_consistency(seen.size, new.size, seen.root, new.root, proof)
        except KeysError as error:
            raise LogForkedError(
                f"The first {seen.size} leaves of the log are not those that were signed before."
            ) from error
        return proof

    def _tile(self, name: TileName) -> bytes:
        return self.fetch(f"tile/{name.path}")
