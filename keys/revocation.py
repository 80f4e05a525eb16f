"""What became of a certificate or a seal: revoked when and why, and since when its key may be a thief's.

Decides when what was done with it no longer counts. Revoked is not the same as compromised: what was signed before a
revocation stays good, but a thief dates back, so under a compromised key only proof that the signature existed earlier helps
(ETSI EN 319 102-1, REVOKED and NO_POE). It must never guess: the facts come from a revocation list (`keys.revocation_list`)
or from a register.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from keys.errors import SubIndication, VerificationError
from keys.moments import require_zones


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
    """When a certificate or seal was revoked (aware), and from when on its key may have been in other hands, if that is why."""

    revoked_at: datetime
    compromised_at: datetime | None = None
    reason: RevocationReason = RevocationReason.UNSPECIFIED

    def __post_init__(self) -> None:
        require_zones(self.revoked_at, self.compromised_at)


def check_standing(
    what: str,
    revocations: Mapping[str, Revocation] | None,
    name: str,
    used_at: datetime,
    existed_at: datetime | None,
) -> None:
    """Return if what was done with it at `used_at` still counts; `what` is for the message, `name` finds it.

    Revoked later is no matter, unless the key was in other hands: a thief dates back. Then only a proof helps that it existed before.
    Raises VerificationError with TRY_LATER, REVOKED or NO_POE.
    """
    if revocations is None:
        raise VerificationError(f"nothing is known about revocations of {what}", SubIndication.TRY_LATER)
    found = revocations.get(name)
    if found is None:
        return
    if used_at >= found.revoked_at:
        raise VerificationError(f"{what} had been revoked", SubIndication.REVOKED)
    if found.compromised_at is not None and (existed_at is None or existed_at >= found.compromised_at):
        raise VerificationError(f"{what} is compromised and nothing proves an earlier use", SubIndication.NO_POE)
