"""The policy: which grants are in force, held in memory as one immutable object.

Decides what an authority may read for a service item, before anything is looked up. It must never grant by default: what
no grant names is withheld. `epoch` is the one under which the grants were read; the commit of the access record compares
it with the database's, so that an answer made under an older policy does not leave.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self

APPLICANT = ""


class GrantState(StrEnum):
    """ACTIVE and SUSPENDED follow each other; ENDED is for good."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one authority may read of one licence type for one service item, from `valid_from` through `valid_until`.

    `paths` may be disclosed, `checks` be judged only. `roles` are those of the declared parties it reaches beside the applicant.
    `official_duty`: read without the holder's consent where the type asks for it. `feed`: changes are delivered without a case.
    `demand` is the demand that it answers; None: an administrator added it.
    """

    id: str
    authority: str
    item: str
    type_key: str
    paths: frozenset[str]
    roles: frozenset[str]
    legal_basis: str
    approver: str
    valid_from: date
    valid_until: date
    state: GrantState = GrantState.ACTIVE
    version: int = 1
    checks: frozenset[str] = frozenset()
    official_duty: bool = False
    feed: bool = False
    demand: str | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """Return of whom, for which item and of which type it is."""
        return self.authority, self.item, self.type_key

    @property
    def judged(self) -> frozenset[str]:
        """Return the paths that may be judged by a requirement: what may be disclosed, and what may be checked."""
        return self.paths | self.checks

    @property
    def active(self) -> bool:
        """Tell whether it is neither suspended nor ended; its period is another question."""
        return self.state is GrantState.ACTIVE

    def in_force(self, day: date) -> bool:
        """Tell whether it is active and a legal day lies in its period."""
        return self.state is GrantState.ACTIVE and self.valid_from <= day <= self.valid_until

    def reaches(self, role: str) -> bool:
        """Tell whether it reaches a person of a case: the applicant (APPLICANT), or a party in one of its roles."""
        return role == APPLICANT or role in self.roles


class Grants(tuple[Grant, ...]):  # noqa: SLOT001 - a tuple has no room for a slot of its own
    """Grants that a policy keeps together; `known` holds what was found to follow from them alone, and goes with them."""

    known: dict[tuple[Any, ...], Any]

    def __new__(cls, grants: Iterable[Grant]) -> Self:
        """Keep them, with nothing known yet."""
        made = super().__new__(cls, grants)
        made.known = {}
        return made


GrantsByType = Mapping[str, Grants]
NO_GRANTS: Final = Grants(())
NOTHING: GrantsByType = MappingProxyType({})
_MOST_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class Policy:
    """All grants as they were at one epoch, by (authority, item) and licence type."""

    epoch: int
    grants: Mapping[tuple[str, str], GrantsByType] = field(default_factory=lambda: MappingProxyType({}))
    _known: dict[tuple[str, str, date], GrantsByType] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What `in_force` has said: it follows from the grants and the day alone, and goes with this policy when another epoch's takes its place."""

    def in_force(self, authority: str, item: str, day: date) -> GrantsByType:
        """Return, by licence type, the grants in force on a legal day; types without one are absent."""
        known = self._known.get((authority, item, day))
        return self._work_out(authority, item, day) if known is None else known

    def _work_out(self, authority: str, item: str, day: date) -> GrantsByType:
        all_types = self.grants.get((authority, item))
        if all_types is None:  # of what has no grants nothing is kept, so that nobody fills the memory by asking
            return NOTHING
        by_type = {key: Grants(grant for grant in grants if grant.in_force(day)) for key, grants in all_types.items()}
        found = MappingProxyType({key: grants for key, grants in by_type.items() if grants})
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[authority, item, day] = found
        return found

    def of_type(self, authority: str, item: str, type_key: str, day: date) -> Grants:
        """Return the grants in force on a legal day for one licence type; empty means that nothing may be read."""
        return self.in_force(authority, item, day).get(type_key, NO_GRANTS)


@dataclass(slots=True)
class InForce:
    """The policy of the moment: another takes its place whenever grants were read again."""

    policy: Policy = field(default_factory=lambda: Policy(0))


def make_policy(epoch: int, grants: Iterable[Grant]) -> Policy:
    """Arrange grants for look-up."""
    found: dict[tuple[str, str], dict[str, list[Grant]]] = defaultdict(lambda: defaultdict(list))
    for grant in grants:
        found[grant.authority, grant.item][grant.type_key].append(grant)
    arranged = {
        place: MappingProxyType({key: Grants(each) for key, each in by_type.items()})
        for place, by_type in found.items()
    }
    return Policy(epoch, MappingProxyType(arranged))
