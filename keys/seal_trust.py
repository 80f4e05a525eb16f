"""Whom a verifier of electronic seals believes, and what became of certificates and seals since.

Makers are named one by one. A root that issues the certificates of makers and of signers alike would otherwise let every signer make a
seal in anybody's name. Facts of revocation are the caller's (a CRL, the trust list); "none was revoked" is an empty mapping, and None
is "I do not know", which never passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from keys.certificates import Certificate
from keys.errors import FormatError, SubIndication, VerificationError


@dataclass(frozen=True, slots=True)
class Revocation:
    """When a certificate or seal was revoked (aware), and from when on its key may have been in other hands, if that is why."""

    revoked_at: datetime
    compromised_at: datetime | None = None

    def __post_init__(self) -> None:
        require_zones(self.revoked_at, self.compromised_at)


@dataclass(frozen=True, slots=True)
class SealTrust:
    """What verifying a seal or a signature under one stands on.

    `roots` and `intermediates` issue the certificates of signers and makers; `makers` may make seals. Revocations are found by the
    certificate's thumbprint and by the seal's esID. An issuer that is not trusted any more is left out of the first two.
    """

    roots: tuple[Certificate, ...]
    makers: tuple[Certificate, ...]
    revoked_certificates: Mapping[str, Revocation] | None
    revoked_seals: Mapping[str, Revocation] | None
    intermediates: tuple[Certificate, ...] = ()


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


def require_zones(*moments: datetime | None) -> None:
    """Raise FormatError if one of the caller's times has no zone."""
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise FormatError("a time without a zone says nothing")
