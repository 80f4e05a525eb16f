"""Timestamps of a real authority: they prove since when data exists, and nothing of other data, authorities or times."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import tsp
from asn1crypto.cms import CertificateChoices
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys import timestamp
from keys.errors import FormatError, KeysError, SubIndication, UncheckableError, VerificationError
from keys.report import Outcome
from keys.revocation import Revocation
from keys.ses_making import with_timestamp
from keys.ses_verification import verify_signature
from keys.timestamp import Request
from keys.timestamp_trust import Authorities, Timestamp
from tests.keys.seal_makers import openssl
from tests.keys.seals import DIGESTS, OFFICES
from tests.keys.timestamp_authorities import DEFAULT_POLICY, OTHER_POLICY, TimestampAuthority

Why = SubIndication
DATA = b"a signature value"
_NO_TOKEN = bytes.fromhex("30053003 0201")  # a reply with a status, and nothing else
ACCURACY = timedelta(milliseconds=500)


@pytest.fixture(scope="module")
def trusted(clock: TimestampAuthority) -> Authorities:
    return Authorities.load(clock.roots)


@pytest.fixture(scope="module")
def exchange(clock: TimestampAuthority) -> tuple[Request, bytes]:
    sent = timestamp.request(DATA)
    return sent, clock.reply(sent.der)


@pytest.fixture(scope="module")
def stamped(exchange: tuple[Request, bytes], trusted: Authorities) -> Timestamp:
    sent, reply = exchange
    return timestamp.check_reply(reply, sent, DATA, trusted, datetime.now(UTC))


def _why(ask: Callable[[], object]) -> Why:
    with pytest.raises(VerificationError) as refused:
        ask()
    return refused.value.sub_indication


def test_a_reply_proves_since_when_the_data_exists(
    clock: TimestampAuthority, trusted: Authorities, tmp_path: Path
) -> None:
    before, sent = datetime.now(UTC).replace(microsecond=0), timestamp.request(DATA)
    reply = clock.reply(sent.der)
    after = datetime.now(UTC)
    found = timestamp.check_reply(reply, sent, DATA, trusted, after)
    # What is proven is the later end of what the authority says of its clock.
    assert before + ACCURACY <= found.proves <= after + ACCURACY
    assert timestamp.check_token(found.token, DATA, trusted, after) == found
    (tmp_path / "token").write_bytes(found.token)
    assert b"Hash Algorithm: sha256" in openssl(tmp_path, "ts", "-reply", "-token_in", "-in", "token", "-text")


def test_a_request_gives_the_digest_and_asks_for_the_certificate(tmp_path: Path) -> None:
    sent = timestamp.request(DATA)
    (tmp_path / "query").write_bytes(sent.der)
    shown = openssl(tmp_path, "ts", "-query", "-in", "query", "-text").decode()
    assert "Hash Algorithm: sha256" in shown
    assert "Certificate required: yes" in shown
    assert timestamp.request(DATA).nonce != sent.nonce
    with pytest.raises(FormatError):
        timestamp.request(b"")


def test_a_policy_that_is_asked_for_is_the_replys(clock: TimestampAuthority, trusted: Authorities) -> None:
    for policy in (None, DEFAULT_POLICY, OTHER_POLICY):
        sent, now = timestamp.request(DATA, policy), datetime.now(UTC)
        reply = clock.reply(sent.der)
        assert timestamp.check_reply(reply, sent, DATA, trusted, now).authority == "Clock"
        assert tsp.TimeStampResp.load(reply)["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed[
            "policy"
        ].native == (policy or DEFAULT_POLICY)
        other = replace(sent, policy="1.2.3.4.9")
        assert _why(lambda: timestamp.check_reply(reply, other, DATA, trusted, now)) == Why.SIG_CONSTRAINTS_FAILURE  # noqa: B023
    refused = clock.reply(timestamp.request(DATA, "1.2.3.4.9").der)
    assert _why(lambda: timestamp.check_reply(refused, sent, DATA, trusted, now)) == Why.TRY_LATER
    for wrong in ("", "policy", "1.2.3.four"):
        with pytest.raises(FormatError):
            timestamp.request(DATA, wrong)


def test_openssl_verifies_the_token_that_we_keep(clock: TimestampAuthority, stamped: Timestamp, tmp_path: Path) -> None:
    for name, data in (("token", stamped.token), ("data", DATA), ("root", clock.roots)):
        (tmp_path / name).write_bytes(data)
    arguments = ("ts", "-verify", "-token_in", "-in", "token", "-data", "data", "-CAfile", "root")
    assert b"Verification: OK" in openssl(tmp_path, *arguments)


def test_a_timestamp_of_other_data_proves_nothing(stamped: Timestamp, trusted: Authorities) -> None:
    now = datetime.now(UTC)
    assert _why(lambda: timestamp.check_token(stamped.token, DATA + b".", trusted, now)) == Why.HASH_FAILURE


def _token(clock: TimestampAuthority, digest: str, folder: Path) -> bytes:
    """A token as somebody else asked for it."""
    (folder / "data").write_bytes(DATA)
    openssl(folder, "ts", "-query", "-data", "data", f"-{digest}", "-cert", "-out", "query")
    reply = clock.reply((folder / "query").read_bytes())
    return bytes(tsp.TimeStampResp.load(reply)["time_stamp_token"].dump())


@pytest.mark.parametrize("digest", ["sha512", "sm3"])
def test_a_timestamp_may_be_of_another_digest(
    digest: str, clock: TimestampAuthority, trusted: Authorities, tmp_path: Path
) -> None:
    token, now = _token(clock, digest, tmp_path), datetime.now(UTC)
    assert timestamp.check_token(token, DATA, trusted, now).proves <= now + ACCURACY
    assert _why(lambda: timestamp.check_token(token, DATA + b".", trusted, now)) == Why.HASH_FAILURE


def test_a_timestamp_of_a_digest_that_is_not_computed_could_not_be_checked(
    clock: TimestampAuthority, trusted: Authorities, tmp_path: Path
) -> None:
    token = _token(clock, "sha3-256", tmp_path)
    with pytest.raises(UncheckableError):
        timestamp.check_token(token, DATA, trusted, datetime.now(UTC))


def test_a_timestamp_by_an_untrusted_authority_proves_nothing(stamped: Timestamp, stranger: TimestampAuthority) -> None:
    others, now = Authorities.load(stranger.roots), datetime.now(UTC)
    assert _why(lambda: timestamp.check_token(stamped.token, DATA, others, now)) == Why.NO_CERTIFICATE_CHAIN_FOUND
    with pytest.raises(UncheckableError):
        timestamp.check_token(stamped.token, DATA, Authorities(()), now)


@pytest.mark.parametrize("purpose", ["critical,codeSigning", "timeStamping", "critical,timeStamping,codeSigning"])
def test_a_key_for_something_else_stamps_nothing(purpose: str, clock: TimestampAuthority, trusted: Authorities) -> None:
    same, other = (_reissued(one, clock.folder) for one in ("critical,timeStamping", purpose))
    sent = timestamp.request(DATA)
    reply, now = clock.reply(sent.der), datetime.now(UTC)
    timestamp.check_reply(_with(reply, same), sent, DATA, trusted, now)
    changed = _with(reply, other)
    assert _why(lambda: timestamp.check_reply(changed, sent, DATA, trusted, now)) == Why.NO_CERTIFICATE_CHAIN_FOUND


def _reissued(purpose: str, folder: Path) -> bytes:
    """Another certificate of the authority's key, name and number."""
    (folder / "purpose").write_text(f"extendedKeyUsage={purpose}\n")
    issuing = ("-CA", "root", "-CAkey", "root.key", "-set_serial", "5", "-extfile", "purpose", "-outform", "DER")
    openssl(folder, "x509", "-req", "-in", "request", "-out", "other", *issuing)
    return (folder / "other").read_bytes()


def _with(reply: bytes, *certificates: bytes) -> bytes:
    found = tsp.TimeStampResp.load(reply)
    found["time_stamp_token"]["content"]["certificates"] = [CertificateChoices.load(one) for one in certificates]
    return bytes(found.dump(force=True))


def test_certificates_may_come_in_any_order_and_are_kept_in_that_of_der(
    clock: TimestampAuthority, trusted: Authorities, exchange: tuple[Request, bytes], tmp_path: Path
) -> None:
    sent, reply = exchange
    own = tsp.TimeStampResp.load(reply)["time_stamp_token"]["content"]["certificates"][0].dump()
    root = x509.load_pem_x509_certificate(clock.roots).public_bytes(Encoding.DER)
    first, last = sorted([own, root])
    ordered = _with(reply, own, root)
    assert ordered.count(first + last) == 1
    unordered, now = ordered.replace(first + last, last + first), datetime.now(UTC)
    found = timestamp.check_reply(unordered, sent, DATA, trusted, now)
    assert found == timestamp.check_reply(ordered, sent, DATA, trusted, now)
    assert first + last in found.token
    kept = found.token.replace(first + last, last + first)
    assert timestamp.check_token(kept, DATA, trusted, now) == found
    for name, data in (("token", found.token), ("data", DATA), ("root", clock.roots)):
        (tmp_path / name).write_bytes(data)
    arguments = ("ts", "-verify", "-token_in", "-in", "token", "-data", "data", "-CAfile", "root")
    assert b"Verification: OK" in openssl(tmp_path, *arguments)


def test_a_timestamp_of_the_future_proves_nothing(stamped: Timestamp, trusted: Authorities) -> None:
    earlier = stamped.proves - timedelta(minutes=2)
    assert _why(lambda: timestamp.check_token(stamped.token, DATA, trusted, earlier)) == Why.NOT_YET_VALID


def test_a_timestamp_outlives_the_authoritys_certificates(stamped: Timestamp, trusted: Authorities) -> None:
    much_later = datetime.now(UTC) + timedelta(days=20000)
    assert timestamp.check_token(stamped.token, DATA, trusted, much_later) == stamped


def test_a_reply_to_another_request_is_refused(exchange: tuple[Request, bytes], trusted: Authorities) -> None:
    sent, reply = exchange
    other = replace(sent, nonce=sent.nonce + 1)
    now = datetime.now(UTC)
    assert _why(lambda: timestamp.check_reply(reply, other, DATA, trusted, now)) == Why.SIG_CONSTRAINTS_FAILURE


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5])
def test_an_authority_that_refuses_gave_no_timestamp(
    status: int, exchange: tuple[Request, bytes], trusted: Authorities
) -> None:
    sent, _ = exchange
    reply = _NO_TOKEN + bytes([status])
    assert _why(lambda: timestamp.check_reply(reply, sent, DATA, trusted, datetime.now(UTC))) == Why.TRY_LATER


def test_a_grant_without_a_timestamp_is_malformed(exchange: tuple[Request, bytes], trusted: Authorities) -> None:
    sent, _ = exchange
    assert (
        _why(lambda: timestamp.check_reply(_NO_TOKEN + b"\x00", sent, DATA, trusted, datetime.now(UTC)))
        == Why.FORMAT_FAILURE
    )


@pytest.mark.parametrize(
    "spoil", [lambda token: token + b"\x00", lambda token: token[:-1], lambda _: b"", lambda _: bytes(65 << 10)]
)
def test_what_is_no_token_is_refused(spoil: Callable[[bytes], bytes], stamped: Timestamp, trusted: Authorities) -> None:
    now = datetime.now(UTC)
    assert _why(lambda: timestamp.check_token(spoil(stamped.token), DATA, trusted, now)) == Why.FORMAT_FAILURE


def test_a_token_in_ber_is_refused(stamped: Timestamp, trusted: Authorities) -> None:
    size = stamped.token[1] & 0x7F
    longer = bytes([stamped.token[0], 0x80 | size + 1, 0]) + stamped.token[2:]
    now = datetime.now(UTC)
    assert _why(lambda: timestamp.check_token(longer, DATA, trusted, now)) == Why.FORMAT_FAILURE


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of odd names and serial numbers
def test_one_flipped_bit_in_every_byte_of_a_token_is_refused(stamped: Timestamp, trusted: Authorities) -> None:
    now = datetime.now(UTC)
    for place in range(len(stamped.token)):
        changed = bytearray(stamped.token)
        changed[place] ^= 1 << place % 8
        with pytest.raises(KeysError):
            timestamp.check_token(bytes(changed), DATA, trusted, now)


def test_roots_are_certificates_and_moments_have_zones(stamped: Timestamp, trusted: Authorities) -> None:
    for wrong in (b"", b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(FormatError):
            Authorities.load(wrong)
    with pytest.raises(FormatError):
        timestamp.check_token(stamped.token, DATA, trusted, datetime(2026, 3, 1))  # noqa: DTZ001 - the naive time is the point


@pytest.mark.parametrize("suite_name", sorted(OFFICES))
def test_a_signature_under_a_seal_takes_a_timestamp(
    suite_name: str, clock: TimestampAuthority, trusted: Authorities
) -> None:
    office, now = OFFICES[suite_name], datetime.now(UTC)
    signature = office.sign(signed_at=now.replace(microsecond=0))
    sent = timestamp.request(signature.value)
    found = timestamp.check_reply(clock.reply(sent.der), sent, signature.value, trusted, datetime.now(UTC))
    later = now + timedelta(days=1)
    report = verify_signature(
        with_timestamp(signature, found.token).der,
        DIGESTS,
        office.trust(
            revoked_certificates={office.signer.thumbprint: Revocation(later, now + timedelta(hours=1))},
            authorities=trusted,
        ),
        later,
    )
    assert [row.name for row in report.checks if row.outcome is not Outcome.PASSED] == []
