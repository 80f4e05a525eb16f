"""The reports on seals and on signatures under them: each row alone turns the result, and nothing unmade is ever a pass."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keys import der_writing as der
from keys import libcrypto, timestamp, timestamp_trust
from keys.certificates import Certificate, Subject
from keys.digests import digests_of
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.report import Outcome, Report, Result
from keys.revocation import Revocation
from keys.seal_verification import verify_seal
from keys.ses_form import CertificateDigest
from keys.ses_making import prepare_seal, with_timestamp
from keys.ses_verification import verify_signature
from tests.keys.authorities import AUTHORITIES, END, START, make_signer, new_authority
from tests.keys.seals import (
    AT,
    CREATED_AT,
    DIGESTS,
    DOCUMENT,
    EXTENSION,
    MOMENT,
    OFFICES,
    PROPERTY_INFO,
    SIGNED_AT,
    VALID_FROM,
    VALID_UNTIL,
    Office,
    as_real_ones_are,
    complaints,
    elements,
    made,
    new_office,
    other_signer,
    says,
    sealing_parts,
    signed,
    version_1,
)
from tests.keys.timestamp_authorities import TimestampAuthority

SEAL_ROWS = ["FORMAT", "EXTENSIONS", "SEAL_SIGNATURE", "SEAL_MAKER", "SEAL_VALIDITY"]
ROWS = [
    "FORMAT", "EXTENSIONS", "SIGNATURE", "CERTIFICATE", "SIGNING_TIME", "SIGNER_LISTED", "DATA_HASH",
    "SEAL_SIGNATURE", "SEAL_MAKER", "SEAL_VALIDITY",
]  # fmt: skip
PASSED: tuple[Result, list[Any]] = (Result.TOTAL_PASSED, [])
FAILED, OPEN = Result.TOTAL_FAILED, Result.INDETERMINATE
CRITICAL = replace(EXTENSION, critical=True)


@pytest.fixture(params=sorted(OFFICES))
def office(request: pytest.FixtureRequest) -> Office:
    return OFFICES[str(request.param)]


@pytest.fixture
def es256() -> Office:
    return OFFICES["ES256"]


def _seal(office: Office, content: Any = None, at: datetime = AT, **trust: Any) -> Report:
    return verify_seal(office.seal(content).der, office.trust(**trust), at)


def _signature(office: Office, trust: dict[str, Any] | None = None, at: datetime = AT, **changes: Any) -> Report:
    return verify_signature(office.sign(**changes).der, DIGESTS, office.trust(**trust or {}), at)


def test_a_good_seal_passes_every_row(office: Office) -> None:
    for content in (office.content(), office.by_digest(), office.content(extensions=(EXTENSION,))):
        report = _seal(office, content)
        assert says(report) == PASSED
        assert [row.name for row in report.checks] == SEAL_ROWS
        assert report.claims == {
            "es_id": content.es_id, "name": content.name, "vendor": "LHUB", "kind": 3, "maker": "星河市电子印章制作中心",
        }  # fmt: skip


def test_a_good_signature_passes_every_row(office: Office) -> None:
    for content in (office.content(), office.by_digest(), office.content(extensions=(EXTENSION,))):
        report = _signature(office, seal=office.seal(content), extensions=(EXTENSION,))
        assert says(report) == PASSED
        assert [row.name for row in report.checks] == ROWS
        assert report.claims is not None
        assert report.claims["signer"] == "星河市公安局"
        assert report.claims["credit_code"] == office.signer.subject.credit_code
        assert report.claims["signed_at"] == "2026-03-01T08:00:00+00:00"
        assert report.claims["property_info"] == PROPERTY_INFO


@pytest.mark.parametrize("as_made", [version_1, as_real_ones_are])
def test_older_and_looser_ones_pass(office: Office, as_made: Callable[[Office], tuple[bytes, bytes]]) -> None:
    seal, signature = as_made(office)
    assert says(verify_seal(seal, office.trust(), AT)) == PASSED
    assert says(verify_signature(signature, DIGESTS, office.trust(), AT)) == PASSED
    other = verify_signature(signature, digests_of(DOCUMENT + b"."), office.trust(), AT)
    assert (says(other), other.claims) == ((FAILED, [("DATA_HASH", "HASH_FAILURE")]), None)


def test_maker_and_signer_may_use_different_suites() -> None:
    maker, signer = OFFICES["SM2-SM3"], OFFICES["ES256"]
    mixed = replace(maker, authority=signer.authority, digest_kind="SHA-256")
    roots = (maker.authority.root, signer.authority.root)
    for content in (mixed.content(), mixed.by_digest()):
        report = _signature(mixed, {"roots": roots}, seal=mixed.seal(content))
        assert says(report) == PASSED


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"rubbish", bytes(100)])
def test_what_cannot_be_read_fails(es256: Office, data: bytes) -> None:
    for report, rows in (
        (verify_seal(data, es256.trust(), AT), SEAL_ROWS),
        (verify_signature(data, DIGESTS, es256.trust(), AT), ROWS),
    ):
        assert (report.result, report.claims) == (FAILED, None)
        assert complaints(report)[0] == ("FORMAT", "FORMAT_FAILURE")
        names = [row.name for row in report.checks if row.name != "TIMESTAMP"]
        assert names == rows
        unmade = {row.detail for row in report.checks[1:]}
        assert unmade == {"not made, because of FORMAT"}


def test_a_seal_is_no_signature_and_a_signature_no_seal(es256: Office) -> None:
    signature = es256.sign()
    assert complaints(verify_seal(signature.der, es256.trust(), AT))[0] == ("FORMAT", "FORMAT_FAILURE")
    report = verify_signature(signature.sealing.seal.der, DIGESTS, es256.trust(), AT)
    assert complaints(report)[0] == ("FORMAT", "FORMAT_FAILURE")


def test_a_mistake_in_one_row_leaves_the_others_to_be_made(office: Office) -> None:
    key, certificate = other_signer(office)
    seal = office.seal(office.content(certificates=(certificate.der,), valid_until=SIGNED_AT - MOMENT))
    signed = office.sign(seal, certificate=certificate, key=key)
    revoked = {certificate.thumbprint: Revocation(SIGNED_AT)}
    report = verify_signature(
        signed.der, digests_of(b"another"), office.trust(makers=(), revoked_certificates=revoked), AT
    )
    assert says(report) == (FAILED, [
        ("SIGNING_TIME", "REVOKED"), ("DATA_HASH", "HASH_FAILURE"),
        ("SEAL_MAKER", "NO_CERTIFICATE_CHAIN_FOUND"), ("SEAL_VALIDITY", "EXPIRED"),
    ])  # fmt: skip
    assert report.claims is None


# Signature values.


def test_a_value_over_something_else_fails(office: Office) -> None:
    other = office.sign(property_info="another")
    swapped = der.sequence(elements(office.sign().der)[0], *elements(other.der)[1:])
    report = verify_signature(swapped, DIGESTS, office.trust(), AT)
    assert says(report) == (FAILED, [("SIGNATURE", "SIG_CRYPTO_FAILURE")])
    assert report.claims is None


def test_an_algorithm_that_is_not_the_keys_fails(office: Office) -> None:
    """A good value of the certificate's key, under the name of the other suite."""
    (other,) = (one for one in OFFICES.values() if one is not office)
    seal = office.seal(office.content(certificates=(other.signer.der,)))
    sealing = der.sequence(*sealing_parts(office, seal.der))
    algorithm, value = der.identifier(office.key.suite.signature_algorithm), other.key.sign_der(sealing)
    forged = der.sequence(sealing, der.octets(other.signer.der), algorithm, der.bits(value))
    trust = office.trust(roots=(office.authority.root, other.authority.root))
    assert says(verify_signature(forged, DIGESTS, trust, AT)) == (FAILED, [("SIGNATURE", "SIG_CRYPTO_FAILURE")])


def test_an_unknown_algorithm_leaves_doubt(es256: Office) -> None:
    # ecdsa-with-SHA256 and ecdsa-with-SHA384 differ in one byte.
    oid = bytes.fromhex("06082a8648ce3d040302")
    signature = es256.sign()
    start = signature.der.rindex(oid)
    changed = signature.der[:start] + bytes.fromhex("06082a8648ce3d040303") + signature.der[start + len(oid) :]
    report = verify_signature(changed, DIGESTS, es256.trust(), AT)
    assert says(report) == (OPEN, [("SIGNATURE", "GENERIC"), ("DATA_HASH", "GENERIC")])


# The signer's certificate and the signing time.


def test_a_chain_to_nobody_trusted_leaves_doubt(office: Office) -> None:
    report = _signature(office, {"roots": (office.maker, new_authority(office.key.suite.name).root)})
    assert says(report) == (OPEN, [("CERTIFICATE", "NO_CERTIFICATE_CHAIN_FOUND")])
    assert report.claims is None


@pytest.mark.parametrize(
    ("signed_at", "expected"),
    [
        (START, PASSED),
        (END, PASSED),
        (START - MOMENT, (FAILED, [("SIGNING_TIME", "NOT_YET_VALID")])),
        (END + MOMENT, (FAILED, [("SIGNING_TIME", "EXPIRED")])),
    ],
    ids=str,
)
def test_the_signing_time_lies_within_the_certificate(office: Office, signed_at: datetime, expected: Any) -> None:
    # The seal itself is valid for longer, and so is its maker's root.
    wide = office.seal(office.content(valid_from=START - MOMENT, valid_until=END + MOMENT))
    assert says(_signature(office, at=END + timedelta(days=1), seal=wide, signed_at=signed_at)) == expected


def test_nothing_is_signed_in_the_future(office: Office) -> None:
    assert says(_signature(office, at=SIGNED_AT - timedelta(seconds=61))) == (
        FAILED, [("SIGNING_TIME", "NOT_YET_VALID")],
    )  # fmt: skip
    assert says(_signature(office, at=SIGNED_AT - timedelta(seconds=60))) == PASSED  # clocks differ a little


def test_verified_long_after_certificate_and_seal_have_expired(office: Office) -> None:
    assert says(_signature(office, at=END + timedelta(days=3650))) == PASSED


@pytest.mark.parametrize("who", ["signer", "maker", "seal"])
def test_what_was_revoked_before_fails_and_later_is_no_matter(office: Office, who: str) -> None:
    used_at = CREATED_AT if who == "maker" else SIGNED_AT
    row = {"signer": "SIGNING_TIME", "maker": "SEAL_MAKER", "seal": "SEAL_VALIDITY"}[who]
    for revoked_at, expected in ((used_at, (FAILED, [(row, "REVOKED")])), (used_at + MOMENT, PASSED)):
        assert says(_signature(office, _revoked(office, who, Revocation(revoked_at)))) == expected


@pytest.mark.parametrize("who", ["signer", "maker", "seal"])
def test_after_a_compromise_only_a_proof_of_existence_counts(office: Office, who: str) -> None:
    row = {"signer": "SIGNING_TIME", "maker": "SEAL_MAKER", "seal": "SEAL_VALIDITY"}[who]
    stolen = SIGNED_AT + timedelta(days=1)
    trust = office.trust(**_revoked(office, who, Revocation(stolen + timedelta(days=1), stolen)))
    data = office.sign().der
    in_doubt = (OPEN, [(row, "NO_POE")])
    assert says(verify_signature(data, DIGESTS, trust, AT)) == in_doubt
    assert says(verify_signature(data, DIGESTS, trust, AT, existed_at=stolen)) == in_doubt
    assert says(verify_signature(data, DIGESTS, trust, AT, existed_at=stolen - MOMENT)) == PASSED


def test_every_certificate_on_the_way_may_be_revoked(office: Office) -> None:
    for revoked_at, rows in ((SIGNED_AT, ["SIGNING_TIME"]), (CREATED_AT, ["SIGNING_TIME", "SEAL_MAKER"])):
        trust = {"revoked_certificates": {office.authority.root.thumbprint: Revocation(revoked_at)}}
        assert says(_signature(office, trust)) == (FAILED, [(row, "REVOKED") for row in rows])


def test_a_revocation_is_told_where_no_chain_is_found(office: Office) -> None:
    trust = {"roots": (office.maker,), **_revoked(office, "signer", Revocation(SIGNED_AT))}
    assert says(_signature(office, trust)) == (FAILED, [
        ("CERTIFICATE", "NO_CERTIFICATE_CHAIN_FOUND"), ("SIGNING_TIME", "REVOKED"),
    ])  # fmt: skip


def _revoked(office: Office, who: str, fact: Revocation) -> dict[str, Any]:
    if who == "seal":
        return {"revoked_seals": {office.content().es_id: fact}}
    return {"revoked_certificates": {getattr(office, who).thumbprint: fact}}


def test_to_know_nothing_about_revocations_is_no_pass(office: Office) -> None:
    report = _signature(office, {"revoked_certificates": None})
    assert says(report) == (OPEN, [("SIGNING_TIME", "TRY_LATER"), ("SEAL_MAKER", "TRY_LATER")])
    assert says(_signature(office, {"revoked_seals": None})) == (OPEN, [("SEAL_VALIDITY", "TRY_LATER")])
    assert says(_seal(office, revoked_seals=None)) == (OPEN, [("SEAL_VALIDITY", "TRY_LATER")])


def test_a_time_that_cannot_be_read_leaves_its_rows_open(office: Office) -> None:
    _, signature = version_1(office, time=b"no time at all")
    report = verify_signature(signature, DIGESTS, office.trust(), AT)
    rows = ("CERTIFICATE", "SIGNING_TIME", "SEAL_VALIDITY")
    assert says(report) == (OPEN, [(row, "GENERIC") for row in rows])
    assert report.claims is None


# The seal's list.


def test_a_signer_whom_the_seal_does_not_list_fails(office: Office) -> None:
    _, certificate = other_signer(office)
    for content in (
        office.content(certificates=(certificate.der,)),
        office.by_digest(digests=(office.digest(certificate),)),
    ):
        signature = _signed_unlisted(office, content)
        assert says(verify_signature(signature, DIGESTS, office.trust(), AT)) == (
            FAILED, [("SIGNER_LISTED", "SIG_CONSTRAINTS_FAILURE")],
        )  # fmt: skip


def _signed_unlisted(office: Office, content: Any) -> bytes:
    return signed(office, der.sequence(*sealing_parts(office, office.seal(content).der)))


def test_one_of_several_signers_is_enough(office: Office) -> None:
    _, certificate = other_signer(office)
    for content in (
        office.content(certificates=(certificate.der, office.signer.der)),
        office.by_digest(digests=(CertificateDigest("own", b""), office.digest(certificate), office.digest())),
    ):
        assert says(_signature(office, seal=office.seal(content))) == PASSED


@pytest.mark.parametrize("kind", ["own", "MD5", "sha384"])
def test_a_digest_of_unknown_name_leaves_doubt(office: Office, kind: str) -> None:
    content = office.by_digest(digests=(replace(office.digest(), kind=kind),))
    report = verify_signature(_signed_unlisted(office, content), DIGESTS, office.trust(), AT)
    assert says(report) == (OPEN, [("SIGNER_LISTED", "GENERIC")])


@pytest.mark.parametrize(
    ("suite", "kind"),
    [("SM2-SM3", "sm3"), ("SM2-SM3", "1.2.156.10197.1.401"), ("ES256", "sha-256"), ("ES256", "2.16.840.1.101.3.4.2.1")],
)
def test_a_digest_has_several_names(suite: str, kind: str) -> None:
    office = OFFICES[suite]
    content = office.by_digest(digests=(replace(office.digest(), kind=kind),))
    assert says(_signature(office, seal=office.seal(content))) == PASSED


# The seal.


def test_a_signer_cannot_make_a_seal_in_anybodys_name(office: Office) -> None:
    """Makers and signers stand under one root: a good chain alone makes nobody a maker."""
    thief, certificate = other_signer(office)
    forged = replace(office, maker=certificate, maker_key=thief).seal()
    assert says(verify_seal(forged.der, office.trust(), AT)) == (OPEN, [("SEAL_MAKER", "NO_CERTIFICATE_CHAIN_FOUND")])
    report = verify_signature(office.sign(forged).der, DIGESTS, office.trust(), AT)
    assert says(report) == (OPEN, [("SEAL_MAKER", "NO_CERTIFICATE_CHAIN_FOUND")])
    assert report.claims is None


def test_a_known_maker_needs_a_chain_all_the_same(office: Office) -> None:
    stranger = new_office(new_authority(office.key.suite.name), office.digest_kind)
    report = verify_seal(stranger.seal().der, office.trust(makers=(stranger.maker,)), AT)
    assert says(report) == (OPEN, [("SEAL_MAKER", "NO_CERTIFICATE_CHAIN_FOUND")])


def test_a_root_may_be_the_maker_itself(office: Office) -> None:
    own = replace(office, maker=office.authority.root, maker_key=office.authority.root_key)
    assert says(verify_signature(own.sign().der, DIGESTS, own.trust(), AT)) == PASSED


@pytest.mark.parametrize(
    ("created_at", "expected"),
    [
        (START, PASSED),
        (START - MOMENT, (FAILED, [("SEAL_MAKER", "NOT_YET_VALID")])),
        (END + MOMENT, (FAILED, [("SEAL_MAKER", "EXPIRED")])),
    ],
    ids=str,
)
def test_the_maker_is_judged_when_the_seal_was_made(office: Office, created_at: datetime, expected: Any) -> None:
    assert says(_seal(office, office.content(created_at=created_at))) == expected


def test_a_seal_outlives_its_makers_certificate(office: Office) -> None:
    short = make_signer(
        Subject("旧制章人"), office.maker_key.public, office.authority.root, office.authority.root_key, 79,
        START, CREATED_AT + timedelta(days=1),
    )  # fmt: skip
    assert says(_seal(replace(office, maker=short))) == PASSED


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (VALID_FROM, PASSED),
        (VALID_UNTIL, PASSED),
        (VALID_FROM - MOMENT, (FAILED, [("SEAL_VALIDITY", "NOT_YET_VALID")])),
        (VALID_UNTIL + MOMENT, (FAILED, [("SEAL_VALIDITY", "EXPIRED")])),
    ],
    ids=str,
)
def test_a_seal_has_its_time(office: Office, at: datetime, expected: Any) -> None:
    assert says(_seal(office, at=at)) == expected
    assert says(_signature(office, at=VALID_UNTIL + timedelta(days=1), signed_at=at)) == expected


def test_who_made_a_seal_is_told_when_it_is_proven_and_only_then(office: Office) -> None:
    """Expired, and with something nobody understands, it is still that maker's."""
    content = office.content(extensions=(CRITICAL,))
    report = _seal(office, content, at=VALID_UNTIL + MOMENT)
    assert complaints(report) == [("EXTENSIONS", "GENERIC"), ("SEAL_VALIDITY", "EXPIRED")]
    assert report.claims is not None
    assert report.claims["name"] == content.name
    assert _seal(office, content, makers=()).claims is None


def test_an_extension_that_is_critical_is_never_passed_over(office: Office) -> None:
    in_doubt = (OPEN, [("EXTENSIONS", "GENERIC")])
    seal = office.seal(office.content(extensions=(CRITICAL,)))
    assert says(verify_seal(seal.der, office.trust(), AT)) == in_doubt
    assert says(_signature(office, seal=seal)) == in_doubt
    assert says(_signature(office, extensions=(CRITICAL,))) == in_doubt


# Timestamps.

STAMPED_AT = SIGNED_AT + timedelta(minutes=5)
CLOCKS = timestamp_trust.Authorities(())
Judged = Callable[..., Report]


@pytest.fixture
def stamped(office: Office, monkeypatch: pytest.MonkeyPatch) -> Judged:
    """Verify a signature whose token is judged as the test says."""

    def verify(says_of_it: datetime | Exception, **trust: Any) -> Report:
        def judge(token: bytes, *_: object) -> timestamp_trust.Timestamp:
            if isinstance(says_of_it, Exception):
                raise says_of_it
            return timestamp_trust.Timestamp(token, says_of_it, "Clock")

        monkeypatch.setattr(timestamp, "check_token", judge)
        data = with_timestamp(office.sign(), b"token").der
        return verify_signature(data, DIGESTS, office.trust(authorities=CLOCKS, **trust), AT)

    return verify


def test_a_timestamp_of_nobody_trusted_is_no_pass(office: Office) -> None:
    data = with_timestamp(office.sign(), b"token").der
    for authorities, why in ((None, "GENERIC"), (CLOCKS, "FORMAT_FAILURE")):
        report = verify_signature(data, DIGESTS, office.trust(authorities=authorities), AT)
        assert complaints(report) == [("TIMESTAMP", why)]
        assert report.result is not Result.TOTAL_PASSED


def test_a_real_timestamp_proves_existence_before_a_theft(office: Office, tmp_path: Path) -> None:
    authority, signature = TimestampAuthority(tmp_path), office.sign()
    authorities = timestamp_trust.Authorities.load(authority.roots)
    asked, soon = timestamp.request(signature.value), datetime.now(UTC) + timedelta(minutes=1)
    got = timestamp.check_reply(authority.reply(asked.der), asked, signature.value, authorities, soon)
    data, late = with_timestamp(signature, got.token).der, got.proves + timedelta(days=365)
    for stolen, expected in ((got.proves + MOMENT, PASSED), (got.proves, (OPEN, [("SIGNING_TIME", "NO_POE")]))):
        revoked = _revoked(office, "signer", Revocation(stolen + timedelta(days=1), stolen))
        report = verify_signature(data, DIGESTS, office.trust(authorities=authorities, **revoked), late)
        assert says(report) == expected
        assert [row.name for row in report.checks] == [*ROWS[:3], "TIMESTAMP", *ROWS[3:]]
        assert report.claims is not None
        assert report.claims["existed_at"] == report.claims["stamped_at"] == got.proves.isoformat()
        assert report.claims["stamped_by"] == "Clock"
    # The token of another signature.
    other = with_timestamp(office.sign(property_info="another"), got.token).der
    report = verify_signature(other, DIGESTS, office.trust(authorities=authorities), late)
    assert says(report) == (FAILED, [("TIMESTAMP", "HASH_FAILURE")])


def test_the_earlier_of_two_proofs_counts(office: Office, stamped: Judged) -> None:
    for stolen, expected in ((STAMPED_AT + MOMENT, PASSED), (STAMPED_AT, (OPEN, [("SIGNING_TIME", "NO_POE")]))):
        revoked = _revoked(office, "signer", Revocation(stolen + timedelta(days=1), stolen))
        assert says(stamped(STAMPED_AT, **revoked)) == expected
        data = with_timestamp(office.sign(), b"token").der
        trust = office.trust(authorities=CLOCKS, **revoked)
        for existed_at, with_both in ((AT, expected), (SIGNED_AT, PASSED)):
            assert says(verify_signature(data, DIGESTS, trust, AT, existed_at=existed_at)) == with_both


def test_a_timestamp_is_not_older_than_what_it_stamps(stamped: Judged) -> None:
    early = SIGNED_AT - timedelta(seconds=61)
    assert says(stamped(early)) == (FAILED, [("TIMESTAMP", "SIG_CONSTRAINTS_FAILURE")])
    assert says(stamped(early + MOMENT)) == PASSED


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (VerificationError("forged"), (FAILED, [("TIMESTAMP", "SIG_CRYPTO_FAILURE")])),
        (VerificationError("other", SubIndication.HASH_FAILURE), (FAILED, [("TIMESTAMP", "HASH_FAILURE")])),
        (UncheckableError("no such suite"), (OPEN, [("TIMESTAMP", "GENERIC")])),
    ],
    ids=str,
)
def test_what_is_said_of_a_timestamp_is_reported(stamped: Judged, error: Exception, expected: Any) -> None:
    assert says(stamped(error)) == expected


# Certificates that are none, and callers' mistakes.


def test_a_certificate_that_cannot_be_read_fails_its_rows(es256: Office) -> None:
    rubbish = b"\x30\x03\x02\x01\x01"
    seal = es256.seal(es256.content(certificates=(rubbish,)))
    sealing = der.sequence(*sealing_parts(es256, seal.der))
    _, _, algorithm, value = elements(signed(es256, sealing))
    whole = der.sequence(sealing, der.octets(rubbish), algorithm, value)
    assert says(verify_signature(whole, DIGESTS, es256.trust(), AT)) == (FAILED, [
        ("SIGNATURE", "FORMAT_FAILURE"), ("CERTIFICATE", "FORMAT_FAILURE"), ("SIGNING_TIME", "FORMAT_FAILURE"),
    ])  # fmt: skip


def test_a_certificate_of_a_suite_without_seals_fails_as_a_maker() -> None:
    es256, other = OFFICES["ES256"], AUTHORITIES["Ed25519"]
    forged = replace(es256, maker=other.certificate, maker_key=es256.maker_key)
    whole = made(forged, prepare_seal(es256.content()))
    report = verify_seal(whole, es256.trust(), AT)
    assert ("SEAL_SIGNATURE", "SIG_CRYPTO_FAILURE") in complaints(report)


def test_without_the_library_sm2_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    office = new_office(new_authority("SM2-SM3"), "SM3")
    signature, trust = office.sign().der, office.trust()

    def missing() -> None:
        raise OSError

    libcrypto._library.cache_clear()
    monkeypatch.setattr(libcrypto, "load_library", missing)
    try:
        report = verify_signature(signature, DIGESTS, trust, AT)
    finally:
        libcrypto._library.cache_clear()
    assert says(report) == (OPEN, [
        (row, "GENERIC") for row in ("SIGNATURE", "CERTIFICATE", "SEAL_SIGNATURE", "SEAL_MAKER")
    ])  # fmt: skip
    assert "libssl3" in next(row.detail for row in report.checks if row.outcome is not Outcome.PASSED)


def test_a_time_without_a_zone_is_the_callers_mistake(es256: Office) -> None:
    naive, seal, signature = AT.replace(tzinfo=None), es256.seal().der, es256.sign().der
    for ask in (
        lambda: verify_seal(seal, es256.trust(), naive),
        lambda: verify_seal(seal, es256.trust(), AT, existed_at=naive),
        lambda: verify_signature(signature, DIGESTS, es256.trust(), naive),
        lambda: verify_signature(signature, DIGESTS, es256.trust(), AT, existed_at=naive),
        lambda: Revocation(naive),
        lambda: Revocation(AT, naive),
    ):
        with pytest.raises(FormatError):
            ask()


def test_intermediates_are_looked_at(es256: Office) -> None:
    key = es256.key.suite.generate()
    below = make_signer(Subject("下级"), key.public, es256.signer, es256.key, 80, START, END)
    seal = es256.seal(es256.content(certificates=(below.der,)))
    for intermediates, why in (((), "NO_CERTIFICATE_CHAIN_FOUND"), ((es256.signer,), "CHAIN_CONSTRAINTS_FAILURE")):
        report = _signature(es256, {"intermediates": intermediates}, seal=seal, certificate=below, key=key)
        assert says(report) == (OPEN, [("CERTIFICATE", why)])


def test_many_seals_do_not_confuse_what_is_remembered(office: Office) -> None:
    """Good answers are remembered: a seal that differs in one byte is another seal."""
    good = office.seal()
    assert says(verify_seal(good.der, office.trust(), AT)) == PASSED
    for spoilt in (good.der.replace(b"LHUB", b"LHUA"), good.der[:-1] + bytes((good.der[-1] ^ 1,))):
        report = verify_seal(spoilt, office.trust(), AT)
        assert says(report) == (FAILED, [("SEAL_SIGNATURE", "SIG_CRYPTO_FAILURE")])
    assert says(verify_seal(good.der, office.trust(), AT)) == PASSED


def test_a_large_seal_is_judged_as_a_small_one_is(es256: Office) -> None:
    large = es256.content(picture=replace(es256.content().picture, data=bytes(100_000)))
    assert says(_signature(es256, seal=es256.seal(large))) == PASSED


def test_certificates_are_equal_by_their_bytes(es256: Office) -> None:
    assert says(_seal(es256, makers=(Certificate.load(es256.maker.der),))) == PASSED
