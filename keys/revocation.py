"""What became of a certificate: revoked when and why, and since when its key may be a thief's.

Decides when a signature no longer counts. Revoked is not the same as compromised: what was signed before a revocation
stays good, but a thief writes any date he likes, so under a compromised key only proof that the signature existed earlier
helps (ETSI EN 319 102-1, REVOKED and NO_POE). It must never guess: the facts come from a revocation list
(`keys.revocation_list`) or from a register, as these dataclasses.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from keys.errors import SubIndication, VerificationError
from keys.moments import check_zone


class RevocationReason(StrEnum):
    """RFC 5280 section 5.3.1, without removeFromCRL, which only delta lists have."""

    UNSPECIFIED = "UNSPECIFIED"
    KEY_COMPROMISE = "KEY_COMPROMISE"
    CA_COMPROMISE = "CA_COMPROMISE"
    AFFILIATION_CHANGED = "AFFILIATION_CHANGED"
    SUPERSEDED = "SUPERSEDED"
    CESSATION_OF_OPERATION = "CESSATION_OF_OPERATION"
    CERTIFICATE_HOLD = "CERTIFICATE_HOLD"
    PRIVILEGE_WITHDRAWN = "PRIVILEGE_WITHDRAWN"
    AA_COMPROMISE = "AA_COMPROMISE"


COMPROMISES: Final = frozenset(
    {RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE, RevocationReason.AA_COMPROMISE}
)
"""The reasons for which a key may be in other hands."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """One certificate's revocation; times are aware. `compromised_at` None: the key was never in other hands."""

    revoked_at: datetime
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    compromised_at: datetime | None = None


def check_signed(revocation: Revocation | None, signed_at: datetime, existed_at: datetime | None) -> None:
    """Return if a signature of `signed_at` counts; raises VerificationError (REVOKED, NO_POE).

    `signed_at` is what the signer says, `existed_at` a moment at which something else proves that the signature was there.
    """
    if revocation is None:
        return
    check_zone(signed_at, existed_at)
    if signed_at >= revocation.revoked_at:
        raise VerificationError("signed after the certificate was revoked", SubIndication.REVOKED)
    compromised_at = revocation.compromised_at
    if compromised_at is not None and (existed_at is None or existed_at >= compromised_at):
        raise VerificationError("the key is compromised and nothing proves an earlier signature", SubIndication.NO_POE)
