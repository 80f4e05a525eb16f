"""One seal in a trust list: whose it is, what became of it and when, and every key that it ever had.

Decides what a seal was at a moment, in the words of the glossary, and that what an entry says of itself fits together: its history, its
keys and their certificates. Keys stand in it as they stand in issuer metadata (`keys.trust`), member for member. After the service
history of ETSI TS 119 612 section 5.6: the present status is the last of its history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise, starmap, takewhile
from typing import Any, Final

from keys.errors import FormatError
from keys.moments import require_zones
from keys.revocation import Revocation, RevocationReason
from keys.trust import TrustedKey, trusted_key

MADE, ACTIVE, SUSPENDED, REVOKED = "MADE", "ACTIVE", "SUSPENDED", "REVOKED"
EXPIRED: Final = "EXPIRED"

_FIRST: Final = frozenset({MADE, ACTIVE})
_LATER: Final = frozenset({ACTIVE, SUSPENDED, REVOKED})
_LATEST: Final = 2**37  # seconds since 1970: after every date that can be told, before those that cannot


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of status: since when (aware, to the second), and why it was suspended or revoked."""

    status: str
    at: datetime
    reason: RevocationReason | None = None


@dataclass(frozen=True, slots=True)
class ListedSeal:
    """A seal that was made; moments are aware, to the second, and the validity ends before `valid_until`.

    `authority` looks after it, `owner` (credit code) has it; `issuer` is whose licences it may seal, None where it may seal none.
    `keys` are JWKs as issuer metadata has them, oldest first.
    """

    es_id: str
    authority: str
    owner: str
    owner_name: str
    kind: str
    name: str
    suite: str
    valid_from: datetime
    valid_until: datetime
    history: tuple[Turn, ...]
    keys: tuple[Mapping[str, Any], ...] = field(repr=False)
    purpose: str | None = None
    remakes: str | None = None
    issuer: str | None = None

    def status_at(self, at: datetime) -> str | None:
        """What it was at a moment (aware): MADE, ACTIVE, SUSPENDED, REVOKED or EXPIRED; None before it was made."""
        require_zones(at)
        past = [turn for turn in self.history if turn.at <= at]
        if not past:
            return None
        return EXPIRED if past[-1].status != REVOKED and at >= self.valid_until else past[-1].status

    @property
    def suspended_at(self) -> datetime | None:
        """Since when it has been suspended, for whatever reasons; None while it is not."""
        run = tuple(takewhile(lambda turn: turn.status == SUSPENDED, reversed(self.history)))
        return run[-1].at if run else None

    @property
    def revocation(self) -> Revocation | None:
        """From when on it does not count as of now: revoked, suspended and not resumed, or not even filed yet."""
        last = self.history[-1]
        if last.status == ACTIVE:
            return None
        if last.status != REVOKED:
            return Revocation(self.suspended_at or self.valid_from, reason=RevocationReason.CERTIFICATE_HOLD)
        reason = last.reason or RevocationReason.UNSPECIFIED
        return Revocation(last.at, last.at if reason is RevocationReason.KEY_COMPROMISE else None, reason)


def members_of(seal: ListedSeal) -> dict[str, Any]:
    """Write a seal as JSON; what is None is left out."""
    members = {
        "seal": seal.es_id,
        "authority": seal.authority,
        "owner": seal.owner,
        "owner_name": seal.owner_name,
        "kind": seal.kind,
        "purpose": seal.purpose,
        "name": seal.name,
        "suite": seal.suite,
        "status": seal.history[-1].status,
        "nbf": _second(seal.valid_from),
        "exp": _second(seal.valid_until),
        "remakes": seal.remakes,
        "issuer": seal.issuer,
        "history": [
            {"status": turn.status, "at": _second(turn.at), **({"reason": turn.reason.value} if turn.reason else {})}
            for turn in seal.history
        ],
        "keys": list(seal.keys),
    }
    return {name: value for name, value in members.items() if value is not None}


def read_seal(members: Any) -> tuple[ListedSeal, tuple[TrustedKey, ...]]:
    """Read a seal and its keys.

    Raises:
        FormatError: a member is missing or not as it must be, or two of them contradict each other.
        UncheckableError: a key of no known suite.
    """
    if not isinstance(members, dict) or not isinstance(members.get("keys"), list) or not members["keys"]:
        raise FormatError("a seal of the trust list is not an object with keys")
    seal = ListedSeal(
        es_id=_text(members, "seal"), authority=_text(members, "authority"), owner=_text(members, "owner"),
        owner_name=_text(members, "owner_name"), kind=_text(members, "kind"), name=_text(members, "name"),
        suite=_text(members, "suite"), valid_from=moment(members, "nbf"), valid_until=moment(members, "exp"),
        history=_history(members), keys=tuple(members["keys"]), purpose=_text_or_none(members, "purpose"),
        remakes=_text_or_none(members, "remakes"), issuer=_text_or_none(members, "issuer"),
    )  # fmt: skip
    if members.get("status") != seal.history[-1].status or seal.valid_until <= seal.valid_from:
        raise FormatError("a seal's status is not the last of its history, or its validity ends before it begins")
    if seal.history[-1].status == MADE and seal.issuer is not None:
        raise FormatError("a seal that was not filed speaks for nobody")
    return seal, tuple(_key(seal, jwk) for jwk in seal.keys)


def _key(seal: ListedSeal, jwk: Any) -> TrustedKey:
    """A key must say of its seal what the seal says of itself."""
    if not isinstance(jwk, dict):
        raise FormatError("a key of the trust list is not an object")
    key, last = trusted_key(seal.issuer or "", jwk), seal.history[-1]
    revoked = seal.revocation if last.status == REVOKED else None
    told = (key.es_id, key.certificate.subject.credit_code, key.certificate.public_key.suite.name, jwk.get("status"))
    if told != (seal.es_id, seal.owner, seal.suite, last.status):
        raise FormatError("a key of the trust list is not of the seal, owner, suite or status that its seal has")
    ends = (seal.suspended_at, revoked and revoked.revoked_at, revoked and revoked.compromised_at)
    if (key.suspended_at, key.revoked_at, key.compromised_at) != ends:
        raise FormatError("a key of the trust list was not suspended or revoked when its seal was")
    if key.valid_until is None or key.valid_until > seal.valid_until:
        raise FormatError("a key of the trust list holds longer than its seal")
    return key


def _history(members: dict[str, Any]) -> tuple[Turn, ...]:
    listed = members.get("history")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise FormatError("a seal of the trust list has no history")
    turns = tuple(Turn(_text(one, "status"), moment(one, "at"), _reason(one)) for one in listed)
    if not turns or turns[0].status not in _FIRST or not all(starmap(_may_follow, pairwise(turns))):
        raise FormatError("a seal's history does not begin with its making, or goes back, or on after a revocation")
    return turns


def _may_follow(before: Turn, after: Turn) -> bool:
    filed = after.status in _LATER and (before.status != MADE or after.status == ACTIVE)
    return filed and before.at <= after.at and before.status != REVOKED


def _reason(members: dict[str, Any]) -> RevocationReason | None:
    told = _text_or_none(members, "reason")
    try:
        return RevocationReason(told) if told is not None else None
    except ValueError as error:
        raise FormatError("a reason in the trust list is none of RFC 5280") from error


def moment(members: Mapping[str, Any], name: str) -> datetime:
    """A time in whole seconds since 1970, as a claim has it; raises FormatError."""
    value = members.get(name)
    if type(value) is not int or not 0 < value < _LATEST:
        raise FormatError("a time of the trust list is not a positive whole number of seconds, or out of range")
    return datetime.fromtimestamp(value, UTC)


def _second(at: datetime) -> int:
    require_zones(at)
    return int(at.timestamp())


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise FormatError("a member of the trust list is missing, or is not text")
    return value


def _text_or_none(members: Mapping[str, Any], name: str) -> str | None:
    return _text(members, name) if name in members else None
