"""One bad presentation for each "MUST be rejected" of RFC 9901 section 7.1, each under a good signature."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from keys import base64url, jws, sd_jwt, sd_jwt_verify
from keys.errors import FormatError, SubIndication, VerificationError
from keys.suites import SUITES
from tests.keys.authorities import AUTHORITIES, CLEAR

KEY = AUTHORITIES["ES256"].key
OTHER = base64url.encode(b"\x01" * 32)


def _disclosure(*members: Any) -> str:
    return base64url.encode(json.dumps(["salt-salt-salt-salt-00", *members]).encode())


def _digest(disclosure: str) -> str:
    return base64url.encode(SUITES["ES256"].digest(disclosure.encode()))


NAME = _disclosure("name", "示例甲")
ELEMENT = _disclosure("示例乙")


def _presentation(payload: dict[str, Any], *disclosures: str, typ: str = "dc+sd-jwt", **header: Any) -> str:
    token = jws.sign({"typ": typ, **header}, {**CLEAR, **payload}, KEY)
    return sd_jwt.present(token, disclosures)


def _refusal(presentation: str) -> SubIndication:
    with pytest.raises(VerificationError) as refused:
        sd_jwt.verify(presentation, KEY.public)
    return refused.value.sub_indication


def test_the_presentations_here_are_good_but_for_the_attack() -> None:
    payload = {"_sd_alg": "sha-256", "_sd": [_digest(NAME), OTHER], "list": [{"...": _digest(ELEMENT)}, 7]}
    verified = sd_jwt.verify(_presentation(payload, NAME, ELEMENT), KEY.public)
    assert verified.claims == {**CLEAR, "name": "示例甲", "list": ["示例乙", 7]}
    assert verified.disclosed == (("list", 0), ("name",))


def test_a_flood_of_disclosures_is_refused_before_one_is_read() -> None:
    flood = [_disclosure(f"name{number}", 1) for number in range(sd_jwt_verify.MOST_DISCLOSURES)]
    with pytest.raises(FormatError, match="more disclosures"):
        sd_jwt.verify(_presentation({"_sd": [_digest(NAME)]}, NAME, *flood), KEY.public)


def test_without_an_algorithm_the_digest_is_sha_256() -> None:
    assert sd_jwt.verify(_presentation({"_sd": [_digest(NAME)]}, NAME), KEY.public).claims["name"] == "示例甲"


INNER = _disclosure("inner", {"_sd": [_digest(NAME)]})
ATTACKS: dict[str, tuple[dict[str, Any], tuple[str, ...], SubIndication]] = {
    "a disclosure nothing refers to": ({"_sd": [OTHER]}, (NAME,), SubIndication.HASH_FAILURE),
    "a disclosure where there are no digests": ({}, (NAME,), SubIndication.HASH_FAILURE),
    "a disclosure given twice": ({"_sd": [_digest(NAME)]}, (NAME, NAME), SubIndication.HASH_FAILURE),
    "a digest twice in one place": ({"_sd": [_digest(NAME)] * 2}, (NAME,), SubIndication.HASH_FAILURE),
    "an undisclosed digest twice": ({"_sd": [OTHER, OTHER]}, (), SubIndication.HASH_FAILURE),
    "a digest in two places": ({"_sd": [OTHER], "a": {"_sd": [OTHER]}}, (), SubIndication.HASH_FAILURE),
    "a digest again inside a disclosure": (
        {"_sd": [_digest(NAME), _digest(INNER)]},
        (NAME, INNER),
        SubIndication.HASH_FAILURE,
    ),
    "a disclosure of a hidden parent": ({"_sd": [_digest(INNER)]}, (NAME,), SubIndication.HASH_FAILURE),
    "an element where a property belongs": ({"_sd": [_digest(ELEMENT)]}, (ELEMENT,), SubIndication.FORMAT_FAILURE),
    "a property where an element belongs": ({"list": [{"...": _digest(NAME)}]}, (NAME,), SubIndication.FORMAT_FAILURE),
    "an element with more than a digest": (
        {"list": [{"...": _digest(ELEMENT), "x": 1}]},
        (ELEMENT,),
        SubIndication.FORMAT_FAILURE,
    ),
    "an element's digest that is no text": ({"list": [{"...": 7}]}, (), SubIndication.FORMAT_FAILURE),
    "three dots outside a list": ({"a": {"...": OTHER}}, (), SubIndication.FORMAT_FAILURE),
    "digests that are no list": ({"_sd": OTHER}, (), SubIndication.FORMAT_FAILURE),
    "digests that are no text": ({"_sd": [7]}, (), SubIndication.FORMAT_FAILURE),
    "an unknown digest algorithm": ({"_sd_alg": "md5"}, (), SubIndication.HASH_FAILURE),
    "the digest algorithm of another suite": ({"_sd_alg": "sm3"}, (), SubIndication.HASH_FAILURE),
    "a digest algorithm that is no text": ({"_sd_alg": ["sha-256"]}, (), SubIndication.HASH_FAILURE),
    "a digest algorithm further down": ({"a": {"_sd_alg": "sha-256"}}, (), SubIndication.FORMAT_FAILURE),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_refused(attack: str) -> None:
    payload, disclosures, why = ATTACKS[attack]
    assert _refusal(_presentation(payload, *disclosures)) == why


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg", "iss", "exp", "nbf", "iat", "vct", "status", "cnf"])
def test_a_disclosure_may_not_have_this_name(name: str) -> None:
    disclosure = _disclosure(name, "x")
    payload = {claim: value for claim, value in CLEAR.items() if claim != name} | {"_sd": [_digest(disclosure)]}
    presentation = sd_jwt.present(jws.sign({"typ": "dc+sd-jwt"}, payload, KEY), [disclosure])
    assert _refusal(presentation) == SubIndication.HASH_FAILURE


def test_a_disclosure_may_not_overwrite_a_claim() -> None:
    second = _disclosure("name", "示例丁")
    assert _refusal(_presentation({"_sd": [_digest(NAME)], "name": "x"}, NAME)) == SubIndication.HASH_FAILURE
    both = {"_sd": [_digest(NAME), _digest(second)]}
    assert _refusal(_presentation(both, NAME, second)) == SubIndication.HASH_FAILURE


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", '["salt"]', '["salt","a","b","c"]', '[7,"a","b"]', '["salt",7,"b"]', '["s","a",{"b":1,"b":2}]', "x"],
)
def test_a_disclosure_of_another_shape_is_refused(text: str) -> None:
    disclosure = base64url.encode(text.encode())
    assert _refusal(_presentation({"_sd": [_digest(disclosure)]}, disclosure)) == SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize("name", ["ES256", "SM2-SM3"])
def test_swapping_disclosures_between_licences_is_found(name: str) -> None:
    one, other = AUTHORITIES[name].seal(), AUTHORITIES[name].seal()
    stolen = sd_jwt.present(one.jwt, [other.disclosures[0].encoded])
    with pytest.raises(VerificationError) as refused:
        sd_jwt.verify(stolen, AUTHORITIES[name].key.public)
    assert refused.value.sub_indication == SubIndication.HASH_FAILURE


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1],
        lambda text: text.rstrip("~") + "~" + jws.sign({"typ": "kb+jwt"}, b"{}", KEY),
        lambda text: text + "~",
        lambda text: text.replace("~", "~~", 1),
        lambda text: "~" + text,
        lambda text: text.partition("~")[0],
        lambda text: text[len(text) // 3 :],
        lambda text: text[: len(text) // 2] + "~",
        lambda text: text + "\n",
        lambda text: text.replace("~", "="),
        lambda text: text[:0],
        lambda text: text[:0] + "~",
    ],
)
def test_a_spoilt_presentation_is_refused(spoil: Callable[[str], str]) -> None:
    with pytest.raises(VerificationError):
        sd_jwt.verify(spoil(AUTHORITIES["ES256"].presentation()), KEY.public)


def test_a_presentation_with_key_binding_says_why_it_is_refused() -> None:
    with pytest.raises(FormatError, match="key binding"):
        sd_jwt.verify(AUTHORITIES["ES256"].presentation() + "a.b.c", KEY.public)


@pytest.mark.parametrize("typ", ["JWT", "vc+sd-jwt", "kb+jwt", "DC+SD-JWT"])
def test_another_type_of_token_is_no_licence(typ: str) -> None:
    assert _refusal(_presentation({}, typ=typ)) == SubIndication.SIG_CONSTRAINTS_FAILURE


def test_an_unknown_critical_header_is_refused() -> None:
    head = base64url.encode(b'{"alg":"ES256","typ":"dc+sd-jwt","crit":["x"],"x":1}')
    signing_input = f"{head}.{base64url.encode(json.dumps(CLEAR).encode())}"
    token = f"{signing_input}.{base64url.encode(KEY.sign(signing_input.encode()))}"
    assert _refusal(token + "~") == SubIndication.FORMAT_FAILURE


def test_claims_nested_without_end_are_refused() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert _refusal(_presentation({"deep": deep})) == SubIndication.FORMAT_FAILURE
