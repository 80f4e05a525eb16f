"""Seals: which one seals now, and what verifiers may believe; what staff do to them is in `office`.

A seal that is not active, expired, or not the authority's own seals nothing; what it sealed before stays verifiable. Every change
advances the policy epoch in its own transaction, so that no process goes on sealing with what was ended.
"""

import threading
from dataclasses import dataclass
from typing import Any

from hub.clock import Clock, to_micros
from hub.database import Database
from hub.seals.kinds import Custody, Kind
from hub.seals.life import SealStatus
from hub.seals.reaching import reaching_a_key
from hub.seals.refusals import SealCustodyError
from hub.seals.register import EMPTY, Reason, Register, Seal, Signer, read_register, unusable
from keys.certificates import Certificate
from keys.contracts import PublicKey
from keys.references import KeyPlaces
from keys.seal_trust import SealTrust
from keys.suites import PrivateKey
from keys.timestamp_trust import Authorities
from keys.verification import Trust, trust_from_metadata

__all__ = ["Custody", "Kind", "Reason", "Seal", "SealStatus", "Sealer", "Seals"]


@dataclass(frozen=True, slots=True)
class Sealer:
    """What seals for an authority now."""

    kid: str
    es_id: str
    issuer: str
    key: PrivateKey


class Seals:
    """Hands out what seals and what verifies. `refresh` comes before the first use."""

    def __init__(
        self, database: Database, store: KeyPlaces, clock: Clock, *,
        public_url: str, outside_roots: tuple[Certificate, ...] = (),
    ) -> None:  # fmt: skip
        """Keys live in `store`; `public_url` begins every issuer's name; `outside_roots` are those of other authorities that we believe."""
        self._database = database
        self._store = store
        self._clock = clock
        self._public_url = public_url
        self.outside_roots = outside_roots
        self._refreshing = threading.Lock()
        self._register: Register = EMPTY
        self._trust: tuple[Register, Trust] | None = None
        self._seal_trust: tuple[Register, SealTrust] | None = None

    def refresh(self) -> None:
        """Read the seals again; another process may have changed them."""
        with self._refreshing, self._database.snapshot() as session:
            self._register = read_register(session)

    # -- what seals and what verifies --------------------------------------------------------------------------------

    def issuer_url(self, authority: str) -> str:
        """Return the issuer's name of an authority, the `iss` of what it seals."""
        return f"{self._public_url}/authorities/{authority}"

    def sealer(self, authority: str) -> Sealer:
        """Return what seals licences for an authority now.

        Raises:
            SealMissingError: it has no seal.
            SealUnusableError: its seals are not active, expired, not valid yet, or of kinds that seal no licences.
            SealKeyUnavailableError: the key store or the token does not give the seal's key.
        """
        seal, signer = self._register.signer(authority, self._now())
        return self._sealer(seal, signer)

    def sealer_of(self, es_id: str) -> Sealer:
        """Return what seals with one seal now; raises SealMissingError, SealUnusableError, SealCustodyError, SealKeyUnavailableError."""
        return self._sealer(*self.signer_of(es_id))

    def signer_of(self, es_id: str) -> tuple[Seal, Signer]:
        """Return a seal and the certificate that signs under it now; raises SealMissingError, SealUnusableError."""
        seal = self._register.seal(es_id)
        signer = seal.signer_at(self._now())
        if signer is None:
            raise unusable(seal)
        return seal, signer

    @property
    def register(self) -> Register:
        """The register of seals as it was last read."""
        return self._register

    def _sealer(self, seal: Seal, signer: Signer) -> Sealer:
        if not signer.key_uri:
            raise SealCustodyError
        with reaching_a_key():
            key = self._store.private(signer.key_uri)
        return Sealer(signer.kid, seal.es_id, self.issuer_url(seal.authority), key)

    def metadata(self, authority: str) -> dict[str, Any]:
        """Return the JWT VC issuer metadata of an authority; raises SealMissingError when it never had a seal."""
        return self._register.metadata(authority, self.issuer_url(authority))

    def revocation_list_url(self, suite: str) -> str:
        """Return where the list of the certificates is that a suite's root has revoked."""
        return f"{self._public_url}/.well-known/licence-hub/revocations/{suite}.crl"

    def roots(self) -> tuple[Certificate, ...]:
        """Return every root that is believed here: those of the suites, and those of outside authorities."""
        return (*(maker.certificate for maker in self._register.makers.values()), *self.outside_roots)

    def trust(self) -> Trust:
        """Return what a verifier believes: all authorities' published keys, under the makers' roots."""
        register, known = self._register, self._trust
        if known is None or known[0] is not register:
            documents = [register.metadata(authority, self.issuer_url(authority)) for authority in register.seals]
            self._trust = known = (register, trust_from_metadata(documents, self.roots()))
        return known[1]

    def seal_trust(self, authorities: Authorities | None = None) -> SealTrust:
        """Return what a verifier of seals, and of files under them, believes; `authorities` are those of timestamps."""
        register, known = self._register, self._seal_trust
        if known is None or known[0] is not register or known[1].authorities is not authorities:
            self._seal_trust = known = (register, self._believed(register, authorities))
        return known[1]

    def _believed(self, register: Register, authorities: Authorities | None) -> SealTrust:
        seals = [seal for several in register.seals.values() for seal in several]
        signers = [(each, seal.ended_for(each)) for seal in seals for each in seal.signers]
        return SealTrust(
            roots=self.roots(),
            makers=tuple(maker.maker_certificate for maker in register.makers.values()),
            revoked_certificates={each.kid: ended for each, ended in signers if ended},
            revoked_seals={seal.es_id: seal.ended for seal in seals if seal.ended},
            intermediates=register.intermediates,
            authorities=authorities,
        )

    def seals(self, authority: str) -> tuple[Seal, ...]:
        """Return all seals that an authority's staff look after, oldest first."""
        return self._register.seals.get(authority, ())

    def seal(self, es_id: str) -> Seal:
        """Return a seal by its number; raises SealMissingError."""
        return self._register.seal(es_id)

    def of_key(self, kid: str) -> Seal:
        """Return the seal that a key belongs or belonged to; raises SealMissingError."""
        return self._register.of_key(kid)[0]

    def public_key(self, kid: str) -> PublicKey:
        """Return a seal's public key; raises SealMissingError."""
        return self._register.of_key(kid)[1].certificate.public_key

    def _now(self) -> int:
        return to_micros(self._clock.now())
