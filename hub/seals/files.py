"""Sealing a file: a detached signature under a seal, made here or finished elsewhere, and what anybody may check.

Decides whose hand may use a seal, and that each use is on record before the signature leaves. SM2-SM3 seals give SES_Signature (GB/T
38540-2020), ES256 seals CMS (RFC 5652, CAdES-B-B); an Ed25519 seal signs licences only. A seal that is not active signs nothing.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlmodel import Session

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import LICENCE_OFFICER, SEAL_APPLICANT
from hub.audit.service import Audit, Entry
from hub.clock import Clock, from_micros
from hub.database import Database
from hub.errors import InputInvalidError
from hub.seals.office import SealOffice
from hub.seals.reaching import reaching_a_key
from hub.seals.register import Reason, Register, Seal, Signer
from hub.seals.service import Seals
from hub.seals.stepping import Current
from keys import cms, cms_verification, ses_making, ses_verification
from keys.certificates import Certificate
from keys.errors import FormatError, KeysError
from keys.report import Report
from keys.revocation import Revocation, RevocationReason
from keys.seal_trust import SealTrust
from keys.ses_seal import parse_seal
from keys.sm2 import SM2_SM3

PROPERTY_INFO: Final = "detached"
LONGEST_REASON: Final = 200
_DER_SEQUENCE: Final = 0x30
_HEADER: Final = 2  # an element's tag and length, X.690 section 8.1


@dataclass(frozen=True, slots=True)
class Form:
    """How seals of a suite sign files: the form's name and usual suffix, what is to be signed, and the signature of it."""

    name: str
    suffix: str
    prepare: Callable[[bytes | None, Certificate, bytes, datetime], bytes]
    complete: Callable[[bytes, Certificate, bytes], bytes]


def _prepare_ses(seal: bytes | None, signer: Certificate, document: bytes, at: datetime) -> bytes:
    if seal is None:
        raise InputInvalidError("This seal was made before seals had an SES_Seal; rotate it, then it signs files.")
    return ses_making.prepare(parse_seal(seal), at, signer.public_key.suite.digest(document), PROPERTY_INFO)


def _prepare_cms(seal: bytes | None, signer: Certificate, document: bytes, at: datetime) -> bytes:
    del seal
    return cms.prepare(hashlib.sha256(document).digest(), signer, at)


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        SM2_SM3.name: Form(
            "SES_Signature",
            ".ses",
            _prepare_ses,
            lambda prepared, signer, value: ses_making.complete(prepared, signer, value).der,
        ),
        "ES256": Form(
            "CMS", ".p7s", _prepare_cms, lambda prepared, signer, value: cms.complete(prepared, value, signer)
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A detached signature, and the form it has."""

    form: Form
    der: bytes


class FileSealing:
    """Seals files."""

    def __init__(
        self, database: Database, audit: Audit, clock: Clock, seals: Seals, office: SealOffice, *, current: Current
    ) -> None:
        """`office` knows the SES_Seals; `current` tells which roles somebody holds now."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._seals = seals
        self._office = office
        self._current = current

    def sign(self, staff: Staff, es_id: str, document: bytes, reason: str) -> Sealed:
        """Seal a document with a key that the hub keeps.

        Raises:
            RoleMissingError: he is neither seal applicant nor licence officer of the authority that looks after the seal.
            SealMissingError, SealUnusableError: no such seal, or it may not sign now.
            SealCustodyError: its owner keeps the key.
            SealKeyUnavailableError: the key store or the token does not give it.
            InputInvalidError: the suite signs no files, or the reason is missing.
        """
        sealer = self._seals.sealer_of(es_id)
        prepared = self.prepare(es_id, document)
        with reaching_a_key():
            value = sealer.key.sign_der(prepared)
        return self.complete(staff, es_id, prepared, value, document, reason)

    def prepare(self, es_id: str, document: bytes) -> bytes:
        """Return what the owner's key is to sign, as of now; raises as `sign`."""
        seal, signer = self._usable(es_id)
        at = self._clock.now().replace(microsecond=0)
        return _form(seal).prepare(self._office.ses_seal(es_id), signer.certificate, document, at)

    def complete(self, staff: Staff, es_id: str, prepared: bytes, value: bytes, document: bytes, reason: str) -> Sealed:
        """Return the signature, of what was prepared and the value (DER) that the seal's key made of it, once its use is on record.

        Raises:
            InputInvalidError: the value is not that key's, or what was prepared is of another document, seal or time.
            Others as `sign`.
        """
        seal, signer = self._usable(es_id)
        if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
            raise InputInvalidError(f"Say in 1 to {LONGEST_REASON} printable characters why the seal is used.")
        form = _form(seal)
        try:
            der = form.complete(prepared, signer.certificate, value)
        except KeysError as error:
            raise InputInvalidError("This is not the signature of what was prepared, by this seal's key.") from error
        if not self._stands(der, document):
            raise InputInvalidError("What was prepared is not of this document; prepare it again.")
        with self._database.transaction() as session:
            self._require_hand(session, staff, seal.authority)
            facts = {
                "operation": "USE", "seal": es_id, "authority": seal.authority, "owner": seal.owner, "staff": staff.id,
                "key": signer.kid, "form": form.name, "reason": reason, "digest": hashlib.sha256(document).hexdigest(),
            }  # fmt: skip
            self._audit.append(session, Entry("seal", facts))
        return Sealed(form, der)

    def verify(self, signature: bytes, document: bytes) -> Report:
        """Examine a detached signature of a document as of now, whoever made it, by what this hub knows; raises FormatError."""
        if len(signature) < _HEADER or signature[0] != _DER_SEQUENCE:
            raise FormatError("this is no signature in DER")
        register, now = self._seals.register, self._clock.now()
        roots = tuple(maker.certificate for maker in register.makers.values())
        certificates, seals = _revocations(register)
        if _is_cms(signature):
            trust = cms_verification.Trust(roots, revocations=certificates)
            return cms_verification.verify(signature, hashlib.sha256(document).digest(), trust, now)
        return ses_verification.verify_signature(signature, document, SealTrust(roots, roots, certificates, seals), now)

    def _stands(self, signature: bytes, document: bytes) -> bool:
        return all(
            check.outcome == "PASSED" for check in self.verify(signature, document).checks if check.name == "DATA_HASH"
        )

    def _usable(self, es_id: str) -> tuple[Seal, Signer]:
        return self._seals.signer_of(es_id)

    def _require_hand(self, session: Session, staff: Staff, authority: str) -> None:
        now = self._current(session, staff)
        if not any(now.holds(role, authority) for role in (SEAL_APPLICANT, LICENCE_OFFICER)):
            now.require(SEAL_APPLICANT, authority)
            raise RoleMissingError


def _form(seal: Seal) -> Form:
    form = FORMS.get(seal.suite)
    if form is None:
        raise InputInvalidError(f"Seals of {', '.join(FORMS)} sign files; this one is of {seal.suite}.")
    return form


def _is_cms(signature: bytes) -> bool:
    """Tell CMS from SES_Signature: the first begins with its object identifier, the second with a sequence."""
    header = _HEADER + (signature[1] & 0x7F if signature[1] & 0x80 else 0)
    return signature[header : header + 1] == b"\x06"


def _revocations(register: Register) -> tuple[Mapping[str, Revocation], Mapping[str, Revocation]]:
    """Return what became of certificates, by thumbprint, and of seals, by esID."""
    certificates, seals = dict[str, Revocation](), dict[str, Revocation]()
    for seal in (each for several in register.seals.values() for each in several):
        if seal.revoked_at is None:
            continue
        at, reason = from_micros(seal.revoked_at), RevocationReason(seal.revoked_for or Reason.UNSPECIFIED)
        fact = Revocation(at, at if reason is RevocationReason.KEY_COMPROMISE else None, reason)
        seals[seal.es_id] = fact
        certificates |= {signer.kid: fact for signer in seal.signers}
    return certificates, seals
