"""Whether the licences of a person of the case meet a requirement: yes, no, or why that cannot be judged. The field itself is told to nobody.

Decides by requirements that the item's document publishes, and by no others: a predicate of the caller's own would let him search for a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.audit.service import Pending
from hub.catalogue.items.item_document import Alternative
from hub.catalogue.licence_type import Term
from hub.catalogue.service import Catalogue
from hub.sharing.materials.attempts import Attempt, Attempts
from hub.sharing.materials.refusals import RequirementUnknownError
from hub.sharing.materials.results import RANKS, Reason, Result
from hub.sharing.reading import OpenCase
from hub.sharing.records import Outcome, recorded, refusal_entry

# A licence that is not valid today meets nothing; one that is not found, or that nobody may look at, says nothing.
_ANSWERS: Final[Mapping[Result, bool]] = {Result.EXEMPT: True, Result.NOT_VALID: False}
_UNSEEN: Final[Mapping[Result, Outcome]] = {
    Result.NOT_FOUND: Outcome.NOT_FOUND,
    Result.NOT_GRANTED: Outcome.NOT_GRANTED,
    Result.CONSENT_NEEDED: Outcome.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Met:
    """The answer to a requirement; None: it cannot be judged, and `reason` says why."""

    name: str
    words: Term
    met: bool | None
    reason: Reason


class Meeting:
    """Asks requirements of open cases."""

    def __init__(self, attempts: Attempts, catalogue: Catalogue) -> None:
        """Requirements are those of the documents in the catalogue."""
        self._attempts = attempts
        self._catalogue = catalogue

    async def meets(self, case: OpenCase, name: str, of: str, pending: Pending) -> Met:
        """Tell whether everybody in a role (`applicant`, or a party's) meets a requirement by a licence that is valid today.

        Raises:
            ItemNotPublishedError, RequirementUnknownError: the case's item publishes no such requirement.
            DamagedError, PolicyChangedError, UnavailableError: it cannot be told.
        """
        with recorded(pending, case.caller, case=case.record, legal_basis=case.legal_basis):
            document = self._catalogue.documents.of(case.item)
            asked = document.requirements.get(name)
            if asked is None:
                raise RequirementUnknownError
            only = (Alternative(asked.source, of, (name,), frozenset()),)
            ground = await self._attempts.ground(case, [(asked.source, of)], pending)
            attempts = self._attempts.of_role(ground, document, only, None, pending)
        told = max(attempts, key=_weight)
        self._note(case, told, asked.source, pending)
        return Met(name, asked.words, _ANSWERS.get(told.result), told.reason)

    def _note(self, case: OpenCase, told: Attempt, source: str, pending: Pending) -> None:
        """Promise a record where nothing was looked at that has one."""
        if outcome := _UNSEEN.get(told.result):
            pending.record(
                refusal_entry(
                    case.caller, outcome, told.reason.why.value, case=case.record, legal_basis=case.legal_basis, type_key=source
                )
            )  # fmt: skip


def _weight(one: Attempt) -> tuple[bool, int]:
    """Of several persons who does not meet it decides, then of whom it cannot be told."""
    return one.result is Result.NOT_VALID, RANKS[one.result]
