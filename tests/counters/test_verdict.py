"""The tables of verdicts: green is VALID alone, only for a report that passed in full; each attack comes to its word."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.counters.verdict import COLOURS, Colour, Names, ShownField, ShownLicence, Verdict, Why, Word, may_show, word_of
from keys.report import Check, Outcome, Report, Result
from tests.vectors.qr_tokens.generate import VECTORS

CODES: dict[str, Any] = {code["name"]: code for code in json.loads(VECTORS.read_text("utf-8"))["codes"]}
LISTED = {"revoked licence": "INVALID", "suspended licence": "SUSPENDED", "superseded licence": "APPLICATION_SPECIFIC"}


def report(code: dict[str, Any]) -> Report:
    checks = tuple(
        Check(one["name"], Outcome(one["outcome"]), one["subIndication"], "") for one in code["checks"]
    )  # fmt: skip
    return Report(Result(code["result"]), checks, code["claims"])


def said(name: str, *, online: bool = False) -> tuple[Word, str]:
    return word_of(report(CODES[name]), LISTED.get(name, "VALID"), online=online)


@pytest.mark.parametrize("name", CODES)
def test_green_is_for_what_passed_in_full_and_for_nothing_else(name: str) -> None:
    word, _ = said(name)
    assert (COLOURS[word] is Colour.GREEN) == (CODES[name]["result"] == "TOTAL_PASSED")
    assert COLOURS[word] is Colour.RED or CODES[name]["result"] != "TOTAL_FAILED"


def test_one_word_is_green() -> None:
    assert [word for word, colour in COLOURS.items() if colour is Colour.GREEN] == [Word.VALID]
    assert COLOURS.keys() == set(Word)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("good, SM2-SM3", (Word.VALID, Word.VALID)),
        ("another hub", (Word.OTHER_HUB, Word.OTHER_HUB)),
        ("trailing byte", (Word.NOT_GENUINE, Why.MALFORMED)),
        ("changed signature", (Word.NOT_GENUINE, Why.ALTERED)),
        ("key of another authority", (Word.NOT_GENUINE, Why.WRONG_AUTHORITY)),
        ("kid of nobody", (Word.CANNOT_CONFIRM, Why.UNKNOWN_SEAL)),
        ("under a revoked seal", (Word.NOT_GENUINE, Why.SEAL_NOT_VALID)),
        ("under a stolen key", (Word.CANNOT_CONFIRM, Why.STOLEN_KEY)),
        ("licence that expired", (Word.EXPIRED, Word.EXPIRED)),
        ("licence that is not valid yet", (Word.NOT_YET_VALID, Word.NOT_YET_VALID)),
        ("revoked licence", (Word.REVOKED, Why.ENDED)),
        ("suspended licence", (Word.SUSPENDED, Word.SUSPENDED)),
        ("superseded licence", (Word.SUPERSEDED, Why.REPLACED_OR_MOVED)),
        ("of a list that is not here", (Word.CANNOT_CONFIRM, Why.NO_STATUS)),
    ],
)
def test_an_attack_has_its_word_and_reason(name: str, expected: tuple[Word, str]) -> None:
    assert said(name) == expected


def test_a_seal_that_the_hub_itself_does_not_know_is_no_seal() -> None:
    assert said("kid of nobody", online=True) == (Word.NOT_GENUINE, Why.UNKNOWN_SEAL)


def test_that_it_was_revoked_matters_more_than_that_it_is_over() -> None:
    over = report(CODES["licence that expired"])
    failed = Check("STATUS", Outcome.FAILED, "REVOKED", "")
    both = Report(over.result, (*over.checks[:-1], failed), over.claims)
    assert word_of(both, "CANCELLED", online=True) == (Word.CANCELLED, Word.CANCELLED)


@pytest.mark.parametrize("name", ["changed signature", "another hub", "under a stolen key", "under a revoked seal"])
def test_nothing_is_shown_of_what_is_not_proven(name: str) -> None:
    assert not may_show(report(CODES[name]))


@pytest.mark.parametrize("name", ["revoked licence", "licence that expired", "of a list that is not here"])
def test_what_is_genuine_is_shown_even_if_it_is_not_valid(name: str) -> None:
    assert may_show(report(CODES[name]))


def test_the_json_has_the_names_that_were_agreed() -> None:
    licence = ShownLicence(
        "1.2.3", "BusinessLicence", Names("营业执照", "Business Licence"), "11990100MB0000018K", Names("局", "Bureau"), None,
        "2026-01-01", None, "99010000000001", Names("章", "Seal"),
    )  # fmt: skip
    shown = ShownField("holders.name", Names("姓名", "Name"), {"code_type": "kept"})
    verdict = Verdict(
        Word.VALID, Word.VALID, (Check("FORMAT", Outcome.PASSED, None, "x"),), licence,
        datetime(2026, 5, 4, tzinfo=UTC), fields=(shown,),
    )  # fmt: skip
    told = json.loads(json.dumps(verdict.json()))
    assert list(told) == ["word", "colour", "reason", "checks", "licence", "asOf", "online", "fields"]
    assert told["checks"] == [{"name": "FORMAT", "outcome": "PASSED", "subIndication": None, "detail": "x"}]
    assert told["licence"] == {
        "identifier": "1.2.3", "type": "BusinessLicence", "typeNames": {"zh": "营业执照", "en": "Business Licence"},
        "issuer": "11990100MB0000018K", "issuerNames": {"zh": "局", "en": "Bureau"}, "holder": None,
        "validFrom": "2026-01-01", "validUntil": None, "seal": "99010000000001", "sealNames": {"zh": "章", "en": "Seal"},
    }  # fmt: skip
    assert told["fields"] == [
        {"path": "holders.name", "label": {"zh": "姓名", "en": "Name"}, "value": {"code_type": "kept"}}
    ]
    assert (told["colour"], told["asOf"], told["online"]) == ("GREEN", "2026-05-04T00:00:00+00:00", True)
