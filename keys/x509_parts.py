"""What certificates, revocation lists and certificate requests have in common, as asn1crypto writes it.

Decides how a name, a time, an extension, a serial number and a signature look (RFC 5280 sections 4.1 and 4.2, appendix A).
Names are UTF8String, times have a zone and no fraction of a second, and every signature is the suite's own; SM2 is always
under the default user ID, because `keys.libcrypto` knows no other.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from asn1crypto import algos, core, x509

from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError
from keys.moments import LAST_UTC_YEAR, to_second

SERIAL_LIMIT: Final = 1 << 159
"""RFC 5280 section 4.1.2.2: at most 20 octets."""

_IDENTIFIER_SIZE: Final = 20
_LONGEST_NAME: Final = 64  # RFC 5280 appendix A: ub-common-name, ub-organization-name


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate names; the credit code is its organizationIdentifier (2.5.4.97)."""

    common_name: str
    organization_name: str = ""
    credit_code: str = ""


class _Signed(core.Sequence):  # type: ignore[misc]
    """Section 4.1: Certificate, CertificateList and CertificationRequest alike."""

    _fields: ClassVar = [
        ("body", core.Any),
        ("algorithm", algos.SignedDigestAlgorithm),
        ("signature", core.OctetBitString),
    ]


def name_of(subject: Subject) -> x509.Name:
    """The distinguished name; raises FormatError when a part is missing or too long."""
    parts = {
        "common_name": subject.common_name,
        "organization_name": subject.organization_name,
        "organization_identifier": subject.credit_code,
    }
    if not subject.common_name or any(len(value) > _LONGEST_NAME for value in parts.values()):
        raise FormatError(f"a certificate needs a name, and each part has at most {_LONGEST_NAME} characters")
    try:
        return x509.Name.build({name: value for name, value in parts.items() if value}, use_printable=False)
    except ValueError as error:  # half a character, which no encoding has
        raise FormatError("a part of the name cannot be written") from error


def time_of(moment: datetime) -> x509.Time:
    """UTCTime through 2049, GeneralizedTime later; raises FormatError without a zone or with a fraction."""
    utc = to_second(moment)
    return x509.Time(name="utc_time" if utc.year <= LAST_UTC_YEAR else "general_time", value=utc)


def checked_serial(serial: int) -> int:
    """The serial number, if it is one; raises FormatError."""
    if not 0 < serial < SERIAL_LIMIT:
        raise FormatError("a serial number is positive and has at most 20 octets")
    return serial


def identifier_of(key: PublicKey) -> bytes:
    """RFC 7093 section 2, method 1, over the whole SubjectPublicKeyInfo."""
    return hashlib.sha256(key.to_spki()).digest()[:_IDENTIFIER_SIZE]


def extension(name: str, value: Any, *, critical: bool = False) -> dict[str, Any]:
    """One extension, by the library's name for it."""
    return {"extn_id": name, "critical": critical, "extn_value": value}


def algorithm_of(key: PrivateKey) -> algos.SignedDigestAlgorithm:
    """The AlgorithmIdentifier of a key's signatures."""
    return algos.SignedDigestAlgorithm({"algorithm": key.suite.signature_algorithm})


def signed(body: core.Sequence, key: PrivateKey) -> bytes:
    """The DER of SEQUENCE{body, algorithm, signature}, the shape in which X.509 and PKCS#10 sign."""
    signature = key.sign_der(body.dump())
    return bytes(_Signed({"body": body, "algorithm": algorithm_of(key), "signature": signature}).dump())
