"""Reads of registers: of the persons of a case, and of what a source said itself.

Decides which person of a case is meant. Grants are checked before anything is looked up, and again by the funnel. It must never tell somebody
who stands outside the case, or is out of reach, from somebody whom the register does not know.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date

from hub.access.caller import FEED, Caller
from hub.audit.service import Pending
from hub.catalogue.codes import normalise_holder_code
from hub.catalogue.registers import Register
from hub.catalogue.service import Catalogue
from hub.errors import InputInvalidError, NotFoundError
from hub.identities.service import Identities
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.disclosure import Funnel
from hub.sharing.policy import APPLICANT
from hub.sharing.purpose import Person
from hub.sharing.reading import OpenCase
from hub.sharing.records import recorded
from hub.sharing.register_disclosure import DisclosedEntry, OfCase, OwnStatement, RegisterFunnel

BasisOf = Callable[[OpenCase, str, Pending], Awaitable[CaseGrant]]
"""Returns the basis of a read of one register in an open case; raises NotGrantedError, PolicyChangedError."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Which person of the case is meant: the applicant, or the party in a role; by code where several have it."""

    role: str | None = None
    code: str | None = field(default=None, repr=False)


class RegisterReading:
    """Reads registers."""

    def __init__(
        self, identities: Identities, catalogue: Catalogue, funnel: Funnel, registers: RegisterFunnel, basis: BasisOf,
        today: Callable[[], date],
    ) -> None:  # fmt: skip
        """`basis` gives the basis of a read in a case, `today` the legal day."""
        self._finder = identities.finder
        self._catalogue = catalogue
        self._funnel = funnel
        self._registers = registers
        self._basis = basis
        self._today = today

    async def of_case(
        self, case: OpenCase, register_key: str, whom: Whom, wanted: frozenset[str] | None, pending: Pending
    ) -> DisclosedEntry:
        """Read the entry of a person of an open case; `wanted` are leaf paths, None all.

        Raises:
            NotGrantedError: no grant in force; nothing was looked up.
            NotFoundError: no such person in the case, out of reach, or not in the register.
            InputInvalidError: several parties have the role; name one by his code.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        register = self._catalogue.register(register_key)
        with recorded(pending, case.caller, case=case.record, legal_basis=case.legal_basis, type_key=register.key):
            grant = await self._basis(case, register.key, pending)
            return await self.of_person(grant, self._meant(grant.case, register, whom), register, wanted, pending)

    async def of_person(
        self, grant: CaseGrant, person: CasePerson, register: Register, wanted: frozenset[str] | None, pending: Pending
    ) -> DisclosedEntry:
        """Read the entry of a person of the case on a basis for the register; raises as `of_case`, whose caller records refusals."""
        reached = grant.let_out(person, register.key, self._today())
        found = await self._finder.by_person(register, person.person.value) if reached else None
        return self._registers.disclose(OfCase(grant, person), found, wanted, pending)

    def _meant(self, case: CaseRecord, register: Register, whom: Whom) -> CasePerson:
        role = APPLICANT if whom.role is None and whom.code is None else whom.role
        code = None if whom.code is None else normalise_holder_code(register.code_type, whom.code)
        found = {
            each.person.value: each
            for each in reversed(case.persons)
            if each.person.code_type == register.code_type
            and role in {None, each.role}
            and code in {None, each.person.code}
        }
        if len(found) > 1:
            raise InputInvalidError("Several parties have this role; name one by his code.")
        if not found:
            raise NotFoundError("The case has no such person or organisation.")
        return next(iter(found.values()))

    async def own(
        self, caller: Caller, register_key: str, code: str, wanted: frozenset[str] | None, pending: Pending
    ) -> DisclosedEntry:
        """Read back what the caller's authority said of somebody.

        Raises:
            ScopeMissingError: the token does not carry register:feed.
            TypeUnknownError, CodeError: no such register; the code breaks its own rule.
            NotFoundError: the register has no such entry, or it is another source's.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        register = self._catalogue.register(register_key)
        with recorded(pending, caller, type_key=register.key):
            self._funnel.require_policy(pending)
            caller.require(FEED.name)
            person = Person(register.code_type, normalise_holder_code(register.code_type, code))
            found = await self._finder.by_person(register, person.value)
            return self._registers.disclose(OwnStatement(caller, person), found, wanted, pending)
