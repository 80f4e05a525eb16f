"""Certificates that an outside authority issued for one of our keys, as they come back: a bundle that must fit.

Decides whether a PEM bundle (the signer's certificate, then each issuer, then the root) belongs to this key and this name,
may sign, and leads to its own root at a moment. Whether that root may be trusted is for people: it must never be trusted
because it came along (RFC 5280 section 6.1.1, trust anchors come by another way).
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from keys.certificates import Certificate, Subject, check_chain, is_root, is_signed_by, names
from keys.contracts import PublicKey
from keys.errors import FormatError, SubIndication, VerificationError

_MOST_BYTES: Final = 256 << 10
_LONGEST: Final = 5


@dataclass(frozen=True, slots=True)
class IssuedChain:
    """A bundle that fits: the certificate for the key, those between, and the root they lead to."""

    signer: Certificate
    intermediates: tuple[Certificate, ...]
    root: Certificate


def read(bundle: bytes, key: PublicKey, subject: Subject, at: datetime) -> IssuedChain:
    """Read a bundle for a key and a name, good at `at` (aware).

    Raises:
        FormatError: not PEM certificates, none or too many of them.
        VerificationError: wrong key or wrong name (SIG_CONSTRAINTS_FAILURE), wrong order or a missing link
            (NO_CERTIFICATE_CHAIN_FOUND), a signature that does not verify (SIG_CRYPTO_FAILURE), a certificate that is not
            for signatures or may not issue (CHAIN_CONSTRAINTS_FAILURE), EXPIRED or NOT_YET_VALID.
        UncheckableError: a key of no known suite, or a critical extension that is not understood.
    """
    if len(bundle) > _MOST_BYTES:
        raise FormatError("the bundle is too large")
    certificates = Certificate.load_pem_bundle(bundle)
    if not 1 < len(certificates) == len(set(certificates)) <= _LONGEST:
        raise FormatError(
            f"a bundle has 2 to {_LONGEST} certificates, each once: the signer's, those between, the root"
        )
    signer, *between, root = certificates
    _check_owner(certificates, key, subject)
    _check_order(certificates)
    check_chain(signer, (root,), at, between)
    return IssuedChain(signer, tuple(between), root)


def _check_owner(certificates: tuple[Certificate, ...], key: PublicKey, subject: Subject) -> None:
    signer, *others = certificates
    if signer.public_key != key:
        if any(one.public_key == key for one in others):
            raise _wrong("the certificate for the key must be the first of the bundle")
        raise VerificationError("the first certificate is for another key", SubIndication.SIG_CONSTRAINTS_FAILURE)
    if signer.subject != subject:
        raise VerificationError("the first certificate is for another name", SubIndication.SIG_CONSTRAINTS_FAILURE)


def _check_order(certificates: tuple[Certificate, ...]) -> None:
    """Each is followed by its issuer, and the last is its own."""
    for place, (below, above) in enumerate(pairwise(certificates), start=1):
        if not names(below, above):
            elsewhere = any(names(below, one) for one in certificates if one is not below)
            raise _wrong(
                f"the issuer of certificate {place} must come next, and stands elsewhere in the bundle"
                if elsewhere
                else f"the issuer of certificate {place} is missing"
            )
    root = certificates[-1]
    if not is_root(root):
        raise _wrong("the bundle does not end in a root: the last issuer is missing")
    if not is_signed_by(root, root):
        raise VerificationError("the root is not signed by itself")


def _wrong(message: str) -> VerificationError:
    return VerificationError(message, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
