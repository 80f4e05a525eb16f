"""What every private key does, in software and in hardware alike, with openssl and `cryptography` as judges."""

import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from keys import sd_jwt
from keys.certificates import Certificate, check_chain, make_root
from keys.errors import VerificationError
from keys.suites import PrivateKey, load_public_jwk, load_public_spki
from tests.keys.authorities import CLEAR, END, ES_ID, FACE, SEALED_AT, START, SUBJECT, make_signer, shown

MESSAGES: Final = (b"", b"message", "星河市".encode(), bytes(range(256)) * 300)
OPTIONS: Final = {
    "ES256": ["-digest", "sha256"],
    "Ed25519": [],
    "SM2-SM3": ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"],
}


def _of_p256(spki: bytes, signature: bytes, message: bytes) -> None:
    key = load_der_public_key(spki)
    assert isinstance(key, EllipticCurvePublicKey)
    key.verify(signature, message, ECDSA(SHA256()))


def _of_ed25519(spki: bytes, signature: bytes, message: bytes) -> None:
    key = load_der_public_key(spki)
    assert isinstance(key, Ed25519PublicKey)
    key.verify(signature, message)


JUDGES: Final[Mapping[str, Callable[[bytes, bytes, bytes], None]]] = {"ES256": _of_p256, "Ed25519": _of_ed25519}


@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_what_is_signed_verifies_and_nothing_else(signer: PrivateKey, message: bytes) -> None:
    signature = signer.sign(message)
    assert len(signature) == 64
    signer.public.verify(signature, message)
    signer.public.verify_der(signer.sign_der(message), message)
    with pytest.raises(VerificationError):
        signer.public.verify(signature, message + b"\x00")


@pytest.mark.parametrize("message", MESSAGES[1:], ids=len)  # the command does not read an empty file
def test_openssl_verifies_what_is_signed(signer: PrivateKey, message: bytes, tmp_path: Path) -> None:
    public, signature, signed = tmp_path / "public.pem", tmp_path / "signature", tmp_path / "message"
    public.write_bytes(pem.armor("PUBLIC KEY", signer.public.to_spki()))
    signature.write_bytes(signer.sign_der(message))
    signed.write_bytes(message)
    command: list[str | Path] = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", signed]
    subprocess.run([*command, "-sigfile", signature, *OPTIONS[signer.suite.name]], check=True, capture_output=True)


@pytest.mark.parametrize("signer", [(name, place) for name in JUDGES for place in ("store", "pkcs11")], indirect=True)
def test_cryptography_verifies_what_is_signed(signer: PrivateKey) -> None:
    JUDGES[signer.suite.name](signer.public.to_spki(), signer.sign_der(b"message"), b"message")


def test_trailing_bytes_after_a_der_signature_are_refused(signer: PrivateKey) -> None:
    with pytest.raises(VerificationError):
        signer.public.verify_der(signer.sign_der(b"message") + b"\x00", b"message")


def test_a_key_does_not_verify_for_another(signer: PrivateKey) -> None:
    with pytest.raises(VerificationError):
        signer.suite.generate().public.verify(signer.sign(b"message"), b"message")


def test_a_public_key_survives_every_form(signer: PrivateKey) -> None:
    public = signer.public
    assert public.suite is signer.suite
    assert load_public_spki(public.to_spki()) == public
    assert load_public_jwk({**public.to_jwk(), "kid": "1", "use": "sig", "alg": signer.suite.jose_algorithm}) == public
    assert public.thumbprint() == load_public_jwk(public.to_jwk()).thumbprint()
    assert public != signer.suite.generate().public


def test_a_private_key_does_not_show_in_text(signer: PrivateKey) -> None:
    assert "PRIVATE" not in repr(signer)
    assert "handle" not in repr(signer)
    assert " key=" not in repr(signer)


def test_one_key_serves_many_threads(signer: PrivateKey) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                message = f"{number} {turn}".encode()
                signer.public.verify(signer.sign(message), message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_key_makes_certificates_and_seals(signer: PrivateKey) -> None:
    root = make_root("星河市电子印章制章中心", signer, 1, START, END)
    certificate = make_signer(SUBJECT, signer.public, root, signer, 2, START, END)
    check_chain(Certificate.load(certificate.der), [root], SEALED_AT)
    sealed = sd_jwt.seal(CLEAR, FACE, key=signer, kid=certificate.thumbprint, header={"seal": ES_ID})
    sd_jwt.verify(shown(sealed), signer.public)
