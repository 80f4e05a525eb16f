"""Whom a verifier of electronic seals believes, and what became of certificates and seals since.

Makers are named one by one. A root that issues the certificates of makers and of signers alike would otherwise let every signer make a
seal in anybody's name. Facts of revocation are the caller's (a CRL, the trust list); "none was revoked" is an empty mapping, and None
is "I do not know", which never passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from keys.certificates import Certificate
from keys.revocation import Revocation
from keys.timestamp_trust import Authorities


@dataclass(frozen=True, slots=True)
class SealTrust:
    """What verifying a seal or a signature under one stands on.

    `roots` and `intermediates` issue the certificates of signers and makers; `makers` may make seals. Revocations are found by the
    thumbprint of any certificate on the way to a root, and by the seal's esID. `authorities` are those of timestamps.
    """

    roots: tuple[Certificate, ...]
    makers: tuple[Certificate, ...]
    revoked_certificates: Mapping[str, Revocation] | None
    revoked_seals: Mapping[str, Revocation] | None
    intermediates: tuple[Certificate, ...] = ()
    authorities: Authorities | None = None
