"""Reading X.509 certificates: strictly, by the library's DER parser, with the bytes that were signed taken as they are.

Decides which certificates can be read at all: version 3, a proper serial number, a key of a known suite, and no critical
extension that would have to be understood and is not (RFC 5280 section 4.2).
"""

import hashlib
from typing import Any, Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509

from keys import base64url
from keys.errors import FormatError, UncheckableError
from keys.suites import load_public_spki
from keys.x509_parts import SERIAL_LIMIT, Subject

UNREADABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What the libraries raise for bytes that they cannot read."""

_UNDERSTOOD: Final = frozenset({x509.BasicConstraints.oid, x509.KeyUsage.oid})
_PARTS: Final = ("common_name", "organization_name", "organization_identifier")
_USAGES: Final = ("digital_signature", "content_commitment", "key_cert_sign", "crl_sign")


def fields_of(der: bytes) -> dict[str, Any]:
    """What `keys.certificates.Certificate` holds; raises FormatError or UncheckableError."""
    try:
        return _fields(der)
    except UNREADABLE as error:
        raise FormatError("not a well-formed X.509 certificate") from error


def subject_of(name: asn1_x509.Name) -> Subject:
    """The parts of a distinguished name that are told apart here; raises what `UNREADABLE` lists.

    Not by the library, which counts octets where RFC 5280 appendix A counts characters, and warns of every long Chinese name.
    """
    parts: dict[str, str] = {}
    for one in (each for relative in name.chosen for each in relative):
        kind = one["type"].native
        if kind in _PARTS:
            parts.setdefault(kind, str(one["value"].native))
    return Subject(*(parts.get(kind, "") for kind in _PARTS))


def _fields(der: bytes) -> dict[str, Any]:
    read = x509.load_der_x509_certificate(der)
    if read.version is not x509.Version.v3 or not 0 < read.serial_number < SERIAL_LIMIT:
        raise ValueError("version or serial number")
    extensions = {one.oid: one for one in read.extensions}
    if any(one.critical and oid not in _UNDERSTOOD for oid, one in extensions.items()):
        raise UncheckableError("the certificate has a critical extension that is not understood")
    own, above = extensions.get(x509.SubjectKeyIdentifier.oid), extensions.get(x509.AuthorityKeyIdentifier.oid)
    constraints, usage = extensions.get(x509.BasicConstraints.oid), extensions.get(x509.KeyUsage.oid)
    return {
        "der": der,
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
    if tbs["signature"].dump() != whole["signature_algorithm"].dump() or whole["signature_value"].unused_bits:
        raise ValueError("inner and outer algorithm, or a signature that is not whole bytes")
    return {
        "subject": subject_of(tbs["subject"]),
        "issuer": subject_of(tbs["issuer"]),
        "subject_name": tbs["subject"].dump(),
        "issuer_name": tbs["issuer"].dump(),
        "public_key": load_public_spki(tbs["subject_public_key_info"].dump()),
    }
