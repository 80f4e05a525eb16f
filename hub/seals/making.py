"""Making seals: the maker's root, a seal's key and certificate, its number (esID).

Decides what a maker's and a signer's certificate say and how long they hold. A key is in the key store before a table
names it, so that no certificate is without its key; it must never leave its place. esID: division (GB/T 2260, six
digits) and an eight-digit serial.
"""

import secrets
import uuid
from datetime import datetime

from sqlmodel import Session, col, func, select

from hub.catalogue.service import Authority
from hub.clock import from_micros, to_micros
from hub.errors import InputInvalidError
from hub.seals import model
from keys.certificates import Certificate, Subject, make_root, make_signer
from keys.references import KeyPlaces
from keys.suites import SUITES

MAKER_NAME = "Licence Hub Seal Maker"
MAKER_YEARS = 20
LONGEST_YEARS = 10
LONGEST_NAME = 64  # RFC 5280 appendix A: ub-common-name, ub-organization-name
SERIAL_DIGITS = 8
_CERTIFICATE_SERIAL_BITS = 127


def check_wish(name: str, suite: str, years: int) -> None:
    """Refuse a seal that cannot be made.

    Raises:
        InputInvalidError: a wrong name, an unknown suite, or a validity that is not 1 to 10 years.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputInvalidError(f"The name of a seal has 1 to {LONGEST_NAME} printable characters.")
    if suite not in SUITES:
        raise InputInvalidError(f"The suite of a seal is one of {', '.join(SUITES)}.")
    if not 1 <= years <= LONGEST_YEARS:
        raise InputInvalidError(f"A seal holds for 1 to {LONGEST_YEARS} years.")


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
    store: KeyPlaces, maker: model.SealMaker, seal: model.Seal, owner: Authority, now: datetime
) -> model.SignerCertificate:
    """Return a new key's certificate for a seal, from now to the end of the seal's validity."""
    uri = _make_key(store, "seals", seal.es_id, seal.suite)
    certificate = make_signer(
        Subject(seal.name, owner.name_zh[:LONGEST_NAME], owner.code),
        store.private(uri).public,
        Certificate.load(maker.certificate),
        store.private(maker.key_uri),
        _serial(),
        now.replace(microsecond=0),
        from_micros(seal.valid_until),
    )
    return model.SignerCertificate(
        kid=certificate.thumbprint,
        es_id=seal.es_id,
        certificate=certificate.der,
        key_uri=uri,
        made_at=to_micros(now),
    )


def _make_key(store: KeyPlaces, folder: str, name: str, suite: str) -> str:
    return store.make_private(f"{folder}/{name}-{uuid.uuid4().hex}", SUITES[suite])


def _serial() -> int:
    return secrets.randbits(_CERTIFICATE_SERIAL_BITS) + 1
