"""The token of a printed code: what a QR code says of one licence, in at most 230 bytes, under the issuing seal's key.

A CWT (RFC 8392) in a tagged COSE_Sign1 (RFC 9052) without any unsigned header. Decides what stands in it and how it is read: exactly the
members told here, nothing twice (the identifier holds type and issuer), nothing unknown, nothing critical. Reading believes nothing:
who signed it and whether it counts is judged in `keys.qr_verification`. It never says who carries it.
"""

import unicodedata
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

from keys import base64url, cose, licence_identifier, strict_cbor
from keys.contracts import PrivateKey, Suite
from keys.errors import FormatError

MOST_BYTES: Final = 230
TYP: Final = 65010
"""A number of CoAP's content formats that is free for private use (RFC 7252 section 12.3); no media type is short enough."""
EXPIRES, NOT_BEFORE, ISSUED = 4, 5, 6
LICENCE: Final = -70020
"""Private by its number (RFC 8392 section 9.1.1): a list of the members of `_of_licence`, in this order."""

KID_BYTES: Final = 9
"""Of the certificate's thumbprint; they are the first twelve characters of the kid that trust lists and issuer documents have."""
HUB_BYTES: Final = 4

_HEADERS: Final = frozenset({cose.ALGORITHM, cose.KID, cose.TYPE})
_CLAIMS: Final = frozenset({EXPIRES, NOT_BEFORE, ISSUED, LICENCE})
_AROUND: Final = 74
"""Bytes of a token beside its protected header, its claims and its holder: the signature, and the heads of the parts."""
_MEMBERS: Final = (4, 5)  # the holder is left out where there is none
_LATEST: Final = 2**37  # seconds since 1970, as in status lists
_PLACES: Final = 2**32
UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Categories of what is not seen, or changes the order of what is."""


@dataclass(frozen=True, slots=True)
class QrToken:
    """What a printed code says.

    Attributes:
        hub: mark of the hub that keeps the licence (`hub_mark`).
        identifier: the licence identifier of GB/T 36904, which says type and issuer.
        status_list, status_index: the licence's place in that hub's status lists.
        issued_at: seconds since 1970; when the code was signed.
        not_before, expires_at: seconds; of the licence, None for none.
        holder: whose licence it is, masked as its type wants it; None for unsaid.
    """

    hub: bytes
    identifier: str
    status_list: int
    status_index: int
    issued_at: int
    not_before: int | None = None
    expires_at: int | None = None
    holder: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A token taken apart; believe it only after `keys.qr_verification`. `hint` is how the kid begins."""

    token: QrToken
    hint: str
    message: cose.Sign1


def hub_mark(public_url: str) -> bytes:
    """How a token names its hub: the beginning of the SHA-256 of its address."""
    return sha256(public_url.encode("utf-8")).digest()[:HUB_BYTES]


def sign(token: QrToken, key: PrivateKey, kid: str) -> bytes:
    """Sign a token; `kid` is the thumbprint of the key's certificate. Raises FormatError for one that nobody would read."""
    payload = strict_cbor.dumps(_claims(token))
    made = cose.sign_protected(payload, key, base64url.decode(kid)[:KID_BYTES], TYP)
    if parse(made).token != token:
        raise FormatError("a member of the token is not as it must be")
    return made


def fitting(token: QrToken, suite: Suite) -> QrToken:
    """The token with as much of its holder as there is room for under this suite: what is too long loses its middle."""
    if token.holder is None:
        return token
    header = strict_cbor.dumps({cose.ALGORITHM: suite.cose_algorithm, cose.KID: bytes(KID_BYTES), cose.TYPE: TYP})
    taken = len(header) + len(strict_cbor.dumps(_claims(replace(token, holder=None)))) + _AROUND
    return replace(token, holder=shortened(token.holder, MOST_BYTES - taken))


def shortened(name: str, room: int) -> str | None:
    """The name in at most `room` bytes of UTF-8, with an ellipsis for its middle if need be; None where nothing is left of it."""
    kept = len(name)
    short = name
    while len(short.encode("utf-8")) > room:
        kept -= 1
        if kept < 2:  # noqa: PLR2004  # one character at either end
            return None
        short = f"{name[: (kept + 1) // 2]}…{name[len(name) - kept // 2 :]}"
    return short


def parse(data: bytes) -> Parsed:
    """Take a token apart without believing it; raises FormatError."""
    if len(data) > MOST_BYTES:
        raise FormatError("longer than a token can be")
    message = cose.parse(data)
    if message.unprotected or message.protected.keys() != _HEADERS:
        raise FormatError("a token has three headers, and all of them are signed")
    hint = message.protected[cose.KID]
    if message.protected[cose.TYPE] != TYP or not isinstance(hint, bytes) or len(hint) != KID_BYTES:
        raise FormatError("not the token of a printed code")
    return Parsed(_token(strict_cbor.loads_map(message.payload)), base64url.encode(hint), message)


def _claims(token: QrToken) -> dict[int, Any]:
    times = {EXPIRES: token.expires_at, NOT_BEFORE: token.not_before, ISSUED: token.issued_at}
    return {**{name: value for name, value in times.items() if value is not None}, LICENCE: _of_licence(token)}


def _of_licence(token: QrToken) -> list[Any]:
    packed = licence_identifier.pack(token.identifier)
    return [token.hub, packed, token.status_list, token.status_index, *([token.holder] if token.holder else [])]


def _token(claims: dict[Any, Any]) -> QrToken:
    members = claims.get(LICENCE)
    if not claims.keys() <= _CLAIMS or ISSUED not in claims or not isinstance(members, list):
        raise FormatError("a claim of the token is missing, or not known")
    if len(members) not in _MEMBERS:
        raise FormatError("a member of the token's licence is missing, or not known")
    hub, packed, number, index, *holder = members
    if not isinstance(hub, bytes) or len(hub) != HUB_BYTES or not isinstance(packed, bytes):
        raise FormatError("the token's hub or licence is not as it must be")
    times = {name: _whole(claims[name], 1, _LATEST) for name in (EXPIRES, NOT_BEFORE, ISSUED) if name in claims}
    return QrToken(
        hub, licence_identifier.unpack(packed), _whole(number, 1, _PLACES), _whole(index, 0, _PLACES),
        times[ISSUED], times.get(NOT_BEFORE), times.get(EXPIRES), _name(holder[0]) if holder else None,
    )  # fmt: skip


def _whole(value: Any, least: int, below: int) -> int:
    if type(value) is not int or not least <= value < below:
        raise FormatError("a number of the token is none, or out of range")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value or not _is_seen(value):
        raise FormatError("the holder's name is no text, or has characters that are not seen")
    return value


def _is_seen(text: str) -> bool:
    return text.isprintable() or not any(unicodedata.category(one) in UNSEEN for one in text)
