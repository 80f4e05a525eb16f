"""The transparency log (存证日志) of this hub: every record becomes a leaf, and what that proves.

Decides nothing itself: `sequencing` grows the log, `proofs` proves, `log_key` signs. Others use the log by this class alone.
"""

from hub.audit.log_key import LogKey
from hub.audit.proofs import Consistency, Inclusion, KeptRecord, Proofs
from hub.audit.salts import Salts
from hub.audit.sequencing import Sequencer
from hub.audit.service import Audit
from hub.clock import Clock
from hub.database import Database
from keys.store import KeyStore

__all__ = ["Consistency", "Inclusion", "KeptRecord", "TransparencyLog"]


class TransparencyLog:
    """The log, as the rest of the hub sees it."""

    def __init__(self, database: Database, audit: Audit, store: KeyStore, clock: Clock, public_url: str) -> None:
        """Call `prepare` once before the first use, and before the first record is written."""
        self._salts = Salts(store)
        self._key = LogKey(store, public_url)
        self._sequencer = Sequencer(database, audit, self._key, clock)
        self._proofs = Proofs(database, self._key)

    def prepare(self) -> None:
        """Make an empty log, its key and the secret of salts, where there is no log yet.

        Raises:
            KeyMissingError: there is one, and the key store is an older copy without its keys; restore the right one.
            KeyStoreError, UnavailableError: see their messages.
        """
        if not self._sequencer.has_begun():
            self._salts.make()
            self._key.make()
        self._salts.require()
        self._key.require()
        self._sequencer.begin()

    def refresh(self) -> None:
        """Take up a key that another process has made; raises KeyStoreError."""
        self._key.refresh()

    def integrate(self) -> int:
        """Make leaves of all records that are durable; see Sequencer."""
        return self._sequencer.integrate()

    def verifier_keys(self) -> tuple[str, ...]:
        """Return the keys by which checkpoints are verified, the newest first (C2SP signed-note)."""
        return tuple(each.to_text() for each in reversed(self._key.verifiers))

    def checkpoint(self) -> str:
        """Return the newest checkpoint, a signed note; raises UnavailableError."""
        return self._proofs.checkpoint()

    def record(self, record_id: str) -> KeptRecord:
        """Return a record; raises RecordUnknownError."""
        return self._proofs.record(record_id)

    def inclusion(self, record_id: str) -> Inclusion:
        """Return the proof that a record is in the log; raises RecordUnknownError, NotIntegratedError, LogBrokenError."""
        return self._proofs.inclusion(record_id)

    def consistency(self, old: int, new: int) -> Consistency:
        """Return the proof that the log only grew between two sizes; raises LogSizeUnknownError, LogBrokenError."""
        return self._proofs.consistency(old, new)
