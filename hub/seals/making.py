"""Making seals, within the unit of work of who asks: a suite's root and maker, the seal with its number, its certificates and SES_Seals.

Decides a seal's number (esID: division of GB/T 2260, six digits, and an eight-digit serial), how long it holds, and that each has a key
of its own. GB/T 38540-2020 (SES_Seal version 4). Keys and certificates are made in `certifying`.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select

from hub.audit.service import Audit, Entry
from hub.clock import from_micros, to_micros
from hub.seals import model
from hub.seals.certifying import Certifying, KeySource, years_later
from hub.seals.impressions import Impression, Impressions
from hub.seals.kinds import KINDS, KeyPlace, Kind
from hub.seals.life import SealStatus
from hub.seals.refusals import SealKeyUsedError
from keys.certificates import Certificate
from keys.references import KeyPlaces
from keys.ses_form import SES_SUITES, Picture, SealContent
from keys.ses_making import make_seal

_SERIAL_DIGITS: Final = 8
_VENDOR: Final = "LicenceHub"  # Vid of SES_Header
_PICTURE_KIND: Final = "png"


class Making:
    """Makes seals; the caller holds their lock."""

    def __init__(self, audit: Audit, keys: KeyPlaces, impressions: Impressions, certifying: Certifying) -> None:
        """Record in `audit`, sign with `keys`."""
        self._audit = audit
        self._keys = keys
        self._impressions = impressions
        self._certifying = certifying

    def maker(self, session: Session, suite: str, now: datetime, place: KeyPlace = KeyPlace.STORE) -> model.SealMaker:
        """Return the root and maker of a suite, made at its first use; raises as `Certifying.make_maker`."""
        found = session.get(model.SealMaker, suite)
        if found is not None:
            return found
        made = self._certifying.make_maker(session, suite, now, place)
        root, maker = (Certificate.load(each).thumbprint for each in (made.certificate, made.maker_certificate))
        told = {"operation": "MAKE_ROOT", "suite": suite, "root": root, "maker": maker}
        self._audit.append(session, Entry("seal", told))
        return made

    def seal(
        self, session: Session, row: model.SealApplication, es_id: str, status: SealStatus, now: datetime
    ) -> model.Seal:
        """Add the seal that was applied for, under a number, for its years from now on."""
        first, root = now.replace(microsecond=0), Certificate.load(self.maker(session, row.suite, now).certificate)
        seal = model.Seal(
            es_id=es_id, authority=row.authority, owner=row.owner, owner_name=row.owner_name, kind=row.kind,
            purpose=row.purpose, name=row.name, suite=row.suite, custody=row.custody, status=status.value,
            valid_from=to_micros(first), valid_until=to_micros(min(years_later(first, row.years), root.not_after)),
            made_at=to_micros(now), remakes=row.remakes,
        )  # fmt: skip
        session.add(seal)
        session.flush()
        return seal

    def certificate(
        self, session: Session, seal: model.Seal, row: model.SealApplication, source: KeySource, now: datetime
    ) -> str:
        """Add a certificate for a seal's new key, with the SES_Seal that lists it, and return its kid.

        Raises:
            SealKeyUsedError: a seal has or had the key: whose hand a signature is could not be told.
            Others as `Certifying.certify`.
        """
        maker = self.maker(session, seal.suite, now)
        made = self._certifying.certify(maker, seal, row, source, now)
        _require_new_key(session, made)
        if row.picture_id is not None:
            shown = self._impressions.open(session, row.picture_id)
            ses = self._ses_seal(maker, seal, made.certificate, shown, now)
            made.ses_seal = ses and self._impressions.seal_ses(session, row.picture_id, made.kid, ses)
        session.add(made)
        self._audit.append(session, Entry("seal", {"operation": "CERTIFY", "seal": seal.es_id, "kid": made.kid}))
        return made.kid

    def _ses_seal(
        self, maker: model.SealMaker, seal: model.Seal, signer: bytes, impression: Impression, now: datetime
    ) -> bytes | None:
        """Return the SES_Seal that lists a signer's certificate, DER; None for a suite that the structures do not know."""
        certificate = Certificate.load(maker.maker_certificate)
        if certificate.public_key.suite.signature_algorithm not in SES_SUITES:
            return None
        content = SealContent(
            vendor=_VENDOR, es_id=seal.es_id, kind=KINDS[Kind(seal.kind)].ses_type, name=impression.text,
            created_at=now.replace(microsecond=0), valid_from=from_micros(seal.valid_from),
            valid_until=from_micros(seal.valid_until),
            picture=Picture(_PICTURE_KIND, impression.png, impression.width, impression.height), certificates=(signer,),
        )  # fmt: skip
        return make_seal(content, certificate, self._keys.private(maker.maker_key_uri)).der


def next_es_id(session: Session, division: str) -> str:
    """Return the next free number in a division; the caller holds the lock of seals."""
    newest = session.exec(
        select(func.max(model.Seal.es_id)).where(col(model.Seal.es_id).startswith(division, autoescape=True))
    ).one()
    serial = 1 + int(newest[len(division) :]) if newest else 1
    return f"{division}{serial:0{_SERIAL_DIGITS}}"


def _require_new_key(session: Session, made: model.SignerCertificate) -> None:
    key = Certificate.load(made.certificate).public_key.to_spki()
    if any(key in other for other in session.exec(select(model.SignerCertificate.certificate))):
        raise SealKeyUsedError
