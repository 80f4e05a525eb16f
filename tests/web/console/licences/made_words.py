"""Ids of words of the pages of licences that are put together; see tests/web/made_words.py."""

from collections.abc import Mapping

from hub.licences.status import OPERATIONS, RESEAL_ACT
from hub.web.console.licences.steps import CHANGES

MADE: Mapping[str, frozenset[str]] = {
    "licences.operation.{}": frozenset((*OPERATIONS, RESEAL_ACT)),
    "licences.act.lead.{}": frozenset(CHANGES),
    "{}.done": frozenset(f"licences.{name}" for name in CHANGES),
    "verdict.check.{}": frozenset(("FORMAT", "SEAL_KEY", "CERTIFICATE", "SIGNATURE", "DISCLOSURES", "ISSUER", "SEAL", "VALIDITY", "STATUS")),
    "problem.{}": frozenset(("RENDITION_DEADLINE", "RENDITION_NOT_VALID", "IDENTIFIER_INVALID")),
}  # fmt: skip
