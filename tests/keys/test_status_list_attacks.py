"""One bad status list for each attack; each would be believed by a careless reader."""

import zlib
from collections.abc import Callable
from typing import Any

import cbor2
import pytest

from keys import base64url, cose, jws, status_bits
from keys.errors import FormatError, SubIndication, VerificationError
from keys.status_list import read
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA, JWT_TYP
from tests.keys.lists import EXAMPLE, KEYS, URI, jwks, statuses, token

KEY = KEYS["ES256"]
PACKED = zlib.compress(statuses())
BOMB = zlib.compress(bytes(64 * status_bits.LARGEST), 9)
MEMBERS: dict[str, Any] = {"bits": 2, "lst": PACKED}
BAD_MEMBERS: dict[str, dict[str, Any]] = {
    "bomb": {"lst": BOMB},
    "cut off": {"lst": PACKED[:-1]},
    "bytes left over": {"lst": PACKED + b"\0"},
    "raw deflate": {"lst": PACKED[2:-4]},
    "gzip": {"lst": zlib.compress(statuses(), wbits=31)},
    "wrong checksum": {"lst": PACKED[:-1] + bytes([PACKED[-1] ^ 1])},
    "preset dictionary": {"lst": b"\x78\xbb" + PACKED[2:]},
    "bits that are none": {"bits": 3},
    "no bits": {"bits": 0},
    "true bits": {"bits": True},
    "bits as text": {"bits": "2"},
    "aggregation that is no text": {"aggregation_uri": 5},
}
BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "no subject": {"sub": None},
    "subject that is no text": {"sub": 1},
    "no issue": {"iat": None},
    "no end": {"exp": None},
    "end before issue": {"exp": EXAMPLE.issued_at},
    "true for a time": {"iat": True},
    "time with a fraction": {"exp": EXAMPLE.expires_at + 0.5},
    "time as text": {"exp": str(EXAMPLE.expires_at)},
    "time beyond all dates": {"exp": 2**62},
    "no ttl": {"ttl": None},
    "no time to live": {"ttl": 0},
    "negative ttl": {"ttl": -20},
    "for somebody else": {"aud": "https://elsewhere.example"},
    "not yet": {"nbf": EXAMPLE.expires_at},
    "no list": {"status_list": None},
    "list that is none": {"status_list": [2]},
}
NUMBERS = {"sub": 2, "aud": 3, "exp": 4, "nbf": 5, "iat": 6, "ttl": 65534, "status_list": 65533}


def claims(**changes: Any) -> dict[str, Any]:
    good = {
        "sub": URI, "iat": EXAMPLE.issued_at, "exp": EXAMPLE.expires_at, "ttl": 20, "status_list": MEMBERS, **changes
    }  # fmt: skip
    return {name: value for name, value in good.items() if value is not None}


def as_jwt(changed: dict[str, Any]) -> bytes:
    members = changed.get("status_list")
    if isinstance(members, dict):
        changed = {**changed, "status_list": {**members, "lst": base64url.encode(members["lst"])}}
    return jws.sign_jwt(changed, KEY, "status-1", JWT_TYP).encode()


def as_cwt(changed: dict[str, Any]) -> bytes:
    return signed(cbor2.dumps({NUMBERS[name]: value for name, value in changed.items()}))


def signed(payload: bytes, protected: object = None, unprotected: object = None) -> bytes:
    header = cbor2.dumps({1: -7, 16: CWT_MEDIA} if protected is None else protected)
    signature = KEY.sign(cbor2.dumps(["Signature1", header, b"", payload]))
    return cbor2.dumps(cbor2.CBORTag(18, [header, unprotected or {4: b"status-1"}, payload, signature]))


FORMS: dict[str, Callable[[dict[str, Any]], bytes]] = {JWT_MEDIA: as_jwt, CWT_MEDIA: as_cwt}


@pytest.mark.parametrize("media_type", FORMS)
def test_the_makers_of_bad_lists_can_make_a_good_one(media_type: str) -> None:
    assert read(FORMS[media_type](claims()), media_type, jwks(KEY)).value(7) == 2


@pytest.mark.parametrize("media_type", FORMS)
@pytest.mark.parametrize("change", [*({"status_list": {**MEMBERS, **bad}} for bad in BAD_MEMBERS.values()),
                                    *BAD_CLAIMS.values()], ids=[*BAD_MEMBERS, *BAD_CLAIMS])  # fmt: skip
def test_what_a_signed_list_may_not_say_is_refused(media_type: str, change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        read(FORMS[media_type](claims(**change)), media_type, jwks(KEY))


def test_a_bomb_is_small_and_never_grows() -> None:
    assert len(BOMB) < 100_000
    with pytest.raises(FormatError, match="larger than any"):
        status_bits.decompress(BOMB)


@pytest.mark.parametrize(
    ("header", "sub_indication"),
    [
        ({"typ": "JWT"}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        ({"typ": "receipt+jwt"}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        ({"typ": JWT_MEDIA}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        ({}, SubIndication.SIG_CONSTRAINTS_FAILURE),
    ],
)
def test_a_jwt_of_another_type_is_no_status_list(header: dict[str, str], sub_indication: SubIndication) -> None:
    payload = {**claims(), "status_list": {"bits": 2, "lst": base64url.encode(PACKED)}}
    other = jws.sign({"kid": "status-1", **header}, payload, KEY)
    with pytest.raises(VerificationError) as caught:
        read(other.encode(), JWT_MEDIA, jwks(KEY))
    assert caught.value.sub_indication == sub_indication


@pytest.mark.parametrize("algorithm", ["none", "HS256", "Ed25519"])
def test_the_token_does_not_choose_its_algorithm(algorithm: str) -> None:
    _, payload, signature = token(JWT_MEDIA).decode().split(".")
    head = base64url.encode(b'{"alg":"%s","typ":"statuslist+jwt","kid":"status-1"}' % algorithm.encode())
    for forged in (f"{head}.{payload}.{signature}", f"{head}.{payload}."):
        with pytest.raises(VerificationError):
            read(forged.encode(), JWT_MEDIA, jwks(KEY))


GOOD: dict[Any, Any] = {1: -7, 16: CWT_MEDIA}


@pytest.mark.parametrize(
    ("protected", "unprotected", "error"),
    [
        ({1: -7}, None, "another type"),
        ({1: -7, 16: "application/cwt"}, None, "another type"),
        ({1: -7, 16: 279}, None, "another type"),
        ({1: -7}, {4: b"status-1", 16: CWT_MEDIA}, "another type"),  # unsigned, so anybody could have put it there
        ({1: 5, 16: CWT_MEDIA}, None, "algorithm"),  # HMAC 256/256
        ({1: -19, 16: CWT_MEDIA}, None, "algorithm"),
        ({16: CWT_MEDIA}, {1: -7, 4: b"status-1"}, "algorithm"),
        ({16: CWT_MEDIA}, None, "algorithm"),
        ({**GOOD, 2: [99], 99: 1}, None, "critical"),
        (GOOD, {4: b"status-1", 2: [99]}, "critical"),
        (GOOD, {4: b"status-1", 1: -7}, "both headers"),
        ({**GOOD, b"x": 1}, None, "neither a number"),
        (["no map"], None, "map"),
    ],
)
def test_a_cwt_whose_headers_are_not_as_they_must_be(protected: object, unprotected: object, error: str) -> None:
    payload = cbor2.dumps({NUMBERS[name]: value for name, value in claims().items()})
    with pytest.raises(VerificationError, match=error):
        read(signed(payload, protected, unprotected), CWT_MEDIA, jwks(KEY))


def test_only_a_tagged_cose_sign1_is_read() -> None:
    good = token(CWT_MEDIA)
    for other in (
        good[1:],
        b"\xd1" + good[1:],
        b"\xd8\x3d" + good,
        b"\xd8\x12" + good[1:],
        good + b"\0",
        good[:-1],
        b"",
    ):
        with pytest.raises(FormatError):
            read(other, CWT_MEDIA, jwks(KEY))


def test_a_signature_over_another_context_is_refused() -> None:
    payload, header = cbor2.dumps({NUMBERS[name]: value for name, value in claims().items()}), cbor2.dumps(GOOD)
    signature = KEY.sign(
        cbor2.dumps(["Signature", header, b"", b"", payload])
    )  # of a COSE_Sign, for one of many signers
    other = cbor2.dumps(cbor2.CBORTag(18, [header, {4: b"status-1"}, payload, signature]))
    with pytest.raises(VerificationError) as caught:
        read(other, CWT_MEDIA, jwks(KEY))
    assert caught.value.sub_indication == SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize("kid", [None, 5, "text", b"\xff", b"another"])
def test_a_message_without_a_known_kid_finds_no_key(kid: object) -> None:
    message = cose.parse(signed(b"\xa0", GOOD, {4: kid}))
    assert message.kid != "status-1"
