"""The real `openssl` command as the judge of seals and signatures under them, both ways, over the original slices."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keys.certificates import Certificate
from keys.report import Result
from keys.seal_verification import verify_seal
from keys.ses_making import complete, complete_seal, prepare, prepare_seal
from keys.ses_seal import Seal, parse_seal
from keys.ses_signature import SesSignature, parse_signature
from keys.ses_verification import verify_signature
from keys.suites import load_public_pem
from tests.keys.authorities import END, START, SUBJECT, make_signer
from tests.keys.seals import (
    AT,
    DIGESTS,
    DOCUMENT,
    OFFICES,
    PROPERTY_INFO,
    SIGNED_AT,
    Office,
    as_real_ones_are,
    says,
    version_1,
)

USER_ID = ["-sigopt", "distid:1234567812345678"]
DIGEST = {"SM2-SM3": ["-sm3", *USER_ID], "ES256": ["-sha256"]}
GENERATE = {"SM2-SM3": ["-algorithm", "SM2"], "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}
HASH = {"SM2-SM3": "-sm3", "ES256": "-sha256"}


@pytest.fixture(params=sorted(OFFICES))
def office(request: pytest.FixtureRequest) -> Office:
    return OFFICES[str(request.param)]


def _openssl(folder: Path, *arguments: str, check: bool = True) -> bytes:
    return subprocess.run(["openssl", *arguments], cwd=folder, check=check, capture_output=True).stdout


def _verifies(folder: Path, suite: str, certificate: bytes, value: bytes, signed: bytes) -> bool:
    """Take the key from the certificate and check the value over the slice, all by openssl."""
    for name, data in (("certificate", certificate), ("value", value), ("signed", signed)):
        (folder / name).write_bytes(data)
    (folder / "key").write_bytes(_openssl(folder, "x509", "-inform", "DER", "-in", "certificate", "-noout", "-pubkey"))
    command = ["dgst", *DIGEST[suite], "-verify", "key", "-signature", "value", "signed"]
    return b"Verified OK" in _openssl(folder, *command, check=False)


def _both_verify(folder: Path, suite: str, seal: Seal, signature: SesSignature) -> None:
    assert _verifies(folder, suite, seal.maker, seal.signature, seal.signed)
    assert _verifies(folder, suite, signature.certificate, signature.value, signature.sealing.der)
    assert not _verifies(folder, suite, signature.certificate, signature.value, signature.sealing.der[:-1] + b"!")


def test_openssl_verifies_what_we_make(office: Office, tmp_path: Path) -> None:
    signature = office.sign()
    _both_verify(tmp_path, office.key.suite.name, signature.sealing.seal, signature)
    (tmp_path / "document").write_bytes(DOCUMENT)
    told = _openssl(tmp_path, "dgst", HASH[office.key.suite.name], "-binary", "document")
    assert told == signature.sealing.data_hash


@pytest.mark.parametrize("as_made", [version_1, as_real_ones_are])
def test_openssl_agrees_on_what_was_signed_in_other_forms(
    office: Office, as_made: Callable[[Office], tuple[bytes, bytes]], tmp_path: Path
) -> None:
    seal, signature = as_made(office)
    _both_verify(tmp_path, office.key.suite.name, parse_seal(seal), parse_signature(signature))


@pytest.mark.parametrize("suite", sorted(OFFICES))
def test_we_verify_what_openssl_signs(suite: str, tmp_path: Path) -> None:
    """Both keys are openssl's and never here: what is signed goes out, the value comes back."""
    office = OFFICES[suite]

    def certified(name: str, serial: int) -> tuple[str, Certificate]:
        _openssl(tmp_path, "genpkey", *GENERATE[suite], "-out", name)
        public = load_public_pem(_openssl(tmp_path, "pkey", "-in", name, "-pubout"))
        return name, make_signer(SUBJECT, public, office.authority.root, office.authority.root_key, serial, START, END)

    def signed(name: str, message: bytes) -> bytes:
        (tmp_path / "message").write_bytes(message)
        return _openssl(tmp_path, "dgst", *DIGEST[suite], "-sign", name, "message")

    (maker_key, maker), (signer_key, signer) = certified("maker", 91), certified("signer", 92)
    info = prepare_seal(office.content(certificates=(signer.der,)))
    seal = complete_seal(info, maker, signed(maker_key, info))
    prepared = prepare(seal, SIGNED_AT, office.key.suite.digest(DOCUMENT), PROPERTY_INFO)
    signature = complete(prepared, signer, signed(signer_key, prepared))
    trust = office.trust(makers=(maker,))
    assert says(verify_seal(seal.der, trust, AT)) == (Result.TOTAL_PASSED, [])
    assert says(verify_signature(signature.der, DIGESTS, trust, AT)) == (Result.TOTAL_PASSED, [])
