"""Verification of a document's signature under an electronic seal (SES_Signature): one pure function, one report.

The order is that of GB/T 38540-2020 and GM/T 0031-2014 section 6.2.3: format, signature value, signer's certificate, signing time, the seal's
list, the document's digest, the seal by its own procedure at the signing time. A mistake in one row leaves the others to be
made where they can be. Fetches nothing and reads no clock; a check that cannot be made is never a pass. The signing time is the signer's
word: after a compromise of his key only a proof of existence counts.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from keys.certificates import Certificate, check_chain
from keys.digests import Digests
from keys.errors import SubIndication, UncheckableError, VerificationError
from keys.moments import CLOCKS_DIFFER, require_zones
from keys.report import Report, Row, all_passed, examine, result_of
from keys.revocation import check_standing
from keys.seal_trust import SealTrust
from keys.seal_verification import (
    SEAL_PROVES_ORIGIN,
    SEAL_ROWS,
    SealExamination,
    check_extensions,
    check_value,
    known_moment,
    load_certificate,
    seal_claims,
)
from keys.ses_form import suite_of
from keys.ses_seal import check_listed
from keys.ses_signature import SesSignature, parse_signature
from keys.timestamp_trust import Timestamp


@dataclass
class _Examination(SealExamination):
    digests: Digests
    signature: SesSignature = field(init=False)
    way: tuple[Certificate, ...] = field(init=False, default=())
    stamp: Timestamp | None = field(init=False, default=None)

    @cached_property
    def signer(self) -> Certificate:
        return load_certificate(self.signature.certificate)


def verify_signature(
    der: bytes, digests: Digests, trust: SealTrust, at: datetime, *, existed_at: datetime | None = None
) -> Report:
    """Examine a signature of a document, given by its digests (of the protected bytes), at a moment (aware).

    `existed_at` is a moment at which the caller has proof that the signature existed (log inclusion, timestamp); a timestamp within
    the signature is such a proof too. Never raises for what the signature holds. The claims are those of the seal, and `signer`,
    `organization`, `credit_code`, `signed_at`, `existed_at`, `stamped_at`, `stamped_by`, `property_info`.
    """
    require_zones(at, existed_at)
    examined = _Examination(der, trust, at, existed_at, digests)
    checks = examine(_CHECKS, examined)
    return Report(result_of(checks), checks, _claims(examined) if all_passed(checks, _PROVES_ORIGIN) else None)


def _claims(examined: _Examination) -> dict[str, Any]:
    subject, sealing, stamp = examined.signer.subject, examined.signature.sealing, examined.stamp
    return {
        **seal_claims(examined),
        "signer": subject.common_name,
        "organization": subject.organization_name,
        "credit_code": subject.credit_code,
        "signed_at": known_moment(examined).isoformat(),
        "existed_at": examined.existed_at.isoformat() if examined.existed_at is not None else None,
        "stamped_at": stamp.proves.isoformat() if stamp is not None else None,
        "stamped_by": stamp.authority if stamp is not None else None,
        "property_info": sealing.property_info,
    }


def _format(examined: _Examination) -> str:
    examined.signature = parse_signature(examined.der)
    sealing = examined.signature.sealing
    examined.seal, examined.moment = sealing.seal, sealing.signed_at
    examined.extensions = (*sealing.seal.content.extensions, *sealing.extensions)
    return f"a signature of version {sealing.version} under an electronic seal"


def _signature(examined: _Examination) -> str:
    signature = examined.signature
    return check_value(examined.signer, signature.algorithm, signature.value, signature.sealing.der)


def _timestamp(examined: _Examination) -> str | None:
    token = examined.signature.timestamp
    if token is None:
        return None
    if examined.trust.authorities is None:
        raise UncheckableError("no timestamp authority is trusted here")
    from keys import timestamp  # noqa: PLC0415 - a library that few signatures need

    stamp = timestamp.check_token(token, examined.signature.value, examined.trust.authorities, examined.at)
    if stamp.proves + CLOCKS_DIFFER < known_moment(examined):
        raise VerificationError("the timestamp is older than the signing time", SubIndication.SIG_CONSTRAINTS_FAILURE)
    examined.stamp, examined.existed_at = stamp, min(stamp.proves, examined.existed_at or stamp.proves)
    return f"stamped at {stamp.proves.isoformat()} by {stamp.authority}"


def _certificate(examined: _Examination) -> str:
    """The chain at the signing time; one outside the signer's own validity is the next row's to tell."""
    signer, trust = examined.signer, examined.trust
    judged_at = min(max(known_moment(examined), signer.not_before), signer.not_after)
    examined.way = check_chain(signer, trust.roots, judged_at, trust.intermediates)
    return "the chain leads to a trusted root and was good at the signing time"


def _signing_time(examined: _Examination) -> str:
    signer, moment = examined.signer, known_moment(examined)
    if moment > examined.at + CLOCKS_DIFFER:
        raise VerificationError("signed after the moment asked about", SubIndication.NOT_YET_VALID)
    if moment < signer.not_before:
        raise VerificationError("signed before the certificate was valid", SubIndication.NOT_YET_VALID)
    if moment > signer.not_after:
        raise VerificationError("signed after the certificate had expired", SubIndication.EXPIRED)
    for one in examined.way or (signer,):
        revoked = examined.trust.revoked_certificates
        check_standing("a certificate of the signer's chain", revoked, one.thumbprint, moment, examined.existed_at)
    return "the certificate was good at the signing time"


def _listed(examined: _Examination) -> str:
    return f"the seal lists the signer by {check_listed(examined.seal.content, examined.signature.certificate)}"


def _data_hash(examined: _Examination) -> str:
    suite = suite_of(examined.signature.algorithm)
    if examined.digests.by(suite.digest_name) != examined.signature.sealing.data_hash:
        raise VerificationError("the document is not the one that was signed", SubIndication.HASH_FAILURE)
    return "the document is the one that was signed"


_CHECKS: Final[tuple[Row, ...]] = (
    ("FORMAT", (), _format),
    ("EXTENSIONS", ("FORMAT",), check_extensions),
    ("SIGNATURE", ("FORMAT",), _signature),
    ("TIMESTAMP", ("FORMAT",), _timestamp),
    ("CERTIFICATE", ("FORMAT",), _certificate),
    ("SIGNING_TIME", ("FORMAT",), _signing_time),
    ("SIGNER_LISTED", ("FORMAT",), _listed),
    ("DATA_HASH", ("FORMAT",), _data_hash),
    *SEAL_ROWS,
)
"""The rows in order: name, the checks it stands on, how it is made. TIMESTAMP is left out where there is none."""

_PROVES_ORIGIN: Final = (*SEAL_PROVES_ORIGIN, "SIGNATURE", "CERTIFICATE", "SIGNER_LISTED", "DATA_HASH")
