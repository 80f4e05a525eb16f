"""Writing X.509 certificates: what each kind of certificate says, one row a profile (RFC 5280 section 4.2).

Decides who may do what. An authority issues and signs revocation lists, and signs nothing else (section 4.2.1.3); its path
length is how many authorities may follow below it (section 4.2.1.9). A maker makes seals and a signer signs: neither may
issue. Which of the two a certificate is for it does not say: makers are named one by one (`keys.seal_trust`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asn1crypto import keys, x509

from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError
from keys.x509_parts import (
    Subject,
    algorithm_of,
    checked_serial,
    extension,
    identifier_of,
    name_of,
    signed,
    time_of,
)

_ISSUING: Final = frozenset({"key_cert_sign", "crl_sign"})
_SIGNING: Final = frozenset({"digital_signature", "non_repudiation"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of certificate says; `path_length` None is for who may not issue."""

    key_usage: frozenset[str]
    path_length: int | None = None


MAKER_ROOT: Final = Profile(_ISSUING, path_length=0)
ROOT: Final = Profile(_ISSUING, path_length=1)
AUTHORITY: Final = Profile(_ISSUING, path_length=0)
MAKER: Final = Profile(_SIGNING)
SIGNER: Final = Profile(_SIGNING)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs a certificate: name and key identifier as its own certificate has them (RFC 5280 section 4.2.1.1)."""

    name: bytes
    key_identifier: bytes | None
    key: PrivateKey


def root_der(
    profile: Profile, subject: Subject, key: PrivateKey, serial: int, not_before: datetime, not_after: datetime
) -> bytes:
    """The DER of a self-signed certificate."""
    own = Issuer(name_of(subject).dump(), None, key)
    return issued_der(profile, subject, key.public, own, serial, not_before, not_after)


def issued_der(
    profile: Profile,
    subject: Subject,
    public_key: PublicKey,
    issuer: Issuer,
    serial: int,
    not_before: datetime,
    not_after: datetime,
    revocation_list: str | None = None,
) -> bytes:
    """The DER of an issued certificate; the issuer's name and key identifier are taken byte for byte."""
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": checked_serial(serial),
            "signature": algorithm_of(issuer.key),
            "issuer": x509.Name.load(issuer.name),
            "validity": {"not_before": time_of(not_before), "not_after": time_of(not_after)},
            "subject": name_of(subject),
            "subject_public_key_info": keys.PublicKeyInfo.load(public_key.to_spki()),
            "extensions": _extensions(profile, public_key, issuer.key_identifier, revocation_list),
        }
    )
    return signed(tbs, issuer.key)


def _extensions(
    profile: Profile, public_key: PublicKey, issuer_identifier: bytes | None, revocation_list: str | None
) -> list[dict[str, Any]]:
    constraints: dict[str, Any] = {"ca": profile.path_length is not None}
    if profile.path_length is not None:
        constraints["path_len_constraint"] = profile.path_length
    extensions = [
        extension("basic_constraints", constraints, critical=True),
        extension("key_usage", set(profile.key_usage), critical=True),
        extension("key_identifier", identifier_of(public_key)),
    ]
    if issuer_identifier is not None:
        extensions.append(extension("authority_key_identifier", {"key_identifier": issuer_identifier}))
    if revocation_list is not None:
        extensions.append(extension("crl_distribution_points", _where(revocation_list)))
    return extensions


def _where(address: str) -> list[dict[str, Any]]:
    """RFC 5280 section 4.2.1.13."""
    if not address.isascii() or not address.isprintable():
        raise FormatError("the address of a revocation list is a URI in ASCII")
    place = x509.GeneralName(name="uniform_resource_identifier", value=address)
    return [{"distribution_point": x509.DistributionPointName(name="full_name", value=[place])}]
