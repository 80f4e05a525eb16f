"""Status lists (IETF draft Token Status List): the statuses of very many licences in one signed and compressed token.

Decides what a token says and that it was signed under a key its publisher names; never whether it is fresh enough, for that
depends on the moment asked about (`keys.listed_status`). Both forms, JWT and CWT, say the same. The draft's edition is
pinned in `keys.status_list_form`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from keys import base64url, cose, jws, key_sets, status_bits, strict_cbor
from keys.contracts import PrivateKey
from keys.errors import FormatError, UncheckableError
from keys.status_list_form import (
    AUDIENCE,
    CWT_MEDIA,
    EXPIRES,
    ISSUED,
    JWT_MEDIA,
    JWT_TYP,
    NOT_BEFORE,
    STATUS_LIST,
    SUBJECT,
    TIME_TO_LIVE,
)

Keys = Iterable[dict[str, Any]]

_LATEST: Final = 2**37  # seconds since 1970: after every date that can be told, before those that cannot


@dataclass(frozen=True, slots=True)
class StatusList:
    """What one token says.

    Attributes:
        uri: the list's address, which the licences in it name.
        issued_at, expires_at: seconds since 1970; before and from then on it says nothing.
        ttl: seconds for which a fetched copy may be used before it is fetched again.
        statuses: the values, `bits` each, least significant first.
        aggregation_uri: where the publisher's other lists are named.
    """

    uri: str
    issued_at: int
    expires_at: int
    ttl: int
    statuses: bytes = field(repr=False)
    bits: int = 2
    aggregation_uri: str | None = None

    def value(self, index: int) -> int:
        """The value at a place; raises FormatError where there is none."""
        return status_bits.value_at(self.statuses, index, self.bits)


def sign(status_list: StatusList, key: PrivateKey, kid: str) -> dict[str, bytes]:
    """The token in both forms, by media type."""
    packed = status_bits.compress(status_list.statuses)
    return {JWT_MEDIA: _jwt(status_list, packed, key, kid), CWT_MEDIA: _cwt(status_list, packed, key, kid)}


def read(token: bytes, media_type: str, keys: Keys) -> StatusList:
    """What a token says, once it is proven to be signed under one of the JWKs that its publisher names.

    Raises:
        FormatError: it is no status list, or a part of it is not as it must be.
        VerificationError: the signature is wrong, or the token is of another type.
        UncheckableError: none of the keys is the one it names, or the media type is not one of the draft's.
    """
    reader = _READERS.get(media_type)
    if reader is None:
        raise UncheckableError("no such form of a status list")
    return reader(token, keys)


def _jwt(status_list: StatusList, packed: bytes, key: PrivateKey, kid: str) -> bytes:
    claims = {
        "sub": status_list.uri,
        "iat": status_list.issued_at,
        "exp": status_list.expires_at,
        "ttl": status_list.ttl,
        "status_list": _members(status_list, base64url.encode(packed)),
    }
    return jws.sign_jwt(claims, key, kid, JWT_TYP).encode("ascii")


def _cwt(status_list: StatusList, packed: bytes, key: PrivateKey, kid: str) -> bytes:
    claims = {
        SUBJECT: status_list.uri,
        ISSUED: status_list.issued_at,
        EXPIRES: status_list.expires_at,
        TIME_TO_LIVE: status_list.ttl,
        STATUS_LIST: _members(status_list, packed),
    }
    return cose.sign(strict_cbor.dumps(claims), key, kid, CWT_MEDIA)


def _members(status_list: StatusList, packed: str | bytes) -> dict[str, Any]:
    uri = status_list.aggregation_uri
    return {"bits": status_list.bits, "lst": packed, **({"aggregation_uri": uri} if uri else {})}


def _read_jwt(token: bytes, keys: Keys) -> StatusList:
    try:
        parsed = jws.parse(token.decode("ascii"))
    except UnicodeDecodeError as error:
        raise FormatError("not a compact JWS") from error
    jws.check(parsed, key_sets.named(parsed.header.get("kid"), keys), typ=JWT_TYP)
    claims = parsed.claims()
    members = claims.get("status_list")
    packed = base64url.decode(_text(members, "lst"))
    return _checked(_Claims(claims, "sub", "iat", "exp", "ttl", ("aud", "nbf")), members, packed)


def _read_cwt(token: bytes, keys: Keys) -> StatusList:
    message = cose.parse(token)
    cose.check(message, key_sets.named(message.kid, keys), typ=CWT_MEDIA)
    claims = strict_cbor.loads_map(message.payload)
    members = claims.get(STATUS_LIST)
    packed = members.get("lst") if isinstance(members, dict) else None
    if not isinstance(packed, bytes):
        raise FormatError("the status list has no bytes")
    return _checked(_Claims(claims, SUBJECT, ISSUED, EXPIRES, TIME_TO_LIVE, (AUDIENCE, NOT_BEFORE)), members, packed)


_READERS: Final[Mapping[str, Callable[[bytes, Keys], StatusList]]] = MappingProxyType(
    {JWT_MEDIA: _read_jwt, CWT_MEDIA: _read_cwt}
)


@dataclass(frozen=True, slots=True)
class _Claims:
    """Claims of either form, with the names that they have in it."""

    values: Mapping[Any, Any]
    subject: str | int
    issued: str | int
    expires: str | int
    ttl: str | int
    foreign: tuple[str | int, ...]

    def seconds(self, name: str | int) -> int:
        value = self.values.get(name)
        if type(value) is not int or not 0 < value < _LATEST:
            raise FormatError("a time of the status list is not a positive whole number of seconds, or out of range")
        return value


def _checked(claims: _Claims, members: Any, packed: bytes) -> StatusList:
    if any(name in claims.values for name in claims.foreign):
        raise FormatError("a public status list is for everybody, and from its issue on")
    bits, aggregation = members.get("bits"), members.get("aggregation_uri")
    if type(bits) is not int or bits not in status_bits.SIZES or not isinstance(aggregation, str | None):
        raise FormatError("the status list's bits or aggregation_uri is not as it must be")
    issued, expires = claims.seconds(claims.issued), claims.seconds(claims.expires)
    if expires <= issued:
        raise FormatError("the status list expires before it was issued")
    return StatusList(
        uri=_text(claims.values, claims.subject), issued_at=issued, expires_at=expires,
        ttl=claims.seconds(claims.ttl), statuses=status_bits.decompress(packed), bits=bits, aggregation_uri=aggregation,
    )  # fmt: skip


def _text(values: Any, name: str | int) -> str:
    value = values.get(name) if isinstance(values, dict) else None
    if not isinstance(value, str):
        raise FormatError("a member of the status list is missing, or is not text")
    return value
