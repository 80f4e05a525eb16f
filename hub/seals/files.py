"""Sealing a file: a detached signature under a seal, made here or finished elsewhere, and what anybody may check.

Decides whose hand may use a seal, and that each use is on record before the signature leaves. It never sees a document, only its
digests: the document stays in its department. A seal that is not active signs nothing, and nothing is handed out that would not pass here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER, SEAL_APPLICANT
from hub.audit.service import Audit
from hub.clock import Clock
from hub.database import Database
from hub.errors import HubError, InputInvalidError, SealUnusableError
from hub.seals import model
from hub.seals.file_forms import Chain, Form, form_in, form_of
from hub.seals.life import SealStatus
from hub.seals.office import SealOffice
from hub.seals.reaching import reaching_a_key
from hub.seals.refusals import (
    FileEmptyError,
    PreparedInvalidError,
    SealSuspendedError,
    SealValueInvalidError,
    TimestampInvalidError,
)
from hub.seals.service import Seals
from hub.seals.stamping import Stamping
from hub.seals.stepping import Current
from hub.seals.uses import Uses
from keys.digests import Digests
from keys.errors import KeysError, UncheckableError
from keys.report import Report, Result

LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class Sealed:
    """A detached signature, and the form it has."""

    form: Form
    der: bytes


@dataclass(frozen=True, slots=True)
class _Signed:
    """What a seal's key made (`value`) of what was prepared for a document."""

    form: Form
    chain: Chain
    prepared: bytes
    value: bytes
    digests: Digests


class FileSealing:
    """Seals files."""

    def __init__(
        self, database: Database, audit: Audit, clock: Clock, seals: Seals, office: SealOffice, stamping: Stamping, *,
        current: Current,
    ) -> None:  # fmt: skip
        """`office` knows the SES_Seals; `current` tells which roles somebody holds now."""
        self._database = database
        self._uses = Uses(database, audit)
        self._stamping = stamping
        self._clock = clock
        self._seals = seals
        self._office = office
        self._current = current

    def form(self, es_id: str) -> Form:
        """Return how a seal signs files, and by that which digest of a document it needs; raises as `prepare`."""
        seal, _ = self._seals.signer_of(es_id)
        return form_of(seal.suite)

    def sign(self, staff: Staff, es_id: str, digests: Digests, reason: str) -> Sealed:
        """Seal a document, given by its digests, with a key that the hub keeps.

        Raises:
            RoleMissingError: he is neither seal applicant nor licence officer of the authority that looks after the seal.
            SealMissingError, SealUnusableError: no such seal, or it may not sign now.
            SealCustodyError: its owner keeps the key.
            SealKeyUnavailableError: the key store or the token does not give it.
            FileEmptyError: the digest is that of an empty document.
            InputInvalidError: the suite signs no files, its digest is missing, or the reason is.
            TimestampUnavailableError, TimestampInvalidError: a timestamp is to be had, and there is none that counts.
        """
        self._admit(staff, es_id, reason)
        prepared = self.prepare(es_id, digests)
        with reaching_a_key():
            value = self._seals.sealer_of(es_id).key.sign_der(prepared)
        return self._finish(staff, es_id, prepared, value, digests, reason)

    def prepare(self, es_id: str, digests: Digests) -> bytes:
        """Return what the owner's key is to sign, as of now; raises as `sign`."""
        seal, signer = self._seals.signer_of(es_id)
        form, at = form_of(seal.suite), self._clock.now().replace(microsecond=0)
        return form.prepare(self._office.ses_seal(es_id), signer.certificate, _digest(form, digests), at)

    def prepare_for(self, staff: Staff, es_id: str, digests: Digests) -> bytes:
        """Return the same for somebody who may use the seal; what is prepared shows the seal's picture. Raises as `sign`."""
        authority = self._seals.seal(es_id).authority
        with self._database.transaction() as session:
            self._require_hand(session, staff, authority)
        return self.prepare(es_id, digests)

    def complete(
        self, staff: Staff, es_id: str, prepared: bytes, value: bytes, digests: Digests, reason: str
    ) -> Sealed:
        """Return the signature, of what was prepared and the value (DER) that the seal's key made of it, once its use is on record.

        Raises:
            SealValueInvalidError: the value is not that key's signature of what was prepared.
            PreparedInvalidError: what was prepared is of another document, seal or time.
            Others as `sign`.
        """
        self._admit(staff, es_id, reason)
        return self._finish(staff, es_id, prepared, value, digests, reason)

    def _finish(self, staff: Staff, es_id: str, prepared: bytes, value: bytes, digests: Digests, reason: str) -> Sealed:
        """Make the signature, have it stamped, record its use: whatever fails, nothing is on record that was not handed out."""
        seal, signer = self._seals.signer_of(es_id)
        signed = _Signed(form_of(seal.suite), (signer.certificate, *signer.issuers[:-1]), prepared, value, digests)
        digest = _digest(signed.form, digests)
        try:
            signer.certificate.public_key.verify_der(value, prepared)
        except KeysError as error:
            raise SealValueInvalidError from error
        der, stamp = self._made(signed, None, PreparedInvalidError), self._stamping.stamp(value)
        if stamp is not None:
            der = self._made(signed, stamp.token, TimestampInvalidError)
        with self._database.transaction() as session:
            self._require_hand(session, staff, seal.authority)
            _require_active(session, es_id)
            self._uses.record(session, value, {
                "seal": es_id, "authority": seal.authority, "owner": seal.owner, "staff": staff.id, "key": signer.kid,
                "form": signed.form.name, "reason": reason, "digest": digest.hex(),
                "stamped_at": None if stamp is None else stamp.proves.isoformat(),
            })  # fmt: skip
        return Sealed(signed.form, der)

    def _made(self, signed: _Signed, token: bytes | None, refusal: type[HubError]) -> bytes:
        """Return the signature, if it is one that passes here; raises `refusal`."""
        try:
            der = signed.form.complete(signed.prepared, signed.chain, signed.value, token)
        except KeysError as error:
            raise refusal from error
        if self._examine(signed.form, der, signed.digests).result is not Result.TOTAL_PASSED:
            raise refusal
        return der

    def verify(self, signature: bytes, digests: Digests) -> Report:
        """Examine a detached signature of a document, given by its digests, as of now, whoever made it, by what this hub knows.

        That it was on record here at some time proves that it existed then.
        """
        form = form_in(signature)
        try:
            existed_at = self._uses.existed_at(form.value(signature))
        except KeysError:
            existed_at = None  # the report tells what is wrong
        return self._examine(form, signature, digests, existed_at)

    def _examine(self, form: Form, signature: bytes, digests: Digests, existed_at: datetime | None = None) -> Report:
        trust = self._seals.seal_trust(self._stamping.authorities)
        return form.verify(signature, digests, trust, self._clock.now(), existed_at=existed_at)

    def _admit(self, staff: Staff, es_id: str, reason: str) -> None:
        """Let somebody use a seal, before anything is done with its key."""
        if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
            raise InputInvalidError(f"Say in 1 to {LONGEST_REASON} printable characters why the seal is used.")
        authority = self._seals.seal(es_id).authority
        with self._database.transaction() as session:
            self._require_hand(session, staff, authority)

    def _require_hand(self, session: Session, staff: Staff, authority: str) -> None:
        self._current(session, staff).require_any((SEAL_APPLICANT, LICENCE_OFFICER), authority)


def _require_active(session: Session, es_id: str) -> None:
    """Refuse a seal that somebody stopped meanwhile, and hold it as it is until its use is on record."""
    row = session.get(model.Seal, es_id, with_for_update={"read": True})
    if row is None or row.status != SealStatus.ACTIVE:
        raise SealSuspendedError if row is not None and row.status == SealStatus.SUSPENDED else SealUnusableError


def _digest(form: Form, digests: Digests) -> bytes:
    if digests.is_of_nothing:
        raise FileEmptyError
    try:
        return digests.by(form.digest)
    except UncheckableError as error:
        raise InputInvalidError(f"This seal signs a document's {form.digest} digest; give that one.") from error
