"""Writing X.509 certificates (RFC 5280): the bytes to be signed by asn1crypto, the signature by the suite.

Decides what a maker's and a signer's certificate say. A signer may sign and may not issue; a maker may issue signers
and nothing below them (path length 0).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from asn1crypto import algos, keys, x509

from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError

_IDENTIFIER_SIZE: Final = 20
_SERIAL_LIMIT: Final = 1 << 159
_LAST_UTC_TIME: Final = 2050  # RFC 5280 section 4.1.2.5: from this year on GeneralizedTime
_LONGEST_NAME: Final = 64  # RFC 5280 appendix A: ub-common-name, ub-organization-name


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate names; the credit code is its organizationIdentifier (2.5.4.97)."""

    common_name: str
    organization_name: str = ""
    credit_code: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs a certificate: name and key identifier as its own certificate has them (RFC 5280 section 4.2.1.1)."""

    name: bytes
    key_identifier: bytes | None
    key: PrivateKey


def root_der(subject: Subject, key: PrivateKey, serial: int, not_before: datetime, not_after: datetime) -> bytes:
    """The DER of a self-signed maker's certificate."""
    name = _name(subject)
    extensions = [
        _extension("basic_constraints", {"ca": True, "path_len_constraint": 0}, critical=True),
        _extension("key_usage", {"key_cert_sign", "crl_sign"}, critical=True),
        _extension("key_identifier", _identifier(key.public)),
    ]
    return _signed(name, name, key.public, key, serial, (not_before, not_after), extensions)


def signer_der(
    subject: Subject,
    public_key: PublicKey,
    issuer: Issuer,
    serial: int,
    not_before: datetime,
    not_after: datetime,
) -> bytes:
    """The DER of a signer's certificate; the issuer's name and key identifier are taken byte for byte."""
    extensions = [
        _extension("basic_constraints", {"ca": False}, critical=True),
        _extension("key_usage", {"digital_signature", "non_repudiation"}, critical=True),
        _extension("key_identifier", _identifier(public_key)),
    ]
    if issuer.key_identifier is not None:
        extensions.append(_extension("authority_key_identifier", {"key_identifier": issuer.key_identifier}))
    name = x509.Name.load(issuer.name)
    return _signed(_name(subject), name, public_key, issuer.key, serial, (not_before, not_after), extensions)


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: PublicKey,
    key: PrivateKey,
    serial: int,
    period: tuple[datetime, datetime],
    extensions: list[dict[str, Any]],
) -> bytes:
    if not 0 < serial < _SERIAL_LIMIT:
        raise FormatError("a serial number is positive and has at most 20 octets")
    algorithm = algos.SignedDigestAlgorithm({"algorithm": key.suite.signature_algorithm})
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": serial,
            "signature": algorithm,
            "issuer": issuer,
            "validity": {"not_before": _time(period[0]), "not_after": _time(period[1])},
            "subject": subject,
            "subject_public_key_info": keys.PublicKeyInfo.load(public_key.to_spki()),
            "extensions": extensions,
        }
    )
    signature = key.sign_der(tbs.dump())
    whole = {"tbs_certificate": tbs, "signature_algorithm": algorithm, "signature_value": signature}
    return bytes(x509.Certificate(whole).dump())


def _name(subject: Subject) -> x509.Name:
    parts = {
        "common_name": subject.common_name,
        "organization_name": subject.organization_name,
        "organization_identifier": subject.credit_code,
    }
    if not subject.common_name or any(len(value) > _LONGEST_NAME for value in parts.values()):
        raise FormatError(f"a certificate needs a name, and each part has at most {_LONGEST_NAME} characters")
    return x509.Name.build({name: value for name, value in parts.items() if value}, use_printable=False)


def _time(moment: datetime) -> x509.Time:
    if moment.tzinfo is None or moment.microsecond:
        raise FormatError("certificate times have a zone and no fraction of a second")
    kind = "utc_time" if moment.astimezone(UTC).year < _LAST_UTC_TIME else "general_time"
    return x509.Time(name=kind, value=moment.astimezone(UTC))


def _identifier(key: PublicKey) -> bytes:
    """RFC 7093 section 2, method 1, over the whole SubjectPublicKeyInfo."""
    return hashlib.sha256(key.to_spki()).digest()[:_IDENTIFIER_SIZE]


def _extension(name: str, value: Any, *, critical: bool = False) -> dict[str, Any]:
    return {"extn_id": name, "critical": critical, "extn_value": value}
