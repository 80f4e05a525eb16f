"""The register of seals (备案) at one moment: makers, seals, and every certificate that ever sealed.

Decides which key seals for an authority now, and what is published about its keys. Retired certificates and revoked
seals stay in it, so that what they sealed stays verifiable. SD-JWT VC (JWT VC issuer metadata), RFC 7517 (x5c).
"""

import base64
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, select

from hub.clock import from_micros
from hub.errors import SealMissingError, SealUnusableError
from hub.seals import model
from hub.seals.kinds import FOR_LICENCES, Custody, Kind, seals_licences
from hub.seals.life import STEPS, SealStatus
from hub.seals.refusals import SealSuspendedError
from keys.certificates import Certificate
from keys.revocation import Revocation, RevocationReason

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
    """The authority of a suite: its root, the maker under it that makes seals, and the reference of the root's key."""

    suite: str
    certificate: Certificate
    key_uri: str
    maker_certificate: Certificate


@dataclass(frozen=True, slots=True)
class Change:
    """What a step left a seal as, when, in microseconds, and why."""

    at: int
    status: SealStatus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate of a seal's key; instants in microseconds, `retired_at` None while it may seal.

    `key_uri` is empty where the owner keeps the key, `issuers` where the suite's root issued it (the outside root is the last of them), and
    `ses_seal` (sealed) is None where the suite has no SES_Seal.
    """

    certificate: Certificate
    key_uri: str
    ses_seal: bytes | None = field(repr=False)
    made_at: int
    retired_at: int | None
    issuers: tuple[Certificate, ...] = ()

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
    changes: tuple[Change, ...] = ()

    def status_at(self, micros: int) -> SealStatus | None:
        """Return its status as of an instant; None before it, or the application for it, was there.

        A seal whose key was stolen counts as revoked from the report on; what was known in between is in the history of its steps.
        """
        if self.revoked_at is not None and micros >= self.revoked_at:
            return SealStatus.REVOKED
        if micros >= self.valid_until:
            return SealStatus.EXPIRED
        return next((each.status for each in reversed(self.changes) if each.at <= micros), None)

    @property
    def suspended_at(self) -> int | None:
        """Return since when it has been suspended, a report of a stolen key meanwhile or not; None while it is not."""
        if self.status is not SealStatus.SUSPENDED:
            return None
        run = takewhile(lambda each: each.status is SealStatus.SUSPENDED, reversed(self.changes))
        return min((each.at for each in run), default=self.changes[-1].at)

    @property
    def is_reported(self) -> bool:
        """Tell whether its key was reported as stolen or lost, and nobody has answered."""
        return self.status is SealStatus.SUSPENDED and self.changes[-1].reason == Reason.KEY_COMPROMISE

    @property
    def ended(self) -> Revocation | None:
        """Return since when and why it does not count any more; None while it does.

        Suspended, or not filed yet, is on hold (RFC 5280 section 5.3.1).
        """
        if self.revoked_at is not None:
            at, reason = from_micros(self.revoked_at), RevocationReason(self.revoked_for or Reason.UNSPECIFIED)
            return Revocation(at, at if reason is RevocationReason.KEY_COMPROMISE else None, reason)
        if self.status is SealStatus.ACTIVE:
            return None
        since = self.valid_from if self.suspended_at is None else self.suspended_at
        return Revocation(from_micros(since), None, RevocationReason.CERTIFICATE_HOLD)

    def ended_for(self, signer: Signer) -> Revocation | None:
        """Return since when and why one of its certificates does not count any more: the seal has ended, or it has another key."""
        if signer.retired_at is None:
            return self.ended
        retired = Revocation(from_micros(signer.retired_at), None, RevocationReason.SUPERSEDED)
        ended = self.ended or retired
        return replace(ended, revoked_at=min(ended.revoked_at, retired.revoked_at))

    @property
    def seals_licences(self) -> bool:
        """Tell whether it may seal licences at all: an authority's own, of a fitting kind, with its key here."""
        own = self.owner == self.authority and self.custody is Custody.HUB
        return own and seals_licences(self.kind, self.purpose)

    @property
    def speaks(self) -> bool:
        """Tell whether its keys speak for its authority: it may seal licences, and was filed."""
        return self.seals_licences and self.status is not SealStatus.MADE

    def signer_at(self, micros: int) -> Signer | None:
        """Return the certificate that sealed, or seals, as of an instant; None when the seal was not active then."""
        if self.status_at(micros) is not SealStatus.ACTIVE:
            return None
        then = from_micros(micros)
        usable = (
            each
            for each in reversed(self.signers)
            if each.made_at <= micros < (each.retired_at or self.valid_until)
            and each.certificate.not_before <= then < each.certificate.not_after
        )
        return next(usable, None)


@dataclass(frozen=True, slots=True)
class Register:
    """What is registered: makers by suite, each authority's seals, oldest first."""

    makers: Mapping[str, Maker]
    seals: Mapping[str, tuple[Seal, ...]]

    def signer(self, authority: str, micros: int) -> tuple[Seal, Signer]:
        """Return what seals licences for an authority at an instant, and its certificate: the seal made for them, else the newest that may.

        Raises:
            SealMissingError: the authority has no seal.
            SealUnusableError: none of its seals may seal now.
        """
        if authority not in self.seals:
            raise SealMissingError
        may = [seal for seal in reversed(self.seals[authority]) if seal.seals_licences]
        for seal in sorted(may, key=lambda seal: seal.purpose != FOR_LICENCES):
            if signer := seal.signer_at(micros):
                return seal, signer
        raise unusable(*reversed(may))

    def of_key(self, kid: str) -> tuple[Seal, Signer]:
        """Return the seal that a key belongs or belonged to, and its certificate; raises SealMissingError."""
        found = (
            (seal, each) for seals in self.seals.values() for seal in seals for each in seal.signers if each.kid == kid
        )
        pair = next(found, None)
        if pair is None:
            raise SealMissingError("No seal ever had this key.")
        return pair

    @property
    def intermediates(self) -> tuple[Certificate, ...]:
        """Return the certificates between outside roots and the signers that they issued."""
        signers = (each for seals in self.seals.values() for seal in seals for each in seal.signers)
        return tuple(dict.fromkeys(one for signer in signers for one in signer.issuers[:-1]))

    def seal(self, es_id: str) -> Seal:
        """Return a seal by its number; raises SealMissingError."""
        found = self.known(es_id)
        if found is None:
            raise SealMissingError("No seal has this number.")
        return found

    def known(self, es_id: str) -> Seal | None:
        """Return a seal by its number; None when there is none."""
        return next((seal for seals in self.seals.values() for seal in seals if seal.es_id == es_id), None)

    def metadata(self, authority: str, issuer: str) -> dict[str, Any]:
        """Return the JWT VC issuer metadata of an authority: every key that ever sealed; raises SealMissingError."""
        if authority not in self.seals:
            raise SealMissingError
        shown = [seal for seal in self.seals[authority] if seal.speaks]
        keys = [self.jwk(seal, signer) for seal in shown for signer in seal.signers]
        return {"issuer": issuer, "jwks": {"keys": keys}}

    def jwk(self, seal: Seal, signer: Signer) -> dict[str, Any]:
        """Return a key as issuer metadata and the trust list have it."""
        public = signer.certificate.public_key
        chain = (signer.certificate, *(signer.issuers or (self.makers[seal.suite].certificate,)))
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
        if (suspended_at := _ended(seal.suspended_at)) is not None:
            key["suspended_at"] = suspended_at
        if (revoked_at := _ended(seal.revoked_at)) is not None:
            key["revoked_at"] = revoked_at
            if seal.revoked_for is Reason.KEY_COMPROMISE:
                key["compromised_at"] = revoked_at
        return key


def unusable(*seals: Seal) -> SealUnusableError:
    """Return the refusal of seals none of which may seal now: what somebody can mend is told."""
    suspended = any(seal.status is SealStatus.SUSPENDED for seal in seals)
    return SealSuspendedError() if suspended else SealUnusableError()


EMPTY = Register(MappingProxyType({}), MappingProxyType({}))


def read_register(session: Session) -> Register:
    """Return what the tables say."""
    signers: dict[str, list[Signer]] = defaultdict(list)
    order = (col(model.SignerCertificate.made_at), col(model.SignerCertificate.kid))
    for row in session.exec(select(model.SignerCertificate).order_by(*order)):
        signers[row.es_id].append(
            Signer(
                Certificate.load(row.certificate), row.key_uri, row.ses_seal, row.made_at, row.retired_at,
                Certificate.load_pem_bundle(row.issuers) if row.issuers else (),
            )
        )  # fmt: skip
    changes = _changes(session)
    seals: dict[str, list[Seal]] = defaultdict(list)
    for seal in session.exec(select(model.Seal).order_by(col(model.Seal.made_at), col(model.Seal.es_id))):
        seals[seal.authority].append(_seal(seal, tuple(signers[seal.es_id]), tuple(changes[seal.es_id])))
    makers = {
        row.suite: Maker(
            row.suite, Certificate.load(row.certificate), row.key_uri, Certificate.load(row.maker_certificate)
        )
        for row in session.exec(select(model.SealMaker))
    }
    return Register(MappingProxyType(makers), MappingProxyType({code: tuple(each) for code, each in seals.items()}))


def _changes(session: Session) -> dict[str, list[Change]]:
    """Return the changes of seals, oldest first; seals from before there were steps have been active since they were made."""
    changes: dict[str, list[Change]] = defaultdict(list)
    steps = (
        select(model.SealApplication.es_id, model.SealStep.step, model.SealStep.at, model.SealStep.reason)
        .join(model.SealStep, col(model.SealStep.application_id) == model.SealApplication.id)
        .where(col(model.SealApplication.es_id).is_not(None))
        .order_by(col(model.SealStep.application_id), col(model.SealStep.sequence))
    )
    for es_id, step, at, reason in session.exec(steps):
        changes[es_id or ""].append(Change(at, STEPS[step].to, reason))
    return changes


def _seal(row: model.Seal, signers: tuple[Signer, ...], changes: tuple[Change, ...]) -> Seal:
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
        changes=changes
        if changes and changes[0].status is SealStatus.APPLIED
        else (Change(row.made_at, SealStatus.ACTIVE), *changes),
    )


def _second(instant: datetime) -> int:
    return int(instant.timestamp())


def _ended(micros: int | None) -> int | None:
    """Return the first whole second after an end: a sealing time is cut to its second and must not seem later."""
    return None if micros is None else -(-micros // SECOND)
