"""Roots, makers and certificates of seals: ours, and those of an outside authority, judged by openssl; and what is told as of a moment."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import text

from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import SEAL_MAKER
from hub.errors import HubError, InputInvalidError, SealUnusableError
from hub.seals.certifying import KeySource
from hub.seals.kinds import Custody, KeyPlace
from hub.seals.life import STEPS, SealStatus
from hub.seals.refusals import (
    SealCertificateError,
    SealCustodyError,
    SealExistsError,
    SealFourEyesError,
    SealKeyPlaceError,
    SealKeyUsedError,
)
from hub.seals.service import Seals
from keys import certificate_request, cms, cms_verification
from keys.certificates import Certificate, Subject
from keys.contracts import PrivateKey
from keys.digests import digests_of
from keys.report import Result
from keys.ses_seal import parse_seal
from keys.suites import SUITES
from tests.seals.made import make_seal, person, wish_of
from tests.seals.outside import BEGIN, OutsideAuthority
from tests.seals.sealing import sealing_of
from tests.seals.setting import MARKET, NAME, NOW, THREE, URL, Setting

FILE = digests_of(b"file")
SUITES_HERE = [name for name in ("ES256", "SM2-SM3") if SUITES[name].available()]


def believing(setting: Setting, *roots: Certificate) -> Setting:
    """Return a hub that believes outside roots."""
    seals = Seals(setting.database, setting.store, setting.clock, public_url=URL, outside_roots=roots)
    seals.refresh()
    return Setting(
        seals, setting.clock, setting.database, setting.store, setting.vault, setting.audit, setting.catalogue,
        setting.another,
    )  # fmt: skip


def approved(setting: Setting, **changes: Any) -> str:
    application = setting.changes.apply(THREE.applicant, wish_of(setting, MARKET, **changes))
    setting.changes.approve(THREE.approver, application)
    return application


def whole(setting: Setting) -> datetime:
    return setting.clock.now().replace(microsecond=0)


def rows(setting: Setting, table: str) -> int:
    with setting.database.snapshot() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


# -- our own root and maker ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES_HERE)
def test_a_maker_under_the_root_makes_seals_and_the_root_makes_none(setting: Setting, suite: str) -> None:
    es_id = setting.make(suite=suite).es_id
    maker = setting.seals.register.makers[suite]
    der = setting.office.ses_seal(es_id)
    assert der is not None
    assert parse_seal(der).maker == maker.maker_certificate.der
    assert maker.certificate.is_ca
    assert not maker.maker_certificate.is_ca
    assert setting.seals.seal_trust().makers == (maker.maker_certificate,)
    assert setting.seals.roots() == (maker.certificate,)


def test_openssl_leads_maker_and_signer_to_the_root(setting: Setting, tmp_path: Path) -> None:
    seal = setting.seals.seal(setting.make().es_id)
    maker = setting.seals.register.makers["ES256"]
    (tmp_path / "root.pem").write_bytes(maker.certificate.to_pem())
    for certificate in (maker.maker_certificate, seal.signers[0].certificate):
        (tmp_path / "one.pem").write_bytes(certificate.to_pem())
        at = str(int(NOW.timestamp()) + 60)
        command = ["openssl", "verify", "-x509_strict", "-attime", at, "-CAfile", "root.pem", "one.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        shown = subprocess.run(
            ["openssl", "x509", "-in", "one.pem", "-noout", "-ext", "crlDistributionPoints"],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert f"URI:{URL}/.well-known/licence-hub/revocations/ES256.crl" in shown


def test_a_root_can_be_made_before_the_first_seal_once_and_by_a_maker_of_the_whole_hub(setting: Setting) -> None:
    with pytest.raises(RoleMissingError):
        setting.changes.make_root(person("maker", [SEAL_MAKER], MARKET), "ES256")
    with pytest.raises(InputInvalidError):
        setting.changes.make_root(THREE.maker, "RSA")
    setting.changes.make_root(THREE.maker, "ES256")
    root = setting.seals.register.makers["ES256"].certificate
    with pytest.raises(SealExistsError):
        setting.changes.make_root(THREE.maker, "ES256")
    setting.make()
    assert setting.seals.roots() == (root,)
    assert setting.acts().count("MAKE_ROOT") == 1


def test_a_place_that_the_hub_lacks_is_told_and_nothing_half_made_remains(setting: Setting) -> None:
    application = approved(setting)
    with pytest.raises(SealKeyPlaceError):
        setting.changes.make(THREE.maker, application, KeySource(place=KeyPlace.PKCS11))
    with pytest.raises(SealKeyPlaceError):
        setting.changes.make_root(THREE.maker, "ES256", KeyPlace.PKCS11)
    assert [rows(setting, table) for table in ("seal", "signer_certificate", "seal_maker")] == [0, 0, 0]
    assert setting.office.application(application).status is SealStatus.APPROVED
    assert setting.changes.make(THREE.maker, application).es_id == "99010000000001"


# -- an outside authority ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES_HERE)
def test_a_seal_under_an_outside_authority_seals_licences_and_files(setting: Setting, suite: str) -> None:
    outside = OutsideAuthority(suite)
    here = believing(setting, outside.root)
    application = approved(here, suite=suite)
    request = here.changes.request(THREE.maker, application)
    made = here.changes.make(THREE.maker, application, KeySource(chain=outside.answer(request)))
    here.changes.file(THREE.maker, made.es_id)
    assert here.verify(here.seal(here.seals.sealer(MARKET))).result == "TOTAL_PASSED"
    sealing = sealing_of(here)
    sealed = sealing.sign(THREE.applicant, made.es_id, FILE, "发文")
    report = sealing.verify(sealed.der, FILE)
    assert report.result is Result.TOTAL_PASSED, report
    if sealed.form.name == "CMS":  # it brings what is between the signer and the root
        believed = cms_verification.Trust((outside.root,), revocations={})
        assert cms_verification.verify(sealed.der, FILE, believed, here.clock.now()).result is Result.TOTAL_PASSED
    (key,) = here.seals.metadata(MARKET)["jwks"]["keys"]
    assert len(key["x5c"]) == 3
    assert outside.root in here.seals.roots()
    assert [each.step for each in here.office.history(application)][2:4] == ["REQUEST", "MAKE"]


def test_the_request_is_good_for_openssl_and_its_answer_is_taken(setting: Setting, tmp_path: Path) -> None:
    application = approved(setting)
    (tmp_path / "request.pem").write_bytes(setting.changes.request(THREE.maker, application))
    (tmp_path / "signer.ext").write_text(
        "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature,nonRepudiation\n"
    )
    for command in (
        ["req", "-in", "request.pem", "-verify", "-noout"],
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "root.key", "-out", "root.pem",
         "-subj", "/CN=Made-up Root", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-days", "36500"],
        ["x509", "-req", "-in", "request.pem", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "7", "-days", "3650",
         "-extfile", "signer.ext", "-out", "signer.pem"],
    ):  # fmt: skip
        subprocess.run(["openssl", *command], cwd=tmp_path, check=True, capture_output=True)
    bundle = (tmp_path / "signer.pem").read_bytes() + (tmp_path / "root.pem").read_bytes()
    (root,) = Certificate.load_pem_bundle((tmp_path / "root.pem").read_bytes())
    here = believing(setting, root)
    here.clock.advance(days=(root.not_before - here.clock.now()).days + 2)
    made = here.changes.make(THREE.maker, application, KeySource(chain=bundle))
    here.changes.file(THREE.maker, made.es_id)
    assert here.verify(here.seal(here.seals.sealer(MARKET))).result == "TOTAL_PASSED"


def test_an_active_seal_gets_its_next_key_certified_outside(setting: Setting) -> None:
    outside = OutsideAuthority()
    here = believing(setting, outside.root)
    es_id = here.make().es_id
    (application,) = here.office.applications(MARKET)
    old = here.seal(here.seals.sealer(MARKET))
    here.clock.advance(days=1)
    request = here.changes.request(THREE.maker, application.id)
    assert here.seals.sealer(MARKET).es_id == es_id
    made = here.changes.rotate(THREE.maker, es_id, KeySource(chain=outside.answer(request)))
    assert here.seals.sealer(MARKET).kid == made.kid
    assert here.verify(old).result == here.verify(here.seal(here.seals.sealer(MARKET))).result == "TOTAL_PASSED"
    with pytest.raises(SealCertificateError):
        here.changes.rotate(THREE.maker, es_id, KeySource(chain=outside.answer(request)))


def test_an_owner_brings_the_certificate_of_the_key_he_keeps(setting: Setting) -> None:
    outside, key = OutsideAuthority(), SUITES["ES256"].generate()
    here = believing(setting, outside.root)
    application = approved(here, custody=Custody.OWNER)
    with pytest.raises(SealCustodyError):
        here.changes.request(THREE.maker, application)
    with pytest.raises(SealCustodyError):
        here.changes.make(THREE.maker, application, KeySource(key.public, outside.certify(key.public)))
    made = here.changes.make(THREE.maker, application, KeySource(chain=outside.certify(key.public)))
    here.changes.file(THREE.maker, made.es_id)
    assert here.seals.public_key(made.kid) == key.public


def test_a_key_is_one_seals_alone_for_ever(setting: Setting) -> None:
    key = SUITES["ES256"].generate()
    es_id = setting.changes.make(THREE.maker, approved(setting, custody=Custody.OWNER), KeySource(key.public)).es_id
    setting.changes.file(THREE.maker, es_id)
    second = approved(setting, purpose="证明专用章", custody=Custody.OWNER)
    with pytest.raises(SealKeyUsedError):
        setting.changes.make(THREE.maker, second, KeySource(key.public))
    with pytest.raises(SealKeyUsedError):
        setting.changes.rotate(THREE.maker, es_id, KeySource(key.public))
    assert rows(setting, "signer_certificate") == 1


def test_neither_a_seal_that_is_not_filed_nor_a_key_that_was_replaced_signs_files(setting: Setting) -> None:
    old, sealing = SUITES["ES256"].generate(), sealing_of(setting)
    es_id = setting.changes.make(THREE.maker, approved(setting, custody=Custody.OWNER), KeySource(old.public)).es_id
    early = cms.sign(FILE.by("sha-256"), old, setting.seals.seal(es_id).signers[0].certificate, whole(setting))
    assert sealing.verify(early, FILE).result is Result.TOTAL_FAILED
    setting.changes.file(THREE.maker, es_id)
    setting.clock.advance(hours=1)
    good = cms.sign(FILE.by("sha-256"), old, setting.seals.seal(es_id).signers[0].certificate, whole(setting))
    setting.clock.advance(hours=1)
    setting.changes.rotate(THREE.maker, es_id, KeySource(SUITES["ES256"].generate().public))
    setting.clock.advance(hours=1)
    late = cms.sign(FILE.by("sha-256"), old, setting.seals.seal(es_id).signers[0].certificate, whole(setting))
    assert sealing.verify(good, FILE).result is Result.TOTAL_PASSED
    assert sealing.verify(late, FILE).result is Result.TOTAL_FAILED


def _other_key(outside: OutsideAuthority, _key: PrivateKey) -> bytes:
    return outside.certify(SUITES["ES256"].generate().public)


def _other_name(outside: OutsideAuthority, key: PrivateKey) -> bytes:
    return outside.certify(key.public, Subject("别的印章", NAME, MARKET))


def _other_root(_outside: OutsideAuthority, key: PrivateKey) -> bytes:
    return OutsideAuthority().certify(key.public)


def _expired(outside: OutsideAuthority, key: PrivateKey) -> bytes:
    return outside.certify(key.public, until=BEGIN + timedelta(days=1))


def _no_root(outside: OutsideAuthority, key: PrivateKey) -> bytes:
    return outside.certify(key.public).rpartition(b"-----BEGIN")[0]


@pytest.mark.parametrize(
    "spoil", [_other_key, _other_name, _other_root, _expired, _no_root, lambda *_: b"", lambda *_: b"\x00"]
)
def test_a_certificate_that_does_not_fit_is_refused_and_the_next_one_taken(setting: Setting, spoil: object) -> None:
    outside = OutsideAuthority()
    here = believing(setting, outside.root)
    application = approved(here)
    with pytest.raises(SealCertificateError):
        here.changes.make(THREE.maker, application, KeySource(chain=outside.certify(SUITES["ES256"].generate().public)))
    asked = certificate_request.read(here.changes.request(THREE.maker, application))
    with here.database.snapshot() as session:
        uri = session.execute(text("SELECT requested_key FROM seal_application")).scalar_one()
    assert callable(spoil)
    with pytest.raises(SealCertificateError) as refused:
        here.changes.make(THREE.maker, application, KeySource(chain=spoil(outside, here.store.private(uri))))
    assert NAME not in str(refused.value)
    assert (rows(here, "seal"), rows(here, "signer_certificate")) == (0, 0)
    here.changes.make(THREE.maker, application, KeySource(chain=outside.certify(asked.public_key)))


def test_who_applied_or_approved_does_not_ask_for_the_certificate(setting: Setting) -> None:
    application = approved(setting)
    with pytest.raises(SealFourEyesError):
        setting.changes.request(person("approver", [SEAL_MAKER], None), application)
    unapproved = setting.changes.apply(THREE.applicant, wish_of(setting, MARKET, "证明专用章"))
    with pytest.raises(SealUnusableError):
        setting.changes.request(THREE.maker, unapproved)


# -- as of a moment ------------------------------------------------------------------------------------------------------


def test_status_and_signer_are_told_as_of_any_moment(setting: Setting) -> None:
    moments = []

    def then(act: object, *arguments: object) -> None:
        setting.clock.advance(hours=1)
        assert callable(act)
        act(*arguments)
        moments.append(setting.clock.now())

    application = approved(setting)
    moments.append(setting.clock.now())
    then(lambda: setting.changes.make(THREE.maker, application))
    es_id = setting.office.application(application).es_id
    then(setting.changes.file, THREE.maker, es_id)
    then(setting.changes.suspend, THREE.approver, es_id, "CERTIFICATE_HOLD")
    then(setting.changes.resume, THREE.approver, es_id, "UNSPECIFIED")
    then(setting.changes.rotate, THREE.maker, es_id)
    then(setting.changes.report_compromise, THREE.applicant, es_id)
    then(setting.changes.confirm_compromise, THREE.approver, es_id)
    seal = setting.seals.seal(str(es_id))
    micros = [int(each.timestamp() * 1_000_000) for each in moments]
    assert seal.status_at(micros[0] - 7_200_000_000) is None
    assert [seal.status_at(each) for each in micros] == [
        "APPROVED", "MADE", "ACTIVE", "SUSPENDED", "ACTIVE", "ACTIVE", "REVOKED", "REVOKED",
    ]  # fmt: skip
    first, second = (each.kid for each in seal.signers)
    signers = [signer.kid if (signer := seal.signer_at(each)) else None for each in micros]
    assert signers == [None, None, first, None, first, second, None, None]


def test_a_seal_expires_by_its_date_and_no_step_says_so(setting: Setting) -> None:
    seal = setting.seals.seal(setting.make(years=1).es_id)
    assert seal.status_at(seal.valid_until - 1) is SealStatus.ACTIVE
    assert seal.status_at(seal.valid_until) is SealStatus.EXPIRED
    assert SealStatus.EXPIRED not in {step.to for step in STEPS.values()}


def test_a_suspended_seal_is_on_hold_for_verifiers_and_free_again(setting: Setting) -> None:
    es_id = make_seal(setting, MARKET).es_id
    sealing = sealing_of(setting)
    before = sealing.sign(THREE.applicant, es_id, FILE, "发文").der
    setting.clock.advance(hours=1)
    setting.changes.suspend(THREE.approver, es_id, "CERTIFICATE_HOLD")
    ended = setting.seals.seal(es_id).ended
    assert ended is not None
    assert (ended.reason, ended.compromised_at) == ("CERTIFICATE_HOLD", None)
    assert sealing.verify(before, FILE).result is Result.TOTAL_PASSED
    with pytest.raises(HubError):
        sealing.sign(THREE.applicant, es_id, FILE, "发文")
    setting.changes.resume(THREE.approver, es_id, "UNSPECIFIED")
    assert setting.seals.seal(es_id).ended is None
