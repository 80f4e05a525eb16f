"""One way out to the provider and back: `state`, `nonce` and PKCE's verifier (RFC 7636), all made from a secret that the browser keeps.

Decides whether an answer belongs to a sign-in that this browser began, lately, and for what. Nothing is stored here: each value is HMAC-SHA256 under
the secret in the browser's cookie, which neither the provider nor another site learns; nor do they learn which page was wanted. It must never take an answer in another browser than
the one that began, for that would sign somebody in as somebody else.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

import orjson

from hub.access.staff.refusals import ProviderAnswerError

LONGEST_SECONDS: Final = 600
ELSEWHERE: Final = "This browser did not begin this sign-in: begin on the page of signing in."
_KEPT: Final = re.compile(r"([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{1,1024})")
_STATE: Final = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Transaction:
    """A sign-in at the provider that has begun.

    Attributes:
        state: what the provider hands back; it tells nothing but when.
        secret: what only the browser knows.
        place: the page that the person wanted.
        session: the session whose person links his account; "": somebody signs in.
    """

    state: str
    secret: str = field(repr=False)
    place: str
    session: str

    @property
    def kept(self) -> str:
        """Return what the browser keeps: the secret, and what is nobody else's business."""
        return f"{self.secret}.{_text(orjson.dumps([self.place, self.session]))}"

    @property
    def nonce(self) -> str:
        """Return what the ID token must repeat."""
        return _made(self.secret, "nonce", self.state)

    @property
    def verifier(self) -> str:
        """Return PKCE's code verifier."""
        return _made(self.secret, "verifier", self.state)

    @property
    def challenge(self) -> str:
        """Return its challenge (S256)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


def begin(place: str, session: str, now: int, kept: str | None = None) -> Transaction:
    """Begin at `now`, in seconds; a browser that keeps a secret goes on with it, so that it may begin in two windows."""
    found = _KEPT.fullmatch(kept or "")
    secret = found[1] if found else secrets.token_urlsafe(32)
    told = f"{now}.{secrets.token_urlsafe(16)}"
    return Transaction(f"{told}.{_made(secret, 'state', told, session)}", secret, place, session)


def returned(state: str, kept: str | None, now: int) -> Transaction:
    """Return the transaction that an answer belongs to, in the browser that keeps this.

    Raises:
        ProviderAnswerError: it began none of this state, or it did so too long ago.
    """
    found, named = _KEPT.fullmatch(kept or ""), _STATE.fullmatch(state)
    if found is None or named is None:
        raise ProviderAnswerError(ELSEWHERE)
    place, session = _read(found[2])
    told = f"{named[1]}.{named[2]}"
    if not hmac.compare_digest(named[3], _made(found[1], "state", told, session)):
        raise ProviderAnswerError(ELSEWHERE)
    if not now - LONGEST_SECONDS <= int(named[1]) <= now:
        raise ProviderAnswerError("This sign-in began too long ago; begin again.")
    return Transaction(state, found[1], place, session)


def _read(told: str) -> tuple[str, str]:
    try:
        place, session = orjson.loads(base64.urlsafe_b64decode(f"{told}=="))
    except ValueError:  # no base64, no JSON, or no pair: this browser's cookie is none of ours
        raise ProviderAnswerError(ELSEWHERE) from None
    return str(place), str(session)


def _made(secret: str, purpose: str, *texts: str) -> str:
    return _text(hmac.digest(secret.encode(), "\x1f".join((purpose, *texts)).encode(), hashlib.sha256))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
