"""Making electronic seals and signatures under them: version 4 of GB/T 38540-2020, and no other.

A maker's key signs a seal, a signer's key signs a document's digest under a seal. Each is one step where the key is at hand, or two
where its owner keeps it: what `prepare` gives is signed elsewhere, and `complete` takes the value only if it verifies. Decides that
nothing leaves which this package would not read. Whether the seal is good today, and may be used, is its owner's service to know.
"""

from datetime import datetime

from keys import der_writing as der
from keys.certificates import Certificate
from keys.contracts import PrivateKey
from keys.errors import FormatError, UncheckableError
from keys.ses_form import (
    BY_CERTIFICATE,
    BY_DIGEST,
    LARGEST_TIMESTAMP,
    SEAL_MARK,
    SES_SUITES,
    WRITTEN_VERSION,
    Extension,
    SealContent,
    extensions_der,
)
from keys.ses_seal import Seal, check_listed, parse_seal
from keys.ses_signature import SesSignature, parse_signature
from keys.strict_der import Tag


def prepare_seal(content: SealContent) -> bytes:
    """The bytes that the maker's key signs (SES_SealInfo); raises FormatError."""
    return der.sequence(
        der.sequence(der.ia5(SEAL_MARK), der.integer(WRITTEN_VERSION), der.ia5(content.vendor)),
        der.ia5(content.es_id),
        _property(content),
        der.sequence(
            der.ia5(content.picture.kind),
            der.octets(content.picture.data),
            der.integer(content.picture.width),
            der.integer(content.picture.height),
        ),
        extensions_der(content.extensions) if content.extensions else b"",
    )


def complete_seal(info: bytes, maker: Certificate, signature: bytes) -> Seal:
    """The seal, of what was prepared and the maker's signature (DER) over it.

    Raises FormatError, VerificationError when the signature is not the maker's, UncheckableError for a suite without seals.
    """
    seal = _seal(info, maker, signature)
    maker.public_key.verify_der(signature, info)
    return seal


def make_seal(content: SealContent, maker: Certificate, key: PrivateKey) -> Seal:
    """The seal, signed by the maker's own key; raises as `complete_seal` does."""
    info = prepare_seal(content)
    return _seal(info, maker, _own(key, maker).sign_der(info))


def prepare(
    seal: Seal, signed_at: datetime, data_hash: bytes, property_info: str, extensions: tuple[Extension, ...] = ()
) -> bytes:
    """The bytes that the signer's key signs (TBS_Sign).

    `signed_at` is aware and to the second; `data_hash` is the digest of the protected range under the signer's suite. Raises
    FormatError.
    """
    if seal.version != WRITTEN_VERSION:
        raise FormatError("seals of older versions are read, and nothing new is signed under them")
    return der.sequence(
        der.integer(WRITTEN_VERSION),
        seal.der,
        der.generalized_time(signed_at),
        der.bits(data_hash),
        der.ia5(property_info),
        der.element(Tag.CONTEXT_0, extensions_der(extensions)) if extensions else b"",
    )


def complete(prepared: bytes, certificate: Certificate, signature: bytes) -> SesSignature:
    """The signature, of what was prepared and the value (DER) that the signer's key made of it.

    Raises FormatError, VerificationError when the value is not that key's or the seal does not list its certificate, or
    UncheckableError.
    """
    made = _signature(prepared, certificate, signature)
    certificate.public_key.verify_der(signature, prepared)
    return made


def sign(
    seal: Seal,
    signed_at: datetime,
    data_hash: bytes,
    property_info: str,
    certificate: Certificate,
    key: PrivateKey,
    extensions: tuple[Extension, ...] = (),
) -> SesSignature:
    """The signature, by the signer's own key; raises as `prepare` and `complete` do."""
    prepared = prepare(seal, signed_at, data_hash, property_info, extensions)
    return _signature(prepared, certificate, _own(key, certificate).sign_der(prepared))


def with_timestamp(signature: SesSignature, token: bytes) -> SesSignature:
    """The signature with an RFC 3161 token over its value in [0]; raises FormatError if it has one already."""
    if signature.timestamp is not None or not 0 < len(token) <= LARGEST_TIMESTAMP:
        raise FormatError("the signature has a timestamp already, or the token is empty or too large")
    return parse_signature(
        der.sequence(
            signature.sealing.der,
            der.octets(signature.certificate),
            der.identifier(signature.algorithm),
            der.bits(signature.value),
            der.element(Tag.CONTEXT_0, der.bits(token)),
        )
    )


def _property(content: SealContent) -> bytes:
    by_certificate = bool(content.certificates)
    if by_certificate == bool(content.digests):
        raise FormatError("a seal lists its signers by certificates or by digests: by one of the two")
    listed = (*map(der.octets, content.certificates), *(
        der.sequence(der.printable(one.kind), der.octets(one.value)) for one in content.digests
    ))  # fmt: skip
    times = [der.generalized_time(one) for one in (content.created_at, content.valid_from, content.valid_until)]
    if times[2] < times[1]:  # written as they are, times sort as text
        raise FormatError("a seal's validity ends before it begins")
    return der.sequence(
        der.integer(content.kind),
        der.utf8(content.name),
        der.integer(BY_CERTIFICATE if by_certificate else BY_DIGEST),
        der.sequence(*listed),
        *times,
    )


def _seal(info: bytes, maker: Certificate, value: bytes) -> Seal:
    return parse_seal(der.sequence(info, *_proof(maker, value)))


def _signature(prepared: bytes, certificate: Certificate, value: bytes) -> SesSignature:
    made = parse_signature(der.sequence(prepared, *_proof(certificate, value)))
    check_listed(made.sealing.seal.content, certificate.der)
    return made


def _proof(certificate: Certificate, value: bytes) -> tuple[bytes, bytes, bytes]:
    return der.octets(certificate.der), der.identifier(_algorithm(certificate)), der.bits(value)


def _algorithm(certificate: Certificate) -> str:
    algorithm = certificate.public_key.suite.signature_algorithm
    if algorithm not in SES_SUITES:
        raise UncheckableError("electronic seals are made with SM2-SM3 or ES256 only")
    return algorithm


def _own(key: PrivateKey, certificate: Certificate) -> PrivateKey:
    if key.public != certificate.public_key:
        raise FormatError("the key does not belong to the certificate")
    return key
