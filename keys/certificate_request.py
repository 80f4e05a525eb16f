"""Certificate requests (PKCS#10, RFC 2986) of all suites: how a key asks a certification authority for its certificate.

Decides what we ask for (a signer's key usage) and whether a request that came proves that its sender holds the key. It must
never believe a request's name: who asks is the business of who issues.
"""

from dataclasses import dataclass
from typing import Final

from asn1crypto import csr, keys, pem
from cryptography import x509

from keys.certificate_making import SIGNER, Profile
from keys.certificate_reading import UNREADABLE, subject_of
from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError, VerificationError
from keys.suites import load_public_spki
from keys.x509_parts import Subject, extension, name_of, signed

_PEM_KIND: Final = "CERTIFICATE REQUEST"
_MOST_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose sender holds the key; `subject` is what he calls himself."""

    subject: Subject
    public_key: PublicKey


def make(subject: Subject, key: PrivateKey, profile: Profile = SIGNER) -> bytes:
    """A request in PEM for a certificate of a profile (RFC 2985 section 5.4.2, extensionRequest). Raises FormatError."""
    wanted = [extension("key_usage", set(profile.key_usage), critical=True)]
    body = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": name_of(subject),
            "subject_pk_info": keys.PublicKeyInfo.load(key.public.to_spki()),
            "attributes": [{"type": "extension_request", "values": [wanted]}],
        }
    )
    return bytes(pem.armor(_PEM_KIND, signed(body, key)))


def read(text: bytes) -> Request:
    """Read a request in PEM and check its signature; raises FormatError, VerificationError or UncheckableError."""
    if len(text) > _MOST_BYTES:
        raise FormatError("the certificate request is too large")
    try:
        kind, _, der = pem.unarmor(text)
        found = x509.load_der_x509_csr(der)
        whole = csr.CertificationRequest.load(der, strict=True)
        body = whole["certification_request_info"]
        subject, key = subject_of(body["subject"]), load_public_spki(body["subject_pk_info"].dump())
        padding = whole["signature"].unused_bits
    except UNREADABLE as error:
        raise FormatError("not a certificate request in PEM") from error
    if kind != _PEM_KIND or padding:
        raise FormatError("not a certificate request in PEM")
    if found.signature_algorithm_oid.dotted_string != key.suite.signature_algorithm:
        raise VerificationError("the request's algorithm is not that of its key")
    key.verify_der(found.signature, found.tbs_certrequest_bytes)
    return Request(subject, key)
