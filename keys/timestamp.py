"""RFC 3161 timestamps: a request to send, and what a token proves; whoever has a network carries the bytes.

Decides since when data certainly existed. It must never believe a token of an authority that is not trusted, of other data or
of the future; the authority's certificates are judged at the token's own time, because a timestamp outlives them.
`rfc3161-client` checks signature, chain and purpose, for authorities sign with keys that are no suite here, RSA above all. It
reads strict DER, so a reply whose certificates are not in the order of a DER SET is refused (`openssl ts`: leave `certs` out).
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256, sha384, sha512
from types import MappingProxyType
from typing import Final

from asn1crypto import tsp
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client import VerificationError as NotVerified
from rfc3161_client.tsp import PKIStatus, TimeStampResponse, TimeStampTokenInfo

from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.moments import CLOCKS_DIFFER, require_zones
from keys.sm2 import SM2_SM3

MOST_BYTES: Final = 64 << 10
_UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, OverflowError)
_DIGESTS: Final[Mapping[str, Callable[[bytes], bytes]]] = MappingProxyType(
    {
        "2.16.840.1.101.3.4.2.1": lambda data: sha256(data).digest(),
        "2.16.840.1.101.3.4.2.2": lambda data: sha384(data).digest(),
        "2.16.840.1.101.3.4.2.3": lambda data: sha512(data).digest(),
        "1.2.156.10197.1.401": SM2_SM3.digest,
    }
)
_VERSIONS: Final = (3, [1])  # RFC 5652 sections 5.1 and 5.3, for what a token holds
_WITHOUT_DIGEST: Final = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ed25519"})


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
class Request:
    """What is sent to an authority (application/timestamp-query), and the nonce that its reply must repeat."""

    der: bytes = field(repr=False)
    nonce: int


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A token (TimeStampToken, DER), and the instant at which it proves that the data existed."""

    token: bytes = field(repr=False)
    proves: datetime


def request(data: bytes) -> Request:
    """A request for a timestamp of some data, as a rule a signature value, by its SHA-256. Raises FormatError."""
    if not data:
        raise FormatError("there is nothing to be stamped")
    made = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    if made.nonce is None:
        raise UncheckableError("the request has no nonce")
    return Request(made.as_bytes(), made.nonce)


def check_reply(reply: bytes, sent: Request, data: bytes, authorities: Authorities, at: datetime) -> Timestamp:
    """The timestamp in an authority's reply (application/timestamp-reply) to `sent`, received at `at` (aware).

    Raises:
        FormatError: it is no reply, or not in DER.
        VerificationError: refused by the authority (TRY_LATER), not of a trusted authority (NO_CERTIFICATE_CHAIN_FOUND), of
            other data (HASH_FAILURE), of another request (SIG_CONSTRAINTS_FAILURE) or of the future (NOT_YET_VALID).
    """
    found = _decoded(reply)
    if found.status != PKIStatus.GRANTED:
        raise VerificationError("the timestamp authority granted no timestamp", SubIndication.TRY_LATER)
    proves = _instant(found, data, authorities, at)
    if found.tst_info.nonce != sent.nonce:
        raise VerificationError("the timestamp is of another request", SubIndication.SIG_CONSTRAINTS_FAILURE)
    return Timestamp(found.time_stamp_token(), proves)


def check_token(token: bytes, data: bytes, authorities: Authorities, at: datetime) -> datetime:
    """The instant at which a token that was kept proves that data existed; raises as `check_reply` does."""
    return _instant(_decoded(_as_reply(token)), data, authorities, at)


def _as_reply(token: bytes) -> bytes:
    """The library reads whole replies: status granted, and the token."""
    try:
        found = tsp.ContentInfo.load(token, strict=True)
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": found}).dump())
    except _UNREADABLE as error:
        raise FormatError("not a timestamp token") from error


def _decoded(reply: bytes) -> TimeStampResponse:
    if len(reply) > MOST_BYTES:
        raise FormatError("the timestamp is too large")
    try:
        return decode_timestamp_response(reply)
    except ValueError as error:
        raise FormatError("not a timestamp reply in DER") from error


def _instant(found: TimeStampResponse, data: bytes, authorities: Authorities, at: datetime) -> datetime:
    require_zones(at)
    if not authorities.roots:
        raise UncheckableError("no timestamp authority is trusted here")
    try:
        return _checked(found, data, authorities, at)
    except NotVerified as error:
        message = "the timestamp is not one that a trusted authority made"
        raise VerificationError(message, SubIndication.NO_CERTIFICATE_CHAIN_FOUND) from error
    except _UNREADABLE as error:
        raise FormatError("not a well-formed timestamp") from error


def _checked(found: TimeStampResponse, data: bytes, authorities: Authorities, at: datetime) -> datetime:
    info = found.tst_info
    _check_spelling(found)
    VerifierBuilder(roots=list(authorities.roots)).build().verify(found, info.message_imprint.message)
    digest = _DIGESTS.get(info.message_imprint.hash_algorithm.dotted_string)
    if digest is None:
        raise UncheckableError("the timestamp is of a digest that is not computed here")
    if not hmac.compare_digest(digest(data), info.message_imprint.message):
        raise VerificationError("the timestamp is of other data", SubIndication.HASH_FAILURE)
    if info.gen_time > at + CLOCKS_DIFFER:
        raise VerificationError("the timestamp is of the future", SubIndication.NOT_YET_VALID)
    return info.gen_time + _accuracy(info)


def _accuracy(info: TimeStampTokenInfo) -> timedelta:
    """RFC 3161 section 2.4.2: the token was made so much earlier or later; what is proven is the later end."""
    seconds, millis, micros = (getattr(info.accuracy, name, None) or 0 for name in ("seconds", "millis", "micros"))
    return timedelta(seconds=seconds, milliseconds=millis, microseconds=micros)


def _check_spelling(found: TimeStampResponse) -> None:
    """What is not signed and the library does not look at must be as it is written by everybody, too."""
    content = tsp.ContentInfo.load(found.time_stamp_token(), strict=True)["content"]
    (signer,) = content["signer_infos"]
    digest = signer["digest_algorithm"]["algorithm"].native
    usual = {*_WITHOUT_DIGEST, f"{digest}_rsa", f"{digest}_ecdsa"}
    versions = found.signed_data.version, [one.version for one in found.signed_data.signer_infos]
    if versions != _VERSIONS or signer["signature_algorithm"]["algorithm"].native not in usual:
        raise ValueError("versions or signature algorithm")
