"""The seal on a rendition: which one, how it looks, and its signature in the file.

Decides that the authority's seal of today stands on it, and signs it where its suite has PAdES (ES256) and its key is here; under other suites the printed
code proves the licence. Each signature is a use of the seal, on record. The signature brings the picture along, so a file without one shows none of
such a seal.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from hub.audit.service import Entry
from hub.errors import SealMissingError, SealUnusableError
from hub.renditions.sheet import SealPicture, seal_scale
from hub.renditions.templates import Template
from hub.renditions.typesetting import Typeset
from hub.seals.office import SealOffice
from hub.seals.reaching import reaching_a_key
from hub.seals.refusals import SealCustodyError
from hub.seals.service import Sealer, Seals
from hub.seals.stamping import Stamping
from hub.seals.uses import KIND, use_id
from hub.sharing.disclosure import Disclosed
from keys.certificates import Certificate
from keys.elliptic import ES256

FORM: Final = "PADES"
_POINTS: Final = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Hand:
    """What seals for an authority now: its picture, and (None: it signs no PDF) its key with the chain below its root."""

    picture: SealPicture | None
    sealer: Sealer | None = None
    chain: tuple[Certificate, ...] = field(default=(), repr=False)


class RenditionSealing:
    """Finds seals and signs files."""

    def __init__(self, seals: Seals, office: SealOffice, stamping: Stamping) -> None:
        """`office` has the pictures, `stamping` the timestamps."""
        self._seals = seals
        self._office = office
        self._stamping = stamping

    def hand(self, authority: str) -> Hand:
        """Return what seals for an authority now; raises as `Seals.sealer`."""
        sealer = self._seals.sealer(authority)
        seal, signer = self._seals.signer_of(sealer.es_id)
        signs = sealer.key.suite.name == ES256.name
        found = self._office.picture(sealer.es_id)
        if found is None:
            return Hand(None)
        picture = SealPicture(seal.name, found.png, found.svg, found.width, found.height, signs)
        if not signs:
            return Hand(picture)
        return Hand(picture, sealer, (signer.certificate, *signer.issuers[:-1]))

    def hand_if_any(self, authority: str) -> Hand:
        """Return the same, or nothing where the authority has no seal that may be used now."""
        try:
            return self.hand(authority)
        except (SealMissingError, SealUnusableError, SealCustodyError):
            return Hand(None)

    def signed(
        self, hand: Hand, made: Typeset, template: Template, at: datetime, reason: str
    ) -> tuple[bytes, bytes | None]:
        """Return the file, signed if its seal signs, and the signature value.

        Raises:
            SealKeyUnavailableError: the key store or the token does not give the key.
            TimestampUnavailableError, TimestampInvalidError: a timestamp is to be had, and there is none that counts.
        """
        if hand.sealer is None or hand.picture is None or made.seal is None:
            return made.pdf, None
        from keys import pades  # noqa: PLC0415 - large, and not every hub signs PDFs

        picture, scale = hand.picture, seal_scale(template, hand.picture) * _POINTS
        place = pades.Appearance(
            picture.png, made.seal.page, made.seal.x, made.seal.y, picture.width * scale, picture.height * scale
        )
        stamp = self._stamp if self._stamping.stamps else None
        with reaching_a_key():
            done = pades.sign(
                made.pdf, hand.sealer.key, hand.chain, at, place, pades.Words(picture.name, reason), stamp
            )
        return done.pdf, done.value

    def _stamp(self, value: bytes) -> bytes:
        stamp = self._stamping.stamp(value)
        return b"" if stamp is None else stamp.token


def use_entry(hand: Hand, value: bytes, disclosed: Disclosed) -> Entry:
    """Return the record of the use of the seal that made a signature value, as `hub.seals.uses` keeps and finds them."""
    sealer, basis = hand.sealer, disclosed.basis
    facts = {
        "operation": "USE", "seal": sealer and sealer.es_id, "authority": disclosed.stored.authority, "client": basis.client,
        "key": sealer and sealer.kid, "form": FORM, "licence": disclosed.stored.identifier, "value": sha256(value).hexdigest(),
    }  # fmt: skip
    return Entry(KIND, facts, use_id(value))
