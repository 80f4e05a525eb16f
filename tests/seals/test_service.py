"""Seals: which one seals now, what stays verifiable, and what a lost key costs."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import text

from hub.errors import AuthorityUnknownError, InputInvalidError, SealMissingError, SealUnusableError
from keys.certificates import Certificate
from keys.store import KeyStore
from keys.suites import SUITES
from keys.verification import Result, StatusAnswer, trust_from_metadata, verify_presentation
from tests.seals.made import people, wish_of
from tests.seals.setting import MARKET, NOW, THREE, URL, Setting

UNKNOWN = "11990200MB00000023"


@pytest.mark.parametrize("suite", [pytest.param(name, id=name) for name, row in SUITES.items() if row.available()])
def test_what_a_made_seal_seals_verifies_under_every_suite(setting: Setting, suite: str) -> None:
    made = setting.make(suite=suite)
    sealer = setting.seals.sealer(MARKET)
    assert (sealer.kid, sealer.es_id, sealer.issuer) == (made.kid, made.es_id, f"{URL}/authorities/{MARKET}")
    assert sealer.key.suite.name == suite
    assert setting.verify(setting.seal(sealer)).result is Result.TOTAL_PASSED


def test_the_number_of_a_seal_is_division_and_serial(setting: Setting) -> None:
    numbers = [setting.make(f"电子证照专用章({n})").es_id for n in range(1, 4)]
    assert numbers == ["99010000000001", "99010000000002", "99010000000003"]


def test_one_root_per_suite_signs_all_its_seals(setting: Setting) -> None:
    for place, suite in enumerate(("ES256", "ES256", "Ed25519"), start=1):
        setting.make(f"电子证照专用章({place})", suite)
    roots = setting.seals.roots()
    assert sorted(root.public_key.suite.name for root in roots) == ["ES256", "Ed25519"]
    assert all(root.is_ca and root.not_after.year == NOW.year + 20 for root in roots)
    one = ["APPLY", "APPROVE", "MAKE", "CERTIFY", "FILE"]
    first = ["APPLY", "APPROVE", "MAKE", "MAKE_ROOT", "CERTIFY", "FILE"]
    assert setting.acts() == [*first, *one, *first]


def test_the_certificate_names_the_seal_and_its_owner(setting: Setting) -> None:
    made = setting.make(years=3)
    certificate = setting.seals.trust().keys[made.kid].certificate
    assert certificate.subject.credit_code == MARKET
    assert certificate.subject.common_name == "星河市市场监督管理局电子证照专用章"
    assert certificate.not_before == NOW.replace(microsecond=0)
    assert certificate.not_after == certificate.not_before.replace(year=2029)


def test_only_known_authorities_have_seals(setting: Setting) -> None:
    with pytest.raises(AuthorityUnknownError):
        setting.changes.apply(people(UNKNOWN).applicant, replace(wish_of(setting, MARKET), authority=UNKNOWN))
    with pytest.raises(SealMissingError):
        setting.seals.sealer(MARKET)
    with pytest.raises(SealMissingError):
        setting.seals.metadata(MARKET)


def test_a_rotated_seal_seals_with_its_new_key_and_the_old_stays_verifiable(setting: Setting) -> None:
    first = setting.make()
    before = setting.seals.sealer(MARKET)
    old = setting.seal(before)
    setting.clock.advance(days=100)
    second = setting.changes.rotate(THREE.maker, first.es_id)
    assert second.es_id == first.es_id
    assert setting.seals.sealer(MARKET).kid == second.kid != first.kid
    assert setting.verify(old).result is Result.TOTAL_PASSED
    assert setting.verify(setting.seal(setting.seals.sealer(MARKET))).result is Result.TOTAL_PASSED


def test_a_retired_key_seals_nothing_that_verifies(setting: Setting) -> None:
    made = setting.make()
    retired = setting.seals.sealer(MARKET)
    in_time = setting.seal(retired)  # in the very second in which the key is retired
    setting.changes.rotate(THREE.maker, made.es_id)
    setting.clock.advance(seconds=1)
    assert setting.verify(in_time).result is Result.TOTAL_PASSED
    assert setting.failed(setting.seal(retired)) == {"SEAL": "EXPIRED"}


def test_the_newest_active_seal_seals(setting: Setting) -> None:
    older = setting.make()
    setting.clock.advance(days=1)
    newer = setting.make("电子证照专用章(2)")
    assert setting.seals.sealer(MARKET).es_id == newer.es_id
    setting.changes.suspend(THREE.approver, newer.es_id, "CERTIFICATE_HOLD")
    assert setting.seals.sealer(MARKET).es_id == older.es_id
    setting.changes.resume(THREE.approver, newer.es_id, "UNSPECIFIED")
    assert setting.seals.sealer(MARKET).es_id == newer.es_id


def test_the_seal_for_licences_seals_them_whatever_else_is_made_later(setting: Setting) -> None:
    licences, approvals = setting.make("电子证照专用章").es_id, setting.make("行政审批专用章").es_id
    assert setting.seals.sealer(MARKET).es_id == licences
    setting.changes.suspend(THREE.approver, licences, "CERTIFICATE_HOLD")
    assert setting.seals.sealer(MARKET).es_id == approvals


def test_a_suspended_seal_seals_nothing_and_what_it_sealed_stands(setting: Setting) -> None:
    made = setting.make()
    sealed = setting.seal(setting.seals.sealer(MARKET))
    setting.changes.suspend(THREE.approver, made.es_id, "CERTIFICATE_HOLD")
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    with pytest.raises(SealUnusableError):
        setting.changes.rotate(THREE.maker, made.es_id)
    assert setting.verify(sealed).result is Result.TOTAL_PASSED


def test_a_revoked_seal_seals_nothing_for_ever_but_what_it_sealed_stands(setting: Setting) -> None:
    made = setting.make()
    sealer = setting.seals.sealer(MARKET)
    sealed = setting.seal(sealer)
    setting.clock.advance(days=10)
    setting.changes.revoke(THREE.approver, made.es_id, "CESSATION_OF_OPERATION")
    setting.clock.advance(days=10)
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    assert setting.verify(sealed).result is Result.TOTAL_PASSED
    assert setting.failed(setting.seal(sealer)) == {"SEAL": "REVOKED"}
    for change in (setting.changes.resume, setting.changes.suspend, setting.changes.revoke):
        with pytest.raises(SealUnusableError):
            change(THREE.approver, made.es_id, "UNSPECIFIED")


def test_after_a_stolen_key_only_proof_of_existence_helps(setting: Setting) -> None:
    made = setting.make()
    sealed = setting.seal(setting.seals.sealer(MARKET))
    setting.clock.advance(days=10)
    setting.changes.report_compromise(THREE.applicant, made.es_id)
    setting.changes.confirm_compromise(THREE.approver, made.es_id)
    setting.clock.advance(days=1)
    assert setting.verify(sealed).result is Result.INDETERMINATE
    assert setting.failed(sealed) == {"SEAL": "NO_POE"}
    assert setting.verify(sealed, existed_at=NOW + timedelta(days=1)).result is Result.TOTAL_PASSED


def test_an_expired_seal_seals_nothing_and_what_it_sealed_stands(setting: Setting) -> None:
    setting.make(years=1)
    sealer = setting.seals.sealer(MARKET)
    sealed = setting.seal(sealer)
    setting.clock.instant = NOW.replace(year=2027, microsecond=0) - timedelta(microseconds=1)
    assert setting.seals.sealer(MARKET) == sealer
    setting.clock.advance(microseconds=1)
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    assert setting.verify(sealed).result is Result.TOTAL_PASSED
    assert setting.failed(setting.seal(sealer))["SEAL"] == "EXPIRED"


def test_a_clock_before_the_certificate_seals_nothing(setting: Setting) -> None:
    setting.make()
    setting.clock.instant = NOW - timedelta(seconds=2)
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)


def test_a_seal_never_outlives_its_makers_root(setting: Setting) -> None:
    setting.make()
    (root,) = setting.seals.roots()
    setting.clock.instant = NOW.replace(year=NOW.year + 18)
    made = setting.make("电子证照专用章(2)", years=10)
    assert setting.seals.trust().keys[made.kid].certificate.not_after == root.not_after
    assert setting.verify(setting.seal(setting.seals.sealer(MARKET))).result is Result.TOTAL_PASSED


def test_published_metadata_is_all_that_a_verifier_elsewhere_needs(setting: Setting) -> None:
    made = setting.make()
    old = setting.seal(setting.seals.sealer(MARKET))
    setting.changes.rotate(THREE.maker, made.es_id)
    metadata = json.loads(json.dumps(setting.seals.metadata(MARKET)))
    assert metadata["issuer"] == f"{URL}/authorities/{MARKET}"
    assert [key["seal"] for key in metadata["jwks"]["keys"]] == [made.es_id] * 2
    assert all(
        key["use"] == "sig" and key["alg"] == "ES256" and len(key["x5c"]) == 2 for key in metadata["jwks"]["keys"]
    )
    assert all("d" not in key for key in metadata["jwks"]["keys"])
    trust = trust_from_metadata([metadata], setting.seals.roots())
    assert dict(trust.keys) == dict(setting.seals.trust().keys)
    now = setting.clock.now()
    assert verify_presentation(old, trust, StatusAnswer("VALID", now), now).result is Result.TOTAL_PASSED


def test_another_process_sees_a_change_after_its_refresh_and_the_epoch_tells_it(setting: Setting) -> None:
    other = setting.another()
    made = setting.make()
    with pytest.raises(SealMissingError):
        other.sealer(MARKET)
    other.refresh()
    assert other.sealer(MARKET).kid == made.kid
    setting.changes.suspend(THREE.approver, made.es_id, "CERTIFICATE_HOLD")
    with setting.database.snapshot() as session:
        epoch = session.execute(text("SELECT value FROM policy_epoch")).scalar_one()
    assert epoch == 7  # the authority, four steps to the seal, the suspension
    other.refresh()
    with pytest.raises(SealUnusableError):
        other.sealer(MARKET)


def test_private_keys_are_in_the_key_store_only(setting: Setting, tmp_path: Path) -> None:
    setting.make()
    with setting.database.snapshot() as session:
        rows = session.execute(
            text(
                "SELECT certificate, key_uri FROM signer_certificate UNION SELECT certificate, key_uri FROM seal_maker"
            )
        ).all()
    store = KeyStore.open(tmp_path / "keys", b"made-up passphrase")
    assert len(rows) == 2
    for certificate, uri in rows:
        assert store.private(uri).public == Certificate.load(bytes(certificate)).public_key


@pytest.mark.parametrize("reason", ["", "lost it", "key_compromise"])
def test_reasons_are_words_of_the_standard(setting: Setting, reason: str) -> None:
    made = setting.make()
    with pytest.raises(InputInvalidError):
        setting.changes.revoke(THREE.approver, made.es_id, reason)
    with pytest.raises(SealMissingError):
        setting.changes.revoke(THREE.approver, "99010099999999", "UNSPECIFIED")
    assert setting.seals.sealer(MARKET).es_id == made.es_id
