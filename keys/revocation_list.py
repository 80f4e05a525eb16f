"""Certificate revocation lists (RFC 5280 section 5) of all suites: complete lists of one issuer, whole or not at all.

Decides what a list says of one of its issuer's certificates at a moment. It must never say anything before its issuer's
signature over the original bytes, its issuer and its freshness have been checked: so `read` does both. Delta lists,
lists of a part (issuing distribution point) and of other issuers' certificates could not be checked and are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from asn1crypto import crl, pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat import asn1

from keys.certificate_reading import UNREADABLE
from keys.certificates import Certificate, names
from keys.contracts import PrivateKey
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.moments import CLOCKS_DIFFER, LAST_UTC_YEAR, require_zones, to_second
from keys.revocation import COMPROMISES, Revocation, RevocationReason
from keys.x509_parts import SERIAL_LIMIT, algorithm_of, checked_serial, extension, signed, time_of

MOST_BYTES: Final = 16 << 20
_PEM_KIND: Final = "X509 CRL"
_PARTIAL: Final = frozenset({x509.DeltaCRLIndicator.oid, x509.IssuingDistributionPoint.oid})
_ENTRY_UNDERSTOOD: Final = frozenset({x509.CRLReason.oid, x509.InvalidityDate.oid})
_REASONS: Final = MappingProxyType({one: crl.CRLReason(one.lower()).dump() for one in RevocationReason})


@asn1.sequence
class _Extension:
    """Of an entry; none is critical."""

    kind: x509.ObjectIdentifier
    value: bytes


@asn1.sequence
class _Entry:
    """One of revokedCertificates (section 5.1.2.6): declared, because a list may have very many."""

    serial: int
    revoked_at: asn1.UTCTime | asn1.GeneralizedTime
    extensions: list[_Extension] | None


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list that was checked; it speaks of its issuer's certificates from `this_update` until before `next_update`."""

    number: int
    this_update: datetime
    next_update: datetime
    issuer: Certificate = field(repr=False)
    entries: Mapping[int, Revocation] = field(repr=False)

    def revocation(self, certificate: Certificate, at: datetime) -> Revocation | None:
        """What the list says of a certificate as of `at` (aware): revoked when and why by then, or None.

        Raises VerificationError: another issuer's certificate, or (TRY_LATER) a moment from `next_update` on.
        """
        require_zones(at)
        if not names(certificate, self.issuer):
            raise VerificationError("another issuer's revocation list", SubIndication.SIG_CONSTRAINTS_FAILURE)
        if at >= self.next_update:
            raise VerificationError("the revocation list does not reach that moment", SubIndication.TRY_LATER)
        found = self.entries.get(certificate.serial)
        return found if found is not None and found.revoked_at <= at else None


def make(
    issuer: Certificate,
    key: PrivateKey,
    number: int,
    this_update: datetime,
    next_update: datetime,
    entries: Mapping[int, Revocation],
) -> bytes:
    """The DER of a list: serial numbers and what became of them; times are aware, to the second. Raises FormatError."""
    require_zones(this_update, next_update, *(one.revoked_at for one in entries.values()))
    if issuer.public_key != key.public or not _may_revoke(issuer) or issuer.key_identifier is None:
        raise FormatError("the issuer's key does not belong to its certificate, or may not sign revocation lists")
    if not 0 <= number < SERIAL_LIMIT or next_update <= this_update:
        raise FormatError("a revocation list has a number of at most 20 octets, and ends after it begins")
    if any(one.revoked_at > this_update for one in entries.values()):
        raise FormatError("a revocation list tells what has happened")
    body: dict[str, Any] = {
        "version": "v2",
        "signature": algorithm_of(key),
        "issuer": asn1_x509.Name.load(issuer.subject_name),
        "this_update": time_of(this_update),
        "next_update": time_of(next_update),
        "crl_extensions": [
            extension("authority_key_identifier", {"key_identifier": issuer.key_identifier}),
            extension("crl_number", number),
        ],
    }
    if entries:  # section 5.1.2.6: an empty list is left out
        listed = b"".join(_entry(serial, entries[serial]) for serial in sorted(entries))
        body["revoked_certificates"] = crl.RevokedCertificates(contents=listed)
    return signed(crl.TbsCertList(body), key)


def to_pem(der: bytes) -> bytes:
    """The list as PEM (RFC 7468 section 6)."""
    return bytes(pem.armor(_PEM_KIND, der))


def read(der: bytes, issuer: Certificate, at: datetime) -> RevocationList:
    """Read a list and check it against its issuer (whose own chain is the caller's matter), fresh at `at` (aware).

    Raises:
        FormatError: it cannot be read.
        VerificationError: forged (SIG_CRYPTO_FAILURE), another issuer's (SIG_CONSTRAINTS_FAILURE), of an issuer that may
            not sign lists (CHAIN_CONSTRAINTS_FAILURE), or not fresh (TRY_LATER).
        UncheckableError: a delta list, a partial one, or a critical extension that is not understood.
    """
    require_zones(at)
    if len(der) > MOST_BYTES:
        raise FormatError("the revocation list is too large")
    try:
        found = x509.load_der_x509_crl(der)
        _check_origin(der, found, issuer)
        entries = _entries(found)
        number, next_update = _number(found.extensions), found.next_update_utc
    except UNREADABLE as error:
        raise FormatError("not a well-formed revocation list") from error
    if next_update is None:
        raise FormatError("the revocation list does not say when the next one comes")
    if not found.last_update_utc - CLOCKS_DIFFER <= at < next_update:
        raise VerificationError("the revocation list is not of that moment", SubIndication.TRY_LATER)
    return RevocationList(number, found.last_update_utc, next_update, issuer, MappingProxyType(entries))


def _check_origin(der: bytes, found: x509.CertificateRevocationList, issuer: Certificate) -> None:
    """The issuer by name, then by its signature over the bytes that came, before anything in the list is believed."""
    whole = crl.CertificateList.load(der, strict=True)
    if whole["signature"].unused_bits:
        raise ValueError("a signature that is not whole bytes")
    if whole["tbs_cert_list"]["issuer"].dump() != issuer.subject_name:
        raise VerificationError("the revocation list is another issuer's", SubIndication.SIG_CONSTRAINTS_FAILURE)
    if not _may_revoke(issuer):
        raise VerificationError("the issuer may not sign revocation lists", SubIndication.CHAIN_CONSTRAINTS_FAILURE)
    if found.signature_algorithm_oid.dotted_string != issuer.public_key.suite.signature_algorithm:
        raise VerificationError("the revocation list's algorithm is not that of the issuer's key")
    issuer.public_key.verify_der(found.signature, found.tbs_certlist_bytes)


def _number(extensions: x509.Extensions) -> int:
    """Section 5.2: what is critical must be understood, and only a complete list of one issuer is."""
    known = {one.oid: one for one in extensions}
    if _PARTIAL & known.keys() or any(one.critical for one in known.values()):
        raise UncheckableError("the revocation list is partial, or has a critical extension that is not understood")
    return int(known[x509.CRLNumber.oid].value.crl_number)


def _entries(found: x509.CertificateRevocationList) -> dict[int, Revocation]:
    entries = {one.serial_number: _revocation(one) for one in found}
    if len(entries) != len(found):
        raise ValueError("a serial number stands twice")
    return entries


def _revocation(entry: x509.RevokedCertificate) -> Revocation:
    """Section 5.3; the invalidity date says since when the key may be in other hands, else the revocation does."""
    known = {one.oid: one for one in entry.extensions}
    if any(one.critical and oid not in _ENTRY_UNDERSTOOD for oid, one in known.items()):
        raise UncheckableError("the revocation list has an entry with a critical extension that is not understood")
    revoked_at, given = entry.revocation_date_utc, known.get(x509.CRLReason.oid)
    reason = RevocationReason(given.value.reason.name.upper()) if given is not None else RevocationReason.UNSPECIFIED
    if reason not in COMPROMISES:
        return Revocation(revoked_at, reason=reason)
    since = known.get(x509.InvalidityDate.oid)
    return Revocation(revoked_at, since.value.invalidity_date_utc if since is not None else revoked_at, reason)


def _entry(serial: int, revocation: Revocation) -> bytes:
    extensions = []
    if revocation.reason is not RevocationReason.UNSPECIFIED:  # section 5.3.1: then the extension is left out
        extensions.append(_Extension(kind=x509.CRLReason.oid, value=_REASONS[revocation.reason]))
    if revocation.compromised_at is not None and revocation.compromised_at != revocation.revoked_at:
        since = asn1.GeneralizedTime(to_second(revocation.compromised_at))  # section 5.3.2: never UTCTime
        extensions.append(_Extension(kind=x509.InvalidityDate.oid, value=asn1.encode_der(since)))
    moment = to_second(revocation.revoked_at)
    written = asn1.UTCTime(moment) if moment.year <= LAST_UTC_YEAR else asn1.GeneralizedTime(moment)
    return asn1.encode_der(_Entry(serial=checked_serial(serial), revoked_at=written, extensions=extensions or None))


def _may_revoke(issuer: Certificate) -> bool:
    return issuer.is_ca and "crl_sign" in issuer.key_usage
