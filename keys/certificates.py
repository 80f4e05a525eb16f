"""X.509 certificates (RFC 5280) of all suites by one path, and the chain from a signer to a trusted maker.

Decides whether a certificate was signed by its issuer, over the original bytes, and was good at a moment; the suite
verifies, because neither `cryptography` nor `openssl verify` judges SM2 certificates correctly. Never consults
revocation: that is for who asks (`keys.revocation`). Making certificates is in `keys.certificate_making`, reading them in
`keys.certificate_reading`, and both are offered here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from asn1crypto import pem

from keys.certificate_making import (
    AUTHORITY,
    MAKER,
    MAKER_ROOT,
    ROOT,
    SIGNER,
    Issuer,
    Profile,
    issued_der,
    root_der,
)
from keys.certificate_reading import fields_of
from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError, SubIndication, VerificationError
from keys.moments import require_zones
from keys.x509_parts import Subject

__all__ = [
    "AUTHORITY",
    "MAKER",
    "MAKER_ROOT",
    "ROOT",
    "SIGNER",
    "Certificate",
    "Profile",
    "Subject",
    "check_chain",
    "is_root",
    "is_signed_by",
    "issue",
    "make_root",
    "names",
]

_PEM_KIND: Final = "CERTIFICATE"
_LONGEST_CHAIN: Final = 5


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate; equal when the bytes are. `thumbprint` is x5t#S256 (RFC 7515 section 4.1.8), used as kid."""

    der: bytes = field(repr=False)
    subject: Subject = field(compare=False)
    issuer: Subject = field(compare=False)
    serial: int = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    public_key: PublicKey = field(compare=False, repr=False)
    thumbprint: str = field(compare=False)
    is_ca: bool = field(compare=False)
    path_length: int | None = field(compare=False)
    key_usage: frozenset[str] = field(compare=False)
    subject_name: bytes = field(compare=False, repr=False)
    issuer_name: bytes = field(compare=False, repr=False)
    key_identifier: bytes | None = field(compare=False, repr=False)
    issuer_key_identifier: bytes | None = field(compare=False, repr=False)
    tbs: bytes = field(compare=False, repr=False)
    signature: bytes = field(compare=False, repr=False)
    signature_algorithm: str = field(compare=False)

    @classmethod
    def load(cls, der: bytes) -> "Certificate":
        """Read one DER certificate; raises FormatError, or UncheckableError for a key of no known suite."""
        return cls(**fields_of(der))

    @classmethod
    def load_pem_bundle(cls, text: bytes) -> "tuple[Certificate, ...]":
        """Read PEM certificates standing one after another; raises as `load` does."""
        try:
            parts = list(pem.unarmor(text, multiple=True))
        except (ValueError, TypeError) as error:
            raise FormatError("not a PEM file") from error
        if any(kind != _PEM_KIND for kind, _, _ in parts):
            raise FormatError("the PEM file holds something else than certificates")
        return tuple(cls.load(der) for _, _, der in parts)

    def to_pem(self) -> bytes:
        """The certificate as PEM (RFC 7468 section 5)."""
        return bytes(pem.armor(_PEM_KIND, self.der))


def make_root(
    name: str,
    key: PrivateKey,
    serial: int,
    not_before: datetime,
    not_after: datetime,
    profile: Profile = MAKER_ROOT,
) -> Certificate:
    """A self-signed certificate; times are aware, to the second. Raises FormatError.

    MAKER_ROOT issues signers itself; a ROOT stands above makers and issuing authorities.
    """
    return Certificate.load(root_der(profile, Subject(name), key, serial, not_before, not_after))


def issue(
    profile: Profile,
    subject: Subject,
    public_key: PublicKey,
    issuer_certificate: Certificate,
    issuer_key: PrivateKey,
    serial: int,
    not_before: datetime,
    not_after: datetime,
    *,
    revocation_list: str | None = None,
) -> Certificate:
    """A certificate of a profile under an issuer; the suites of the two may differ. Raises FormatError.

    `revocation_list` is the address where the issuer publishes its list.
    """
    if issuer_certificate.public_key != issuer_key.public:
        raise FormatError("the issuer's key does not belong to the issuer's certificate")
    issuer = Issuer(issuer_certificate.subject_name, issuer_certificate.key_identifier, issuer_key)
    der = issued_der(profile, subject, public_key, issuer, serial, not_before, not_after, revocation_list)
    return Certificate.load(der)


def check_chain(
    certificate: Certificate, roots: Iterable[Certificate], at: datetime, intermediates: Iterable[Certificate] = ()
) -> tuple[Certificate, ...]:
    """The way from the signer's certificate to one of `roots`, both included, every link good at `at` (aware).

    Raises VerificationError with NO_CERTIFICATE_CHAIN_FOUND, SIG_CRYPTO_FAILURE, CHAIN_CONSTRAINTS_FAILURE, EXPIRED or
    NOT_YET_VALID, or UncheckableError (RFC 5280 section 6.1, without policies and name constraints, which are refused
    as unknown critical extensions).
    """
    require_zones(at)
    trusted, between = tuple(roots), tuple(intermediates)
    if certificate not in trusted and not {"digital_signature", "content_commitment"} & certificate.key_usage:
        raise VerificationError("the certificate is not for signatures", SubIndication.CHAIN_CONSTRAINTS_FAILURE)
    way = [certificate]
    for below in range(_LONGEST_CHAIN):
        _check_period(way[-1], at)
        if way[-1] in trusted:
            return tuple(way)
        way.append(_issuer_of(way[-1], trusted, between, below))
    raise VerificationError("the certificate chain is too long", SubIndication.CHAIN_CONSTRAINTS_FAILURE)


def _check_period(certificate: Certificate, at: datetime) -> None:
    if at < certificate.not_before:
        raise VerificationError("a certificate was not valid yet", SubIndication.NOT_YET_VALID)
    if at > certificate.not_after:
        raise VerificationError("a certificate had expired", SubIndication.EXPIRED)


def _issuer_of(
    certificate: Certificate, trusted: tuple[Certificate, ...], between: tuple[Certificate, ...], below: int
) -> Certificate:
    """The issuer by name and key identifier: a maker that changed its key keeps its name."""
    named = [one for one in (*trusted, *between) if names(certificate, one)]
    if not named or is_root(certificate):
        raise VerificationError("no trusted maker issued the certificate", SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    for one in named:
        if is_signed_by(certificate, one):
            _check_authority(one, below)
            return one
    raise VerificationError("a certificate is not signed by the issuer it names", SubIndication.SIG_CRYPTO_FAILURE)


def is_root(certificate: Certificate) -> bool:
    """Whether it names itself as issuer; a maker's signer may bear the maker's name, but has a key of its own."""
    return certificate.issuer_key_identifier in (None, certificate.key_identifier) and (
        certificate.subject_name == certificate.issuer_name
    )


def names(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether it names this issuer: by name and, where both say it, by key identifier."""
    known = None not in (certificate.issuer_key_identifier, issuer.key_identifier)
    same_key = not known or certificate.issuer_key_identifier == issuer.key_identifier
    return same_key and certificate.issuer_name == issuer.subject_name


@lru_cache(maxsize=4096)
def is_signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key signed its original bytes."""
    key = issuer.public_key
    if certificate.signature_algorithm != key.suite.signature_algorithm:
        return False
    try:
        key.verify_der(certificate.signature, certificate.tbs)
    except VerificationError:
        return False
    return True


def _check_authority(issuer: Certificate, below: int) -> None:
    """RFC 5280 section 4.2.1.9: `below` certificates of authorities stand between this one and the signer."""
    too_long = issuer.path_length is not None and below > issuer.path_length
    if not issuer.is_ca or "key_cert_sign" not in issuer.key_usage or too_long:
        raise VerificationError("an issuer may not issue certificates", SubIndication.CHAIN_CONSTRAINTS_FAILURE)
