"""Seals: made, given a new key, suspended, resumed, revoked; which one seals now, and what verifiers may believe.

A seal that is suspended, revoked, expired or not the authority's own seals nothing; what it sealed before stays
verifiable. Every change is recorded and advances the policy epoch in its own transaction, so that no process goes on
sealing with what was ended. GB/T 38540-2020 (seals), 国办发〔2025〕33号 (whose keys they are).
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session, col, select

from hub.audit.service import Audit, Entry
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError, SealMissingError, SealUnusableError
from hub.seals import model
from hub.seals.making import check_wish, find_or_make_maker, make_certificate, next_es_id, years_later
from hub.seals.reaching import reaching_a_key
from hub.seals.register import EMPTY, Reason, Register, Seal, SealStatus, read_register
from keys.certificates import Certificate
from keys.references import KeyPlaces
from keys.suites import PrivateKey
from keys.verification import Trust, trust_from_metadata

__all__ = ["MadeSeal", "Reason", "Seal", "SealStatus", "Sealer", "Seals"]

LOCK = b"seals   "


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a seal's status: from which it may come, to which it leads."""

    origins: frozenset[SealStatus]
    to: SealStatus


CHANGES: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "SUSPEND": Change(frozenset({SealStatus.ACTIVE}), SealStatus.SUSPENDED),
        "RESUME": Change(frozenset({SealStatus.SUSPENDED}), SealStatus.ACTIVE),
        "REVOKE": Change(frozenset({SealStatus.ACTIVE, SealStatus.SUSPENDED}), SealStatus.REVOKED),
    }
)


@dataclass(frozen=True, slots=True)
class MadeSeal:
    """What was made: the seal's number and the thumbprint of its new certificate."""

    es_id: str
    kid: str


@dataclass(frozen=True, slots=True)
class Sealer:
    """What seals for an authority now."""

    kid: str
    es_id: str
    issuer: str
    key: PrivateKey


class Seals:
    """Makes seals and hands out what seals and what verifies. `refresh` comes before the first use."""

    def __init__(
        self, database: Database, audit: Audit, store: KeyPlaces, clock: Clock, catalogue: Catalogue, *, public_url: str
    ) -> None:
        """Keys live in `store`; `public_url` begins every issuer's name."""
        self._database = database
        self._audit = audit
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._public_url = public_url
        self._refreshing = threading.Lock()
        self._register: Register = EMPTY
        self._trust: tuple[Register, Trust] | None = None

    def refresh(self) -> None:
        """Read the seals again; another process may have changed them."""
        with self._refreshing, self._database.snapshot() as session:
            self._register = read_register(session)

    # -- what seals and what verifies --------------------------------------------------------------------------------

    def issuer_url(self, authority: str) -> str:
        """Return the issuer's name of an authority, the `iss` of what it seals."""
        return f"{self._public_url}/authorities/{authority}"

    def sealer(self, authority: str) -> Sealer:
        """Return what seals for an authority now.

        Raises:
            SealMissingError: it has no seal.
            SealUnusableError: its seals are suspended, revoked, expired or not valid yet.
            SealKeyUnavailableError: the key store or the token does not give the seal's key.
        """
        seal, signer = self._register.signer(authority, to_micros(self._clock.now()))
        with reaching_a_key():
            key = self._store.private(signer.key_uri)
        return Sealer(signer.kid, seal.es_id, self.issuer_url(authority), key)

    def metadata(self, authority: str) -> dict[str, Any]:
        """Return the JWT VC issuer metadata of an authority; raises SealMissingError when it never had a seal."""
        return self._register.metadata(authority, self.issuer_url(authority))

    def roots(self) -> tuple[Certificate, ...]:
        """Return the makers' root certificates."""
        return tuple(maker.certificate for maker in self._register.makers.values())

    def trust(self) -> Trust:
        """Return what a verifier believes: all authorities' published keys, under the makers' roots."""
        register, known = self._register, self._trust
        if known is None or known[0] is not register:
            documents = [register.metadata(authority, self.issuer_url(authority)) for authority in register.seals]
            roots = tuple(maker.certificate for maker in register.makers.values())
            self._trust = known = (register, trust_from_metadata(documents, roots))
        return known[1]

    def seals(self, authority: str) -> tuple[Seal, ...]:
        """Return all seals of an authority, oldest first."""
        return self._register.seals.get(authority, ())

    # -- changes -----------------------------------------------------------------------------------------------------

    def make(self, authority: str, name: str, suite: str = "ES256", years: int = 5) -> MadeSeal:
        """Make a seal for an authority, active from now on for so many years.

        Raises:
            AuthorityUnknownError: no such authority.
            InputInvalidError: name, suite or years are not acceptable.
            SuiteUnavailableError: this machine lacks the library for the suite.
        """
        owner = self._catalogue.authority(authority)
        check_wish(name, suite, years)
        now = self._clock.now()
        first = now.replace(microsecond=0)
        with self._change() as session:
            maker = self._maker(session, suite, now)
            last = min(years_later(first, years), Certificate.load(maker.certificate).not_after)
            seal = model.Seal(
                es_id=next_es_id(session, owner.division), authority=authority, name=name, suite=suite,
                status=SealStatus.ACTIVE.value, valid_from=to_micros(first), valid_until=to_micros(last),
                made_at=to_micros(now),
            )  # fmt: skip
            session.add(seal)
            session.flush()
            kid = self._add_certificate(session, maker, seal, now)
            self._record(session, "MAKE", seal, kid=kid, suite=suite)
        return MadeSeal(seal.es_id, kid)

    def rotate(self, es_id: str) -> MadeSeal:
        """Give an active seal a new key and certificate; the old one seals no more and stays verifiable.

        Raises:
            SealMissingError: no such seal.
            SealUnusableError: it is not active, or not within its validity.
        """
        now = self._clock.now()
        with self._change() as session:
            seal = self._seal(session, es_id)
            if seal.status != SealStatus.ACTIVE or not seal.valid_from <= to_micros(now) < seal.valid_until:
                raise SealUnusableError
            rows = select(model.SignerCertificate).where(
                model.SignerCertificate.es_id == es_id, col(model.SignerCertificate.retired_at).is_(None)
            )
            for row in session.exec(rows):
                row.retired_at = to_micros(now)
            kid = self._add_certificate(session, self._maker(session, seal.suite, now), seal, now)
            self._record(session, "ROTATE", seal, kid=kid)
        return MadeSeal(es_id, kid)

    def suspend(self, es_id: str, reason: str) -> None:
        """Suspend an active seal: it seals nothing until it is resumed. Errors as for `revoke`."""
        self._set_status("SUSPEND", es_id, reason)

    def resume(self, es_id: str, reason: str) -> None:
        """Let a suspended seal seal again. Errors as for `revoke`."""
        self._set_status("RESUME", es_id, reason)

    def revoke(self, es_id: str, reason: str) -> None:
        """Revoke a seal for ever; after KEY_COMPROMISE what it sealed needs proof that it existed before.

        Raises:
            InputInvalidError: the reason is not one of `Reason`.
            SealMissingError: no such seal.
            SealUnusableError: its status does not allow it.
        """
        self._set_status("REVOKE", es_id, reason)

    def _set_status(self, act: str, es_id: str, reason: str) -> None:
        if reason not in set(Reason):
            raise InputInvalidError(f"The reason is one of {', '.join(Reason)}.")
        change = CHANGES[act]
        with self._change() as session:
            seal = self._seal(session, es_id)
            if seal.status not in change.origins:
                raise SealUnusableError(f"The seal is {seal.status}; its status does not allow this.")
            seal.status = change.to.value
            if change.to is SealStatus.REVOKED:
                seal.revoked_at, seal.revoked_for = to_micros(self._clock.now()), reason
            self._record(session, act, seal, reason=reason)

    # -- steps of a change -------------------------------------------------------------------------------------------

    @contextmanager
    def _change(self) -> Iterator[Session]:
        """Open a change: one at a time over all processes, visible here once it is durable."""
        with self._database.transaction() as session:
            self._database.lock(session, LOCK)
            yield session
        self.refresh()

    def _seal(self, session: Session, es_id: str) -> model.Seal:
        seal = session.get(model.Seal, es_id)
        if seal is None:
            raise SealMissingError("No seal has this number.")
        return seal

    def _maker(self, session: Session, suite: str, now: datetime) -> model.SealMaker:
        maker, made = find_or_make_maker(session, self._store, suite, now)
        if made:
            root = Certificate.load(maker.certificate).thumbprint
            self._audit.append(session, Entry("seal", {"operation": "MAKE_ROOT", "suite": suite, "root": root}))
        return maker

    def _add_certificate(self, session: Session, maker: model.SealMaker, seal: model.Seal, now: datetime) -> str:
        row = make_certificate(self._store, maker, seal, self._catalogue.authority(seal.authority), now)
        session.add(row)
        return row.kid

    def _record(self, session: Session, act: str, seal: model.Seal, **facts: str) -> None:
        self._audit.append(
            session, Entry("seal", {"operation": act, "seal": seal.es_id, "authority": seal.authority, **facts})
        )
        self._audit.advance_epoch(session)
