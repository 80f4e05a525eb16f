"""Files under a seal: detached signatures that others verify too, uses on record, and owners who keep their key."""

import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import text

from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import LICENCE_OFFICER, SEAL_MAKER
from hub.audit.service import Entry
from hub.errors import HubError, InputInvalidError, SealMissingError, SealUnusableError
from hub.seals.certifying import KeySource
from hub.seals.files import FileSealing
from hub.seals.kinds import Custody
from hub.seals.refusals import FileEmptyError, PreparedInvalidError, SealCustodyError, SealValueInvalidError
from keys.digests import Digests, digests_of
from keys.report import Result
from keys.suites import SUITES
from tests.seals.made import make_seal, person, wish_of
from tests.seals.sealing import (
    ANOTHER,
    DOCUMENT,
    FILE,
    SUITES_OF_FILES,
    WHY,
    failed,
    made_outside,
    sealing_of,
    steal,
    uses,
)
from tests.seals.setting import MARKET, THREE, Setting


@pytest.fixture
def sealing(setting: Setting) -> FileSealing:
    return sealing_of(setting)


def prepared_at(setting: Setting, sealing: FileSealing, es_id: str, **step: float) -> bytes:
    """Return what is prepared at another time."""
    now = setting.clock.instant
    setting.clock.advance(**step)
    prepared = sealing.prepare(es_id, DOCUMENT)
    setting.clock.instant = now
    return prepared


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_a_sealed_file_verifies_and_a_changed_one_does_not(setting: Setting, sealing: FileSealing, suite: str) -> None:
    es_id = setting.make(suite=suite).es_id
    sealed = sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    report = sealing.verify(sealed.der, DOCUMENT)
    assert report.result is Result.TOTAL_PASSED, failed(report)
    assert report.claims is not None
    assert report.claims["credit_code"] == MARKET
    assert sealing.verify(sealed.der, ANOTHER).result is Result.TOTAL_FAILED
    (use,) = uses(setting)
    assert (use["staff"], use["seal"], use["reason"], use["form"]) == ("applicant", es_id, WHY, sealed.form.name)


def test_openssl_verifies_what_an_es256_seal_signed(setting: Setting, sealing: FileSealing, tmp_path: Path) -> None:
    es_id = setting.make().es_id
    (tmp_path / "file").write_bytes(FILE)
    (tmp_path / "file.p7s").write_bytes(sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY).der)
    (tmp_path / "root.pem").write_bytes(setting.seals.roots()[0].to_pem())
    command = [
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "file.p7s", "-content", "file", "-CAfile", "root.pem",
        "-purpose", "any", "-attime", str(int(setting.clock.now().timestamp()) + 5), "-out", "/dev/null",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_an_owner_signs_elsewhere_what_was_prepared(setting: Setting, sealing: FileSealing, suite: str) -> None:
    key, changes = SUITES[suite].generate(), setting.changes
    application = changes.apply(THREE.applicant, wish_of(setting, MARKET, suite=suite, custody=Custody.OWNER))
    changes.approve(THREE.approver, application)
    es_id = changes.make(THREE.maker, application, KeySource(key.public)).es_id
    changes.file(THREE.maker, es_id)
    with pytest.raises(SealCustodyError):
        sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    prepared = sealing.prepare(es_id, DOCUMENT)
    for value in (SUITES[suite].generate().sign_der(prepared), key.sign_der(prepared + b"x"), b""):
        with pytest.raises(SealValueInvalidError):
            sealing.complete(THREE.applicant, es_id, prepared, value, DOCUMENT, WHY)
    early = prepared_at(setting, sealing, es_id, days=1)
    for bytes_, document in ((prepared, ANOTHER), (b"none", DOCUMENT), (b"", DOCUMENT), (early, DOCUMENT)):
        with pytest.raises(PreparedInvalidError):
            sealing.complete(THREE.applicant, es_id, bytes_, key.sign_der(bytes_), document, WHY)
    assert uses(setting) == []
    sealed = sealing.complete(THREE.applicant, es_id, prepared, key.sign_der(prepared), DOCUMENT, WHY)
    assert sealing.verify(sealed.der, DOCUMENT).result is Result.TOTAL_PASSED
    assert len(uses(setting)) == 1


def test_a_seal_that_may_not_seal_signs_no_file(setting: Setting, sealing: FileSealing) -> None:
    es_id = setting.make().es_id
    setting.changes.suspend(THREE.approver, es_id, "CERTIFICATE_HOLD")
    with pytest.raises(SealUnusableError):
        sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    with pytest.raises(SealMissingError):
        sealing.sign(THREE.applicant, "99010000000099", DOCUMENT, WHY)
    assert uses(setting) == []


@pytest.mark.parametrize(
    ("staff", "reason", "refusal"),
    [
        (person("x", [SEAL_MAKER], MARKET), WHY, RoleMissingError),
        (person("x", [LICENCE_OFFICER], "11990200MB00000023"), WHY, RoleMissingError),
        (THREE.applicant, " ", InputInvalidError),
        (THREE.applicant, "x" * 201, InputInvalidError),
    ],
)
def test_a_use_needs_a_hand_and_a_reason(
    setting: Setting, sealing: FileSealing, staff: Any, reason: str, refusal: type[HubError]
) -> None:
    es_id = setting.make().es_id
    with pytest.raises(refusal):
        sealing.sign(staff, es_id, DOCUMENT, reason)
    assert uses(setting) == []


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_a_seal_signs_the_digest_of_its_own_suite_and_no_other(
    setting: Setting, sealing: FileSealing, suite: str
) -> None:
    es_id, (name, other) = setting.make(suite=suite).es_id, ("sha-256", "sm3")[:: 1 if suite == "ES256" else -1]
    assert sealing.form(es_id).digest == name
    mine, theirs = (Digests({each: DOCUMENT.by(each)}) for each in (name, other))
    with pytest.raises(InputInvalidError, match=name):
        sealing.sign(THREE.applicant, es_id, theirs, WHY)
    with pytest.raises(FileEmptyError):
        sealing.sign(THREE.applicant, es_id, digests_of(b""), WHY)
    assert uses(setting) == []
    sealed = sealing.sign(THREE.applicant, es_id, mine, WHY)
    assert sealing.verify(sealed.der, mine).result is Result.TOTAL_PASSED
    report = sealing.verify(sealed.der, theirs)
    assert (report.result, failed(report)) == (Result.INDETERMINATE, {"DATA_HASH": "GENERIC"})
    assert uses(setting)[0]["digest"] == DOCUMENT.by(name).hex()


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_what_was_prepared_for_another_seal_completes_nothing(
    setting: Setting, sealing: FileSealing, suite: str
) -> None:
    one, other = setting.make(suite=suite).es_id, make_seal(setting, MARKET, "证明专用章", suite).es_id
    prepared = sealing.prepare(other, DOCUMENT)
    value = setting.seals.sealer_of(one).key.sign_der(prepared)
    with pytest.raises(PreparedInvalidError):
        sealing.complete(THREE.applicant, one, prepared, value, DOCUMENT, WHY)
    assert uses(setting) == []


def test_a_record_of_something_else_proves_nothing(setting: Setting, sealing: FileSealing) -> None:
    es_id = setting.make().es_id
    forged = made_outside(setting, sealing, es_id)
    digest = sha256(sealing.form(es_id).value(forged)).hexdigest()
    with setting.database.transaction() as session:
        setting.audit.append(session, Entry("seal", {"operation": "USE", "value": digest[::-1]}, digest[:32]))
    setting.clock.advance(days=1)
    steal(setting, es_id)
    assert sealing.verify(forged, DOCUMENT).result is Result.INDETERMINATE


def test_an_ed25519_seal_signs_licences_only(setting: Setting, sealing: FileSealing) -> None:
    es_id = setting.make(suite="Ed25519").es_id
    with pytest.raises(InputInvalidError):
        sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_what_was_signed_before_an_end_stands(setting: Setting, sealing: FileSealing, suite: str) -> None:
    es_id = setting.make(suite=suite).es_id
    sealed = sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    setting.clock.advance(days=1)
    setting.changes.revoke(THREE.approver, es_id, "CESSATION_OF_OPERATION")
    assert sealing.verify(sealed.der, DOCUMENT).result is Result.TOTAL_PASSED


@pytest.mark.parametrize("suite", SUITES_OF_FILES)
def test_after_a_theft_stands_what_was_on_record_before_and_nothing_else(
    setting: Setting, sealing: FileSealing, suite: str
) -> None:
    es_id = setting.make(suite=suite).es_id
    sealed = sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY)
    recorded_at = setting.clock.now().isoformat()
    forged = made_outside(setting, sealing, es_id)
    assert sealing.verify(forged, DOCUMENT).result is Result.TOTAL_PASSED
    setting.clock.advance(days=1)
    steal(setting, es_id)
    report = sealing.verify(sealed.der, DOCUMENT)
    assert report.result is Result.TOTAL_PASSED, failed(report)
    assert report.claims is not None
    assert report.claims["existed_at"] == recorded_at
    report = sealing.verify(forged, DOCUMENT)
    assert report.result is Result.INDETERMINATE
    assert set(failed(report).values()) == {"NO_POE"}
    with setting.database.transaction() as session:
        session.execute(text("DELETE FROM audit_record WHERE kind = 'seal'"))
    assert sealing.verify(sealed.der, DOCUMENT).result is Result.INDETERMINATE


def test_one_signature_is_one_use(setting: Setting, sealing: FileSealing) -> None:
    es_id = setting.make().es_id
    prepared = sealing.prepare(es_id, DOCUMENT)
    value = setting.seals.sealer_of(es_id).key.sign_der(prepared)
    first, again = (sealing.complete(THREE.applicant, es_id, prepared, value, DOCUMENT, WHY) for _ in range(2))
    assert first == again
    assert len(uses(setting)) == 1


@pytest.mark.parametrize("junk", [b"", b"\x30", b"0\x80\x06", b"no DER", b"\x30\x03\x02\x01\x05"])
def test_junk_is_no_signature(sealing: FileSealing, junk: bytes) -> None:
    report = sealing.verify(junk, DOCUMENT)
    assert (report.result, report.checks[0].sub_indication) == (Result.TOTAL_FAILED, "FORMAT_FAILURE")
