"""The trust list and the revocation lists as a hub publishes them: what they say, when there is a new one, and judged by openssl."""

import logging
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import HubError
from hub.seals.certifying import KeySource
from hub.seals.kinds import Kind
from hub.seals.published import MAX_AGE
from hub.seals.publishing import NAME, Publishing
from hub.seals.refusals import SealListUnknownError
from keys import revocation_list, trust_list
from keys.errors import VerificationError
from keys.revocation import Revocation, RevocationReason
from keys.seal_trust import SealTrust
from keys.suites import SUITES
from keys.verification import StatusAnswer, verify_presentation
from tests.keys.seal_makers import openssl_verifies
from tests.seals.made import people, wish_of
from tests.seals.outside import OutsideAuthority
from tests.seals.publishing import LIFE, Published
from tests.seals.setting import MARKET, THREE, URL, Setting
from tests.seals.test_certifying import approved, believing

HOUR = timedelta(hours=1)
ACTIVE_CRL = "ES256.crl"


@pytest.fixture
def published(setting: Setting) -> Published:
    return Published(setting)


@pytest.fixture
def listing(sqlite_setting: Setting) -> Published:
    """Give the same on SQLite alone: what is listed does not depend on the database, only when."""
    return Published(sqlite_setting)


def _up(trust: SealTrust) -> SealTrust:
    """Round what became of seals up to whole seconds, as what is published is."""

    def whole(at: datetime) -> datetime:
        return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)

    def facts(found: Any) -> dict[str, Revocation]:
        return {
            name: replace(
                one, revoked_at=whole(one.revoked_at), compromised_at=one.compromised_at and whole(one.compromised_at)
            )
            for name, one in found.items()
        }

    return replace(
        trust, revoked_certificates=facts(trust.revoked_certificates), revoked_seals=facts(trust.revoked_seals)
    )  # fmt: skip


# -- what is listed ------------------------------------------------------------------------------------------------------


def test_a_hub_without_seals_has_an_empty_list_and_no_revocation_list(listing: Published) -> None:
    found = listing.trust()
    assert (found.edition.issuer, found.edition.sequence, dict(found.seals), found.roots) == (URL, 1, {}, ())
    with pytest.raises(SealListUnknownError):
        listing.present(ACTIVE_CRL)


def test_a_seal_is_listed_from_its_making_on_and_on_hold_until_it_is_filed(listing: Published) -> None:
    changing = listing.setting.changes
    application = changing.apply(THREE.applicant, wish_of(listing.setting, MARKET))
    changing.approve(THREE.approver, application)
    es_id = changing.make(THREE.maker, application).es_id
    made = listing.trust()
    assert (made.seals[es_id].history[-1].status, made.seals[es_id].issuer) == ("MADE", None)
    assert list(made.seal_trust().revoked_seals or ()) == [es_id]
    assert len(listing.crl().entries) == 1
    assert made.seal_trust() == _up(listing.setting.seals.seal_trust())
    changing.file(THREE.maker, es_id)
    found = listing.trust()
    assert found.seals.keys() == {es_id}
    listed, seal = found.seals[es_id], listing.setting.seals.seal(es_id)
    assert (listed.owner, listed.owner_name, listed.authority) == (seal.owner, seal.owner_name, MARKET)
    assert (listed.kind, listed.purpose, listed.name) == ("SPECIAL", seal.purpose, seal.name)
    assert not found.seal_trust().revoked_seals
    assert not listing.crl().entries
    assert listed.issuer == f"{URL}/authorities/{MARKET}"


def test_no_persons_name_is_listed(listing: Published) -> None:
    name = "李凌欢"
    wish = wish_of(listing.setting, MARKET, kind=Kind.PERSONAL, text=name, representative=name)
    changing = listing.setting.changes
    application = changing.apply(THREE.applicant, wish)
    changing.approve(THREE.approver, application)
    es_id = changing.make(THREE.maker, application).es_id
    changing.file(THREE.maker, es_id, "法定代表人李凌欢")
    changing.revoke(THREE.approver, es_id, "AFFILIATION_CHANGED", "李凌欢离任")
    found = listing.trust()
    claims = trust_list.content(found.roots, found.makers, found.seals.values())
    assert es_id in str(claims)
    assert name not in str(claims)
    assert all(name.encode() not in certificate.certificate.der for certificate in found.trusted.values())
    assert name.encode() not in listing.present(ACTIVE_CRL).body
    assert found.seals[es_id].issuer is None


def test_twenty_thousand_seals_have_room_in_a_list(listing: Published) -> None:
    sizes = []
    for purpose in ("电子证照专用章", "政务服务专用章"):
        listing.setting.make(purpose, "SM2-SM3")
        listing.publishing.publish_due()
        sizes.append(len(listing.present().body))
    assert 20_000 * (sizes[1] - sizes[0]) < trust_list.MOST_BYTES


@pytest.mark.parametrize("suite", SUITES)
def test_the_list_says_what_issuer_metadata_and_the_hub_say(listing: Published, suite: str) -> None:
    """Both verify the same: through every step of a seal's life, and with a second seal beside it that goes on."""
    setting, es_id = listing.setting, listing.setting.make(suite=suite).es_id
    setting.make("证明专用章", suite)
    known = 0
    for act in (
        lambda: None,
        lambda: setting.changes.rotate(THREE.maker, es_id),
        lambda: setting.changes.suspend(THREE.approver, es_id, "CERTIFICATE_HOLD"),
        lambda: setting.changes.resume(THREE.approver, es_id, "UNSPECIFIED"),
        lambda: setting.changes.report_compromise(people(MARKET).applicant, es_id),
        lambda: setting.changes.confirm_compromise(THREE.approver, es_id),
    ):
        act()
        setting.clock.advance(hours=1)
        found = listing.trust(known)
        known = found.edition.sequence
        assert found.trust == setting.seals.trust()
        assert found.seal_trust() == _up(setting.seals.seal_trust())
        keys = [key for one in found.seals.values() for key in one.keys]
        assert keys == setting.seals.metadata(MARKET)["jwks"]["keys"]


def test_a_licence_is_verified_with_the_list_alone(listing: Published) -> None:
    setting, es_id = listing.setting, listing.setting.make().es_id
    shown = setting.seal(setting.seals.sealer(MARKET))
    setting.clock.advance(hours=1)
    now = setting.clock.now()

    def verified() -> str:
        return verify_presentation(shown, listing.trust().trust, StatusAnswer("VALID", now), now).result

    assert verified() == "TOTAL_PASSED"
    setting.changes.revoke(THREE.approver, es_id, "CESSATION_OF_OPERATION")
    assert verified() == "TOTAL_PASSED"
    stolen = setting.make("证明专用章").es_id
    shown = setting.seal(setting.seals.sealer(MARKET))
    setting.changes.report_compromise(people(MARKET).applicant, stolen)
    setting.changes.confirm_compromise(THREE.approver, stolen)
    assert verified() == "INDETERMINATE"


STEPS: dict[str, Callable[[Setting, str], object]] = {
    "rotate": lambda setting, es_id: setting.changes.rotate(THREE.maker, es_id),
    "suspend": lambda setting, es_id: setting.changes.suspend(THREE.approver, es_id, "CERTIFICATE_HOLD"),
    "resume": lambda setting, es_id: setting.changes.resume(THREE.approver, es_id, "UNSPECIFIED"),
    "report": lambda setting, es_id: setting.changes.report_compromise(people(MARKET).applicant, es_id),
    "confirm": lambda setting, es_id: setting.changes.confirm_compromise(THREE.approver, es_id),
    "revoke": lambda setting, es_id: setting.changes.revoke(THREE.approver, es_id, "SUPERSEDED"),
}


def _covered(setting: Setting, es_id: str, second: int) -> bool:
    """Tell whether a key of the issuer document may have sealed at a second."""
    keys = [key for key in setting.seals.metadata(MARKET)["jwks"]["keys"] if key["seal"] == es_id]
    ends = ("exp", "revoked_at", "suspended_at")
    return any(key["nbf"] <= second < min(key[end] for end in ends if end in key) for key in keys)


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 7_200_000)), max_size=6))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_list_of_today_says_what_a_seal_was_at_any_moment(listing: Published, steps: list[tuple[str, int]]) -> None:
    setting, known = listing.setting, len(listing.setting.seals.seals(MARKET))
    es_id = setting.make(f"电子证照专用章（{known + 1}）" if known else "电子证照专用章").es_id
    filed = setting.clock.now()
    for name, milliseconds in steps:
        setting.clock.advance(milliseconds=milliseconds)
        with suppress(HubError):  # what may not follow is not done
            STEPS[name](setting, es_id)
    setting.clock.advance(hours=1)
    listed, seal = listing.trust().seals[es_id], setting.seals.seal(es_id)
    assert setting.seals.trust() == listing.trust().trust
    first, last = int(filed.timestamp()) + 1, int(setting.clock.now().timestamp())
    ends = [int(turn.at.timestamp()) + shift for turn in listed.history for shift in (-1, 0, 1)]
    for second in {first, last, seal.valid_until // 1_000_000 - 1, seal.valid_until // 1_000_000, *ends}:
        if second >= first:
            moment = datetime.fromtimestamp(second, filed.tzinfo)
            status = listed.status_at(moment)
            assert status == seal.status_at(second * 1_000_000)
            # Issuer documents tell no more than the end that stands: a suspension that is over is not in them.
            assert _covered(setting, es_id, second) in (
                {"ACTIVE": (True,), "SUSPENDED": (True, False)}.get(status or "", (False,))
            )


def test_a_seal_under_an_outside_authority_is_listed_with_its_chain_and_on_no_list_of_ours(listing: Published) -> None:
    outside = OutsideAuthority()
    setting = believing(listing.setting, outside.root)
    application = approved(setting)
    request = setting.changes.request(THREE.maker, application)
    es_id = setting.changes.make(THREE.maker, application, KeySource(chain=outside.answer(request))).es_id
    setting.changes.file(THREE.maker, es_id)
    there = Published(setting)
    shown, now = setting.seal(setting.seals.sealer(MARKET)), setting.clock.now()
    found = there.trust()
    assert outside.root in found.roots
    assert (found.seal_trust(), found.trust) == (setting.seals.seal_trust(), setting.seals.trust())
    assert verify_presentation(shown, found.trust, StatusAnswer("VALID", now), now).result == "TOTAL_PASSED"
    setting.changes.revoke(THREE.approver, es_id, "SUPERSEDED")
    assert list(there.trust().seal_trust().revoked_seals or ()) == [es_id]
    assert not there.crl().entries


# -- when there is a new one ---------------------------------------------------------------------------------------------


def test_nothing_new_is_published_while_nothing_is_said_anew(published: Published) -> None:
    published.setting.make()
    assert published.publishing.publish_due() == 2
    before = published.present().body, published.present(ACTIVE_CRL).body
    assert published.publishing.publish_due() == 0
    published.setting.catalogue.add_authority("11990200MB00000023", "虚构县卫生局", "Health", "990200", "COUNTY")
    assert published.publishing.publish_due() == published.another().publish_due() == 0
    assert (published.present().body, published.present(ACTIVE_CRL).body) == before


def test_a_change_makes_the_next_edition_of_what_it_concerns(published: Published) -> None:
    es_id = published.setting.make().es_id
    assert (published.trust().edition.sequence, published.crl().number) == (1, 1)
    published.setting.make("证明专用章")
    assert (published.trust().edition.sequence, published.crl().number) == (2, 1)
    published.setting.changes.revoke(THREE.approver, es_id, "SUPERSEDED")
    assert (published.trust().edition.sequence, published.crl().number) == (3, 2)


def test_an_edition_is_followed_when_half_of_its_life_is_over(published: Published) -> None:
    published.setting.make()
    first = published.trust()
    assert first.edition.next_update - first.edition.issued_at == LIFE
    published.setting.clock.advance(seconds=LIFE.total_seconds() / 2 - 1)
    assert published.publishing.publish_due() == 0
    published.setting.clock.advance(seconds=1)
    assert published.publishing.publish_due() == 2
    assert published.trust().edition.sequence == 2


def test_a_stale_list_is_handed_out_with_its_own_dates(published: Published) -> None:
    published.publishing.publish_due()
    assert published.present().max_age == MAX_AGE
    published.setting.clock.advance(days=7, seconds=-10)
    assert published.present().max_age == 10
    published.setting.clock.advance(days=30)
    found = published.present()
    assert found.max_age == 0
    with pytest.raises(VerificationError) as refused:
        trust_list.read(found.body, published.publishing.jwks()["keys"], published.setting.clock.now())
    assert refused.value.sub_indication == "TRY_LATER"


def test_every_process_hands_out_the_same_bytes(published: Published) -> None:
    published.setting.make()
    other = Published(published.setting)
    assert other.publishing.publish_due() == 2
    assert published.publishing.publish_due() == 0
    assert published.present() == other.present()
    assert published.publishing.jwks() == other.publishing.jwks()


def test_who_asks_before_the_first_publication_gets_it(published: Published) -> None:
    published.setting.make()
    trust_list.read(published.present().body, published.publishing.jwks()["keys"], published.setting.clock.now())


def test_an_older_state_never_follows_a_newer_one(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stood still after reading the register finds that somebody else has published meanwhile."""
    es_id, slow, quick = published.setting.make().es_id, published.another(), published.another()
    quick.publish()
    published.setting.make("证明专用章")
    publish = slow._publish_alone

    def standing_still(*given: Any) -> bool:
        monkeypatch.setattr(slow, "_publish_alone", publish)
        published.setting.changes.revoke(THREE.approver, es_id, "SUPERSEDED")
        assert quick.publish() == 2
        return publish(*given)

    monkeypatch.setattr(slow, "_publish_alone", standing_still)
    assert slow.publish() == 0
    assert published.trust().seals[es_id].history[-1].status == "REVOKED"
    assert published.trust().edition.sequence == 2


def test_two_first_editions_are_one(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = published.another(), published.another()
    publish = slow._publish_alone

    def standing_still(*given: Any) -> bool:
        assert quick.publish() == 1
        return publish(*given)

    monkeypatch.setattr(slow, "_publish_alone", standing_still)
    assert slow.publish() == 0
    assert published.trust().edition.sequence == 1


def test_a_root_whose_key_is_gone_keeps_no_other_list_from_being_published(
    published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    setting = published.setting
    ended, other = setting.make().es_id, setting.make("证明专用章", "Ed25519").es_id
    published.publishing.publish_due()
    before = published.present(ACTIVE_CRL).body
    setting.store.remove(setting.seals.register.makers["ES256"].key_uri)
    for es_id in (ended, other):
        setting.changes.revoke(THREE.approver, es_id, "SUPERSEDED")
    with caplog.at_level(logging.ERROR, "hub.seals"):
        assert published.publishing.publish_due() == 2
    assert "ES256.crl could not be published: KEY_MISSING" in caplog.messages
    assert published.present(ACTIVE_CRL).body == before
    assert len(published.crl("Ed25519").entries) == 1
    caplog.clear()
    published.publishing.publish_due()
    assert caplog.messages  # it is tried again, whether or not anything changed


def test_a_clock_that_goes_back_dates_no_edition_earlier(published: Published) -> None:
    published.setting.make()
    first = published.trust().edition.issued_at
    published.setting.clock.advance(seconds=-30)
    published.setting.make("证明专用章")
    assert published.trust().edition.issued_at == first


def test_the_key_of_trust_lists_is_made_once(published: Published) -> None:
    published.another().prepare()
    assert published.setting.store.names("hub/trust-list") == (NAME,)


def test_many_publishers_beside_many_changes_publish_no_older_state(published: Published) -> None:
    setting, publishers = published.setting, [published.another() for _ in range(3)]
    seals = [setting.make("电子证照专用章" + (f"（{number}）" if number else "")).es_id for number in range(4)]
    published.publishing.publish()
    done, failures = threading.Event(), list[Exception]()

    def publish(one: Publishing) -> None:
        while not done.is_set():
            try:
                one.publish()
            except Exception as error:  # noqa: BLE001 - told below
                failures.append(error)
                return

    threads = [threading.Thread(target=publish, args=(one,)) for one in publishers]
    for thread in threads:
        thread.start()
    sequence = gone = 0
    for es_id in seals:
        setting.changes.revoke(THREE.approver, es_id, "SUPERSEDED")
        found = trust_list.read(published.present().body, published.publishing.jwks()["keys"], setting.clock.now())
        revoked = len(found.seal_trust().revoked_seals or ())
        assert found.edition.sequence >= sequence
        assert revoked >= gone
        sequence, gone = found.edition.sequence, revoked
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    found = published.trust(known=sequence)
    assert found.seal_trust() == _up(setting.seals.seal_trust())
    assert found.edition.sequence <= 1 + len(seals)


# -- what the roots revoked ----------------------------------------------------------------------------------------------


def test_revoked_and_suspended_seals_are_on_their_roots_list_and_replaced_keys_are_not(listing: Published) -> None:
    setting, changes = listing.setting, listing.setting.changes
    active, held, gone, stolen = (
        setting.make(f"电子证照专用章（{number}）").es_id if number > 1 else setting.make().es_id
        for number in range(1, 5)
    )
    setting.clock.advance(hours=1)
    for es_id in (active, gone):
        changes.rotate(THREE.maker, es_id)
    setting.clock.advance(hours=1)
    changes.suspend(THREE.approver, held, "CERTIFICATE_HOLD")
    changes.revoke(THREE.approver, gone, "CESSATION_OF_OPERATION")
    changes.report_compromise(people(MARKET).applicant, stolen)
    setting.clock.advance(hours=1)
    changes.confirm_compromise(THREE.approver, stolen)
    newest = {es_id: setting.seals.seal(es_id).signers[-1].certificate for es_id in (active, held, gone, stolen)}
    found = listing.crl()
    assert {serial: one.reason for serial, one in found.entries.items()} == {
        newest[held].serial: RevocationReason.CERTIFICATE_HOLD,
        newest[gone].serial: RevocationReason.CESSATION_OF_OPERATION,
        newest[stolen].serial: RevocationReason.KEY_COMPROMISE,
    }
    theft = found.entries[newest[stolen].serial]
    assert theft.compromised_at == theft.revoked_at < setting.clock.now() - HOUR + timedelta(seconds=1)
    changes.resume(THREE.approver, held, "UNSPECIFIED")
    assert newest[held].serial not in listing.crl().entries


def test_openssl_judges_list_and_certificates(listing: Published, tmp_path: Path) -> None:
    setting, gone = listing.setting, listing.setting.make().es_id
    setting.make("证明专用章")
    setting.clock.advance(hours=1)
    setting.changes.revoke(THREE.approver, gone, "SUPERSEDED")
    listing.publishing.publish_due()
    (tmp_path / "root.pem").write_bytes(setting.seals.roots()[0].to_pem())
    (tmp_path / "list.pem").write_bytes(revocation_list.to_pem(listing.present(ACTIVE_CRL).body))
    (tmp_path / "trusted.pem").write_bytes((tmp_path / "root.pem").read_bytes() + (tmp_path / "list.pem").read_bytes())
    verify = subprocess.run(
        ["openssl", "crl", "-verify", "-in", "list.pem", "-CAfile", "root.pem", "-noout"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "verify OK" in verify.stderr + verify.stdout
    at = str(int(setting.clock.now().timestamp()) + 5)
    told = {}
    for seal in setting.seals.seals(MARKET):
        (tmp_path / "signer.pem").write_bytes(seal.signers[0].certificate.to_pem())
        command = ["openssl", "verify", "-crl_check", "-attime", at, "-CAfile", "trusted.pem", "signer.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        told[seal.es_id == gone] = (done.returncode, "certificate revoked" in done.stderr)
    assert told == {True: (2, True), False: (0, False)}


@pytest.mark.parametrize("suite", SUITES)
def test_openssl_verifies_the_bytes_of_a_list_of_every_suite(listing: Published, tmp_path: Path, suite: str) -> None:
    setting, es_id = listing.setting, listing.setting.make(suite=suite).es_id
    setting.changes.revoke(THREE.approver, es_id, "SUPERSEDED")
    assert listing.crl(suite).entries
    whole = asn1_crl.CertificateList.load(listing.present(f"{suite}.crl").body)
    spki = setting.seals.roots()[0].public_key.to_spki()
    assert openssl_verifies(tmp_path, suite, spki, bytes(whole["signature"]), whole["tbs_cert_list"].dump())
