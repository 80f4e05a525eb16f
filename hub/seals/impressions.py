"""What a seal says and looks like, at rest: text, picture and SES_Seal, each sealed under the picture's own data key.

Decides that a picture is kept as ciphertext whatever its kind, because a name chop shows a person's name. This is the only module
that opens purposes.IMPRESSION.
"""

import base64
from dataclasses import dataclass, field

import orjson
from sqlmodel import Session

from hub.errors import DamagedError
from hub.seals.model import SealPicture
from hub.vault.purposes import IMPRESSION
from hub.vault.service import Vault
from hub.writing import new_id

_SES = "ses_seal"


@dataclass(frozen=True, slots=True)
class Impression:
    """A seal's text and picture: PNG always, the SVG it was made from if it was drawn here, and its size in millimetres."""

    text: str = field(repr=False)
    png: bytes = field(repr=False)
    width: int
    height: int
    svg: bytes | None = field(default=None, repr=False)


class Impressions:
    """Keeps pictures and SES_Seals."""

    def __init__(self, vault: Vault) -> None:
        """Seal under keys of the vault."""
        self._vault = vault

    def keep(self, session: Session, impression: Impression) -> str:
        """Keep an impression under a key of its own and return its id."""
        key, picture_id = self._vault.new_key(session), new_id()
        content = {
            "text": impression.text, "png": _text(impression.png), "width": impression.width,
            "height": impression.height, "svg": _text(impression.svg) if impression.svg else None,
        }  # fmt: skip
        data = self._vault.seal(IMPRESSION, key, picture_id, orjson.dumps(content))
        session.add(SealPicture(id=picture_id, key_id=key.id, data=data))
        session.flush()
        return picture_id

    def open(self, session: Session, picture_id: str) -> Impression:
        """Return an impression; raises DamagedError, or NotFoundError once it was erased."""
        row = self._row(session, picture_id)
        key = self._vault.load_key(session, row.key_id)
        content = orjson.loads(self._vault.open(IMPRESSION, key, picture_id, row.data))
        svg = content["svg"]
        return Impression(
            content["text"], _bytes(content["png"]), content["width"], content["height"], _bytes(svg) if svg else None
        )

    def seal_ses(self, session: Session, picture_id: str, kid: str, der: bytes) -> bytes:
        """Return an SES_Seal as it is kept beside the certificate of this kid."""
        key = self._vault.load_key(session, self._row(session, picture_id).key_id)
        return self._vault.seal(IMPRESSION, key, f"{_SES}\x1f{kid}", der)

    def open_ses(self, session: Session, picture_id: str, kid: str, sealed: bytes) -> bytes:
        """Return the SES_Seal that is kept beside a certificate; raises as `open`."""
        key = self._vault.load_key(session, self._row(session, picture_id).key_id)
        return self._vault.open(IMPRESSION, key, f"{_SES}\x1f{kid}", sealed)

    def _row(self, session: Session, picture_id: str) -> SealPicture:
        row = session.get(SealPicture, picture_id)
        if row is None:
            raise DamagedError
        return row


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
