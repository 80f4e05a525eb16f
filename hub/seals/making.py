"""Making seals: its number (esID), how long it holds, and the SES_Seal that its maker signs.

esID: division (GB/T 2260, six digits) and an eight-digit serial. GB/T 38540-2020 (SES_Seal version 4). Keys and certificates are
made in `certifying`.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from hub.clock import from_micros
from hub.seals import model
from hub.seals.impressions import Impression
from hub.seals.kinds import KINDS, Kind
from keys.certificates import Certificate
from keys.references import KeyPlaces
from keys.ses_form import SES_SUITES, Picture, SealContent
from keys.ses_making import make_seal

SERIAL_DIGITS = 8
VENDOR = "LicenceHub"  # Vid of SES_Header
PICTURE_KIND = "png"


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


def make_ses_seal(
    store: KeyPlaces, maker: model.SealMaker, seal: model.Seal, signer: bytes, impression: Impression, now: datetime
) -> bytes | None:
    """Return the SES_Seal that lists a signer's certificate, DER; None for a suite that the structures do not know."""
    certificate = Certificate.load(maker.maker_certificate)
    if certificate.public_key.suite.signature_algorithm not in SES_SUITES:
        return None
    content = SealContent(
        vendor=VENDOR, es_id=seal.es_id, kind=KINDS[Kind(seal.kind)].ses_type, name=impression.text,
        created_at=now.replace(microsecond=0), valid_from=from_micros(seal.valid_from),
        valid_until=from_micros(seal.valid_until),
        picture=Picture(PICTURE_KIND, impression.png, impression.width, impression.height), certificates=(signer,),
    )  # fmt: skip
    return make_seal(content, certificate, store.private(maker.maker_key_uri)).der
