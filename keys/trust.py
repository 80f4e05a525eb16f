"""Whom a verifier believes: which key speaks for which authority, for how long, and what became of it.

Read from JWT VC issuer metadata (SD-JWT VC section 5), whose keys carry `x5c` and, as private members, `seal` (esID),
`nbf` and `exp` (the seal's validity), `suspended_at`, `revoked_at` and `compromised_at`, all NumericDate. A key's `kid` is the thumbprint
of its certificate; old keys stay listed, so that what they sealed stays verifiable. A document is believed only as far
as the certificates in it lead to the given roots: that is checked when a licence is verified, at its sealing time.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from keys.certificates import Certificate
from keys.errors import FormatError
from keys.jws import numeric_date
from keys.suites import load_public_jwk

HINT: Final = 12
"""Characters of a kid that are enough to find it: 72 bits."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One seal's key; times are aware, None means unlimited or never. `chain` holds the issuers' certificates."""

    certificate: Certificate
    chain: tuple[Certificate, ...]
    issuer: str
    es_id: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    compromised_at: datetime | None = None
    suspended_at: datetime | None = None


@dataclass(frozen=True)
class Trust:
    """Keys by kid, and the makers' roots that everything must lead to."""

    keys: Mapping[str, TrustedKey]
    roots: tuple[Certificate, ...]

    def hinted(self, hint: str) -> tuple[TrustedKey, ...]:
        """The keys whose kid begins like this, in twelve characters (`keys.qr_token`)."""
        return self._by_hint.get(hint, ())

    @cached_property
    def _by_hint(self) -> Mapping[str, tuple[TrustedKey, ...]]:
        found: dict[str, tuple[TrustedKey, ...]] = {}
        for kid, key in self.keys.items():
            found[kid[:HINT]] = (*found.get(kid[:HINT], ()), key)
        return found


def trust_from_metadata(documents: Iterable[dict[str, Any]], roots: Iterable[Certificate]) -> Trust:
    """Read issuer metadata; raises FormatError, or UncheckableError for a key of no known suite."""
    keys: dict[str, TrustedKey] = {}
    for document in documents:
        for kid, key in _keys_of(document):
            if keys.setdefault(kid, key) != key:
                raise FormatError("one key is listed twice, differently")
    return Trust(MappingProxyType(keys), tuple(roots))


def _keys_of(document: dict[str, Any]) -> Iterable[tuple[str, TrustedKey]]:
    issuer, jwks = document.get("issuer"), document.get("jwks")
    if not isinstance(issuer, str) or not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise FormatError("issuer metadata needs issuer and jwks")
    for jwk in jwks["keys"]:
        if not isinstance(jwk, dict):
            raise FormatError("a key of issuer metadata is not an object")
        key = trusted_key(issuer, jwk)
        yield key.certificate.thumbprint, key


def trusted_key(issuer: str, jwk: dict[str, Any]) -> TrustedKey:
    """Read one key as it stands in issuer metadata; raises FormatError, or UncheckableError for a key of no known suite."""
    certificate, *chain = certificates_of(jwk)
    if jwk.get("kid") != certificate.thumbprint or load_public_jwk(jwk) != certificate.public_key:
        raise FormatError("a key of issuer metadata is not that of its certificate")
    if not isinstance(jwk.get("seal"), str):
        raise FormatError("a key of issuer metadata names no seal")
    return TrustedKey(
        certificate=certificate,
        chain=tuple(chain),
        issuer=issuer,
        es_id=jwk["seal"],
        valid_from=_moment(jwk, "nbf"),
        valid_until=_moment(jwk, "exp"),
        revoked_at=_moment(jwk, "revoked_at"),
        compromised_at=_moment(jwk, "compromised_at"),
        suspended_at=_moment(jwk, "suspended_at"),
    )


def certificates_of(members: dict[str, Any]) -> list[Certificate]:
    """Read the member `x5c` (RFC 7517 section 4.7): standard base64, the own certificate first; raises as `trusted_key`."""
    listed = members.get("x5c")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
        raise FormatError("a key has no x5c")
    try:
        return [Certificate.load(base64.b64decode(one, validate=True)) for one in listed]
    except (binascii.Error, ValueError) as error:
        raise FormatError("x5c is not base64") from error


def _moment(jwk: dict[str, Any], name: str) -> datetime | None:
    seconds = numeric_date(jwk, name)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise FormatError(f"{name} is out of range") from error
