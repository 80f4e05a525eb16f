"""A detached CMS signature taken apart (RFC 5652), for who will verify it: nothing in it is believed yet.

Decides which signatures can be judged here: one signer with a certificate of ours, ES256, signed attributes. It must leave no
byte that changes without notice: what is neither signed nor understood is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from keys import cms_form as form
from keys.certificates import Certificate
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError

MOST_BYTES: Final = 1 << 20
_MOST_CERTIFICATES: Final = 10
_REQUIRED: Final = (form.CONTENT_TYPE, form.MESSAGE_DIGEST, form.SIGNING_TIME)
_IMPLICIT_0: Final = b"\xa0"

_loaded: Final = lru_cache(maxsize=256)(Certificate.load)
"""One signer signs many files: his certificates are read once."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature taken apart; believe nothing of it before it is verified.

    `signed_bytes` are the attributes as they were signed (section 5.4). `named_digest` is the SHA-256 of the certificate
    that they name, if they name one.
    """

    signer: Certificate
    others: tuple[Certificate, ...]
    digest: bytes
    signing_time: datetime
    named_digest: bytes | None
    signed_bytes: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    timestamp: bytes | None = field(repr=False)


def read(der: bytes) -> Signed:
    """Take a detached signature apart without believing it.

    Raises:
        FormatError: not strict DER, not one signer, not detached, or attributes that are missing, doubled or contradict.
        UncheckableError: other algorithms than ES256's.
    """
    if len(der) > MOST_BYTES:
        raise FormatError("the signature is too large")
    whole = form.decode(form.ContentInfo, der)
    content, signers = whole.content, whole.content.signers.as_list()
    if whole.kind != form.SIGNED_DATA or content.encapsulated.kind != form.DATA or len(signers) != 1:
        raise FormatError("not a CMS signature of a file by one signer")
    if content.encapsulated.content is not None:
        raise FormatError("the signature is not detached: it holds the content")
    (info,) = signers
    _check_algorithms(content, info)
    attributes = checked(info.signed_attributes)
    signer, others = _signer(content, info)
    return Signed(
        signer=signer,
        others=others,
        digest=form.only_value(attributes[form.MESSAGE_DIGEST], bytes),
        signing_time=form.only_time(attributes[form.SIGNING_TIME]),
        named_digest=named_digest(attributes),
        signed_bytes=_signed_bytes(der, info),
        signature=info.signature,
        timestamp=_timestamp(info),
    )


def checked(attributes: form.Attributes) -> dict[form.Oid, form.Attribute]:
    """The signed attributes by kind; section 11: each once, the content type that of a file. Raises FormatError."""
    listed = attributes.as_list()
    found = {one.kind: one for one in listed}
    if len(found) != len(listed) or any(kind not in found for kind in _REQUIRED):
        raise FormatError("a signed attribute is missing or doubled")
    if form.only_value(found[form.CONTENT_TYPE], form.Oid) != form.DATA:
        raise FormatError("the signed content type is not that of a file")
    return found


def named_digest(attributes: Mapping[form.Oid, form.Attribute]) -> bytes | None:
    """The SHA-256 of the certificate that they name, the first one listed (RFC 5035 section 3); None: they name none."""
    if form.SIGNING_CERTIFICATE_V2 not in attributes:
        return None
    listed = form.only_value(attributes[form.SIGNING_CERTIFICATE_V2], form.SigningCertificate).certificates
    if not listed:
        raise FormatError("no signing certificate is named")
    if listed[0].algorithm is not None:
        raise UncheckableError("the signing certificate is named by another digest than SHA-256")
    return listed[0].digest


def _signed_bytes(der: bytes, info: form.SignerInfo) -> bytes:
    """Section 5.4: the set as it stands in the signature, under its own tag."""
    found = form.signed_bytes(info.signed_attributes)
    if _IMPLICIT_0 + found[1:] not in der:  # DER has one spelling, so that it is there is a matter of course
        raise FormatError("the signed attributes are not as they were signed")
    return found


def _check_algorithms(content: form.SignedData, info: form.SignerInfo) -> None:
    digests = {info.digest_algorithm.algorithm, *(one.algorithm for one in content.digest_algorithms.as_list())}
    if digests != {form.SHA256} or info.signature_algorithm.algorithm != form.ECDSA_SHA256:
        raise UncheckableError(f"the signature is not under {form.SUITE}")
    if info.signature_algorithm.parameters is not None:  # RFC 5758 section 3.2
        raise FormatError("the signature algorithm has no parameters")


def _signer(content: form.SignedData, info: form.SignerInfo) -> tuple[Certificate, tuple[Certificate, ...]]:
    """The certificate that the signer's name means, and the others; sections 5.1 and 5.3 on versions."""
    named, by_issuer = info.signer, isinstance(info.signer, form.IssuerAndSerial)
    if {content.version, info.version} != {form.BY_ISSUER if by_issuer else form.BY_KEY}:
        raise FormatError("the version is not that of the way the signer is named")
    certificates = content.certificates or []
    if len(certificates) > _MOST_CERTIFICATES:
        raise FormatError(f"more than {_MOST_CERTIFICATES} certificates")
    listed = [_loaded(form.der_of(one)) for one in certificates]
    mine = [one for one in listed if _means(named, one)]
    if len(mine) != 1:
        raise VerificationError("the signer's certificate is not in it", SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    return mine[0], tuple(one for one in listed if one is not mine[0])


def _means(named: form.IssuerAndSerial | bytes, certificate: Certificate) -> bool:
    if isinstance(named, bytes):
        return named == certificate.key_identifier
    return (form.der_of(named.issuer), named.serial) == (certificate.issuer_name, certificate.serial)


def _timestamp(info: form.SignerInfo) -> bytes | None:
    """The only attribute that is understood beside the signed ones: a timestamp of the signature value, once."""
    unsigned = info.unsigned_attributes
    if unsigned is None:
        return None
    if [one.kind for one in unsigned] != [form.SIGNATURE_TIMESTAMP]:
        raise UncheckableError("the signature has unsigned attributes that are not understood")
    return form.der_of(form.only_element(unsigned[0]))
