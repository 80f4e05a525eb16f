"""Seals: which one seals now, what stays verifiable, and what a lost key costs."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import text

from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import SetClock
from hub.database import Database
from hub.errors import AuthorityUnknownError, InputInvalidError, SealMissingError, SealUnusableError
from hub.seals.service import Sealer, Seals
from keys import sd_jwt
from keys.certificates import Certificate
from keys.store import KeyStore
from keys.store_lid import Cost
from keys.suites import SUITES
from keys.verification import Report, Result, StatusAnswer, trust_from_metadata, verify_presentation

MARKET = "11990100MB0000001T"
UNKNOWN = "11990200MB00000023"
URL = "https://hub.example.gov.cn"
NOW = datetime(2026, 5, 4, 8, 30, 15, 700_000, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Setting:
    """A hub up to its seals; `another` gives the seals of a second process."""

    seals: Seals
    clock: SetClock
    database: Database
    another: Callable[[], Seals]

    def seal(self, sealer: Sealer) -> str:
        """Seal a licence that names nobody."""
        clear = {"iss": sealer.issuer, "iat": int(self.clock.now().timestamp()), "vct": "urn:licence-hub:type:Test:1"}
        sealed = sd_jwt.seal(clear, {"number": "X-1"}, key=sealer.key, kid=sealer.kid, header={"seal": sealer.es_id})
        return sd_jwt.present(sealed.jwt, [each.encoded for each in sealed.disclosures])

    def verify(self, presentation: str, *, existed_at: datetime | None = None) -> Report:
        """Verify with the hub's own trust, the status being in order."""
        now = self.clock.now()
        return verify_presentation(
            presentation, self.seals.trust(), StatusAnswer("VALID", now), now, existed_at=existed_at
        )

    def failed(self, presentation: str) -> dict[str, str | None]:
        """Return the checks that did not pass, and why."""
        report = self.verify(presentation)
        return {each.name: each.sub_indication for each in report.checks if each.outcome != "PASSED"}

    def acts(self) -> list[str]:
        """Return what was recorded about seals."""
        with self.database.snapshot() as session:
            found = session.execute(text("SELECT body FROM audit_record WHERE kind = 'seal' ORDER BY sequence"))
            return [json.loads(body)["operation"] for body in found.scalars()]


@pytest.fixture
def setting(database_url: str, tmp_path: Path) -> Iterator[Setting]:
    database, clock = Database(database_url), SetClock(NOW)
    KeyStore.create(tmp_path / "keys", b"made-up passphrase", cost=Cost(1, 1, 8))
    audit = Audit(database, clock)
    audit.prepare()
    catalogue = Catalogue(database, audit, clock)
    catalogue.add_authority(MARKET, "星河市市场监督管理局", "Xinghe Market Regulation Bureau", "990100", "CITY")

    def _another() -> Seals:
        own_store = KeyStore.open(tmp_path / "keys", b"made-up passphrase")
        seals = Seals(database, audit, own_store, clock, catalogue, public_url=URL)
        seals.refresh()
        return seals

    yield Setting(_another(), clock, database, _another)
    database.close()


@pytest.mark.parametrize("suite", [pytest.param(name, id=name) for name, row in SUITES.items() if row.available()])
def test_what_a_made_seal_seals_verifies_under_every_suite(setting: Setting, suite: str) -> None:
    made = setting.seals.make(MARKET, "星河市市场监督管理局电子证照专用章", suite)
    sealer = setting.seals.sealer(MARKET)
    assert (sealer.kid, sealer.es_id, sealer.issuer) == (made.kid, made.es_id, f"{URL}/authorities/{MARKET}")
    assert sealer.key.suite.name == suite
    assert setting.verify(setting.seal(sealer)).result is Result.TOTAL_PASSED


def test_the_number_of_a_seal_is_division_and_serial(setting: Setting) -> None:
    numbers = [setting.seals.make(MARKET, f"印章{n}").es_id for n in range(3)]
    assert numbers == ["99010000000001", "99010000000002", "99010000000003"]


def test_one_root_per_suite_signs_all_its_seals(setting: Setting) -> None:
    for suite in ("ES256", "ES256", "Ed25519"):
        setting.seals.make(MARKET, "印章", suite)
    roots = setting.seals.roots()
    assert sorted(root.public_key.suite.name for root in roots) == ["ES256", "Ed25519"]
    assert all(root.is_ca and root.not_after.year == NOW.year + 20 for root in roots)
    assert setting.acts() == ["MAKE_ROOT", "MAKE", "MAKE", "MAKE_ROOT", "MAKE"]


def test_the_certificate_names_the_seal_and_its_owner(setting: Setting) -> None:
    made = setting.seals.make(MARKET, "合同专用章", years=3)
    certificate = setting.seals.trust().keys[made.kid].certificate
    assert certificate.subject.credit_code == MARKET
    assert certificate.subject.common_name == "合同专用章"
    assert certificate.not_before == NOW.replace(microsecond=0)
    assert certificate.not_after == certificate.not_before.replace(year=2029)


@pytest.mark.parametrize(
    ("name", "suite", "years"),
    [
        ("", "ES256", 5),
        ("x" * 65, "ES256", 5),
        ("a\nb", "ES256", 5),
        ("章", "RS256", 5),
        ("章", "ES256", 0),
        ("章", "ES256", 11),
    ],
)
def test_a_wish_that_cannot_be_met_makes_nothing(setting: Setting, name: str, suite: str, years: int) -> None:
    with pytest.raises(InputInvalidError):
        setting.seals.make(MARKET, name, suite, years)
    assert setting.acts() == []


def test_only_known_authorities_have_seals(setting: Setting) -> None:
    with pytest.raises(AuthorityUnknownError):
        setting.seals.make(UNKNOWN, "印章")
    with pytest.raises(SealMissingError):
        setting.seals.sealer(MARKET)
    with pytest.raises(SealMissingError):
        setting.seals.metadata(MARKET)


def test_a_rotated_seal_seals_with_its_new_key_and_the_old_stays_verifiable(setting: Setting) -> None:
    first = setting.seals.make(MARKET, "印章")
    before = setting.seals.sealer(MARKET)
    old = setting.seal(before)
    setting.clock.advance(days=100)
    second = setting.seals.rotate(first.es_id)
    assert second.es_id == first.es_id
    assert setting.seals.sealer(MARKET).kid == second.kid != first.kid
    assert setting.verify(old).result is Result.TOTAL_PASSED
    assert setting.verify(setting.seal(setting.seals.sealer(MARKET))).result is Result.TOTAL_PASSED


def test_a_retired_key_seals_nothing_that_verifies(setting: Setting) -> None:
    made = setting.seals.make(MARKET, "印章")
    retired = setting.seals.sealer(MARKET)
    in_time = setting.seal(retired)  # in the very second in which the key is retired
    setting.seals.rotate(made.es_id)
    setting.clock.advance(seconds=1)
    assert setting.verify(in_time).result is Result.TOTAL_PASSED
    assert setting.failed(setting.seal(retired)) == {"SEAL": "EXPIRED"}


def test_the_newest_active_seal_seals(setting: Setting) -> None:
    older = setting.seals.make(MARKET, "印章")
    setting.clock.advance(days=1)
    newer = setting.seals.make(MARKET, "新章")
    assert setting.seals.sealer(MARKET).es_id == newer.es_id
    setting.seals.suspend(newer.es_id, "CERTIFICATE_HOLD")
    assert setting.seals.sealer(MARKET).es_id == older.es_id
    setting.seals.resume(newer.es_id, "UNSPECIFIED")
    assert setting.seals.sealer(MARKET).es_id == newer.es_id


def test_a_suspended_seal_seals_nothing_and_what_it_sealed_stands(setting: Setting) -> None:
    made = setting.seals.make(MARKET, "印章")
    sealed = setting.seal(setting.seals.sealer(MARKET))
    setting.seals.suspend(made.es_id, "CERTIFICATE_HOLD")
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    with pytest.raises(SealUnusableError):
        setting.seals.rotate(made.es_id)
    assert setting.verify(sealed).result is Result.TOTAL_PASSED


def test_a_revoked_seal_seals_nothing_for_ever_but_what_it_sealed_stands(setting: Setting) -> None:
    made = setting.seals.make(MARKET, "印章")
    sealer = setting.seals.sealer(MARKET)
    sealed = setting.seal(sealer)
    setting.clock.advance(days=10)
    setting.seals.revoke(made.es_id, "CESSATION_OF_OPERATION")
    setting.clock.advance(days=10)
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)
    assert setting.verify(sealed).result is Result.TOTAL_PASSED
    assert setting.failed(setting.seal(sealer)) == {"SEAL": "REVOKED"}
    for change in (setting.seals.resume, setting.seals.suspend, setting.seals.revoke):
        with pytest.raises(SealUnusableError):
            change(made.es_id, "UNSPECIFIED")


def test_after_a_stolen_key_only_proof_of_existence_helps(setting: Setting) -> None:
    made = setting.seals.make(MARKET, "印章")
    sealed = setting.seal(setting.seals.sealer(MARKET))
    setting.clock.advance(days=10)
    setting.seals.revoke(made.es_id, "KEY_COMPROMISE")
    setting.clock.advance(days=1)
    assert setting.verify(sealed).result is Result.INDETERMINATE
    assert setting.failed(sealed) == {"SEAL": "NO_POE"}
    assert setting.verify(sealed, existed_at=NOW + timedelta(days=1)).result is Result.TOTAL_PASSED


def test_an_expired_seal_seals_nothing_and_what_it_sealed_stands(setting: Setting) -> None:
    setting.seals.make(MARKET, "印章", years=1)
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
    setting.seals.make(MARKET, "印章")
    setting.clock.instant = NOW - timedelta(seconds=2)
    with pytest.raises(SealUnusableError):
        setting.seals.sealer(MARKET)


def test_a_seal_never_outlives_its_makers_root(setting: Setting) -> None:
    setting.seals.make(MARKET, "印章")
    (root,) = setting.seals.roots()
    setting.clock.instant = NOW.replace(year=NOW.year + 18)
    made = setting.seals.make(MARKET, "晚章", years=10)
    assert setting.seals.trust().keys[made.kid].certificate.not_after == root.not_after
    assert setting.verify(setting.seal(setting.seals.sealer(MARKET))).result is Result.TOTAL_PASSED


def test_published_metadata_is_all_that_a_verifier_elsewhere_needs(setting: Setting) -> None:
    made = setting.seals.make(MARKET, "印章")
    old = setting.seal(setting.seals.sealer(MARKET))
    setting.seals.rotate(made.es_id)
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
    made = setting.seals.make(MARKET, "印章")
    with pytest.raises(SealMissingError):
        other.sealer(MARKET)
    other.refresh()
    assert other.sealer(MARKET).kid == made.kid
    setting.seals.suspend(made.es_id, "CERTIFICATE_HOLD")
    with setting.database.snapshot() as session:
        epoch = session.execute(text("SELECT value FROM policy_epoch")).scalar_one()
    assert epoch == 4  # the authority, the seal, the suspension
    other.refresh()
    with pytest.raises(SealUnusableError):
        other.sealer(MARKET)


def test_private_keys_are_in_the_key_store_only(setting: Setting, tmp_path: Path) -> None:
    setting.seals.make(MARKET, "印章")
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
    made = setting.seals.make(MARKET, "印章")
    with pytest.raises(InputInvalidError):
        setting.seals.revoke(made.es_id, reason)
    with pytest.raises(SealMissingError):
        setting.seals.revoke("99010099999999", "UNSPECIFIED")
    assert setting.seals.sealer(MARKET).es_id == made.es_id
