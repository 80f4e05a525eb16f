"""The transparency log (存证日志) of this hub: every record becomes a leaf, and what that proves.

Decides nothing itself: `sequencing` grows the log, `proofs` proves, `log_key` signs. Others use the log by this class alone.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hub.audit import continuity
from hub.audit.checkpoint_file import CheckpointFile
from hub.audit.cosignatures import Cosignatures
from hub.audit.examining import ExaminedLog, ExaminedRecord, Examining
from hub.audit.log_key import LogKey
from hub.audit.proofs import Consistency, Inclusion, KeptRecord, Proofs
from hub.audit.published import PublishedLog
from hub.audit.refusals import LogBehindError, LogForkedError, LogNotBegunError
from hub.audit.salts import Salts
from hub.audit.sequencing import KIND, Sequencer
from hub.audit.service import Audit, Entry
from hub.audit.verifying import Report, Told, Verifying
from hub.clock import Clock
from hub.database import Database
from hub.errors import InputInvalidError
from keys.checkpoint import Checkpoint
from keys.signed_note import Verifier
from keys.store import KeyStore

__all__ = ["Consistency", "ExaminedLog", "ExaminedRecord", "Inclusion", "KeptRecord", "TransparencyLog"]

_LONGEST_REASON: Final = 200


class TransparencyLog:
    """The log, as the rest of the hub sees it."""

    def __init__(
        self, database: Database, audit: Audit, store: KeyStore, clock: Clock, *,
        public_url: str, checkpoint_file: Path, witnesses: Sequence[Verifier] = (),
    ) -> None:  # fmt: skip
        """Call `prepare` once before the first use, and before the first record is written."""
        self._database = database
        self._audit = audit
        self._salts = Salts(store)
        self._key = LogKey(store, public_url)
        self._file = CheckpointFile(checkpoint_file, self._key)
        self._sequencer = Sequencer(database, audit, self._key, self._salts, clock, self._file)
        self._proofs = Proofs(database, self._key)
        self.cosignatures = Cosignatures(database, self._key, clock, witnesses)
        self._examining = Examining(database, self._key, self._salts, self._file, self.cosignatures)
        self.published = PublishedLog(database, self._key, self.cosignatures)

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

    def check(self) -> None:
        """Compare the log with the checkpoint that is kept outside the database.

        Raises:
            LogBehindError, LogForkedError, LogBrokenError: it is not the log that was there before; the message says what to do.
            CheckpointFileError: the file cannot be read.
        """
        kept = self._file.read()
        if kept is not None:
            with self._database.snapshot() as session:
                continuity.check(session, self._key, kept.checkpoint)

    def accept_loss(self, reason: str) -> Checkpoint | None:
        """Go on with the log as it is in the database, on record, and return the checkpoint that it does not continue; None: it does.

        Raises:
            InputInvalidError: no reason is given.
            LogBrokenError: the log does not fit itself, so nothing can go on from it.
        """
        if not reason.strip() or len(reason) > _LONGEST_REASON or not reason.isprintable():
            raise InputInvalidError(f"A reason has 1 to {_LONGEST_REASON} printable characters.")
        kept = self._file.read()
        try:
            self.check()
        except (LogBehindError, LogForkedError) as error:
            assert kept is not None  # noqa: S101 - else there is nothing to be behind
            lost = {"size": kept.checkpoint.size, "root": kept.checkpoint.root.hex(), "code": error.code}
            with self._database.transaction() as session:
                self._audit.append(session, Entry(KIND, {"operation": "ACCEPT_LOSS", "lost": lost, "reason": reason}))
            self._sequencer.integrate(forward=False)
            self._file.replace(self._proofs.checkpoint())
            return kept.checkpoint
        return None

    def verify(self, seen: Mapping[str, str], told: Told = lambda _done, _total: None) -> Report:
        """Verify the whole hub, against the checkpoint outside the database and others that were seen; see Verifying.

        Nothing need have been prepared, and nothing is written.

        Raises:
            LogNotBegunError: there is no log, no key of one and no checkpoint.
            KeyMissingError: the key store is not that of this log.
            UnavailableError: the database did not answer.
        """
        if not (self._salts.exist() or self._sequencer.has_begun() or self._file.text()):
            raise LogNotBegunError
        self._salts.require()
        self._key.require()
        kept = self._file.text()
        known = {**({} if kept is None else {str(self._file.path): kept}), **seen}
        return Verifying(self._database, self._key, self._salts).verify(known, told)

    def rotate_key(self) -> int:
        """Make a new key for the log, on record, and return its number; checkpoints are signed by it and the one before."""
        number = self._key.rotate()
        with self._database.transaction() as session:
            self._audit.append(
                session, Entry(KIND, {"operation": "ROTATE_KEY", "key": self._key.verifiers[-1].to_text()})
            )
            self._audit.advance_epoch(session)
        return number

    def refresh(self) -> None:
        """Take up a key that another process has made; raises KeyStoreError."""
        self._key.refresh()

    def integrate(self) -> int:
        """Make leaves of all records that are durable; see Sequencer."""
        return self._sequencer.integrate()

    def record(self, record_id: str) -> KeptRecord:
        """Return a record; raises RecordUnknownError."""
        return self._proofs.record(record_id)

    def examine(self, record_id: str) -> ExaminedRecord:
        """Return a record with what its proof comes to, step by step; raises RecordUnknownError, LogBrokenError."""
        return self._examining.record(record_id)

    def examine_log(self) -> ExaminedLog:
        """Return how the log itself stands; raises LogBrokenError."""
        return self._examining.log()

    def inclusion(self, record_id: str) -> Inclusion:
        """Return the proof that a record is in the log; raises RecordUnknownError, NotIntegratedError, LogBrokenError."""
        return self._proofs.inclusion(record_id)

    def attested_inclusion(self, record_id: str) -> Inclusion:
        """Return the same under the newest checkpoint that a witness has countersigned, with his line, if that has the record; raises as above."""
        return self._proofs.inclusion(record_id, self.published.witnessed())

    def consistency(self, old: int, new: int | None = None) -> Consistency:
        """Return the proof that the log only grew between two sizes, the second the newest by default; raises LogSizeUnknownError, LogBrokenError."""
        return self._proofs.consistency(old, new)
