"""Making seals: the maker's root, a seal's key and certificate, its number (esID), and the SES_Seal that its maker signs.

Decides what a maker's and a signer's certificate say and how long they hold. A key is in the key store before a table
names it, so that no certificate is without its key; it must never leave its place. esID: division (GB/T 2260, six
digits) and an eight-digit serial. GB/T 38540-2020 (SES_Seal version 4).
"""

import secrets
import uuid
from datetime import datetime

from sqlmodel import Session, col, func, select

from hub.clock import from_micros, to_micros
from hub.errors import InputInvalidError
from hub.seals import model
from hub.seals.impressions import Impression
from hub.seals.kinds import KINDS, Kind
from keys.certificates import Certificate, Subject, make_root, make_signer
from keys.contracts import PublicKey
from keys.references import KeyPlaces
from keys.ses_form import SES_SUITES, Picture, SealContent
from keys.ses_making import make_seal
from keys.suites import SUITES

MAKER_NAME = "Licence Hub Seal Maker"
MAKER_YEARS = 20
LONGEST_NAME = 64  # RFC 5280 appendix A: ub-common-name, ub-organization-name
SERIAL_DIGITS = 8
VENDOR = "LicenceHub"  # Vid of SES_Header
PICTURE_KIND = "png"
_CERTIFICATE_SERIAL_BITS = 127


def years_later(instant: datetime, years: int) -> datetime:
    """Return the same moment some years on; 28 February for a leap day that the year lacks."""
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:
        return instant.replace(year=instant.year + years, day=28)


def next_es_id(session: Session, division: str) -> str:
    """Return the next free number in a division; the caller holds the lock of seals."""
    newest = session.exec(
        select(func.max(model.Seal.es_id)).where(col(model.Seal.es_id).startswith(division, autoescape=True))
    ).one()
    serial = 1 + int(newest[len(division) :]) if newest else 1
    return f"{division}{serial:0{SERIAL_DIGITS}}"


def find_or_make_maker(session: Session, store: KeyPlaces, suite: str, now: datetime) -> tuple[model.SealMaker, bool]:
    """Return the maker of a suite and whether it was made just now, at the suite's first use."""
    maker = session.get(model.SealMaker, suite)
    if maker is not None:
        return maker, False
    uri, first = _make_key(store, "makers", suite, suite), now.replace(microsecond=0)
    root = make_root(f"{MAKER_NAME} {suite}", store.private(uri), _serial(), first, years_later(first, MAKER_YEARS))
    maker = model.SealMaker(suite=suite, certificate=root.der, key_uri=uri, made_at=to_micros(now))
    session.add(maker)
    return maker, True


def make_certificate(
    store: KeyPlaces, maker: model.SealMaker, seal: model.Seal, now: datetime, public_key: PublicKey | None = None
) -> model.SignerCertificate:
    """Return the certificate of a seal's new key, from now to the end of the seal's validity.

    `public_key` is its owner's, who keeps the other half; without it a key is made and kept here.
    """
    uri = ""
    if public_key is None:
        uri = _make_key(store, "seals", seal.es_id, seal.suite)
        public_key = store.private(uri).public
    elif public_key.suite.name != seal.suite:
        raise InputInvalidError(f"The owner's key is not one of the seal's suite, {seal.suite}.")
    certificate = make_signer(
        Subject(seal.name, seal.owner_name[:LONGEST_NAME], seal.owner),
        public_key,
        Certificate.load(maker.certificate),
        store.private(maker.key_uri),
        _serial(),
        now.replace(microsecond=0),
        from_micros(seal.valid_until),
    )
    return model.SignerCertificate(
        kid=certificate.thumbprint, es_id=seal.es_id, certificate=certificate.der, key_uri=uri, made_at=to_micros(now)
    )


def make_ses_seal(
    store: KeyPlaces, maker: model.SealMaker, seal: model.Seal, signer: bytes, impression: Impression, now: datetime
) -> bytes | None:
    """Return the SES_Seal that lists a signer's certificate, DER; None for a suite that the structures do not know."""
    certificate = Certificate.load(maker.certificate)
    if certificate.public_key.suite.signature_algorithm not in SES_SUITES:
        return None
    content = SealContent(
        vendor=VENDOR, es_id=seal.es_id, kind=KINDS[Kind(seal.kind)].ses_type, name=impression.text,
        created_at=now.replace(microsecond=0), valid_from=from_micros(seal.valid_from),
        valid_until=from_micros(seal.valid_until),
        picture=Picture(PICTURE_KIND, impression.png, impression.width, impression.height), certificates=(signer,),
    )  # fmt: skip
    return make_seal(content, certificate, store.private(maker.key_uri)).der


def _make_key(store: KeyPlaces, folder: str, name: str, suite: str) -> str:
    return store.make_private(f"{folder}/{name}-{uuid.uuid4().hex}", SUITES[suite])


def _serial() -> int:
    return secrets.randbits(_CERTIFICATE_SERIAL_BITS) + 1
