"""The names that formats and glossary promise are those of the code: suites, statuses, checks, purposes, scopes."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.access.caller import SCOPES
from hub.counters import qr_code
from hub.endpoints import seal_lists
from hub.licences.status import EXPIRED, NOT_YET_VALID, OPERATIONS, Status, status_value
from hub.licences.status_lists import MAX_AGE, TTL, VISIBLE_WITHIN
from hub.seals.life import SealStatus
from hub.seals.published import MAX_AGE as LIST_MAX_AGE
from hub.seals.publishing import NAME as TRUST_LIST_KEY
from hub.seals.register import Reason
from hub.sharing.rebuilding import MOST_ANSWERS, Missing
from hub.sharing.records import Outcome
from hub.sharing.withholding import Reason as WithheldReason
from hub.vault import purposes
from hub.vault.purposes import PURPOSES, Domain, Purpose
from keys import (
    certificates,
    cms_verification,
    evidence,
    evidence_answer,
    evidence_verification,
    evidence_zip,
    jws,
    listed_seal,
    qr_text,
    qr_token,
    qr_verification,
    seal_verification,
    ses_form,
    ses_verification,
    trust_list,
    verification,
)
from keys.contracts import Suite
from keys.errors import SubIndication
from keys.listed_status import WORDS
from keys.receipt import LATE_TYP
from keys.report import outcome_of
from keys.revocation import RevocationReason
from keys.sd_jwt_form import SD_JWT_VC, TYP
from keys.status_list_form import (
    CWT_MEDIA,
    EXPIRES,
    ISSUED,
    JWT_MEDIA,
    JWT_TYP,
    STATUS_LIST,
    STATUS_LIST_DRAFT,
    SUBJECT,
    TIME_TO_LIVE,
)
from keys.suites import SUITES
from keys.trust import HINT

DOCS = Path(__file__).parents[2] / "docs"
FORMATS = (DOCS / "formats.md").read_text("utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text("utf-8")
DOMAINS = (
    purposes.holder,
    purposes.number,
    purposes.uniqueness,
    purposes.case_party,
    purposes.dispute,
    purposes.access,
    purposes.register,
    purposes.register_name,
    purposes.consent_of,
    purposes.consent_to,
    purposes.presentation,
    purposes.request,
    purposes.imported,
    purposes.sign_in,
)


def _rows(page: str, first: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith(f"| {first} |")]


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
def test_a_suite_has_the_names_its_row_gives(suite: Suite) -> None:
    (row,) = _rows(FORMATS, f"`{suite.name}`")
    names = (suite.jose_algorithm, suite.digest_name, suite.jwk_type, suite.jwk_curve, *suite.jose_accepted)
    assert [name for name in names if f"`{name}`" not in row] == []
    assert f"| {suite.cose_algorithm} " in row
    assert suite.signature_algorithm in row


def test_the_edition_of_the_draft_and_the_type_are_the_pinned_ones() -> None:
    assert SD_JWT_VC in FORMATS
    assert f"`{TYP}`" in FORMATS
    assert STATUS_LIST_DRAFT in FORMATS


def test_a_status_list_has_the_names_numbers_and_times_that_are_told() -> None:
    section = FORMATS.partition("## 10. Status lists")[2]
    rows = {
        f"`typ` `{JWT_TYP}` | 16: `{CWT_MEDIA}`, protected", f"`{JWT_MEDIA}` | `{CWT_MEDIA}`", f"`sub` | {SUBJECT} ",
        f"`iat` | {ISSUED} ", f"`exp` | {EXPIRES} ", f"`ttl` | {TIME_TO_LIVE} ", f"| {STATUS_LIST}: `bits` 2",
    }  # fmt: skip
    assert {row for row in rows if row not in section} == set()
    assert f"so many seconds: {TTL} " in section
    assert f"max-age={MAX_AGE}," in section
    assert f"{VISIBLE_WITHIN} seconds after its commit" in section
    assert [word for word in WORDS.values() if f"| {word} |" not in section] == []


def test_the_trust_list_has_the_names_and_bounds_that_are_told() -> None:
    section = FORMATS.partition("## 15. Trust list")[2].partition("\n## ")[0]
    told = {
        f"`{TRUST_LIST_KEY}`", f"`{trust_list.TYP}`", f"| `version` | {trust_list.VERSION}, ",
        f"over {trust_list.MOST_BYTES >> 20} MiB", f"max-age={LIST_MAX_AGE},", f"GET {seal_lists.TRUST_LIST}`",
        f"GET {seal_lists.REVOCATIONS.replace('{suite}', 'SUITE')}`",
    }  # fmt: skip
    assert {name for name in told if name not in section} == set()
    key = SUITES["ES256"].generate()
    edition = trust_list.Edition(
        "https://hub.example", 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    )
    claims = jws.parse(trust_list.make(edition, (), [], [], key, "kid").decode()).claims()
    turn = listed_seal.Turn("ACTIVE", edition.issued_at, RevocationReason.SUPERSEDED)
    times = (edition.issued_at, edition.next_update)
    seal = listed_seal.ListedSeal("1", "2", "3", "4", "5", "6", "7", *times, (turn,), (), "8", "9", "10")
    members = [*claims, *listed_seal.members_of(seal), *listed_seal.members_of(seal)["history"][0]]
    assert [name for name in members if f"`{name}`" not in section and f'"{name}"' not in section] == []


@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.name)
def test_a_purpose_is_described_with_its_table_and_its_only_opener(purpose: Purpose) -> None:
    (row,) = _rows(FORMATS, f"`{purpose.name}`")
    assert f"| `{purpose.table}` |" in row
    assert row.endswith(f"| `{purpose.opened_by}` |")


@pytest.mark.parametrize(
    "domain",
    [*(make("scope") for make in DOMAINS), purposes.promise(), purposes.rendition()],
    ids=lambda domain: domain.kind,
)
def test_an_index_domain_is_described(domain: Domain) -> None:
    assert len(_rows(FORMATS, f"`{domain.kind}`")) == 1


def test_every_stored_outcome_of_a_read_is_named() -> None:
    assert [outcome for outcome in Outcome if outcome.value not in FORMATS] == []


@pytest.mark.parametrize("status", [*(each.value for each in Status), NOT_YET_VALID, EXPIRED])
def test_a_licence_status_is_described_with_its_list_value(status: str) -> None:
    row, *_ = _rows(GLOSSARY, status)  # seals have two words in common with licences, further down
    assert row.endswith(f"| {status_value(status)} |")


def test_every_operation_and_scope_is_named() -> None:
    assert [name for name in OPERATIONS if f"`{name}`" not in GLOSSARY] == []
    assert [name for name in SCOPES if name not in GLOSSARY] == []


def test_every_word_of_seals_and_withholding_is_named() -> None:
    words = [*SealStatus, *Reason, *WithheldReason]
    assert [word.value for word in words if not re.search(rf"\b{word.value}\b", GLOSSARY)] == []


def test_the_rows_of_a_verification_stand_in_order_with_what_they_stand_on() -> None:
    table = GLOSSARY.partition("| row |")[2].partition("\n\n")[0].splitlines()[2:]
    told = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in table]
    assert told == [(name, ", ".join(needs)) for name, needs, _ in verification._CHECKS]


def test_the_rows_of_a_seals_verification_stand_in_order() -> None:
    section = FORMATS.partition("## 11. Electronic seals")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([A-Z_]+)`( \*)? \|", section, re.MULTILINE)
    assert [name for name, _ in told] == [name for name, _, _ in ses_verification._CHECKS]
    assert [name for name, star in told if star] == [name for name, _, _ in seal_verification._CHECKS]
    stand_on = {needs for name, needs, _ in (*ses_verification._CHECKS, *seal_verification._CHECKS) if name != "FORMAT"}
    assert stand_on == {("FORMAT",)}


def test_the_bounds_of_seals_are_told() -> None:
    section = FORMATS.partition("## 11. Electronic seals")[2].partition("\n## ")[0]
    mebi, kibi = 1 << 20, 1 << 10
    bounds = (
        f"| {ses_form.LARGEST // mebi} MiB; {ses_form.LARGEST_PICTURE // mebi} MiB, 1 to {ses_form.LONGEST_SIDE} mm a side |",
        f"| {ses_form.MOST_SIGNERS}; {ses_form.LARGEST_CERTIFICATE // kibi} KiB |",
        f"| {ses_form.MOST_EXTENSIONS}; {ses_form.LARGEST_EXTENSION // kibi} KiB; {ses_form.LARGEST_TIMESTAMP // kibi} KiB |",
        f"| {ses_form.LONGEST_TEXT} bytes; {ses_form.LONGEST_PROPERTY_INFO} bytes |",
    )
    assert [bound for bound in bounds if bound not in section] == []
    rows = {oid: row.name for oid, row in ses_form.SES_SUITES.items()}
    assert [oid for oid, name in rows.items() if f"| {name} | {oid} |" not in section] == []


@pytest.mark.parametrize("sub_indication", SubIndication)
def test_a_sub_indication_has_the_outcome_it_is_told_to_have(sub_indication: SubIndication) -> None:
    (row,) = [line for line in GLOSSARY.splitlines() if re.match(rf"\| [A-Z_, ]*\b{sub_indication}\b", line)
              and line.endswith(("| FAILED |", "| INDETERMINATE |"))]  # fmt: skip
    assert row.endswith(f"| {outcome_of(sub_indication)} |")


@pytest.mark.parametrize("name", ["ROOT", "AUTHORITY", "MAKER", "SIGNER", "MAKER_ROOT"])
def test_a_profile_says_what_its_row_says(name: str) -> None:
    profile = getattr(certificates, name)
    (row,) = _rows(FORMATS, f"`{name}`")
    depth = "no" if profile.path_length is None else f"yes, {profile.path_length}"
    usage = ["keyCertSign, cRLSign", "digitalSignature, nonRepudiation"][profile.path_length is None]
    assert f"| {depth} | {usage} |" in row


def test_an_evidence_package_has_the_names_bounds_and_rows_that_are_told() -> None:
    section = FORMATS.partition("## 18. Evidence packages")[2].partition("\n## ")[0]
    own = (evidence.RECORD, evidence.SALT, evidence.PROOF, evidence.RECEIPT, evidence.PRESENTATION, evidence.ANSWER)
    told = {
        f"`{evidence.FORMAT}`", f"`{evidence.MANIFEST}`", f"`{evidence.SIGNATURE}`", f"`{evidence.JWKS}`",
        f"`{evidence.LOG_KEYS}`", f"`{evidence.TRUST_LIST}`", f"`{evidence.TYP}`", f"`{LATE_TYP}`",
        f"At most {evidence_zip.MOST_FILES} files, {evidence_zip.LARGEST >> 20} MiB", f"and {evidence_zip.LONGEST_NAME} characters",
        *(f"`answers/NNN/{name}`" for name in own), *(f"`{missing}`" for missing in Missing),
    }  # fmt: skip
    assert {name for name in told if name not in section} == set()
    rows = re.findall(r"^\| `([A-Z_]+)`(?: to `[A-Z]+`)? \|", section, re.MULTILINE)
    of_answers = [
        *evidence_answer._LOGGED,
        *verification._CHECKS[:1],
        *evidence_answer._SEALED,
        *evidence_answer._BOUND,
    ]
    assert rows == [name for name, *_ in (*evidence_verification._CHECKS, *of_answers)]
    assert f"the {MOST_ANSWERS} of one" in (DOCS / "errors.md").read_text("utf-8")


def test_the_rows_of_a_files_signature_stand_in_order() -> None:
    section = FORMATS.partition("| row of a file's signature |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE) == [name for name, _, _ in cms_verification._CHECKS]


def test_a_printed_code_has_the_numbers_and_rows_that_are_told() -> None:
    section = FORMATS.partition("## 21. Printed codes")[2].partition("\n## ")[0]
    told = {
        f"**at most {qr_token.MOST_BYTES} bytes**", f"the first {qr_token.KID_BYTES} bytes of the thumbprint", f"first {HINT} characters",
        f"| 16 `typ` | {qr_token.TYP} ", f"| {qr_token.LICENCE} **private** |", f"| 0 | hub | {qr_token.HUB_BYTES} bytes", f"| {qr_token.EXPIRES} `exp` |",
        f"| {qr_token.NOT_BEFORE} `nbf` |", f"| {qr_token.ISSUED} `iat` |", f"/{qr_text.MARK.strip('/')}TOKEN", f"At most {qr_text.LONGEST:,} characters",
        f"level {qr_code.LEVEL}, at most version {qr_code.LARGEST_VERSION}:",
    }  # fmt: skip
    assert {name for name in told if name not in section} == set()
    table = section.partition("| row of a printed code |")[2].partition("\n\n")[0].splitlines()[2:]
    rows = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in table]
    assert rows == [(name, ", ".join(needs)) for name, needs, _ in qr_verification._CHECKS]
