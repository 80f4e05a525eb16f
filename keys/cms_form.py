"""The shapes of a detached CMS signature (RFC 5652) and its signed attributes (RFC 5035), read and written in strict DER.

Decides which bytes are such a signature at all. `asn1crypto` accepts BER and `cryptography` can only make PKCS#7 signatures,
with its own clock and without these attributes; its ASN.1 declarations do just what is needed and refuse everything that is
not DER. Two sets are read as lists, because OpenSSL does not sort them: certificates and unsigned attributes, which are not
signed as sets; written, they are in order.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final, TypeVar

from cryptography import x509
from cryptography.hazmat import asn1

from keys.der_writing import length_of
from keys.errors import FormatError

Oid = x509.ObjectIdentifier

DATA: Final = Oid("1.2.840.113549.1.7.1")
SIGNED_DATA: Final = Oid("1.2.840.113549.1.7.2")
CONTENT_TYPE: Final = Oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST: Final = Oid("1.2.840.113549.1.9.4")
SIGNING_TIME: Final = Oid("1.2.840.113549.1.9.5")
SIGNING_CERTIFICATE_V2: Final = Oid("1.2.840.113549.1.9.16.2.47")
SIGNATURE_TIMESTAMP: Final = Oid("1.2.840.113549.1.9.16.2.14")
SHA256: Final = Oid("2.16.840.1.101.3.4.2.1")
ECDSA_SHA256: Final = Oid("1.2.840.10045.4.3.2")

SUITE: Final = "ES256"
DIGEST: Final = "sha-256"
BY_ISSUER, BY_KEY = 1, 3
"""The versions that go with the two ways to name a signer (sections 5.1 and 5.3)."""

_LONG, _LENGTH_BYTES = 0x80, 0x7F  # X.690 section 8.1.3
UNREADABLE: Final = (ValueError, TypeError, OverflowError)
"""What the library raises for bytes that it cannot read."""

T = TypeVar("T")
Time = asn1.UTCTime | asn1.GeneralizedTime
_TIMES: Final[Mapping[bytes, type[Time]]] = MappingProxyType({b"\x17": asn1.UTCTime, b"\x18": asn1.GeneralizedTime})


@asn1.sequence
class Algorithm:
    """AlgorithmIdentifier (RFC 5280 section 4.1.1.2); parameters are absent, or NULL (RFC 5754 section 2)."""

    algorithm: Oid
    parameters: asn1.Null | None


@asn1.sequence
class Attribute:
    """Section 5.3."""

    kind: Oid
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class IssuerAndSerial:
    """Section 10.2.4."""

    issuer: asn1.TLV
    serial: int


@asn1.sequence
class SignerInfo:
    """Section 5.3; the signer is named by issuer and serial number, or by key identifier."""

    version: int
    signer: IssuerAndSerial | Annotated[bytes, asn1.Implicit(0)]
    digest_algorithm: Algorithm
    signed_attributes: Annotated[asn1.SetOf[Attribute], asn1.Implicit(0)]
    signature_algorithm: Algorithm
    signature: bytes
    unsigned_attributes: Annotated[list[Attribute] | None, asn1.Implicit(1)]


@asn1.sequence
class Encapsulated:
    """Section 5.2; the content of a detached signature is elsewhere."""

    kind: Oid
    content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    """Section 5.1, without revocation lists: those come by another way."""

    version: int
    digest_algorithms: asn1.SetOf[Algorithm]
    encapsulated: Encapsulated
    certificates: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    signers: asn1.SetOf[SignerInfo]


@asn1.sequence
class ContentInfo:
    """Section 3."""

    kind: Oid
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class CertificateIdentifier:
    """ESSCertIDv2 (RFC 5035 section 4); the algorithm is left out for SHA-256."""

    algorithm: Algorithm | None
    digest: bytes
    issuer_and_serial: list[asn1.TLV] | None


@asn1.sequence
class SigningCertificate:
    """SigningCertificateV2 (RFC 5035 section 3), the signer's own certificate first."""

    certificates: list[CertificateIdentifier]
    policies: list[asn1.TLV] | None


@asn1.sequence
class _Attributes:
    """The set as a field, because the library takes it only as one."""

    attributes: asn1.SetOf[Attribute]


Attributes = asn1.SetOf[Attribute]


@asn1.sequence
class _Any:
    """Anything as a field, for the same reason."""

    element: asn1.TLV


def decode(kind: type[T], der: bytes) -> T:
    """The value of a kind; raises FormatError unless it is strict DER of it, and nothing else."""
    try:
        return asn1.decode_der(kind, der)
    except UNREADABLE as error:
        raise FormatError("not strict DER of a CMS signature") from error


def element(der: bytes) -> asn1.TLV:
    """One DER element, to be put where anything may stand; raises FormatError."""
    return decode(asn1.TLV, der)


def der_of(found: asn1.TLV) -> bytes:
    """The bytes of an element that was read: DER has one spelling for them."""
    content = bytes(found.data)
    return found.tag_bytes + length_of(content) + content


def attribute(kind: Oid, value: bytes) -> Attribute:
    """An attribute with one value, given as DER."""
    return Attribute(kind=kind, values=asn1.SetOf([element(value)]))


def only_element(found: Attribute) -> asn1.TLV:
    """The only value of an attribute; raises FormatError."""
    values = found.values.as_list()
    if len(values) != 1:
        raise FormatError("an attribute has exactly one value")
    return values[0]


def only_value(found: Attribute, kind: type[T]) -> T:
    """The only value of an attribute, of this kind; raises FormatError."""
    return _parsed(only_element(found), kind)


def only_time(found: Attribute) -> datetime:
    """The only value of an attribute, a Time (section 11.3); raises FormatError."""
    only = only_element(found)
    return _parsed(only, _TIMES.get(only.tag_bytes, asn1.UTCTime)).as_datetime()


def signed_bytes(attributes: Attributes) -> bytes:
    """The attributes as they are signed: a SET OF, not the [0] of the structure (section 5.4)."""
    return _inside(asn1.encode_der(_Attributes(attributes=attributes)))


def attributes_in(signed: bytes) -> Attributes:
    """The attributes in what is signed; raises FormatError."""
    return decode(_Attributes, asn1.encode_der(_Any(element=element(signed)))).attributes


def _parsed(found: asn1.TLV, kind: type[T]) -> T:
    try:
        value: T = found.parse(kind)
    except UNREADABLE as error:
        raise FormatError("not the value that its attribute has") from error
    return value


def _inside(der: bytes) -> bytes:
    """What stands in an element that was just written: all after its tag and length."""
    return der[2 + (der[1] & _LENGTH_BYTES if der[1] & _LONG else 0) :]
