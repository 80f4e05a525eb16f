"""Detached CMS signatures over a file's SHA-256 (RFC 5652, CAdES-B-B of ETSI EN 319 122-1): made here, or finished here.

Decides what a signer signs: content type, digest, signing time and his own certificate, nothing else. ES256 only: SM2 signs
GB/T 38540 structures, and CMS under Ed25519 (RFC 8419) would need another digest of the file. A key that is kept elsewhere
signs what `prepare` gave, and `complete` refuses a signature value that does not verify, so that nothing false is made.
Reading is in `keys.cms_reading`, verifying in `keys.cms_verification`.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from cryptography.hazmat import asn1

from keys import cms_form as form
from keys.certificates import Certificate
from keys.cms_reading import checked, named_digest
from keys.contracts import PrivateKey
from keys.errors import FormatError, UncheckableError
from keys.moments import LAST_UTC_YEAR, to_second

_DIGEST_SIZE: Final = 32
_SHA256: Final = form.Algorithm(algorithm=form.SHA256, parameters=None)
_ECDSA: Final = form.Algorithm(algorithm=form.ECDSA_SHA256, parameters=None)


def prepare(digest: bytes, certificate: Certificate, signing_time: datetime) -> bytes:
    """The bytes to be signed, for a file's SHA-256 and a time (aware, to the second).

    Raises FormatError, or UncheckableError for a certificate of another suite than ES256.
    """
    return form.signed_bytes(_attributes(digest, certificate, signing_time))


def complete(
    prepared: bytes,
    signature: bytes,
    certificate: Certificate,
    chain: Iterable[Certificate] = (),
    timestamp: bytes | None = None,
) -> bytes:
    """The DER of the signature: what was prepared, the value (SEQUENCE{r,s}), the certificate and those above it.

    `timestamp` is an RFC 3161 token over the value. Raises VerificationError when the value does not verify, FormatError
    when nothing was prepared for this certificate.
    """
    attributes = form.attributes_in(prepared)
    if named_digest(checked(attributes)) != _named(certificate).digest:
        raise FormatError("the signature was prepared for another certificate")
    certificate.public_key.verify_der(signature, prepared)
    return _der(attributes, signature, (certificate, *chain), timestamp)


def sign(
    digest: bytes, key: PrivateKey, certificate: Certificate, signing_time: datetime, chain: Iterable[Certificate] = ()
) -> bytes:
    """Both steps at once, for a key that is here; raises FormatError or UncheckableError."""
    if certificate.public_key != key.public:
        raise FormatError("the key does not belong to the certificate")
    attributes = _attributes(digest, certificate, signing_time)
    return _der(attributes, key.sign_der(form.signed_bytes(attributes)), (certificate, *chain), None)


def _attributes(digest: bytes, certificate: Certificate, signing_time: datetime) -> form.Attributes:
    if certificate.public_key.suite.name != form.SUITE:
        raise UncheckableError(f"a CMS signature is made under {form.SUITE}")
    if len(digest) != _DIGEST_SIZE:
        raise FormatError("the digest of the file is not a SHA-256")
    signed = (
        (form.CONTENT_TYPE, form.DATA),
        (form.MESSAGE_DIGEST, digest),
        (form.SIGNING_TIME, _time(signing_time)),
        (form.SIGNING_CERTIFICATE_V2, form.SigningCertificate(certificates=[_named(certificate)], policies=None)),
    )
    return asn1.SetOf([form.attribute(kind, asn1.encode_der(value)) for kind, value in signed])


def _der(
    attributes: form.Attributes, signature: bytes, certificates: tuple[Certificate, ...], timestamp: bytes | None
) -> bytes:
    own = certificates[0]
    signer = form.SignerInfo(
        version=form.BY_ISSUER,
        signer=form.IssuerAndSerial(issuer=form.element(own.issuer_name), serial=own.serial),
        digest_algorithm=_SHA256,
        signed_attributes=attributes,
        signature_algorithm=_ECDSA,
        signature=signature,
        unsigned_attributes=None if timestamp is None else [form.attribute(form.SIGNATURE_TIMESTAMP, timestamp)],
    )
    content = form.SignedData(
        version=form.BY_ISSUER,
        digest_algorithms=asn1.SetOf([_SHA256]),
        encapsulated=form.Encapsulated(kind=form.DATA, content=None),
        certificates=[form.element(der) for der in sorted({one.der for one in certificates})],
        signers=asn1.SetOf([signer]),
    )
    return asn1.encode_der(form.ContentInfo(kind=form.SIGNED_DATA, content=content))


def _time(moment: datetime) -> form.Time:
    """Section 11.3."""
    utc = to_second(moment)
    return asn1.UTCTime(utc) if utc.year <= LAST_UTC_YEAR else asn1.GeneralizedTime(utc)


def _named(certificate: Certificate) -> form.CertificateIdentifier:
    digest = hashlib.sha256(certificate.der).digest()
    return form.CertificateIdentifier(algorithm=None, digest=digest, issuer_and_serial=None)
