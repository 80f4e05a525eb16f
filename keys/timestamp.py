"""RFC 3161 timestamps: a request to send, and what a token proves; whoever has a network carries the bytes.

Decides since when data certainly existed. It must never believe a token of an authority that is not trusted, of other data or
of the future; the authority's certificates are judged at the token's own time, because a timestamp outlives them.
`rfc3161-client` checks signature, chain and purpose, for authorities sign with keys that are no suite here, RSA above all. It
reads strict DER; only the certificates, which nobody signed as a set, may come in any order, because `openssl ts` and others send them so.
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
from cryptography.x509.oid import NameOID
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client import VerificationError as NotVerified
from rfc3161_client.tsp import PKIStatus, TimeStampResponse, TimeStampTokenInfo

from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.moments import CLOCKS_DIFFER, require_zones
from keys.sm2 import SM2_SM3
from keys.timestamp_trust import MOST_BYTES, Authorities, Timestamp

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
class Request:
    """What is sent to an authority (application/timestamp-query); its reply must repeat the nonce, and the policy if one is asked for."""

    der: bytes = field(repr=False)
    nonce: int
    policy: str | None = None


def request(data: bytes, policy: str | None = None) -> Request:
    """A request for a timestamp of some data, as a rule a signature value, by its SHA-256, under a policy (dotted). Raises FormatError."""
    if not data:
        raise FormatError("there is nothing to be stamped")
    made = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    if made.nonce is None:
        raise UncheckableError("the request has no nonce")
    return Request(_under(policy, made.as_bytes()), made.nonce, policy)


def check_reply(reply: bytes, sent: Request, data: bytes, authorities: Authorities, at: datetime) -> Timestamp:
    """The timestamp in an authority's reply (application/timestamp-reply) to `sent`, received at `at` (aware).

    Raises:
        FormatError: it is no reply, or not in DER.
        VerificationError: refused by the authority (TRY_LATER), not of a trusted authority (NO_CERTIFICATE_CHAIN_FOUND), of
            other data (HASH_FAILURE), of another request or under another policy (SIG_CONSTRAINTS_FAILURE) or of the future (NOT_YET_VALID).
    """
    found = _decoded(reply)
    if found.status != PKIStatus.GRANTED:
        raise VerificationError("the timestamp authority granted no timestamp", SubIndication.TRY_LATER)
    stamped = _stamped(found, data, authorities, at)
    if found.tst_info.nonce != sent.nonce:
        raise VerificationError("the timestamp is of another request", SubIndication.SIG_CONSTRAINTS_FAILURE)
    if sent.policy not in {None, found.tst_info.policy.dotted_string}:
        raise VerificationError("the timestamp is under another policy", SubIndication.SIG_CONSTRAINTS_FAILURE)
    return stamped


def check_token(token: bytes, data: bytes, authorities: Authorities, at: datetime) -> Timestamp:
    """What a token that was kept proves of data; raises as `check_reply` does."""
    return _stamped(_decoded(_as_reply(token)), data, authorities, at)


def _under(policy: str | None, query: bytes) -> bytes:
    """The library has no word for the policy (section 2.4.1)."""
    if policy is None:
        return query
    try:
        found = tsp.TimeStampReq.load(query, strict=True)
        found["req_policy"] = policy
        return bytes(found.dump())
    except _UNREADABLE as error:
        raise FormatError("a policy is an object identifier") from error


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
    except ValueError:
        pass  # in another order, perhaps
    try:
        return decode_timestamp_response(_in_order(reply))
    except _UNREADABLE as error:
        raise FormatError("not a timestamp reply in DER") from error


def _in_order(reply: bytes) -> bytes:
    """The reply with its certificates in the order of a DER SET, and every other byte as it was."""
    content = tsp.TimeStampResp.load(reply, strict=True)["time_stamp_token"]["content"]
    found = [one.dump() for one in content["certificates"]]
    return reply.replace(b"".join(found), b"".join(sorted(found)), 1)


def _stamped(found: TimeStampResponse, data: bytes, authorities: Authorities, at: datetime) -> Timestamp:
    require_zones(at)
    if not authorities.roots:
        raise UncheckableError("no timestamp authority is trusted here")
    try:
        proves = _checked(found, data, authorities, at)
        return Timestamp(found.time_stamp_token(), proves, _authority(found))
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


def _authority(found: TimeStampResponse) -> str:
    """The name in the certificate that a checked token is signed with; what cannot be seen is spelt out."""
    (signer,) = found.signed_data.signer_infos
    certificates = map(x509.load_der_x509_certificate, found.signed_data.certificates)
    own = next(one for one in certificates if (one.issuer, one.serial_number) == (signer.issuer, signer.serial_number))
    names = own.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else own.subject.rfc4514_string()
    return name if name.isprintable() else ascii(name)


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
