"""An electronic seal (SES_Seal) as it was made: reading versions 1 and 4, and keeping the bytes that its maker signed.

Version 4 is GB/T 38540-2020, version 1 GM/T 0031-2014; a seal of any other version is refused by name. Reading decides nothing about
trust: that is `keys.seal_verification`. What the maker signed is the original bytes: SES_SealInfo in version 4; in version 1 the
SEQUENCE of SES_SealInfo, the maker's certificate and the algorithm.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from keys.der_writing import sequence
from keys.elliptic import ES256
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.ses_form import (
    BY_CERTIFICATE,
    BY_DIGEST,
    LARGEST,
    LARGEST_CERTIFICATE,
    LARGEST_DIGEST,
    LARGEST_KIND,
    LARGEST_PICTURE,
    LARGEST_SIGNATURE,
    LONGEST_SIDE,
    LONGEST_TEXT,
    MOST_SIGNERS,
    SEAL_MARK,
    CertificateDigest,
    Picture,
    SealContent,
    read_extensions,
    visible,
)
from keys.sm2 import SM2_SM3
from keys.strict_der import Reader, Tag, read

_Listed = tuple[tuple[bytes, ...], tuple[CertificateDigest, ...]]
LARGEST_REMEMBERED: Final = 64 << 10

DIGEST_KINDS: Final = MappingProxyType({
    **dict.fromkeys(("SM3", "1.2.156.10197.1.401"), SM2_SM3),
    **dict.fromkeys(("SHA256", "SHA-256", "2.16.840.1.101.3.4.2.1"), ES256),
})  # fmt: skip
"""Names of digests of certificates, in capitals: the standard leaves them open."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal; nothing in it is believed before it has been verified. `maker` is the certificate of who made it, DER."""

    version: int
    content: SealContent
    maker: bytes = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    der: bytes = field(repr=False)


def parse_seal(data: bytes) -> Seal:
    """Read one seal; raises FormatError, which names the version if it is not one that is read."""
    return read(data, read_seal, LARGEST)


def read_seal(reader: Reader) -> Seal:
    """The seal that comes next; raises FormatError. One seal signs many documents: it is taken apart once."""
    whole = reader.whole(Tag.SEQUENCE)
    return _seal(whole) if len(whole) <= LARGEST_REMEMBERED else _seal.__wrapped__(whole)


@lru_cache(maxsize=128)
def _seal(whole: bytes) -> Seal:
    return Seal(*read(whole, lambda reader: reader.inside(Tag.SEQUENCE, _parts), LARGEST), whole)


def known_version(version: int) -> int:
    """The version, if it is read here; raises FormatError that tells which it is."""
    if version not in _LAYOUTS:
        raise FormatError(f"version {version} of electronic seals is not read here: versions {_VERSIONS} are")
    return version


def check_listed(content: SealContent, certificate: bytes) -> str:
    """Tell how the seal lists the signer's certificate (DER): by its bytes or by a digest.

    Raises VerificationError when it does not, or UncheckableError when it may, under a digest that has no known name.
    """
    if certificate in content.certificates:
        return "certificate"
    suites = [DIGEST_KINDS.get(one.kind.upper()) for one in content.digests]
    if any(row and row.digest(certificate) == one.value for row, one in zip(suites, content.digests, strict=True)):
        return "digest"
    if None in suites:
        raise UncheckableError("the seal lists a signer by a digest of unknown name")
    raise VerificationError("the seal does not list the signer's certificate", SubIndication.SIG_CONSTRAINTS_FAILURE)


@dataclass(frozen=True, slots=True)
class _Proof:
    maker: bytes
    algorithm: str
    signature: bytes
    covered: bytes  # certificate and algorithm as they stand


@dataclass(frozen=True, slots=True)
class _Layout:
    """What differs between versions."""

    listed: Callable[[Reader], _Listed]
    time: Callable[[Reader], datetime]
    proof: Callable[[Reader], _Proof]
    signed: Callable[[bytes, _Proof], bytes]


def _parts(reader: Reader) -> tuple[int, SealContent, bytes, str, bytes, bytes]:
    place = reader.place
    version, content = reader.inside(Tag.SEQUENCE, _info)
    info, layout = reader.since(place), _LAYOUTS[version]
    proof = layout.proof(reader)
    return version, content, proof.maker, proof.algorithm, proof.signature, layout.signed(info, proof)


def _info(reader: Reader) -> tuple[int, SealContent]:
    version, vendor = reader.inside(Tag.SEQUENCE, _header)
    es_id = visible(reader.ia5(LONGEST_TEXT))
    kind, name, listed, times = reader.inside(Tag.SEQUENCE, lambda inner: _property(inner, _LAYOUTS[version]))
    picture = reader.inside(Tag.SEQUENCE, _picture)
    return version, SealContent(vendor, es_id, kind, name, *times, picture, *listed, read_extensions(reader))


def _header(reader: Reader) -> tuple[int, str]:
    if reader.ia5(LONGEST_TEXT) != SEAL_MARK:
        raise FormatError("not an electronic seal: it does not begin with ES")
    return known_version(reader.integer(0, LARGEST_KIND)), visible(reader.ia5(LONGEST_TEXT))


def _property(reader: Reader, layout: _Layout) -> tuple[int, str, _Listed, tuple[datetime, datetime, datetime]]:
    kind, name = reader.integer(0, LARGEST_KIND), visible(reader.utf8(LONGEST_TEXT))
    listed = layout.listed(reader)
    if not any(listed):
        raise FormatError("a seal lists nobody who may sign under it")
    return kind, name, listed, (layout.time(reader), layout.time(reader), layout.time(reader))


def _picture(reader: Reader) -> Picture:
    kind, data = visible(reader.ia5(LONGEST_TEXT)), reader.octets(LARGEST_PICTURE)
    if not data:
        raise FormatError("a seal has an empty picture")
    return Picture(kind, data, reader.integer(1, LONGEST_SIDE), reader.integer(1, LONGEST_SIDE))


def _listed_by_kind(reader: Reader) -> _Listed:
    """SES_CertList is a CHOICE of two lists that look alike from outside: certListType tells which it is."""
    if reader.integer(BY_CERTIFICATE, BY_DIGEST) == BY_CERTIFICATE:
        return _listed_by_certificate(reader)
    return (), reader.each(Tag.SEQUENCE, _digest, MOST_SIGNERS)


def _listed_by_certificate(reader: Reader) -> _Listed:
    return reader.each(Tag.SEQUENCE, _certificate, MOST_SIGNERS), ()


def _digest(reader: Reader) -> CertificateDigest:
    return reader.inside(
        Tag.SEQUENCE, lambda one: CertificateDigest(visible(one.printable(LONGEST_TEXT)), one.octets(LARGEST_DIGEST))
    )


def _certificate(reader: Reader) -> bytes:
    return reader.octets(LARGEST_CERTIFICATE)


def _proof(reader: Reader) -> _Proof:
    place = reader.place
    maker, algorithm = _certificate(reader), reader.identifier()
    covered = reader.since(place)
    return _Proof(maker, algorithm, reader.bits(LARGEST_SIGNATURE), covered)


_LAYOUTS: Final = MappingProxyType({
    1: _Layout(
        listed=_listed_by_certificate,
        time=Reader.utc_time,
        proof=lambda reader: reader.inside(Tag.SEQUENCE, _proof),
        signed=lambda info, proof: sequence(info, proof.covered),
    ),
    4: _Layout(
        listed=_listed_by_kind,
        time=Reader.generalized_time,
        proof=_proof,
        signed=lambda info, _: info,
    ),
})  # fmt: skip
_VERSIONS: Final = " and ".join(map(str, _LAYOUTS))
