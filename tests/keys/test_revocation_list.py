"""Revocation lists of every suite: what they say of a certificate as of a moment, and every way in which they say nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto.x509 import GeneralName, Name
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import revocation_list
from keys.certificates import AUTHORITY, SIGNER, Certificate, issue
from keys.errors import FormatError, KeysError, SubIndication, UncheckableError, VerificationError
from keys.revocation import COMPROMISES, Revocation, RevocationReason
from keys.suites import SUITES
from keys.x509_parts import extension, signed
from tests.keys.seal_makers import BEGIN, DAY, END, OWNER, SEAL_MAKERS, SealMakers, openssl, openssl_verifies

Why = SubIndication
Reason = RevocationReason
ISSUED = BEGIN + 60 * DAY
NEXT = ISSUED + 7 * DAY
REVOKED = ISSUED - DAY
STOLEN = ISSUED - 3 * DAY
ENTRIES = {
    4: Revocation(REVOKED, STOLEN, Reason.KEY_COMPROMISE),
    5: Revocation(REVOKED, REVOKED, Reason.KEY_COMPROMISE),
    6: Revocation(ISSUED),
    7: Revocation(REVOKED, reason=Reason.CERTIFICATE_HOLD),
    (1 << 159) - 1: Revocation(REVOKED, reason=Reason.SUPERSEDED),
}


@pytest.fixture
def makers(suite_name: str) -> SealMakers:
    return SEAL_MAKERS[suite_name]


P256 = SEAL_MAKERS["ES256"]


def _made(makers: SealMakers, entries: dict[int, Revocation] | None = None, number: int = 7) -> bytes:
    given = ENTRIES if entries is None else entries
    return revocation_list.make(makers.authority, makers.authority_key, number, ISSUED, NEXT, given)


def _why(der: bytes, issuer: Certificate, at: datetime = ISSUED) -> Why:
    with pytest.raises(VerificationError) as refused:
        revocation_list.read(der, issuer, at)
    return refused.value.sub_indication


def test_a_list_says_what_was_put_into_it(makers: SealMakers) -> None:
    found = revocation_list.read(_made(makers), makers.authority, ISSUED)
    assert (found.number, found.this_update, found.next_update) == (7, ISSUED, NEXT)
    assert found.entries == ENTRIES


def test_a_certificate_was_revoked_from_its_date_on(makers: SealMakers) -> None:
    found = revocation_list.read(_made(makers), makers.authority, ISSUED)
    second = timedelta(seconds=1)
    assert found.revocation(makers.signer, REVOKED - second) is None
    assert found.revocation(makers.signer, REVOKED) == ENTRIES[4]
    assert found.revocation(makers.signer, NEXT - second) == ENTRIES[4]
    with pytest.raises(VerificationError) as unknown:
        found.revocation(makers.signer, NEXT)
    assert unknown.value.sub_indication == Why.TRY_LATER


def test_a_certificate_that_is_not_listed_was_not_revoked(makers: SealMakers) -> None:
    found = revocation_list.read(_made(makers, {}), makers.authority, ISSUED)
    assert found.revocation(makers.signer, ISSUED) is None


def test_a_list_speaks_of_its_issuers_certificates_only(makers: SealMakers) -> None:
    found = revocation_list.read(_made(makers), makers.authority, ISSUED)
    assert makers.maker.serial not in ENTRIES
    with pytest.raises(VerificationError) as refused:
        found.revocation(makers.maker, ISSUED)
    assert refused.value.sub_indication == Why.SIG_CONSTRAINTS_FAILURE


def test_a_namesake_with_another_key_is_another_issuer() -> None:
    key = SUITES["ES256"].generate()
    twin = issue(AUTHORITY, P256.authority.subject, key.public, P256.root, P256.root_key, 12, BEGIN, END)
    assert _why(_made(P256), twin) == Why.SIG_CRYPTO_FAILURE
    of_twin = revocation_list.make(twin, key, 1, ISSUED, NEXT, ENTRIES)
    with pytest.raises(VerificationError):
        revocation_list.read(of_twin, twin, ISSUED).revocation(P256.signer, ISSUED)


def test_another_issuers_list_is_refused(makers: SealMakers) -> None:
    assert _why(_made(makers), makers.root) == Why.SIG_CONSTRAINTS_FAILURE


def test_a_forged_list_is_refused(makers: SealMakers) -> None:
    forged = asn1_crl.CertificateList.load(_made(makers))["tbs_cert_list"]
    assert _why(signed(forged, makers.signer_key), makers.authority) == Why.SIG_CRYPTO_FAILURE


def test_a_list_signed_under_another_suite_is_refused() -> None:
    body = asn1_crl.CertificateList.load(_made(P256))["tbs_cert_list"].copy()
    body["signature"] = {"algorithm": "ed25519"}
    other = SUITES["Ed25519"].generate()
    assert _why(signed(body, other), P256.authority) == Why.SIG_CRYPTO_FAILURE


def test_a_signature_is_judged_as_what_it_says_it_is() -> None:
    body = asn1_crl.CertificateList.load(_made(P256))["tbs_cert_list"].copy()
    body["signature"] = algorithm = {"algorithm": "sha384_ecdsa"}
    signature = P256.authority_key.sign_der(body.dump(force=True))
    renamed = {"tbs_cert_list": body, "signature_algorithm": algorithm, "signature": signature}
    assert _why(asn1_crl.CertificateList(renamed).dump(), P256.authority) == Why.SIG_CRYPTO_FAILURE


def test_who_may_not_sign_lists_has_signed_none(makers: SealMakers) -> None:
    body = asn1_crl.CertificateList.load(_made(makers))["tbs_cert_list"].copy()
    body["issuer"] = Name.load(makers.signer.subject_name)
    assert _why(signed(body, makers.signer_key), makers.signer) == Why.CHAIN_CONSTRAINTS_FAILURE
    with pytest.raises(FormatError):
        revocation_list.make(makers.signer, makers.signer_key, 1, ISSUED, NEXT, {})
    with pytest.raises(FormatError):
        revocation_list.make(makers.authority, makers.signer_key, 1, ISSUED, NEXT, {})


@pytest.mark.parametrize("at", [NEXT, NEXT + DAY, ISSUED - timedelta(minutes=2)])
def test_a_list_that_is_not_fresh_says_nothing(makers: SealMakers, at: datetime) -> None:
    assert _why(_made(makers), makers.authority, at) == Why.TRY_LATER


def test_a_clock_may_be_a_minute_behind(makers: SealMakers) -> None:
    revocation_list.read(_made(makers), makers.authority, ISSUED - timedelta(minutes=1))


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of odd names and serial numbers
def test_one_flipped_bit_in_every_byte_is_refused(makers: SealMakers) -> None:
    der = _made(makers)
    for place in range(len(der)):
        changed = bytearray(der)
        changed[place] ^= 1 << place % 8
        with pytest.raises(KeysError):
            revocation_list.read(bytes(changed), makers.authority, ISSUED)


def test_a_signature_of_whole_bytes_is_not_called_one_bit_shorter(makers: SealMakers) -> None:
    for number in range(40):
        der = bytearray(_made(makers, {}, number))
        size = len(bytes(asn1_crl.CertificateList.load(bytes(der))["signature"]))
        der[-size - 1] = 1
        with pytest.raises(FormatError):
            revocation_list.read(bytes(der), makers.authority, ISSUED)


def _long_length(der: bytes) -> bytes:
    """The same value in BER: the outer length takes a byte more than it needs."""
    size = der[1] & 0x7F
    return bytes([der[0], 0x80 | size + 1, 0]) + der[2:]


@pytest.mark.parametrize("spoil", [lambda der: der + b"\x00", _long_length, lambda der: der[:-1], lambda _: b""])
def test_what_is_not_strict_der_is_refused(makers: SealMakers, spoil: Callable[[bytes], bytes]) -> None:
    assert _why(spoil(_made(makers)), makers.authority) == Why.FORMAT_FAILURE


def test_a_list_beyond_all_bounds_is_not_even_parsed() -> None:
    assert _why(bytes(revocation_list.MOST_BYTES + 1), P256.authority) == Why.FORMAT_FAILURE


def _rebuilt(change: Callable[[Any], None]) -> bytes:
    body = asn1_crl.CertificateList.load(_made(P256))["tbs_cert_list"].copy()
    change(body)
    return signed(asn1_crl.TbsCertList.load(body.dump(force=True)), P256.authority_key)


def _with(name: str, value: Any, *, critical: bool = False) -> Callable[[Any], None]:
    def change(body: Any) -> None:
        kept = [one for one in body["crl_extensions"] if one["extn_id"].native != name]
        body["crl_extensions"] = asn1_crl.TBSCertListExtensions([*kept, extension(name, value, critical=critical)])

    return change


@pytest.mark.parametrize(
    "change",
    [
        _with("delta_crl_indicator", 3, critical=True),
        _with("delta_crl_indicator", 3),
        _with("issuing_distribution_point", {"only_contains_user_certs": True}, critical=True),
        _with("crl_number", 7, critical=True),
    ],
)
def test_a_list_that_is_not_complete_could_not_be_checked(change: Callable[[Any], None]) -> None:
    with pytest.raises(UncheckableError):
        revocation_list.read(_rebuilt(change), P256.authority, ISSUED)


def test_an_entry_of_another_issuers_certificate_could_not_be_checked() -> None:
    def indirect(body: Any) -> None:
        name = GeneralName(name="directory_name", value=Name.load(P256.root.subject_name))
        body["revoked_certificates"][0]["crl_entry_extensions"] = [
            extension("certificate_issuer", [name], critical=True)
        ]

    with pytest.raises(UncheckableError):
        revocation_list.read(_rebuilt(indirect), P256.authority, ISSUED)


def _drop(name: str) -> Callable[[Any], None]:
    def change(body: Any) -> None:
        kept = [one for one in body["crl_extensions"] if one["extn_id"].native != name]
        body["crl_extensions"] = asn1_crl.TBSCertListExtensions(kept)

    return change


def _without_next(body: Any) -> None:
    body["next_update"] = None


def _doubled(body: Any) -> None:
    body["revoked_certificates"] = [*body["revoked_certificates"], body["revoked_certificates"][0]]


def _reason(body: Any) -> None:
    body["revoked_certificates"][0]["crl_entry_extensions"] = [extension("crl_reason", "remove_from_crl")]


def _inner_algorithm(body: Any) -> None:
    body["signature"] = {"algorithm": "sha384_ecdsa"}


@pytest.mark.parametrize("change", [_drop("crl_number"), _without_next, _doubled, _reason, _inner_algorithm])
def test_a_list_that_is_not_what_it_must_be_is_refused(change: Callable[[Any], None]) -> None:
    assert _why(_rebuilt(change), P256.authority) == Why.FORMAT_FAILURE


@pytest.mark.parametrize(
    "change",
    [
        {"number": -1},
        {"number": 1 << 159},
        {"next_update": ISSUED},
        {"next_update": NEXT.replace(tzinfo=None)},
        {"this_update": ISSUED.replace(microsecond=1)},
        {"entries": {4: Revocation(ISSUED + DAY)}},
        {"entries": {0: Revocation(REVOKED)}},
        {"entries": {4: Revocation(REVOKED.replace(microsecond=1))}},
        {"entries": {4: Revocation(REVOKED, STOLEN.replace(microsecond=1))}},
    ],
)
def test_a_list_that_cannot_be_is_not_made(change: dict[str, Any]) -> None:
    arguments = {"number": 1, "this_update": ISSUED, "next_update": NEXT, "entries": {}, **change}
    with pytest.raises(FormatError):
        revocation_list.make(P256.authority, P256.authority_key, **arguments)


MOMENTS = st.datetimes(BEGIN.replace(tzinfo=None), ISSUED.replace(tzinfo=None)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=BEGIN.tzinfo)
)
REVOCATIONS = st.builds(
    lambda reason, times: Revocation(max(times), min(times) if reason in COMPROMISES else None, reason),
    st.sampled_from(Reason),
    st.tuples(MOMENTS, MOMENTS),
)


@given(st.dictionaries(st.integers(1, (1 << 159) - 1), REVOCATIONS, max_size=8), st.integers(0, (1 << 159) - 1))
@settings(max_examples=40, deadline=None)
def test_whatever_is_listed_is_read_back(entries: dict[int, Revocation], number: int) -> None:
    found = revocation_list.read(_made(P256, entries, number), P256.authority, ISSUED)
    assert (found.entries, found.number) == (entries, number)


def test_openssl_judges_a_list_of_p256(tmp_path: Path) -> None:
    (tmp_path / "list.pem").write_bytes(revocation_list.to_pem(_made(P256)))
    (tmp_path / "authority.pem").write_bytes(P256.authority.to_pem())
    shown = openssl(tmp_path, "crl", "-in", "list.pem", "-CAfile", "authority.pem", "-noout", "-text").decode()
    assert "verify OK" in shown
    for text in (
        "Version 2",
        "CRL Number: \n                7",
        "Key Compromise",
        "Invalidity Date",
        "Certificate Hold",
    ):
        assert text in shown


def test_openssl_refuses_a_certificate_on_our_list(tmp_path: Path) -> None:
    kept = issue(SIGNER, OWNER, P256.signer_key.public, P256.authority, P256.authority_key, 99, BEGIN, END)
    files = {"root": P256.root, "authority": P256.authority, "signer": P256.signer, "kept": kept}
    for name, certificate in files.items():
        (tmp_path / name).write_bytes(certificate.to_pem())
    (tmp_path / "list").write_bytes(revocation_list.to_pem(_made(P256)))
    moment = str(int(ISSUED.timestamp()))
    arguments = (
        "verify",
        "-attime",
        moment,
        "-crl_check",
        "-CRLfile",
        "list",
        "-CAfile",
        "root",
        "-untrusted",
        "authority",
    )
    assert openssl(tmp_path, *arguments, "kept") == b"kept: OK\n"
    with pytest.raises(Exception, match="returned non-zero exit status 2"):
        openssl(tmp_path, *arguments, "signer")


def test_openssl_verifies_the_bytes_of_a_list_of_every_suite(makers: SealMakers, tmp_path: Path) -> None:
    whole = asn1_crl.CertificateList.load(_made(makers))
    spki, message = makers.authority_key.public.to_spki(), whole["tbs_cert_list"].dump()
    assert openssl_verifies(tmp_path, makers.root_key.suite.name, spki, bytes(whole["signature"]), message)


def test_we_read_the_list_that_openssl_makes(tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_bytes(P256.authority.to_pem())
    (tmp_path / "key.pem").write_bytes(P256.authority_key.to_pkcs8(None))
    (tmp_path / "number").write_text("0A")
    (tmp_path / "index").write_text("R\t360101000000Z\t260115080000Z,keyCompromise\t04\tunknown\t/CN=x\n")
    (tmp_path / "conf").write_text(
        "[ca]\ndefault_ca=one\n[one]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ncrl_extensions=more\n"
        "[more]\nauthorityKeyIdentifier=keyid\n"
    )
    arguments = (
        "ca",
        "-gencrl",
        "-config",
        "conf",
        "-cert",
        "authority.pem",
        "-keyfile",
        "key.pem",
        "-out",
        "list.pem",
    )
    openssl(tmp_path, *arguments, "-crl_lastupdate", "20260301000000Z", "-crl_nextupdate", "20260310000000Z")
    openssl(tmp_path, "crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der")
    found = revocation_list.read((tmp_path / "list.der").read_bytes(), P256.authority, ISSUED)
    revocation = found.revocation(P256.signer, ISSUED)
    assert found.number == 10
    assert revocation is not None
    assert (revocation.revoked_at.isoformat(), revocation.reason) == (
        "2026-01-15T08:00:00+00:00",
        Reason.KEY_COMPROMISE,
    )
    assert revocation.compromised_at == revocation.revoked_at


def test_a_time_without_a_zone_says_nothing() -> None:
    naive = ISSUED.replace(tzinfo=None)
    found = revocation_list.read(_made(P256), P256.authority, ISSUED)
    for ask in (
        lambda: revocation_list.read(_made(P256), P256.authority, naive),
        lambda: found.revocation(P256.signer, naive),
    ):
        with pytest.raises(FormatError):
            ask()
