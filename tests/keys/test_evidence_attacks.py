"""One bad evidence package for each attack, made now and kept: each is refused by the row that must tell it, and none passes."""

import json
from pathlib import Path

import pytest

from keys.evidence_verification import Anchors
from keys.report import Result
from keys.signed_note import Verifier
from tests.keys.evidence_judge import Believed, Refused, judged
from tests.keys.evidence_packages import ANCHORS, WITNESS, complaints, examined
from tests.vectors.keys.generate_evidence import ATTACKS, VECTORS, fresh

GOOD, SPOILT, EXPECTED = fresh()
KEPT = json.loads((VECTORS / "expected.json").read_text("utf-8"))
KEPT_ANCHORS = Anchors(
    KEPT["keys"], [Verifier.from_text(KEPT["log_key"])], [Verifier.from_text(KEPT["witness_key"])]
)  # fmt: skip


def kept(name: str) -> bytes:
    return (VECTORS / "attacks" / f"{name}.zip").read_bytes()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_for_what_it_is(name: str) -> None:
    _, result, row, why = ATTACKS[name]
    report = examined(SPOILT[name])
    assert report.result is result
    assert (row, why) in complaints(report)


@pytest.mark.parametrize("name", KEPT["attacks"])
def test_a_kept_attack_is_still_refused(name: str) -> None:
    told, report = KEPT["attacks"][name], examined(kept(name), KEPT_ANCHORS)
    assert report.result == told["result"]
    assert (told["row"], told["why"]) in complaints(report)


def test_the_kept_package_still_passes() -> None:
    report = examined((VECTORS / "good.zip").read_bytes(), KEPT_ANCHORS)
    assert (report.result, complaints(report)) == (Result.TOTAL_PASSED, [])
    assert [one.values for one in report.answers] == KEPT["values"]


def test_every_attack_is_kept() -> None:
    assert KEPT["attacks"].keys() == ATTACKS.keys() == {file.stem for file in Path(VECTORS / "attacks").iterdir()}


# -- a program of somebody else, which follows docs/formats.md ----------------------------------------------------------


def test_another_program_finds_the_same_in_a_good_package() -> None:
    believed = Believed(KEPT["keys"], KEPT["log_key"], KEPT["witness_key"])
    found = judged((VECTORS / "good.zip").read_bytes(), believed)
    assert [one.values for one in found] == KEPT["values"]
    assert [one.existed_at for one in found] == [KEPT["witnessed_at"]] * 2
    report = examined(GOOD, Anchors(ANCHORS.keys, ANCHORS.log_keys, [WITNESS]))
    again = judged(GOOD, Believed(EXPECTED["keys"], EXPECTED["log_key"], EXPECTED["witness_key"]))
    assert [one.values for one in again] == [one.values for one in report.answers]


@pytest.mark.parametrize("name", ATTACKS)
def test_another_program_refuses_the_same_attacks(name: str) -> None:
    with pytest.raises(Refused):
        judged(SPOILT[name], Believed(EXPECTED["keys"], EXPECTED["log_key"], None))
