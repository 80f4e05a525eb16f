"""Why data may leave the hub: one frozen class per basis, and what each lets out.

Decides which paths of which person's part a basis reaches. It must never read data: it sees paths, roles and blind
indexes only. Deny by default: a part that is not in the reach stays closed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, ClassVar, Final, NamedTuple, Protocol

from hub.access.caller import Caller
from hub.catalogue.licence_type import LicenceType
from hub.licences.finding import StoredLicence
from hub.licences.parts import COMMON
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.consents.consented import NOBODY, NOT_ASKED, NOTHING_MORE, Consented
from hub.sharing.policy import Grant, Grants
from hub.sharing.purpose import Person

PartsOf = Callable[[StoredLicence, str], frozenset[int]]
Reach = Mapping[int, frozenset[str]]

PRESENTED: Final = "presented"
"""The fact of a record that names the presentation by which a licence was shown."""

_MOST_KNOWN: Final = 256
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

    @property
    def shares(self) -> bool:
        """Tell whether what a type forbids to share never leaves on this basis, whatever is granted."""
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
    """What a basis says where a licence is shared."""

    __slots__ = ()

    shares: ClassVar[bool] = True


class OwnMatter(OfNoCase):
    """What a basis says where somebody reads what is his own: that is no sharing, and he needs no other ground."""

    __slots__ = ()

    shares: ClassVar[bool] = False

    @property
    def legal_basis(self) -> str | None:
        """Return None: he needs none."""
        return None

    def noted(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return nothing more than who asked."""
        del stored, parts_of
        return NOTHING_MORE


class Let(NamedTuple):
    """What some grants let be read together: the paths that may be disclosed, and those that may be judged."""

    grants: Sequence[Grant]
    out: frozenset[str]
    judged: frozenset[str]


def let_by(grants: Sequence[Grant]) -> Let:
    """Return what grants let be read."""
    return Let(grants, _together(list(map(_PATHS, grants))), _together(list(map(_JUDGED, grants))))


@dataclass(frozen=True, slots=True)
class CaseGrant(ByCaller, Shares):
    """A department's case, the grants for its service item and one licence type, and what its persons consented to.

    `of` is the only person meant; None: everybody of the case.
    """

    caller: Caller
    case: CaseRecord
    legal_basis: str
    grants: tuple[Grant, ...]
    consented: Consented = NOBODY
    of: CasePerson | None = None

    @property
    def outlasts_erasure(self) -> bool:
        """Return False: to others an erased licence reads like none."""
        return False

    def reach(self, stored: StoredLicence, leaves: tuple[str, ...], parts_of: PartsOf, day: date) -> Reach:
        """Return, for each person of the case who holds the licence, what the grants for his role let out."""
        del leaves
        return self._reach(stored, parts_of, day, judging=False)

    def judges(self, stored: StoredLicence, parts_of: PartsOf, day: date) -> Reach:
        """Return the same of what may be judged by a requirement: what the grants let out, and what they let check only."""
        return self._reach(stored, parts_of, day, judging=True)

    def _reach(self, stored: StoredLicence, parts_of: PartsOf, day: date, *, judging: bool) -> Reach:
        reached: dict[int, frozenset[str]] = {}
        for person in self.case.persons if self.of is None else (self.of,):
            let = self._let(stored.type_key, day, person)
            paths = let.judged if judging else let.out
            if self.consented.only:
                paths = self._kept(let, person, stored.identifier, judging=judging)
            for part in parts_of(stored, person.person.value) if paths else ():
                reached[part] = reached[part] | paths if part in reached else paths
        return reached

    def _let(self, key: str, day: date, person: CasePerson) -> Let:
        """Return what is let be read of a person, of a type or register today: by grants for his role to which he consented, where that is asked for.

        What the grants let by themselves follows from them and what they are compared with, so it is kept with those that a policy keeps.
        """
        known = self.grants.known if type(self.grants) is Grants else {}
        asked = (self.caller.authority, self.case.item, key, day, person.role, person.evidence)
        let: Let | None = known.get(asked)
        if let is None:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            let = known[asked] = let_by(self._of_role(asked[:3], day, person))
        if self.consented.ids is None:
            return let
        return let_by([grant for grant in let.grants if self.consented.allows(grant, person)])

    def _of_role(self, place: tuple[str, str, str], day: date, person: CasePerson) -> Sequence[Grant]:
        """Return the grants for a person's role that hold today; a grant for anything else than this place counts for nothing."""
        holding = [grant for grant in self.grants if grant.place == place and grant.in_force(day)]
        return [grant for grant in holding if person.reached_by(grant)]

    def _kept(self, let: Let, person: CasePerson, licence: str, *, judging: bool) -> frozenset[str]:
        """Return what of it is left where a person consented to no more than what he has shown."""
        paths = _JUDGED if judging else _PATHS
        return _together([self.consented.kept(paths(grant), grant, person, licence) for grant in let.grants])

    def let_out(self, person: CasePerson, register: str, day: date) -> frozenset[str]:
        """Return what the grants for the role of a person of the case let out of his entry in a register."""
        return self._let(register, day, person).out

    def let_judge(self, person: CasePerson, register: str, day: date) -> frozenset[str]:
        """Return the same of what may be judged by a requirement."""
        return self._let(register, day, person).judged

    def lets_out(self, person: CasePerson) -> bool:
        """Tell whether anything may be read of a person of the case, if he holds a licence of the type."""
        return any(grant.paths and self._counts(grant, person) for grant in self.grants)

    def may_judge(self, person: CasePerson) -> bool:
        """Tell whether requirements may be judged of a person's licences: a grant reaches him, and he consented where the type asks for it."""
        return any(self._counts(grant, person) for grant in self.grants)

    def _counts(self, grant: Grant, person: CasePerson) -> bool:
        return person.reached_by(grant) and (self.consented is NOT_ASKED or self.consented.allows(grant, person))

    def noted(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return, of a type that asks for consent, under which consents of those who hold the licence it is read."""
        return NOTHING_MORE if self.consented is NOT_ASKED else self._noted(stored, parts_of, self.lets_out)

    def noted_of_judgement(self, stored: StoredLicence, parts_of: PartsOf) -> Mapping[str, Any]:
        """Return the same of requirements that are judged of it."""
        return NOTHING_MORE if self.consented is NOT_ASKED else self._noted(stored, parts_of, self.may_judge)

    def _noted(
        self, stored: StoredLicence, parts_of: PartsOf, counts: Callable[[CasePerson], bool]
    ) -> Mapping[str, Any]:
        meant = self.case.persons if self.of is None else (self.of,)
        read_of = (each for each in meant if counts(each))
        return self.consented.noted(each for each in read_of if parts_of(stored, each.person.value))


@dataclass(frozen=True, slots=True)
class Presentation(Shares):
    """A holder shows a licence at a counter, in a case, which shares it: what he chose AND what is granted, of his own part.

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
