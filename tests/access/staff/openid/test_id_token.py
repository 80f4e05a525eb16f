"""ID tokens: a good one of every algorithm, and a bad one for each attack."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from hub.access.published_tokens import UnknownKeyError
from hub.access.staff.openid.id_token import LONGEST, OLDEST, subject
from hub.access.staff.refusals import ProviderAnswerError, ProviderClockError, ProviderLevelError
from hub.openid import OpenIdProvider
from keys import base64url, token_keys
from keys.token_keys import ALGORITHMS
from tests.access.holders.issuing import PADDINGS, RSA_KEY, Issuing, rsa_jwk

ISSUER, CLIENT, NONCE, NOW = "https://id.example.gov.cn", "licence-hub", "n" * 43, 1_795_320_000
ISSUING = {name: Issuing(name, name) for name in ("ES256", "Ed25519", "SM2-SM3")}
STRANGER = Issuing(kid="ES256")


def provider(**changes: Any) -> OpenIdProvider:
    return OpenIdProvider(ISSUER, CLIENT, **changes)


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a good token; a change to None leaves the claim out."""
    made = {"iss": ISSUER, "sub": "officer-7", "aud": CLIENT, "exp": NOW + 300, "iat": NOW, "nonce": NONCE, **changes}
    return {name: value for name, value in made.items() if value is not None}


def token(told: dict[str, Any] | None = None, issuing: Issuing = ISSUING["ES256"], **header: Any) -> str:
    return issuing.token(claims() if told is None else told, **{"typ": "JWT", **header})


def by_rsa(algorithm: str) -> str:
    head, told = json.dumps({"alg": algorithm, "kid": "rsa"}).encode(), json.dumps(claims()).encode()
    text = f"{base64url.encode(head)}.{base64url.encode(told)}"
    return f"{text}.{base64url.encode(RSA_KEY.sign(text.encode(), PADDINGS[algorithm], SHA256()))}"


def read(text: str, now: float = NOW, **changes: Any) -> str:
    believed = provider(**{"algorithms": ALGORITHMS, **changes})
    published = [each.jwk for each in ISSUING.values()][1:]
    keys = token_keys.read_set(ISSUING["ES256"].jwks(rsa_jwk(), *published), believed.algorithms)
    return subject(text, keys, believed, NONCE, now)


@pytest.mark.parametrize("name", ISSUING)
def test_a_good_token_says_whose_it_is(name: str) -> None:
    assert read(token(issuing=ISSUING[name])) == "officer-7"


@pytest.mark.parametrize("algorithm", PADDINGS)
def test_so_does_one_under_rsa_which_names_no_type(algorithm: str) -> None:
    assert read(by_rsa(algorithm)) == "officer-7"


def unsigned() -> str:
    head, told = (base64url.encode(json.dumps(each).encode()) for each in ({"alg": "none", "kid": "ES256"}, claims()))
    return f"{head}.{told}."


FORGED = {
    "no signature": unsigned(),
    "another's key under a known name": token(issuing=STRANGER),
    "the algorithm of another kind of key": token(alg="RS256"),
    "a symmetric algorithm": token(alg="HS256"),
    "critical members": token(crit=["b64"]),
    "an access token": token(typ="at+jwt"),
    "a logout token": token(typ="logout+jwt"),
    "changed claims": token().replace(token().split(".")[1], base64url.encode(json.dumps(claims(sub="boss")).encode())),
    "no token": "no token at all",
    "five parts": "a.b.c.d.e",
    "far too long": token(claims(more="x" * LONGEST)),
    "another issuer": token(claims(iss="https://id.example.gov.cn.evil.example")),
    "an issuer with a stroke more": token(claims(iss=f"{ISSUER}/")),
    "another client": token(claims(aud="another-hub")),
    "others only": token(claims(aud=["another-hub", "a-third"])),
    "nobody": token(claims(aud=None)),
    "an audience that is none": token(claims(aud={CLIENT: 1})),
    "two clients, made for nobody": token(claims(aud=[CLIENT, "another-hub"])),
    "two clients, made for the other": token(claims(aud=[CLIENT, "another-hub"], azp="another-hub")),
    "this client, made for another": token(claims(azp="another-hub")),
    "another sign-in": token(claims(nonce="m" * 43)),
    "no sign-in": token(claims(nonce=None)),
    "a nonce that is no text": token(claims(nonce=[NONCE])),
    "no end": token(claims(exp=None)),
    "no beginning": token(claims(iat=None)),
    "a time that is none": token(claims(exp="tomorrow")),
    "nobody's": token(claims(sub=None)),
    "an empty name": token(claims(sub="")),
    "a name that is too long": token(claims(sub="x" * 256)),
    "a name in other signs": token(claims(sub="虚构人")),
    "a name that is no text": token(claims(sub=7)),
}


@pytest.mark.parametrize("attack", FORGED)
def test_a_bad_token_says_nothing(attack: str) -> None:
    with pytest.raises(ProviderAnswerError) as refused:
        read(FORGED[attack])
    assert "officer-7" not in str(refused.value)


@pytest.mark.parametrize("algorithms", [{"RS256"}, {"PS256"}, {"SM2-SM3", "EdDSA"}])
def test_an_algorithm_that_is_not_allowed_is_not_taken_however_good_the_signature(algorithms: set[str]) -> None:
    with pytest.raises((ProviderAnswerError, UnknownKeyError)):
        read(token(), algorithms=frozenset(algorithms))


def test_a_key_that_is_not_known_is_asked_for_and_not_a_refusal_yet() -> None:
    with pytest.raises(UnknownKeyError):
        read(token(kid="new"))
    with pytest.raises(UnknownKeyError):
        read(token(kid=None))


@pytest.mark.parametrize(
    ("told", "now"),
    [
        ({}, NOW + 330),  # it is over
        ({}, NOW - 31),  # it is of the future
        ({"nbf": NOW + 60}, NOW),
        ({"exp": NOW + 10 * OLDEST}, NOW + OLDEST + 31),  # it says that it is good for long, and was not made for this
    ],
)
def test_a_token_of_another_time_says_that_a_clock_is_wrong(told: dict[str, Any], now: float) -> None:
    with pytest.raises(ProviderClockError):
        read(token(claims(**told)), now)


@pytest.mark.parametrize("now", [NOW + 329, NOW - 30])
def test_clocks_may_differ_by_what_is_set(now: float) -> None:
    assert read(token(), now) == "officer-7"
    with pytest.raises(ProviderClockError):
        read(token(), now, clock_seconds=0)


ENOUGH: dict[str, Any] = {"acr": ("two", "three"), "amr": frozenset({"pwd", "otp"}), "max_age": 300}
PROVED = {"acr": "three", "amr": ["otp", "pwd", "sc"], "auth_time": NOW - 100}


def test_what_is_asked_for_is_enough() -> None:
    assert read(token(claims(**PROVED)), **ENOUGH) == "officer-7"


@pytest.mark.parametrize(
    "less",
    [
        {"acr": "one"}, {"acr": None}, {"acr": ["two"]}, {"amr": ["pwd"]}, {"amr": None}, {"amr": "pwd otp"}, {"amr": [1]},
        {"auth_time": NOW - 331}, {"auth_time": None}, {"auth_time": "lately"},
    ],
)  # fmt: skip
def test_less_is_not_enough(less: dict[str, Any]) -> None:
    with pytest.raises(ProviderLevelError):
        read(token(claims(**{**PROVED, **less})), **ENOUGH)
