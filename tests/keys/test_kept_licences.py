"""Licences sealed once and checked in: what was sealed yesterday verifies today (the generator is beside the file)."""

import json
from datetime import timedelta
from pathlib import Path

from keys.certificates import Certificate
from keys.verification import Result, StatusAnswer, trust_from_metadata, verify_presentation
from tests.keys.authorities import CLEAR, FACE, SEALED_AT

KEPT = json.loads((Path(__file__).parents[1] / "vectors" / "keys" / "licences.json").read_text("ascii"))


def test_a_kept_licence_still_verifies(suite_name: str) -> None:
    kept, at = KEPT[suite_name], SEALED_AT + timedelta(days=1)
    trust = trust_from_metadata([kept["metadata"]], Certificate.load_pem_bundle(kept["root"].encode()))
    report = verify_presentation(kept["presentation"], trust, StatusAnswer("VALID", at), at)
    assert report.result is Result.TOTAL_PASSED
    assert report.claims == {**CLEAR, **FACE}
