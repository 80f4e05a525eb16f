"""Suites and their keys: round trips, and every way a key or a signature is refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import base64url, pkcs8
from keys.errors import FormatError, UncheckableError, VerificationError, WrongPassphraseError
from keys.suites import (
    SUITES,
    PrivateKey,
    load_private,
    load_public_jwk,
    load_public_pem,
    load_public_spki,
    suite,
    suite_of_jose,
)

KEYS = {name: row.generate() for name, row in SUITES.items()}


def test_the_names_are_those_of_the_registries() -> None:
    rows = [(row.name, row.jose_algorithm, row.cose_algorithm, row.digest_name) for row in SUITES.values()]
    assert rows == [
        ("ES256", "ES256", -7, "sha-256"),
        ("Ed25519", "Ed25519", -19, "sha-256"),
        ("SM2-SM3", "SM2-SM3", -70010, "sm3"),
    ]
    assert suite_of_jose("EdDSA") is suite("Ed25519")


@pytest.mark.parametrize("name", ["none", "HS256", "RS256", "es256", ""])
def test_an_unknown_suite_cannot_be_checked(name: str) -> None:
    with pytest.raises(UncheckableError):
        suite(name)
    with pytest.raises(UncheckableError):
        suite_of_jose(name)


@pytest.mark.parametrize("name", SUITES)
@given(message=st.binary(max_size=300))
@settings(max_examples=25)
def test_what_is_signed_verifies_and_nothing_else(name: str, message: bytes) -> None:
    key = KEYS[name]
    signature = key.sign(message)
    assert len(signature) == 64
    key.public.verify(signature, message)
    key.public.verify_der(key.sign_der(message), message)
    with pytest.raises(VerificationError):
        key.public.verify(signature, message + b"\x00")


@pytest.mark.parametrize("name", SUITES)
def test_no_bit_of_a_signature_can_change(name: str) -> None:
    key = KEYS[name]
    signature = key.sign(b"message")
    for bit in range(len(signature) * 8):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VerificationError):
            key.public.verify(bytes(changed), b"message")


@pytest.mark.parametrize("signature", [b"", b"\x00" * 63, b"\x00" * 65, b"\x00" * 64, b"\xff" * 64])
def test_a_senseless_signature_is_refused(key: PrivateKey, signature: bytes) -> None:
    with pytest.raises(VerificationError):
        key.public.verify(signature, b"message")
    with pytest.raises(VerificationError):
        key.public.verify_der(signature, b"message")


@pytest.mark.parametrize("passphrase", [None, b"open sesame"])
def test_a_private_key_survives_its_file(key: PrivateKey, passphrase: bytes | None) -> None:
    again = load_private(key.to_pkcs8(passphrase), passphrase)
    assert (again.suite, again.public) == (key.suite, key.public)
    key.public.verify(again.sign(b"message"), b"message")


def test_a_private_key_stays_shut_without_its_passphrase(key: PrivateKey) -> None:
    locked = key.to_pkcs8(b"open sesame")
    for wrong in (None, b"", b"open sesam"):
        with pytest.raises(WrongPassphraseError):
            load_private(locked, wrong)


def test_a_padding_that_looks_right_is_not_a_passphrase() -> None:
    # One wrong passphrase in 256 leaves a good padding; what is inside then decides.
    with pytest.raises(WrongPassphraseError):
        load_private(pkcs8.armour(b"no key at all", b"open sesame"), b"open sesame")


@pytest.mark.parametrize("pem", [b"", b"rubbish", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_rubbish_is_not_a_key(pem: bytes) -> None:
    with pytest.raises(FormatError):
        load_private(pem, None)
    with pytest.raises(FormatError):
        load_public_pem(pem)


def test_a_truncated_private_key_is_refused(key: PrivateKey) -> None:
    der = pkcs8.disarm(key.to_pkcs8(None), None)
    for size in range(0, len(der), 7):
        with pytest.raises((FormatError, UncheckableError)):
            load_private(pkcs8.armour(der[:size], None), None)


def test_an_sm2_private_key_must_fit_its_public_key() -> None:
    der, other = (pkcs8.disarm(SUITES["SM2-SM3"].generate().to_pkcs8(None), None) for _ in range(2))
    with pytest.raises(FormatError):
        load_private(pkcs8.armour(der[:-64] + other[-64:], None), None)


@pytest.mark.parametrize(
    "change",
    [
        {"d": "AAAA"},
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": 7},
        {"alg": "HS256"},
        {"alg": ["ES256"]},
        {"x": None},
        {"x": ""},
        {"x": "!"},
        {"x": base64url.encode(b"\x01" * 31)},
        {"x": base64url.encode(b"\xff" * 32), "y": base64url.encode(b"\xff" * 32)},
        {"kty": None},
        {"crv": 7},
    ],
    ids=str,
)
def test_a_jwk_that_is_not_a_public_signature_key_is_refused(key: PrivateKey, change: dict[str, Any]) -> None:
    if "y" in change and key.suite.name == "Ed25519":
        return  # every 32 bytes are taken as a point; only a signature can tell
    with pytest.raises(FormatError):
        load_public_jwk({**key.public.to_jwk(), **change})


@pytest.mark.parametrize("jwk", [{"kty": "RSA", "crv": ""}, {"kty": "EC", "crv": "P-384"}, {"kty": "oct", "crv": "x"}])
def test_a_jwk_of_no_suite_cannot_be_checked(jwk: dict[str, Any]) -> None:
    with pytest.raises(UncheckableError):
        load_public_jwk(jwk)


def test_an_spki_has_one_form(key: PrivateKey) -> None:
    spki = key.public.to_spki()
    for changed in (b"", spki[:-1], spki + b"\x00", b"\x30" + spki):
        with pytest.raises((FormatError, UncheckableError)):
            load_public_spki(changed)


@pytest.mark.parametrize("name", ["ES256", "SM2-SM3"])
def test_a_point_off_the_curve_is_refused(name: str) -> None:
    spki = KEYS[name].public.to_spki()
    with pytest.raises(FormatError):
        load_public_spki(spki[:-1] + bytes([spki[-1] ^ 1]))
