"""The signed trust list: who makes seals, which seals there are and were, and under which keys; all that a verifier offline needs.

Decides what a list says and that it is its publisher's newest, as far as its reader can know: signed by one of his keys, of this type, for
this moment, whole and without contradiction, and not older than the last one seen. Nothing of it is believed before that. The roots in it are
believed because it is signed; whoever compares them with a copy from elsewhere trusts two things instead of one. In the spirit of
ETSI TS 119 612 (sequence number, issue, next update, service history), as a JWT (RFC 7519, RFC 8725).
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from keys import cms_verification, jws, key_sets
from keys.certificates import Certificate
from keys.contracts import PrivateKey
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.listed_seal import ListedSeal, members_of, moment, read_seal
from keys.moments import CLOCKS_DIFFER, require_zones, to_second
from keys.revocation import Revocation, RevocationReason
from keys.seal_trust import SealTrust
from keys.timestamp_trust import Authorities
from keys.trust import Trust, TrustedKey, certificates_of

TYP: Final = "trust-list+jwt"
VERSION: Final = 1
MOST_BYTES: Final = 64 << 20
"""Some 20,000 seals."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a publisher's list: it speaks from `issued_at` until before `next_update` (aware, to the second)."""

    issuer: str
    sequence: int
    issued_at: datetime
    next_update: datetime


@dataclass(frozen=True)
class TrustList:
    """A list that was checked. `makers` are chains, the maker first; `trusted` are all keys by kid, those that seal no licences too."""

    edition: Edition
    roots: tuple[Certificate, ...]
    makers: tuple[tuple[Certificate, ...], ...]
    seals: Mapping[str, ListedSeal] = field(repr=False)
    trusted: Mapping[str, TrustedKey] = field(repr=False)

    @cached_property
    def trust(self) -> Trust:
        """What licences are verified by: the keys that speak for an authority (`keys.verification`)."""
        return Trust(MappingProxyType({kid: key for kid, key in self.trusted.items() if key.issuer}), self.roots)

    def seal_trust(self, authorities: Authorities | None = None) -> SealTrust:
        """What seals and signatures under them are verified by; `authorities` are those of timestamps, which no list names."""
        return SealTrust(
            roots=self.roots, makers=tuple(maker for maker, *_ in self.makers), revoked_certificates=self._certificates,
            revoked_seals=self._seals, intermediates=self._between, authorities=authorities,
        )  # fmt: skip

    def file_trust(self, authorities: Authorities | None = None) -> cms_verification.Trust:
        """What signatures of files (CMS) are verified by; `authorities` as above."""
        trust = self.seal_trust(authorities)
        return cms_verification.Trust(trust.roots, trust.intermediates, authorities, trust.revoked_certificates)

    @cached_property
    def _seals(self) -> Mapping[str, Revocation]:
        return MappingProxyType({es_id: one.revocation for es_id, one in self.seals.items() if one.revocation})

    @cached_property
    def _certificates(self) -> Mapping[str, Revocation]:
        """A key is over with its seal, or when another took its place; what it signed before stays good."""
        found = {kid: _over(key, self.seals[key.es_id]) for kid, key in self.trusted.items()}
        return MappingProxyType({kid: fact for kid, fact in found.items() if fact is not None})

    @cached_property
    def _between(self) -> tuple[Certificate, ...]:
        chains = (*(chain[1:] for chain in self.makers), *(key.chain for key in self.trusted.values()))
        return tuple(dict.fromkeys(one for chain in chains for one in chain if one not in self.roots))


def _over(key: TrustedKey, seal: ListedSeal) -> Revocation | None:
    revoked, ended = seal.revocation, key.valid_until
    if ended is None or ended >= seal.valid_until:
        return revoked
    if revoked is None:
        return Revocation(ended, reason=RevocationReason.SUPERSEDED)
    return replace(revoked, revoked_at=min(ended, revoked.revoked_at))


def make(
    edition: Edition, roots: Sequence[Certificate], makers: Iterable[Sequence[Certificate]], seals: Iterable[ListedSeal],
    key: PrivateKey, kid: str,
) -> bytes:  # fmt: skip
    """Sign an edition; raises FormatError for one that cannot be, or that no reader would take."""
    if edition.sequence < 1 or edition.next_update <= edition.issued_at:
        raise FormatError("a trust list has a sequence number from 1, and ends after it begins")
    claims = {
        "iss": edition.issuer,
        "iat": int(to_second(edition.issued_at).timestamp()),
        "exp": int(to_second(edition.next_update).timestamp()),
        "version": VERSION,
        "sequence": edition.sequence,
        **content(roots, makers, seals),
    }
    token = jws.sign_jwt(claims, key, kid, TYP).encode("ascii")
    if len(token) > MOST_BYTES:
        raise FormatError("the trust list is too large")
    return token


def content(
    roots: Sequence[Certificate], makers: Iterable[Sequence[Certificate]], seals: Iterable[ListedSeal]
) -> dict[str, Any]:
    """What an edition says beside its number and dates: the same as long as nothing happens."""
    return {
        "roots": _x5c(roots),
        "makers": [{"x5c": _x5c(chain)} for chain in makers],
        "seals": [members_of(seal) for seal in seals],
    }


def read(
    token: bytes, keys: Iterable[dict[str, Any]], at: datetime, *, issuer: str | None = None, known: int = 0
) -> TrustList:
    """Read a list and check it under the JWKs that its publisher names, for a moment (aware).

    `issuer` is the hub whose list it must be, None for whichever has these keys. `known` is the highest sequence number seen before.

    Raises:
        FormatError: it is no trust list, or contradicts itself.
        VerificationError: forged (SIG_CRYPTO_FAILURE), of another type or hub (SIG_CONSTRAINTS_FAILURE), not of that moment or older
            than one seen before (TRY_LATER).
        UncheckableError: none of the keys signed it, it is of a later version of the format, or holds a key of no known suite.
    """
    require_zones(at)
    claims = key_sets.claims_of(token, keys, typ=TYP, most=MOST_BYTES)
    if claims.get("version") is True or claims.get("version") != VERSION:
        raise UncheckableError("the trust list is of a version that is not known here")
    edition = _edition(claims)
    _check_edition(edition, at, issuer, known)
    roots = tuple(_chain({"x5c": claims.get("roots")})) if claims.get("roots") != [] else ()
    makers = tuple(tuple(_chain(one)) for one in _listed(claims, "makers"))
    seals, trusted = _seals(_listed(claims, "seals"), edition.issuer)
    return TrustList(edition, roots, makers, MappingProxyType(seals), MappingProxyType(trusted))


def _edition(claims: dict[str, Any]) -> Edition:
    issuer, sequence = claims.get("iss"), claims.get("sequence")
    if not isinstance(issuer, str) or not issuer or type(sequence) is not int or sequence < 1:
        raise FormatError("the trust list has no issuer, or no sequence number from 1")
    if "aud" in claims or "nbf" in claims:
        raise FormatError("a trust list is for everybody, and from its issue on")
    edition = Edition(issuer, sequence, moment(claims, "iat"), moment(claims, "exp"))
    if edition.next_update <= edition.issued_at:
        raise FormatError("the trust list expires before it was issued")
    return edition


def _check_edition(edition: Edition, at: datetime, issuer: str | None, known: int) -> None:
    if issuer is not None and edition.issuer != issuer:
        raise VerificationError("the trust list is another hub's", SubIndication.SIG_CONSTRAINTS_FAILURE)
    if not edition.issued_at - CLOCKS_DIFFER <= at < edition.next_update:
        raise VerificationError("the trust list is not of that moment; fetch it again", SubIndication.TRY_LATER)
    if edition.sequence < known:
        raise VerificationError("the trust list is older than one seen before", SubIndication.TRY_LATER)


def _seals(listed: list[Any], issuer: str) -> tuple[dict[str, ListedSeal], dict[str, TrustedKey]]:
    seals, trusted, owners = dict[str, ListedSeal](), dict[str, TrustedKey](), dict[bytes, str]()
    for members in listed:
        seal, keys = read_seal(members)
        if seal.es_id in seals or seal.issuer not in (None, f"{issuer}/authorities/{seal.owner}"):
            raise FormatError("a seal stands twice in the trust list, or speaks for another than its owner")
        seals[seal.es_id] = seal
        for key in keys:
            public = key.certificate.public_key.to_spki()
            if key.certificate.thumbprint in trusted or owners.setdefault(public, seal.es_id) != seal.es_id:
                raise FormatError("a key stands twice in the trust list")
            trusted[key.certificate.thumbprint] = key
    return seals, trusted


def _listed(claims: dict[str, Any], name: str) -> list[Any]:
    value = claims.get(name)
    if not isinstance(value, list):
        raise FormatError("a member of the trust list is missing, or is not a list")
    return value


def _chain(members: Any) -> list[Certificate]:
    if not isinstance(members, dict):
        raise FormatError("a maker of the trust list is not an object")
    return certificates_of(members)


def _x5c(chain: Sequence[Certificate]) -> list[str]:
    return [base64.b64encode(one.der).decode("ascii") for one in chain]
