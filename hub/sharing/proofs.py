"""Proofs of records for those whom the records are about: a client of its own authority's, an auditor of the authorities he audits.

Decides who may see a record with its salt: its bytes name no person, but they name authorities, cases and licences. Whoever sees it can open its
leaf in the public log. Records of no authority are for auditors of the whole hub.
"""

from hub.access.caller import Caller
from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR
from hub.audit.log import Consistency, ExaminedRecord, Inclusion, TransparencyLog
from hub.errors import AuthorityMismatchError
from hub.sharing.receipts import Receipts


class RecordProofs:
    """Hands out proofs."""

    def __init__(self, log: TransparencyLog, receipts: Receipts) -> None:
        """Prove by the log; read receipts that were signed here."""
        self._log = log
        self._receipts = receipts

    def of_record(self, who: Caller | Staff, record_id: str) -> Inclusion:
        """Return the proof that a record is in the log, with the record itself.

        Raises:
            RecordUnknownError: there is none of this id.
            AuthorityMismatchError: it is another authority's.
            RoleMissingError: the person is no auditor of its authority, or of the whole hub.
            NotIntegratedError: it is durable, and in the log within two seconds.
            LogBrokenError: the record or the log is not what was committed to.
        """
        _admit(who, self._log.record(record_id).facts.get("authority"))
        return self._log.inclusion(record_id)

    def examined(self, staff: Staff, record_id: str) -> ExaminedRecord:
        """Return the same step by step, and also of a record that does not pass; raises RecordUnknownError, RoleMissingError, LogBrokenError."""
        examined = self._log.examine(record_id)
        _admit(staff, examined.facts.get("authority"))
        return examined

    def of_shown(self, record_id: str) -> Inclusion:
        """Return the same of a read that somebody was shown in this request: whoever shows it has decided that he may see it."""
        return self._log.inclusion(record_id)

    def of_receipt(self, who: Caller | Staff, receipt: str) -> Inclusion:
        """Return the proof of the record that a receipt names; raises InputInvalidError for what is no receipt, others as `of_record`."""
        return self.of_record(who, self._receipts.record_of(receipt))

    def consistency(self, old: int, new: int | None) -> Consistency:
        """Return the proof that the log only grew between two sizes, the second the newest by default; raises as `TransparencyLog`."""
        return self._log.consistency(old, new)

    def checkpoint(self) -> str:
        """Return the newest checkpoint, with what witnesses countersigned of it."""
        return self._log.published.checkpoint()

    def verifier_keys(self) -> tuple[str, ...]:
        """Return the keys by which checkpoints are verified, the newest first."""
        return self._log.published.verifier_keys()


def _admit(who: Caller | Staff, authority: str | None) -> None:
    if isinstance(who, Staff):
        who.require(AUDITOR, authority)
    elif authority != who.authority:
        raise AuthorityMismatchError("This record is another authority's.")
