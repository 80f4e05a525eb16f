"""Keys that an outside issuer publishes: which count, for what, and which sets are refused as a whole."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from keys import base64url, strict_json
from keys.errors import FormatError
from keys.suites import SUITES
from keys.token_keys import ALGORITHMS, MOST_KEYS, read_set
from tests.access.holders.issuing import Issuing, rsa_jwk

REAL = Issuing()
SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what is refused
ODD = rsa.generate_private_key(3, 2048)


def test_each_kind_of_key_counts_for_its_own_algorithms_only() -> None:
    for name, row in SUITES.items():
        issuing = Issuing(name)
        (key,) = read_set(issuing.jwks(), ALGORITHMS).values()
        assert key.algorithms == {row.jose_algorithm}
        loose = {**issuing.jwk}
        del loose["alg"]
        (key,) = read_set(strict_json.dumps({"keys": [loose]}), ALGORITHMS).values()
        assert key.algorithms == row.jose_accepted
    assert read_set(REAL.jwks(rsa_jwk()), ALGORITHMS)["rsa"].algorithms == {"RS256", "PS256"}


def test_what_is_not_allowed_or_not_for_signatures_is_left_out() -> None:
    others: list[dict[str, Any]] = [
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-521", "kid": "larger", "x": "AA", "y": "AA"},
        {"kty": "AKP", "alg": "ML-DSA-65", "kid": "later", "pub": "AA"},
        rsa_jwk(use="enc"),
        {key: value for key, value in rsa_jwk().items() if key != "kid"},
    ]
    assert set(read_set(REAL.jwks(*others), ALGORITHMS)) == {REAL.kid}
    assert read_set(REAL.jwks(), {"PS256"}) == {}
    assert read_set(REAL.jwks({**Issuing("Ed25519", "other").jwk, "alg": "ES256"}), ALGORITHMS).keys() == {REAL.kid}


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{}", b"[]", b'{"keys":{}}', b'{"keys":[7]}', b'{"keys":[],"keys":[]}',
        REAL.jwks(REAL.jwk),
        REAL.jwks(rsa_jwk(kid=REAL.kid)),
        REAL.jwks({**rsa_jwk(), "d": "AQAB"}),
        REAL.jwks({**Issuing().jwk, "kid": "private", "d": base64url.encode(bytes(32))}),
        REAL.jwks(rsa_jwk(kid=7)),
        REAL.jwks(rsa_jwk(kid="x" * 257)),
        REAL.jwks(rsa_jwk(n="AQAB")),
        REAL.jwks(rsa_jwk(n=None)),
        REAL.jwks(rsa_jwk(n="AA" + rsa_jwk()["n"])),
        REAL.jwks(rsa_jwk(SHORT)),
        REAL.jwks(rsa_jwk(ODD)),
        REAL.jwks({**Issuing().jwk, "kid": "flat", "y": base64url.encode(bytes(32))}),
        strict_json.dumps({"keys": [rsa_jwk(kid=str(place)) for place in range(MOST_KEYS + 1)]}),
    ],
)  # fmt: skip
def test_a_set_that_cannot_be_right_is_refused_as_a_whole(text: bytes) -> None:
    with pytest.raises(FormatError):
        read_set(text, ALGORITHMS)


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.text(max_size=5),
        lambda one: (
            st.lists(one, max_size=3)
            | st.dictionaries(
                st.sampled_from(["keys", "kty", "kid", "n", "e", "crv", "x", "alg", "use", "key_ops"]), one, max_size=5
            )
        ),
        max_leaves=12,
    ).map(strict_json.dumps)
)
def test_any_text_is_read_or_refused_and_nothing_worse(text: bytes) -> None:
    try:
        read_set(text, ALGORITHMS)
    except FormatError:
        return
