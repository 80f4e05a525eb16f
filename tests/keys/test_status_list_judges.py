"""Others judge our status lists: the `cwt` library and the real `openssl` command."""

import subprocess
from pathlib import Path
from typing import Any

import cbor2
import cwt
import pytest
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from jwcrypto.jws import JWS  # type: ignore[import-untyped]

from keys import cose, jws, status_bits, strict_json
from keys.contracts import PrivateKey
from keys.ecdsa_form import der_from_raw
from keys.status_list import read
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA, STATUS_LIST, SUBJECT, TIME_TO_LIVE
from tests.keys.lists import EXAMPLE, KEYS, URI, jwks, statuses, token

NAMES = ("ES256", "Ed25519")  # the suites that have registered names


def cose_key(suite_name: str) -> Any:
    jwk = {**KEYS[suite_name].public.to_jwk(), "kid": "status-1", "alg": suite_name, "use": "sig"}
    return cwt.COSEKey.from_jwk(jwk)


@pytest.mark.parametrize("suite_name", NAMES)
def test_cwt_verifies_our_list_and_reads_the_same(suite_name: str) -> None:
    message = cwt.COSE.new().decode_with_headers(token(CWT_MEDIA, suite_name), cose_key(suite_name))
    protected, _, payload = message
    assert protected[16] == CWT_MEDIA
    claims = cbor2.loads(payload)
    assert (claims[SUBJECT], claims[TIME_TO_LIVE]) == (URI, EXAMPLE.ttl)
    assert status_bits.decompress(claims[STATUS_LIST]["lst"]) == statuses()


@pytest.mark.parametrize("suite_name", NAMES)
def test_cwt_refuses_our_list_with_one_bit_changed(suite_name: str) -> None:
    spoilt = bytearray(token(CWT_MEDIA, suite_name))
    spoilt[-1] ^= 1
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new().decode(bytes(spoilt), cose_key(suite_name))


def test_we_verify_what_cwt_signs() -> None:
    key = KEYS["ES256"]
    private = cwt.COSEKey.from_pem(key.to_pkcs8(None), kid="status-1", alg="ES256")
    payload = cose.parse(token(CWT_MEDIA)).payload
    theirs = cwt.COSE.new().encode_and_sign(
        payload, private, protected={1: -7, 16: CWT_MEDIA}, unprotected={4: b"status-1"}
    )
    assert isinstance(theirs, bytes)
    assert read(theirs, CWT_MEDIA, jwks(key)) == EXAMPLE


def test_a_jose_library_verifies_our_list() -> None:
    theirs = JWS()
    theirs.deserialize(token(JWT_MEDIA).decode(), JWK(**KEYS["ES256"].public.to_jwk()))
    assert strict_json.loads_object(theirs.payload)["sub"] == URI
    assert theirs.jose_header["typ"] == "statuslist+jwt"


def _openssl_verifies(key: PrivateKey, signature: bytes, message: bytes, folder: Path) -> None:
    for name, content in (("key.der", key.public.to_spki()), ("signature", signature), ("message", message)):
        (folder / name).write_bytes(content)
    files: list[str | Path] = [
        "-inkey",
        folder / "key.der",
        "-sigfile",
        folder / "signature",
        "-in",
        folder / "message",
    ]
    digest = ["-digest", "sha256"] if key.suite.name == "ES256" else []
    command: list[str | Path] = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-keyform",
        "DER",
        "-rawin",
        *files,
        *digest,
    ]
    assert b"Verified Successfully" in subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.parametrize("suite_name", NAMES)
def test_openssl_verifies_both_forms(suite_name: str, tmp_path: Path) -> None:
    key = KEYS[suite_name]
    parsed, message = jws.parse(token(JWT_MEDIA, suite_name).decode()), cose.parse(token(CWT_MEDIA, suite_name))
    for signature, signed in ((parsed.signature, parsed.signing_input), (message.signature, message.to_be_signed)):
        told = der_from_raw(signature) if suite_name == "ES256" else signature
        _openssl_verifies(key, told, signed, tmp_path)
