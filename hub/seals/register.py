"""The register of seals (备案) at one moment: makers, seals, and every certificate that ever sealed.

Decides which key seals for an authority now, and what is published about its keys. Retired certificates and revoked
seals stay in it, so that what they sealed stays verifiable. SD-JWT VC (JWT VC issuer metadata), RFC 7517 (x5c).
"""

import base64
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, select

from hub.clock import from_micros
from hub.errors import SealMissingError, SealUnusableError
from hub.seals import model
from hub.seals.kinds import Custody, Kind, seals_licences
from hub.seals.life import SealStatus
from keys.certificates import Certificate

SECOND = 1_000_000


class Reason(StrEnum):
    """Why a seal was suspended, resumed or revoked (RFC 5280 section 5.3.1); a stolen or lost key is KEY_COMPROMISE."""

    UNSPECIFIED = "UNSPECIFIED"
    KEY_COMPROMISE = "KEY_COMPROMISE"
    AFFILIATION_CHANGED = "AFFILIATION_CHANGED"
    SUPERSEDED = "SUPERSEDED"
    CESSATION_OF_OPERATION = "CESSATION_OF_OPERATION"
    CERTIFICATE_HOLD = "CERTIFICATE_HOLD"
    PRIVILEGE_WITHDRAWN = "PRIVILEGE_WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Maker:
    """A seal maker: its root certificate and the reference of its key."""

    suite: str
    certificate: Certificate
    key_uri: str


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate of a seal's key; instants in microseconds, `retired_at` None while it may seal.

    `key_uri` is empty where the owner keeps the key, `ses_seal` (sealed) where the suite has no SES_Seal.
    """

    certificate: Certificate
    key_uri: str
    ses_seal: bytes | None = field(repr=False)
    made_at: int
    retired_at: int | None

    @property
    def kid(self) -> str:
        """Return the thumbprint of the certificate."""
        return self.certificate.thumbprint


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal and its signers, oldest first; instants in microseconds, the validity ends before `valid_until`.

    `authority` is the one whose staff look after it, `owner` whose seal it is; `remakes` is the seal it took the place of.
    """

    es_id: str
    authority: str
    owner: str
    owner_name: str
    kind: Kind
    purpose: str | None
    name: str
    suite: str
    custody: Custody
    status: SealStatus
    valid_from: int
    valid_until: int
    made_at: int
    revoked_at: int | None
    revoked_for: Reason | None
    remakes: str | None
    signers: tuple[Signer, ...]

    @property
    def seals_licences(self) -> bool:
        """Tell whether it may seal licences at all: an authority's own, of a fitting kind, with its key here."""
        own = self.owner == self.authority and self.custody is Custody.HUB
        return own and seals_licences(self.kind, self.purpose)

    def signer_at(self, micros: int) -> Signer | None:
        """Return the certificate that seals at an instant; None when the seal is not active or not within its validity."""
        if self.status is not SealStatus.ACTIVE or not self.valid_from <= micros < self.valid_until:
            return None
        now = from_micros(micros)
        usable = (
            each
            for each in reversed(self.signers)
            if each.retired_at is None and each.certificate.not_before <= now < each.certificate.not_after
        )
        return next(usable, None)


@dataclass(frozen=True, slots=True)
class Register:
    """What is registered: makers by suite, each authority's seals, oldest first."""

    makers: Mapping[str, Maker]
    seals: Mapping[str, tuple[Seal, ...]]

    def signer(self, authority: str, micros: int) -> tuple[Seal, Signer]:
        """Return the newest active seal of an authority that is valid at an instant, and its certificate.

        Raises:
            SealMissingError: the authority has no seal.
            SealUnusableError: none of its seals may seal now.
        """
        if authority not in self.seals:
            raise SealMissingError
        for seal in reversed(self.seals[authority]):
            if seal.seals_licences and (signer := seal.signer_at(micros)):
                return seal, signer
        raise SealUnusableError

    def of_key(self, kid: str) -> tuple[Seal, Signer]:
        """Return the seal that a key belongs or belonged to, and its certificate; raises SealMissingError."""
        found = (
            (seal, each) for seals in self.seals.values() for seal in seals for each in seal.signers if each.kid == kid
        )
        pair = next(found, None)
        if pair is None:
            raise SealMissingError("No seal ever had this key.")
        return pair

    def seal(self, es_id: str) -> Seal:
        """Return a seal by its number; raises SealMissingError."""
        found = next((seal for seals in self.seals.values() for seal in seals if seal.es_id == es_id), None)
        if found is None:
            raise SealMissingError("No seal has this number.")
        return found

    def metadata(self, authority: str, issuer: str) -> dict[str, Any]:
        """Return the JWT VC issuer metadata of an authority: every key that ever sealed; raises SealMissingError."""
        if authority not in self.seals:
            raise SealMissingError
        shown = [seal for seal in self.seals[authority] if seal.seals_licences and seal.status is not SealStatus.MADE]
        keys = [self._key(seal, signer) for seal in shown for signer in seal.signers]
        return {"issuer": issuer, "jwks": {"keys": keys}}

    def _key(self, seal: Seal, signer: Signer) -> dict[str, Any]:
        public = signer.certificate.public_key
        chain = (signer.certificate, self.makers[seal.suite].certificate)
        key: dict[str, Any] = {
            **public.to_jwk(),
            "kid": signer.kid,
            "alg": public.suite.jose_algorithm,
            "use": "sig",
            "x5c": [base64.b64encode(each.der).decode() for each in chain],
            "seal": seal.es_id,
            "status": seal.status.value,
            "nbf": _second(signer.certificate.not_before),
            "exp": min(seal.valid_until // SECOND, _ended(signer.retired_at) or seal.valid_until // SECOND),
        }
        if (revoked_at := _ended(seal.revoked_at)) is not None:
            key["revoked_at"] = revoked_at
            if seal.revoked_for is Reason.KEY_COMPROMISE:
                key["compromised_at"] = revoked_at
        return key


EMPTY = Register(MappingProxyType({}), MappingProxyType({}))


def read_register(session: Session) -> Register:
    """Return what the tables say."""
    signers: dict[str, list[Signer]] = defaultdict(list)
    order = (col(model.SignerCertificate.made_at), col(model.SignerCertificate.kid))
    for row in session.exec(select(model.SignerCertificate).order_by(*order)):
        signers[row.es_id].append(
            Signer(Certificate.load(row.certificate), row.key_uri, row.ses_seal, row.made_at, row.retired_at)
        )
    seals: dict[str, list[Seal]] = defaultdict(list)
    for seal in session.exec(select(model.Seal).order_by(col(model.Seal.made_at), col(model.Seal.es_id))):
        seals[seal.authority].append(_seal(seal, tuple(signers[seal.es_id])))
    makers = {
        row.suite: Maker(row.suite, Certificate.load(row.certificate), row.key_uri)
        for row in session.exec(select(model.SealMaker))
    }
    return Register(MappingProxyType(makers), MappingProxyType({code: tuple(each) for code, each in seals.items()}))


def _seal(row: model.Seal, signers: tuple[Signer, ...]) -> Seal:
    return Seal(
        es_id=row.es_id,
        authority=row.authority,
        owner=row.owner,
        owner_name=row.owner_name,
        kind=Kind(row.kind),
        purpose=row.purpose,
        name=row.name,
        suite=row.suite,
        custody=Custody(row.custody),
        status=SealStatus(row.status),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        made_at=row.made_at,
        revoked_at=row.revoked_at,
        revoked_for=Reason(row.revoked_for) if row.revoked_for else None,
        remakes=row.remakes,
        signers=signers,
    )


def _second(instant: datetime) -> int:
    return int(instant.timestamp())


def _ended(micros: int | None) -> int | None:
    """Return the first whole second after an end: a sealing time is cut to its second and must not seem later."""
    return None if micros is None else -(-micros // SECOND)
