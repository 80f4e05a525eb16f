"""An electronic signature under a seal (SES_Signature) as it was made: reading versions 1 and 4, keeping the bytes that were signed.

What the signer signed is the original TBS_Sign, the whole seal included. Version 1 (GM/T 0031-2014) holds certificate and algorithm
within TBS_Sign, and its time as a BIT STRING: a UTCTime, or a timestamp, which is not read here and leaves the time unknown. Reading
decides nothing about trust: that is `keys.ses_verification`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from keys.errors import FormatError
from keys.ses_form import (
    LARGEST,
    LARGEST_CERTIFICATE,
    LARGEST_DIGEST,
    LARGEST_KIND,
    LARGEST_SIGNATURE,
    LARGEST_TIMESTAMP,
    LONGEST_PROPERTY_INFO,
    Extension,
    read_extensions,
    visible,
)
from keys.ses_seal import Seal, known_version, read_seal
from keys.strict_der import Reader, Tag, read


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a signer says (TBS_Sign): this document, under this seal, at this time. `der` is what is signed.

    `property_info` tells which range of the document is protected, in the maker's own form.
    """

    version: int
    seal: Seal
    signed_at: datetime | None
    data_hash: bytes
    property_info: str
    extensions: tuple[Extension, ...]
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SesSignature:
    """A signature under a seal; nothing in it is believed before it has been verified.

    `certificate` is the signer's (DER); `timestamp` the bytes of an RFC 3161 token over `value`.
    """

    sealing: Sealing
    certificate: bytes = field(repr=False)
    algorithm: str
    value: bytes = field(repr=False)
    timestamp: bytes | None = field(repr=False)
    der: bytes = field(repr=False)


def parse_signature(data: bytes) -> SesSignature:
    """Read one signature; raises FormatError, which names the version if it is not one that is read."""
    return read(data, _signature, LARGEST)


_Signer = tuple[bytes, str]


@dataclass(frozen=True, slots=True)
class _Layout:
    """What differs between versions: the time, what ends TBS_Sign, and what follows it."""

    time: Callable[[Reader], datetime | None]
    ending: Callable[[Reader], tuple[tuple[Extension, ...], _Signer | None]]
    timestamp: Callable[[Reader], bytes | None]


def _signature(reader: Reader) -> SesSignature:
    place = reader.place
    parts = reader.inside(Tag.SEQUENCE, _parts)
    return SesSignature(*parts, reader.since(place))


def _parts(reader: Reader) -> tuple[Sealing, bytes, str, bytes, bytes | None]:
    sealing, signer = _sealing(reader)
    certificate, algorithm = signer or _signer(reader)
    value = reader.bits(LARGEST_SIGNATURE)
    return sealing, certificate, algorithm, value, _LAYOUTS[sealing.version].timestamp(reader)


def _sealing(reader: Reader) -> tuple[Sealing, _Signer | None]:
    place = reader.place
    version, seal, signed_at, data_hash, property_info, (extensions, signer) = reader.inside(Tag.SEQUENCE, _members)
    der = reader.since(place)
    return Sealing(version, seal, signed_at, data_hash, property_info, extensions, der), signer


def _members(
    reader: Reader,
) -> tuple[int, Seal, datetime | None, bytes, str, tuple[tuple[Extension, ...], _Signer | None]]:
    version = known_version(reader.integer(0, LARGEST_KIND))
    seal, layout = read_seal(reader), _LAYOUTS[version]
    if seal.version != version:
        raise FormatError(f"a signature of version {version} under a seal of version {seal.version}")
    signed_at, data_hash = layout.time(reader), reader.bits(LARGEST_DIGEST)
    property_info = reader.ia5(LONGEST_PROPERTY_INFO)
    if property_info:
        visible(property_info)
    return version, seal, signed_at, data_hash, property_info, layout.ending(reader)


def _signer(reader: Reader) -> _Signer:
    return reader.octets(LARGEST_CERTIFICATE), reader.identifier()


def _time_in_bits(reader: Reader) -> datetime | None:
    """The UTCTime that version 1 wraps; None for anything else, a timestamp for one."""
    wrapped = reader.bits(LARGEST_TIMESTAMP)
    return read(wrapped, Reader.utc_time, LARGEST_TIMESTAMP) if wrapped[:1] == bytes((Tag.UTC_TIME,)) else None


def _timestamp(reader: Reader) -> bytes | None:
    """The token, where there is one: [0] EXPLICIT is written; [0] IMPLICIT and no tag at all are read too."""
    if reader.coming() is None:
        return None
    if reader.coming() == Tag.CONTEXT_0:
        return reader.inside(Tag.CONTEXT_0, lambda inner: inner.bits(LARGEST_TIMESTAMP))
    tag = Tag.CONTEXT_0_PRIMITIVE if reader.coming() == Tag.CONTEXT_0_PRIMITIVE else Tag.BIT_STRING
    return reader.bits(LARGEST_TIMESTAMP, tag)


_LAYOUTS: Final = MappingProxyType({
    1: _Layout(_time_in_bits, lambda reader: ((), _signer(reader)), lambda _: None),
    4: _Layout(Reader.generalized_time, lambda reader: (read_extensions(reader), None), _timestamp),
})  # fmt: skip
