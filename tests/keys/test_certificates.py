"""Certificates of every suite, and every way in which a chain does not lead to a trusted maker."""

import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509

from keys.certificates import Certificate, Subject, check_chain, make_root
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.suites import SUITES, load_private
from tests.keys.authorities import AUTHORITIES, CREDIT_CODE, END, SEALED_AT, START, SUBJECT, Authority, make_signer

Why = SubIndication


def _refused(certificate: Certificate, root: Certificate, at: datetime = SEALED_AT, *between: Certificate) -> Why:
    with pytest.raises(VerificationError) as refused:
        check_chain(certificate, [root], at, between)
    return refused.value.sub_indication


def test_a_signer_says_who_it_is(authority: Authority) -> None:
    certificate = authority.certificate
    assert certificate.subject == Subject("星河市公安局", "星河市公安局", CREDIT_CODE)
    assert certificate.issuer == authority.root.subject
    assert (certificate.serial, certificate.not_before, certificate.not_after) == (2, START, END)
    assert certificate.public_key == authority.key.public
    assert certificate.key_usage == {"digital_signature", "content_commitment"}
    assert not certificate.is_ca
    assert authority.root.is_ca
    assert authority.root.key_usage == {"key_cert_sign", "crl_sign"}


def test_a_name_is_measured_in_characters(authority: Authority) -> None:
    longest = Subject("星" * 64, "海" * 64)
    signer = make_signer(longest, authority.key.public, authority.root, authority.root_key, 7, START, END)
    assert Certificate.load(signer.der).subject == longest


def test_a_chain_leads_to_its_maker(authority: Authority) -> None:
    for at in (START, SEALED_AT, END):
        check_chain(authority.certificate, [authority.root], at)
        check_chain(authority.root, [authority.root], at)


def test_openssl_reads_our_certificate(authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "signer.pem"
    path.write_bytes(authority.certificate.to_pem())
    arguments: list[str | Path] = [
        "openssl",
        "x509",
        "-in",
        path,
        "-noout",
        "-subject",
        "-purpose",
        "-nameopt",
        "utf8,-esc_msb,sep_comma_plus",
    ]
    text = subprocess.run(arguments, check=True, capture_output=True).stdout.decode()
    assert f"organizationIdentifier={CREDIT_CODE}" in text
    assert "CN=星河市公安局" in text


def test_openssl_agrees_with_the_signature(authority: Authority, tmp_path: Path) -> None:
    digests = {"ES256": ["-digest", "sha256"], "SM2-SM3": ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]}
    for name, data in (
        ("tbs", authority.certificate.tbs),
        ("sig", authority.certificate.signature),
        ("spki", authority.root.public_key.to_spki()),
    ):
        (tmp_path / name).write_bytes(data)
    arguments = ["-verify", "-pubin", "-keyform", "DER", "-inkey", "spki", "-rawin", "-in", "tbs", "-sigfile", "sig"]
    extra = digests.get(authority.key.suite.name, [])
    done = subprocess.run(["openssl", "pkeyutl", *arguments, *extra], cwd=tmp_path, check=True, capture_output=True)
    assert b"Verified Successfully" in done.stdout


@pytest.mark.parametrize(
    ("name", "algorithm", "extra"),
    [
        ("ES256", ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-sha256"]),
        ("Ed25519", ["ED25519"], []),
        ("SM2-SM3", ["SM2"], ["-sm3", "-sigopt", "distid:1234567812345678"]),
    ],
)
def test_we_read_the_root_that_openssl_makes(name: str, algorithm: list[str], extra: list[str], tmp_path: Path) -> None:
    key = subprocess.run(["openssl", "genpkey", "-algorithm", *algorithm], check=True, capture_output=True).stdout
    (tmp_path / "key.pem").write_bytes(key)
    usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-subj", "/CN=Maker", "-days", "30"]
    request = ["openssl", "req", "-x509", "-key", "key.pem", *extra, *usage]
    pem = subprocess.run(request, cwd=tmp_path, check=True, capture_output=True).stdout
    (root,) = Certificate.load_pem_bundle(pem)
    private = load_private(key, None)
    assert root.public_key.suite.name == name
    root.public_key.verify_der(root.signature, root.tbs)
    at = root.not_before
    check_chain(make_signer(SUBJECT, AUTHORITIES[name].key.public, root, private, 7, at, root.not_after), [root], at)


def test_an_sm2_root_signed_under_the_empty_user_id_has_no_good_signature(tmp_path: Path) -> None:
    # `openssl req -x509 -sm3` without -sigopt distid does this, and `openssl verify` overlooks it.
    subprocess.run(["openssl", "genpkey", "-algorithm", "SM2", "-out", "key.pem"], cwd=tmp_path, check=True)
    request = ["openssl", "req", "-x509", "-key", "key.pem", "-sm3", "-subj", "/CN=Maker"]
    pem = subprocess.run(request, cwd=tmp_path, check=True, capture_output=True).stdout
    (root,) = Certificate.load_pem_bundle(pem)
    with pytest.raises(VerificationError):
        root.public_key.verify_der(root.signature, root.tbs)


def test_a_maker_and_a_signer_may_use_different_suites() -> None:
    maker, signer = AUTHORITIES["SM2-SM3"], AUTHORITIES["ES256"]
    certificate = make_signer(SUBJECT, signer.key.public, maker.root, maker.root_key, 9, START, END)
    check_chain(certificate, [maker.root], SEALED_AT)


def test_a_certificate_is_bounded_by_its_validity(authority: Authority) -> None:
    second = timedelta(seconds=1)
    assert _refused(authority.certificate, authority.root, START - second) == Why.NOT_YET_VALID
    assert _refused(authority.certificate, authority.root, END + second) == Why.EXPIRED
    with pytest.raises(FormatError):
        check_chain(authority.certificate, [authority.root], datetime(2026, 3, 1))  # noqa: DTZ001 - the naive time is the point


def test_a_stranger_is_not_trusted(authority: Authority) -> None:
    stranger = make_root("自称制章中心", authority.key.suite.generate(), 1, START, END)
    assert _refused(authority.certificate, stranger) == Why.NO_CERTIFICATE_CHAIN_FOUND
    assert _refused(stranger, authority.root) in {Why.NO_CERTIFICATE_CHAIN_FOUND, Why.CHAIN_CONSTRAINTS_FAILURE}


def test_a_maker_of_the_same_name_is_not_the_maker(authority: Authority) -> None:
    namesake_key = authority.key.suite.generate()
    namesake = make_root(authority.root.subject.common_name, namesake_key, 1, START, END)
    assert _refused(authority.certificate, namesake) == Why.NO_CERTIFICATE_CHAIN_FOUND
    assert _refused(authority.certificate, namesake, SEALED_AT, authority.root) == Why.NO_CERTIFICATE_CHAIN_FOUND
    # A maker that changed its key keeps its name: both roots are tried.
    check_chain(authority.certificate, [namesake, authority.root], SEALED_AT)


def test_no_bit_of_what_was_signed_can_change(authority: Authority) -> None:
    der = authority.certificate.der
    for place in range(0, len(der), 5):
        changed = bytearray(der)
        changed[place] ^= 1
        with pytest.raises((VerificationError, UncheckableError)):
            check_chain(Certificate.load(bytes(changed)), [authority.root], SEALED_AT)


def test_a_signer_may_bear_its_makers_name(authority: Authority) -> None:
    name = authority.root.subject
    own = make_signer(name, authority.key.public, authority.root, authority.root_key, 8, START, END)
    check_chain(own, [authority.root], SEALED_AT)


def test_a_signature_that_the_named_maker_did_not_make_fails(authority: Authority) -> None:
    der = bytearray(authority.certificate.der)
    der[-1] ^= 1
    assert _refused(Certificate.load(bytes(der)), authority.root) == Why.SIG_CRYPTO_FAILURE


@pytest.mark.parametrize("spoil", ["trailing", "truncated", "empty"])
def test_a_spoilt_certificate_is_refused(authority: Authority, spoil: str) -> None:
    der = authority.certificate.der
    changed = {"trailing": der + b"\x00", "truncated": der[:-1], "empty": b""}[spoil]
    with pytest.raises(FormatError):
        Certificate.load(changed)


def test_a_signer_cannot_issue(authority: Authority) -> None:
    other = authority.key.suite.generate()
    issued = make_signer(Subject("下级"), other.public, authority.certificate, authority.key, 3, START, END)
    assert _refused(issued, authority.root, SEALED_AT, authority.certificate) == Why.CHAIN_CONSTRAINTS_FAILURE


def _rebuilt(
    authority: Authority, change: Any, certificate: Certificate | None = None, *, whole_algorithm: bool = False
) -> Certificate:
    """Change a certificate (the signer's, unless another is given) by `change` and sign it again by the maker."""
    whole = asn1_x509.Certificate.load((certificate or authority.certificate).der)
    tbs = whole["tbs_certificate"].copy()
    change(tbs)
    der = tbs.dump(force=True)
    parts = {
        "tbs_certificate": asn1_x509.TbsCertificate.load(der),
        "signature_algorithm": tbs["signature"] if whole_algorithm else whole["signature_algorithm"],
        "signature_value": authority.root_key.sign_der(der),
    }
    return Certificate.load(asn1_x509.Certificate(parts).dump())


def _with_extension(name: str, value: Any, *, critical: bool) -> Any:
    def change(tbs: Any) -> None:
        kept = [one for one in tbs["extensions"] if one["extn_id"].native != name]
        added = {"extn_id": name, "critical": critical, "extn_value": value}
        tbs["extensions"] = asn1_x509.Extensions([*kept, asn1_x509.Extension(added)])

    return change


def test_a_certificate_for_something_else_is_not_for_signatures(es256: Authority) -> None:
    changed = _rebuilt(es256, _with_extension("key_usage", {"key_encipherment"}, critical=True))
    assert _refused(changed, es256.root) == Why.CHAIN_CONSTRAINTS_FAILURE


@pytest.mark.parametrize(
    ("extension", "value"), [("basic_constraints", {"ca": False}), ("key_usage", {"crl_sign", "digital_signature"})]
)
def test_a_root_that_may_not_issue_has_issued_nothing(authority: Authority, extension: str, value: Any) -> None:
    # Each of the two marks of an issuer is needed, whatever the other says.
    root = _rebuilt(authority, _with_extension(extension, value, critical=True), authority.root)
    signer = make_signer(SUBJECT, authority.key.public, root, authority.root_key, 6, START, END)
    check_chain(root, [root], SEALED_AT)
    assert _refused(signer, root) == Why.CHAIN_CONSTRAINTS_FAILURE


def test_a_signature_is_judged_as_what_it_says_it_is(es256: Authority) -> None:
    # The maker's key made a good ES256 signature, and the certificate calls it something else, twice.
    def change(tbs: Any) -> None:
        tbs["signature"] = {"algorithm": "sha384_ecdsa"}

    renamed = _rebuilt(es256, change, whole_algorithm=True)
    es256.root_key.public.verify_der(renamed.signature, renamed.tbs)
    assert _refused(renamed, es256.root) == Why.SIG_CRYPTO_FAILURE


def test_an_unknown_critical_extension_cannot_be_checked(es256: Authority) -> None:
    with pytest.raises(UncheckableError):
        _rebuilt(es256, _with_extension("extended_key_usage", ["server_auth"], critical=True))
    assert _rebuilt(es256, _with_extension("extended_key_usage", ["server_auth"], critical=False)).serial == 2


def test_both_mentions_of_the_algorithm_must_agree(es256: Authority) -> None:
    def change(tbs: Any) -> None:
        tbs["signature"] = {"algorithm": "sha384_ecdsa"}

    with pytest.raises(FormatError):
        _rebuilt(es256, change)


def test_an_intermediate_stands_between_when_the_root_allows(es256: Authority) -> None:
    root_key, between_key = SUITES["ES256"].generate(), SUITES["ES256"].generate()
    top = make_root("顶级", root_key, 1, START, END)
    between = _intermediate(top, root_key, between_key)
    signer = make_signer(SUBJECT, es256.key.public, between, between_key, 5, START, END)
    # The roots made here allow signers directly below only.
    assert _refused(signer, top, SEALED_AT, between) == Why.CHAIN_CONSTRAINTS_FAILURE
    check_chain(signer, [between], SEALED_AT)


def _intermediate(top: Certificate, root_key: Any, key: Any) -> Certificate:
    own = asn1_x509.Certificate.load(make_root("中级", key, 4, START, END).der)
    tbs = own["tbs_certificate"].copy()
    tbs["issuer"] = asn1_x509.Name.load(top.subject_name)
    der = tbs.dump(force=True)
    parts = {
        "tbs_certificate": asn1_x509.TbsCertificate.load(der),
        "signature_algorithm": own["signature_algorithm"],
        "signature_value": root_key.sign_der(der),
    }
    return Certificate.load(asn1_x509.Certificate(parts).dump())


def test_the_issuer_must_own_its_certificate(es256: Authority) -> None:
    with pytest.raises(FormatError):
        make_signer(SUBJECT, es256.key.public, es256.root, es256.key, 3, START, END)


@pytest.mark.parametrize("serial", [0, -1, 1 << 159])
def test_a_serial_number_is_positive_and_short(es256: Authority, serial: int) -> None:
    with pytest.raises(FormatError):
        make_root("制章中心", es256.root_key, serial, START, END)


@pytest.mark.parametrize("name", ["", "印" * 65])
def test_a_name_is_given_and_short(es256: Authority, name: str) -> None:
    with pytest.raises(FormatError):
        make_root(name, es256.root_key, 1, START, END)


def test_times_are_exact(es256: Authority) -> None:
    for start in (datetime(2026, 1, 1), START.replace(microsecond=1)):  # noqa: DTZ001 - the naive time is the point
        with pytest.raises(FormatError):
            make_root("制章中心", es256.root_key, 1, start, END)
    beijing, late = timezone(timedelta(hours=8)), datetime(2060, 1, 1, tzinfo=UTC)
    root = make_root("制章中心", es256.root_key, 1, datetime(2026, 1, 1, 8, tzinfo=beijing), late)
    assert (root.not_before, root.not_after) == (START, late)


def test_a_bundle_holds_certificates_only(authority: Authority) -> None:
    both = authority.certificate.to_pem() + authority.root.to_pem()
    assert Certificate.load_pem_bundle(both) == (authority.certificate, authority.root)
    for wrong in (b"", b"rubbish", authority.key.to_pkcs8(None)):
        with pytest.raises(FormatError):
            Certificate.load_pem_bundle(wrong)
