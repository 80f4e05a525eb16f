"""Proving relations: whether a declared party is to the applicant what the authority says, by licences that are valid today.

Decides it anew in every request that would read what is the party's, once, before any of it is looked up; nobody is asked about for whom no
grant reaches the role. It must never disclose: what has to be seen is seen by the funnel, which answers yes or no. Each answer is on record,
of the persons by handles, and both are shown it.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.catalogue.code_types import CITIZEN_NUMBER
from hub.licences.finding import Finder, StoredLicence
from hub.licences.status import EXPIRED, Status
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.disclosure import Funnel
from hub.sharing.policy import Grant
from hub.sharing.purpose import Person
from hub.sharing.records import check_entry
from hub.sharing.relations import (
    DIVORCE,
    IDENTITY,
    PATHS,
    RELATIONS,
    How,
    Relation,
    names_parent,
    names_representative,
)

_DIVORCED: Final = frozenset({Status.VALID, Status.SUSPENDED, Status.TRANSFERRED_OUT, EXPIRED})
Several = Sequence[StoredLicence]


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of a check: the licence that proves it, and all whose data was opened for it."""

    by: StoredLicence | None = None
    opened: tuple[str, ...] = ()


class Proving:
    """Checks the parties of cases."""

    def __init__(self, finder: Finder, funnel: Funnel) -> None:
        """Look licences up with `finder`; let `funnel` see what they say."""
        self._finder = finder
        self._funnel = funnel

    async def proved(
        self, caller: Caller, case: CaseRecord, legal_basis: str, grants: Iterable[Grant], pending: Pending
    ) -> CaseRecord:
        """Return the case with the evidence of those parties whom these grants reach, as it is today.

        Raises:
            DamagedError, PolicyChangedError, UnavailableError: it cannot be told; nothing may be read.
        """
        applicant = case.applicant
        if applicant is None or len(case.persons) == 1:
            return case
        several = tuple(grants)
        asked = [
            each for each in case.persons if each.role in RELATIONS and any(one.reaches(each.role) for one in several)
        ]
        if not asked:
            return case
        found = await asyncio.gather(
            *(self._once(caller, case, legal_basis, applicant, each, pending) for each in asked)
        )
        known = {each.part: each for each in found}
        return case._replace(persons=tuple(known.get(each.part, each) for each in case.persons))

    async def _once(
        self, caller: Caller, case: CaseRecord, legal_basis: str, applicant: CasePerson, party: CasePerson,
        pending: Pending,
    ) -> CasePerson:  # fmt: skip
        """Let all reads of one request wait for one check."""
        checked: CasePerson = await pending.found_once(
            ("relation", case.id, party.part),
            lambda: self._checked(caller, case, legal_basis, applicant, party, pending),
        )
        return checked

    async def _checked(
        self, caller: Caller, case: CaseRecord, legal_basis: str, applicant: CasePerson, party: CasePerson,
        pending: Pending,
    ) -> CasePerson:  # fmt: skip
        self._funnel.require_policy(pending)
        relation = RELATIONS[party.role]
        proof = await self._prove(relation, applicant.person, party.person)
        checked = party.checked(relation.source if proof.by else None)
        pending.record(check_entry(caller, case, legal_basis, relation.source, checked, proof.by, proof.opened))
        return checked

    async def _prove(self, relation: Relation, applicant: Person, party: Person) -> Proof:
        holder, other = (applicant, party) if relation.applicant_holds else (party, applicant)
        beside = {How.HELD_BY_BOTH: (DIVORCE, holder), How.NAMES_NAME: (IDENTITY, other)}.get(relation.how)
        asked = [(relation.source, holder), *([beside] if beside else [])]
        held, *more = await asyncio.gather(*(self._finder.by_holder(key, each.value) for key, each in asked))
        if relation.how is How.HELD_BY_BOTH:
            return self._both_hold(held, more[0], other)
        if other.code_type != CITIZEN_NUMBER:
            return Proof()
        return self._named_by_name(held, more[0]) if more else self._named_by_number(held, other.code)

    def _both_hold(self, marriages: Several, divorces: Several, other: Person) -> Proof:
        married = [each for each in marriages if self._is_valid(each) and self._finder.parts_of(each, other.value)]
        ended = [
            each.valid_from
            for each in divorces
            if self._funnel.status(each) in _DIVORCED and self._finder.parts_of(each, other.value)
        ]
        return Proof(next((each for each in married if all(day < each.valid_from for day in ended)), None))

    def _named_by_number(self, held: Several, code: str) -> Proof:
        """Twins and siblings share the holder code 999 of their mother's document: so every certificate under it must name the parent."""
        standing = [each for each in held if self._funnel.status(each) != Status.SUPERSEDED]
        valid = [each for each in standing if self._is_valid(each)]
        if not valid:
            return Proof()
        claim, opened = names_parent(code), tuple(each.identifier for each in standing)
        named = all(self._funnel.confirms([(each, PATHS[each.type_key])], claim) for each in standing)
        return Proof(valid[-1] if named else None, opened)

    def _named_by_name(self, held: Several, cards: Several) -> Proof:
        """A person's name is known from his valid identity card alone; an organisation has one valid licence."""
        licences, known = ([each for each in some if self._is_valid(each)] for some in (held, cards))
        if not licences or not known:
            return Proof()
        seen = (licences[-1], known[-1])
        named = self._funnel.confirms([(each, PATHS[each.type_key]) for each in seen], names_representative)
        return Proof(licences[-1] if named else None, tuple(each.identifier for each in seen))

    def _is_valid(self, stored: StoredLicence) -> bool:
        return self._funnel.status(stored) == Status.VALID
