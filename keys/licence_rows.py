"""The checks that a sealed licence and a printed code have in common: the chain, the seal's standing, validity and status.

Decides what keys, dates and status mean for whatever was signed for a licence at a moment; each function returns what it found, or raises
VerificationError with the sub-indication of ETSI EN 319 102-1. It fetches nothing and reads no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from keys import jws
from keys.certificates import check_chain
from keys.errors import SubIndication, VerificationError
from keys.moments import CLOCKS_DIFFER
from keys.trust import Trust, TrustedKey

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


def chained(key: TrustedKey, trust: Trust, sealed_at: datetime) -> str:
    """The row CERTIFICATE."""
    check_chain(key.certificate, trust.roots, sealed_at, key.chain)
    return "the chain leads to a trusted maker and was good at the sealing time"


def spoken_for(key: TrustedKey, issuer: Any) -> str:
    """The row ISSUER: the certificate, not the metadata alone, ties the key to the authority; its credit code ends the issuer's URL."""
    code = key.certificate.subject.credit_code
    if issuer != key.issuer or not code or issuer.rpartition("/")[2] != code:
        raise VerificationError("the key does not speak for this issuer", SubIndication.SIG_CONSTRAINTS_FAILURE)
    return "the key speaks for the issuer"


def in_force(key: TrustedKey, sealed_at: datetime, at: datetime, existed_at: datetime | None) -> str:
    """The row SEAL: the seal was valid when it sealed, and its key was in no other hands."""
    if sealed_at > at + CLOCKS_DIFFER:
        raise VerificationError("sealed after the moment asked about", SubIndication.NOT_YET_VALID)
    if key.valid_from is not None and sealed_at < key.valid_from:
        raise VerificationError("sealed before the seal was valid", SubIndication.NOT_YET_VALID)
    if key.valid_until is not None and sealed_at >= key.valid_until:
        raise VerificationError("sealed after the seal had expired", SubIndication.EXPIRED)
    if key.revoked_at is not None and sealed_at >= key.revoked_at:
        raise VerificationError("sealed after the seal was revoked", SubIndication.REVOKED)
    if key.suspended_at is not None and sealed_at >= key.suspended_at:
        raise VerificationError("sealed while the seal was suspended", SubIndication.REVOKED)
    if key.compromised_at is not None and (existed_at is None or existed_at >= key.compromised_at):
        raise VerificationError("the key is compromised and nothing proves an earlier sealing", SubIndication.NO_POE)
    return "the seal was valid at the sealing time"


def within(claims: Mapping[str, Any], at: datetime) -> str:
    """The row VALIDITY: `nbf` and `exp`, where they are, around the moment."""
    jws.check_times({name: claims[name] for name in ("nbf", "exp") if name in claims}, at.timestamp())
    return "within the licence's validity"


def in_good_standing(answer: StatusAnswer | None) -> str:
    """The row STATUS."""
    if answer is None:
        raise VerificationError("no status could be had", SubIndication.TRY_LATER)
    found = _STATUS.get(answer.status, SubIndication.GENERIC)
    if found is not None:
        raise VerificationError(f"{answer.status} at {answer.at.isoformat()}", found)
    return f"{answer.status} at {answer.at.isoformat()}"
