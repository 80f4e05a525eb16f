"""Verification of a sealed licence's presentation, the same online and offline: one pure function, one report.

Decides, row by row, whether the presentation is what an authority sealed, and whether the licence is good at a moment.
It fetches nothing and reads no clock: keys, status and time are given. A check that cannot be made is never a pass; when
one fails, those that depend on it are reported as not made. Terms are those of ETSI EN 319 102-1.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from keys import jws, sd_jwt_verify
from keys.errors import FormatError, SubIndication, VerificationError
from keys.licence_rows import StatusAnswer, chained, in_force, in_good_standing, spoken_for, within
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

_REQUIRED: Final = ("iss", "iat", "vct")


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
    return chained(examined.key, examined.trust, examined.sealed_at)


def _signature(examined: _Examination) -> str:
    jws.check(examined.token, examined.key.certificate.public_key, typ=TYP)
    return f"signed under {examined.key.certificate.public_key.suite.name}"


def _disclosures(examined: _Examination) -> str:
    suite = examined.key.certificate.public_key.suite
    examined.claims, disclosed = sd_jwt_verify.disclose(examined.payload, examined.encoded, suite)
    return f"{len(disclosed)} disclosures are among the signed digests"


def _issuer(examined: _Examination) -> str:
    return spoken_for(examined.key, examined.payload["iss"])


def _seal(examined: _Examination) -> str:
    if examined.token.header.get("seal") != examined.key.es_id:
        raise VerificationError("the licence names another seal", SubIndication.SIG_CONSTRAINTS_FAILURE)
    return in_force(examined.key, examined.sealed_at, examined.at, examined.existed_at)


def _validity(examined: _Examination) -> str:
    return within(examined.payload, examined.at)


def _status(examined: _Examination) -> str:
    return in_good_standing(examined.status)


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
