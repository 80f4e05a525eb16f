"""RFC 3161 timestamps of SHA-256: a request to send, and what a token proves; whoever has a network carries the bytes.

Decides since when data certainly existed. It must never believe a token that another authority made, that is of other data
or of the future; the authority's certificates are judged at the token's own time, because a timestamp outlives them.
`rfc3161-client` checks signature, chain, purpose and digest (authorities sign with keys that are no suite here, RSA above
all); it reads strict DER, so a reply whose certificates are not in the order of a DER SET is refused: let `openssl ts` send
one certificate only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from asn1crypto import tsp
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client import VerificationError as NotVerified

from keys.errors import FormatError, SubIndication, VerificationError

MOST_BYTES: Final = 64 << 10
_CLOCKS_DIFFER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Authorities:
    """The roots of the timestamp authorities that are trusted; their suites are the library's matter."""

    roots: tuple[x509.Certificate, ...] = field(repr=False)

    @classmethod
    def load(cls, bundle: bytes) -> "Authorities":
        """Read roots in PEM; raises FormatError."""
        try:
            return cls(tuple(x509.load_pem_x509_certificates(bundle)))
        except ValueError as error:
            raise FormatError("not certificates in PEM") from error


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to an authority (application/timestamp-query), and what its reply must repeat."""

    der: bytes = field(repr=False)
    nonce: int


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A token (TimeStampToken, DER) and the instant at which the data existed."""

    token: bytes = field(repr=False)
    at: datetime


def request(data: bytes) -> Request:
    """A request for a timestamp of some data, as a rule a signature value; the nonce is the library's. Raises FormatError."""
    if not data:
        raise FormatError("nothing cannot be stamped")
    made = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    return Request(made.as_bytes(), made.nonce)


def check_reply(reply: bytes, sent: Request, data: bytes, authorities: Authorities, at: datetime) -> Timestamp:
    """The timestamp in an authority's reply (application/timestamp-reply) to `sent`, received at `at` (aware).

    Raises:
        FormatError: it is no reply, or not in DER.
        VerificationError: refused by the authority (TRY_LATER), of other data (HASH_FAILURE), of an authority that is not
            trusted (NO_CERTIFICATE_CHAIN_FOUND), of another request (SIG_CONSTRAINTS_FAILURE) or of the future (NOT_YET_VALID).
    """
    found = _decoded(reply)
    if found.status != PKIStatus.GRANTED:
        raise VerificationError("the timestamp authority granted no timestamp", SubIndication.TRY_LATER)
    if found.tst_info.nonce != sent.nonce:
        raise VerificationError("the timestamp is of another request", SubIndication.SIG_CONSTRAINTS_FAILURE)
    return Timestamp(found.time_stamp_token(), _instant(found, data, authorities, at))


def check_token(token: bytes, data: bytes, authorities: Authorities, at: datetime) -> datetime:
    """The instant at which a token that was kept proves that data existed; raises as `check_reply` does."""
    return _instant(_decoded(_GRANTED.format(token)), data, authorities, at)
