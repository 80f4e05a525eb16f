"""X.509 certificates (RFC 5280) of all suites by one path, and the chain from a signer to a trusted maker.

Decides whether a certificate was signed by its issuer, over the original bytes, and was good at a moment. Reads
strictly (the library's DER parser), takes the bytes that were signed from the file, and lets the suite verify, because
neither `cryptography` nor `openssl verify` judges SM2 certificates correctly. Never consults revocation: that is the
trust list's. Making certificates is in `keys.certificate_making` and offered here too.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import NameOID

from keys import base64url
from keys.certificate_making import Issuer, Subject, root_der, signer_der
from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.suites import load_public_spki

__all__ = ["Certificate", "Subject", "check_chain", "make_root", "make_signer"]

_PEM_KIND: Final = "CERTIFICATE"
_LONGEST_CHAIN: Final = 5
_SERIAL_LIMIT: Final = 1 << 159
_UNDERSTOOD: Final = frozenset({x509.BasicConstraints.oid, x509.KeyUsage.oid})
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
_USAGES: Final = ("digital_signature", "content_commitment", "key_cert_sign", "crl_sign")


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
        try:
            return cls(**_fields(der))
        except _UNREADABLE as error:
            raise FormatError("not a well-formed X.509 certificate") from error

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


def make_root(name: str, key: PrivateKey, serial: int, not_before: datetime, not_after: datetime) -> Certificate:
    """The self-signed certificate of a seal maker; times are aware, to the second. Raises FormatError."""
    return Certificate.load(root_der(Subject(name), key, serial, not_before, not_after))


def make_signer(
    subject: Subject,
    public_key: PublicKey,
    issuer_certificate: Certificate,
    issuer_key: PrivateKey,
    serial: int,
    not_before: datetime,
    not_after: datetime,
) -> Certificate:
    """A signer's certificate under a maker; the suites of the two may differ. Raises FormatError."""
    if issuer_certificate.public_key != issuer_key.public:
        raise FormatError("the issuer's key does not belong to the issuer's certificate")
    issuer = Issuer(issuer_certificate.subject_name, issuer_certificate.key_identifier, issuer_key)
    return Certificate.load(signer_der(subject, public_key, issuer, serial, not_before, not_after))


def check_chain(
    certificate: Certificate, roots: Iterable[Certificate], at: datetime, intermediates: Iterable[Certificate] = ()
) -> None:
    """Return if the signer's certificate leads to one of `roots`, every link good at `at` (aware).

    Raises VerificationError with NO_CERTIFICATE_CHAIN_FOUND, SIG_CRYPTO_FAILURE, CHAIN_CONSTRAINTS_FAILURE, EXPIRED or
    NOT_YET_VALID, or UncheckableError (RFC 5280 section 6.1, without policies and name constraints, which are refused
    as unknown critical extensions).
    """
    if at.tzinfo is None:
        raise FormatError("a time without a zone says nothing")
    trusted, between = tuple(roots), tuple(intermediates)
    if certificate not in trusted and not {"digital_signature", "content_commitment"} & certificate.key_usage:
        raise VerificationError("the certificate is not for signatures", SubIndication.CHAIN_CONSTRAINTS_FAILURE)
    current = certificate
    for below in range(_LONGEST_CHAIN):
        _check_period(current, at)
        if current in trusted:
            return
        current = _issuer_of(current, trusted, between, below)
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
    named = [one for one in (*trusted, *between) if _names(certificate, one)]
    if not named or _is_root(certificate):
        raise VerificationError("no trusted maker issued the certificate", SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    for one in named:
        if _signed_by(certificate, one):
            _check_authority(one, below)
            return one
    raise VerificationError("a certificate is not signed by the issuer it names", SubIndication.SIG_CRYPTO_FAILURE)


def _is_root(certificate: Certificate) -> bool:
    """Whether it names itself as issuer; a maker's signer may bear the maker's name, but has a key of its own."""
    return certificate.issuer_key_identifier in (None, certificate.key_identifier) and (
        certificate.subject_name == certificate.issuer_name
    )


def _names(certificate: Certificate, issuer: Certificate) -> bool:
    known = None not in (certificate.issuer_key_identifier, issuer.key_identifier)
    same_key = not known or certificate.issuer_key_identifier == issuer.key_identifier
    return same_key and certificate.issuer_name == issuer.subject_name


@lru_cache(maxsize=4096)
def _signed_by(certificate: Certificate, issuer: Certificate) -> bool:
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


def _fields(der: bytes) -> dict[str, Any]:
    read = x509.load_der_x509_certificate(der)
    if read.version is not x509.Version.v3 or not 0 < read.serial_number < _SERIAL_LIMIT:
        raise ValueError("version or serial number")
    extensions = {one.oid: one for one in read.extensions}
    if any(one.critical and oid not in _UNDERSTOOD for oid, one in extensions.items()):
        raise UncheckableError("the certificate has a critical extension that is not understood")
    own, above = extensions.get(x509.SubjectKeyIdentifier.oid), extensions.get(x509.AuthorityKeyIdentifier.oid)
    constraints, usage = extensions.get(x509.BasicConstraints.oid), extensions.get(x509.KeyUsage.oid)
    return {
        "der": der,
        "subject": _subject(read.subject),
        "issuer": _subject(read.issuer),
        "serial": read.serial_number,
        "not_before": read.not_valid_before_utc,
        "not_after": read.not_valid_after_utc,
        "thumbprint": base64url.encode(hashlib.sha256(der).digest()),
        "is_ca": constraints is not None and constraints.value.ca,
        "path_length": constraints.value.path_length if constraints is not None else None,
        "key_usage": frozenset(name for name in _USAGES if usage is not None and getattr(usage.value, name)),
        "key_identifier": own.value.digest if own is not None else None,
        "issuer_key_identifier": above.value.key_identifier if above is not None else None,
        "tbs": read.tbs_certificate_bytes,
        "signature": read.signature,
        "signature_algorithm": read.signature_algorithm_oid.dotted_string,
        **_slices(der),
    }


def _slices(der: bytes) -> dict[str, Any]:
    """The parts that must be taken as the bytes they are: names, key, and that both algorithms agree."""
    whole = asn1_x509.Certificate.load(der, strict=True)
    tbs = whole["tbs_certificate"]
    if tbs["signature"].dump() != whole["signature_algorithm"].dump():
        raise ValueError("inner and outer algorithm")
    return {
        "subject_name": tbs["subject"].dump(),
        "issuer_name": tbs["issuer"].dump(),
        "public_key": load_public_spki(tbs["subject_public_key_info"].dump()),
    }


def _subject(name: x509.Name) -> Subject:
    def first(oid: x509.ObjectIdentifier) -> str:
        found = name.get_attributes_for_oid(oid)
        return str(found[0].value) if found else ""

    return Subject(first(NameOID.COMMON_NAME), first(NameOID.ORGANIZATION_NAME), first(NameOID.ORGANIZATION_IDENTIFIER))
