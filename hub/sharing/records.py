"""Access records (用证记录): what is written down of every read, disclosed or refused.

Decides the facts of a record. It must never hold a name, a number, a code or a case number: a case is its id, a person his
random handle, a licence its identifier. "Not found" says the same of somebody else's licence and of none at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from hub.access.caller import Caller
from hub.audit.service import Entry, Pending
from hub.clock import to_micros
from hub.errors import AccessError, DamagedError, HubError, InputError, NotFoundError, NotGrantedError, SharingError
from hub.identities.finding import StoredEntry
from hub.licences.finding import StoredLicence
from hub.sharing.basis import Basis
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.facts import MATCHED
from hub.sharing.policy import APPLICANT


class Outcome(StrEnum):
    """How a read ended."""

    DISCLOSED = "DISCLOSED"
    REFUSED = "REFUSED"
    NOT_FOUND = "NOT_FOUND"
    NOT_GRANTED = "NOT_GRANTED"


RELATION_NOT_PROVED = "RELATION_NOT_PROVED"
"""Why a check of a relation ended so."""

PARTIES = "parties"
"""The fact that says of each party of a case his handle, his role and the evidence for it."""

JUDGED = "judged"
"""The fact of a record that names the requirements which were judged of a licence."""

CHECKED = "checked"
"""The fact of a record that says a relation was checked, and which licences were opened for that."""

CHANGE = "change"
"""The fact of a record that says of which change, by the id of its record, the feed told."""

# Refusals that are answers; a database that is down or a policy that changed is not, and is tried again.
REFUSALS = (AccessError, DamagedError, InputError, SharingError)
OUTCOMES: Mapping[type[HubError], Outcome] = MappingProxyType(
    {NotFoundError: Outcome.NOT_FOUND, NotGrantedError: Outcome.NOT_GRANTED}
)


class recorded:  # noqa: N801 - it reads as `with recorded(...)`, as those of contextlib do
    """Promises a record of whatever refusal happens inside, and lets it pass on."""

    __slots__ = ("_about", "_caller", "_pending")

    def __init__(
        self,
        pending: Pending,
        caller: Caller,
        *,
        case: CaseRecord | None = None,
        legal_basis: str | None = None,
        type_key: str | None = None,
    ) -> None:
        """`case`, `legal_basis` and `type_key` are what a record says of what was asked."""
        self._pending = pending
        self._caller = caller
        self._about = (case, legal_basis, type_key)

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Promise the record, if it was refused."""
        if isinstance(error, REFUSALS):
            self._pending.record(refused(self._caller, error, *self._about))


def refused(
    caller: Caller, error: HubError, case: CaseRecord | None, legal_basis: str | None, type_key: str | None
) -> Entry:
    """Return the record of a refusal."""
    outcome = OUTCOMES.get(type(error), Outcome.REFUSED)
    return refusal_entry(caller, outcome, error.code, case=case, legal_basis=legal_basis, type_key=type_key)


def disclosure_entry(
    basis: Basis, stored: StoredLicence, disclosed: Iterable[str], withheld: Sequence[tuple[str, str]], presentation: str,
    subjects: Iterable[str], noted: Mapping[str, Any],
) -> Entry:  # fmt: skip
    """Return the record of a disclosure; `presentation` is its SHA-256, base64url, `noted` what its basis says besides."""
    case = basis.case
    facts = _facts(basis.authority, basis.client, case, Outcome.DISCLOSED, None, basis.legal_basis, stored.type_key)
    facts["licence"] = stored.identifier
    facts["version"] = stored.version
    facts["disclosed"] = list(disclosed)
    if withheld:
        facts["withheld"] = [[path, str(reason)] for path, reason in withheld]
    facts["presentation"] = presentation
    facts["subjects"] = sorted(subjects)
    if case is not None and len(case.persons) > 1:
        facts.update(_parties(case))
    facts.update(noted)
    return Entry("access", facts)


def check_entry(
    caller: Caller, case: CaseRecord, legal_basis: str, source: str, party: CasePerson, proved_by: StoredLicence | None,
    opened: Iterable[str],
) -> Entry:  # fmt: skip
    """Return the record of a relation that was checked: nothing was disclosed; its subjects are the applicant and the party.

    `source` is the type of licence that would prove it, `opened` the identifiers of those that were opened for it.
    """
    outcome, reason = (Outcome.DISCLOSED, None) if proved_by else (Outcome.NOT_FOUND, RELATION_NOT_PROVED)
    facts = _facts(caller.authority, caller.client_id, case, outcome, reason, legal_basis, source)
    return Entry(
        "access",
        {
            **facts,
            "licence": proved_by.identifier if proved_by else None,
            "version": proved_by.version if proved_by else None,
            "subjects": sorted([*_applicant_of(case), party.handle]),
            PARTIES: [_told(party)],
            CHECKED: sorted(opened),
        },
    )


def judgement_entry(
    basis: Basis, stored: StoredLicence, names: Iterable[str], withheld: Iterable[tuple[str, str]], subjects: Iterable[str],
    noted: Mapping[str, Any],
) -> Entry:  # fmt: skip
    """Return the record of requirements that were judged of a licence: nothing was disclosed but their answers and the status.

    `names` are those of the service item's document; the answers are not told here, for a holder's data is not in records.
    """
    facts = _facts(
        basis.authority, basis.client, basis.case, Outcome.DISCLOSED, None, basis.legal_basis, stored.type_key
    )
    return Entry(
        "access",
        {
            **facts,
            "licence": stored.identifier,
            "version": stored.version,
            "withheld": [list(each) for each in withheld],
            "subjects": sorted(subjects),
            JUDGED: sorted(names),
            **noted,
            **_parties(basis.case),
        },
    )


def _parties(case: CaseRecord | None) -> dict[str, Any]:
    """Return, of a case that has parties, how each of them is known; others' records say nothing of it."""
    if case is None or len(case.persons) == 1:
        return {}
    return {PARTIES: [_told(each) for each in case.persons if each.role != APPLICANT]}


def _told(party: CasePerson) -> list[str]:
    return [party.handle, party.role, party.evidence.value]


def entry_entry(
    caller: Caller,
    case: CaseRecord | None,
    legal_basis: str | None,
    stored: StoredEntry,
    disclosed: Iterable[str],
    withheld: Iterable[tuple[str, str]],
    judged: Iterable[str] | None = None,
) -> Entry:
    """Return the record of a disclosure of a register's entry, or of requirements that were `judged` of it: whose word it was, as of when, in which edition."""
    facts = _facts(caller.authority, caller.client_id, case, Outcome.DISCLOSED, None, legal_basis, stored.register)
    return Entry(
        "access",
        {
            **facts,
            "entry": stored.id,
            "version": stored.edition,
            "source": stored.authority,
            "as_of": to_micros(stored.as_of),
            "disclosed": list(disclosed),
            "withheld": [list(each) for each in withheld],
            "subjects": [stored.handle],
            **({} if judged is None else {JUDGED: sorted(judged)}),
            **_parties(case),
        },
    )


def matching_entry(
    caller: Caller, item: str, legal_basis: str, register: str, counts: Mapping[str, int], handles: Iterable[str]
) -> Entry:
    """Return the record of a batch of codes and names that was compared with a register: how many came to what, and whom it found."""
    found = sorted(set(handles))
    outcome, reason = (Outcome.DISCLOSED, None) if found else (Outcome.NOT_FOUND, NotFoundError.code)
    facts = _facts(caller.authority, caller.client_id, None, outcome, reason, legal_basis, register)
    return Entry("access", {**facts, "item": item, MATCHED: dict(counts), "subjects": found})


def refusal_entry(
    caller: Caller,
    outcome: Outcome,
    reason: str,
    *,
    case: CaseRecord | None = None,
    item: str | None = None,
    legal_basis: str | None = None,
    type_key: str | None = None,
) -> Entry:
    """Return the record of a read that disclosed nothing; its subject is the case's applicant, if there is a case."""
    facts = _facts(caller.authority, caller.client_id, case, outcome, reason, legal_basis, type_key)
    return Entry("access", {**facts, "item": facts["item"] or item, "subjects": _applicant_of(case)})


def _applicant_of(case: CaseRecord | None) -> list[str]:
    applicant = case.applicant if case else None
    return [applicant.handle] if applicant else []


def _facts(
    authority: str | None,
    client: str | None,
    case: CaseRecord | None,
    outcome: Outcome,
    reason: str | None,
    legal_basis: str | None,
    type_key: str | None,
) -> dict[str, Any]:
    return {
        "authority": authority,
        "client": client,
        "case": case.id if case else None,
        "item": case.item if case else None,
        "type": type_key,
        "licence": None,
        "version": None,
        "disclosed": [],
        "withheld": [],
        "presentation": None,
        "outcome": str(outcome),
        "reason": reason,
        "subjects": [],
        "legal_basis": legal_basis,
        "receipt": False,
    }
