"""Kept CMS signatures, good and bad; the generator is beside the files."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from keys.certificates import Certificate
from keys.cms_verification import Trust, verify
from keys.digests import digests_of
from keys.report import Outcome, Report, Result
from keys.revocation import Revocation
from tests.keys.seal_makers import END
from tests.vectors.keys.generate_cms import file_of, fresh

VECTORS = Path(__file__).parents[1] / "vectors" / "keys" / "cms"
EXPECTED = json.loads((VECTORS / "expected.json").read_text("ascii"))
LATER = END.replace(year=END.year + 1)
ROWS = ["FORMAT", "DATA_HASH", "SIGNATURE", "CERTIFICATE", "SIGNING_TIME", "REVOCATION"]


@dataclass(frozen=True)
class Kept:
    """The files, as they lie in the repository or come from the generator."""

    file: Callable[[str], bytes]
    expected: Mapping[str, Any]

    def verify(self, folder: str, name: str) -> Report:
        """Examine one, long after."""
        at = self.expected["attacks"].get(name, {}).get("signer_revoked_at") if folder == "attacks" else None
        (root,), (signer,) = (Certificate.load_pem_bundle(self.file(one)) for one in ("root.pem", "signer.pem"))
        revoked = {signer.thumbprint: Revocation(datetime.fromisoformat(at).astimezone(UTC))} if at else {}
        digests = digests_of(self.file("document"))
        return verify(self.file(file_of(folder, name)), digests, Trust((root,), revocations=revoked), LATER)

    def is_refused(self, name: str) -> None:
        """A bad one is refused for what it is, and every row is reported, those too that could not be made."""
        attack, report = self.expected["attacks"][name], self.verify("attacks", name)
        row = next(row for row in report.checks if row.outcome is not Outcome.PASSED)
        assert (report.result, row.name, row.sub_indication) == (attack["result"], attack["row"], attack["why"])
        assert [row.name for row in report.checks if row.name != "TIMESTAMP"] == ROWS


KEPT = Kept(lambda name: (VECTORS / name).read_bytes(), EXPECTED)


@pytest.mark.parametrize("name", EXPECTED["good"])
def test_a_kept_signature_still_verifies(name: str) -> None:
    report = KEPT.verify("good", name)
    assert [row.name for row in report.checks if row.outcome is Outcome.PASSED] == ROWS
    assert report.result is Result.TOTAL_PASSED


@pytest.mark.parametrize("name", EXPECTED["attacks"])
def test_an_attack_is_refused_for_what_it_is(name: str) -> None:
    KEPT.is_refused(name)


def test_the_generator_makes_what_is_kept_and_it_is_judged_alike() -> None:
    made = fresh()
    assert made.expected == EXPECTED
    kept = Kept(made.files.__getitem__, made.expected)
    for name in EXPECTED["attacks"]:
        kept.is_refused(name)
    assert {kept.verify("good", name).result for name in EXPECTED["good"]} == {Result.TOTAL_PASSED}
    files = {str(file.relative_to(VECTORS)) for file in VECTORS.rglob("*") if file.is_file()}
    assert files == {*made.files, "expected.json"}
