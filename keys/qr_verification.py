"""Verification of a printed code's token, the same online and offline: one pure function, one report.

Decides, row by row, whether an authority's seal signed the token for a licence of this hub, and whether the licence is good at a moment. The
rows are those of a sealed licence (`keys.verification`) where the check is the same, and HUB: another hub's code is not a forged one, but
nothing can be said of it here. It proves the licence, never who carries it. It fetches nothing and reads no clock.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from keys import cose, licence_identifier, qr_token
from keys.errors import SubIndication, VerificationError
from keys.licence_rows import StatusAnswer, chained, in_force, in_good_standing, spoken_for, within
from keys.listed_status import Reference
from keys.moments import require_zones
from keys.report import Report, Row, all_passed, examine, result_of
from keys.trust import Trust, TrustedKey


@dataclass(slots=True)
class _Examination:
    """One token under examination; each check adds what the next ones need."""

    data: bytes
    hub: str
    trust: Trust
    status: StatusAnswer | None
    at: datetime
    existed_at: datetime | None
    parsed: qr_token.Parsed = field(init=False)
    claims: dict[str, Any] = field(init=False)
    sealed_at: datetime = field(init=False)
    key: TrustedKey = field(init=False)


def verify_token(
    data: bytes,
    hub: str,
    trust: Trust,
    status: StatusAnswer | None,
    at: datetime,
    *,
    existed_at: datetime | None = None,
) -> Report:
    """Examine a token at a moment (aware); `hub` is the address of the hub whose trust this is.

    `existed_at` is a moment at which the caller has proof that the token existed (the hub's record of its making); only that helps against
    a stolen key. Claims of the report are those of `claims_of`. Never raises for what the token holds.
    """
    require_zones(at, existed_at)
    examined = _Examination(data, hub, trust, status, at, existed_at)
    checks = examine(_CHECKS, examined)
    return Report(result_of(checks), checks, examined.claims if all_passed(checks, _PROVES_ORIGIN) else None)


def claims_of(token: qr_token.QrToken, hub: str) -> dict[str, Any]:
    """What a token of this hub says, with the names that a sealed licence has for it, and `holder` if it is said."""
    type_code, issuer, version = licence_identifier.parts(token.identifier)
    claims = {
        "iss": f"{hub}/authorities/{issuer}",
        "iat": token.issued_at,
        "nbf": token.not_before,
        "exp": token.expires_at,
        "type_code": type_code,
        "licence_identifier": token.identifier,
        "licence_version": version,
        "status": {"status_list": {"idx": token.status_index, "uri": f"{hub}/status-lists/{token.status_list}"}},
        "holder": token.holder,
    }
    return {name: value for name, value in claims.items() if value is not None}


def place_of(token: qr_token.QrToken, hub: str) -> Reference:
    """Where the licence stands in the hub's status lists (`keys.listed_status.status_at`)."""
    return Reference(f"{hub}/status-lists/{token.status_list}", token.status_index)


def _format(examined: _Examination) -> str:
    examined.parsed = qr_token.parse(examined.data)
    examined.claims = claims_of(examined.parsed.token, examined.hub)
    examined.sealed_at = datetime.fromtimestamp(examined.parsed.token.issued_at, UTC)
    return "the token of a printed code"


def _hub(examined: _Examination) -> str:
    if examined.parsed.token.hub != qr_token.hub_mark(examined.hub):
        raise VerificationError("a code of another hub", SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    return "a code of this hub"


def _seal_key(examined: _Examination) -> str:
    found = examined.trust.hinted(examined.parsed.hint)
    if len(found) != 1:
        raise VerificationError("no trusted key has this kid", SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    (examined.key,) = found
    return f"seal {examined.key.es_id}"


def _certificate(examined: _Examination) -> str:
    return chained(examined.key, examined.trust, examined.sealed_at)


def _signature(examined: _Examination) -> str:
    key = examined.key.certificate.public_key
    cose.check(examined.parsed.message, key, typ=qr_token.TYP)
    return f"signed under {key.suite.name}"


def _issuer(examined: _Examination) -> str:
    return spoken_for(examined.key, examined.claims["iss"])


def _seal(examined: _Examination) -> str:
    return in_force(examined.key, examined.sealed_at, examined.at, examined.existed_at)


def _validity(examined: _Examination) -> str:
    return within(examined.claims, examined.at)


def _status(examined: _Examination) -> str:
    return in_good_standing(examined.status)


_CHECKS: Final[tuple[Row, ...]] = (
    ("FORMAT", (), _format),
    ("HUB", ("FORMAT",), _hub),
    ("SEAL_KEY", ("FORMAT", "HUB"), _seal_key),
    ("CERTIFICATE", ("SEAL_KEY",), _certificate),
    ("SIGNATURE", ("SEAL_KEY",), _signature),
    ("ISSUER", ("SIGNATURE",), _issuer),
    ("SEAL", ("SIGNATURE",), _seal),
    ("VALIDITY", ("SIGNATURE",), _validity),
    ("STATUS", ("SIGNATURE", "ISSUER"), _status),
)
"""The rows in order: name, the checks it stands on, how it is made."""

_PROVES_ORIGIN: Final = ("FORMAT", "HUB", "SEAL_KEY", "CERTIFICATE", "SIGNATURE", "ISSUER")
