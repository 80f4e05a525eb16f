"""What an electronic seal says, and how large it may be: the parts of SES_Seal and SES_Signature that both share.

Structures of GB/T 38540-2020 (version 4), in the wording of GM/T 0031-2014 (version 1) where that differs. Decides bounds and
suites: SM2-SM3 is the standard's own; ES256 in the same structure is this product's, outside the standard. How seals are read is in
`keys.ses_seal`, how signatures are in `keys.ses_signature`, how both are made in `keys.ses_making`.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from keys import der_writing as der
from keys.contracts import Suite
from keys.elliptic import ES256
from keys.errors import FormatError, UncheckableError
from keys.sm2 import SM2_SM3
from keys.strict_der import Reader, Tag

WRITTEN_VERSION: Final = 4
SEAL_MARK: Final = "ES"
BY_CERTIFICATE: Final = 1  # certListType
BY_DIGEST: Final = 2

SES_SUITES: Final = MappingProxyType({row.signature_algorithm: row for row in (SM2_SM3, ES256)})
"""The suites of seals by their signature's object identifier."""

LARGEST: Final = 4 << 20
LARGEST_PICTURE: Final = 1 << 20
LONGEST_SIDE: Final = 1000  # millimetres
MOST_SIGNERS: Final = 64
LARGEST_CERTIFICATE: Final = 16 << 10
MOST_EXTENSIONS: Final = 32
LARGEST_EXTENSION: Final = 64 << 10
LARGEST_TIMESTAMP: Final = 64 << 10
LONGEST_TEXT: Final = 256  # bytes: identifiers, names, kinds
LONGEST_PROPERTY_INFO: Final = 4096
LARGEST_SIGNATURE: Final = 128
LARGEST_DIGEST: Final = 64
LARGEST_KIND: Final = (1 << 31) - 1

_UNSEEN: Final = frozenset({"Cc", "Cf"})  # a name that reads backwards, or clears the screen it is shown on


@dataclass(frozen=True, slots=True)
class Picture:
    """What the seal looks like: `kind` as PNG or ofd, width and height in millimetres."""

    kind: str
    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Extension:
    """Something of its maker's own; nobody here understands one, so a critical one leaves a verification open."""

    identifier: str
    value: bytes = field(repr=False)
    critical: bool = False


@dataclass(frozen=True, slots=True)
class CertificateDigest:
    """A signer's certificate by its digest; `kind` names the digest and is the maker's choice by the standard."""

    kind: str
    value: bytes


@dataclass(frozen=True, slots=True)
class SealContent:
    """All that a maker says of a seal (SES_SealInfo); times are aware and to the second.

    Who may sign under it stands in `certificates` (DER, certListType 1) or in `digests` (certListType 2), never in both. `vendor` is
    Vid, `kind` is the property's type: its values are the maker's business.
    """

    vendor: str
    es_id: str
    kind: int
    name: str
    created_at: datetime
    valid_from: datetime
    valid_until: datetime
    picture: Picture
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    digests: tuple[CertificateDigest, ...] = ()
    extensions: tuple[Extension, ...] = ()


def suite_of(algorithm: str) -> Suite:
    """The suite of a signature's object identifier; raises UncheckableError."""
    row = SES_SUITES.get(algorithm)
    if row is None:
        raise UncheckableError("no suite of electronic seals has this signature algorithm")
    return row


def visible(text: str) -> str:
    """The text, if it is there and holds no control or format character; raises FormatError."""
    seen = text.isprintable() if text.isascii() else not any(unicodedata.category(one) in _UNSEEN for one in text)
    if not text or not seen:
        raise FormatError("a name or identifier in a seal is empty or holds characters that cannot be seen")
    return text


def extensions_der(extensions: tuple[Extension, ...]) -> bytes:
    """The DER of ExtensionDatas: `critical` only where it is true."""
    return der.sequence(*(
        der.sequence(
            der.identifier(one.identifier),
            der.element(Tag.BOOLEAN, b"\xff") if one.critical else b"",
            der.octets(one.value),
        )
        for one in extensions
    ))  # fmt: skip


def read_extensions(reader: Reader) -> tuple[Extension, ...]:
    """ExtensionDatas where they stand last, or none.

    The standard's text leaves the tag open and makers differ: plain, [0] EXPLICIT and [0] IMPLICIT are read in either structure; no
    bytes are both. Raises FormatError, also for an extension that comes twice: it would say two things.
    """
    if reader.coming() is None:
        return ()
    if reader.coming() == Tag.CONTEXT_0:
        return _once(_tagged(reader))
    return _once(reader.each(Tag.SEQUENCE, _extension, MOST_EXTENSIONS))


def _tagged(reader: Reader) -> tuple[Extension, ...]:
    """EXPLICIT holds one list of extensions, IMPLICIT the extensions themselves."""
    found = reader.each(Tag.CONTEXT_0, lambda one: one.inside(Tag.SEQUENCE, _list_or_one), MOST_EXTENSIONS)
    if len(found) == 1 and isinstance(found[0], tuple):
        return found[0]
    alone = tuple(one for one in found if isinstance(one, Extension))
    if len(alone) != len(found):
        raise FormatError("an extension of a seal is not identifier, critical and value")
    return alone


def _list_or_one(reader: Reader) -> tuple[Extension, ...] | Extension:
    """An extension begins with its identifier, a list with an extension, or it is empty."""
    if reader.coming() in {None, Tag.SEQUENCE}:
        return reader.rest(_extension, MOST_EXTENSIONS)
    return _members(reader)


def _extension(reader: Reader) -> Extension:
    return reader.inside(Tag.SEQUENCE, _members)


def _members(reader: Reader) -> Extension:
    """`critical` is DEFAULT FALSE, which DER leaves out; real seals spell it out, so both are read."""
    identifier = reader.identifier()
    critical = reader.coming() == Tag.BOOLEAN and reader.boolean()
    return Extension(identifier, reader.octets(LARGEST_EXTENSION), critical)


def _once(extensions: tuple[Extension, ...]) -> tuple[Extension, ...]:
    if len({one.identifier for one in extensions}) != len(extensions):
        raise FormatError("an extension of a seal comes twice")
    return extensions
