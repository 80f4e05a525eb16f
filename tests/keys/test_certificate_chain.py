"""Certificates of an outside authority, as they come back: what fits is taken, and each misfit is told by its name."""

from datetime import datetime
from pathlib import Path

import pytest

from keys import certificate_chain
from keys.certificates import AUTHORITY, ROOT, SIGNER, Certificate, Subject, issue, make_root
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.suites import SUITES
from tests.keys.seal_makers import BEGIN, DAY, END, OWNER, SEAL_MAKERS, SIGNED_AT, SealMakers, new_seal_makers, openssl

Why = SubIndication
P256 = SEAL_MAKERS["ES256"]


@pytest.fixture
def makers(suite_name: str) -> SealMakers:
    return SEAL_MAKERS[suite_name]


def _bundle(*certificates: Certificate) -> bytes:
    return b"".join(one.to_pem() for one in certificates)


def _refused(
    *certificates: Certificate, makers: SealMakers = P256, subject: Subject = OWNER, at: datetime = SIGNED_AT
) -> tuple[Why, str]:
    with pytest.raises(VerificationError) as refused:
        certificate_chain.read(_bundle(*certificates), makers.signer_key.public, subject, at)
    return refused.value.sub_indication, str(refused.value)


def test_a_bundle_that_fits_is_taken(makers: SealMakers) -> None:
    found = certificate_chain.read(makers.bundle, makers.signer_key.public, OWNER, SIGNED_AT)
    assert (found.signer, found.intermediates, found.root) == (makers.signer, (makers.authority,), makers.root)


def test_a_signer_may_stand_directly_under_its_root() -> None:
    signer = issue(SIGNER, OWNER, P256.signer_key.public, P256.root, P256.root_key, 7, BEGIN, END)
    found = certificate_chain.read(_bundle(signer, P256.root), P256.signer_key.public, OWNER, SIGNED_AT)
    assert found.intermediates == ()


def test_text_between_the_certificates_does_no_harm() -> None:
    bundle = b"Bag Attributes\n" + P256.bundle.replace(b"-----BEGIN", b"\nsubject=x\n-----BEGIN")
    certificate_chain.read(bundle, P256.signer_key.public, OWNER, SIGNED_AT)


def test_another_key_is_told() -> None:
    other = issue(SIGNER, OWNER, P256.maker_key.public, P256.authority, P256.authority_key, 7, BEGIN, END)
    why, message = _refused(other, P256.authority, P256.root)
    assert (why, message) == (Why.SIG_CONSTRAINTS_FAILURE, "the first certificate is for another key")


@pytest.mark.parametrize(
    "subject",
    [Subject("别的章", OWNER.organization_name, OWNER.credit_code), Subject(OWNER.common_name, "别的局", OWNER.credit_code),
     Subject(OWNER.common_name, OWNER.organization_name, "11990100MB0143028R")],
)  # fmt: skip
def test_another_name_is_told_without_repeating_it(subject: Subject) -> None:
    why, message = _refused(P256.signer, P256.authority, P256.root, subject=subject)
    assert (why, message) == (Why.SIG_CONSTRAINTS_FAILURE, "the first certificate is for another name")


def test_a_wrong_order_is_told() -> None:
    expected = {
        (P256.root, P256.authority, P256.signer): "the certificate for the key must be the first of the bundle",
        (P256.authority, P256.signer, P256.root): "the certificate for the key must be the first of the bundle",
        (P256.signer, P256.root, P256.authority): "the issuer of certificate 1 must come next, and stands elsewhere in the bundle",
    }  # fmt: skip
    for certificates, message in expected.items():
        assert _refused(*certificates) == (Why.NO_CERTIFICATE_CHAIN_FOUND, message)


def test_a_missing_link_is_told() -> None:
    assert _refused(P256.signer, P256.root) == (
        Why.NO_CERTIFICATE_CHAIN_FOUND,
        "the issuer of certificate 1 is missing",
    )
    assert _refused(P256.signer, P256.authority) == (
        Why.NO_CERTIFICATE_CHAIN_FOUND,
        "the bundle does not end in a root: the last issuer is missing",
    )


def test_a_link_too_many_is_told() -> None:
    assert _refused(P256.signer, P256.authority, P256.maker, P256.root)[0] == Why.NO_CERTIFICATE_CHAIN_FOUND
    assert _refused(P256.signer, P256.authority, P256.root, P256.root)[0] == Why.FORMAT_FAILURE


def test_a_time_outside_the_certificates_is_told() -> None:
    whole = (P256.signer, P256.authority, P256.root)
    assert _refused(*whole, at=END + DAY)[0] == Why.EXPIRED
    assert _refused(*whole, at=BEGIN - DAY)[0] == Why.NOT_YET_VALID
    key = P256.authority_key
    short = issue(AUTHORITY, P256.authority.subject, key.public, P256.root, P256.root_key, 8, BEGIN, SIGNED_AT - DAY)
    assert _refused(P256.signer, short, P256.root) == (Why.EXPIRED, "a certificate had expired")
    with pytest.raises(FormatError):
        certificate_chain.read(P256.bundle, P256.signer_key.public, OWNER, SIGNED_AT.replace(tzinfo=None))


def test_a_certificate_that_is_not_for_signatures_is_told() -> None:
    other = issue(AUTHORITY, OWNER, P256.signer_key.public, P256.authority, P256.authority_key, 9, BEGIN, END)
    why, message = _refused(other, P256.authority, P256.root)
    assert (why, message) == (Why.CHAIN_CONSTRAINTS_FAILURE, "the certificate is not for signatures")


def test_an_issuer_that_may_not_issue_is_told() -> None:
    signer = issue(SIGNER, OWNER, P256.signer_key.public, P256.maker, P256.maker_key, 9, BEGIN, END)
    assert _refused(signer, P256.maker, P256.root)[0] == Why.CHAIN_CONSTRAINTS_FAILURE


def test_a_signature_that_the_issuer_did_not_make_is_told(makers: SealMakers) -> None:
    der = bytearray(makers.signer.der)
    der[-1] ^= 1
    spoilt = Certificate.load(bytes(der))
    assert _refused(spoilt, makers.authority, makers.root, makers=makers)[0] == Why.SIG_CRYPTO_FAILURE


def test_a_root_that_did_not_sign_itself_is_told(makers: SealMakers) -> None:
    der = bytearray(makers.root.der)
    der[-1] ^= 1
    why, message = _refused(makers.signer, makers.authority, Certificate.load(bytes(der)), makers=makers)
    assert (why, message) == (Why.SIG_CRYPTO_FAILURE, "the root is not signed by itself")


def test_a_namesake_of_the_issuer_is_not_the_issuer() -> None:
    twin = new_seal_makers("ES256")
    assert _refused(P256.signer, twin.authority, twin.root)[0] == Why.NO_CERTIFICATE_CHAIN_FOUND


def test_a_bundle_has_two_to_five_certificates() -> None:
    for bundle in (
        b"",
        _bundle(P256.signer),
        _bundle(P256.signer, *[P256.authority] * 5),
        P256.bundle + bytes(256 << 10),
    ):
        with pytest.raises(FormatError):
            certificate_chain.read(bundle, P256.signer_key.public, OWNER, SIGNED_AT)


def test_a_key_in_the_bundle_is_refused() -> None:
    with pytest.raises(FormatError):
        certificate_chain.read(P256.bundle + P256.signer_key.to_pkcs8(None), P256.signer_key.public, OWNER, SIGNED_AT)


def test_the_path_length_of_each_issuer_is_kept() -> None:
    keys = [SUITES["ES256"].generate() for _ in range(3)]
    top = make_root("一", keys[0], 1, BEGIN, END, ROOT)
    second = issue(AUTHORITY, Subject("二"), keys[1].public, top, keys[0], 2, BEGIN, END)
    third = issue(AUTHORITY, Subject("三"), keys[2].public, second, keys[1], 3, BEGIN, END)
    signer = issue(SIGNER, OWNER, P256.signer_key.public, third, keys[2], 4, BEGIN, END)
    assert _refused(signer, third, second, top)[0] == Why.CHAIN_CONSTRAINTS_FAILURE


def test_a_key_of_no_suite_could_not_be_checked(tmp_path: Path) -> None:
    openssl(
        tmp_path, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-subj", "/CN=x", "-out", "root"
    )
    bundle = _bundle(P256.signer, P256.authority) + (tmp_path / "root").read_bytes()
    with pytest.raises(UncheckableError):
        certificate_chain.read(bundle, P256.signer_key.public, OWNER, SIGNED_AT)
