"""A trust list signed once and checked in: what it said yesterday it says today (the generator is beside the file)."""

import json
from pathlib import Path

from keys import cms_verification, ses_verification, trust_list
from keys.digests import digests_of
from keys.verification import StatusAnswer, verify_presentation
from tests.keys.seals import complaints
from tests.keys.trust_lists import DAY, EDITION, HUB, NOW

KEPT = json.loads((Path(__file__).parents[1] / "vectors" / "keys" / "trust_list.json").read_text("ascii"))
LIST = trust_list.read(KEPT["list"].encode(), KEPT["keys"], NOW, issuer=HUB)
DIGESTS = digests_of(KEPT["document"].encode())
THEN = NOW - 2 * DAY


def test_a_kept_list_still_tells_what_became_of_seals() -> None:
    assert LIST.edition == EDITION
    told = {
        one.suite: (one.status_at(THEN - DAY), one.status_at(THEN), one.status_at(NOW)) for one in LIST.seals.values()
    }
    assert told == {
        "ES256": ("ACTIVE", "ACTIVE", "ACTIVE"), "Ed25519": ("ACTIVE", "ACTIVE", "SUSPENDED"), "SM2-SM3": ("ACTIVE", "REVOKED", "REVOKED"),
    }  # fmt: skip


def test_a_kept_list_still_verifies_licences() -> None:
    reports = {
        name: verify_presentation(licence, LIST.trust, StatusAnswer("VALID", NOW), NOW)
        for name, licence in KEPT["licences"].items()
    }
    assert {name: complaints(one) for name, one in reports.items()} == {
        "ES256": [], "Ed25519": [], "SM2-SM3": [("SEAL", "NO_POE")]
    }  # fmt: skip


def test_a_kept_list_still_verifies_documents() -> None:
    reports = {
        name: ses_verification.verify_signature(bytes.fromhex(one), DIGESTS, LIST.seal_trust(), NOW)
        for name, one in KEPT["signatures"].items()
    }
    assert {name: complaints(one) for name, one in reports.items()} == {
        "ES256": [], "SM2-SM3": [("SIGNING_TIME", "NO_POE"), ("SEAL_VALIDITY", "NO_POE")]
    }  # fmt: skip
    assert reports["ES256"].result == "TOTAL_PASSED"
    assert cms_verification.verify(bytes.fromhex(KEPT["cms"]), DIGESTS, LIST.file_trust(), NOW).result == "TOTAL_PASSED"
