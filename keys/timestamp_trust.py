"""Whom a verifier of timestamps believes, and what a token that was believed proves.

Apart from `keys.timestamp`, which asks for tokens and judges them: its library is memory that whoever has none does without.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509

from keys.errors import FormatError

MOST_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Authorities:
    """The roots of the timestamp authorities that are trusted; their keys may be of any kind."""

    roots: tuple[x509.Certificate, ...] = field(repr=False)

    @classmethod
    def load(cls, bundle: bytes) -> "Authorities":
        """Read roots in PEM; raises FormatError."""
        try:
            return cls(tuple(x509.load_pem_x509_certificates(bundle)))
        except ValueError as error:
            raise FormatError("not certificates in PEM") from error


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A token (TimeStampToken, DER), the instant at which it proves that the data existed, and the name of who says so."""

    token: bytes = field(repr=False)
    proves: datetime
    authority: str
