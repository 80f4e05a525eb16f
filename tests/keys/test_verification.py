"""The report on a presentation: each row alone turns the result, and nothing unmade is ever a pass."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from keys import base64url, jws, libcrypto, sd_jwt
from keys.certificates import Subject, make_root
from keys.errors import FormatError
from keys.verification import Check, Outcome, Report, Result, StatusAnswer, Trust, verify_presentation
from tests.keys.authorities import (
    AUTHORITIES,
    CLEAR,
    END,
    ES_ID,
    FACE,
    ISSUER,
    SEALED_AT,
    START,
    Authority,
    make_signer,
    new_authority,
    shown,
)

AT = SEALED_AT + timedelta(days=30)
VALID = StatusAnswer("VALID", AT)
ROWS = ["FORMAT", "SEAL_KEY", "CERTIFICATE", "SIGNATURE", "DISCLOSURES", "ISSUER", "SEAL", "VALIDITY", "STATUS"]


def _only_complaint(report: Report) -> Check:
    """The one row made that is not a pass; rows that depend on it are not made."""
    complaints = [row for row in report.checks if row.outcome is not Outcome.PASSED and "not made" not in row.detail]
    assert len(complaints) == 1, complaints
    assert report.result is not Result.TOTAL_PASSED
    return complaints[0]


def _says(report: Report) -> tuple[Result, str, str | None]:
    row = _only_complaint(report)
    return report.result, row.name, row.sub_indication


def test_a_good_licence_passes_every_row(authority: Authority) -> None:
    report = verify_presentation(authority.presentation(), authority.trust(), VALID, AT)
    assert report.result is Result.TOTAL_PASSED
    assert [row.name for row in report.checks] == ROWS
    assert {(row.outcome, row.sub_indication) for row in report.checks} == {(Outcome.PASSED, None)}
    assert report.claims == {**CLEAR, **FACE}


def test_a_part_of_a_licence_passes_with_that_part(authority: Authority) -> None:
    sealed = authority.seal()
    chosen = sd_jwt.select(sealed.disclosures, lambda path: path == ("number",))
    presentation = sd_jwt.present(sealed.jwt, [one.encoded for one in chosen])
    report = verify_presentation(presentation, authority.trust(), VALID, AT)
    assert (report.result, report.claims) == (Result.TOTAL_PASSED, {**CLEAR, "number": FACE["number"]})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1],
        lambda text: text[:0],
        lambda text: text[:0] + "~",
        lambda text: text.replace(".", "..", 1),
        lambda text: text.encode().decode("latin-1").replace("e", "\ud800", 1),
        lambda text: base64url.encode(b'{"alg":"ES256"}') + text[text.index(".") :],
    ],
)
def test_what_cannot_be_read_fails(es256: Authority, spoil: Callable[[str], str]) -> None:
    report = verify_presentation(spoil(es256.presentation()), es256.trust(), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "FORMAT", "FORMAT_FAILURE")
    assert [row.name for row in report.checks] == ROWS
    assert report.claims is None


@pytest.mark.parametrize("claims", [{"iat": None}, {"iss": None}, {"vct": None}, {"iat": "today"}, {"iat": 10**300}])
def test_a_licence_without_its_first_claims_fails(es256: Authority, claims: dict[str, object]) -> None:
    huge = claims.get("iat") == 10**300
    if huge:
        payload = b'{"iss":"x","vct":"x","iat":' + b"9" * 300 + b"}"
        presentation = jws.sign({"typ": "dc+sd-jwt"}, payload, es256.key) + "~"
    else:
        presentation = es256.presentation(**claims)
    report = verify_presentation(presentation, es256.trust(), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "FORMAT", "FORMAT_FAILURE")


def test_an_unknown_key_leaves_doubt(authority: Authority) -> None:
    report = verify_presentation(authority.presentation(), Trust({}, (authority.root,)), VALID, AT)
    assert _says(report) == (Result.INDETERMINATE, "SEAL_KEY", "NO_CERTIFICATE_CHAIN_FOUND")
    assert report.claims is None


def test_a_chain_to_nobody_trusted_leaves_doubt(authority: Authority) -> None:
    trust = Trust(authority.trust().keys, (new_authority("ES256").root,))
    report = verify_presentation(authority.presentation(), trust, VALID, AT)
    assert _says(report) == (Result.INDETERMINATE, "CERTIFICATE", "NO_CERTIFICATE_CHAIN_FOUND")
    assert report.claims is None


def test_the_chain_is_judged_at_the_sealing_time(authority: Authority) -> None:
    long_after = END + timedelta(days=365)
    presentation = authority.presentation(exp=None)
    report = verify_presentation(presentation, authority.trust(), StatusAnswer("VALID", long_after), long_after)
    assert report.result is Result.TOTAL_PASSED
    late = authority.presentation(iat=int(END.timestamp()) + 1, nbf=None, exp=None)
    report = verify_presentation(late, authority.trust(), VALID, long_after)
    assert _says(report) == (Result.TOTAL_FAILED, "CERTIFICATE", "EXPIRED")


def test_a_forged_signature_fails(authority: Authority) -> None:
    head, payload, signature = authority.seal().jwt.split(".")
    forged = bytearray(base64url.decode(signature))
    forged[5] ^= 1
    presentation = f"{head}.{payload}.{base64url.encode(bytes(forged))}~"
    report = verify_presentation(presentation, authority.trust(), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "SIGNATURE", "SIG_CRYPTO_FAILURE")
    assert report.claims is None
    # Nothing unsigned is looked into: what stands on the signature is not made, and not a pass.
    unmade = {row.name for row in report.checks if row.detail == "not made, because of SIGNATURE"}
    assert unmade == {"DISCLOSURES", "ISSUER", "SEAL", "VALIDITY"}


def test_the_algorithm_of_another_suite_fails(es256: Authority) -> None:
    thief = AUTHORITIES["Ed25519"].key
    header = {"typ": "dc+sd-jwt", "kid": es256.certificate.thumbprint, "seal": ES_ID}
    report = verify_presentation(jws.sign(header, CLEAR, thief) + "~", es256.trust(), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "SIGNATURE", "SIG_CRYPTO_FAILURE")


def test_a_changed_disclosure_fails(authority: Authority) -> None:
    one, other = authority.seal(), authority.seal()
    presentation = sd_jwt.present(one.jwt, [other.disclosures[0].encoded])
    report = verify_presentation(presentation, authority.trust(), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "DISCLOSURES", "HASH_FAILURE")
    assert report.claims is None


@pytest.mark.parametrize("issuer", ["https://hub.example/authorities/11990100MB0000019J", ISSUER + "/", 7, None])
def test_a_key_speaks_for_its_own_authority_only(authority: Authority, issuer: object) -> None:
    presentation = authority.presentation(iss=issuer if issuer is not None else {"a": 1})
    report = verify_presentation(presentation, authority.trust(), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "ISSUER", "SIG_CONSTRAINTS_FAILURE")
    assert report.claims is None


def test_metadata_cannot_lend_a_key_to_another_authority(es256: Authority) -> None:
    """A hub that lists another authority's key under its own URL is contradicted by the certificate."""
    other = "https://hub.example/authorities/11990100MB0000019J"
    report = verify_presentation(es256.presentation(iss=other), es256.trust(issuer=other), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "ISSUER", "SIG_CONSTRAINTS_FAILURE")


def test_a_certificate_without_a_credit_code_speaks_for_nobody(es256: Authority) -> None:
    nameless = make_signer(Subject("无名"), es256.key.public, es256.root, es256.root_key, 3, START, END)
    someone = Authority(es256.key, nameless, es256.root_key, es256.root)
    report = verify_presentation(someone.presentation(iss="https://x/"), someone.trust(issuer="https://x/"), VALID, AT)
    assert _only_complaint(report).name == "ISSUER"


MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("seal", "says"),
    [
        ({"revoked_at": SEALED_AT + MOMENT}, None),
        ({"valid_from": SEALED_AT, "valid_until": SEALED_AT + MOMENT}, None),
        ({"revoked_at": SEALED_AT}, (Result.TOTAL_FAILED, "SEAL", "REVOKED")),
        ({"valid_until": SEALED_AT}, (Result.TOTAL_FAILED, "SEAL", "EXPIRED")),
        ({"valid_from": SEALED_AT + MOMENT}, (Result.TOTAL_FAILED, "SEAL", "NOT_YET_VALID")),
        ({"compromised_at": SEALED_AT + MOMENT}, (Result.INDETERMINATE, "SEAL", "NO_POE")),
        ({"es_id": "99010000000002"}, (Result.TOTAL_FAILED, "SEAL", "SIG_CONSTRAINTS_FAILURE")),
    ],
    ids=str,
)
def test_the_seal_was_valid_when_it_sealed(
    authority: Authority, seal: dict[str, datetime], says: tuple[Result, str, str] | None
) -> None:
    report = verify_presentation(authority.presentation(), authority.trust(**seal), VALID, AT)
    assert (None if report.result is Result.TOTAL_PASSED else _says(report)) == says


def test_a_licence_names_its_seal(es256: Authority) -> None:
    presentation = shown(es256.seal(header={"other": 1}))
    report = verify_presentation(presentation, es256.trust(), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "SEAL", "SIG_CONSTRAINTS_FAILURE")


def test_proof_of_existence_helps_against_a_stolen_key(authority: Authority) -> None:
    stolen = SEALED_AT + timedelta(days=2)
    trust, presentation = authority.trust(compromised_at=stolen), authority.presentation()
    before, after = stolen - MOMENT, stolen
    assert verify_presentation(presentation, trust, VALID, AT, existed_at=before).result is Result.TOTAL_PASSED
    report = verify_presentation(presentation, trust, VALID, AT, existed_at=after)
    assert _says(report) == (Result.INDETERMINATE, "SEAL", "NO_POE")


def test_nothing_is_sealed_in_the_future(es256: Authority) -> None:
    presentation = es256.presentation(nbf=None)
    report = verify_presentation(presentation, es256.trust(), VALID, SEALED_AT - timedelta(minutes=2))
    assert _says(report) == (Result.TOTAL_FAILED, "SEAL", "NOT_YET_VALID")
    # Clocks differ a little.
    assert verify_presentation(presentation, es256.trust(), VALID, SEALED_AT - MOMENT).result is Result.TOTAL_PASSED


def test_a_licence_has_its_time(authority: Authority) -> None:
    presentation, trust = authority.presentation(nbf=CLEAR["iat"] + 3600), authority.trust()
    start, end = (datetime.fromtimestamp(moment, UTC) for moment in (CLEAR["iat"] + 3600, CLEAR["exp"]))
    assert verify_presentation(presentation, trust, VALID, start).result is Result.TOTAL_PASSED
    assert verify_presentation(presentation, trust, VALID, end - MOMENT).result is Result.TOTAL_PASSED
    early = verify_presentation(presentation, trust, VALID, start - MOMENT)
    assert _says(early) == (Result.TOTAL_FAILED, "VALIDITY", "NOT_YET_VALID")
    late = verify_presentation(presentation, trust, VALID, end)
    assert _says(late) == (Result.TOTAL_FAILED, "VALIDITY", "EXPIRED")
    assert late.claims is not None


def test_times_that_are_no_numbers_fail(es256: Authority) -> None:
    report = verify_presentation(es256.presentation(exp="never"), es256.trust(), VALID, AT)
    assert _says(report) == (Result.TOTAL_FAILED, "VALIDITY", "FORMAT_FAILURE")


@pytest.mark.parametrize(
    ("status", "result", "why"),
    [
        (None, Result.INDETERMINATE, "TRY_LATER"),
        ("SUSPENDED", Result.TOTAL_FAILED, "REVOKED"),
        ("WITHDRAWN", Result.TOTAL_FAILED, "REVOKED"),
        ("CANCELLED", Result.TOTAL_FAILED, "REVOKED"),
        ("TRANSFERRED_OUT", Result.TOTAL_FAILED, "REVOKED"),
        ("REVOKED", Result.TOTAL_FAILED, "REVOKED"),
        ("SUPERSEDED", Result.TOTAL_FAILED, "REVOKED"),
        ("EXPIRED", Result.TOTAL_FAILED, "EXPIRED"),
        ("NOT_YET_VALID", Result.TOTAL_FAILED, "NOT_YET_VALID"),
        ("valid", Result.INDETERMINATE, "GENERIC"),
        ("", Result.INDETERMINATE, "GENERIC"),
    ],
)
def test_only_a_valid_status_passes(authority: Authority, status: str | None, result: Result, why: str) -> None:
    answer = None if status is None else StatusAnswer(status, AT)
    report = verify_presentation(authority.presentation(), authority.trust(), answer, AT)
    assert _says(report) == (result, "STATUS", why)
    assert status is None or status in _only_complaint(report).detail


def test_a_rotated_key_still_verifies(authority: Authority) -> None:
    old, new = authority, new_authority(authority.key.suite.name)
    keys = {old.certificate.thumbprint: old.trusted(valid_until=SEALED_AT + MOMENT)}
    trust = Trust({**keys, **new.trust().keys}, (old.root, new.root))
    for one in (old, new):
        assert verify_presentation(one.presentation(), trust, VALID, AT).result is Result.TOTAL_PASSED


def test_without_the_library_the_signature_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    authority = new_authority("SM2-SM3")
    presentation, trust = authority.presentation(), authority.trust()

    def missing() -> None:
        raise OSError

    libcrypto._library.cache_clear()
    monkeypatch.setattr(libcrypto, "load_library", missing)
    try:
        report = verify_presentation(presentation, trust, VALID, AT)
    finally:
        libcrypto._library.cache_clear()
    assert (report.result, report.claims) == (Result.INDETERMINATE, None)
    unmade = {row.name: row.detail for row in report.checks if row.outcome is not Outcome.PASSED}
    assert "libssl3" in unmade["SIGNATURE"]
    assert "libssl3" in unmade["CERTIFICATE"]


def test_a_time_without_a_zone_is_the_callers_mistake(es256: Authority) -> None:
    with pytest.raises(FormatError):
        verify_presentation(es256.presentation(), es256.trust(), VALID, AT.replace(tzinfo=None))


def test_the_report_shows_no_personal_data_in_text(es256: Authority) -> None:
    report = verify_presentation(es256.presentation(), es256.trust(), VALID, AT)
    assert "示例" not in repr(report)


def test_a_root_of_another_suite_is_as_good() -> None:
    maker, signer = AUTHORITIES["SM2-SM3"], AUTHORITIES["ES256"]
    root = make_root("制章中心", maker.root_key, 1, START, END)
    subject = signer.certificate.subject
    certificate = make_signer(subject, signer.key.public, root, maker.root_key, 2, START, END)
    mixed = Authority(signer.key, certificate, maker.root_key, root)
    assert verify_presentation(mixed.presentation(), mixed.trust(), VALID, AT).result is Result.TOTAL_PASSED
