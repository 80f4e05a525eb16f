"""Values printed in the standards themselves."""

import json
from pathlib import Path

import pytest

from keys import base64url, jws
from keys.errors import VerificationError
from keys.suites import SUITES, PublicKey, load_public_jwk

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "keys" / "published.json").read_text("utf-8"))
RFC_7515_A3 = (
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


def _public(suite_name: str) -> PublicKey:
    raw = bytes.fromhex(VECTORS[suite_name]["public"])
    return SUITES[suite_name].load_public(raw if suite_name == "Ed25519" else b"\x04" + raw)


def test_a_printed_signature_verifies(suite_name: str) -> None:
    vector = VECTORS[suite_name]
    _public(suite_name).verify(bytes.fromhex(vector["signature"]), bytes.fromhex(vector["message"]))


def test_a_printed_signature_does_not_verify_over_another_message(suite_name: str) -> None:
    with pytest.raises(VerificationError):
        _public(suite_name).verify(bytes.fromhex(VECTORS[suite_name]["signature"]), b"another message")


def test_the_digest_of_sm3() -> None:
    # GB/T 32905-2016 appendix A.1
    printed = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert SUITES["SM2-SM3"].digest(b"abc").hex() == printed


def test_the_token_of_rfc_7515() -> None:
    x, y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    key = load_public_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    assert jws.verify(RFC_7515_A3, key, typ=None).claims()["iss"] == "joe"


def test_the_thumbprint_of_rfc_8037() -> None:
    # appendix A.3
    key = load_public_jwk({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    assert key.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    ("disclosure", "digest"),
    [
        # RFC 9901 section 4.2.3, an object property and an array element
        (
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ),
        ("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"),
    ],
)
def test_the_digests_of_rfc_9901(disclosure: str, digest: str) -> None:
    assert base64url.encode(SUITES["ES256"].digest(disclosure.encode())) == digest
