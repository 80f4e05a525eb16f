"""Ids of words of the console's frame that are put together; see tests/web/made_words.py.

A section's own file may give more names to a form that stands here, such as `problem.{}`.
"""

from collections.abc import Mapping

from hub.licences.status import EXPIRED, NOT_YET_VALID, Status
from hub.seals.life import SealStatus
from hub.web.console.table import SECTIONS

MADE: Mapping[str, frozenset[str]] = {
    "{}.section": frozenset(section.name for section in SECTIONS),
    "console.licence.{}": frozenset((*Status, NOT_YET_VALID, EXPIRED)),
    "console.seal.{}": frozenset(SealStatus),
    "problem.EMPTY.{}": frozenset(("reason", "basis")),
    "problem.{}": frozenset(
        (
            "ACT_UNDERWAY", "ALREADY_EXISTS", "CODE_INVALID", "IDEMPOTENCY_MISMATCH", "INPUT_INVALID", "SEAL_MISSING", "SEAL_UNUSABLE",
            "STATE_FORBIDS", "STATUS_FORBIDS", "VERSION_CONFLICT",
        )
    ),
}  # fmt: skip
