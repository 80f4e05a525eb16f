"""The reference implementation of SD-JWT as the judge, both ways, under ES256."""

import json
from typing import Any

import pytest
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from keys import sd_jwt
from keys.suites import load_public_jwk
from tests.keys.authorities import CLEAR, FACE, Authority, shown

CLAIMS: dict[Any, Any] = {
    "iss": CLEAR["iss"],
    SDObj("name"): "示例甲",
    SDObj("holder"): {SDObj("code"): "EXAMPLE-0001", "kind": "person"},
    "members": [SDObj("示例乙"), SDObj("示例丙"), "示例丁"],
}
PLAIN = {
    "iss": CLEAR["iss"],
    "name": "示例甲",
    "holder": {"code": "EXAMPLE-0001", "kind": "person"},
    "members": ["示例乙", "示例丙", "示例丁"],
}


def _judged(presentation: str, authority: Authority) -> Any:
    jwk = JWK(**authority.key.public.to_jwk())
    return SDJWTVerifier(presentation, lambda _issuer, _header: jwk).get_verified_payload()


def test_the_judge_accepts_our_licence(es256: Authority) -> None:
    assert _judged(es256.presentation(), es256) == {**CLEAR, **FACE}


def test_the_judge_finds_in_our_selection_what_we_find(es256: Authority) -> None:
    sealed = es256.seal()
    for wanted in sealed.disclosures:
        chosen = sd_jwt.select(sealed.disclosures, wanted.path.__eq__)
        presentation = sd_jwt.present(sealed.jwt, [one.encoded for one in chosen])
        ours = sd_jwt.verify(presentation, es256.key.public).claims
        assert _judged(presentation, es256) == ours == {**CLEAR, **sd_jwt.values(chosen)}


def test_the_judge_refuses_what_we_refuse(es256: Authority) -> None:
    presentation = shown(es256.seal()).replace("~W", "~X", 1)
    with pytest.raises(Exception):  # noqa: B017, PT011 - the judge has no exception of its own for this
        _judged(presentation, es256)


def _issued(key: JWK, *, decoys: bool) -> str:
    headers = {"typ": "dc+sd-jwt"}
    issuer = SDJWTIssuer(CLAIMS, key, sign_alg="ES256", add_decoy_claims=decoys, extra_header_parameters=headers)
    return str(issuer.sd_jwt_issuance)


@pytest.mark.parametrize("decoys", [False, True])
def test_we_accept_what_the_judge_issues(decoys: bool) -> None:  # noqa: FBT001 - a parameter of the test
    key = JWK.generate(kty="EC", crv="P-256")
    public = load_public_jwk(json.loads(key.export_public()))
    verified = sd_jwt.verify(_issued(key, decoys=decoys), public)
    assert verified.claims == PLAIN
    assert set(verified.disclosed) == {("name",), ("holder",), ("holder", "code"), ("members", 0), ("members", 1)}


def test_we_find_in_the_judges_selection_what_it_finds() -> None:
    key = JWK.generate(kty="EC", crv="P-256")
    holder = SDJWTHolder(_issued(key, decoys=True))
    holder.create_presentation({"holder": {"code": True}, "members": [False, True]})
    presentation = str(holder.sd_jwt_presentation)
    verified = sd_jwt.verify(presentation, load_public_jwk(json.loads(key.export_public())))
    judged = SDJWTVerifier(presentation, lambda _issuer, _header: key).get_verified_payload()
    assert verified.claims == judged
    assert verified.claims["members"] == ["示例丙", "示例丁"]
    assert set(verified.disclosed) == {("holder",), ("holder", "code"), ("members", 1)}
