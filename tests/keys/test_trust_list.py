"""The signed trust list: what was put into it is read back, and it is all that a verifier offline needs."""

from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import cms, cms_verification, ses_verification, trust_list
from keys.errors import FormatError, SubIndication, UncheckableError, VerificationError
from keys.listed_seal import ListedSeal, Turn
from keys.report import Report, Result
from keys.revocation import Revocation, RevocationReason
from keys.suites import SUITES
from keys.trust import trust_from_metadata
from keys.trust_list import Edition
from keys.verification import StatusAnswer, verify_presentation
from tests.keys.authorities import AUTHORITIES, END, ISSUER, SEALED_AT, START, shown
from tests.keys.seals import DIGESTS, DOCUMENT, OFFICES, SIGNED_AT, complaints
from tests.keys.trust_lists import (
    DAY,
    EDITION,
    FILED,
    HUB,
    KEY,
    KEYS,
    KID,
    NOW,
    OLD,
    claims,
    ended,
    jwk,
    listed,
    makers,
    roots,
    seal,
    signed,
    token,
)

Why = RevocationReason
SECOND = timedelta(seconds=1)


def _licence(found: trust_list.TrustList, suite_name: str, sealed_at: datetime = SEALED_AT) -> Report:
    header = {"seal": seal(suite_name).es_id}
    sealed = AUTHORITIES[suite_name].seal(header, iat=int(sealed_at.timestamp()), exp=None)
    return verify_presentation(shown(sealed), found.trust, StatusAnswer("VALID", NOW), NOW)


def _signed(suite_name: str) -> bytes:
    office = OFFICES[suite_name]
    return office.sign(office.seal(office.content(es_id=seal(suite_name).es_id))).der


def test_a_list_says_what_was_put_into_it() -> None:
    found = listed()
    assert found.edition == EDITION
    assert found.roots == roots()
    assert list(found.makers) == makers()
    assert list(found.seals.values()) == [seal(name) for name in SUITES]


@pytest.mark.parametrize("suite_name", SUITES)
def test_the_list_alone_verifies_a_licence(suite_name: str) -> None:
    assert _licence(listed(), suite_name).result is Result.TOTAL_PASSED


@pytest.mark.parametrize("suite_name", OFFICES)
def test_the_list_alone_verifies_a_signature_under_an_electronic_seal(suite_name: str) -> None:
    signature = _signed(suite_name)
    report = ses_verification.verify_signature(signature, DIGESTS, listed().seal_trust(), NOW)
    assert report.result is Result.TOTAL_PASSED, complaints(report)


def test_the_list_alone_verifies_the_signature_of_a_file() -> None:
    authority = AUTHORITIES["ES256"]
    digest = sha256(DOCUMENT).digest()
    signature = cms.sign(digest, authority.key, authority.certificate, SIGNED_AT)
    report = cms_verification.verify(signature, DIGESTS, listed().file_trust(), NOW)
    assert report.result is Result.TOTAL_PASSED, complaints(report)


def test_issuer_metadata_and_the_list_make_the_same_trust() -> None:
    found = listed()
    keys = [key for one in found.seals.values() for key in one.keys]
    assert trust_from_metadata([{"issuer": ISSUER, "jwks": {"keys": keys}}], found.roots) == found.trust


def test_a_seal_that_seals_no_licences_speaks_for_nobody() -> None:
    found = listed(seal(issuer=None))
    assert found.trusted
    assert not found.trust.keys
    assert _licence(found, "ES256").result is Result.INDETERMINATE


@pytest.mark.parametrize("suite_name", OFFICES)
@pytest.mark.parametrize("status", ["REVOKED", "SUSPENDED"])
def test_what_was_signed_before_an_end_stands_and_what_was_signed_after_does_not(suite_name: str, status: str) -> None:
    signature = _signed(suite_name)
    for at, expected in ((SIGNED_AT + SECOND, Result.TOTAL_PASSED), (SIGNED_AT, Result.TOTAL_FAILED)):
        trust = listed(ended(suite_name, at, status, Why.CESSATION_OF_OPERATION)).seal_trust()
        assert ses_verification.verify_signature(signature, DIGESTS, trust, NOW).result is expected


@pytest.mark.parametrize("status", ["REVOKED", "SUSPENDED"])
def test_a_licence_sealed_after_the_end_is_refused(status: str) -> None:
    found = listed(ended("ES256", SEALED_AT, status, Why.SUPERSEDED))
    assert _licence(found, "ES256", SEALED_AT - SECOND).result is Result.TOTAL_PASSED
    assert complaints(_licence(found, "ES256")) == [("SEAL", "REVOKED")]


@pytest.mark.parametrize("suite_name", OFFICES)
def test_under_a_stolen_key_only_proof_helps(suite_name: str) -> None:
    found = listed(ended(suite_name, NOW - DAY, "REVOKED", Why.KEY_COMPROMISE))
    assert complaints(_licence(found, suite_name)) == [("SEAL", "NO_POE")]
    signature = _signed(suite_name)
    report = ses_verification.verify_signature(signature, DIGESTS, found.seal_trust(), NOW)
    assert ("SEAL_VALIDITY", "NO_POE") in complaints(report)
    proven = ses_verification.verify_signature(
        signature, DIGESTS, found.seal_trust(), NOW, existed_at=NOW - DAY - SECOND
    )
    assert proven.result is Result.TOTAL_PASSED


def _rotated(status: str = "ACTIVE", **times: int) -> ListedSeal:
    es_id, replaced_at = seal().es_id, int(SEALED_AT.timestamp())
    past = jwk(AUTHORITIES["ES256"], es_id, status, **{"exp": replaced_at, **times})
    history = (FILED, *([Turn("REVOKED", NOW - DAY, Why.SUPERSEDED)] if times else []))
    return seal(keys=(past, jwk(OLD, es_id, status, **times)), history=history)


def test_a_key_that_was_replaced_stays_good_for_what_it_sealed_before() -> None:
    found = listed(_rotated())
    assert _licence(found, "ES256", SEALED_AT - SECOND).result is Result.TOTAL_PASSED
    assert complaints(_licence(found, "ES256")) == [("SEAL", "EXPIRED")]
    kid = AUTHORITIES["ES256"].certificate.thumbprint
    assert found.seal_trust().revoked_certificates == {kid: Revocation(SEALED_AT, reason=Why.SUPERSEDED)}
    assert found.seal_trust().revoked_seals == {}


def test_a_key_that_was_replaced_is_over_before_its_seal() -> None:
    revoked_at = NOW - DAY
    revoked = listed(_rotated("REVOKED", revoked_at=int(revoked_at.timestamp()))).seal_trust().revoked_certificates
    assert revoked == {
        AUTHORITIES["ES256"].certificate.thumbprint: Revocation(SEALED_AT, reason=Why.SUPERSEDED),
        OLD.certificate.thumbprint: Revocation(revoked_at, reason=Why.SUPERSEDED),
    }


def test_the_list_of_today_says_what_a_seal_was_at_any_moment() -> None:
    history = (
        FILED, Turn("SUSPENDED", NOW - 9 * DAY, Why.CERTIFICATE_HOLD), Turn("ACTIVE", NOW - 5 * DAY),
        Turn("SUSPENDED", NOW - 3 * DAY, Why.KEY_COMPROMISE), Turn("REVOKED", NOW - 3 * DAY, Why.KEY_COMPROMISE),
    )  # fmt: skip
    second = int((NOW - 3 * DAY).timestamp())
    times = {"revoked_at": second, "compromised_at": second}
    found = listed(seal(history=history, keys=(jwk(AUTHORITIES["ES256"], seal().es_id, "REVOKED", **times),)))
    (one,) = found.seals.values()
    told = {
        START - SECOND: None, START: "ACTIVE", NOW - 9 * DAY - SECOND: "ACTIVE", NOW - 9 * DAY: "SUSPENDED",
        NOW - 5 * DAY: "ACTIVE", NOW - 3 * DAY - SECOND: "ACTIVE", NOW - 3 * DAY: "REVOKED", END: "REVOKED",
    }  # fmt: skip
    assert {at: one.status_at(at) for at in told} == told
    assert seal().status_at(END - SECOND) == "ACTIVE"
    assert seal().status_at(END) == "EXPIRED"
    with pytest.raises(FormatError):
        one.status_at(NOW.replace(tzinfo=None))


def test_a_report_of_theft_during_a_suspension_does_not_shorten_it() -> None:
    first = NOW - 9 * DAY
    history = (FILED, Turn("SUSPENDED", first, Why.CERTIFICATE_HOLD), Turn("SUSPENDED", NOW - DAY, Why.KEY_COMPROMISE))
    key = jwk(AUTHORITIES["ES256"], seal().es_id, "SUSPENDED", suspended_at=int(first.timestamp()))
    found = listed(seal(history=history, keys=(key,)))
    assert found.seal_trust().revoked_seals == {seal().es_id: Revocation(first, reason=Why.CERTIFICATE_HOLD)}


@pytest.mark.parametrize("suite_name", OFFICES)
def test_a_seal_that_was_not_filed_yet_signs_nothing(suite_name: str) -> None:
    key = jwk(AUTHORITIES[suite_name], seal(suite_name).es_id, "MADE")
    found = listed(seal(suite_name, issuer=None, keys=(key,), history=(Turn("MADE", START),)))
    report = ses_verification.verify_signature(_signed(suite_name), DIGESTS, found.seal_trust(), NOW)
    assert ("SEAL_VALIDITY", "REVOKED") in complaints(report)
    (one,) = found.seals.values()
    assert (one.status_at(START - SECOND), one.status_at(NOW)) == (None, "MADE")


def test_certificates_between_come_along() -> None:
    (maker, root), *_ = makers()
    between = AUTHORITIES["Ed25519"].root  # any certificate that is not a root of this list
    made = trust_list.make(EDITION, (root,), [(maker, between, root)], [], KEY, KID)
    assert trust_list.read(made, KEYS, NOW).seal_trust().intermediates == (between,)


def test_a_hub_without_seals_has_a_list_too() -> None:
    found = trust_list.read(trust_list.make(EDITION, (), [], [], KEY, KID), KEYS, NOW, issuer=HUB, known=7)
    assert (found.roots, found.makers, dict(found.seals), dict(found.trust.keys)) == ((), (), {}, {})
    assert found.seal_trust().revoked_certificates == {}  # nothing was revoked, which is not "unknown"


@pytest.mark.parametrize("at", [EDITION.next_update, EDITION.issued_at - timedelta(minutes=1, seconds=1)])
def test_a_list_speaks_for_its_time_only(at: datetime) -> None:
    trust_list.read(token(), KEYS, EDITION.next_update - SECOND)
    trust_list.read(token(), KEYS, EDITION.issued_at - timedelta(minutes=1))
    with pytest.raises(VerificationError) as refused:
        trust_list.read(token(), KEYS, at)
    assert refused.value.sub_indication == SubIndication.TRY_LATER


@pytest.mark.parametrize("version", [None, 0, 2, True, "1"])
def test_another_version_of_the_format_could_not_be_checked(version: object) -> None:
    with pytest.raises(UncheckableError):
        trust_list.read(signed({**claims(), "version": version}), KEYS, NOW)


@pytest.mark.parametrize(
    "edition",
    [
        Edition(HUB, 0, EDITION.issued_at, EDITION.next_update), Edition(HUB, 1, NOW, NOW),
        Edition(HUB, 1, NOW.replace(tzinfo=None), NOW + DAY), Edition(HUB, 1, NOW.replace(microsecond=1), NOW + DAY),
    ],
    ids=["number", "end", "zone", "fraction"],
)  # fmt: skip
def test_an_edition_that_cannot_be_is_not_made(edition: Edition) -> None:
    with pytest.raises((FormatError, TypeError)):
        token(edition=edition)


def test_a_list_that_no_reader_would_take_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust_list, "MOST_BYTES", len(token()) - 1)
    with pytest.raises(FormatError):
        token()


MOMENTS = st.integers(int(START.timestamp()), int(NOW.timestamp())).map(lambda s: datetime.fromtimestamp(s, NOW.tzinfo))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Turn, ...]:
    """Perhaps made, filed, then suspended and resumed however often, then perhaps revoked."""
    moments = sorted(draw(st.lists(MOMENTS, min_size=1, max_size=6)))
    turns = [*([Turn("MADE", START)] if draw(st.booleans()) else []), FILED]
    for place, at in enumerate(moments):
        last = place == len(moments) - 1 and draw(st.booleans())
        status = "REVOKED" if last else ("SUSPENDED", "ACTIVE")[place % 2]
        turns.append(Turn(status, at, draw(st.sampled_from(Why)) if status != "ACTIVE" else None))
    return tuple(turns)


@st.composite
def seals(draw: st.DrawFn) -> ListedSeal:
    """Any seal, with the keys that go with it."""
    history, suite_name, es_id = draw(histories()), draw(st.sampled_from(sorted(SUITES))), draw(TEXTS)
    last, second = history[-1], int(history[-1].at.timestamp())
    revoked = second if last.status == "REVOKED" else None
    stolen = revoked if last.reason is Why.KEY_COMPROMISE else None
    held = second if last.status == "SUSPENDED" else None
    times = {"suspended_at": held, "revoked_at": revoked, "compromised_at": stolen}
    key = jwk(AUTHORITIES[suite_name], es_id, last.status, **times)
    return seal(
        suite_name, es_id=es_id, owner_name=draw(TEXTS), name=draw(TEXTS), kind=draw(TEXTS), authority=draw(TEXTS),
        purpose=draw(st.none() | TEXTS), remakes=draw(st.none() | TEXTS), issuer=draw(st.sampled_from([None, ISSUER])),
        history=history, keys=(key,),
    )  # fmt: skip


@given(seals(), st.integers(1, 1 << 62))
@settings(max_examples=60, deadline=None)
def test_whatever_is_listed_is_read_back(one: ListedSeal, number: int) -> None:
    edition = Edition(HUB, number, EDITION.issued_at, EDITION.next_update)
    found = trust_list.read(token(one, edition=edition), KEYS, NOW, issuer=HUB)
    assert (dict(found.seals), found.edition) == ({one.es_id: one}, edition)
    assert trust_list.content(roots(), makers(), found.seals.values()) == trust_list.content(roots(), makers(), [one])
    assert (one.revocation is None) == (one.status_at(NOW) == "ACTIVE")
