"""Ids of words that are put together where they are used: the form, and what stands for the braces.

A part of the pages with a folder of its own has such a file beside its tests; `test_words` reads each.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from hub.access.staff.roles import ROLES
from hub.counters.verdict import Why, Word
from hub.sharing.materials.results import Result
from hub.web.failures import NAMES
from keys.qr_verification import verify_token
from keys.report import Outcome
from keys.trust import Trust

_NOTHING = verify_token(b"", "https://hub.example.gov.cn", Trust({}, ()), None, datetime(2026, 1, 1, tzinfo=UTC))
CHECKS = frozenset(check.name for check in _NOTHING.checks)
"""The checks of a printed code: all are reported, made or not."""
PROVIDER = frozenset(
    f"PROVIDER_{each}" for each in ("UNAVAILABLE", "REFUSED", "ANSWER_INVALID", "CLOCK", "LEVEL")
) | {"SUBJECT_UNKNOWN"}  # fmt: skip
"""Codes of what can go wrong at the OpenID provider, as the page of signing in tells it."""
MADE: Mapping[str, frozenset[str]] = {
    "sign_in.error.{}": PROVIDER,
    "sign_in.error.{}.advice": PROVIDER | {"clock", "closed"},
    "role.{}": frozenset(ROLES),
    "{}.advice": frozenset(
        ("sign_in.error.failed", "sign_in.error.postponed", "first.error.failed", "first.error.password")
    ),
    "{}.error.failed": frozenset(("sign_in", "first")),
    "verdict.word.{}": frozenset(Word),
    "verdict.reason.{}": frozenset([*Word, *Why]),
    "verdict.outcome.{}": frozenset(Outcome),
    "verdict.check.{}": CHECKS,
    "verdict.licence.{}": frozenset(("holder", "type", "issuer", "period", "identifier", "seal")),
    "counter.materials.{}": frozenset(Result),
    "rendition.kind.{}": frozenset(("ORIGINAL", "ANNOTATED_COPY")),
    "public.script.{}": frozenset(("reading", "failed", "busy", "large")),
    **{f"failure.{{}}.{part}": NAMES for part in ("title", "kept", "next")},
}
