"""At most one live licence in each uniqueness scope of its type, for any day.

Decides whether two editions collide: same scope values, both live (VALID or SUSPENDED), periods that share a day. It
must never compare plaintext: scopes are blind indexes. Whoever wants a scope first holds its lock, so that of two
requests at one moment exactly one succeeds.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import orjson
from sqlalchemy import bindparam, text
from sqlmodel import Session

from hub.catalogue.licence_type import HOLDER_SCOPE, NUMBER_SCOPE, LicenceType
from hub.database import Database
from hub.errors import LicenceExistsError
from hub.licences.draft import Draft, Holder, spelling
from hub.licences.parts import COMMON, holder_parts
from hub.licences.status import LIVE
from hub.vault.purposes import person, uniqueness
from hub.vault.service import Vault

# Locks are shared by scopes of one stripe: PostgreSQL's table of locks is small, a batch may want thousands.
_STRIPES = 1024
_CHUNK = 500

_LIVE_IN_SCOPE = text(
    "SELECT v.value, l.valid_from, l.valid_until FROM vault_index v JOIN licence l ON l.id = substr(v.place, 9)"
    " WHERE v.kind = 'UNIQUENESS' AND v.value IN :indexes AND l.status IN :live"
).bindparams(bindparam("indexes", expanding=True), bindparam("live", list(LIVE), expanding=True))

_RIVALS = text(
    "SELECT l.identifier, l.authority, l.valid_from, l.valid_until FROM vault_index v JOIN licence l ON l.id = substr(v.place, 9)"
    " WHERE v.kind = 'UNIQUENESS' AND v.value IN :indexes AND l.status IN :live ORDER BY l.identifier"
).bindparams(bindparam("indexes", expanding=True), bindparam("live", list(LIVE), expanding=True))

_OF_LICENCE = text("SELECT value FROM vault_index WHERE place = :place AND kind = 'UNIQUENESS'")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one edition needs for itself: the blind indexes of its scopes, through a period of legal days."""

    indexes: frozenset[bytes]
    valid_from: str
    valid_until: str | None

    def meets(self, valid_from: str, valid_until: str | None) -> bool:
        """Tell whether the period shares a day with another; None is no end."""
        begins_in_time = self.valid_until is None or valid_from <= self.valid_until
        return begins_in_time and (valid_until is None or self.valid_from <= valid_until)


@dataclass(frozen=True, slots=True)
class Rival:
    """A live licence that stands where another would: at most one may, on any day."""

    identifier: str
    authority: str


def scopes(draft: Draft, licence_type: LicenceType) -> Iterator[tuple[int, str]]:
    """Yield part and scope value, canonical JSON, for each scope of a draft: one a holder where holders count."""
    names = licence_type.uniqueness
    if not names:
        return
    if HOLDER_SCOPE not in names:
        yield COMMON, _scope(draft, names, draft.holders[0])
        return
    for part, holder in zip(holder_parts(draft), draft.holders, strict=True):
        yield part, _scope(draft, names, holder)


def _scope(draft: Draft, names: Sequence[str], holder: Holder) -> str:
    return orjson.dumps([_scope_value(draft, name, holder) for name in names]).decode()


def _scope_value(draft: Draft, name: str, holder: Holder) -> object:
    if name == HOLDER_SCOPE:
        return person(holder.code_type, holder.code)
    if name == NUMBER_SCOPE:
        return spelling(draft.number)
    value: object = draft.data
    for step in name.split("."):
        value = value[step]  # type: ignore[index]  # the catalogue allows only required members of objects here
    return spelling(value) if isinstance(value, str) else value


def claim(draft: Draft, indexes: Iterable[bytes]) -> Claim:
    """Return the claim of a draft whose scopes have these blind indexes."""
    end = draft.valid_until.isoformat() if draft.valid_until else None
    return Claim(frozenset(indexes), draft.valid_from.isoformat(), end)


class Uniqueness:
    """Grants scopes to editions, one at a time."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """Use the database's locks and the vault's indexes."""
        self._database = database
        self._vault = vault

    def claim_of(self, draft: Draft, licence_type: LicenceType) -> Claim:
        """Return what a draft would need."""
        domain = uniqueness(licence_type.key)
        return claim(
            draft,
            (index for _, value in scopes(draft, licence_type) for index in self._vault.candidates(domain, value)),
        )

    def rivals(self, session: Session, draft: Draft, licence_type: LicenceType) -> list[Rival]:
        """Return the live licences beside which a checked draft could not be issued now; nothing is held."""
        wanted = self.claim_of(draft, licence_type)
        if not wanted.indexes:
            return []
        found = session.execute(_RIVALS, {"indexes": list(wanted.indexes)})
        beside = (
            Rival(row.identifier, row.authority) for row in found if wanted.meets(row.valid_from, row.valid_until)
        )
        return list(dict.fromkeys(beside))

    def claim_again(self, session: Session, licence_id: str, valid_from: str, valid_until: str | None) -> None:
        """Take the scopes of a stored edition that becomes live again; raises LicenceExistsError."""
        found = session.execute(_OF_LICENCE, {"place": f"licence:{licence_id}"}).scalars()
        self.take(session, [Claim(frozenset(bytes(index) for index in found), valid_from, valid_until)])

    def take(self, session: Session, claims: Sequence[Claim]) -> None:
        """Hold every scope until the unit of work ends.

        Raises:
            LicenceExistsError: a live licence, or another of these claims, has one of them on a common day.
        """
        if self.take_free(session, claims):
            raise LicenceExistsError

    def take_free(self, session: Session, claims: Sequence[Claim]) -> frozenset[int]:
        """Hold every scope, and return the places of the claims that cannot be met: of two that collide, the later."""
        self._database.lock_all(session, {_stripe(index) for claim in claims for index in claim.indexes})
        return unmet(session, claims)


def unmet(
    session: Session, claims: Sequence[Claim], others: Mapping[bytes, Sequence[Claim]] = MappingProxyType({})
) -> frozenset[int]:
    """Return the places of the claims that cannot be met now, beside others by index; without locks, that may be over at once."""
    wanted: dict[bytes, list[int]] = {}
    for place, claim in enumerate(claims):
        for index in claim.indexes:
            wanted.setdefault(index, []).append(place)
    refused = {
        place
        for index, first, last in _live(session, list(wanted))
        for place in wanted[bytes(index)]
        if claims[place].meets(first, last)
    }
    refused |= {
        place
        for index in wanted.keys() & others.keys()
        for place in wanted[index]
        if any(claims[place].meets(other.valid_from, other.valid_until) for other in others[index])
    }
    return frozenset(refused | _crowded(claims, refused))


def _crowded(claims: Sequence[Claim], refused: Container[int]) -> set[int]:
    """Return the claims that collide with an earlier one that is not refused itself."""
    crowded: set[int] = set()
    taken: dict[bytes, list[Claim]] = {}
    for place, claim in enumerate(claims):
        if place in refused:
            continue
        rivals = (other for index in claim.indexes for other in taken.get(index, ()))
        if any(claim.meets(other.valid_from, other.valid_until) for other in rivals):
            crowded.add(place)
            continue
        for index in claim.indexes:
            taken.setdefault(index, []).append(claim)
    return crowded


def _stripe(index: bytes) -> bytes:
    return b"unique" + (int.from_bytes(index[:4], "big") % _STRIPES).to_bytes(2, "big")


def _live(session: Session, indexes: Sequence[bytes]) -> Iterator[tuple[bytes, str, str | None]]:
    for start in range(0, len(indexes), _CHUNK):
        rows = session.execute(_LIVE_IN_SCOPE, {"indexes": indexes[start : start + _CHUNK]})
        yield from (tuple(row) for row in rows)
