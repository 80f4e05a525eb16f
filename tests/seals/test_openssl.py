"""The real `openssl` command as the owner's key and as the judge of what a hub's seals sign; and keys that were replaced."""

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from hub.seals.certifying import KeySource
from hub.seals.files import FileSealing
from hub.seals.kinds import Custody
from keys import cms, ses_making
from keys.cms_reading import read
from keys.contracts import PublicKey
from keys.digests import digests_of
from keys.report import Outcome, Result
from keys.ses_seal import parse_seal
from keys.ses_signature import parse_signature
from keys.suites import SUITES, load_public_pem
from tests.seals.made import wish_of
from tests.seals.sealing import sealing_of
from tests.seals.setting import MARKET, THREE, Setting

DOCUMENT = digests_of("关于同意设立的批复\n".encode())
WHY = "发文"
GENERATE = {"SM2-SM3": ["-algorithm", "SM2"], "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}
DIGEST = {"SM2-SM3": ["-sm3"], "ES256": ["-sha256"]}
USER_ID = {"SM2-SM3": ["-sigopt", "distid:1234567812345678"], "ES256": []}
FILE_SUITES = pytest.mark.parametrize("suite", [name for name in GENERATE if SUITES[name].available()])


@dataclass(frozen=True)
class OpenSSL:
    """The command, in a folder of its own."""

    folder: Path
    suite: str

    def run(self, *arguments: str) -> bytes:
        """Run it; CalledProcessError when it refuses."""
        return subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True).stdout

    def new_key(self, name: str) -> PublicKey:
        """Make a key that only the command has."""
        self.run("genpkey", *GENERATE[self.suite], "-out", name)
        return load_public_pem(self.run("pkey", "-in", name, "-pubout"))

    def sign(self, name: str, prepared: bytes) -> bytes:
        """Sign what was prepared."""
        (self.folder / "prepared").write_bytes(prepared)
        return self.run("dgst", *DIGEST[self.suite], *USER_ID[self.suite], "-sign", name, "prepared")

    def verifies(self, certificate: bytes, value: bytes, signed: bytes, *options: str) -> bool:
        """Tell whether it finds a value good, by the key of a certificate, over the bytes as they stand."""
        for name, data in (("certificate", certificate), ("value", value), ("signed", signed)):
            (self.folder / name).write_bytes(data)
        (self.folder / "public").write_bytes(
            self.run("x509", "-inform", "DER", "-in", "certificate", "-noout", "-pubkey")
        )
        command = [
            "openssl",
            "dgst",
            *DIGEST[self.suite],
            *options,
            "-verify",
            "public",
            "-signature",
            "value",
            "signed",
        ]
        return subprocess.run(command, cwd=self.folder, check=False, capture_output=True).returncode == 0


@pytest.fixture
def sealing(setting: Setting) -> FileSealing:
    return sealing_of(setting)


def owned(setting: Setting, suite: str, key: PublicKey) -> str:
    """Make a seal whose owner keeps the key, and return its number."""
    changes = setting.changes
    application = changes.apply(THREE.applicant, wish_of(setting, MARKET, suite=suite, custody=Custody.OWNER))
    changes.approve(THREE.approver, application)
    es_id = changes.make(THREE.maker, application, KeySource(key)).es_id
    changes.file(THREE.maker, es_id)
    return es_id


@FILE_SUITES
def test_openssl_holds_the_owners_key(setting: Setting, sealing: FileSealing, suite: str, tmp_path: Path) -> None:
    command = OpenSSL(tmp_path, suite)
    es_id = owned(setting, suite, command.new_key("owner.pem"))
    prepared = sealing.prepare(es_id, DOCUMENT)
    sealed = sealing.complete(THREE.applicant, es_id, prepared, command.sign("owner.pem", prepared), DOCUMENT, WHY)
    report = sealing.verify(sealed.der, DOCUMENT)
    assert [row for row in report.checks if row.outcome is not Outcome.PASSED] == []
    assert report.result is Result.TOTAL_PASSED


@FILE_SUITES
def test_openssl_verifies_a_seal_and_what_it_signed(
    setting: Setting, sealing: FileSealing, suite: str, tmp_path: Path
) -> None:
    command, es_id = OpenSSL(tmp_path, suite), setting.make(suite=suite).es_id
    der = setting.office.ses_seal(es_id)
    assert der is not None
    seal, signature = parse_seal(der), sealing.sign(THREE.applicant, es_id, DOCUMENT, WHY).der
    if suite == "ES256":
        signed = read(signature)
        parts = (signed.signer.der, signed.signature, signed.signed_bytes)
    else:
        found = parse_signature(signature)
        parts = (found.certificate, found.value, found.sealing.der)
    for certificate, value, covered in ((seal.maker, seal.signature, seal.signed), parts):
        assert command.verifies(certificate, value, covered, *USER_ID[suite])
        assert not command.verifies(certificate, value, covered + b"\x00", *USER_ID[suite])
        if suite == "SM2-SM3":
            assert not command.verifies(certificate, value, covered)
            assert not command.verifies(certificate, value, covered, "-sigopt", "distid:1234567812345679")


@FILE_SUITES
def test_a_key_that_was_replaced_signs_nothing_that_passes(setting: Setting, sealing: FileSealing, suite: str) -> None:
    """Its owner has it still, and all that it takes to sign as before."""
    key = SUITES[suite].generate()
    es_id = owned(setting, suite, key.public)
    old_seal, (signer,) = setting.office.ses_seal(es_id), setting.seals.seal(es_id).signers
    prepared = sealing.prepare(es_id, DOCUMENT)
    before = sealing.complete(THREE.applicant, es_id, prepared, key.sign_der(prepared), DOCUMENT, WHY)
    setting.clock.advance(days=1)
    setting.changes.rotate(THREE.maker, es_id, KeySource(SUITES[suite].generate().public))
    setting.clock.advance(days=1)
    at, digest = (
        setting.clock.now().replace(microsecond=0),
        DOCUMENT.by(signer.certificate.public_key.suite.digest_name),
    )
    assert old_seal is not None
    if suite == "ES256":
        again = cms.prepare(digest, signer.certificate, at)
        forged = cms.complete(again, key.sign_der(again), signer.certificate)
    else:
        forged = ses_making.sign(parse_seal(old_seal), at, digest, "detached", signer.certificate, key).der
    assert sealing.verify(before.der, DOCUMENT).result is Result.TOTAL_PASSED
    report = sealing.verify(forged, DOCUMENT)
    assert [row.sub_indication for row in report.checks if row.outcome is not Outcome.PASSED] == ["REVOKED"]
    setting.changes.report_compromise(THREE.applicant, es_id)
    setting.changes.confirm_compromise(THREE.approver, es_id)
    assert (
        sealing.verify(before.der, DOCUMENT).result is Result.TOTAL_PASSED
    )  # the hub's own record is older than the theft
    assert sealing.verify(forged, DOCUMENT).result is Result.TOTAL_FAILED


@FILE_SUITES
def test_what_is_signed_while_a_seal_is_suspended_does_not_pass(
    setting: Setting, sealing: FileSealing, suite: str
) -> None:
    key = SUITES[suite].generate()
    es_id = owned(setting, suite, key.public)
    setting.clock.advance(seconds=5)
    prepared = sealing.prepare(es_id, DOCUMENT)
    setting.changes.suspend(THREE.approver, es_id, "CERTIFICATE_HOLD")
    setting.clock.advance(seconds=5)
    signer, der = setting.seals.seal(es_id).signers[-1].certificate, setting.office.ses_seal(es_id)
    at = setting.clock.now().replace(microsecond=0) + timedelta(seconds=1)
    digest = DOCUMENT.by(signer.public_key.suite.digest_name)
    assert der is not None
    if suite == "ES256":
        early, late = (prepared, cms.prepare(digest, signer, at))
        signatures = [cms.complete(each, key.sign_der(each), signer) for each in (early, late)]
    else:
        early, late = (prepared, ses_making.prepare(parse_seal(der), at, digest, "detached"))
        signatures = [ses_making.complete(each, signer, key.sign_der(each)).der for each in (early, late)]
    results = [sealing.verify(each, DOCUMENT).result for each in signatures]
    assert results == [Result.TOTAL_PASSED, Result.TOTAL_FAILED]
