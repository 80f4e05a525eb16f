"""The funnel's way for registers: what of an entry leaves the hub, on which basis; the only opener of entries and maker of `DisclosedEntry`.

Decides field by field: wanted, let out by the basis, and shareable. It must never open an entry that the basis does not reach, hand out bytes
that do not verify, or disclose without promising the record. Every answer says whose word it is, as of when, and how old that is.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import orjson

from hub.access.caller import Caller
from hub.audit.service import Entry, Pending
from hub.catalogue.registers import REGISTERS, STATUS_PATH, Register
from hub.catalogue.requirements import Requirement, judge
from hub.errors import DamagedError, NotFoundError
from hub.identities.finding import StoredEntry
from hub.identities.sealing import data_row, status_row
from hub.licences.status import Status
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.disclosure import Funnel, Judged
from hub.sharing.purpose import Person
from hub.sharing.records import entry_entry
from hub.sharing.withholding import Reason, Withheld
from hub.vault.purposes import REGISTER
from hub.vault.service import Vault

NOTHING: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class OfCase:
    """A department's case, the grants for its item and the register, and the person of the case whose entry it is."""

    grant: CaseGrant
    person: CasePerson

    @property
    def caller(self) -> Caller:
        """Return the client system that asks."""
        return self.grant.caller

    @property
    def case(self) -> CaseRecord | None:
        """Return the case."""
        return self.grant.case

    @property
    def legal_basis(self) -> str | None:
        """Return the legal basis that was declared."""
        return self.grant.legal_basis

    @property
    def of(self) -> Person:
        """Return whose entry it is."""
        return self.person.person

    def reach(self, register: Register, stored: StoredEntry, funnel: Funnel) -> frozenset[str]:
        """Return what the grants let out of the entry of a person in his role."""
        del stored
        return self.grant.let_out(self.person, register.key, funnel.today())


@dataclass(frozen=True, slots=True)
class OwnStatement:
    """The source authority reads what it said itself: everything."""

    caller: Caller
    of: Person = field(repr=False)

    @property
    def case(self) -> CaseRecord | None:
        """Return None: the read belongs to no case."""
        return None

    @property
    def legal_basis(self) -> str | None:
        """Return None: an authority needs none to read what it said."""
        return None

    def reach(self, register: Register, stored: StoredEntry, funnel: Funnel) -> frozenset[str]:
        """Return all paths, if the entry is the caller's own."""
        del funnel
        return frozenset(register.leaf_paths) if stored.authority == self.caller.authority else NOTHING


RegisterBasis = OfCase | OwnStatement


@dataclass(frozen=True, slots=True)
class DisclosedEntry:
    """What left of an entry: values by path, what was withheld, whose word it is (`authority`), as of when, and since when the hub knows.

    `age` is how long before the answer the as-of time lay; `record` is the access record.
    """

    register: Register
    authority: str
    edition: int
    as_of: datetime
    arrived_at: datetime
    age: timedelta
    values: Mapping[str, str] = field(repr=False)
    disclosed: tuple[str, ...]
    withheld: tuple[Withheld, ...]
    record: Entry


class RegisterFunnel:
    """Discloses entries. It carries no rights of its own: they come with the basis, and are looked at anew each time."""

    def __init__(self, vault: Vault, funnel: Funnel, now: Callable[[], datetime]) -> None:
        """`funnel` knows the policy of the moment and the legal day; `now` gives the instant."""
        self._vault = vault
        self._funnel = funnel
        self._now = now

    def disclose(
        self, basis: RegisterBasis, stored: StoredEntry | None, wanted: frozenset[str] | None, pending: Pending
    ) -> DisclosedEntry:
        """Disclose what is wanted (leaf paths; None: all) of an entry as far as the basis goes; its record is promised.

        Raises:
            NotFoundError: there is no entry, the basis does not reach it, or it was erased.
            DamagedError: stored bytes do not verify, or are another person's.
            PolicyChangedError: the policy is no longer the one the request began under.
        """
        self._funnel.require_policy(pending)
        if stored is None:
            raise NotFoundError(_NOT_FOUND)
        register = REGISTERS[stored.register]
        reach = basis.reach(register, stored, self._funnel)
        if not reach:
            raise NotFoundError(_NOT_FOUND)
        asked = tuple(path for path in register.leaf_paths if wanted is None or path in wanted)
        everything = self._opened(stored, register, basis.of)
        values = {path: everything[path] for path in asked if path in reach and path in everything}
        withheld = tuple(Withheld(path, Reason.NOT_GRANTED) for path in asked if path not in reach)
        record = entry_entry(
            basis.caller, basis.case, basis.legal_basis, stored, values, ((each.path, each.reason.value) for each in withheld)
        )  # fmt: skip
        pending.record(record)
        return DisclosedEntry(
            register=register, authority=stored.authority, edition=stored.edition, as_of=stored.as_of,
            arrived_at=stored.arrived_at, age=max(self._now() - stored.as_of, timedelta()), values=values,
            disclosed=tuple(values), withheld=withheld, record=record,
        )  # fmt: skip

    def judge(
        self, basis: OfCase, stored: StoredEntry, requirements: Sequence[Requirement], pending: Pending
    ) -> Judged:
        """Judge requirements of an entry that the basis reaches; nothing of it is disclosed but the answers, on record.

        An entry says what its source said last; whether it still stands (`status`) is for a requirement to ask.

        Raises:
            NotFoundError: the basis does not reach it, or it was erased.
            DamagedError: stored bytes do not verify, or are another person's.
            PolicyChangedError: the policy is no longer the one the request began under.
        """
        self._funnel.require_policy(pending)
        register, day = REGISTERS[stored.register], self._funnel.today()
        reach = basis.grant.let_judge(basis.person, stored.register, day)
        if not reach:
            raise NotFoundError(_NOT_FOUND)
        said = self._opened(stored, register, basis.of)
        face = {path: value for path, value in said.items() if path in reach}
        answers = {one.name: judge(one, face, day) for one in requirements}
        refused = [one for one in requirements if one.path not in reach]
        withheld = [(one.path, Reason.NOT_GRANTED.value) for one in refused]
        record = entry_entry(basis.caller, basis.case, basis.legal_basis, stored, (), withheld, judged=list(answers))
        pending.record(record)
        return Judged(Status.VALID, answers, frozenset(one.name for one in refused))

    def _opened(self, stored: StoredEntry, register: Register, person: Person) -> dict[str, str]:
        """Return what an entry says, if it is the person's."""
        try:
            key = self._vault.unwrap(stored.key_id, stored.key_edition, stored.wrapped)
        except NotFoundError:  # erased: it says the same as of somebody who never stood there
            raise NotFoundError(_NOT_FOUND) from None
        data = self._vault.open(REGISTER, key, data_row(stored.id, stored.data_edition), stored.data)
        status = self._vault.open(REGISTER, key, status_row(stored.id, stored.edition), stored.status)
        said: dict[str, str] = {**orjson.loads(data), STATUS_PATH: status.decode()}
        own = hmac.compare_digest(said[register.code_path].encode(), person.code.encode())
        if not own or register.code_type != person.code_type:  # an index that somebody put in another's place
            raise DamagedError
        return said


_NOT_FOUND: Final = "The register has no entry of this person or organisation that may be read here."
