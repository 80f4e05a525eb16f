"""Whom a verifier of electronic seals believes, and what became of certificates and seals since.

Makers are named one by one. A root that issues the certificates of makers and of signers alike would otherwise let every signer make a
seal in anybody's name. Facts of revocation are the caller's (a CRL, the trust list); "none was revoked" is an empty mapping, and None
is "I do not know", which never passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from keys.certificates import Certificate
from keys.moments import require_zones
from keys.revocation import Revocation, check_standing

__all__ = ["Revocation", "SealTrust", "check_standing", "require_zones"]


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
