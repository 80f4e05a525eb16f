"""Detached CMS signatures: made in one step or two, accepted by openssl, and openssl's accepted here."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from keys import cms, cms_reading, timestamp
from keys.certificates import AUTHORITY, ROOT, SIGNER, Certificate, Subject, issue, make_root
from keys.cms_verification import Trust, verify
from keys.digests import digests_of
from keys.errors import FormatError, UncheckableError, VerificationError
from keys.report import Outcome, Report, Result
from keys.revocation import Revocation, RevocationReason
from keys.suites import SUITES, PrivateKey
from keys.timestamp_trust import Authorities
from tests.keys.seal_makers import DAY, OWNER, SEAL_MAKERS, SIGNED_AT, SealMakers, openssl
from tests.keys.timestamp_authorities import TimestampAuthority

FILE = "星河市公文".encode() * 50
DIGESTS = digests_of(FILE)
DIGEST = DIGESTS.by("sha-256")
AT = SIGNED_AT + DAY
P256 = SEAL_MAKERS["ES256"]
TRUST = Trust((P256.root,), revocations={})
ROWS = ["FORMAT", "DATA_HASH", "SIGNATURE", "CERTIFICATE", "SIGNING_TIME", "REVOCATION"]


def _signed(at: datetime = SIGNED_AT) -> bytes:
    return cms.sign(DIGEST, P256.signer_key, P256.signer, at, (P256.authority,))


def _says(report: Report) -> tuple[Result, str, str | None]:
    """The one row made that is not a pass."""
    complaints = [row for row in report.checks if row.outcome is not Outcome.PASSED and "not made" not in row.detail]
    assert len(complaints) == 1, complaints
    return report.result, complaints[0].name, complaints[0].sub_indication


def test_a_signature_passes_every_row_and_tells_who_signed() -> None:
    report = verify(_signed(), DIGESTS, TRUST, AT)
    assert report.result is Result.TOTAL_PASSED
    assert [row.name for row in report.checks] == ROWS
    assert report.claims == {
        "certificate": P256.signer.thumbprint,
        "common_name": OWNER.common_name,
        "organization_name": OWNER.organization_name,
        "credit_code": OWNER.credit_code,
        "signed_at": "2026-03-01T08:00:00+00:00",
        "existed_at": None,
        "stamped_at": None,
        "stamped_by": None,
    }


def test_a_key_in_hardware_signs_too(hardware_keys: dict[str, PrivateKey]) -> None:
    key = hardware_keys["ES256"]
    signer = issue(SIGNER, OWNER, key.public, P256.authority, P256.authority_key, 77, SIGNED_AT - DAY, AT)
    der = cms.sign(DIGEST, key, signer, SIGNED_AT, (P256.authority,))
    assert verify(der, DIGESTS, TRUST, AT).result is Result.TOTAL_PASSED


def test_a_value_made_elsewhere_completes_what_was_prepared() -> None:
    prepared = cms.prepare(DIGEST, P256.signer, SIGNED_AT)
    der = cms.complete(prepared, P256.signer_key.sign_der(prepared), P256.signer, (P256.authority,))
    assert verify(der, DIGESTS, TRUST, AT).result is Result.TOTAL_PASSED
    assert cms_reading.read(der).signed_bytes == prepared


def test_a_value_that_does_not_verify_completes_nothing() -> None:
    prepared = cms.prepare(DIGEST, P256.signer, SIGNED_AT)
    for value in (P256.maker_key.sign_der(prepared), P256.signer_key.sign_der(prepared + b"."), b""):
        with pytest.raises(VerificationError):
            cms.complete(prepared, value, P256.signer)


def test_what_was_prepared_for_another_certificate_is_not_completed() -> None:
    prepared = cms.prepare(DIGEST, P256.signer, SIGNED_AT)
    twin = issue(SIGNER, OWNER, P256.signer_key.public, P256.authority, P256.authority_key, 44, SIGNED_AT, AT)
    for wrong, certificate in ((prepared, twin), (b"anything", P256.signer), (b"\x31\x00", P256.signer)):
        with pytest.raises(FormatError):
            cms.complete(wrong, P256.signer_key.sign_der(wrong), certificate)


def test_a_key_signs_under_its_own_certificate_only() -> None:
    with pytest.raises(FormatError):
        cms.sign(DIGEST, P256.maker_key, P256.signer, SIGNED_AT)


@pytest.mark.parametrize("suite_name", ["SM2-SM3", "Ed25519"])
def test_other_suites_sign_otherwise(suite_name: str) -> None:
    with pytest.raises(UncheckableError):
        cms.prepare(DIGEST, SEAL_MAKERS[suite_name].signer, SIGNED_AT)


@pytest.mark.parametrize(
    ("digest", "at"),
    [(DIGEST[:-1], SIGNED_AT), (b"", SIGNED_AT), (DIGEST, SIGNED_AT.replace(tzinfo=None)),
     (DIGEST, SIGNED_AT.replace(microsecond=1)), (DIGEST, datetime(1949, 1, 1, tzinfo=UTC)),
     (DIGEST, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))))],
)  # fmt: skip
def test_what_cannot_be_signed_is_not_prepared(digest: bytes, at: datetime) -> None:
    with pytest.raises(FormatError):
        cms.prepare(digest, P256.signer, at)


def test_a_time_after_2049_is_written_otherwise_and_read_back() -> None:
    late = datetime(2050, 1, 1, tzinfo=UTC)
    assert cms_reading.read(_signed(late)).signing_time == late


def test_openssl_accepts_ours(tmp_path: Path) -> None:
    for name, data in (("signature", _signed()), ("file", FILE), ("root", P256.root.to_pem())):
        (tmp_path / name).write_bytes(data)
    moment = str(int(AT.timestamp()))
    where = ("-binary", "-inform", "DER", "-in", "signature", "-content", "file", "-CAfile", "root", "-out", "out")
    shown = openssl(tmp_path, "cms", "-verify", "-cades", "-purpose", "any", "-attime", moment, *where)
    assert b"CAdES Verification successful" in shown
    (tmp_path / "file").write_bytes(FILE + b".")
    with pytest.raises(Exception, match="returned non-zero exit status 4"):
        openssl(tmp_path, "cms", "-verify", "-purpose", "any", "-attime", moment, *where)


@pytest.mark.parametrize("extra", [(), ("-cades",), ("-keyid",), ("-nosmimecap", "-cades"), ("-md", "sha256")])
def test_we_accept_openssls(extra: tuple[str, ...], tmp_path: Path) -> None:
    now = datetime.now(UTC)  # openssl signs at no other time
    files = {"file": FILE, "signer": P256.signer.to_pem(), "key": P256.signer_key.to_pkcs8(None)}
    for name, data in {**files, "authority": P256.authority.to_pem()}.items():
        (tmp_path / name).write_bytes(data)
    signing = ("-signer", "signer", "-inkey", "key", "-certfile", "authority", "-outform", "DER", "-out", "signature")
    openssl(tmp_path, "cms", "-sign", "-binary", "-in", "file", *signing, *extra)
    report = verify((tmp_path / "signature").read_bytes(), DIGESTS, TRUST, now + timedelta(minutes=1))
    assert report.result is Result.TOTAL_PASSED
    (certificate,) = [row.detail for row in report.checks if row.name == "CERTIFICATE"]
    assert ("did not name" in certificate) == ("-cades" not in extra)


def test_another_file_fails() -> None:
    report = verify(_signed(), digests_of(FILE + b"."), TRUST, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "DATA_HASH", "HASH_FAILURE")
    assert report.claims is None


def test_a_signer_under_another_root_is_unknown() -> None:
    stranger = Trust((SEAL_MAKERS["SM2-SM3"].root,), revocations={})
    report = verify(_signed(), DIGESTS, stranger, AT)
    assert _says(report) == (Result.INDETERMINATE, "CERTIFICATE", "NO_CERTIFICATE_CHAIN_FOUND")
    assert report.claims is None


def test_a_certificate_between_may_be_the_verifiers_own() -> None:
    der = cms.sign(DIGEST, P256.signer_key, P256.signer, SIGNED_AT)
    assert _says(verify(der, DIGESTS, TRUST, AT))[1:] == ("CERTIFICATE", "NO_CERTIFICATE_CHAIN_FOUND")
    trust = Trust((P256.root,), (P256.authority,), revocations={})
    assert verify(der, DIGESTS, trust, AT).result is Result.TOTAL_PASSED


def test_an_authority_signs_no_files() -> None:
    der = cms.sign(DIGEST, P256.authority_key, P256.authority, SIGNED_AT)
    assert _says(verify(der, DIGESTS, TRUST, AT))[1:] == ("CERTIFICATE", "CHAIN_CONSTRAINTS_FAILURE")


@pytest.mark.parametrize(
    ("signed_at", "sub_indication"),
    [(P256.signer.not_before - DAY, "NOT_YET_VALID"), (P256.signer.not_after + DAY, "EXPIRED")],
)
def test_the_signing_time_lies_within_the_certificate(signed_at: datetime, sub_indication: str) -> None:
    report = verify(_signed(signed_at), DIGESTS, TRUST, P256.signer.not_after + 9 * DAY)
    assert _says(report) == (Result.TOTAL_FAILED, "SIGNING_TIME", sub_indication)


def test_the_signing_time_is_not_after_the_moment_asked_about() -> None:
    minute = timedelta(minutes=1)
    assert verify(_signed(), DIGESTS, TRUST, SIGNED_AT - minute).result is Result.TOTAL_PASSED
    report = verify(_signed(), DIGESTS, TRUST, SIGNED_AT - 2 * minute)
    assert _says(report) == (Result.TOTAL_FAILED, "SIGNING_TIME", "NOT_YET_VALID")


def test_a_signature_outlives_its_certificate() -> None:
    assert verify(_signed(), DIGESTS, TRUST, P256.signer.not_after + 365 * DAY).result is Result.TOTAL_PASSED


def test_without_revocations_nothing_is_certain() -> None:
    report = verify(_signed(), DIGESTS, Trust((P256.root,)), AT)
    assert _says(report) == (Result.INDETERMINATE, "REVOCATION", "TRY_LATER")
    assert report.claims is not None


@pytest.mark.parametrize("certificate", [P256.signer, P256.authority])
def test_a_revoked_link_fails_what_was_signed_later(certificate: Certificate) -> None:
    later = Trust((P256.root,), revocations={certificate.thumbprint: Revocation(SIGNED_AT)})
    assert _says(verify(_signed(), DIGESTS, later, AT)) == (Result.TOTAL_FAILED, "REVOCATION", "REVOKED")
    after = Trust((P256.root,), revocations={certificate.thumbprint: Revocation(SIGNED_AT + DAY)})
    assert verify(_signed(), DIGESTS, after, AT).result is Result.TOTAL_PASSED


STOLEN = Trust(
    (P256.root,),
    revocations={P256.signer.thumbprint: Revocation(AT, SIGNED_AT + DAY, RevocationReason.KEY_COMPROMISE)},
)


def test_under_a_stolen_key_a_signature_needs_proof() -> None:
    report = verify(_signed(), DIGESTS, STOLEN, AT)
    assert _says(report) == (Result.INDETERMINATE, "REVOCATION", "NO_POE")
    proven = verify(_signed(), DIGESTS, STOLEN, AT, existed_at=SIGNED_AT + DAY - timedelta(seconds=1))
    assert proven.result is Result.TOTAL_PASSED


def test_moments_have_zones() -> None:
    naive = AT.replace(tzinfo=None)
    for arguments in ({"at": naive}, {"at": AT, "existed_at": naive}):
        with pytest.raises(FormatError):
            verify(_signed(), DIGESTS, TRUST, **arguments)


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def makers(now: datetime) -> SealMakers:
    """Give makers of today, because the authority stamps at no other time."""
    keys = [SUITES["ES256"].generate() for _ in range(3)]
    root = make_root("根", keys[0], 1, now - DAY, now + 365 * DAY, ROOT)
    authority = issue(AUTHORITY, Subject("签发"), keys[1].public, root, keys[0], 2, now - DAY, now + 365 * DAY)
    signer = issue(SIGNER, OWNER, keys[2].public, authority, keys[1], 3, now - DAY, now + 365 * DAY)
    return SealMakers(keys[0], root, keys[1], authority, keys[0], root, keys[2], signer)


def _stamped(makers: SealMakers, clock: TimestampAuthority, at: datetime, *, of: bytes = b"") -> bytes:
    prepared = cms.prepare(DIGEST, makers.signer, at)
    value = makers.signer_key.sign_der(prepared)
    sent = timestamp.request(of or value)
    trusted, received = Authorities.load(clock.roots), datetime.now(UTC)
    found = timestamp.check_reply(clock.reply(sent.der), sent, of or value, trusted, received)
    return cms.complete(prepared, value, makers.signer, (makers.authority,), found.token)


def _trust(makers: SealMakers, clock: TimestampAuthority, revoked: Revocation | None = None) -> Trust:
    facts = {} if revoked is None else {makers.signer.thumbprint: revoked}
    return Trust((makers.root,), authorities=Authorities.load(clock.roots), revocations=facts)


def test_a_timestamp_proves_that_a_signature_is_older_than_the_theft(
    makers: SealMakers, clock: TimestampAuthority, now: datetime
) -> None:
    der, later = _stamped(makers, clock, now), now + DAY
    theft = Revocation(later, now + timedelta(hours=1))
    report = verify(der, DIGESTS, _trust(makers, clock, theft), later)
    assert report.result is Result.TOTAL_PASSED
    assert [row.name for row in report.checks] == [*ROWS[:3], "TIMESTAMP", *ROWS[3:]]
    assert report.claims is not None
    assert report.claims["existed_at"] == report.claims["stamped_at"] >= now.isoformat()
    assert report.claims["stamped_by"] == "Clock"
    before = Revocation(later, now - timedelta(hours=1))
    assert _says(verify(der, DIGESTS, _trust(makers, clock, before), later))[1:] == ("REVOCATION", "NO_POE")
    # An older proof that the caller has is not lost beside a timestamp that came too late.
    older = verify(der, DIGESTS, _trust(makers, clock, before), later, existed_at=now - timedelta(hours=2))
    assert older.result is Result.TOTAL_PASSED


def test_openssl_accepts_ours_with_a_timestamp(
    makers: SealMakers, clock: TimestampAuthority, now: datetime, tmp_path: Path
) -> None:
    for name, data in (("signature", _stamped(makers, clock, now)), ("file", FILE), ("root", makers.root.to_pem())):
        (tmp_path / name).write_bytes(data)
    where = ("-binary", "-inform", "DER", "-in", "signature", "-content", "file", "-CAfile", "root", "-out", "out")
    assert b"CAdES Verification successful" in openssl(tmp_path, "cms", "-verify", "-cades", "-purpose", "any", *where)


def test_a_timestamp_of_other_data_fails(makers: SealMakers, clock: TimestampAuthority, now: datetime) -> None:
    report = verify(_stamped(makers, clock, now, of=b"another value"), DIGESTS, _trust(makers, clock), now + DAY)
    assert _says(report) == (Result.TOTAL_FAILED, "TIMESTAMP", "HASH_FAILURE")


def test_a_timestamp_by_an_untrusted_authority_proves_nothing(
    makers: SealMakers, clock: TimestampAuthority, stranger: TimestampAuthority, now: datetime
) -> None:
    der = _stamped(makers, clock, now)
    report = verify(der, DIGESTS, _trust(makers, stranger), now + DAY)
    assert _says(report) == (Result.INDETERMINATE, "TIMESTAMP", "NO_CERTIFICATE_CHAIN_FOUND")
    nobody = Trust((makers.root,), revocations={})
    assert _says(verify(der, DIGESTS, nobody, now + DAY)) == (Result.INDETERMINATE, "TIMESTAMP", "GENERIC")


def test_what_was_stamped_before_it_was_signed_fails(
    makers: SealMakers, clock: TimestampAuthority, now: datetime
) -> None:
    der = _stamped(makers, clock, now + timedelta(hours=2))
    report = verify(der, DIGESTS, _trust(makers, clock), now + DAY)
    assert _says(report) == (Result.TOTAL_FAILED, "TIMESTAMP", "SIG_CONSTRAINTS_FAILURE")


@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of odd names and serial numbers
def test_a_flipped_bit_in_or_around_a_timestamp_is_told(
    makers: SealMakers, clock: TimestampAuthority, now: datetime
) -> None:
    der, trust = _stamped(makers, clock, now), _trust(makers, clock)
    assert verify(der, DIGESTS, trust, now + DAY).result is Result.TOTAL_PASSED
    token = cms_reading.read(der).timestamp or b""
    around = range(der.index(token) - 40, der.index(token) + 40)  # every byte of a token: test_timestamp.py
    for place in (*around, *range(around.stop, len(der), 11)):
        changed = bytearray(der)
        changed[place] ^= 1 << place % 8
        assert verify(bytes(changed), DIGESTS, trust, now + DAY).result is not Result.TOTAL_PASSED, place
