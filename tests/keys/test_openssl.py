"""The real `openssl` command as the judge, both ways, for every suite."""

import subprocess
from pathlib import Path

import pytest

from keys.errors import VerificationError
from keys.suites import PrivateKey, load_private, load_public_pem

MESSAGE = "星河市 licence".encode()
USER_ID = "distid:1234567812345678"
# How openssl signs and verifies a file under each suite.
OPTIONS = {
    "ES256": ["-digest", "sha256"],
    "Ed25519": [],
    "SM2-SM3": ["-digest", "sm3", "-pkeyopt", USER_ID],
}
GENERATE = {
    "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "Ed25519": ["-algorithm", "ED25519"],
    "SM2-SM3": ["-algorithm", "SM2"],
}


def _openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


@pytest.fixture
def message(tmp_path: Path) -> Path:
    path = tmp_path / "message"
    path.write_bytes(MESSAGE)
    return path


def test_openssl_verifies_what_we_sign(key: PrivateKey, message: Path, tmp_path: Path) -> None:
    private, public, signature = tmp_path / "private.pem", tmp_path / "public.pem", tmp_path / "signature"
    private.write_bytes(key.to_pkcs8(None))
    public.write_bytes(_openssl("pkey", "-in", private, "-pubout"))
    signature.write_bytes(key.sign_der(MESSAGE))
    options: list[str | Path] = ["-verify", "-pubin", "-inkey", public, "-rawin", "-in", message, "-sigfile", signature]
    assert b"Verified Successfully" in _openssl("pkeyutl", *options, *OPTIONS[key.suite.name])


def test_we_verify_what_openssl_signs(suite_name: str, message: Path, tmp_path: Path) -> None:
    private, public, signature = tmp_path / "private.pem", tmp_path / "public.pem", tmp_path / "signature"
    _openssl("genpkey", *GENERATE[suite_name], "-out", private)
    _openssl("pkey", "-in", private, "-pubout", "-out", public)
    options: list[str | Path] = ["-sign", "-inkey", private, "-rawin", "-in", message, "-out", signature]
    _openssl("pkeyutl", *options, *OPTIONS[suite_name])
    read = load_public_pem(public.read_bytes())
    assert read == load_private(private.read_bytes(), None).public
    assert read.suite.name == suite_name
    read.verify_der(signature.read_bytes(), MESSAGE)
    with pytest.raises(VerificationError):
        read.verify_der(signature.read_bytes(), MESSAGE + b".")


def test_we_sign_with_a_key_openssl_encrypted_and_back(suite_name: str, tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs.pem", tmp_path / "ours.pem"
    _openssl("genpkey", *GENERATE[suite_name], "-aes-256-cbc", "-pass", "pass:open sesame", "-out", theirs)
    key = load_private(theirs.read_bytes(), b"open sesame")
    ours.write_bytes(key.to_pkcs8(b"another one"))
    assert b"ENCRYPTED" in ours.read_bytes()
    public = _openssl("pkey", "-in", ours, "-passin", "pass:another one", "-pubout", "-outform", "DER")
    assert public == key.public.to_spki()


@pytest.mark.parametrize("user_id", ["distid:1234567812345679", "distid:"])
def test_an_sm2_signature_under_another_user_id_is_refused(user_id: str, message: Path, tmp_path: Path) -> None:
    private, signature = tmp_path / "private.pem", tmp_path / "signature"
    _openssl("genpkey", "-algorithm", "SM2", "-out", private)
    other = ["-digest", "sm3", *([] if user_id == "distid:" else ["-pkeyopt", user_id])]
    _openssl("pkeyutl", "-sign", "-inkey", private, "-rawin", "-in", message, "-out", signature, *other)
    with pytest.raises(VerificationError):
        load_private(private.read_bytes(), None).public.verify_der(signature.read_bytes(), MESSAGE)
