"""Requests for a certificate: an outside authority reads ours, and we believe only who holds the key."""

from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import csr, pem
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import certificate_request
from keys.certificates import Subject
from keys.errors import FormatError, KeysError, SubIndication, UncheckableError, VerificationError
from keys.suites import SUITES, PrivateKey
from keys.x509_parts import signed
from tests.keys.authorities import AUTHORITIES
from tests.keys.seal_makers import DISTID, OWNER, openssl, openssl_verifies

GENERATE = {
    "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "Ed25519": ["-algorithm", "ED25519"],
    "SM2-SM3": ["-algorithm", "SM2"],
}


def _der(request: bytes) -> bytes:
    return bytes(pem.unarmor(request)[2])


def _pem(der: bytes) -> bytes:
    return bytes(pem.armor("CERTIFICATE REQUEST", der))


def test_a_request_says_who_asks_and_for_which_key(signer: PrivateKey) -> None:
    found = certificate_request.read(certificate_request.make(OWNER, signer))
    assert (found.subject, found.public_key) == (OWNER, signer.public)


def test_openssl_verifies_a_request(key: PrivateKey, tmp_path: Path) -> None:
    (tmp_path / "request").write_bytes(certificate_request.make(OWNER, key))
    arguments = ("req", "-in", "request", "-noout", "-verify", "-text", "-nameopt", "utf8,-esc_msb")
    # `openssl req` takes an SM2 user ID by another option than everything else does.
    shown = openssl(tmp_path, *arguments, *(["-vfyopt", DISTID] if key.suite.name == "SM2-SM3" else [])).decode()
    assert "self-signature verify OK" in shown
    for text in (OWNER.common_name, OWNER.credit_code, "Digital Signature, Non Repudiation"):
        assert text in shown


def test_openssl_verifies_the_bytes_of_a_request(key: PrivateKey, tmp_path: Path) -> None:
    whole = csr.CertificationRequest.load(_der(certificate_request.make(OWNER, key)))
    message, signature = whole["certification_request_info"].dump(), bytes(whole["signature"])
    assert openssl_verifies(tmp_path, key.suite.name, key.public.to_spki(), signature, message)


def test_we_read_the_request_that_openssl_makes(suite_name: str, tmp_path: Path) -> None:
    openssl(tmp_path, "genpkey", *GENERATE[suite_name], "-out", "key")
    extra = ["-sm3", "-sigopt", DISTID] if suite_name == "SM2-SM3" else []
    openssl(tmp_path, "req", "-new", "-key", "key", "-subj", "/CN=Seal/O=Bureau", "-out", "request", *extra)
    found = certificate_request.read((tmp_path / "request").read_bytes())
    assert found.subject == Subject("Seal", "Bureau")
    assert found.public_key.suite.name == suite_name


def test_an_sm2_request_under_the_empty_user_id_is_refused(tmp_path: Path) -> None:
    openssl(tmp_path, "genpkey", "-algorithm", "SM2", "-out", "key")
    openssl(tmp_path, "req", "-new", "-key", "key", "-sm3", "-subj", "/CN=Seal", "-out", "request")
    with pytest.raises(VerificationError):
        certificate_request.read((tmp_path / "request").read_bytes())


def test_who_does_not_hold_the_key_is_refused(key: PrivateKey) -> None:
    body = csr.CertificationRequest.load(_der(certificate_request.make(OWNER, key)))["certification_request_info"]
    with pytest.raises(VerificationError) as refused:
        certificate_request.read(_pem(signed(body, key.suite.generate())))
    assert refused.value.sub_indication == SubIndication.SIG_CRYPTO_FAILURE


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of odd names and serial numbers
def test_one_flipped_bit_in_every_byte_is_refused(key: PrivateKey) -> None:
    der = _der(certificate_request.make(OWNER, key))
    for place in range(len(der)):
        changed = bytearray(der)
        changed[place] ^= 1 << place % 8
        with pytest.raises((VerificationError, UncheckableError)):
            certificate_request.read(_pem(bytes(changed)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda request: _pem(_der(request) + b"\x00"),
        lambda request: _pem(b"\x30\x83\x00" + _der(request)[2:]),
        lambda request: request.replace(b"CERTIFICATE REQUEST", b"CERTIFICATE"),
        lambda _: b"",
        lambda request: request + bytes(64 << 10),
        lambda _: AUTHORITIES["ES256"].certificate.to_pem(),
    ],
)
def test_what_is_no_request_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    request = certificate_request.make(OWNER, AUTHORITIES["ES256"].key)
    with pytest.raises(FormatError):
        certificate_request.read(spoil(request))


@pytest.mark.parametrize("subject", [Subject(""), Subject("印" * 65), Subject("印", "星" * 65), Subject("\ud800")])
def test_a_request_needs_a_name(subject: Subject) -> None:
    with pytest.raises(FormatError):
        certificate_request.make(subject, AUTHORITIES["ES256"].key)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=64)


@given(st.builds(Subject, NAMES.filter(bool), NAMES, NAMES), st.sampled_from(sorted(SUITES)))
@settings(max_examples=40, deadline=None)
def test_any_name_is_read_back_or_refused(subject: Subject, suite_name: str) -> None:
    try:
        request = certificate_request.make(subject, AUTHORITIES[suite_name].key)
    except KeysError:
        return
    assert certificate_request.read(request).subject == subject


def test_a_name_is_measured_in_characters() -> None:
    longest = Subject("星" * 64, "海" * 64)
    assert certificate_request.read(certificate_request.make(longest, AUTHORITIES["ES256"].key)).subject == longest
