"""Verification of a sealed licence's presentation, the same online and offline: one pure function, one report.

Decides, row by row, whether the presentation is what an authority sealed, and whether the licence is good at a moment.
It fetches nothing and reads no clock: keys, status and time are given. A check that cannot be made is never a pass; when
one fails, those that depend on it are reported as not made. Terms are those of ETSI EN 319 102-1.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from keys import jws, sd_jwt_verify
from keys.certificates import check_chain
from keys.errors import FormatError, SubIndication, VerificationError
from keys.report import Check, Outcome, Report, Result, Row, all_passed, examine, result_of
from keys.sd_jwt_form import TYP
from keys.trust import Trust, TrustedKey, trust_from_metadata

__all__ = [
    "Check",
    "Outcome",
    "Report",
    "Result",
    "StatusAnswer",
    "Trust",
    "TrustedKey",
    "trust_from_metadata",
    "verify_presentation",
]

_CLOCKS_DIFFER: Final = timedelta(minutes=1)
_REQUIRED: Final = ("iss", "iat", "vct")
_STATUS: Final = MappingProxyType(
    {
        "VALID": None,
        "NOT_YET_VALID": SubIndication.NOT_YET_VALID,
        "EXPIRED": SubIndication.EXPIRED,
        **dict.fromkeys(
            ("SUSPENDED", "WITHDRAWN", "CANCELLED", "TRANSFERRED_OUT", "REVOKED", "SUPERSEDED"), SubIndication.REVOKED
        ),
        # A status list tells these apart no further (keys.listed_status).
        **dict.fromkeys(("INVALID", "APPLICATION_SPECIFIC"), SubIndication.REVOKED),
    }
)


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The licence's status in the glossary's words or those of a status list, and the moment it was true."""

    status: str
    at: datetime


@dataclass(slots=True)
class _Examination:
    """One presentation under examination; each check adds what the next ones need."""

    presentation: str
    trust: Trust
    status: StatusAnswer | None
    at: datetime
    existed_at: datetime | None
    token: jws.Jws = field(init=False)
    payload: dict[str, Any] = field(init=False)
    encoded: tuple[str, ...] = field(init=False)
    sealed_at: datetime = field(init=False)
    key: TrustedKey = field(init=False)
    claims: dict[str, Any] = field(init=False)


def verify_presentation(
    presentation: str, trust: Trust, status: StatusAnswer | None, at: datetime, *, existed_at: datetime | None = None
) -> Report:
    """Examine a presentation at a moment (aware).

    `existed_at` is a moment at which the caller has proof that the sealed licence existed (log inclusion, timestamp);
    only that helps against a stolen key. Never raises for what the presentation holds.
    """
    if at.tzinfo is None:
        raise FormatError("a time without a zone says nothing")
    examined = _Examination(presentation, trust, status, at, existed_at)
    checks = examine(_CHECKS, examined)
    return Report(result_of(checks), checks, examined.claims if all_passed(checks, _PROVES_ORIGIN) else None)


def _format(examined: _Examination) -> str:
    jwt, examined.encoded = sd_jwt_verify.split(examined.presentation)
    examined.token = jws.parse(jwt)
    examined.payload = examined.token.claims()
    if examined.token.header.get("typ") != TYP:
        raise VerificationError("not a sealed licence", SubIndication.FORMAT_FAILURE)
    missing = [name for name in _REQUIRED if name not in examined.payload]
    issued = jws.numeric_date(examined.payload, "iat")
    if missing or issued is None:
        raise VerificationError(f"the licence lacks {', '.join(missing)}", SubIndication.FORMAT_FAILURE)
    try:
        examined.sealed_at = datetime.fromtimestamp(issued, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise VerificationError("iat is out of range", SubIndication.FORMAT_FAILURE) from error
    return "an SD-JWT of a licence"


def _seal_key(examined: _Examination) -> str:
    kid = examined.token.header.get("kid")
    key = examined.trust.keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise VerificationError("no trusted key has this kid", SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    examined.key = key
    return f"seal {key.es_id}"


def _certificate(examined: _Examination) -> str:
    key = examined.key
    check_chain(key.certificate, examined.trust.roots, examined.sealed_at, key.chain)
    return "the chain leads to a trusted maker and was good at the sealing time"


def _signature(examined: _Examination) -> str:
    jws.check(examined.token, examined.key.certificate.public_key, typ=TYP)
    return f"signed under {examined.key.certificate.public_key.suite.name}"


def _disclosures(examined: _Examination) -> str:
    suite = examined.key.certificate.public_key.suite
    examined.claims, disclosed = sd_jwt_verify.disclose(examined.payload, examined.encoded, suite)
    return f"{len(disclosed)} disclosures are among the signed digests"


def _issuer(examined: _Examination) -> str:
    """The certificate, not the metadata alone, ties the key to the authority: its credit code ends the issuer's URL."""
    key, issuer = examined.key, examined.payload["iss"]
    code = key.certificate.subject.credit_code
    if issuer != key.issuer or not code or issuer.rpartition("/")[2] != code:
        raise VerificationError("the key does not speak for this issuer", SubIndication.SIG_CONSTRAINTS_FAILURE)
    return "the key speaks for the issuer"


def _seal(examined: _Examination) -> str:
    key, sealed_at = examined.key, examined.sealed_at
    if examined.token.header.get("seal") != key.es_id:
        raise VerificationError("the licence names another seal", SubIndication.SIG_CONSTRAINTS_FAILURE)
    if sealed_at > examined.at + _CLOCKS_DIFFER:
        raise VerificationError("sealed after the moment asked about", SubIndication.NOT_YET_VALID)
    if key.valid_from is not None and sealed_at < key.valid_from:
        raise VerificationError("sealed before the seal was valid", SubIndication.NOT_YET_VALID)
    if key.valid_until is not None and sealed_at >= key.valid_until:
        raise VerificationError("sealed after the seal had expired", SubIndication.EXPIRED)
    if key.revoked_at is not None and sealed_at >= key.revoked_at:
        raise VerificationError("sealed after the seal was revoked", SubIndication.REVOKED)
    if key.suspended_at is not None and sealed_at >= key.suspended_at:
        raise VerificationError("sealed while the seal was suspended", SubIndication.REVOKED)
    if key.compromised_at is not None and (examined.existed_at is None or examined.existed_at >= key.compromised_at):
        raise VerificationError("the key is compromised and nothing proves an earlier sealing", SubIndication.NO_POE)
    return "the seal was valid at the sealing time"


def _validity(examined: _Examination) -> str:
    validity: dict[str, Any] = {name: examined.payload[name] for name in ("nbf", "exp") if name in examined.payload}
    jws.check_times(validity, examined.at.timestamp())
    return "within the licence's validity"


def _status(examined: _Examination) -> str:
    answer = examined.status
    if answer is None:
        raise VerificationError("no status could be had", SubIndication.TRY_LATER)
    found = _STATUS.get(answer.status, SubIndication.GENERIC)
    if found is not None:
        raise VerificationError(f"{answer.status} at {answer.at.isoformat()}", found)
    return f"{answer.status} at {answer.at.isoformat()}"


_CHECKS: Final[tuple[Row, ...]] = (
    ("FORMAT", (), _format),
    ("SEAL_KEY", ("FORMAT",), _seal_key),
    ("CERTIFICATE", ("SEAL_KEY",), _certificate),
    ("SIGNATURE", ("SEAL_KEY",), _signature),
    ("DISCLOSURES", ("SIGNATURE",), _disclosures),
    ("ISSUER", ("SIGNATURE",), _issuer),
    ("SEAL", ("SIGNATURE",), _seal),
    ("VALIDITY", ("SIGNATURE",), _validity),
    ("STATUS", ("SIGNATURE", "ISSUER"), _status),
)
"""The rows in order: name, the checks it stands on, how it is made."""

_PROVES_ORIGIN: Final = ("FORMAT", "SEAL_KEY", "CERTIFICATE", "SIGNATURE", "DISCLOSURES", "ISSUER")
