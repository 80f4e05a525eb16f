"""Why data may leave the hub: one frozen class per basis, and what each lets out.

Decides which paths of which person's part a basis reaches. It must never read data: it sees paths, roles and blind
indexes only. Deny by default: a part that is not in the reach stays closed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, Final, Protocol

from hub.access.caller import Caller
from hub.catalogue.licence_type import LicenceType
from hub.licences.finding import StoredLicence
from hub.licences.parts import COMMON
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.consents.consented import NOT_ASKED, NOTHING_MORE, Consented
from hub.sharing.policy import Grant
from hub.sharing.purpose import Person

PartsOf = Callable[[StoredLicence, str], frozenset[int]]
Reach = Mapping[int, frozenset[str]]

PRESENTED: Final = "presented"
"""The fact of a record that names the presentation by which a licence was shown."""

_PATHS: Final[Callable[[Grant], frozenset[str]]] = attrgetter("paths")
_JUDGED: Final[Callable[[Grant], frozenset[str]]] = attrgetter("judged")


class Basis(Protocol):
    """What the funnel asks of a reason for disclosure."""

    @property
    def authority(self) -> str | None:
        """Return the authority that asks; None: the holder does."""
        ...

    @property
    def client(self) -> str | None:
        """Return the client system that asks; None: the holder does."""
        ...

    @property
    def reader(self) -> str:
        """Return to whom opaque ids of what is disclosed are bound; it is kept nowhere."""
        ...

    @property
    def case(self) -> CaseRecord | None:
        """Return the case that the read belongs to, if it belongs to one."""
        ...

    @property
    def legal_basis(self) -> str | None:
        """Return the legal basis that the caller declared."""
        ...

    @property
    def outlasts_erasure(self) -> bool:
        """Tell whether the licence's facts are still shown when its data was erased."""
        ...

    def reach(self, stored: StoredLicence, leaves: tuple[str, ...], parts_of: PartsOf, day: date) -> Reach:
        """Return the paths let out of each person's part; empty when the licence is out of reach altogether."""
        ...

    def unshared(self, versions: tuple[LicenceType, ...]) -> frozenset[str]:
        """Return the paths that never leave on this basis, whatever is granted."""
        ...

    def noted(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return what the record says besides what it says of every disclosure."""
        ...


class JudgingBasis(Basis, Protocol):
    """A basis under which requirements may be judged too."""

    def judges(self, stored: StoredLicence, parts_of: PartsOf, day: date) -> Reach:
        """Return the paths that may be judged of each person's part; empty when the licence is out of reach altogether."""
        ...

    def noted_of_judgement(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return what the record of a judgement says besides."""
        ...


class ByCaller:
    """What a basis says of whoever asks, where a client system does."""

    __slots__ = ()

    caller: Caller

    @property
    def authority(self) -> str:
        """Return the caller's authority."""
        return self.caller.authority

    @property
    def client(self) -> str:
        """Return the caller's client system."""
        return self.caller.client_id

    @property
    def reader(self) -> str:
        """Return the caller's authority."""
        return self.caller.authority


class OfNoCase:
    """What a basis says of a read that belongs to no case."""

    __slots__ = ()

    @property
    def case(self) -> CaseRecord | None:
        """Return None: the read belongs to no case."""
        return None


class Shares:
    """What never leaves where a licence is shared."""

    __slots__ = ()

    def unshared(self, versions: tuple[LicenceType, ...]) -> frozenset[str]:
        """Return what the type forbids to share, in the licence's own version or in the newest."""
        return frozenset[str]().union(*map(unshared_by, versions))


class OwnMatter(OfNoCase):
    """What a basis says where somebody reads what is his own: that is no sharing, and he needs no other ground."""

    __slots__ = ()

    @property
    def legal_basis(self) -> str | None:
        """Return None: he needs none."""
        return None

    def unshared(self, versions: tuple[LicenceType, ...]) -> frozenset[str]:
        """Return nothing: this is no sharing."""
        del versions
        return frozenset()

    def noted(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return nothing more than who asked."""
        del stored, parts_of
        return NOTHING_MORE


@dataclass(frozen=True, slots=True)
class CaseGrant(ByCaller, Shares):
    """A department's case, the grants for its service item and one licence type, and what its persons consented to.

    `of` is the only person meant; None: everybody of the case.
    """

    caller: Caller
    case: CaseRecord
    legal_basis: str
    grants: tuple[Grant, ...]
    consented: Consented = field(default_factory=Consented)
    of: CasePerson | None = None

    @property
    def outlasts_erasure(self) -> bool:
        """Return False: to others an erased licence reads like none."""
        return False

    def applicable(self, stored: StoredLicence, day: date) -> tuple[Grant, ...]:
        """Return the grants that hold today for this licence; a grant for anything else counts for nothing."""
        return self._applicable(stored.type_key, day)

    def _applicable(self, type_key: str, day: date) -> tuple[Grant, ...]:
        place = (self.caller.authority, self.case.item, type_key)
        return tuple([grant for grant in self.grants if grant.place == place and grant.in_force(day)])

    def reach(self, stored: StoredLicence, leaves: tuple[str, ...], parts_of: PartsOf, day: date) -> Reach:
        """Return, for each person of the case who holds the licence, what the grants for his role let out."""
        del leaves
        return self._reach(stored, parts_of, day, _PATHS)

    def judges(self, stored: StoredLicence, parts_of: PartsOf, day: date) -> Reach:
        """Return the same of what may be judged by a requirement: what the grants let out, and what they let check only."""
        return self._reach(stored, parts_of, day, _JUDGED)

    def _reach(
        self, stored: StoredLicence, parts_of: PartsOf, day: date, let: Callable[[Grant], frozenset[str]]
    ) -> Reach:
        reached: dict[int, frozenset[str]] = {}
        grants = self.applicable(stored, day)
        for person in self._meant:
            counting = [grant for grant in grants if self._counts(grant, person)]
            paths = _together([self._kept(let(grant), grant, person, stored) for grant in counting])
            for part in parts_of(stored, person.person.value) if paths else ():
                reached[part] = reached[part] | paths if part in reached else paths
        return reached

    def _kept(self, paths: frozenset[str], grant: Grant, person: CasePerson, stored: StoredLicence) -> frozenset[str]:
        if not self.consented.only:
            return paths
        return self.consented.kept(paths, grant, person, stored.identifier)

    def let_out(self, person: CasePerson, register: str, day: date) -> frozenset[str]:
        """Return what the grants for the role of a person of the case let out of his entry in a register."""
        grants = self._applicable(register, day)
        return _together([grant.paths for grant in grants if self._counts(grant, person)])

    def let_judge(self, person: CasePerson, register: str, day: date) -> frozenset[str]:
        """Return the same of what may be judged by a requirement."""
        grants = self._applicable(register, day)
        return _together([grant.judged for grant in grants if self._counts(grant, person)])

    def lets_out(self, person: CasePerson) -> bool:
        """Tell whether anything may be read of a person of the case, if he holds a licence of the type."""
        return any(grant.paths and self._counts(grant, person) for grant in self.grants)

    def may_judge(self, person: CasePerson) -> bool:
        """Tell whether requirements may be judged of a person's licences: a grant reaches him, and he consented where the type asks for it."""
        return any(self._counts(grant, person) for grant in self.grants)

    @property
    def _meant(self) -> tuple[CasePerson, ...]:
        return self.case.persons if self.of is None else (self.of,)

    def _counts(self, grant: Grant, person: CasePerson) -> bool:
        return person.reached_by(grant) and self.consented.allows(grant, person)

    def noted(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return, of a type that asks for consent, under which consents of those who hold the licence it is read."""
        return self._noted(stored, parts_of, self.lets_out)

    def noted_of_judgement(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return the same of requirements that are judged of it."""
        return self._noted(stored, parts_of, self.may_judge)

    def _noted(
        self, stored: StoredLicence, parts_of: PartsOf, counts: Callable[[CasePerson], bool]
    ) -> Mapping[str, Any]:
        if self.consented is NOT_ASKED:
            return NOTHING_MORE
        read_of = (each for each in self._meant if counts(each))
        return self.consented.noted(each for each in read_of if parts_of(stored, each.person.value))


@dataclass(frozen=True, slots=True)
class Presentation:
    """A holder shows a licence at a counter, in a case: what he chose AND what is granted, of his own part.

    `granted` is the case's basis for the licence's type and for him (`of`); `chosen` are the paths he chose. What may only be judged is not
    disclosed, but that the licence is there, and its status, is: he shows it himself.
    """

    granted: CaseGrant
    presentation: str
    chosen: frozenset[str]

    @property
    def authority(self) -> str:
        """Return the counter's authority."""
        return self.granted.authority

    @property
    def client(self) -> str:
        """Return the client system, or the clerk, that redeemed it."""
        return self.granted.client

    @property
    def reader(self) -> str:
        """Return the counter's authority."""
        return self.granted.reader

    @property
    def case(self) -> CaseRecord:
        """Return the case in which it is shown."""
        return self.granted.case

    @property
    def legal_basis(self) -> str:
        """Return that of the case."""
        return self.granted.legal_basis

    @property
    def outlasts_erasure(self) -> bool:
        """Return False: nobody shows what is erased."""
        return False

    def reach(self, stored: StoredLicence, leaves: tuple[str, ...], parts_of: PartsOf, day: date) -> Reach:
        """Return, of the presenter's part, what was chosen of what the grants let out."""
        let_out = self.granted.reach(stored, leaves, parts_of, day)
        judged = self.granted.judges(stored, parts_of, day)
        return {part: let_out.get(part, frozenset()) & self.chosen for part in judged}

    def unshared(self, versions: tuple[LicenceType, ...]) -> frozenset[str]:
        """Return what the type forbids to share: showing it at a counter shares it."""
        return self.granted.unshared(versions)

    def noted(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return by which presentation it was read, and under which consents."""
        return {**self.granted.noted(stored, parts_of), PRESENTED: self.presentation}


@dataclass(frozen=True, slots=True)
class OwnIssue(ByCaller, OwnMatter):
    """The issuing authority reads what it issued: everything, of every holder."""

    caller: Caller

    @property
    def outlasts_erasure(self) -> bool:
        """Return True: who issued it must see what became of it, and still be able to end it."""
        return True

    def reach(self, stored: StoredLicence, leaves: tuple[str, ...], parts_of: PartsOf, day: date) -> Reach:
        """Return all paths of all parts, if the licence is the caller's own."""
        del parts_of, day
        if stored.authority != self.caller.authority:
            return {}
        return {part: frozenset(leaves) for part in {COMMON, *(part for part, _ in stored.holders)}}


@dataclass(frozen=True, slots=True)
class HolderSelf(OwnMatter):
    """The holder reads his own licence: what is his and what is common to all its holders, never what is another's."""

    person: Person = field(repr=False)

    @property
    def authority(self) -> None:
        """Return None: no authority asks."""
        return

    @property
    def client(self) -> None:
        """Return None: no client system asks for an authority."""
        return

    @property
    def reader(self) -> str:
        """Return the holder, as no authority is called."""
        return f"holder {self.person.value}"

    @property
    def outlasts_erasure(self) -> bool:
        """Return False: an erased person has no licences here."""
        return False

    def reach(self, stored: StoredLicence, leaves: tuple[str, ...], parts_of: PartsOf, day: date) -> Reach:
        """Return all paths of his own part."""
        del day
        return {part: frozenset(leaves) for part in parts_of(stored, self.person.value)}


def _together(several: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return all paths of several sets; of one it is the very same set, so that what follows from it is found again quickly."""
    return several[0] if len(several) == 1 else frozenset[str]().union(*several)


def unshared_by(licence_type: LicenceType) -> frozenset[str]:
    """Return the paths that a version of a type forbids to share."""
    return licence_type.unshared
