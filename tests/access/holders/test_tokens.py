"""Tokens of the identity platform: a good one tells whose it is; one bad token for each known attack."""

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.holders.refusals import HolderTokenExpiredError, HolderTokenInvalidError
from hub.access.holders.tokens import HolderTokens
from hub.access.published_tokens import UnknownKeyError
from keys import base64url, strict_json, token_keys
from keys.suites import SUITES
from tests.access.holders.issuing import (
    AUDIENCE,
    ISSUER,
    NOW,
    PERSON,
    Issuing,
    claims,
    platform,
    rsa_jwk,
    rsa_token,
    signed,
)

REAL = Issuing()
ALLOWED = token_keys.ALGORITHMS
KEYS = token_keys.read_set(REAL.jwks(), ALLOWED)
READER = HolderTokens(platform())


def read(token: str, now: float = NOW, **changes: Any) -> tuple[str, str]:
    """Read a token of the real platform."""
    found = HolderTokens(platform(**changes)).read(token, KEYS, now)
    return found.code_type, found.code


def test_a_good_token_tells_whose_it_is_and_until_when() -> None:
    found = READER.read(REAL.token(), KEYS, NOW)
    assert (found.code_type, found.code) == ("111", PERSON["holder_code"])
    assert found.good_until == NOW + 300 + 30
    assert PERSON["holder_code"] not in repr(found)


@pytest.mark.parametrize("name", sorted(SUITES))
def test_each_suite_signs_tokens(name: str) -> None:
    issuing = Issuing(name)
    keys = token_keys.read_set(issuing.jwks(), ALLOWED)
    assert READER.read(issuing.token(), keys, NOW).code == PERSON["holder_code"]


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_rsa_tokens_are_read_as_most_platforms_sign_them(algorithm: str) -> None:
    keys = token_keys.read_set(REAL.jwks(rsa_jwk()), ALLOWED)
    assert READER.read(rsa_token(algorithm, claims()), keys, NOW).code == PERSON["holder_code"]
    other = ({"RS256", "PS256"} - {algorithm}).pop()
    for narrowed in (
        token_keys.read_set(REAL.jwks(rsa_jwk(alg=other)), ALLOWED),
        token_keys.read_set(REAL.jwks(rsa_jwk()), {other}),
    ):
        with pytest.raises(HolderTokenInvalidError):
            READER.read(rsa_token(algorithm, claims()), narrowed, NOW)


def test_several_audiences_are_read_and_the_names_of_claims_are_a_setting() -> None:
    assert read(REAL.token(claims(aud=["https://other.example", AUDIENCE])))[0] == "111"
    told = claims(holder_code=None, holder_code_type=None, urn_code="91990000MA0000007X", urn_type="001")
    assert read(REAL.token(told), code_claim="urn_code", code_type_claim="urn_type") == ("001", "91990000MA0000007X")


def test_clocks_may_differ_a_little_and_a_token_may_be_only_so_old() -> None:
    assert read(REAL.token(claims(NOW + 30)))
    assert read(REAL.token(claims(NOW - 329)))
    old = claims(NOW - 3600, exp=NOW + 86400)
    assert read(REAL.token(old))
    for late in (NOW + 30, NOW + 90000):
        with pytest.raises(HolderTokenExpiredError):
            read(REAL.token(old), late)
    assert READER.read(REAL.token(claims(exp=NOW + 86400)), KEYS, NOW).good_until == NOW + 3600 + 30


PUBLIC_DER = REAL.key.public.to_spki()


def _hmac(secret: bytes, header: bytes) -> str:
    signing_input = f"{base64url.encode(header)}.{base64url.encode(strict_json.dumps(claims()))}"
    return f"{signing_input}.{base64url.encode(hmac.digest(secret, signing_input.encode(), 'sha256'))}"


def _unsigned(header: bytes) -> str:
    return f"{base64url.encode(header)}.{base64url.encode(strict_json.dumps(claims()))}."


THIEF = Issuing()
ATTACKS = {
    "alg none": _unsigned(b'{"alg":"none","typ":"at+jwt","kid":"platform-1"}'),
    "alg none in other letters": _unsigned(b'{"alg":"nOnE","typ":"at+jwt","kid":"platform-1"}'),
    "alg none with a signature": REAL.token(alg="none"),
    "HS256 under the public key": _hmac(PUBLIC_DER, REAL.header(alg="HS256")),
    "HS256 under the published JWK": _hmac(strict_json.dumps(REAL.jwk), REAL.header(alg="HS256")),
    "another algorithm than the key's": REAL.token(alg="Ed25519"),
    "an algorithm that nobody knows": REAL.token(alg="ES512"),
    "another's key under this kid": THIEF.token(),
    "another's key in the header": THIEF.token(jwk=THIEF.jwk),
    "another's keys at an address (jku)": THIEF.token(jku="https://thief.example/jwks.json"),
    "another's certificate at an address (x5u)": THIEF.token(x5u="https://thief.example/cert.pem"),
    "another's certificate (x5c)": THIEF.token(x5c=["MIIB"]),
    "critical members": REAL.token(crit=["exp"]),
    "another type": REAL.token(typ="dpop+jwt"),
    "no type": signed(b'{"alg":"ES256","kid":"platform-1"}', strict_json.dumps(claims()), REAL.key),
    "another issuer": REAL.token(claims(iss="https://id.example.gov.cn/")),
    "no issuer": REAL.token(claims(iss=None)),
    "several issuers": REAL.token(claims(iss=[ISSUER])),
    "another audience": REAL.token(claims(aud="https://another.example")),
    "other audiences": REAL.token(claims(aud=["https://another.example"])),
    "an audience that begins like it": REAL.token(claims(aud=AUDIENCE + "/x")),
    "no audience": REAL.token(claims(aud=None)),
    "an audience in an object": REAL.token(claims(aud={AUDIENCE: True})),
    "no subject": REAL.token(claims(sub=None)),
    "a number as subject": REAL.token(claims(sub=7)),
    "issued in the future": REAL.token(claims(NOW + 31, exp=NOW + 300, nbf=NOW)),
    "not yet valid": REAL.token(claims(nbf=NOW + 31)),
    "no end": REAL.token(claims(exp=None)),
    "no beginning": REAL.token(claims(iat=None)),
    "an end in words": REAL.token(claims(exp="never")),
    "a true end": REAL.token(claims(exp=True)),
    "no code": REAL.token(claims(holder_code=None)),
    "no code type": REAL.token(claims(holder_code_type=None)),
    "several codes": REAL.token(claims(holder_code=["1", "2"])),
    "a number as code": REAL.token(claims(holder_code=990102198503121230)),
    "an empty code": REAL.token(claims(holder_code="")),
    "a code without measure": REAL.token(claims(holder_code="9" * 65)),
    "a code type of four digits": REAL.token(claims(holder_code_type="1111")),
    "claims twice": signed(
        REAL.header(), strict_json.dumps(claims())[:-1] + b',"holder_code":"990102199001011235"}', REAL.key
    ),
    "header twice": signed(REAL.header()[:-1] + b',"kid":"platform-1"}', strict_json.dumps(claims()), REAL.key),
    "claims in a list": signed(REAL.header(), b"[]", REAL.key),
    "a nested token": f"{REAL.token()}.{REAL.token()}",
    "two parts": REAL.token().rpartition(".")[0],
    "padding": REAL.token() + "=",
    "nothing": "",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_signs_anybody_in(attack: str) -> None:
    with pytest.raises(HolderTokenInvalidError) as refused:
        read(ATTACKS[attack])
    assert PERSON["holder_code"] not in str(refused.value)


@pytest.mark.parametrize(
    "attack", [name for name in ATTACKS if "another's" in name or "HS256" in name or "none" in name]
)
def test_who_has_not_the_key_is_told_nothing_more(attack: str) -> None:
    with pytest.raises(HolderTokenInvalidError) as refused:
        read(ATTACKS[attack])
    assert str(refused.value) == str(HolderTokenInvalidError())


@pytest.mark.parametrize("kid", ["platform-2", "../jwks", "", None, 7, ["platform-1"]])
def test_a_key_that_is_not_published_is_unknown_whatever_it_is_called(kid: object) -> None:
    with pytest.raises(UnknownKeyError):
        read(REAL.token(kid=kid))


def test_an_expired_token_is_told_apart() -> None:
    with pytest.raises(HolderTokenExpiredError):
        read(REAL.token(), NOW + 330)
    assert read(REAL.token(), NOW + 329)


@given(st.integers(0), st.integers(0, 7))
def test_no_bit_of_a_token_can_change(place: int, bit: int) -> None:
    token = bytearray(REAL.token().encode())
    token[place % len(token)] ^= 1 << bit
    with pytest.raises((HolderTokenInvalidError, UnknownKeyError)):
        read(token.decode("latin-1"))


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: f"{base64url.encode(data)}.e30.AA"))
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    with pytest.raises((HolderTokenInvalidError, UnknownKeyError)):
        read(text)
    assert READER.names_issuer(text) is False


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*claims(), "other"]), json_values, max_size=8))
def test_any_claims_under_the_real_key_are_read_or_refused(told: dict[str, Any]) -> None:
    token = REAL.token({**claims(), **told})
    try:
        found = read(token)
    except (HolderTokenInvalidError, HolderTokenExpiredError):
        return
    assert found == (claims(**told)["holder_code_type"], claims(**told)["holder_code"])


def test_the_issuer_is_seen_without_believing_the_token() -> None:
    assert READER.names_issuer(THIEF.token())
    assert not READER.names_issuer(REAL.token(claims(iss="https://another.example")))
    assert not READER.names_issuer(REAL.token(claims(extra="x" * 8192)))
