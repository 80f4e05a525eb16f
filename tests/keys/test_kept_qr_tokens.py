"""Printed codes signed once and checked in: each comes to the report it came to, and so does every attack (the generator is beside them)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from keys import base32, qr_text, status_list, trust_list
from keys.errors import FormatError
from keys.report import Report
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA
from tests.vectors.qr_tokens import generate

KEPT: dict[str, Any] = json.loads(generate.VECTORS.read_text("utf-8"))
AT = datetime.fromtimestamp(KEPT["at"], UTC)
LISTED = trust_list.read(KEPT["trust_list"].encode(), KEPT["keys"], AT, issuer=KEPT["hub"])
STATUSES = status_list.read(KEPT["status_list"]["jwt"].encode(), JWT_MEDIA, KEPT["keys"])
CODES = {code["name"]: code for code in KEPT["codes"]}


def told(report: Report) -> dict[str, Any]:
    checks = [{"name": one.name, "outcome": one.outcome, "subIndication": one.sub_indication} for one in report.checks]
    return {"result": report.result, "checks": checks, "claims": report.claims}


@pytest.mark.parametrize("name", CODES)
def test_a_kept_code_comes_to_the_report_it_came_to(name: str) -> None:
    code = CODES[name]
    report = generate.report(qr_text.read(code["text"]).token, LISTED, STATUSES)
    assert told(report) == {part: code[part] for part in ("result", "checks", "claims")}


@pytest.mark.parametrize("name", generate.ATTACKS)
def test_an_attack_comes_to_what_it_must(name: str) -> None:
    _, result, row, why = generate.ATTACKS[name]
    complaints = [
        (one["name"], one["subIndication"]) for one in CODES[name]["checks"] if one["subIndication"] not in (None, "GENERIC")
    ]  # fmt: skip
    assert (CODES[name]["result"], complaints) == (result, complaints)
    assert complaints[0] == (row, why)


@pytest.mark.parametrize("name", generate.GOODS)
def test_a_good_code_passes(name: str) -> None:
    assert CODES[name]["result"] == "TOTAL_PASSED"


def test_the_generator_still_makes_what_is_kept() -> None:
    made = generate.vectors()
    assert [{**one, "text": ""} for one in made["codes"]] == [{**one, "text": ""} for one in KEPT["codes"]]
    assert (made["spelt"]["texts"].keys(), made["refused"].keys()) == (
        KEPT["spelt"]["texts"].keys(),
        KEPT["refused"].keys(),
    )


@pytest.mark.parametrize("name", KEPT["spelt"]["texts"])
def test_a_scanners_spelling_is_the_same_code(name: str) -> None:
    assert qr_text.read(KEPT["spelt"]["texts"][name]).token == base32.decode(KEPT["spelt"]["token"])


@pytest.mark.parametrize("name", KEPT["refused"])
def test_what_is_no_code_is_refused_as_such(name: str) -> None:
    with pytest.raises(FormatError):
        qr_text.read(KEPT["refused"][name])


def test_both_forms_of_the_kept_status_list_say_the_same() -> None:
    assert status_list.read(base32.decode(KEPT["status_list"]["cwt"]), CWT_MEDIA, KEPT["keys"]) == STATUSES
