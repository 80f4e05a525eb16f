"""Whether a detached CMS signature over a file holds at a moment: one row a check, in the words of ETSI EN 319 102-1.

Decides what is believed of a signature. It fetches nothing and reads no clock: the file's digests, trust, revocations and the
moment are given. The signing time is the signer's own word; only a timestamp, or proof that the caller brings, helps against a
key that was stolen. A check that cannot be made is never a pass. RFC 5652 sections 5.4 and 5.6, RFC 5035 section 5.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from keys import cms_reading
from keys.certificates import Certificate, check_chain
from keys.cms_form import DIGEST, SUITE
from keys.digests import Digests
from keys.errors import SubIndication, UncheckableError, VerificationError
from keys.moments import CLOCKS_DIFFER, require_zones
from keys.report import Report, Row, all_passed, examine, result_of
from keys.revocation import Revocation, check_standing
from keys.timestamp_trust import Authorities, Timestamp


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verifier brings: roots of makers, certificates between, timestamp authorities, and what became of certificates.

    `revocations` are by thumbprint, of every certificate on the way; None: nobody could be asked.
    """

    roots: tuple[Certificate, ...]
    intermediates: tuple[Certificate, ...] = ()
    authorities: Authorities | None = None
    revocations: Mapping[str, Revocation] | None = None


@dataclass(slots=True)
class _Examination:
    """One signature under examination; each check adds what the next ones need."""

    der: bytes
    digests: Digests
    trust: Trust
    at: datetime
    existed_at: datetime | None
    signed: cms_reading.Signed = field(init=False)
    way: tuple[Certificate, ...] = field(init=False)
    stamp: Timestamp | None = field(init=False, default=None)


def verify(der: bytes, digests: Digests, trust: Trust, at: datetime, *, existed_at: datetime | None = None) -> Report:
    """Examine a signature over a file, given by its digests, at a moment (aware).

    `existed_at` is a moment at which the caller has proof that the signature existed. The report's claims tell who signed,
    when that is proven. Never raises for what the signature holds.
    """
    require_zones(at, existed_at)
    examined = _Examination(der, digests, trust, at, existed_at)
    checks = examine(_CHECKS, examined)
    return Report(result_of(checks), checks, _claims(examined) if all_passed(checks, _PROVES_ORIGIN) else None)


def _claims(examined: _Examination) -> dict[str, Any]:
    """Who signed, when by his own word, and since when the signature certainly existed; of a timestamp also who says so."""
    signer, existed_at, stamp = examined.signed.signer, examined.existed_at, examined.stamp
    return {
        "certificate": signer.thumbprint,
        "common_name": signer.subject.common_name,
        "organization_name": signer.subject.organization_name,
        "credit_code": signer.subject.credit_code,
        "signed_at": examined.signed.signing_time.isoformat(),
        "existed_at": existed_at.isoformat() if existed_at is not None else None,
        "stamped_at": stamp.proves.isoformat() if stamp is not None else None,
        "stamped_by": stamp.authority if stamp is not None else None,
    }


def _format(examined: _Examination) -> str:
    examined.signed = cms_reading.read(examined.der)
    return "a detached CMS signature by one signer"


def _data_hash(examined: _Examination) -> str:
    if not hmac.compare_digest(examined.signed.digest, examined.digests.by(DIGEST)):
        raise VerificationError("the signature is over another file", SubIndication.HASH_FAILURE)
    return "the file has the signed digest"


def _signature(examined: _Examination) -> str:
    signed = examined.signed
    key = signed.signer.public_key
    if key.suite.name != SUITE:
        raise VerificationError("the signature's algorithm is not that of the certificate's key")
    key.verify_der(signed.signature, signed.signed_bytes)
    return f"signed under {key.suite.name}"


def _timestamp(examined: _Examination) -> str | None:
    """A token that proves nothing is told, because it may be there to deceive."""
    token = examined.signed.timestamp
    if token is None:
        return None
    if examined.trust.authorities is None:
        raise UncheckableError("no timestamp authority is trusted here")
    from keys import timestamp  # noqa: PLC0415 - a library that few signatures need

    stamp = timestamp.check_token(token, examined.signed.signature, examined.trust.authorities, examined.at)
    if stamp.proves + CLOCKS_DIFFER < examined.signed.signing_time:
        raise VerificationError("stamped before it was signed", SubIndication.SIG_CONSTRAINTS_FAILURE)
    examined.stamp, examined.existed_at = stamp, min(stamp.proves, examined.existed_at or stamp.proves)
    return f"stamped at {stamp.proves.isoformat()} by {stamp.authority}"


def _certificate(examined: _Examination) -> str:
    """The chain at the signing time; one outside the signer's own validity is the next row's to tell."""
    signed, trust = examined.signed, examined.trust
    named = signed.named_digest
    if named is not None and not hmac.compare_digest(named, sha256(signed.signer.der).digest()):
        raise VerificationError("the signer named another certificate", SubIndication.SIG_CONSTRAINTS_FAILURE)
    judged_at = min(max(signed.signing_time, signed.signer.not_before), signed.signer.not_after)
    examined.way = check_chain(signed.signer, trust.roots, judged_at, (*signed.others, *trust.intermediates))
    said = "" if named is not None else "; the signer did not name his certificate in what he signed"
    return f"the chain leads to a trusted root and was good at the signing time{said}"


def _signing_time(examined: _Examination) -> str:
    signed = examined.signed
    if signed.signing_time > examined.at + CLOCKS_DIFFER:
        raise VerificationError("signed after the moment asked about", SubIndication.NOT_YET_VALID)
    if signed.signing_time < signed.signer.not_before:
        raise VerificationError("signed before the certificate was valid", SubIndication.NOT_YET_VALID)
    if signed.signing_time > signed.signer.not_after:
        raise VerificationError("signed after the certificate had expired", SubIndication.EXPIRED)
    return f"signed at {signed.signing_time.isoformat()}, within the certificate"


def _revocation(examined: _Examination) -> str:
    signed_at, revocations = examined.signed.signing_time, examined.trust.revocations
    for one in examined.way:
        check_standing("a certificate", revocations, one.thumbprint, signed_at, examined.existed_at)
    return "no certificate was revoked at the signing time"


_CHECKS: Final[tuple[Row, ...]] = (
    ("FORMAT", (), _format),
    ("DATA_HASH", ("FORMAT",), _data_hash),
    ("SIGNATURE", ("FORMAT",), _signature),
    ("TIMESTAMP", ("FORMAT",), _timestamp),
    ("CERTIFICATE", ("FORMAT",), _certificate),
    ("SIGNING_TIME", ("FORMAT",), _signing_time),
    ("REVOCATION", ("CERTIFICATE",), _revocation),
)
"""The rows in order: name, the checks it stands on, how it is made. TIMESTAMP is left out where there is none."""

_PROVES_ORIGIN: Final = ("FORMAT", "DATA_HASH", "SIGNATURE", "CERTIFICATE", "SIGNING_TIME")
