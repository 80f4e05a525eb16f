"""One bad CMS signature for each attack; none of them passes, whatever else is right about it."""

from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import core, tsp
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import cms
from keys.certificates import SIGNER, Certificate, Subject, issue
from keys.cms_verification import Trust, verify
from keys.digests import Digests, digests_of
from keys.report import Outcome, Report, Result
from keys.suites import SUITES
from tests.keys.cms_changes import (
    Change,
    attribute,
    certificates_of,
    changed,
    indefinite,
    long_length,
    out_of_order,
    replaced,
)
from tests.keys.seal_makers import BEGIN, DAY, END, OWNER, SEAL_MAKERS, SIGNED_AT

FILE = "星河市公文".encode()
DIGESTS = digests_of(FILE)
DIGEST = DIGESTS.by("sha-256")
AT = SIGNED_AT + DAY
P256 = SEAL_MAKERS["ES256"]
TRUST = Trust((P256.root,), revocations={})
GOOD = cms.sign(DIGEST, P256.signer_key, P256.signer, SIGNED_AT, (P256.authority,))


def _says(der: bytes, digests: Digests = DIGESTS) -> tuple[Result, str, str | None]:
    """The first row that is not a pass."""
    report = verify(der, digests, TRUST, AT)
    row = next(row for row in report.checks if row.outcome is not Outcome.PASSED)
    return report.result, row.name, row.sub_indication


def _passes(report: Report) -> bool:
    return report.result is Result.TOTAL_PASSED


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of odd names and serial numbers
def test_one_flipped_bit_in_every_byte_is_told() -> None:
    assert _passes(verify(GOOD, DIGESTS, TRUST, AT))
    for place in range(len(GOOD)):
        changed = bytearray(GOOD)
        changed[place] ^= 1 << place % 8
        assert not _passes(verify(bytes(changed), DIGESTS, TRUST, AT)), place


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of odd names and serial numbers
@given(st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_spoilt_signature_is_reported_on_and_does_not_pass(places: list[tuple[int, int]]) -> None:
    changed = bytearray(GOOD)
    for place, value in places:
        changed[place % len(changed)] = value
    assert _passes(verify(bytes(changed), DIGESTS, TRUST, AT)) == (changed == GOOD)


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_rubbish_is_reported_as_such(data: bytes) -> None:
    assert _says(data) == (Result.TOTAL_FAILED, "FORMAT", "FORMAT_FAILURE")


FORMAT = (Result.TOTAL_FAILED, "FORMAT", "FORMAT_FAILURE")
UNKNOWN = (Result.INDETERMINATE, "FORMAT", "GENERIC")


@pytest.mark.parametrize(
    "spoil", [long_length, indefinite, lambda der: der + b"\x00", lambda der: der[:-1], lambda _: bytes(1 << 21)]
)
def test_what_is_not_strict_der_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    assert _says(spoil(GOOD)) == FORMAT


def _changed(change: Change, *, again: bool = False) -> bytes:
    return changed(GOOD, P256.signer_key, change, again=again)


OTHERS = digests_of(b"another file")
OTHER = OTHERS.by("sha-256")


def test_the_change_itself_is_not_what_is_refused() -> None:
    assert _changed(lambda *_: None) == GOOD
    assert _passes(verify(_changed(lambda *_: None, again=True), DIGESTS, TRUST, AT))


def test_a_tampered_attribute_fails_the_signature() -> None:
    der = _changed(lambda _, info: replaced(info, "message_digest", attribute("message_digest", OTHER)))
    assert _says(der, OTHERS) == (Result.TOTAL_FAILED, "SIGNATURE", "SIG_CRYPTO_FAILURE")


def test_swapped_content_fails_the_digest() -> None:
    assert _says(GOOD, OTHERS) == (Result.TOTAL_FAILED, "DATA_HASH", "HASH_FAILURE")


def test_attributes_out_of_order_are_refused() -> None:
    # The signer signed the sorted set; a reader that sorts again would not see that these bytes are others.
    assert _says(out_of_order(GOOD)) == FORMAT


def test_a_signature_over_the_wrong_tag_fails() -> None:
    def context_tag(_: Any, info: Any) -> None:
        info["signature"] = P256.signer_key.sign_der(info["signed_attrs"].dump())

    assert _says(_changed(context_tag)) == (Result.TOTAL_FAILED, "SIGNATURE", "SIG_CRYPTO_FAILURE")


@pytest.mark.parametrize("kind", ["content_type", "message_digest", "signing_time"])
def test_a_missing_attribute_is_refused_though_it_was_signed(kind: str) -> None:
    assert _says(_changed(lambda _, info: replaced(info, kind), again=True)) == FORMAT


def test_a_doubled_attribute_is_refused_though_it_was_signed() -> None:
    def doubled(_: Any, info: Any) -> None:
        info["signed_attrs"] = asn1_cms.CMSAttributes([*info["signed_attrs"], attribute("message_digest", OTHER)])

    def two_values(_: Any, info: Any) -> None:
        two = asn1_cms.CMSAttribute({"type": "message_digest", "values": [DIGEST, OTHER]})
        replaced(info, "message_digest", two)

    for change in (doubled, two_values):
        assert _says(_changed(change, again=True)) == FORMAT


def test_a_signed_content_type_of_something_else_is_refused() -> None:
    # RFC 5652 section 11.1; else a signature over a timestamp's content could pass for one over a file.
    other = attribute("content_type", "1.2.840.113549.1.9.16.1.4")
    assert _says(_changed(lambda _, info: replaced(info, "content_type", other), again=True)) == FORMAT


def test_a_signature_without_signed_attributes_is_refused() -> None:
    # Else its value could be one over attributes: the bytes of one are the content of the other.
    def plain(_: Any, info: Any) -> None:
        info["signed_attrs"] = None
        info["signature"] = P256.signer_key.sign_der(FILE)

    assert _says(_changed(plain)) == FORMAT


def test_content_inside_is_refused() -> None:
    def attached(content: Any, _: Any) -> None:
        content["encap_content_info"] = {"content_type": "data", "content": core.OctetString(FILE)}

    assert _says(_changed(attached)) == FORMAT


def _second_signer(content: Any, info: Any) -> None:
    other = info.copy()
    other["signature"] = b"\x00"
    content["signer_infos"] = asn1_cms.SignerInfos([info, other])


def _no_signer(content: Any, _: Any) -> None:
    content["signer_infos"] = asn1_cms.SignerInfos([])


def _version(content: Any, info: Any) -> None:
    content["version"] = info["version"] = "v3"


def _parameters(_: Any, info: Any) -> None:
    info["signature_algorithm"] = {"algorithm": "sha256_ecdsa", "parameters": core.Null()}


@pytest.mark.parametrize("change", [_second_signer, _no_signer, _version, _parameters])
def test_a_structure_that_contradicts_itself_is_refused(change: Callable[[Any, Any], None]) -> None:
    assert _says(_changed(change)) == FORMAT


def _digest_algorithm(_: Any, info: Any) -> None:
    info["digest_algorithm"] = {"algorithm": "sha512"}


def _digest_algorithms(content: Any, _: Any) -> None:
    content["digest_algorithms"] = asn1_cms.DigestAlgorithms([{"algorithm": "sha512"}])


def _other_signing_digest(_: Any, info: Any) -> None:
    named = tsp.SigningCertificateV2({"certs": [{"hash_algorithm": {"algorithm": "sha512"}, "cert_hash": bytes(64)}]})
    replaced(info, "signing_certificate_v2", attribute("signing_certificate_v2", named))


def _two_timestamps(_: Any, info: Any) -> None:
    token = asn1_cms.ContentInfo({"content_type": "data", "content": core.OctetString(b"token")})
    info["unsigned_attrs"] = asn1_cms.CMSAttributes([attribute("signature_time_stamp_token", token)] * 2)


def _signature_algorithm(_: Any, info: Any) -> None:
    info["signature_algorithm"] = {"algorithm": "sha384_ecdsa"}


def _unsigned(_: Any, info: Any) -> None:
    info["unsigned_attrs"] = asn1_cms.CMSAttributes([attribute("1.2.3.4", core.OctetString(b"unseen"))])


@pytest.mark.parametrize(
    "change",
    [_digest_algorithm, _digest_algorithms, _signature_algorithm, _unsigned, _two_timestamps, _other_signing_digest],
)
def test_what_is_not_understood_is_no_pass(change: Callable[[Any, Any], None]) -> None:
    assert _says(_changed(change, again=True)) == UNKNOWN


def test_a_list_of_no_signing_certificate_is_refused() -> None:
    def empty(_: Any, info: Any) -> None:
        named = tsp.SigningCertificateV2({"certs": []})
        replaced(info, "signing_certificate_v2", attribute("signing_certificate_v2", named))

    assert _says(_changed(empty, again=True)) == FORMAT


@pytest.mark.parametrize("listed", [(P256.authority,), (P256.signer, P256.signer, P256.authority)])
def test_the_signers_certificate_must_be_there_once(listed: tuple[Certificate, ...]) -> None:
    def others(content: Any, _: Any) -> None:
        content["certificates"] = certificates_of(*listed)

    assert _says(_changed(others)) == (Result.INDETERMINATE, "FORMAT", "NO_CERTIFICATE_CHAIN_FOUND")


def test_a_heap_of_certificates_is_refused() -> None:
    def many(content: Any, _: Any) -> None:
        content["certificates"] = certificates_of(P256.signer, *[P256.authority] * 10)

    assert _says(_changed(many)) == FORMAT


def test_another_certificate_for_the_same_key_is_not_the_one_that_was_named() -> None:
    # Same key, same issuer, same number: only the signed digest tells them apart (RFC 5035).
    twin = issue(SIGNER, Subject("换了名"), P256.signer_key.public, P256.authority, P256.authority_key, 4, BEGIN, END)

    def swapped(content: Any, _: Any) -> None:
        content["certificates"] = certificates_of(twin, P256.authority)

    assert _says(_changed(swapped)) == (Result.TOTAL_FAILED, "CERTIFICATE", "SIG_CONSTRAINTS_FAILURE")


def test_a_signature_under_another_suite_than_it_says_fails() -> None:
    key = SUITES["Ed25519"].generate()
    other = issue(SIGNER, OWNER, key.public, P256.authority, P256.authority_key, 4, BEGIN, END)

    def swapped(content: Any, info: Any) -> None:
        content["certificates"] = certificates_of(other, P256.authority)
        info["signature"] = key.sign_der(b"\x31" + info["signed_attrs"].dump()[1:])

    assert _says(_changed(swapped)) == (Result.TOTAL_FAILED, "SIGNATURE", "SIG_CRYPTO_FAILURE")
