"""What the register says to verifiers who are not here: the trust list's content, and which certificates each root has revoked.

Decides what of a seal is published: every seal that was ever made (one that was not filed yet must not pass as unknown), its history and
keys, and no person's name (a legal representative's seal is listed by its kind). Keys are written by the register, as in issuer metadata, so
that both say the same. Moments are whole seconds: the making is rounded down and what came later up, because a sealing time is cut to its
second and must not seem later than an end.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from hub.seals.life import SealStatus
from hub.seals.register import SECOND, Change, Maker, Register, Seal
from keys import revocation_list, strict_json, trust_list
from keys.certificates import Certificate
from keys.listed_seal import ListedSeal, Turn, members_of
from keys.references import KeyPlaces
from keys.revocation import Revocation, RevocationReason
from keys.suites import PrivateKey

TRUST_LIST: Final = "trust-list"
CRL: Final = ".crl"

_LISTED: Final = frozenset({SealStatus.MADE, SealStatus.ACTIVE, SealStatus.SUSPENDED, SealStatus.REVOKED})


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be published under a name: the digest of what it says, how an edition is signed, and not before which second."""

    name: str
    source: str
    sign: Callable[[int, datetime, datetime], bytes]
    not_before: int = 0


@dataclass(frozen=True, slots=True)
class Publisher:
    """In whose name lists are signed: the hub's address, which begins every issuer's name, and its key for trust lists."""

    public_url: str
    key: PrivateKey
    kid: str


def drafts(
    register: Register, outside: tuple[Certificate, ...], publisher: Publisher, keys: KeyPlaces
) -> Iterator[Draft]:
    """Return what is to be published of a register: the trust list, and a revocation list for each root of ours."""
    yield _trust_list(register, outside, publisher)
    for maker in register.makers.values():
        yield _revocation_list(maker, revoked(register, maker.suite), keys)


def listed(register: Register, public_url: str) -> list[ListedSeal]:
    """Return every seal that was ever made, as the trust list has it, by number."""
    made = (seal for seals in register.seals.values() for seal in seals)
    return [_seal(register, seal, public_url) for seal in sorted(made, key=lambda seal: seal.es_id)]


def entry(register: Register, seal: Seal, public_url: str) -> dict[str, Any]:
    """Return what the trust list says of one seal that was made."""
    return members_of(_seal(register, seal, public_url))


def revoked(register: Register, suite: str) -> Mapping[int, Revocation]:
    """Return what became of the certificates that a suite's root issued, by serial number: revoked, or on hold.

    A key that was replaced is never among them: what it signed before stays good, and whoever reads only this list cannot tell when it signed.
    """
    return {
        signer.certificate.serial: _in_seconds(ended)
        for seals in register.seals.values()
        for seal in seals
        if seal.suite == suite and (ended := seal.ended) is not None
        for signer in seal.signers
        if signer.retired_at is None and not signer.issuers
    }


def _trust_list(register: Register, outside: tuple[Certificate, ...], publisher: Publisher) -> Draft:
    roots = tuple(dict.fromkeys((*(maker.certificate for maker in register.makers.values()), *outside)))
    makers = [tuple(dict.fromkeys((each.maker_certificate, each.certificate))) for each in register.makers.values()]
    seals = listed(register, publisher.public_url)

    def sign(number: int, first: datetime, until: datetime) -> bytes:
        edition = trust_list.Edition(publisher.public_url, number, first, until)
        return trust_list.make(edition, roots, makers, seals, publisher.key, publisher.kid)

    said = {"key": publisher.kid, **trust_list.content(roots, makers, seals)}
    return Draft(TRUST_LIST, hashlib.sha256(strict_json.dumps(said)).hexdigest(), sign)


def _revocation_list(maker: Maker, entries: Mapping[int, Revocation], keys: KeyPlaces) -> Draft:
    def sign(number: int, first: datetime, until: datetime) -> bytes:
        return revocation_list.make(maker.certificate, keys.private(maker.key_uri), number, first, until, entries)

    said = [maker.certificate.thumbprint, *map(repr, sorted(entries.items(), key=lambda entry: entry[0]))]
    latest = max((int(one.revoked_at.timestamp()) for one in entries.values()), default=0)
    return Draft(maker.suite + CRL, hashlib.sha256("\n".join(said).encode()).hexdigest(), sign, latest)


def _seal(register: Register, seal: Seal, public_url: str) -> ListedSeal:
    return ListedSeal(
        es_id=seal.es_id, authority=seal.authority, owner=seal.owner, owner_name=seal.owner_name, kind=seal.kind.value,
        name=seal.name, suite=seal.suite, valid_from=_moment(seal.valid_from // SECOND),
        valid_until=_moment(seal.valid_until // SECOND), history=_history(seal),
        keys=tuple(register.jwk(seal, signer) for signer in seal.signers), purpose=seal.purpose, remakes=seal.remakes,
        issuer=f"{public_url}/authorities/{seal.authority}" if seal.speaks else None,
    )  # fmt: skip


def _history(seal: Seal) -> tuple[Turn, ...]:
    """From the making on; seals from before there were steps have none that tells why they are what they are."""
    changes = [each for each in seal.changes if each.status in _LISTED]
    if changes[-1].status is not seal.status:
        changes.append(Change(seal.revoked_at or changes[-1].at, seal.status, seal.revoked_for or ""))
    turns = [Turn(changes[0].status.value, _moment(changes[0].at // SECOND))]
    for each in changes[1:]:
        turn = _turn(each, seal)
        if (turn.status, turn.reason) != (turns[-1].status, turns[-1].reason):
            turns.append(turn)
    return tuple(turns)


def _turn(change: Change, seal: Seal) -> Turn:
    """A revocation counts from when it says: that of a stolen key from the report on."""
    gone = change.status is SealStatus.REVOKED
    at = seal.revoked_at if gone and seal.revoked_at is not None else change.at
    told = None if change.status is SealStatus.ACTIVE or not change.reason else RevocationReason(change.reason)
    return Turn(change.status.value, _moment(-(-at // SECOND)), told)


def _in_seconds(ended: Revocation) -> Revocation:
    stolen = ended.compromised_at
    return replace(ended, revoked_at=_up(ended.revoked_at), compromised_at=None if stolen is None else _up(stolen))


def _up(at: datetime) -> datetime:
    whole = int(at.timestamp())
    return _moment(whole if at.microsecond == 0 else whole + 1)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
