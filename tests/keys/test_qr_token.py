"""The token of a printed code: small, one spelling, nothing unsigned; others read it; one changed bit and it counts for nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import cbor2
import cwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import base32, base64url, licence_identifier, qr_text
from keys.contracts import Suite
from keys.errors import FormatError
from keys.licence_rows import StatusAnswer
from keys.qr_token import (
    EXPIRES,
    ISSUED,
    KID_BYTES,
    LICENCE,
    MOST_BYTES,
    TYP,
    QrToken,
    fitting,
    hub_mark,
    parse,
    shortened,
    sign,
)
from keys.qr_verification import verify_token
from keys.report import Result
from tests.keys.authorities import AUTHORITIES, CREDIT_CODE, SEALED_AT, Authority
from tests.keys.qr_tokens import EXAMPLE, HUB, TYPE_CODE, identifier, token

AT = SEALED_AT + timedelta(days=1)
VALID = StatusAnswer("VALID", AT)
LONGEST = replace(
    EXAMPLE, identifier=identifier(serial="Z" * 64, version="999"), status_list=2**32 - 1, status_index=2**32 - 1,
    holder="虚构市经济技术开发区云帆恒信餐饮管理与食品配送服务连锁有限责任公司第一分公司",
)  # fmt: skip


def registered(name: str) -> Any:
    """The key as another library takes it."""
    authority = AUTHORITIES[name]
    key = cwt.COSEKey.from_jwk({**authority.key.public.to_jwk(), "alg": name, "use": "sig"})
    return cwt.COSEKey.new({**key.to_dict(), 2: base64url.decode(authority.certificate.thumbprint)[:KID_BYTES]})


@pytest.mark.parametrize("suite_name", ["ES256", "Ed25519"])
def test_cwt_verifies_our_token_and_reads_the_same(suite_name: str) -> None:
    made = token(AUTHORITIES[suite_name])
    protected, unprotected, payload = cwt.COSE.new().decode_with_headers(made, registered(suite_name))
    assert (protected[16], unprotected) == (TYP, {})
    claims = cbor2.loads(payload)
    assert (claims[ISSUED], claims[EXPIRES]) == (EXAMPLE.issued_at, EXAMPLE.expires_at)
    assert claims[LICENCE][2:] == [EXAMPLE.status_list, EXAMPLE.status_index, EXAMPLE.holder]


@pytest.mark.parametrize("suite_name", ["ES256", "Ed25519"])
def test_cwt_takes_its_claims_as_a_cwt(suite_name: str) -> None:
    made = token(AUTHORITIES[suite_name])
    claims: Any = cwt.decode(made, registered(suite_name))
    assert claims[LICENCE][2] == EXAMPLE.status_list


def test_we_verify_what_cwt_signs(es256: Authority) -> None:
    ours = parse(token(es256)).message
    private = cwt.COSEKey.from_pem(es256.key.to_pkcs8(None), alg="ES256")
    theirs = cwt.COSE.new().encode_and_sign(ours.payload, private, protected=ours.protected)
    assert isinstance(theirs, bytes)
    assert verify_token(theirs, HUB, es256.trust(), VALID, AT).result is Result.TOTAL_PASSED


def test_no_token_is_larger_than_what_is_read_well_in_print(authority: Authority) -> None:
    fitted = fitting(LONGEST, authority.key.suite)
    made = sign(fitted, authority.key, authority.certificate.thumbprint)
    assert MOST_BYTES - 3 <= len(made) <= MOST_BYTES
    assert fitted.holder is not None
    assert fitted.holder.startswith("虚构")
    assert fitted.holder.endswith("公司")


def test_a_usual_organisation_is_named_in_full(authority: Authority) -> None:
    usual = replace(EXAMPLE, holder="虚构市青山区云帆恒信餐饮有限公司", status_list=12, status_index=2**20 - 1)
    assert fitting(usual, authority.key.suite) == usual
    assert len(sign(usual, authority.key, authority.certificate.thumbprint)) <= MOST_BYTES


def test_a_name_for_which_there_is_no_room_is_left_unsaid() -> None:
    assert shortened("虚构市公司", 8) is None
    assert shortened("虚构市公司", 9) == "虚…司"
    assert shortened("虚构", 6) == "虚构"


def test_one_flipped_bit_in_any_byte_is_refused(authority: Authority) -> None:
    """In each byte another bit, and each of the eight somewhere."""
    made, trust = token(authority), authority.trust()
    for place in range(len(made)):
        spoilt = bytearray(made)
        spoilt[place] ^= 1 << place % 8
        report = verify_token(bytes(spoilt), HUB, trust, VALID, AT)
        assert report.result is not Result.TOTAL_PASSED, place
        assert report.claims is None, place


def test_a_forged_token_fails_and_says_so(authority: Authority) -> None:
    """Nothing behind the headers can be changed so that it looks like a doubt."""
    made, trust = token(authority), authority.trust()
    for place in range(len(made) - 64, len(made), 7):
        spoilt = bytearray(made)
        spoilt[place] ^= 0x10
        assert verify_token(bytes(spoilt), HUB, trust, VALID, AT).result is Result.TOTAL_FAILED, place


def test_two_keys_with_one_hint_leave_a_doubt(es256: Authority) -> None:
    key = es256.trusted()
    kid = es256.certificate.thumbprint
    twice = replace(es256.trust(), keys={kid: key, f"{kid[:12]}{'A' * 31}": key})
    report = verify_token(token(es256), HUB, twice, VALID, AT)
    assert [row.name for row in report.checks if row.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"] == ["SEAL_KEY"]


def test_the_record_of_its_making_helps_against_a_stolen_key(es256: Authority) -> None:
    stolen = SEALED_AT + timedelta(hours=1)
    trust, made = es256.trust(compromised_at=stolen), token(es256)
    assert verify_token(made, HUB, trust, VALID, AT, existed_at=SEALED_AT).result is Result.TOTAL_PASSED
    assert verify_token(made, HUB, trust, VALID, AT, existed_at=stolen).result is Result.INDETERMINATE


@pytest.mark.parametrize(
    "changes",
    [
        {"hub": b"123"}, {"status_list": 0}, {"status_index": -1}, {"issued_at": 0}, {"expires_at": 2**37}, {"holder": "示\u200b甲"},
        {"identifier": f"{EXAMPLE.identifier[:-1]}0"}, {"identifier": EXAMPLE.identifier.lower()},
        {"holder": "虚" * 40},
    ],
    ids=str,
)  # fmt: skip
def test_what_nobody_would_read_is_not_signed(es256: Authority, changes: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        token(es256, **changes)


NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60)
SECONDS = st.integers(1, 2**37 - 1)


@st.composite
def tokens(draw: st.DrawFn) -> QrToken:
    """Any token that can be."""
    alphabet = licence_identifier.ALPHABET
    serial = draw(st.text(alphabet, min_size=1, max_size=64))
    type_code = f"{draw(st.text(alphabet, min_size=18, max_size=18))}001"
    issuer = draw(st.text(alphabet, min_size=18, max_size=18))
    return QrToken(
        draw(st.binary(min_size=4, max_size=4)), identifier(type_code, issuer, serial, f"{draw(st.integers(1, 999)):03d}"),
        draw(st.integers(1, 2**32 - 1)), draw(st.integers(0, 2**32 - 1)), draw(SECONDS), draw(st.none() | SECONDS),
        draw(st.none() | SECONDS), draw(st.none() | NAMES),
    )  # fmt: skip


@given(tokens(), st.sampled_from([one.key.suite for one in AUTHORITIES.values()]))
def test_every_token_comes_back_from_its_text(made: QrToken, suite: Suite) -> None:
    authority = AUTHORITIES[suite.name]
    fitted = fitting(made, suite)
    text = qr_text.write(HUB, sign(fitted, authority.key, authority.certificate.thumbprint))
    assert parse(qr_text.read(text).token).token == fitted
    assert parse(qr_text.read(f" {text.lower()}\r\n").token).token == fitted
    assert replace(fitted, holder=None) == replace(made, holder=None)


@given(st.binary(max_size=MOST_BYTES))
def test_bytes_have_one_spelling(data: bytes) -> None:
    assert base32.decode(base32.encode(data)) == data


@given(st.text(licence_identifier.ALPHABET, min_size=1, max_size=64))
def test_an_identifier_comes_back_from_its_bytes(serial: str) -> None:
    text = identifier(serial=serial)
    packed = licence_identifier.pack(text)
    assert licence_identifier.unpack(packed) == text
    assert licence_identifier.parts(text) == (TYPE_CODE, CREDIT_CODE, 1)


@given(st.binary(max_size=80))
def test_what_is_no_packed_identifier_is_refused_or_packs_to_itself(data: bytes) -> None:
    try:
        text = licence_identifier.unpack(data)
    except FormatError:
        return
    assert licence_identifier.pack(text) == data


@given(st.binary(max_size=260) | st.binary(max_size=200).map(lambda rest: b"\xd2\x84" + rest))
def test_any_bytes_have_a_report(data: bytes) -> None:
    authority = AUTHORITIES["ES256"]
    assert verify_token(data, HUB, authority.trust(), VALID, AT).result is not Result.TOTAL_PASSED


def test_hubs_are_told_apart_by_their_address() -> None:
    assert hub_mark("https://hub.example") != hub_mark("https://hub.example:8443")
