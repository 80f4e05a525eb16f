"""JWS and JWT: what is signed verifies, and one bad token for each known attack."""

import hmac
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import base64url, jws, strict_json
from keys.errors import FormatError, SubIndication, VerificationError
from keys.suites import SUITES, PrivateKey
from tests.keys.authorities import AUTHORITIES, Authority

NOW = 1_800_000_000
HUB = "https://hub.example"


def _token(header: bytes, payload: bytes, key: PrivateKey) -> str:
    signing_input = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    return f"{signing_input}.{base64url.encode(key.sign(signing_input.encode()))}"


@given(st.sampled_from(sorted(SUITES)), st.binary())
def test_the_payload_comes_back_as_it_was(name: str, payload: bytes) -> None:
    key = AUTHORITIES[name].key
    token = jws.sign({"typ": "note", "kid": "1"}, payload, key)
    found = jws.verify(token, key.public, typ="note")
    assert found.payload == payload
    assert found.header == {"alg": key.suite.jose_algorithm, "typ": "note", "kid": "1"}


def test_the_older_name_of_ed25519_is_read_but_not_written() -> None:
    key = AUTHORITIES["Ed25519"].key
    token = _token(b'{"alg":"EdDSA"}', b"{}", key)
    assert jws.verify(token, key.public, typ=None).claims() == {}
    assert jws.parse(jws.sign({}, {}, key)).header["alg"] == "Ed25519"


def test_no_bit_of_a_token_can_change(authority: Authority) -> None:
    key = authority.key
    token = jws.sign_jwt({"sub": "someone"}, key, "1", "note").encode()
    for bit in range(0, len(token) * 8, 3):
        changed = bytearray(token)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VerificationError):
            jws.verify(changed.decode("latin-1"), key.public, typ="note")


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none"}',
        b'{"alg":"None"}',
        b'{"alg":"ES384"}',
        b'{"alg":"SM2-SM3"}',
        b'{"alg":"Ed25519"}',
        b"{}",
        b'{"alg":null}',
        b'{"alg":["ES256"]}',
        b'{"alg":"ES256","crit":["exp"],"exp":1}',
        b'{"alg":"ES256","crit":[]}',
        b'{"alg":"ES256","b64":false,"crit":["b64"]}',
        b'{"alg":"none","alg":"ES256"}',
        b'{"alg":"ES256","typ":["note"]}',
        b'["ES256"]',
        b"\xff",
    ],
)
def test_a_header_that_is_not_understood_is_refused_although_signed(es256: Authority, header: bytes) -> None:
    with pytest.raises(VerificationError):
        jws.verify(_token(header, b"{}", es256.key), es256.key.public, typ=None)


def test_an_unsigned_token_is_refused(es256: Authority) -> None:
    header, payload = base64url.encode(b'{"alg":"none"}'), base64url.encode(b"{}")
    unsigned = f"{header}.{payload}."
    with pytest.raises(VerificationError):
        jws.verify(unsigned, es256.key.public, typ=None)


def test_a_public_key_is_not_a_shared_secret(es256: Authority) -> None:
    header, payload = base64url.encode(b'{"alg":"HS256"}'), base64url.encode(b"{}")
    signing_input = f"{header}.{payload}"
    mac = hmac.digest(es256.key.public.to_spki(), signing_input.encode(), "sha256")
    with pytest.raises(VerificationError):
        jws.verify(f"{signing_input}.{base64url.encode(mac)}", es256.key.public, typ=None)


def test_a_key_in_the_header_is_not_followed(es256: Authority) -> None:
    thief = SUITES["ES256"].generate()
    token = jws.sign({"jwk": thief.public.to_jwk()}, b"{}", thief)
    with pytest.raises(VerificationError) as refused:
        jws.verify(token, es256.key.public, typ=None)
    assert refused.value.sub_indication == SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token + ".",
        lambda token: token + "=",
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token[:-1],
        lambda token: token.rpartition(".")[0],
        lambda token: token.rpartition(".")[0] + ".",
        lambda token: token[:0],
        lambda token: token[:0] + "..",
        lambda token: token.replace(".", "~"),
    ],
)
def test_a_spoilt_token_is_refused(es256: Authority, spoil: Callable[[str], str]) -> None:
    with pytest.raises(VerificationError):
        jws.verify(spoil(jws.sign({}, b"{}", es256.key)), es256.key.public, typ=None)


@pytest.mark.parametrize("typ", ["other", "NOTE", None, ""])
def test_a_token_of_another_type_is_refused(es256: Authority, typ: str | None) -> None:
    header = {} if typ is None else {"typ": typ}
    with pytest.raises(VerificationError) as refused:
        jws.verify(jws.sign(header, b"{}", es256.key), es256.key.public, typ="note")
    assert refused.value.sub_indication == SubIndication.SIG_CONSTRAINTS_FAILURE


def test_one_of_several_types_is_accepted(es256: Authority) -> None:
    token = jws.sign({"typ": "JWT"}, b"{}", es256.key)
    assert jws.verify(token, es256.key.public, typ={"JWT", "at+jwt"}).header["typ"] == "JWT"


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "Ed25519"}, {"crit": ["x"]}])
def test_a_header_that_would_not_verify_is_not_signed(es256: Authority, header: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        jws.sign(header, b"{}", es256.key)


def _verified(claims: dict[str, Any], audience: str | None = HUB, leeway: int = 0) -> dict[str, Any]:
    key = AUTHORITIES["ES256"].key
    token = jws.sign_jwt(claims, key, "1", "JWT")
    return jws.verify_jwt(token, key.public, typ="JWT", now=NOW, audience=audience, leeway=leeway)


def test_the_claims_of_a_good_token() -> None:
    claims = {"aud": [HUB, "other"], "exp": NOW + 1, "nbf": NOW, "iat": NOW, "sub": "someone"}
    assert _verified(claims) == claims


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"exp": NOW}, SubIndication.EXPIRED),
        ({"exp": NOW - 0.5}, SubIndication.EXPIRED),
        ({"nbf": NOW + 1}, SubIndication.NOT_YET_VALID),
        ({"iat": NOW + 1}, SubIndication.NOT_YET_VALID),
        ({"aud": "other"}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        ({"aud": []}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        ({"aud": HUB + "/"}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        ({"aud": 7}, SubIndication.FORMAT_FAILURE),
        ({"aud": [HUB, 7]}, SubIndication.FORMAT_FAILURE),
        ({"exp": "2099"}, SubIndication.FORMAT_FAILURE),
        ({"exp": True}, SubIndication.FORMAT_FAILURE),
        ({"nbf": None}, SubIndication.FORMAT_FAILURE),
    ],
    ids=str,
)
def test_a_token_out_of_time_or_place_is_refused(change: dict[str, Any], why: SubIndication) -> None:
    with pytest.raises(VerificationError) as refused:
        _verified({"aud": HUB, "exp": NOW + 60, **change})
    assert refused.value.sub_indication == why


def test_the_leeway_is_for_clocks_that_differ() -> None:
    claims = {"aud": HUB, "exp": NOW - 29, "nbf": NOW + 30, "iat": NOW + 30}
    assert _verified(claims, leeway=30) == claims
    with pytest.raises(VerificationError):
        _verified(claims, leeway=29)


@pytest.mark.parametrize(("claims", "audience"), [({"exp": NOW + 1}, HUB), ({"exp": NOW + 1, "aud": HUB}, None)])
def test_an_audience_is_named_on_both_sides_or_on_none(claims: dict[str, Any], audience: str | None) -> None:
    with pytest.raises(VerificationError):
        _verified(claims, audience)
    assert _verified({"exp": NOW + 1}, None) == {"exp": NOW + 1}


def test_a_token_without_expiry_is_refused() -> None:
    with pytest.raises(VerificationError) as refused:
        _verified({"aud": HUB})
    assert refused.value.sub_indication == SubIndication.SIG_CONSTRAINTS_FAILURE


def test_an_enormous_number_is_only_a_number(es256: Authority) -> None:
    payload = b'{"exp":' + b"9" * 400 + b"}"
    token = _token(b'{"alg":"ES256","typ":"JWT"}', payload, es256.key)
    claims = jws.verify_jwt(token, es256.key.public, typ="JWT", now=NOW, audience=None)
    assert claims == strict_json.loads(payload)
