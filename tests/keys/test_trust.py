"""Issuer metadata: what it says is read exactly, and what does not fit together is refused."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from keys.errors import FormatError, UncheckableError
from keys.trust import TrustedKey
from keys.verification import Result, StatusAnswer, trust_from_metadata, verify_presentation
from tests.keys.authorities import AUTHORITIES, ES_ID, ISSUER, SEALED_AT, Authority, new_authority

AT = SEALED_AT + timedelta(days=1)


def _jwk(authority: Authority, **changes: Any) -> dict[str, Any]:
    jwk: dict[str, Any] = {
        **authority.key.public.to_jwk(),
        "kid": authority.certificate.thumbprint,
        "alg": authority.key.suite.jose_algorithm,
        "x5c": [b64encode(one.der).decode() for one in (authority.certificate, authority.root)],
        "seal": ES_ID,
    }
    return {name: value for name, value in {**jwk, **changes}.items() if value is not None}


def _metadata(*jwks: Any, issuer: Any = ISSUER) -> dict[str, Any]:
    return {"issuer": issuer, "jwks": {"keys": list(jwks)}}


def test_metadata_is_enough_to_verify(authority: Authority) -> None:
    trust = trust_from_metadata([_metadata(_jwk(authority))], [authority.root])
    assert trust == authority.trust()
    report = verify_presentation(authority.presentation(), trust, StatusAnswer("VALID", AT), AT)
    assert report.result is Result.TOTAL_PASSED


def test_the_history_of_a_key_is_read(es256: Authority) -> None:
    moments = {"nbf": 1, "exp": 4, "revoked_at": 3, "compromised_at": 2.5}
    (found,) = trust_from_metadata([_metadata(_jwk(es256, **moments))], []).keys.values()
    assert isinstance(found, TrustedKey)
    times = (found.valid_from, found.valid_until, found.revoked_at, found.compromised_at)
    assert [moment.timestamp() for moment in times if moment] == [1, 4, 3, 2.5]


def test_a_chain_in_metadata_does_not_make_its_own_root(es256: Authority) -> None:
    trust = trust_from_metadata([_metadata(_jwk(es256))], [new_authority("ES256").root])
    report = verify_presentation(es256.presentation(), trust, StatusAnswer("VALID", AT), AT)
    assert report.result is not Result.TOTAL_PASSED


def test_documents_of_several_issuers_stand_side_by_side() -> None:
    documents = [_metadata(_jwk(one), issuer=f"https://hub.example/{name}") for name, one in AUTHORITIES.items()]
    trust = trust_from_metadata(documents, [])
    assert {key.issuer.rpartition("/")[2] for key in trust.keys.values()} == set(AUTHORITIES)


def test_one_key_has_one_issuer(es256: Authority) -> None:
    document = _metadata(_jwk(es256))
    assert len(trust_from_metadata([document, document], []).keys) == 1
    with pytest.raises(FormatError):
        trust_from_metadata([document, _metadata(_jwk(es256), issuer="https://other.example")], [])


OTHER = AUTHORITIES["Ed25519"]


@pytest.mark.parametrize(
    "change",
    [
        {"kid": "other"},
        {"kid": None},
        {"seal": None},
        {"seal": 7},
        {"x5c": None},
        {"x5c": []},
        {"x5c": [7]},
        {"x5c": ["!"]},
        {"x5c": ["AAAA"]},
        {"x5c": [b64encode(OTHER.certificate.der).decode()]},
        {"alg": "none"},
        {"d": "AAAA"},
        {"nbf": "today"},
        {"exp": 10**30},
        {"exp": float("nan")},
        OTHER.key.public.to_jwk(),
    ],
    # Keys are new in every process, and a test has the same name in all of them.
    ids=" ".join,
)
def test_a_key_that_does_not_fit_is_refused(es256: Authority, change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        trust_from_metadata([_metadata(_jwk(es256, **change))], [])


@pytest.mark.parametrize(
    "document",
    [{}, {"issuer": ISSUER}, _metadata(issuer=7), {"issuer": ISSUER, "jwks": []}, _metadata(7), _metadata(None)],
)
def test_a_document_of_another_shape_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        trust_from_metadata([document], [])


def test_a_key_of_no_suite_cannot_be_checked(es256: Authority) -> None:
    with pytest.raises(UncheckableError):
        trust_from_metadata([_metadata(_jwk(es256, crv="P-384", alg=None))], [])
